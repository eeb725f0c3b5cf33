//! Curves over two logarithmic or linear axes.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn};
use super::super::picture::Picture;
use super::super::plot::{HEIGHT, Key, LEGEND_ROW, MARGIN, WIDTH, chart, legend_rows};
use super::look::Look;

/// Height that a chart has for each row of its legend beyond the second.
const USUAL_LEGEND: u32 = 2;

/// Curves with a legend.
#[derive(Clone, Debug)]
pub struct LinesChart {
    /// File name without extension; letters, digits and hyphens.
    pub name: String,
    /// One sentence for readers who cannot see it.
    pub alt: String,
    /// Name of the horizontal axis.
    pub x: String,
    /// Name of the vertical axis.
    pub y: String,
    /// Logarithmic horizontal and vertical axis.
    pub log: (bool, bool),
    /// The curves; the first are drawn last, on top.
    pub series: Vec<Series>,
}

/// A curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name in the legend; no label marks.
    pub label: String,
    /// How it is drawn.
    pub look: Look,
    /// Values; what is not finite breaks the curve.
    pub points: Vec<(f64, f64)>,
    /// Whether each value has a mark.
    pub marked: bool,
}

impl LinesChart {
    fn axis(&self, log: bool, value: fn(&(f64, f64)) -> f64, label: &str) -> Axis {
        let values = self.series.iter().flat_map(|s| s.points.iter().map(value));
        if log {
            Axis::logarithmic(values, label)
        } else {
            Axis::linear(values, 0.04, label).with_zero()
        }
    }

    fn keys(&self) -> Vec<Key> {
        self.series
            .iter()
            .map(|s| s.look.key(&s.label, s.marked))
            .collect()
    }
}

impl Picture for LinesChart {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alt(&self) -> String {
        self.alt.clone()
    }

    fn size(&self) -> (u32, u32) {
        let rows = legend_rows(&self.keys(), WIDTH - 2.0 * MARGIN).saturating_sub(USUAL_LEGEND);
        (WIDTH as u32, HEIGHT as u32 + rows * LEGEND_ROW as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let axes = (
            self.axis(self.log.0, |p| p.0, &self.x),
            self.axis(self.log.1, |p| p.1, &self.y),
        );
        let size = (WIDTH, f64::from(self.size().1));
        let plot = chart(canvas, &self.keys(), size, axes)?;
        for series in self.series.iter().rev() {
            plot.line(
                canvas,
                &series.points,
                series.look.color(),
                series.look.width(),
            )?;
            if series.marked {
                plot.marks(
                    canvas,
                    &series.points,
                    series.look.color(),
                    series.look.mark(),
                )?;
            }
        }
        Ok(())
    }
}
