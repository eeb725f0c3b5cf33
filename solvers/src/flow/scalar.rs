//! Transport of a scalar in the cells: limited upwind advection, diffusion, a source.
//!
//! The value that a face hands on is that of the upwind cell plus half of van Leer's harmonic mean of the differences
//! upstream and across the face ("Towards the ultimate conservative difference scheme II", Journal of Computational Physics
//! 14 (1974) 361): second order where the scalar is smooth, and no new extrema where the net outflow of a cell
//! in a step is at most half its volume (Sweby, SIAM Journal on Numerical Analysis 21 (1984) 995). Heun's method in
//! time is the mean of two such steps (Shu and Osher, Journal of Computational Physics 77 (1988) 439), so it creates
//! none either. Fluxes make it conservative.
//!
//! Departures:
//! 1. Differences across closed faces count as zero: beside solids the scheme is of first order.
//! 2. A solid that moves through a face carries the scalar of the fluid's cell with it, which keeps a constant
//!    constant; what a solid covers is lost, and what it lays open gets the mean of the fluid's neighbours.

use std::fmt;
use std::sync::Arc;

use super::boundary::FlowBoundary;
use super::geometry::Geometry;
use super::layout::{Faces, GHOSTS, Layout};
use super::rows::for_rows;
use super::sides::{Sides, join, part, plane, plane_points};
use crate::Side;

/// What a side does to the scalar.
#[derive(Clone)]
pub enum ScalarBoundary {
    /// No flux by diffusion.
    Insulated,
    /// This value on the side, or in what flows in.
    Given(ScalarProfile),
}

/// A scalar given as a function of position.
#[derive(Clone)]
pub struct ScalarProfile(Arc<dyn Fn([f64; 3]) -> f64 + Send + Sync>);

impl ScalarBoundary {
    /// One value all over the side.
    pub fn value(value: f64) -> Self {
        Self::profile(move |_| value)
    }

    /// A value as a function of position (m).
    pub fn profile(value: impl Fn([f64; 3]) -> f64 + Send + Sync + 'static) -> Self {
        Self::Given(ScalarProfile(Arc::new(value)))
    }
}

impl fmt::Debug for ScalarBoundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insulated => "Insulated",
            Self::Given(_) => "Given",
        })
    }
}

impl fmt::Debug for ScalarProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScalarProfile")
    }
}

/// How ghosts behind a side are made of the value inside: `sign * inside + constant`.
struct GhostRule {
    sign: f64,
    /// Over the side's plane with ghosts; empty for zeros.
    constant: Vec<f64>,
}

/// The transport equation of the scalar.
pub(super) struct Transport {
    layout: Layout,
    /// m^2/s.
    pub diffusivity: f64,
    rules: [GhostRule; 6],
    /// Per second, padded; empty where there is none.
    source: Vec<f64>,
}

impl Transport {
    pub fn new(
        layout: Layout,
        sides: &Sides,
        boundaries: &[ScalarBoundary; 6],
        corner: [f64; 3],
        diffusivity: f64,
        source: Vec<f64>,
    ) -> Self {
        let rules = Side::ALL.map(|side| match &boundaries[side as usize] {
            ScalarBoundary::Given(ScalarProfile(value)) if side.axis() < layout.dimension() => {
                let axis = side.axis();
                let points = plane_points(&layout, side, (axis + 1) % 2);
                let value = |p: [f64; 3]| value([0, 1, 2].map(|a| p[a] + corner[a]));
                // What flows in has the value given; at a wall the mean of ghost and inside has.
                let (sign, factor) = match sides.boundary(side) {
                    FlowBoundary::Inflow(_) => (0.0, 1.0),
                    _ => (-1.0, 2.0),
                };
                let constant = points.map(|p| factor * value(p)).collect();
                GhostRule { sign, constant }
            }
            _ => GhostRule {
                sign: 1.0,
                constant: Vec::new(),
            },
        });
        Self {
            layout,
            diffusivity,
            rules,
            source,
        }
    }

    /// A value that is not finite among those given, if there is one: its side.
    pub fn not_finite(&self) -> Option<Side> {
        let bad = |side: &Side| {
            let constant = &self.rules[*side as usize].constant;
            constant.iter().any(|v| !v.is_finite())
        };
        Side::ALL.into_iter().find(bad)
    }

