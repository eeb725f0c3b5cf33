//! Conservation laws on a periodic interval, by finite volumes with limited slopes.
//!
//! B. van Leer, "Towards the ultimate conservative difference scheme V", J. Comput. Phys. 32 (1979): linear
//! reconstruction in each cell with van Leer's harmonic limiter, and the flux of Godunov at the faces; S.
//! Gottlieb, C.-W. Shu, E. Tadmor, "Strong stability-preserving high-order time discretization methods", SIAM Rev.
//! 43 (2001), eq. 4.2: three-stage Runge-Kutta method in time. Viscosity by central differences, explicitly.
//!
//! Second order where the solution is smooth; extrema are clipped and shocks stay sharp without
//! oscillations. The limiter and the flux have kinks, at which one of the two derivatives is taken.

use super::run::LineEquation;
use crate::checks::{check_step, finite, not_negative, positive};
use crate::{Evolution, FieldInfo, SolverError};

/// Fewest cells.
const FEWEST: usize = 4;

/// A flux f(u) in u_t + f(u)_x = nu u_xx.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineFlux {
    /// f = c u.
    Advection {
        /// c (m/s).
        speed: f64,
    },
    /// f = u² / 2, u in m/s.
    Burgers,
}

/// A conservation law on n cells of a periodic interval.
///
/// States are the means of u over the cells, whose centres are start + (i + 1/2) L / n.
///
/// ```
/// use karman_solvers::{FiniteVolumeLine, LineFlux, LineRun, Simulation};
///
/// // A top hat goes once around, and stays between 0 and 1.
/// let line = FiniteVolumeLine::new(LineFlux::Advection { speed: 1.0 }, 0.0, 100, 0.0, 1.0)?;
/// let start: Vec<f64> = (0..100).map(|i| if (20..40).contains(&i) { 1.0 } else { 0.0 }).collect();
/// let mut run = LineRun::new(line, &start, 1.0)?;
/// run.advance_to(1.0)?;
/// assert!(run.state().iter().all(|u| (-1e-12..1.0 + 1e-12).contains(u)));
/// assert!((run.state().iter().sum::<f64>() - 20.0).abs() < 1e-10);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct FiniteVolumeLine {
    flux: LineFlux,
    viscosity: f64,
    start: f64,
    spacing: f64,
    /// Slopes times the cell size.
    slopes: Vec<f64>,
    /// A value per face, the i-th below cell i; or per cell, where cotangents are collected.
    faces: Vec<f64>,
    work: [Vec<f64>; 4],
}

impl FiniteVolumeLine {
    /// `n` cells from `start` over the period `length` (m); the viscosity in m²/s may be 0.
    ///
    /// # Errors
    /// Fewer than 4 cells, a length that is not positive, a speed or viscosity that is not finite, a viscosity that
    /// is negative.
    pub fn new(
        flux: LineFlux,
        viscosity: f64,
        n: usize,
        start: f64,
        length: f64,
    ) -> Result<Self, SolverError> {
        if n < FEWEST {
            return Err(SolverError::Argument {
                what: "cells",
                problem: format!("{n}: at least {FEWEST} are needed"),
            });
        }
        if let LineFlux::Advection { speed } = flux {
            finite("speed", &[speed])?;
        }
        not_negative("viscosity", viscosity)?;
        finite("start", &[start])?;
        positive("length", length)?;
        let zeros = || vec![0.0; n];
        Ok(Self {
            flux,
            viscosity,
            start,
            spacing: length / n as f64,
            slopes: zeros(),
            faces: zeros(),
            work: [zeros(), zeros(), zeros(), zeros()],
        })
    }

    /// `out` = F(u).
    fn rate(&mut self, u: &[f64], out: &mut [f64]) {
        let (n, h) = (u.len(), self.spacing);
        let diffusion = self.viscosity / (h * h);
        self.reconstruct(u);
        let flux = &mut self.faces;
        for (i, flux) in flux.iter_mut().enumerate() {
            let below = if i == 0 { n - 1 } else { i - 1 };
            let left = u[below] + 0.5 * self.slopes[below];
            let right = u[i] - 0.5 * self.slopes[i];
            *flux = self.flux.godunov(left, right) - diffusion * h * (u[i] - u[below]);
        }
        for i in 0..n {
            let above = if i + 1 == n { 0 } else { i + 1 };
            out[i] = (flux[i] - flux[above]) / h;
        }
    }

    /// The first two stages of a step; `rate` is room.
    fn stages(
        &mut self,
        u: &[f64],
        dt: f64,
        first: &mut [f64],
        second: &mut [f64],
        rate: &mut [f64],
    ) {
        self.rate(u, rate);
        stage(first, [1.0, 0.0], u, u, rate, dt);
        self.rate(first, rate);
        stage(second, [0.25, 0.75], first, u, rate, dt);
    }

    /// `gradient` = (dF/du)^T c.
    fn rate_vjp(&mut self, u: &[f64], c: &[f64], gradient: &mut [f64]) {
        let (n, h) = (u.len(), self.spacing);
        let diffusion = self.viscosity / (h * h);
        self.reconstruct(u);
        gradient.fill(0.0);
        let to_slope = &mut self.faces;
        to_slope.fill(0.0);
        for i in 0..n {
            let below = if i == 0 { n - 1 } else { i - 1 };
            let left = u[below] + 0.5 * self.slopes[below];
            let right = u[i] - 0.5 * self.slopes[i];
            let to_flux = (c[i] - c[below]) / h;
            let [of_left, of_right] = self.flux.godunov_slopes(left, right).map(|s| s * to_flux);
            gradient[below] += of_left + diffusion * h * to_flux;
            gradient[i] += of_right - diffusion * h * to_flux;
            to_slope[below] += 0.5 * of_left;
            to_slope[i] -= 0.5 * of_right;
        }
        for i in 0..n {
            let (below, above) = (if i == 0 { n - 1 } else { i - 1 }, (i + 1) % n);
            let [of_a, of_b] =
                limiter_slopes(u[i] - u[below], u[above] - u[i]).map(|s| s * to_slope[i]);
            gradient[below] -= of_a;
            gradient[i] += of_a - of_b;
            gradient[above] += of_b;
        }
    }

