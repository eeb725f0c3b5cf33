//! The rate of change of velocity by advection and friction, on faces.
//!
//! Harlow and Welch, "Numerical calculation of time-dependent viscous incompressible flow of fluid with free surface",
//! Physics of Fluids 8 (1965) 2182. Central differences of second order in divergence form. For velocities free of
//! divergence the advection conserves momentum and kinetic energy to rounding, as Morinishi, Lund, Vasilyev
//! and Moin show, "Fully conservative higher order finite difference schemes for incompressible flow", Journal of
//! Computational Physics 143 (1998) 90.

use super::layout::{Faces, Layout};
use super::rows::for_rows;

/// One direction of the rate of one component, for a row.
///
/// `carried` is the component whose rate it is, `carrying` the one that moves it along the direction. The flux through
/// the low edge of the control volume is the product of two means: of the carrying velocities on both sides of the edge
/// along the component's axis, of the carried ones along the direction.
#[derive(Clone, Copy)]
pub(super) struct Direction<'a> {
    pub carried: &'a [f64],
    pub carrying: &'a [f64],
    /// Stride of the component's axis.
    pub own: usize,
    /// Stride of the direction.
    pub along: usize,
    /// 1 / (4 h): the quarter of the two means.
    pub advection: f64,
    /// Viscosity / h^2.
    pub diffusion: f64,
}

impl<'a> Direction<'a> {
    /// Direction `along` of component `own`.
    pub fn new(
        layout: &Layout,
        velocity: &'a Faces,
        own: usize,
        along: usize,
        viscosity: f64,
    ) -> Self {
        let h = layout.spacing[along];
        Self {
            carried: &velocity[own],
            carrying: &velocity[along],
            own: layout.strides[own],
            along: layout.strides[along],
            advection: 0.25 / h,
            diffusion: viscosity / (h * h),
        }
    }

    /// Adds to the rates `out` of the faces from `start` on.
    #[inline(always)]
    pub fn add(&self, start: usize, out: &mut [f64]) {
        let n = out.len();
        let (own, along) = (self.own, self.along);
        let [here, next, last] =
            [start, start + along, start - along].map(|s| &self.carried[s..][..n]);
        let [low, low_before] = [start, start - own].map(|s| &self.carrying[s..][..n]);
        let [high, high_before] =
            [start + along, start + along - own].map(|s| &self.carrying[s..][..n]);
        for i in 0..n {
            let flux_low = (low[i] + low_before[i]) * (here[i] + last[i]);
            let flux_high = (high[i] + high_before[i]) * (next[i] + here[i]);
            let spread = next[i] - 2.0 * here[i] + last[i];
            out[i] += self.advection * (flux_low - flux_high) + self.diffusion * spread;
        }
    }
}

/// Writes the rate of component `own` on the faces in a row from `start` on.
#[inline(always)]
pub(super) fn rate_row(
    layout: &Layout,
    velocity: &Faces,
    viscosity: f64,
    own: usize,
    start: usize,
    out: &mut [f64],
) {
    out.fill(0.0);
    for along in layout.axes() {
        Direction::new(layout, velocity, own, along, viscosity).add(start, out);
    }
}

/// Adds to `into` the cotangent of `velocity` that belongs to the cotangent `rates` of the rates of all components.
///
/// `rates` is zero wherever the step does not use the rate, ghosts included. The result covers the faces of the grid and
/// one ghost layer.
pub(super) fn add_rate_vjp(
    layout: &Layout,
    velocity: &Faces,
    viscosity: f64,
    rates: &Faces,
    into: &mut Faces,
) {
    for (component, into) in into.iter_mut().enumerate().take(layout.dimension()) {
        for_rows(layout, into, layout.cells_and_ghosts(), |start, out| {
            for other in layout.axes() {
                // as the carried velocity, in direction `other`
                let own = Direction::new(layout, velocity, component, other, viscosity);
                own.add_carried_vjp(&rates[component], start, out);
                // as the carrying velocity of component `other`
                let others = Direction::new(layout, velocity, other, component, viscosity);
                others.add_carrying_vjp(&rates[other], start, out);
            }
        });
    }
}

impl Direction<'_> {
    /// The transpose of [`add`](Self::add) in the carried velocity.
    #[inline(always)]
    fn add_carried_vjp(&self, rates: &[f64], start: usize, out: &mut [f64]) {
        let n = out.len();
        let (own, along) = (self.own, self.along);
        let [here, next, last] = [start, start + along, start - along].map(|s| &rates[s..][..n]);
        let [low, low_before] = [start, start - own].map(|s| &self.carrying[s..][..n]);
        let [high, high_before] =
            [start + along, start + along - own].map(|s| &self.carrying[s..][..n]);
        for i in 0..n {
            let to_low = (low[i] + low_before[i]) * (here[i] - last[i]);
            let to_high = (high[i] + high_before[i]) * (next[i] - here[i]);
            let spread = next[i] - 2.0 * here[i] + last[i];
            out[i] += self.advection * (to_low + to_high) + self.diffusion * spread;
        }
    }

    /// The transpose of [`add`](Self::add) in the carrying velocity.
    #[inline(always)]
    fn add_carrying_vjp(&self, rates: &[f64], start: usize, out: &mut [f64]) {
        let n = out.len();
        let (own, along) = (self.own, self.along);
        let [here, last] = [start, start - along].map(|s| &rates[s..][..n]);
        let [side, side_last] = [start + own, start + own - along].map(|s| &rates[s..][..n]);
        let [a, a_last] = [start, start - along].map(|s| &self.carried[s..][..n]);
        let [b, b_last] = [start + own, start + own - along].map(|s| &self.carried[s..][..n]);
        for i in 0..n {
            let low = (here[i] - last[i]) * (a[i] + a_last[i]);
            let high = (side[i] - side_last[i]) * (b[i] + b_last[i]);
            out[i] += self.advection * (low + high);
        }
    }
}
