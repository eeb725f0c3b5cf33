//! Discrete residuals of the equations between two states, for training that minimises them, with their vector-Jacobian
//! products.
//!
//! They are those of the implicit midpoint rule, made of the same differences, walls and sides as the solver's steps (the
//! same code): second order in space and time, and small of second order in `dt` for two states of the solver with the
//! pressure between them.

use super::adjoint::{Padded, add};
use super::layout::places;
use super::projection::{divergence, subtract_gradient};
use super::solver::FlowSolver;
use super::state::{FaceField, FlowState, cells_from, cells_into, faces_from, faces_into};
use crate::SolverError;
use crate::checks::check_step;

/// What a vector-Jacobian product of a residual gives.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualCotangents {
    /// Cotangent of the state before the step.
    pub before: FlowState,
    /// Cotangent of the state after it.
    pub after: FlowState,
    /// Cotangent of the pressure of each cell; empty where the residual has none.
    pub pressure: Vec<f64>,
}

impl FlowSolver {
    /// The residual of the momentum equation (m/s^2) between two states `dt` apart (s) with a pressure for each cell in between:
    /// `(u' - u) / dt - F((u + u') / 2) + grad p` on the faces whose velocity is not given, zero on the others. At outflow
    /// sides it is that of what carries the velocity out.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite, a step that is not positive.
    pub fn momentum_residual(
        &self,
        before: &FlowState,
        after: &FlowState,
        pressure: &[f64],
        dt: f64,
    ) -> Result<FaceField, SolverError> {
        check_step(dt)?;
        let Self { domain, .. } = self;
        let layout = &domain.layout;
        let (before, after) = (
            Padded::state(domain, before)?,
            Padded::state(domain, after)?,
        );
        let pressure = self.pressure_of_cells(pressure)?;
        let middle = self.middle(&before, &after);
        let mut residual = layout.faces();
        let scalar = domain.transport.as_ref().map(|_| &middle.scalar[..]);
        domain.advance(
            &before.velocity,
            &middle.velocity,
            scalar,
            dt,
            &mut residual,
        );
        subtract_gradient(layout, &domain.geometry.open, &pressure, dt, &mut residual);
        for (residual, after) in residual.iter_mut().zip(&after.velocity) {
            for (residual, after) in residual.iter_mut().zip(after) {
                *residual = (after - *residual) / dt;
            }
        }
        domain.keep_unknowns(&mut residual);
        Ok(faces_from(layout, &residual))
    }

    /// The vector-Jacobian product of [`momentum_residual`](Self::momentum_residual).
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite, a step that is not positive.
    pub fn momentum_residual_vjp(
        &self,
        before: &FlowState,
        after: &FlowState,
        dt: f64,
        cotangent: &FaceField,
    ) -> Result<ResidualCotangents, SolverError> {
        check_step(dt)?;
        let Self { domain, .. } = self;
        let layout = &domain.layout;
        let (before, after) = (
            Padded::state(domain, before)?,
            Padded::state(domain, after)?,
        );
        let middle = self.middle(&before, &after);
        let mut faces = layout.faces();
        faces_into(layout, "cotangent", cotangent, &mut faces)?;
        domain.keep_unknowns(&mut faces);
        let mut to_after = Padded::zeros(domain);
        for (into, from) in to_after.velocity.iter_mut().zip(&mut faces) {
            add(into, 1.0 / dt, from);
            from.iter_mut().for_each(|value| *value /= -dt);
        }
        // Now the cotangent of `before + dt (F - grad p)`.
        let pressure = self.gradient_vjp(&faces, dt);
        let (mut to_before, mut to_middle) = (Padded::zeros(domain), Padded::zeros(domain));
        let mut rates = layout.faces();
        let to_scalar = domain.transport.as_ref().map(|_| &mut to_middle.scalar[..]);
        let into = (&mut to_before.velocity, &mut to_middle.velocity, to_scalar);
        domain.advance_vjp(&middle.velocity, dt, &mut faces, &mut rates, into);
        to_middle.fold(domain);
        to_before.add(0.5, &to_middle);
        to_after.add(0.5, &to_middle);
        Ok(ResidualCotangents {
            before: to_before.into_state(domain),
            after: to_after.into_state(domain),
            pressure,
        })
    }

    /// The residual of the scalar's equation (its unit per second) between two states: zero in solids.
    ///
    /// # Errors
    /// A flow without a scalar, wrong lengths, values that are not finite, a step that is not positive.
    pub fn scalar_residual(
        &self,
        before: &FlowState,
        after: &FlowState,
        dt: f64,
    ) -> Result<Vec<f64>, SolverError> {
        check_step(dt)?;
        let Self { domain, .. } = self;
        let transport = domain.transport.as_ref().ok_or_else(no_scalar)?;
        let (before, after) = (
            Padded::state(domain, before)?,
            Padded::state(domain, after)?,
        );
        let middle = self.middle(&before, &after);
        let mut residual = vec![0.0; domain.layout.len()];
        add(&mut residual, -1.0 / dt, &before.scalar);
        add(&mut residual, 1.0 / dt, &after.scalar);
        transport.add(
            &domain.geometry,
            &middle.velocity,
            &middle.scalar,
            -1.0,
            &mut residual,
        );
        self.clear_solids(&mut residual);
        Ok(cells_from(&domain.layout, &residual))
    }

