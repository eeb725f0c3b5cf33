//! The implicit step of diffusion and sorption, and its adjoint.
//!
//! R. E. Bank et al., "Transient simulation of silicon devices and circuits", IEEE Trans. CAD 4 (1985): TR-BDF2, the
//! trapezoidal rule to gamma dt and the two-step backward differentiation from there, with gamma = 2 - sqrt 2.
//! Second order and L-stable, so that the jump between inlet and initial state does not ring. Both stages ask for
//! theta(v) - c A(v) = given, which Newton's method solves with a tridiagonal system in each iteration.
//!
//! The adjoint solves with the same Jacobians at the stages that were found, once each: they are symmetric.

use std::f64::consts::SQRT_2;

use super::DiffusionSorption;
use crate::one_dimensional::tridiagonal;

/// The residual to be reached, over the largest value of theta and of c A.
const TOLERANCE: f64 = 1e-12;
/// Iterations at most. It takes three to six.
const ITERATIONS: usize = 50;

/// Both stages' c, over dt: gamma / 2 = (1 - gamma) / (2 - gamma).
const STAGE: f64 = 1.0 - 0.5 * SQRT_2;
/// The weights of theta at the middle stage and at the start in the second stage.
const MIDDLE: f64 = 0.5 * (SQRT_2 + 1.0);
const START: f64 = 0.5 * (SQRT_2 - 1.0);

/// Work space of the step.
#[derive(Clone, Default)]
pub(super) struct Implicit {
    /// The states at the middle stage and at the end.
    middle: Vec<f64>,
    end: Vec<f64>,
    given: Vec<f64>,
    change: Vec<f64>,
    diagonal: Vec<f64>,
    room: Vec<f64>,
    /// Of the last step, over the tolerance.
    residual: f64,
}

impl Implicit {
    pub fn new(cells: usize) -> Self {
        let zeros = || vec![0.0; cells];
        Self {
            middle: zeros(),
            end: zeros(),
            given: zeros(),
            change: zeros(),
            diagonal: zeros(),
            room: zeros(),
            residual: 0.0,
        }
    }

    pub fn last_residual(&self) -> f64 {
        self.residual
    }
}

impl DiffusionSorption {
    /// One step, in place.
    pub(super) fn implicit_step(&mut self, state: &mut [f64], dt: f64) {
        let mut work = std::mem::take(&mut self.implicit);
        self.stages(state, STAGE * dt, &mut work);
        state.copy_from_slice(&work.end);
        self.implicit = work;
    }

    /// The gradient of cotangent . step(state).
    pub(super) fn implicit_step_vjp(
        &mut self,
        state: &[f64],
        dt: f64,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) {
        let mut work = std::mem::take(&mut self.implicit);
        let c = STAGE * dt;
        self.stages(state, c, &mut work);
        // To what is given in the second stage, and from there to the middle and to the start.
        let (second, first) = (&mut work.change, &mut work.given);
        second.copy_from_slice(cotangent);
        self.solve_jacobian(&work.end, c, second, &mut work.diagonal, &mut work.room);
        for ((first, second), v) in first.iter_mut().zip(&*second).zip(&work.middle) {
            *first = MIDDLE * self.retardation(*v) * second;
        }
        self.solve_jacobian(&work.middle, c, first, &mut work.diagonal, &mut work.room);
        self.diffuse(first, gradient);
        for (i, g) in gradient.iter_mut().enumerate() {
            *g = c * *g + self.retardation(state[i]) * (first[i] - START * second[i]);
        }
        self.implicit = work;
    }

    /// Finds both stages of a step.
    fn stages(&self, state: &[f64], c: f64, work: &mut Implicit) {
        work.residual = 0.0;
        self.diffuse(state, &mut work.given);
        work.given[0] += self.inlet_rate();
        for (given, u) in work.given.iter_mut().zip(state) {
            *given = self.content(*u) + c * *given;
        }
        let mut middle = std::mem::take(&mut work.middle);
        middle.copy_from_slice(state);
        self.newton(&mut middle, c, work);
        for ((given, v), u) in work.given.iter_mut().zip(&middle).zip(state) {
            *given = MIDDLE * self.content(*v) - START * self.content(*u);
        }
        let mut end = std::mem::take(&mut work.end);
        end.copy_from_slice(&middle);
        self.newton(&mut end, c, work);
        work.middle = middle;
        work.end = end;
    }

    /// Solves theta(v) - c A(v) = given.
    fn newton(&self, v: &mut [f64], c: f64, work: &mut Implicit) {
        let stiffness = c * 4.0 * self.parameters.diffusivity / (self.spacing * self.spacing);
        let inlet = self.inlet_rate();
        for iteration in 0.. {
            self.diffuse(v, &mut work.change);
            work.change[0] += inlet;
            let (mut left, mut scale) = (0.0, self.parameters.inlet.abs() * stiffness);
            for (change, (given, v)) in work.change.iter_mut().zip(work.given.iter().zip(&*v)) {
                *change = given - self.content(*v) + c * *change;
                left = f64::max(left, change.abs());
                scale = f64::max(scale, given.abs() + stiffness * v.abs());
                if !change.is_finite() {
                    left = f64::INFINITY;
                }
            }
            let ratio = match left {
                0.0 => 0.0,
                // Of values that are not finite, so not a number.
                _ => (left / (TOLERANCE * scale)).max(if left.is_finite() { 0.0 } else { left }),
            };
            if ratio <= 1.0 || iteration == ITERATIONS || !ratio.is_finite() {
                work.residual = f64::max(work.residual, ratio);
                return;
            }
            self.solve_jacobian(v, c, &mut work.change, &mut work.diagonal, &mut work.room);
            for (v, change) in v.iter_mut().zip(&work.change) {
                *v += change;
            }
        }
    }

    /// Solves with the Jacobian R(v) - c dA/dv, in place.
    fn solve_jacobian(
        &self,
        v: &[f64],
        c: f64,
        rhs: &mut [f64],
        diagonal: &mut [f64],
        room: &mut [f64],
    ) {
        let (side, of_diffusion) = self.coefficients();
        for (i, (diagonal, v)) in diagonal.iter_mut().zip(v).enumerate() {
            *diagonal = self.retardation(*v) - c * of_diffusion(i);
        }
        tridiagonal::solve(diagonal, -c * side, rhs, room);
    }
}
