//! A chart's frame: legend on top, name of the y axis under it, grid, ticks, and
//! the mapping from values to the paper. Legends stand outside of the data, and
//! the y axis' name lies flat, so that both can be read on a phone.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Align, Canvas, DrawFault, Drawn, Rect, Type, label_width};
use super::clip;
use super::style::{AXIS, GRID, INK, MUTED, PAPER, TEXT, Weight};

/// Ordinary label.
pub const LABEL: Type = Type {
    size: TEXT,
    weight: Weight::Regular,
    color: INK,
};
/// Tick label.
pub const TICK: Type = Type {
    size: TEXT - 1.0,
    weight: Weight::Regular,
    color: MUTED,
};
/// Name of an axis.
pub const NAME: Type = Type {
    size: TEXT - 0.5,
    weight: Weight::SemiBold,
    color: MUTED,
};

/// Nominal width of a chart. Small, so that a phone shows its text near full size.
pub const WIDTH: f64 = 480.0;
/// Nominal height of a chart.
pub const HEIGHT: f64 = 340.0;
/// Empty paper at the left and right of a picture.
pub const MARGIN: f64 = 6.0;
/// Room that tick labels and the name of the horizontal axis need.
pub const FOOT: f64 = 44.0;
/// Room that the name of the vertical axis needs.
pub const HEAD: f64 = 26.0;

/// How a series is drawn, in the chart and in its legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// A line of this width.
    Line(f64),
    /// A filled disc of this radius.
    Disc(f64),
    /// An open ring of this radius.
    Ring(f64),
}

/// One entry of a legend.
#[derive(Clone, Debug)]
pub struct Key {
    /// Name of the series; may hold sub- and superscripts.
    pub label: String,
    /// Its colour.
    pub color: RGBColor,
    /// Its mark.
    pub mark: Mark,
}

impl Key {
    /// A legend entry.
    pub fn new(label: &str, color: RGBColor, mark: Mark) -> Self {
        Self {
            label: label.to_owned(),
            color,
            mark,
        }
    }

    fn width(&self) -> f64 {
        SWATCH + 6.0 + label_width(&self.label, LABEL) + KEY_GAP
    }
}

const SWATCH: f64 = 18.0;
const KEY_GAP: f64 = 16.0;
/// Height of a row of a legend.
pub const LEGEND_ROW: f64 = 18.0;

/// Left end and row of each key, filling rows of the given width.
fn legend_places(keys: &[Key], width: f64) -> Vec<(f64, u32)> {
    let (mut x, mut row) = (0.0, 0);
    let place = |key: &Key| {
        if x > 0.0 && x + key.width() - KEY_GAP > width {
            (x, row) = (0.0, row + 1);
        }
        let place = (x, row);
        x += key.width();
        place
    };
    keys.iter().map(place).collect()
}

/// Rows that a legend takes.
pub fn legend_rows(keys: &[Key], width: f64) -> u32 {
    legend_places(keys, width)
        .last()
        .map_or(0, |(_, row)| row + 1)
}

/// Draws a legend in rows from the top left corner; returns the height it took.
pub fn legend<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    keys: &[Key],
    at: (f64, f64),
    width: f64,
) -> Result<f64, DrawFault> {
    for (key, (x, row)) in keys.iter().zip(legend_places(keys, width)) {
        let (left, middle) = (at.0 + x, at.1 + (f64::from(row) + 0.5) * LEGEND_ROW);
        swatch(canvas, key, (left, middle))?;
        canvas.label(
            &key.label,
            (left + SWATCH + 6.0, middle + 0.35 * TEXT),
            Align::Left,
            LABEL,
        )?;
    }
    Ok(f64::from(legend_rows(keys, width)) * LEGEND_ROW)
}

fn swatch<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, key: &Key, (x, y): (f64, f64)) -> Drawn {
    let middle = (x + SWATCH / 2.0, y);
    match key.mark {
        Mark::Line(width) => canvas.line(&[(x, y), (x + SWATCH, y)], key.color, width),
        Mark::Disc(radius) => canvas.disc(middle, radius, key.color),
        Mark::Ring(radius) => canvas.ring(middle, radius, key.color, PAPER),
    }
}