    /// The vector-Jacobian product of [`scalar_residual`](Self::scalar_residual).
    ///
    /// # Errors
    /// A flow without a scalar, wrong lengths, values that are not finite, a step that is not positive.
    pub fn scalar_residual_vjp(
        &self,
        before: &FlowState,
        after: &FlowState,
        dt: f64,
        cotangent: &[f64],
    ) -> Result<ResidualCotangents, SolverError> {
        check_step(dt)?;
        let Self { domain, .. } = self;
        let layout = &domain.layout;
        let transport = domain.transport.as_ref().ok_or_else(no_scalar)?;
        let (before, after) = (
            Padded::state(domain, before)?,
            Padded::state(domain, after)?,
        );
        let middle = self.middle(&before, &after);
        let mut rates = vec![0.0; layout.len()];
        cells_into(layout, "cotangent", cotangent, &mut rates)?;
        self.clear_solids(&mut rates);
        let mut to_middle = Padded::zeros(domain);
        let at = (&middle.velocity, &middle.scalar[..]);
        let into = (&mut to_middle.velocity, &mut to_middle.scalar[..]);
        transport.add_vjp(&domain.geometry, at, -1.0, &rates, into);
        to_middle.fold(domain);
        let [before, after] = [-1.0, 1.0].map(|sign| {
            let mut to = Padded::zeros(domain);
            add(&mut to.scalar, sign / dt, &rates);
            to.add(0.5, &to_middle);
            to.into_state(domain)
        });
        Ok(ResidualCotangents {
            before,
            after,
            pressure: Vec::new(),
        })
    }

    /// The divergence of a velocity for each cell (1/s), with what sides and solids impose; zero in solids.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite.
    pub fn divergence(&self, velocity: &FaceField) -> Result<Vec<f64>, SolverError> {
        let Self { domain, .. } = self;
        let layout = &domain.layout;
        let mut faces = layout.faces();
        faces_into(layout, "velocity", velocity, &mut faces)?;
        domain.impose(&mut faces);
        domain.sides.fill(&mut faces);
        let mut out = vec![0.0; layout.cell_count()];
        divergence(layout, &faces, 1.0, &mut out);
        for (cell, value) in out.iter_mut().enumerate() {
            if domain.geometry.is_solid(cell) {
                *value = 0.0;
            }
        }
        Ok(out)
    }

    /// The vector-Jacobian product of [`divergence`](Self::divergence).
    ///
    /// # Errors
    /// A wrong length, values that are not finite.
    pub fn divergence_vjp(&self, cotangent: &[f64]) -> Result<FaceField, SolverError> {
        let cells = self.pressure_of_cells(cotangent)?;
        let Self { domain, .. } = self;
        let mut faces = domain.layout.faces();
        subtract_gradient(
            &domain.layout,
            &domain.geometry.open,
            &cells,
            1.0,
            &mut faces,
        );
        domain.outflow.add_divergence_vjp(&cells, &mut faces);
        Ok(faces_from(&domain.layout, &faces))
    }

    /// From the cotangent of `-dt grad p` to that of p. Ghosts of `faces` hold nothing.
    fn gradient_vjp(&self, faces: &super::layout::Faces, dt: f64) -> Vec<f64> {
        let Self { domain, .. } = self;
        let layout = &domain.layout;
        let mut inner = faces.clone();
        domain.outflow.take(&mut inner);
        for axis in layout.axes().filter(|axis| layout.periodic[*axis]) {
            super::sides::join(layout, axis, 1, &mut inner[axis]);
        }
        let mut out = vec![0.0; layout.cell_count()];
        // The gradient is minus the transpose of the divergence.
        divergence(layout, &inner, dt, &mut out);
        out
    }

    /// Values of cells, zero in solids.
    fn pressure_of_cells(&self, values: &[f64]) -> Result<Vec<f64>, SolverError> {
        let mut padded = vec![0.0; self.domain.layout.len()];
        cells_into(&self.domain.layout, "cells", values, &mut padded)?;
        self.clear_solids(&mut padded);
        Ok(cells_from(&self.domain.layout, &padded))
    }

    fn clear_solids(&self, values: &mut [f64]) {
        let layout = &self.domain.layout;
        for place in places(layout.all_cells()) {
            if self.domain.geometry.is_solid(layout.cell(place)) {
                values[layout.index(place)] = 0.0;
            }
        }
    }

    /// The state half way, with ghosts.
    fn middle(&self, before: &Padded, after: &Padded) -> Padded {
        let mut middle = Padded::zeros(&self.domain);
        middle.add(0.5, before);
        middle.add(0.5, after);
        middle
    }
}

fn no_scalar() -> SolverError {
    SolverError::Argument {
        what: "scalar",
        problem: "the flow has none: ask for one in the builder".into(),
    }
}
