//! How a series of measurements is drawn: own ones filled, other people's open.

use plotters::style::RGBColor;

use super::super::plot::{Key, Mark};
use super::super::style::{AXIS, INK, SERIES};

/// Colour and kind of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// 0: ink, 1 to 5: the series colours, more: grey.
    pub color: usize,
    /// Open marks and thin lines.
    pub open: bool,
}

impl Look {
    /// The colour.
    pub fn color(self) -> RGBColor {
        match self.color {
            0 => INK,
            color => SERIES.get(color - 1).copied().unwrap_or(AXIS),
        }
    }

    /// Width of a line.
    pub fn width(self) -> f64 {
        if self.open { 1.2 } else { 2.2 }
    }

    /// Mark of a value.
    pub fn mark(self) -> Mark {
        match (self.open, self.color) {
            (true, _) => Mark::Ring(4.4),
            (false, 0) => Mark::Disc(5.2),
            (false, _) => Mark::Disc(4.2),
        }
    }

    /// Legend entry of a curve.
    pub fn key(self, label: &str, marked: bool) -> Key {
        let mark = if marked {
            self.mark()
        } else {
            Mark::Line(self.width())
        };
        Key::new(label, self.color(), mark)
    }
}
