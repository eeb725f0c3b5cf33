//! One field on one window: raster, airfoil, axes and colour bar.

use plotters::prelude::DrawingBackend;

use super::super::axis::{Axis, engineering_exponent, scaled_unit};
use super::super::canvas::{Align, Canvas, Drawn, Rect, Type};
use super::super::case_picture::CasePicture;
use super::super::charts::FIELD_NAMES;
use super::super::clip;
use super::super::colormap::Colormap;
use super::super::encode::Indexed;
use super::super::picture::{Picture, Underlay};
use super::super::plot::TICK;
use super::super::raster::{Raster, View, rasterise};
use super::super::style::{AXIS, INK, MUTED, PAPER, TEXT, Weight};
use super::strip::strip_name;
use super::window::{ASPECT, Window};

/// Units of the four fields.
const UNITS: [&str; 4] = ["m/s", "m/s", "m²/s²", "m²/s"];

/// One field on one window: what it shows and in which colours.
pub struct FieldPanel {
    title: &'static str,
    label: String,
    view: View,
    image: Indexed,
    map: Colormap,
    /// Values at the ends of the colour bar, in the label's unit.
    range: (f64, f64),
    /// Whether values lie beyond the ends.
    beyond: (bool, bool),
    /// Airfoil contour.
    outline: Vec<[f64; 2]>,
    name: String,
    alt: String,
}

/// Nominal width of a panel.
pub const PANEL: f64 = 372.0;
/// Place of the field in a panel.
pub const FIELD: Rect = Rect {
    x: 40.0,
    y: 26.0,
    w: 320.0,
    h: 320.0 * ASPECT,
};
/// Place of the colour bar under it.
const BAR: Rect = Rect {
    x: 58.0,
    y: FIELD.y + FIELD.h + 30.0,
    w: 284.0,
    h: 9.0,
};
/// Nominal height of a panel.
pub const PANEL_HEIGHT: f64 = BAR.y + BAR.h + 24.0;
/// Colours of a raster; index 0 is left for what is not covered.
const LEVELS: usize = 254;

/// Truth, prediction and error of one field of a case. `density` is the number
/// of raster pixels for one nominal pixel.
pub fn panels(
    picture: &CasePicture,
    field: usize,
    window: Window,
    density: f64,
) -> [FieldPanel; 3] {
    let view = window.view(picture, field);
    let pixels = ((FIELD.w * density) as usize, (FIELD.h * density) as usize);
    let sample =
        |values: &[f32]| rasterise(&picture.points, &picture.triangles, values, &view, pixels);
    let truth = sample(&picture.truth[field]);
    let prediction = sample(&picture.prediction[field]);
    let error = prediction.minus(&truth);
    let map = if field == 3 {
        Colormap::Inferno
    } else {
        Colormap::Viridis
    };
    let shared = shared_range(&truth);
    let size = error_size(&error, shared.1 - shared.0);
    let panel = |title, raster: &Raster, map, range| {
        let what = format!(
            "{title} of {} around the airfoil",
            FIELD_NAMES[field].replace('_', "")
        );
        FieldPanel::new(title, field, raster, (map, range), view, picture, what)
    };
    let mut made = [
        panel("Truth", &truth, map, shared),
        panel("Prediction", &prediction, map, shared),
        panel(
            "Prediction − truth",
            &error,
            Colormap::Diverging,
            (-size, size),
        ),
    ];
    for (panel, part) in made.iter_mut().zip(["truth", "prediction", "error"]) {
        panel.name = format!("{}-{part}", strip_name(picture, field, window));
    }
    made
}

/// Range of the truth without its rarest pixels; prediction is shown on the same.
fn shared_range(truth: &Raster) -> (f64, f64) {
    let low = truth.quantile(0.002).unwrap_or(0.0);
    let high = truth.quantile(0.998).unwrap_or(1.0);
    if high > low {
        (low, high)
    } else {
        (low - 0.5, low + 0.5)
    }
}

/// End of the error's colour bar: all but the rarest errors lie within. Where
/// there is no error to speak of, a thousandth of the field's own `span`.
fn error_size(error: &Raster, span: f64) -> f64 {
    let values = error.values.iter().map(|v| v.abs()).collect();
    let size = Raster { values, ..*error }.quantile(0.995).unwrap_or(0.0);
    if size > 1e-9 * span {
        size
    } else {
        1e-3 * span
    }
}

impl FieldPanel {
    fn new(
        title: &'static str,
        field: usize,
        raster: &Raster,
        (map, range): (Colormap, (f64, f64)),
        view: View,
        picture: &CasePicture,
        alt: String,
    ) -> Self {
        let exponent = engineering_exponent(range.0.abs().max(range.1.abs()));
        let unit = 10f64.powi(exponent);
        let finite = || {
            raster
                .values
                .iter()
                .map(|v| f64::from(*v))
                .filter(|v| v.is_finite())
        };
        let slack = 1e-6 * (range.1 - range.0);
        Self {
            title,
            label: format!(
                "{} ({})",
                FIELD_NAMES[field],
                scaled_unit(exponent, UNITS[field])
            ),
            view,
            image: colored(raster, map, range),
            map,
            range: (range.0 / unit, range.1 / unit),
            beyond: (
                finite().any(|v| v < range.0 - slack),
                finite().any(|v| v > range.1 + slack),
            ),
            outline: picture.wall.points.clone(),
            name: String::new(),
            alt,
        }
    }

    /// Position on the paper.
    fn at(&self, p: [f64; 2]) -> (f64, f64) {
        let x = (p[0] - self.view.x[0]) / (self.view.x[1] - self.view.x[0]);
        let y = (self.view.y[1] - p[1]) / (self.view.y[1] - self.view.y[0]);
        (FIELD.x + x * FIELD.w, FIELD.y + y * FIELD.h)
    }

