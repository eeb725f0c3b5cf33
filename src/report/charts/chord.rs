//! Error of the wall pressure along the chord, over all test cases.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn};
use super::super::picture::Picture;
use super::super::plot::{HEIGHT, Key, Mark, WIDTH, chart};
use super::super::profiles::ErrorByChord;
use super::super::style::{BLUE, ORANGE};
use super::super::wall::Side;
use super::steps;

/// Root mean square error of C_p by place on the chord, for both sides.
pub struct ChordChart<'a>(pub &'a ErrorByChord);

impl ChordChart<'_> {
    /// True when a case was added.
    pub fn is_useful(&self) -> bool {
        self.0.cases > 0
    }

    fn curve(&self, side: Side) -> Vec<(f64, f64)> {
        let rms = |bin: &super::super::profiles::ChordBin| {
            if bin.count == 0 {
                f64::NAN
            } else {
                (bin.cp_squared / bin.count as f64).sqrt()
            }
        };
        steps(&self.0.side(side).iter().map(rms).collect::<Vec<f64>>())
    }
}

impl Picture for ChordChart<'_> {
    fn name(&self) -> String {
        "error-by-chord".to_owned()
    }

    fn alt(&self) -> String {
        "Root mean square error of the pressure coefficient along the chord".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let curves = [
            (Side::Upper, "Upper side", BLUE),
            (Side::Lower, "Lower side", ORANGE),
        ]
        .map(|(side, name, color)| (self.curve(side), name, color));
        let values = curves.iter().flat_map(|c| &c.0).map(|p| p.1);
        let axes = (
            Axis::fixed(-0.02, 1.02, "x/c"),
            Axis::linear(values, 0.05, "Error of C_p, root mean square").with_zero(),
        );
        let keys = curves
            .each_ref()
            .map(|(_, name, color)| Key::new(name, *color, Mark::Line(2.2)));
        let plot = chart(canvas, &keys, (WIDTH, HEIGHT), axes)?;
        curves
            .iter()
            .try_for_each(|(curve, _, color)| plot.line(canvas, curve, *color, 1.8))
    }
}
