//! Drawing in a picture's nominal pixels on any plotters backend.
//!
//! plotters backends take whole pixels. Everything is therefore drawn at four
//! times the nominal size: an SVG gets a view box that undoes it, a bitmap is
//! scaled down, which also smooths its edges.

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, RGBColor, TextStyle};

use super::richtext::{Level, pieces};
use super::style::{FONT, Weight};

/// Backend pixels for one nominal pixel.
pub const SCALE: f64 = 4.0;

/// Why drawing failed, in the drawing library's words.
#[derive(Debug)]
pub struct DrawFault(pub String);

/// Result of drawing.
pub type Drawn = Result<(), DrawFault>;

/// A rectangle in nominal pixels, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Right end.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Lower end.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
}

/// Where text stands against its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Begins at the anchor.
    Left,
    /// Is centred on it.
    Center,
    /// Ends at it.
    Right,
}

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// Size of an em in nominal pixels.
    pub size: f64,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub color: RGBColor,
}

/// The two kinds of output, which place text and join lines differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Scalable vector graphics.
    Svg,
    /// Pixels.
    Bitmap,
}

/// A plotters drawing area with nominal coordinates.
pub struct Canvas<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    medium: Medium,
    offset: (f64, f64),
}

impl<'a, DB: DrawingBackend> Canvas<'a, DB> {
    /// Draws on a whole area.
    pub fn new(area: &'a DrawingArea<DB, Shift>, medium: Medium) -> Self {
        Self {
            area,
            medium,
            offset: (0.0, 0.0),
        }
    }

