//! Divergence, pressure gradient, and the projection on velocities free of divergence.
//!
//! Chorin, "Numerical solution of the Navier-Stokes equations", Mathematics of Computation 22 (1968) 745. On a MAC grid
//! the gradient is minus the transpose of the divergence, so the projection is orthogonal and its own adjoint.

use std::time::Instant;

use super::geometry::Geometry;
use super::layout::{Faces, Layout};
use super::outflow::Outflow;
use super::pressure::PressureSolver;
use super::rows::{for_cell_rows, for_rows, larger, largest};
use super::sides::{clear_ghosts, join};
use crate::SolverError;

/// Divergence that rounding leaves, over the largest `|u| / h`.
const ROUNDING: f64 = 256.0 * f64::EPSILON;

/// Makes velocities free of divergence.
pub(super) struct Projection {
    layout: Layout,
    solver: PressureSolver,
    rtol: f64,
    /// Right-hand side, of cells alone.
    rhs: Vec<f64>,
    /// The last solution, of cells alone, from which the next solve starts.
    pub pressure: Vec<f64>,
    pub work: Work,
}

/// What the solves took so far, and how well they went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Work {
    pub solves: usize,
    pub iterations: usize,
    pub seconds: f64,
    /// Solves that missed the tolerance since this was last set to zero.
    pub missed: usize,
    /// The largest residual over its tolerance.
    pub worst_residual: f64,
}

impl Projection {
    pub fn new(layout: Layout, geometry: &Geometry, rtol: f64) -> Result<Self, SolverError> {
        Ok(Self {
            solver: PressureSolver::new(&layout, geometry, rtol)?,
            layout,
            rtol,
            rhs: vec![0.0; layout.cell_count()],
            pressure: vec![0.0; layout.cell_count()],
            work: Work::default(),
        })
    }

    /// Follows the solids.
    pub fn update(&mut self, geometry: &Geometry) -> Result<(), SolverError> {
        self.solver.update(&self.layout, geometry)
    }

    /// How the pressure is solved for.
    pub fn choice(&self) -> &str {
        self.solver.choice()
    }

    /// Makes `velocity` free of divergence, with a pressure that acts for the time `dt`. Velocities on sides and closed
    /// faces stay. Ghosts must be filled in, and are not afterwards.
    pub fn project(
        &mut self,
        geometry: &Geometry,
        velocity: &mut Faces,
        dt: f64,
    ) -> Result<(), SolverError> {
        divergence(&self.layout, velocity, -1.0 / dt, &mut self.rhs);
        let clock = Instant::now();
        let outcome = self.solver.solve(&self.rhs, &mut self.pressure)?;
        self.work.seconds += clock.elapsed().as_secs_f64();
        self.work.solves += 1;
        subtract_gradient(&self.layout, &geometry.open, &self.pressure, dt, velocity);
        let residual = match outcome {
            Some(outcome) => {
                self.work.iterations += outcome.iterations;
                self.work.missed += usize::from(!outcome.converged);
                outcome.residual
            }
            None => {
                let residual = self.residual_of_exact(velocity, dt);
                self.work.missed += usize::from(residual.is_nan() || residual > 1.0);
                residual
            }
        };
        self.work.worst_residual = larger(self.work.worst_residual, residual);
        Ok(())
    }

    /// The divergence that an exact solver left, over the tolerance. Only where sides are joined.
    fn residual_of_exact(&self, velocity: &mut Faces, dt: f64) -> f64 {
        for axis in self.layout.axes().filter(|a| self.layout.periodic[*a]) {
            join(&self.layout, axis, 1, &mut velocity[axis]);
        }
        let left = largest_divergence(&self.layout, velocity);
        let before = self.rhs.iter().fold(0.0_f64, |m, b| m.max(b.abs())) * dt;
        let floor = ROUNDING * crossing_rate(&self.layout, velocity);
        let tolerance = (self.rtol * before).max(floor);
        if left == 0.0 { 0.0 } else { left / tolerance }
    }