    fn draw_airfoil<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let mut path: Vec<(f64, f64)> = self.outline.iter().map(|p| self.at(*p)).collect();
        canvas.polygon(&clip::polygon(&path, FIELD), PAPER)?;
        path.extend(path.first().copied());
        clip::line(&path, FIELD)
            .iter()
            .try_for_each(|part| canvas.line(part, INK, 1.0))
    }

    fn draw_axes<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        canvas.frame(FIELD, AXIS, 1.0)?;
        for tick in Axis::fixed(self.view.x[0], self.view.x[1], "").ticks(5) {
            let x = self.at([tick.value, 0.0]).0;
            canvas.line(&[(x, FIELD.bottom()), (x, FIELD.bottom() + 4.0)], AXIS, 1.0)?;
            canvas.plain(&tick.label, (x, FIELD.bottom() + 16.0), Align::Center, TICK)?;
        }
        for tick in Axis::fixed(self.view.y[0], self.view.y[1], "").ticks(4) {
            let y = self.at([0.0, tick.value]).1;
            canvas.line(&[(FIELD.x - 4.0, y), (FIELD.x, y)], AXIS, 1.0)?;
            canvas.plain(&tick.label, (FIELD.x - 7.0, y + 4.0), Align::Right, TICK)?;
        }
        Ok(())
    }

    /// Frame, ticks and, where values lie beyond an end, an arrow head of its colour.
    fn draw_bar<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        canvas.frame(BAR, AXIS, 1.0)?;
        let middle = BAR.y + BAR.h / 2.0;
        let ends = [
            (self.beyond.0, BAR.x - 1.5, -9.0, 0.0),
            (self.beyond.1, BAR.right() + 1.5, 9.0, 1.0),
        ];
        for (_, x, tip, t) in ends.into_iter().filter(|e| e.0) {
            let [r, g, b] = self.map.color(t);
            let head = [(x, BAR.y), (x + tip, middle), (x, BAR.bottom())];
            canvas.polygon(&head, plotters::style::RGBColor(r, g, b))?;
        }
        let axis = Axis::fixed(self.range.0, self.range.1, "");
        for tick in axis.ticks(5) {
            let x = BAR.x + axis.place(tick.value) * BAR.w;
            canvas.line(&[(x, BAR.bottom()), (x, BAR.bottom() + 4.0)], AXIS, 1.0)?;
            canvas.label(&tick.label, (x, BAR.bottom() + 16.0), Align::Center, TICK)?;
        }
        Ok(())
    }

    /// The bar's colours as a raster one pixel high.
    fn bar_image(&self) -> Indexed {
        let palette = palette(self.map);
        let pixels = (1..=LEVELS as u8).collect();
        Indexed {
            width: LEVELS,
            height: 1,
            pixels,
            palette,
        }
    }
}

/// Colours of a map behind the transparent index 0.
fn palette(map: Colormap) -> Vec<[u8; 3]> {
    let mut palette = vec![[255; 3]];
    palette.extend(map.palette(LEVELS));
    palette
}

/// A raster's values as colour indices.
fn colored(raster: &Raster, map: Colormap, (low, high): (f64, f64)) -> Indexed {
    let index = |v: &f32| {
        let t = (f64::from(*v) - low) / (high - low);
        if t.is_nan() {
            0
        } else {
            1 + (t.clamp(0.0, 1.0) * (LEVELS - 1) as f64).round() as u8
        }
    };
    let pixels = raster.values.iter().map(index).collect();
    Indexed {
        width: raster.width,
        height: raster.height,
        pixels,
        palette: palette(map),
    }
}

impl Picture for FieldPanel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alt(&self) -> String {
        self.alt.clone()
    }

    fn size(&self) -> (u32, u32) {
        (PANEL as u32, PANEL_HEIGHT as u32)
    }

    fn underlays(&self) -> Vec<Underlay> {
        let field = Underlay {
            place: FIELD,
            image: self.image.clone(),
        };
        vec![
            field,
            Underlay {
                place: BAR,
                image: self.bar_image(),
            },
        ]
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let title = Type {
            size: TEXT + 0.5,
            weight: Weight::SemiBold,
            color: INK,
        };
        canvas.plain(self.title, (FIELD.x, FIELD.y - 9.0), Align::Left, title)?;
        let label = Type {
            size: TEXT - 0.5,
            weight: Weight::Regular,
            color: MUTED,
        };
        canvas.label(
            &self.label,
            (FIELD.right(), FIELD.y - 9.0),
            Align::Right,
            label,
        )?;
        self.draw_airfoil(canvas)?;
        self.draw_axes(canvas)?;
        self.draw_bar(canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_cover_the_range_and_holes_stay_clear() {
        let raster = Raster {
            width: 5,
            height: 1,
            values: vec![f32::NAN, 0.0, 1.0, 9.0, f32::NEG_INFINITY],
        };
        let image = colored(&raster, Colormap::Viridis, (0.0, 1.0));
        assert_eq!(image.pixels, [0, 1, LEVELS as u8, LEVELS as u8, 1]);
        assert_eq!(image.palette.len(), LEVELS + 1);
        assert_eq!(image.palette[1], Colormap::Viridis.color(0.0));
        assert_eq!(image.palette[LEVELS], Colormap::Viridis.color(1.0));
    }

    #[test]
    fn no_error_still_has_a_readable_colour_bar() {
        let none = Raster {
            width: 2,
            height: 1,
            values: vec![0.0, 0.0],
        };
        assert_eq!(error_size(&none, 50.0), 0.05);
        let some = Raster {
            width: 2,
            height: 1,
            values: vec![-3.0, f32::NAN],
        };
        assert_eq!(error_size(&some, 50.0), 3.0);
    }
}