/// Draws legend and frame of a chart of the given size; what is left is for the data.
pub fn chart<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    keys: &[Key],
    (width, height): (f64, f64),
    (x, y): (Axis, Axis),
) -> Result<Plot, DrawFault> {
    let top = 4.0 + legend(canvas, keys, (MARGIN, 4.0), width - 2.0 * MARGIN)?;
    let area = Rect {
        x: 0.0,
        y: top + HEAD,
        w: width,
        h: height - top - HEAD - FOOT,
    };
    let plot = Plot { area, x, y }.beside_tick_labels(width);
    plot.draw_frame(canvas)?;
    Ok(plot)
}

/// Two axes and the rectangle that they span.
pub struct Plot {
    /// Where the data lies, in nominal pixels.
    pub area: Rect,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
}

impl Plot {
    /// Sets the left end so that the vertical axis' tick labels just fit, and
    /// the right end so that the last label of the horizontal axis does.
    pub fn beside_tick_labels(mut self, width: f64) -> Self {
        let ticks = self.y.ticks(self.intervals().1);
        let widest = ticks
            .iter()
            .map(|t| label_width(&t.label, TICK))
            .fold(12.0, f64::max);
        self.area.x = MARGIN + widest + 7.0;
        self.area.w = width - self.area.x - 18.0;
        self
    }

    /// About how many labels fit on the axes.
    fn intervals(&self) -> (usize, usize) {
        ((self.area.w / 62.0) as usize, (self.area.h / 36.0) as usize)
    }

    /// Paper position of a value pair; NaN when it has none.
    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (px, py) = (self.x.place(x), self.y.place(y));
        (
            self.area.x + px * self.area.w,
            self.area.bottom() - py * self.area.h,
        )
    }

    /// Draws grid, axes, tick labels and the axes' names.
    pub fn draw_frame<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        self.draw_y(canvas)?;
        self.draw_x(canvas, true)
    }

    /// The vertical axis: grid lines, tick labels, name above the upper end.
    pub fn draw_y<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let r = self.area;
        for tick in self.y.ticks(self.intervals().1) {
            let y = r.bottom() - self.y.place(tick.value) * r.h;
            if !tick.label.is_empty() {
                canvas.line(&[(r.x, y), (r.right(), y)], GRID, 1.0)?;
                canvas.label(
                    &tick.label,
                    (r.x - 6.0, y + 0.35 * TICK.size),
                    Align::Right,
                    TICK,
                )?;
            }
        }
        canvas.label(&self.y.label, (MARGIN, r.y - 10.0), Align::Left, NAME)
    }

    /// The horizontal axis; without `labels` only grid and base line.
    pub fn draw_x<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, labels: bool) -> Drawn {
        let r = self.area;
        for tick in self.x.ticks(self.intervals().0) {
            let x = r.x + self.x.place(tick.value) * r.w;
            let major = !tick.label.is_empty();
            if major {
                canvas.line(&[(x, r.y), (x, r.bottom())], GRID, 1.0)?;
            }
            if labels {
                let length = if major { 5.0 } else { 3.0 };
                canvas.line(&[(x, r.bottom()), (x, r.bottom() + length)], AXIS, 1.0)?;
                canvas.label(&tick.label, (x, r.bottom() + 18.0), Align::Center, TICK)?;
            }
        }
        canvas.line(&[(r.x, r.bottom()), (r.right(), r.bottom())], AXIS, 1.0)?;
        if labels {
            let middle = r.x + r.w / 2.0;
            canvas.label(
                &self.x.label,
                (middle, r.bottom() + 35.0),
                Align::Center,
                NAME,
            )?;
        }
        Ok(())
    }

    /// A line through values, cut at the frame; values without a place break it.
    pub fn line<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        values: &[(f64, f64)],
        color: RGBColor,
        width: f64,
    ) -> Drawn {
        let points: Vec<(f64, f64)> = values.iter().map(|v| self.at(*v)).collect();
        clip::line(&points, self.area)
            .iter()
            .try_for_each(|part| canvas.line(part, color, width))
    }

    /// A mark at each value inside the frame.
    pub fn marks<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        values: &[(f64, f64)],
        color: RGBColor,
        mark: Mark,
    ) -> Drawn {
        for center in values
            .iter()
            .map(|v| self.at(*v))
            .filter(|p| self.holds(*p))
        {
            match mark {
                Mark::Disc(radius) => canvas.disc(center, radius, color)?,
                Mark::Ring(radius) => canvas.ring(center, radius, color, PAPER)?,
                Mark::Line(_) => {}
            }
        }
        Ok(())
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let r = self.area;
        x >= r.x - 1.0 && x <= r.right() + 1.0 && y >= r.y - 1.0 && y <= r.bottom() + 1.0
    }
}