    /// The adjoint of [`project`](Self::project), in place: from the cotangent of its result to that of its argument.
    /// Cotangents of given velocities are zero on both sides; those of outflow faces are not touched by `project`, and
    /// get what the pressure makes of them. Ghosts hold nothing before and after.
    ///
    /// # Errors
    /// A cotangent that is not finite.
    pub fn adjoint(
        &mut self,
        geometry: &Geometry,
        outflow: &Outflow,
        cotangent: &mut Faces,
    ) -> Result<(), SolverError> {
        let kept = std::mem::take(&mut self.pressure);
        let mut solution = vec![0.0; kept.len()];
        let held = outflow.take(cotangent);
        for axis in self.layout.axes().filter(|a| self.layout.periodic[*a]) {
            join(&self.layout, axis, 1, &mut cotangent[axis]);
        }
        divergence(&self.layout, cotangent, -1.0, &mut self.rhs);
        let solved = self.solver.solve(&self.rhs, &mut solution);
        self.pressure = kept;
        solved?;
        for axis in self.layout.axes().filter(|a| self.layout.periodic[*a]) {
            clear_ghosts(&self.layout, axis, &mut cotangent[axis]);
        }
        subtract_gradient(&self.layout, &geometry.open, &solution, 1.0, cotangent);
        outflow.put(&held, cotangent);
        outflow.add_divergence_vjp(&solution, cotangent);
        Ok(())
    }
}

/// The largest magnitude of the divergence of velocities with ghosts.
fn largest_divergence(layout: &Layout, velocity: &Faces) -> f64 {
    let width = layout.cells[0];
    largest(layout, |start| {
        let at = |cell: usize| -> f64 {
            let part = |axis: usize| {
                let values = &velocity[axis];
                (values[cell + layout.strides[axis]] - values[cell]) / layout.spacing[axis]
            };
            layout.axes().map(part).sum()
        };
        (start..start + width)
            .map(|c| at(c).abs())
            .fold(0.0, larger)
    })
}

/// Writes the divergence times `factor` for the cells alone.
pub(super) fn divergence(layout: &Layout, velocity: &Faces, factor: f64, out: &mut [f64]) {
    for_cell_rows(layout, out, |start, out| {
        out.fill(0.0);
        let n = out.len();
        for axis in layout.axes() {
            let scale = factor / layout.spacing[axis];
            let low = &velocity[axis][start..][..n];
            let high = &velocity[axis][start + layout.strides[axis]..][..n];
            for i in 0..n {
                out[i] += scale * (high[i] - low[i]);
            }
        }
    });
}

/// `velocity -= factor * open * grad p` on the inner faces.
pub(super) fn subtract_gradient(
    layout: &Layout,
    open: &Faces,
    pressure: &[f64],
    factor: f64,
    velocity: &mut Faces,
) {
    let nx = layout.cells[0];
    for axis in layout.axes() {
        let scale = factor / layout.spacing[axis];
        let open = &open[axis];
        let faces = layout.inner_faces(axis);
        for_rows(layout, &mut velocity[axis], faces, |start, row| {
            let open = &open[start..][..row.len()];
            let place = layout.place(start);
            let line = |place| {
                let cell = layout.cell(place);
                &pressure[cell - cell % nx..][..nx]
            };
            let here = line(place);
            if axis > 0 {
                let Some(before) = layout.near(place, axis, -1) else {
                    return;
                };
                let before = line(before);
                for i in 0..row.len() {
                    row[i] -= scale * open[i] * (here[i] - before[i]);
                }
                return;
            }
            let first = nx - row.len();
            if first == 0 {
                row[0] -= scale * open[0] * (here[0] - here[nx - 1]);
            }
            for i in 1 - first..row.len() {
                row[i] -= scale * open[i] * (here[i + first] - here[i + first - 1]);
            }
        });
    }
}

/// The largest rate `sum |u| / h` at which the velocity crosses cells; NaN if a velocity is.
pub(super) fn crossing_rate(layout: &Layout, velocity: &Faces) -> f64 {
    let width = layout.cells[0];
    largest(layout, |start| {
        let mut most = 0.0;
        for i in start..start + width {
            let mut rate = 0.0;
            for axis in layout.axes() {
                let [low, high] = [i, i + layout.strides[axis]].map(|c| velocity[axis][c].abs());
                rate += larger(low, high) / layout.spacing[axis];
            }
            most = larger(most, rate);
        }
        most
    })
}
