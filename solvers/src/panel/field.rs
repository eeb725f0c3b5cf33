//! The velocity off the wall: Cauchy's integral of the complex velocity at the nodes.
//!
//! Outside, `w = u - iv` is an analytic function of z = x + iy that tends to the free stream, so
//!
//! ```text
//! w(z) = w_inf - 1 / (2 pi i) ∮ w(ζ) / (ζ - z) dζ
//! ```
//!
//! With the exact values on the wall, `w dζ` is the vortex sheet `γ ds`, and this is the law of
//! Biot and Savart. With w linear on each panel the integral is in closed form, and what the vortex
//! panels lack comes for nothing: w is continuous at the nodes, so the velocity is finite there;
//! the path between two nodes is free, so the sag of the polygon is no error; and on the wall the
//! velocity is that of the nodes. The error is that of linear interpolation, close to the wall as
//! well as away from it.

use std::f64::consts::TAU;

use faer::c64;
use rayon::prelude::*;

use super::lanes::{self, LANES, Lanes, vectorised};
use super::system::{TINY, Wall};

/// Points per parallel task.
const TASK: usize = 64 * LANES;
/// Winding (radians) beyond which a point counts as on or inside the polygon.
const INSIDE: f64 = 1e-6;

/// One panel: from node `(x, y)` on, where the velocity is `w`, with the derivative `slope`.
#[derive(Debug, Clone, Copy)]
struct Panel {
    x: f64,
    y: f64,
    w: c64,
    slope: c64,
}

/// The closed loop of panels with the complex velocity on it, and the free stream.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    /// The first one is repeated at the end.
    panels: Vec<Panel>,
    free: c64,
}

impl Sheet {
    /// `velocity`: u - iv at the nodes of the wall; `free`: far away.
    pub(super) fn new(wall: &Wall, velocity: &[c64], free: c64) -> Self {
        let p = &wall.points;
        // A sharp edge closes the loop by itself; a blunt one has the base as its last panel.
        let n = p.len() - usize::from(wall.is_sharp());
        let panels = (0..=n).map(|i| {
            let (i, next) = (i % n, (i + 1) % n);
            let step = c64::new(p[next][0] - p[i][0], p[next][1] - p[i][1]);
            Panel {
                x: p[i][0],
                y: p[i][1],
                w: velocity[i],
                slope: (velocity[next] - velocity[i]) / step,
            }
        });
        Self {
            panels: panels.collect(),
            free,
        }
    }

    /// Velocity at points; `to_local` takes them to chords.
    pub(super) fn velocity(
        &self,
        points: &[[f64; 2]],
        to_local: impl Fn([f64; 2]) -> [f64; 2] + Sync,
    ) -> Vec<[f64; 2]> {
        let mut out = vec![[0.0; 2]; points.len()];
        out.par_chunks_mut(TASK)
            .zip(points.par_chunks(TASK))
            .for_each(|(out, points)| {
                for (out, points) in out.chunks_mut(LANES).zip(points.chunks(LANES)) {
                    let at = |k: usize| to_local(points[k.min(points.len() - 1)]);
                    let x: Lanes = std::array::from_fn(|k| at(k)[0]);
                    let y: Lanes = std::array::from_fn(|k| at(k)[1]);
                    let values = self.block(&x, &y);
                    out.copy_from_slice(&values[..points.len()]);
                }
            });
        out
    }

    fn block(&self, x: &Lanes, y: &Lanes) -> [[f64; 2]; LANES] {
        let sums = vectorised(
            #[inline(always)]
            || integrals(&self.panels, x, y),
        );
        std::array::from_fn(|k| {
            let integral = c64::new(sums.re[k], sums.im[k]);
            let mut w = self.free + c64::new(0.0, 1.0) * integral / TAU;
            let winding = sums.winding[k];
            if winding.abs() > INSIDE {
                w += self.continued(x[k], y[k]) * (winding / TAU);
            }
            [w.re, -w.im]
        })
    }

    /// What the velocity jumps by at the panel nearest to a point, continued to the point. On the
    /// polygon and inside of it, it is what the integral lacks.
    fn continued(&self, x: f64, y: f64) -> c64 {
        let mut best = (f64::INFINITY, self.panels[0].w);
        for pair in self.panels.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let (tx, ty) = (b.x - a.x, b.y - a.y);
            let (dx, dy) = (x - a.x, y - a.y);
            let t = ((dx * tx + dy * ty) / (tx * tx + ty * ty)).clamp(0.0, 1.0);
            let (ex, ey) = (dx - t * tx, dy - t * ty);
            let square = ex * ex + ey * ey;
            if square < best.0 {
                best = (square, a.w + a.slope * c64::new(dx, dy));
            }
        }
        best.1
    }
}

/// Integrals around the loop for one block of points.
struct Sums {
    /// `∮ w / (ζ - z) dζ`, real and imaginary part.
    re: Lanes,
    im: Lanes,
    /// The angle that the loop winds around the point: 0 outside.
    winding: Lanes,
}

#[inline(always)]
fn integrals(panels: &[Panel], x: &Lanes, y: &Lanes) -> Sums {
    let zero = [0.0; LANES];
    let (mut re, mut im, mut winding) = (zero, zero, zero);
    let (mut dx, mut dy, mut log) = (zero, zero, zero);
    let first = panels[0];
    for k in 0..LANES {
        (dx[k], dy[k]) = (first.x - x[k], first.y - y[k]);
        log[k] = lanes::ln(dx[k] * dx[k] + dy[k] * dy[k] + TINY);
    }
    for pair in panels.windows(2) {
        let (panel, next) = (pair[0], pair[1]);
        for k in 0..LANES {
            let (ex, ey) = (next.x - x[k], next.y - y[k]);
            let end = lanes::ln(ex * ex + ey * ey + TINY);
            let angle = lanes::atan2(dx[k] * ey - dy[k] * ex, dx[k] * ex + dy[k] * ey);
            let half = 0.5 * (end - log[k]);
            // The linear function of the panel at the point; its other part sums to zero.
            let f = panel.w.re - (panel.slope.re * dx[k] - panel.slope.im * dy[k]);
            let g = panel.w.im - (panel.slope.re * dy[k] + panel.slope.im * dx[k]);
            re[k] += f * half - g * angle;
            im[k] += f * angle + g * half;
            winding[k] += angle;
            (dx[k], dy[k], log[k]) = (ex, ey, end);
        }
    }
    Sums { re, im, winding }
}