    /// Fills in the ghosts.
    pub fn fill(&self, values: &mut [f64]) {
        for axis in self.layout.axes() {
            if self.layout.periodic[axis] {
                join(&self.layout, axis, GHOSTS, values);
                continue;
            }
            for side in [Side::ALL[2 * axis], Side::ALL[2 * axis + 1]] {
                let rule = &self.rules[side as usize];
                let [ghost, outer, inside] = self.ghosts(side);
                for (number, base) in plane(&self.layout, axis) {
                    let constant = rule.constant.get(number).copied().unwrap_or(0.0);
                    let value = rule.sign * values[base + inside] + constant;
                    values[base + ghost] = value;
                    values[base + outer] = value;
                }
            }
        }
    }

    /// The transpose of [`fill`](Self::fill).
    pub fn fold(&self, cotangent: &mut [f64]) {
        for axis in self.layout.axes().rev() {
            if self.layout.periodic[axis] {
                part(&self.layout, axis, GHOSTS, cotangent);
                continue;
            }
            for side in [Side::ALL[2 * axis], Side::ALL[2 * axis + 1]] {
                let sign = self.rules[side as usize].sign;
                let [ghost, outer, inside] = self.ghosts(side);
                for (_, base) in plane(&self.layout, axis) {
                    let near = std::mem::take(&mut cotangent[base + ghost]);
                    let far = std::mem::take(&mut cotangent[base + outer]);
                    cotangent[base + inside] += sign * (near + far);
                }
            }
        }
    }

    /// Offsets of the two ghosts behind a side and of the cell before them.
    fn ghosts(&self, side: Side) -> [usize; 3] {
        let stride = self.layout.strides[side.axis()];
        let [first, end] = self.layout.ends(side.axis());
        match side.is_high() {
            false => [first - 1, first - 2, first],
            true => [end, end + 1, end - 1],
        }
        .map(|place| place * stride)
    }

    /// Adds `dt` times the rate of `values` (with ghosts) in `velocity` to `into`.
    pub fn add(
        &self,
        geometry: &Geometry,
        velocity: &Faces,
        values: &[f64],
        dt: f64,
        into: &mut [f64],
    ) {
        for_rows(&self.layout, into, self.layout.all_cells(), |start, row| {
            for axis in self.layout.axes() {
                let direction = Direction {
                    stride: self.layout.strides[axis],
                    velocity: &velocity[axis],
                    open: &geometry.open[axis],
                    diffusion: self.diffusivity / self.layout.spacing[axis],
                };
                direction.add(values, start, dt / self.layout.spacing[axis], row);
            }
            if !self.source.is_empty() {
                for (value, source) in row.iter_mut().zip(&self.source[start..]) {
                    *value += dt * source;
                }
            }
        });
    }

    /// Adds to the cotangents of `values` and `velocity` what belongs to the cotangent `rates` of `dt` times the rate.
    pub fn add_vjp(
        &self,
        geometry: &Geometry,
        at: (&Faces, &[f64]),
        dt: f64,
        rates: &[f64],
        into: (&mut Faces, &mut [f64]),
    ) {
        let (velocity, values) = at;
        let (to_velocity, to_values) = into;
        for axis in self.layout.axes() {
            let direction = Direction {
                stride: self.layout.strides[axis],
                velocity: &velocity[axis],
                open: &geometry.open[axis],
                diffusion: self.diffusivity / self.layout.spacing[axis],
            };
            let factor = dt / self.layout.spacing[axis];
            for place in super::layout::places(self.layout.all_cells()) {
                let cell = self.layout.index(place);
                let rate = factor * rates[cell];
                direction.add_vjp(values, cell, rate, &mut to_velocity[axis], to_values);
            }
        }
    }
}

/// Transport along one axis.
struct Direction<'a> {
    stride: usize,
    velocity: &'a [f64],
    open: &'a [f64],
    /// Diffusivity / h.
    diffusion: f64,
}

