//! Velocity profiles through the boundary layer, one panel a station, with a logarithmic distance from
//! the wall, so that the sublayer is seen too.

use plotters::prelude::DrawingBackend;

use super::super::axis::{Axis, finite_range};
use super::super::canvas::{Align, Canvas, Drawn, Rect};
use super::super::case_picture::CasePicture;
use super::super::layer::LayerProfile;
use super::super::picture::Picture;
use super::super::plot::{FOOT, HEAD, LEGEND_ROW, MARGIN, NAME, Plot, WIDTH, legend, legend_rows};
use super::super::style::{BLUE, GRID, ORANGE, pale};
use super::{PREDICTION_WIDTH, TRUTH_WIDTH, role_name, side_keys};

/// Tangential velocity of one case at the scorer's stations, truth and prediction.
pub struct LayerChart<'a>(pub &'a CasePicture);

/// Panels beside one another.
const COLUMNS: usize = 2;
/// Height of the data area of a panel.
const PANEL: f64 = 150.0;
/// Empty paper between two panels.
const GAP: f64 = 14.0;
/// Least distance shown, chords: within the first cell of any mesh.
const CLOSEST: f64 = 1e-5;

impl LayerChart<'_> {
    /// True when there is a profile to show.
    pub fn is_useful(&self) -> bool {
        !self.0.layer.profiles.is_empty()
    }

    fn rows(&self) -> usize {
        self.0.layer.profiles.len().div_ceil(COLUMNS)
    }

    fn legend_height() -> f64 {
        let rows = legend_rows(&side_keys(), WIDTH - 2.0 * MARGIN);
        4.0 + f64::from(rows) * LEGEND_ROW
    }

    /// Velocities and distances that all panels share.
    fn axes(&self) -> (Axis, Axis) {
        let curves = || self.0.layer.profiles.iter().flat_map(|p| &p.sides);
        let velocities = curves().flat_map(|c| c.truth.iter().chain(&c.prediction));
        let farthest = finite_range(curves().flat_map(|c| c.at.iter().copied()));
        let high = farthest.map_or(0.1, |(_, high)| high).max(10.0 * CLOSEST);
        let velocity = Axis::linear(velocities.copied(), 0.04, "u_t/U").with_zero();
        (
            velocity,
            Axis::logarithmic([CLOSEST, high].into_iter(), "Distance/c"),
        )
    }

    /// Where panel `index` lies.
    fn panel(&self, index: usize) -> Plot {
        let (x, y) = self.axes();
        let left = Plot {
            area: Rect {
                x: 0.0,
                y: 0.0,
                w: WIDTH,
                h: PANEL,
            },
            x: x.clone(),
            y: y.clone(),
        };
        let left = left.beside_tick_labels(WIDTH).area;
        let width = (left.w - GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
        let area = Rect {
            x: left.x + (width + GAP) * (index % COLUMNS) as f64,
            y: Self::legend_height() + HEAD + (PANEL + HEAD) * (index / COLUMNS) as f64,
            w: width,
            h: PANEL,
        };
        Plot { area, x, y }
    }

    /// The grid of a panel whose neighbour on the left has the tick labels.
    fn draw_grid<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        let r = plot.area;
        let ticks = plot.y.ticks((r.h / 36.0) as usize);
        let labelled = ticks.iter().filter(|tick| !tick.label.is_empty());
        labelled
            .map(|tick| r.bottom() - plot.y.place(tick.value) * r.h)
            .try_for_each(|y| canvas.line(&[(r.x, y), (r.right(), y)], GRID, 1.0))
    }

    fn draw_panel<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        (index, profile): (usize, &LayerProfile),
    ) -> Drawn {
        let plot = self.panel(index);
        if index.is_multiple_of(COLUMNS) {
            plot.draw_y(canvas)?;
        } else {
            self.draw_grid(canvas, &plot)?;
        }
        // The last panel of its column carries the axis of all above.
        let last = index + COLUMNS >= self.0.layer.profiles.len();
        plot.draw_x(canvas, last)?;
        let title = format!("x/c = {}", profile.station);
        let corner = (plot.area.right(), plot.area.y - 8.0);
        canvas.label(&title, corner, Align::Right, NAME)?;
        for (curve, color) in profile.sides.iter().zip([BLUE, ORANGE]) {
            // Distance upwards, velocity along.
            let [truth, prediction] =
                [true, false].map(|of| curve.pairs(of).map(|(d, u)| (u, d)).collect::<Vec<_>>());
            plot.line(canvas, &truth, pale(color, 0.35), TRUTH_WIDTH)?;
            plot.line(canvas, &prediction, color, PREDICTION_WIDTH)?;
        }
        Ok(())
    }
}

impl Picture for LayerChart<'_> {
    fn name(&self) -> String {
        format!("layer-{}", role_name(self.0.role))
    }

    fn alt(&self) -> String {
        let role = role_name(self.0.role);
        format!("Velocity through the boundary layer of the {role} case, truth and prediction")
    }

    fn size(&self) -> (u32, u32) {
        let height = Self::legend_height() + (PANEL + HEAD) * self.rows() as f64 + FOOT;
        (WIDTH as u32, height as u32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        legend(canvas, &side_keys(), (MARGIN, 4.0), WIDTH - 2.0 * MARGIN)?;
        let mut profiles = self.0.layer.profiles.iter().enumerate();
        profiles.try_for_each(|profile| self.draw_panel(canvas, profile))
    }
}
