//! Where the pressure drag goes wrong: error of C_D by stretch of the chord.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn};
use super::super::picture::Picture;
use super::super::plot::{HEIGHT, Key, Mark, WIDTH, chart};
use super::super::profiles::ErrorByChord;
use super::super::style::{AXIS, BLUE, ORANGE, pale};
use super::super::wall::Side;
use super::steps;

/// Contributions to the error of C_D: of one case signed, of several their mean
/// size as well.
pub struct DragChart<'a> {
    /// Bins of one or several cases.
    pub profile: &'a ErrorByChord,
    /// File name.
    pub name: String,
}

/// A drag count is 1e-4 of C_D.
const COUNTS: f64 = 1e4;

impl DragChart<'_> {
    /// True when a case was added.
    pub fn is_useful(&self) -> bool {
        self.profile.cases > 0
    }

    /// Mean over cases, in drag counts.
    fn curve(&self, side: Side, size: bool) -> Vec<(f64, f64)> {
        let each = COUNTS / self.profile.cases.max(1) as f64;
        let bins = self.profile.side(side).iter();
        steps(
            &bins
                .map(|b| each * if size { b.drag_size } else { b.drag })
                .collect::<Vec<f64>>(),
        )
    }
}

impl Picture for DragChart<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alt(&self) -> String {
        "Contributions of the wall pressure to the error of the drag coefficient along the chord"
            .to_owned()
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let several = self.profile.cases > 1;
        let sides = [
            (Side::Upper, "Upper side", BLUE),
            (Side::Lower, "Lower side", ORANGE),
        ];
        let mut curves = Vec::new();
        for (side, name, color) in sides {
            if several {
                curves.push((
                    self.curve(side, true),
                    format!("{name}, size"),
                    pale(color, 0.4),
                    4.0,
                ));
            }
            let name = if several {
                "signed".to_owned()
            } else {
                name.to_owned()
            };
            curves.push((self.curve(side, false), name, color, 1.8));
        }
        let values = curves.iter().flat_map(|c| &c.0).map(|p| p.1);
        let axes = (
            Axis::fixed(-0.02, 1.02, "x/c"),
            Axis::linear(values, 0.05, "Error of C_D by pressure (counts, 10^{−4})").with_zero(),
        );
        let keys: Vec<Key> = curves
            .iter()
            .map(|(_, name, color, w)| Key::new(name, *color, Mark::Line(*w)))
            .collect();
        let plot = chart(canvas, &keys, (WIDTH, HEIGHT), axes)?;
        plot.line(canvas, &[(plot.x.low, 0.0), (plot.x.high, 0.0)], AXIS, 1.2)?;
        curves
            .iter()
            .try_for_each(|(curve, _, color, w)| plot.line(canvas, curve, *color, *w))
    }
}
