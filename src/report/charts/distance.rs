//! Mean squared error against the distance to the wall.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn};
use super::super::picture::Picture;
use super::super::plot::{HEIGHT, Key, Mark, WIDTH, chart};
use super::super::profiles::ErrorByDistance;
use super::super::style::SERIES;
use super::FIELD_NAMES;

/// Error of the four fields by distance to the wall.
pub struct DistanceChart<'a>(pub &'a ErrorByDistance);

impl DistanceChart<'_> {
    /// True when a bin holds anything.
    pub fn is_useful(&self) -> bool {
        !self.0.curve(0).is_empty()
    }
}

impl Picture for DistanceChart<'_> {
    fn name(&self) -> String {
        "error-by-distance".to_owned()
    }

    fn alt(&self) -> String {
        "Mean squared error of each field against the distance to the wall".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let curves: [_; 4] = std::array::from_fn(|field| self.0.curve(field));
        let all = || curves.iter().flatten();
        let greatest = all().map(|p| p.1).fold(0.0, f64::max);
        // What is a hundred-thousandth of the greatest error needs no room.
        let visible = all().map(|p| p.1).filter(|v| *v > 1e-5 * greatest);
        let axes = (
            Axis::logarithmic(all().map(|p| p.0), "Distance to the wall (chords)"),
            Axis::logarithmic(visible, "Mean squared error of the z-scored field"),
        );
        let key = |(name, color): (&&str, _)| Key::new(name, color, Mark::Line(2.2));
        let keys: Vec<Key> = FIELD_NAMES.iter().zip(SERIES).map(key).collect();
        let plot = chart(canvas, &keys, (WIDTH, HEIGHT), axes)?;
        for (curve, color) in curves.iter().zip(SERIES) {
            plot.line(canvas, curve, color, 1.8)?;
            plot.marks(canvas, curve, color, Mark::Disc(2.4))?;
        }
        Ok(())
    }
}
