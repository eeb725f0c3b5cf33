//! Diffusion of a solute that is sorbed by the soil, in one dimension: finite volumes.
//!
//! ```text
//! R(u) u_t = D u_xx,    R(u) = 1 + (1 - phi) / phi rho_s k n_f (u + 1e-6)^(n_f - 1)
//! u = u_in at x = 0,    u = -D u_x at x = L
//! ```
//!
//! The set-up of M. Takamoto et al., "PDEBench: an extensive benchmark for scientific machine learning", NeurIPS
//! 2022, arXiv:2210.07182, section D.4: u is the concentration, R the retardation by Freundlich's isotherm.
//! Second order in space and, by the implicit step of [`implicit`], in time. Departures:
//! 1. The unknown of the time step is the content theta(u), dtheta/du = R, of a cell: the sum over the cells changes by
//!    what flows in and out, to rounding.
//! 2. Boundary values hold at the faces x = 0 and x = L, half a cell from the centres. PDEBench's program takes the
//!    ghost values u_in and -D u_x a whole cell away, which is first order.
//! 3. The sign at x = L is that of PDEBench's program, an outflow. With u = +D u_x, as the paper prints it, waves
//!    of wave number 1/D grow without bound.
//! 4. Below u = 0 R is constant, so that rounding and Newton's method may go there.

mod implicit;
#[cfg(test)]
mod tests;

use super::run::LineEquation;
use crate::checks::{check_step, finite, positive};
use crate::evolution::middle;
use crate::{Evolution, FieldInfo, SolverError};
use implicit::Implicit;

/// Added to u in R, where its power is infinite.
const OFFSET: f64 = 1e-6;

/// Parameters of [`DiffusionSorption`]; the default is the published set-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SorptionParameters {
    /// D, the effective diffusivity (m²/s): 5e-4.
    pub diffusivity: f64,
    /// phi: 0.29.
    pub porosity: f64,
    /// rho_s, the bulk density of the soil (kg/m³): 2880.
    pub density: f64,
    /// k, Freundlich's parameter: 3.5e-4.
    pub freundlich_parameter: f64,
    /// n_f, Freundlich's exponent: 0.874.
    pub freundlich_exponent: f64,
    /// u_in, the concentration at x = 0: 1.
    pub inlet: f64,
    /// L (m): 1.
    pub length: f64,
}

impl Default for SorptionParameters {
    fn default() -> Self {
        Self {
            diffusivity: 5e-4,
            porosity: 0.29,
            density: 2880.0,
            freundlich_parameter: 3.5e-4,
            freundlich_exponent: 0.874,
            inlet: 1.0,
            length: 1.0,
        }
    }
}

/// The diffusion-sorption equation on n cells of [0, L].
///
/// States are concentrations at the cells' centres. A [step](Evolution::step) is implicit and stable at any length; its
/// [residual](Evolution::residual) is that of Crank and Nicolson in conservation form,
/// (theta(after) - theta(before)) / dt - (A(after) + A(before)) / 2 with A = D u_xx.
///
/// ```
/// use karman_solvers::{DiffusionSorption, LineRun, Simulation, SorptionParameters};
///
/// let equation = DiffusionSorption::new(SorptionParameters::default(), 64)?;
/// let mut run = LineRun::new(equation, &[0.1; 64], 2.0)?;
/// run.advance_to(500.0)?;
/// assert!(run.health().unconverged == 0 && run.state()[0] > 0.9);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
#[derive(Clone)]
pub struct DiffusionSorption {
    parameters: SorptionParameters,
    /// (1 - phi) / phi rho_s k.
    capacity: f64,
    cells: usize,
    spacing: f64,
    implicit: Implicit,
}

impl DiffusionSorption {
    /// On `cells` equal cells.
    ///
    /// # Errors
    /// No cells, a parameter that is not positive, a porosity of 1 or more, an exponent above 1.
    pub fn new(parameters: SorptionParameters, cells: usize) -> Result<Self, SolverError> {
        if cells == 0 {
            return Err(SolverError::Argument {
                what: "cells",
                problem: "0: at least one is needed".to_owned(),
            });
        }
        let p = &parameters;
        for (what, value) in [
            ("diffusivity", p.diffusivity),
            ("porosity", p.porosity),
            ("density", p.density),
            ("Freundlich parameter", p.freundlich_parameter),
            ("Freundlich exponent", p.freundlich_exponent),
            ("length", p.length),
        ] {
            positive(what, value)?;
        }
        finite("inlet", &[p.inlet])?;
        for (what, value) in [
            ("porosity", p.porosity),
            ("Freundlich exponent", p.freundlich_exponent),
        ] {
            if value > 1.0 || (what == "porosity" && value == 1.0) {
                let problem = format!("{value}: it lies between 0 and 1");
                return Err(SolverError::Argument { what, problem });
            }
        }
        Ok(Self {
            capacity: (1.0 - p.porosity) / p.porosity * p.density * p.freundlich_parameter,
            spacing: p.length / cells as f64,
            implicit: Implicit::new(cells),
            cells,
            parameters,
        })
    }

    /// The parameters.
    pub fn parameters(&self) -> &SorptionParameters {
        &self.parameters
    }

    /// R(u) of a concentration.
    pub fn retardation(&self, u: f64) -> f64 {
        let n = self.parameters.freundlich_exponent;
        1.0 + self.capacity * n * (u.max(0.0) + OFFSET).powf(n - 1.0)
    }

    /// theta(u), the integral of R: dissolved and sorbed solute, but for a constant.
    pub fn content(&self, u: f64) -> f64 {
        let n = self.parameters.freundlich_exponent;
        let above = u + self.capacity * (u.max(0.0) + OFFSET).powf(n);
        above + (self.retardation(0.0) - 1.0) * u.min(0.0)
    }

