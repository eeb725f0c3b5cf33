//! A mark for each value, in rows with a common logarithmic axis.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Align, Canvas, Drawn, Rect, label_width};
use super::super::picture::Picture;
use super::super::plot::{FOOT, Key, LABEL, LEGEND_ROW, MARGIN, Plot, WIDTH, legend, legend_rows};
use super::super::style::GRID;
use super::look::Look;

/// Height of a row.
const ROW: f64 = 30.0;

/// Marks in rows.
#[derive(Clone, Debug)]
pub struct DotsChart {
    /// File name without extension; letters, digits and hyphens.
    pub name: String,
    /// One sentence for readers who cannot see it.
    pub alt: String,
    /// Name of the axis.
    pub x: String,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// The series; the first are drawn last, on top.
    pub series: Vec<DotSeries>,
}

/// Marks of one kind.
#[derive(Clone, Debug)]
pub struct DotSeries {
    /// Name in the legend.
    pub label: String,
    /// How its marks are drawn.
    pub look: Look,
    /// Row and positive value of each mark.
    pub points: Vec<(usize, f64)>,
}

impl DotsChart {
    fn keys(&self) -> Vec<Key> {
        let key = |s: &DotSeries| Key::new(&s.label, s.look.color(), s.look.mark());
        self.series.iter().map(key).collect()
    }

    fn left(&self) -> f64 {
        let widest = self.rows.iter().map(|row| label_width(row, LABEL));
        MARGIN + 12.0 + widest.fold(0.0, f64::max)
    }
}

impl Picture for DotsChart {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alt(&self) -> String {
        self.alt.clone()
    }

    fn size(&self) -> (u32, u32) {
        let rows = legend_rows(&self.keys(), WIDTH - 2.0 * MARGIN);
        let height = 18.0 + FOOT + self.rows.len() as f64 * ROW + f64::from(rows) * LEGEND_ROW;
        (WIDTH as u32, height as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let top = 4.0 + legend(canvas, &self.keys(), (MARGIN, 4.0), WIDTH - 2.0 * MARGIN)?;
        let values = self
            .series
            .iter()
            .flat_map(|s| s.points.iter().map(|p| p.1));
        let (left, rows) = (self.left(), self.rows.len() as f64);
        let plot = Plot {
            area: Rect {
                x: left,
                y: top + 10.0,
                w: WIDTH - left - 18.0,
                h: rows * ROW,
            },
            x: Axis::logarithmic(values, &self.x),
            y: Axis::fixed(rows, 0.0, ""),
        };
        plot.draw_x(canvas, true)?;
        for (row, name) in self.rows.iter().enumerate() {
            let y = plot.area.y + (row as f64 + 0.5) * ROW;
            canvas.line(&[(plot.area.x, y), (plot.area.right(), y)], GRID, 1.0)?;
            canvas.label(name, (plot.area.x - 10.0, y + 4.5), Align::Right, LABEL)?;
        }
        for series in self.series.iter().rev() {
            let place = |(row, value): &(usize, f64)| (*value, *row as f64 + 0.5);
            let points: Vec<(f64, f64)> = series.points.iter().map(place).collect();
            plot.marks(canvas, &points, series.look.color(), series.look.mark())?;
        }
        Ok(())
    }
}