    fn reconstruct(&mut self, u: &[f64]) {
        let n = u.len();
        for i in 0..n {
            let (below, above) = (if i == 0 { n - 1 } else { i - 1 }, (i + 1) % n);
            self.slopes[i] = limiter(u[i] - u[below], u[above] - u[i]);
        }
    }
}

impl LineFlux {
    /// The flux through a face between two states.
    fn godunov(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Advection { speed } => speed * if speed > 0.0 { left } else { right },
            Self::Burgers => {
                let (left, right) = (left.max(0.0), right.min(0.0));
                0.5 * (left * left).max(right * right)
            }
        }
    }

    /// Its derivatives.
    fn godunov_slopes(self, left: f64, right: f64) -> [f64; 2] {
        match self {
            Self::Advection { speed } if speed > 0.0 => [speed, 0.0],
            Self::Advection { speed } => [0.0, speed],
            Self::Burgers => {
                let (left, right) = (left.max(0.0), right.min(0.0));
                if left > -right {
                    [left, 0.0]
                } else {
                    [0.0, right]
                }
            }
        }
    }
}

/// Van Leer's mean of two differences: harmonic, or 0 at an extremum.
fn limiter(a: f64, b: f64) -> f64 {
    if a * b > 0.0 {
        2.0 * a * b / (a + b)
    } else {
        0.0
    }
}

/// Its derivatives.
fn limiter_slopes(a: f64, b: f64) -> [f64; 2] {
    if a * b > 0.0 {
        [b, a].map(|other| 2.0 * (other / (a + b)).powi(2))
    } else {
        [0.0; 2]
    }
}

impl LineEquation for FiniteVolumeLine {
    fn spacing(&self) -> f64 {
        self.spacing
    }

    fn origin(&self) -> f64 {
        self.start + 0.5 * self.spacing
    }

    fn field(&self) -> FieldInfo {
        let unit = match self.flux {
            LineFlux::Advection { .. } => "1",
            LineFlux::Burgers => "m/s",
        };
        FieldInfo {
            name: "u",
            components: 1,
            unit,
        }
    }

    /// Half a cell at the fastest speed: new extrema cannot arise.
    fn stable_step(&self, state: &[f64]) -> f64 {
        let speed = match self.flux {
            LineFlux::Advection { speed } => speed.abs(),
            LineFlux::Burgers => state.iter().fold(0.0, |m: f64, u| m.max(u.abs())),
        };
        let h = self.spacing;
        1.0 / (2.0 * speed / h + 2.0 * self.viscosity / (h * h))
    }
}

impl Evolution for FiniteVolumeLine {
    fn unknowns(&self) -> usize {
        self.slopes.len()
    }

    fn tendency(&mut self, state: &[f64], out: &mut [f64]) -> Result<(), SolverError> {
        self.check(&[("state", state), ("out", out)])?;
        self.rate(state, out);
        Ok(())
    }

    fn tendency_vjp(
        &mut self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        self.rate_vjp(state, cotangent, gradient);
        Ok(())
    }

    fn step(&mut self, state: &mut [f64], dt: f64) -> Result<(), SolverError> {
        self.check(&[("state", state)])?;
        check_step(dt)?;
        let [from, first, second, mut rate] = self.work.each_mut().map(std::mem::take);
        let mut work = [from, first, second];
        let [from, first, second] = &mut work;
        from.copy_from_slice(state);
        self.stages(from, dt, first, second, &mut rate);
        self.rate(second, &mut rate);
        stage(state, [2.0 / 3.0, 1.0 / 3.0], second, from, &rate, dt);
        let [from, first, second] = work;
        self.work = [from, first, second, rate];
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
        let [mut to_second, mut first, mut second, mut rate] =
            self.work.each_mut().map(std::mem::take);
        self.stages(state, dt, &mut first, &mut second, &mut rate);
        // Cotangents of the stages, last to first.
        self.rate_vjp(&second, cotangent, &mut rate);
        stage(
            &mut to_second,
            [2.0 / 3.0, 0.0],
            cotangent,
            cotangent,
            &rate,
            dt,
        );
        self.rate_vjp(&first, &to_second, &mut rate);
        let to_first = &mut second;
        stage(to_first, [0.25, 0.0], &to_second, &to_second, &rate, dt);
        self.rate_vjp(state, to_first, &mut rate);
        stage(gradient, [1.0, 0.0], to_first, to_first, &rate, dt);
        for (g, (c, second)) in gradient.iter_mut().zip(cotangent.iter().zip(&to_second)) {
            *g += c / 3.0 + 0.75 * second;
        }
        self.work = [to_second, first, second, rate];
        Ok(())
    }
}

/// `out = a (u + dt rate) + b v`.
fn stage(out: &mut [f64], [a, b]: [f64; 2], u: &[f64], v: &[f64], rate: &[f64], dt: f64) {
    let values = u.iter().zip(v).zip(rate);
    for (out, ((u, v), rate)) in out.iter_mut().zip(values) {
        *out = a * (u + dt * rate) + b * v;
    }
}