    /// The derivative of R.
    fn retardation_slope(&self, u: f64) -> f64 {
        let n = self.parameters.freundlich_exponent;
        if u < 0.0 {
            return 0.0;
        }
        self.capacity * n * (n - 1.0) * (u + OFFSET).powf(n - 2.0)
    }

    /// What flows in at x = 0 and out at x = L (m/s times the unit of u).
    ///
    /// # Errors
    /// A state of a wrong length.
    pub fn boundary_fluxes(&self, state: &[f64]) -> Result<[f64; 2], SolverError> {
        self.check(&[("state", state)])?;
        let [left, right] = self.boundary_conductances();
        let inflow = left * (self.parameters.inlet - state[0]);
        Ok([inflow, right * state[self.cells - 1]])
    }

    /// Fluxes at the ends over differences of u: to the inlet over half a cell, and through half a cell and
    /// the outflow, u = -D u_x, behind each other.
    fn boundary_conductances(&self) -> [f64; 2] {
        let (d, h) = (self.parameters.diffusivity, self.spacing);
        [2.0 * d / h, 1.0 / (0.5 * h / d + 1.0)]
    }

    /// The side and the diagonal of A, whose rows are side, diagonal, side.
    fn coefficients(&self) -> (f64, impl Fn(usize) -> f64 + use<>) {
        let h = self.spacing;
        let side = self.parameters.diffusivity / (h * h);
        let [left, right] = self.boundary_conductances().map(|c| c / h);
        let last = self.cells - 1;
        let diagonal = move |i: usize| {
            let low = if i == 0 { left } else { side };
            let high = if i == last { right } else { side };
            -(low + high)
        };
        (side, diagonal)
    }

    /// `out` = A u without the inlet: D times the second differences, a symmetric matrix.
    fn diffuse(&self, u: &[f64], out: &mut [f64]) {
        let (side, diagonal) = self.coefficients();
        let last = self.cells - 1;
        for (i, out) in out.iter_mut().enumerate() {
            let below = if i == 0 { 0.0 } else { u[i - 1] };
            let above = if i == last { 0.0 } else { u[i + 1] };
            *out = side * (below + above) + diagonal(i) * u[i];
        }
    }

    /// What the inlet adds to A in the first cell.
    fn inlet_rate(&self) -> f64 {
        self.boundary_conductances()[0] / self.spacing * self.parameters.inlet
    }
}

impl LineEquation for DiffusionSorption {
    fn spacing(&self) -> f64 {
        self.spacing
    }

    fn origin(&self) -> f64 {
        0.5 * self.spacing
    }

    fn field(&self) -> FieldInfo {
        FieldInfo {
            name: "concentration",
            components: 1,
            unit: "1",
        }
    }

    fn last_residual(&self) -> f64 {
        self.implicit.last_residual()
    }
}

impl Evolution for DiffusionSorption {
    fn unknowns(&self) -> usize {
        self.cells
    }

    fn tendency(&mut self, state: &[f64], out: &mut [f64]) -> Result<(), SolverError> {
        self.check(&[("state", state), ("out", out)])?;
        self.diffuse(state, out);
        out[0] += self.inlet_rate();
        for (out, u) in out.iter_mut().zip(state) {
            *out /= self.retardation(*u);
        }
        Ok(())
    }

    fn tendency_vjp(
        &mut self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        let over = |(c, u): (&f64, &f64)| c / self.retardation(*u);
        let scaled: Vec<f64> = cotangent.iter().zip(state).map(over).collect();
        self.diffuse(&scaled, gradient);
        let mut rate = vec![0.0; self.cells];
        self.tendency(state, &mut rate)?;
        for (g, ((c, u), rate)) in gradient.iter_mut().zip(scaled.iter().zip(state).zip(&rate)) {
            *g -= c * self.retardation_slope(*u) * rate;
        }
        Ok(())
    }

    fn step(&mut self, state: &mut [f64], dt: f64) -> Result<(), SolverError> {
        self.check(&[("state", state)])?;
        check_step(dt)?;
        self.implicit_step(state, dt);
        Ok(())
    }

    fn step_vjp(
        &mut self,
        state: &[f64],
        dt: f64,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        check_step(dt)?;
        self.implicit_step_vjp(state, dt, cotangent, gradient);
        Ok(())
    }

    fn residual(
        &mut self,
        before: &[f64],
        after: &[f64],
        dt: f64,
        out: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check(&[("before", before), ("after", after), ("out", out)])?;
        check_step(dt)?;
        self.diffuse(&middle(before, after), out);
        out[0] += self.inlet_rate();
        for (out, (before, after)) in out.iter_mut().zip(before.iter().zip(after)) {
            *out = (self.content(*after) - self.content(*before)) / dt - *out;
        }
        Ok(())
    }

    fn residual_vjp(
        &mut self,
        before: &[f64],
        after: &[f64],
        dt: f64,
        cotangent: &[f64],
        [of_before, of_after]: [&mut [f64]; 2],
    ) -> Result<(), SolverError> {
        self.check(&[("before", before), ("after", after)])?;
        self.check(&[("cotangent", cotangent)])?;
        self.check(&[("gradient of before", of_before)])?;
        self.check(&[("gradient of after", of_after)])?;
        check_step(dt)?;
        self.diffuse(cotangent, of_before);
        for i in 0..self.cells {
            let (common, c) = (-0.5 * of_before[i], cotangent[i] / dt);
            of_before[i] = common - c * self.retardation(before[i]);
            of_after[i] = common + c * self.retardation(after[i]);
        }
        Ok(())
    }
}
