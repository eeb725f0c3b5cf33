//! Pressure coefficient along the chord, suction upwards, with the airfoil below.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn, Rect};
use super::super::case_picture::CasePicture;
use super::super::picture::Picture;
use super::super::plot::{FOOT, HEAD, MARGIN, Plot, WIDTH, legend};
use super::super::style::{BLUE, GRID, INK, ORANGE, pale};
use super::super::wall::Side;
use super::{PREDICTION_WIDTH, TRUTH_WIDTH, role_name, side_keys};

/// C_p of one case, truth and prediction.
pub struct PressureChart<'a>(pub &'a CasePicture);

const HEIGHT: u32 = 400;

impl PressureChart<'_> {
    /// True when there is a wall to show.
    pub fn is_useful(&self) -> bool {
        self.0.wall.points.len() > 2
    }

    fn curve(&self, side: Side, truth: bool) -> Vec<(f64, f64)> {
        let wall = &self.0.wall;
        let pressure = if truth {
            &wall.p_truth
        } else {
            &wall.p_prediction
        };
        wall.pressure_coefficient(side, pressure)
    }

    /// Space on the paper for the airfoil at the chart's own scale.
    fn outline_height(&self, width: f64) -> f64 {
        let ys = self.outline();
        let (low, high) = ys
            .iter()
            .fold((0f64, 0f64), |(l, h), p| (l.min(p.1), h.max(p.1)));
        ((high - low) * width / 1.04).clamp(8.0, 110.0)
    }

    /// Contour in the chord frame: x/c along, y/c across.
    fn outline(&self) -> Vec<(f64, f64)> {
        let wall = &self.0.wall;
        let (Some(te), Some(le)) = (wall.points.first(), wall.points.get(wall.leading_edge()))
        else {
            return Vec::new();
        };
        let (cx, cy) = (te[0] - le[0], te[1] - le[1]);
        let length2 = (cx * cx + cy * cy).max(f64::MIN_POSITIVE);
        let turned = |p: &[f64; 2]| {
            let (x, y) = (p[0] - le[0], p[1] - le[1]);
            ((x * cx + y * cy) / length2, (y * cx - x * cy) / length2)
        };
        wall.points.iter().map(turned).collect()
    }

    fn draw_outline<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        let points = self.outline();
        let scale = plot.area.w / (plot.x.high - plot.x.low);
        let top = points.iter().map(|p| p.1).fold(0.0, f64::max);
        let base = plot.area.bottom() + FOOT + 4.0 + top * scale;
        let paper = |p: &(f64, f64)| {
            (
                plot.area.x + plot.x.place(p.0) * plot.area.w,
                base - p.1 * scale,
            )
        };
        let mut path: Vec<(f64, f64)> = points.iter().map(paper).collect();
        canvas.polygon(&path, GRID)?;
        path.extend(path.first().copied());
        canvas.line(&path, INK, 1.0)
    }
}

impl Picture for PressureChart<'_> {
    fn name(&self) -> String {
        format!("cp-{}", role_name(self.0.role))
    }

    fn alt(&self) -> String {
        let role = role_name(self.0.role);
        format!("Pressure coefficient along the chord of the {role} case, truth and prediction")
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let top = 4.0 + legend(canvas, &side_keys(), (MARGIN, 4.0), WIDTH - 2.0 * MARGIN)?;
        let sides = [(Side::Upper, BLUE), (Side::Lower, ORANGE)];
        let curves = sides.map(|(side, _)| [self.curve(side, true), self.curve(side, false)]);
        let values = curves.iter().flatten().flatten().map(|p| p.1);
        let foot = FOOT + 12.0 + self.outline_height(WIDTH - 60.0);
        let plot = Plot {
            area: Rect {
                x: 0.0,
                y: top + HEAD,
                w: WIDTH,
                h: f64::from(HEIGHT) - top - HEAD - foot,
            },
            x: Axis::fixed(-0.02, 1.02, "x/c"),
            y: Axis::linear(values, 0.03, "C_p").inverted(),
        }
        .beside_tick_labels(WIDTH);
        plot.draw_frame(canvas)?;
        for ((_, color), [truth, prediction]) in sides.into_iter().zip(&curves) {
            plot.line(canvas, truth, pale(color, 0.35), TRUTH_WIDTH)?;
            plot.line(canvas, prediction, color, PREDICTION_WIDTH)?;
        }
        self.draw_outline(canvas, &plot)
    }
}