    /// The same paper with its origin moved.
    pub fn moved(&self, x: f64, y: f64) -> Self {
        Self {
            area: self.area,
            medium: self.medium,
            offset: (self.offset.0 + x, self.offset.1 + y),
        }
    }

    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let whole = |v: f64, offset: f64| ((v + offset) * SCALE).round() as i32;
        (whole(x, self.offset.0), whole(y, self.offset.1))
    }

    fn put<E>(&self, element: E) -> Drawn
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: plotters::element::Drawable<DB>,
    {
        self.area
            .draw(&element)
            .map_err(|e| DrawFault(e.to_string()))
    }

    /// A line through points; `width` in nominal pixels.
    pub fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) -> Drawn {
        if points.len() < 2 {
            return Ok(());
        }
        let stroke = (width * SCALE).round().max(1.0) as u32;
        let path: Vec<(i32, i32)> = points.iter().map(|p| self.at(*p)).collect();
        if self.medium == Medium::Svg {
            return self.put(PathElement::new(path, color.stroke_width(stroke)));
        }
        self.bitmap_line(&path, color, stroke)
    }

    /// plotters turns a wide path into one polygon, which frays at sharp bends:
    /// on pixels each segment is drawn alone, with round joints.
    fn bitmap_line(&self, path: &[(i32, i32)], color: RGBColor, stroke: u32) -> Drawn {
        let half = f64::from(stroke) / 2.0;
        for pair in path.windows(2) {
            let (dx, dy) = (
                f64::from(pair[1].0 - pair[0].0),
                f64::from(pair[1].1 - pair[0].1),
            );
            let length = dx.hypot(dy);
            if length == 0.0 {
                continue;
            }
            let side = (
                (-dy / length * half).round() as i32,
                (dx / length * half).round() as i32,
            );
            let shifted = |p: (i32, i32), sign: i32| (p.0 + sign * side.0, p.1 + sign * side.1);
            let corners = [(pair[0], 1), (pair[1], 1), (pair[1], -1), (pair[0], -1)];
            let quad: Vec<(i32, i32)> = corners.iter().map(|(p, s)| shifted(*p, *s)).collect();
            self.put(Polygon::new(quad, color.filled()))?;
        }
        let inner = path.get(1..path.len() - 1).unwrap_or_default();
        let radius = (half - 0.5).max(0.0) as i32;
        inner
            .iter()
            .try_for_each(|p| self.put(Circle::new(*p, radius, color.filled())))
    }

    /// A filled polygon.
    pub fn polygon(&self, points: &[(f64, f64)], color: RGBColor) -> Drawn {
        if points.len() < 3 {
            return Ok(());
        }
        let path: Vec<(i32, i32)> = points.iter().map(|p| self.at(*p)).collect();
        self.put(Polygon::new(path, color.filled()))
    }

    /// The outline of a rectangle.
    pub fn frame(&self, r: Rect, color: RGBColor, width: f64) -> Drawn {
        let (a, b) = ((r.x, r.y), (r.right(), r.bottom()));
        self.line(&[a, (b.0, a.1), b, (a.0, b.1), a], color, width)
    }

    /// A filled disc.
    pub fn disc(&self, center: (f64, f64), radius: f64, color: RGBColor) -> Drawn {
        let radius = (radius * SCALE).round() as i32;
        self.put(Circle::new(self.at(center), radius, color.filled()))
    }

    /// A ring: a disc with a paper-coloured middle.
    pub fn ring(
        &self,
        center: (f64, f64),
        radius: f64,
        color: RGBColor,
        inside: RGBColor,
    ) -> Drawn {
        self.disc(center, radius, color)?;
        self.disc(center, radius - 1.3, inside)
    }

    /// Plain text with its base line at the anchor.
    pub fn plain(&self, text: &str, anchor: (f64, f64), align: Align, look: Type) -> Drawn {
        let em = look.size * SCALE;
        // Where a backend puts the base line of top-anchored text, in ems below the
        // anchor: plotters-svg writes dy="0.76em", its ab_glyph font half of 1.24 em.
        let below = if self.medium == Medium::Svg {
            0.76
        } else {
            0.62
        };
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle::from(font(look.size, look.weight))
            .color(&look.color)
            .pos(Pos::new(horizontal, VPos::Top));
        let (x, y) = self.at(anchor);
        let y = (f64::from(y) - below * em).round() as i32;
        // Names come from files; control characters would spoil the SVG.
        let text = text.replace(char::is_control, "\u{fffd}");
        self.put(Text::new(text, (x, y), style))
    }

    /// A label with sub- and superscripts (see [`pieces`]), base line at the anchor.
    pub fn label(&self, label: &str, anchor: (f64, f64), align: Align, look: Type) -> Drawn {
        let cut = pieces(label);
        if let [(Level::Line, text)] = cut.as_slice() {
            return self.plain(text, anchor, align, look);
        }
        let width = label_width(label, look);
        let mut x = match align {
            Align::Left => anchor.0,
            Align::Center => anchor.0 - width / 2.0,
            Align::Right => anchor.0 - width,
        };
        for (level, text) in cut {
            // SVG drops spaces at the ends of a text, but not those that do not break.
            let text = text.replace(' ', "\u{a0}");
            let look = Type {
                size: look.size * level.size(),
                ..look
            };
            let y = anchor.1 + level.drop() * look.size / level.size();
            self.plain(&text, (x, y), Align::Left, look)?;
            x += text_width(&text, look);
        }
        Ok(())
    }
}

/// plotters measures a font by 1.24 times its em (see `assets`, whose fonts agree).
fn font(size: f64, weight: Weight) -> FontDesc<'static> {
    FontDesc::new(
        FontFamily::Name(FONT),
        size * SCALE * 1.24,
        weight.font_style(),
    )
}

/// Width of plain text in nominal pixels; 0 when the font is missing.
pub fn text_width(text: &str, look: Type) -> f64 {
    let measured = font(look.size, look.weight).box_size(text);
    measured.map_or(0.0, |(w, _)| f64::from(w) / SCALE)
}

/// Width of a label in nominal pixels.
pub fn label_width(label: &str, look: Type) -> f64 {
    let width = |(level, text): (Level, String)| {
        text_width(
            &text,
            Type {
                size: look.size * level.size(),
                ..look
            },
        )
    };
    pieces(label).into_iter().map(width).sum()
}
