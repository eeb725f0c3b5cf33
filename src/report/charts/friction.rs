//! Friction coefficient along the chord.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn};
use super::super::case_picture::CasePicture;
use super::super::picture::Picture;
use super::super::plot::{HEIGHT, WIDTH, chart};
use super::super::style::{BLUE, ORANGE, pale};
use super::{PREDICTION_WIDTH, TRUTH_WIDTH, role_name, side_keys};

/// C_f of one case, truth and prediction.
pub struct FrictionChart<'a>(pub &'a CasePicture);

impl FrictionChart<'_> {
    /// True when there is a curve to show.
    pub fn is_useful(&self) -> bool {
        self.0.layer.friction.iter().any(|side| side.at.len() > 1)
    }
}

impl Picture for FrictionChart<'_> {
    fn name(&self) -> String {
        format!("cf-{}", role_name(self.0.role))
    }

    fn alt(&self) -> String {
        let role = role_name(self.0.role);
        format!("Friction coefficient along the chord of the {role} case, truth and prediction")
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let sides = &self.0.layer.friction;
        let values = sides
            .iter()
            .flat_map(|side| side.pairs(true).chain(side.pairs(false)));
        let axes = (
            Axis::fixed(-0.02, 1.02, "x/c"),
            Axis::linear(values.map(|p| p.1), 0.03, "C_f").with_zero(),
        );
        let size = (WIDTH, HEIGHT);
        let plot = chart(canvas, &side_keys(), size, axes)?;
        for (side, color) in sides.iter().zip([BLUE, ORANGE]) {
            let [truth, prediction] = [true, false].map(|of| side.pairs(of).collect::<Vec<_>>());
            plot.line(canvas, &truth, pale(color, 0.35), TRUTH_WIDTH)?;
            plot.line(canvas, &prediction, color, PREDICTION_WIDTH)?;
        }
        Ok(())
    }
}