impl Direction<'_> {
    #[inline(always)]
    fn add(&self, values: &[f64], start: usize, factor: f64, row: &mut [f64]) {
        let n = row.len();
        let s = self.stride;
        let [far_low, low, here, high, far_high] =
            [start - 2 * s, start - s, start, start + s, start + 2 * s].map(|c| &values[c..][..n]);
        let [open_before, open_low, open_high, open_after] =
            [start - s, start, start + s, start + 2 * s].map(|c| &self.open[c..][..n]);
        let [u_low, u_high] = [start, start + s].map(|c| &self.velocity[c..][..n]);
        for i in 0..n {
            let enters = Stencil {
                values: [far_low[i], low[i], here[i], high[i]],
                open: [open_before[i], open_low[i], open_high[i]],
                velocity: u_low[i],
            };
            let leaves = Stencil {
                values: [low[i], here[i], high[i], far_high[i]],
                open: [open_low[i], open_high[i], open_after[i]],
                velocity: u_high[i],
            };
            let swept = (1.0 - open_low[i]) * u_low[i] - (1.0 - open_high[i]) * u_high[i];
            let flux = enters.flux(self.diffusion) - leaves.flux(self.diffusion);
            row[i] += factor * (flux + swept * here[i]);
        }
    }

    /// What the flux through a cell's low face, and through its high one, is made of.
    fn stencil(&self, values: &[f64], face: usize) -> Stencil {
        let s = self.stride;
        Stencil {
            values: [face - 2 * s, face - s, face, face + s].map(|c| values[c]),
            open: [face - s, face, face + s].map(|c| self.open[c]),
            velocity: self.velocity[face],
        }
    }

    fn add_vjp(
        &self,
        values: &[f64],
        cell: usize,
        rate: f64,
        to_velocity: &mut [f64],
        to_values: &mut [f64],
    ) {
        let s = self.stride;
        for (face, rate) in [(cell, rate), (cell + s, -rate)] {
            let stencil = self.stencil(values, face);
            let (by_values, by_velocity) = stencil.derivatives(self.diffusion);
            for (k, by_value) in by_values.into_iter().enumerate() {
                to_values[face + k * s - 2 * s] += rate * by_value;
            }
            let closed = 1.0 - self.open[face];
            to_velocity[face] += rate * (by_velocity + closed * values[cell]);
            to_values[cell] += rate * closed * self.velocity[face];
        }
    }
}

/// What the flux through a face is made of: two values on each side, what is open before, at and after the face, and the
/// velocity through it.
struct Stencil {
    values: [f64; 4],
    open: [f64; 3],
    velocity: f64,
}

impl Stencil {
    /// The differences before, at and after the face; zero across closed ones.
    #[inline(always)]
    fn differences(&self) -> [f64; 3] {
        let [far, low, high, farther] = self.values;
        let [before, at, after] = self.open;
        [
            before * (low - far),
            at * (high - low),
            after * (farther - high),
        ]
    }

    #[inline(always)]
    fn flux(&self, diffusion: f64) -> f64 {
        let [before, across, after] = self.differences();
        let value = match self.velocity > 0.0 {
            true => self.values[1] + 0.5 * limited(before, across),
            false => self.values[2] - 0.5 * limited(after, across),
        };
        self.open[1] * self.velocity * value - diffusion * across
    }

    /// Derivatives of the flux by the values and by the velocity.
    fn derivatives(&self, diffusion: f64) -> ([f64; 4], f64) {
        let [before, across, after] = self.differences();
        let [open_before, open, open_after] = self.open;
        let through = open * self.velocity;
        let mut by = [0.0, diffusion * open, -diffusion * open, 0.0];
        let value = if self.velocity > 0.0 {
            let [by_before, by_across] = limited_slopes(before, across);
            let (first, second) = (0.5 * open_before * by_before, 0.5 * open * by_across);
            by[0] -= through * first;
            by[1] += through * (1.0 + first - second);
            by[2] += through * second;
            self.values[1] + 0.5 * limited(before, across)
        } else {
            let [by_after, by_across] = limited_slopes(after, across);
            let (first, second) = (0.5 * open_after * by_after, 0.5 * open * by_across);
            by[1] += through * second;
            by[2] += through * (1.0 + first - second);
            by[3] -= through * first;
            self.values[2] - 0.5 * limited(after, across)
        };
        (by, open * value)
    }
}

/// Van Leer's harmonic mean of two slopes; zero at an extremum.
#[inline(always)]
fn limited(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product > 0.0 {
        2.0 * product / (a + b)
    } else {
        0.0
    }
}

/// Its derivatives by both.
fn limited_slopes(a: f64, b: f64) -> [f64; 2] {
    if a * b > 0.0 {
        let [x, y] = [b / (a + b), a / (a + b)];
        [2.0 * x * x, 2.0 * y * y]
    } else {
        [0.0; 2]
    }
}
