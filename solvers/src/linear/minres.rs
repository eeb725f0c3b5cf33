//! MINRES: the smallest residual over the Krylov space of a symmetric matrix, definite or not.
//!
//! C. C. Paige, M. A. Saunders, "Solution of sparse indefinite systems of linear equations", SIAM
//! J. Numer. Anal. 12 (1975). With a preconditioner, which must be symmetric positive definite, the
//! residual is smallest in the norm of M^-1.
//!
//! Departures:
//! 1. The residual vector is carried along (one more pass), so that the stopping rule sees ||r||
//!    and not its norm in M^-1.
//! 2. b - A x is computed at the target, and the iteration restarts from it if need be.
//! 3. For a singular matrix and a b that it cannot reach, ||A r|| falls to about the root of
//!    rounding while ||r|| does not, and then x grows along the nullspace. The x with the smallest
//!    ||A r|| is kept, and returned as incompatible when the residual did not fall after it.

use std::time::Instant;

use super::stopping::{Next, PROGRESS, Watch};
use super::{
    Krylov, LinearOperator, Nullspace, Preconditioner, Reason, SolveOptions, SolveReport, Status,
    vector,
};

/// Vectors needed beside those of conjugate gradients, and the one that keeps the least-squares x.
const EXTRA: usize = 5;
const LEAST: usize = 4;
/// ||A r|| over ||A|| ||r|| from which on x may be the least-squares solution.
const SMALL_GRADIENT: f64 = 1e-7;
/// Iterations between looks at the size of x.
const CHECK_SIZE_EVERY: usize = 10;
/// A Lanczos vector of this norm over that of the matrix ends the Krylov space.
const SPACE_ENDS: f64 = 1e-14;

/// The rotations that turn the tridiagonal matrix of Lanczos to triangular form, and the norms.
struct Rotation {
    cosine: f64,
    sine: f64,
    /// Of the Lanczos vectors now and before.
    beta: f64,
    beta_last: f64,
    delta_bar: f64,
    epsilon: f64,
    /// Norm of the residual in M^-1, and the sum of squares of the tridiagonal matrix.
    phi_bar: f64,
    squares: f64,
    /// Norm of A, from below: of its products with directions, not of M^-1 A.
    size: f64,
}

/// The smallest ||A r|| / (||A|| ||r||) below [`SMALL_GRADIENT`]; its x is `extra[LEAST]`.
struct Least {
    gradient: f64,
}

/// What a rotation gives for the new direction and the solution.
struct Step {
    epsilon_last: f64,
    delta: f64,
    gamma: f64,
    phi: f64,
    /// ||A r|| / (||A|| ||r||) before this step.
    gradient: f64,
}

impl Rotation {
    fn new(beta: f64) -> Self {
        Self {
            cosine: -1.0,
            sine: 0.0,
            beta,
            beta_last: 0.0,
            delta_bar: 0.0,
            epsilon: 0.0,
            phi_bar: beta,
            squares: 0.0,
            size: 0.0,
        }
    }

    /// Of the tridiagonal matrix, in the sense of Frobenius: at least that of A.
    fn norm(&self) -> f64 {
        self.squares.sqrt()
    }

    /// Takes in the next column (beta, alpha, beta_next) of the tridiagonal matrix.
    fn take(&mut self, alpha: f64, beta_next: f64) -> Step {
        self.squares += alpha * alpha + self.beta_last * self.beta_last + beta_next * beta_next;
        let epsilon_last = self.epsilon;
        let delta = self.cosine * self.delta_bar + self.sine * alpha;
        let gamma_bar = self.sine * self.delta_bar - self.cosine * alpha;
        self.epsilon = self.sine * beta_next;
        self.delta_bar = -self.cosine * beta_next;
        let norm = self.norm();
        let slope = gamma_bar.hypot(self.delta_bar);
        let gradient = if slope > 0.0 { slope / norm } else { 0.0 };
        let gamma = gamma_bar
            .hypot(beta_next)
            .max(f64::EPSILON * norm)
            .max(f64::MIN_POSITIVE);
        self.cosine = gamma_bar / gamma;
        self.sine = beta_next / gamma;
        let phi = self.cosine * self.phi_bar;
        self.phi_bar *= self.sine;
        self.beta_last = self.beta;
        self.beta = beta_next;
        Step {
            epsilon_last,
            delta,
            gamma,
            phi,
            gradient,
        }
    }
}

impl Krylov {
    /// Adds the memory for [`minres`](Self::minres): 5 vectors.
    #[must_use]
    pub fn with_minres(mut self) -> Self {
        self.reserve(EXTRA);
        self
    }

    /// Solves A x = b for a symmetric A, which may be indefinite or singular, with a constant
    /// symmetric positive definite preconditioner.
    ///
    /// `b` and `x` have [`dim`](Self::dim) entries; x is the first guess where the options say so.
    /// Allocates only when made without [`with_minres`](Self::with_minres).
    pub fn minres(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        self.reserve(EXTRA);
        self.report.begin("MINRES", self.dim);
        if let Some(mut watch) = self.start(a, m.dim(), nullspace, b, x, options) {
            let mut least = Least {
                gradient: SMALL_GRADIENT,
            };
            while self.minres_from_residual(a, m, nullspace, b, x, &mut watch, &mut least) {}
            if least.gradient < SMALL_GRADIENT && self.report.status != Status::Converged {
                self.least_squares(a, nullspace, b, x, &least);
            }
        }
        self.finish(clock, nullspace, x)
    }

    /// Takes the x with the smallest ||A r|| unless a later one has a smaller residual.
    fn least_squares(
        &mut self,
        a: &dyn LinearOperator,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        least: &Least,
    ) {
        let last = self.report.residual;
        let kept = std::mem::take(&mut self.extra[LEAST]);
        let residual = self.true_residual(a, nullspace, b, &kept);
        if last < PROGRESS * residual {
            self.report.residual = last;
        } else {
            vector::copy(&kept, x);
            let gradient = least.gradient;
            let reason = Reason::LeastSquares { gradient };
            self.stop::<()>(Status::Incompatible, Some(reason));
        }
        self.extra[LEAST] = kept;
    }

    /// Iterates from the true residual in `self.r`. True: restart.
    #[expect(clippy::too_many_arguments)]
    fn minres_from_residual(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        watch: &mut Watch,
        least: &mut Least,
    ) -> bool {
        let mut rotation = match self.first_lanczos_vector(m) {
            Ok(beta) => Rotation::new(beta),
            Err(reason) => {
                self.give_up(a, nullspace, b, x, (Status::Breakdown, Some(reason)));
                return false;
            }
        };
        let end = loop {
            let (alpha, beta_next) = match self.lanczos(a, m, &mut rotation) {
                Ok(pair) => pair,
                Err(reason) => break (Status::Breakdown, Some(reason)),
            };
            let step = rotation.take(alpha, beta_next);
            if step.gradient < least.gradient {
                // x is still the one that this gradient belongs to.
                least.gradient = step.gradient;
                vector::copy(x, &mut self.extra[LEAST]);
            }
            let residual = self.advance(&step, &rotation, x);
            let iterations = self.report.iterations;
            if iterations.is_multiple_of(CHECK_SIZE_EVERY) {
                let product = vector::norm_squared(x).sqrt() * rotation.size;
                if f64::EPSILON * product > residual {
                    break (Status::Stagnated, Some(Reason::AttainableAccuracy));
                }
            }
            match watch.observe(residual, &mut self.report) {
                Next::Continue if rotation.beta <= SPACE_ENDS * rotation.norm() => {
                    // The space is used up: x is as good as it gets, or rounding is in the way.
                    return self.verify(a, nullspace, b, x, watch);
                }
                Next::Continue => {}
                Next::Verify => return self.verify(a, nullspace, b, x, watch),
                Next::Stop(status, reason) => break (status, reason),
            }
        };
        self.give_up(a, nullspace, b, x, end);
        false
    }

    /// Sets up the Lanczos process from the residual: z = M^-1 r; returns sqrt(r . z).
    fn first_lanczos_vector(&mut self, m: &mut dyn Preconditioner) -> Result<f64, Reason> {
        let Self {
            r,
            z,
            q,
            extra,
            report,
            ..
        } = self;
        let [before, now, w, w_last] = lanczos_vectors(extra);
        vector::fill(before, 0.0);
        vector::copy(r, now);
        // q, w and w_last are the directions of the last three steps, in turn.
        for direction in [q, w, w_last] {
            vector::fill(direction, 0.0);
        }
        report.preconditioner_applications += 1;
        positive(m.apply_dot(now, z), now).map(f64::sqrt)
    }

    /// One step of Lanczos: v = z / beta into p, the next vector into `now` and M^-1 of it into z.
    /// Returns alpha and the next beta.
    fn lanczos(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        rotation: &mut Rotation,
    ) -> Result<(f64, f64), Reason> {
        let Self {
            z,
            p,
            extra,
            report,
            ..
        } = self;
        let (beta, beta_last) = (rotation.beta, rotation.beta_last);
        vector::copy(z, p);
        vector::scale(1.0 / beta, p);
        a.apply(p, z);
        report.operator_applications += 1;
        if (report.iterations + 1).is_multiple_of(CHECK_SIZE_EVERY) {
            let size = (vector::norm_squared(z) / vector::norm_squared(p)).sqrt();
            rotation.size = rotation.size.max(size);
        }
        let [before, now, ..] = lanczos_vectors(extra);
        if beta_last > 0.0 {
            vector::axpy(-beta / beta_last, before, z);
        }
        let alpha = vector::dot(p, z);
        if !alpha.is_finite() {
            return Err(Reason::NotFinite {
                what: "A times a direction",
            });
        }
        vector::axpy(-alpha / beta, now, z);
        vector::copy(z, before);
        extra.swap(0, 1);
        let [_, now, ..] = lanczos_vectors(extra);
        report.preconditioner_applications += 1;
        let square = m.apply_dot(now, z);
        let beta_next = if square == 0.0 {
            0.0
        } else {
            positive(square, now)?.sqrt()
        };
        Ok((alpha, beta_next))
    }

    /// The new direction, the new x and the residual, whose norm is returned.
    fn advance(&mut self, step: &Step, rotation: &Rotation, x: &mut [f64]) -> f64 {
        let Self {
            r,
            p,
            q,
            extra,
            report,
            ..
        } = self;
        report.iterations += 1;
        // q: two steps back, w: the last one. w_last becomes the new one.
        let [_, now, w, w_new] = lanczos_vectors(extra);
        combine(w_new, p, q, w, step);
        vector::axpy(step.phi, w_new, x);
        let share = if rotation.beta > 0.0 {
            -rotation.phi_bar * rotation.cosine / rotation.beta
        } else {
            0.0
        };
        vector::scale(rotation.sine * rotation.sine, r);
        vector::axpy(share, now, r);
        // (q, w, new) becomes (w, new, q).
        extra.swap(2, 3);
        std::mem::swap(q, &mut extra[3]);
        vector::norm_squared(r).sqrt()
    }
}

/// The first four further vectors: Lanczos vectors before and now, and two directions.
fn lanczos_vectors(extra: &mut [Vec<f64>]) -> [&mut [f64]; 4] {
    match extra {
        [a, b, c, d, ..] => [a, b, c, d],
        // `reserve` made them.
        _ => [&mut [], &mut [], &mut [], &mut []],
    }
}

/// `new = (v - epsilon_last two_back - delta last) / gamma`.
fn combine(new: &mut [f64], v: &[f64], two_back: &[f64], last: &[f64], step: &Step) {
    let (epsilon, delta, scale) = (step.epsilon_last, step.delta, 1.0 / step.gamma);
    type Piece<'a> = (&'a mut [f64], &'a [f64], &'a [f64], &'a [f64]);
    vector::fold(
        (new, v, two_back, last),
        &|(new, v, two_back, last): Piece| {
            vector::vectorised(|| {
                for (i, new) in new.iter_mut().enumerate() {
                    *new = scale * (v[i] - epsilon * two_back[i] - delta * last[i]);
                }
            });
        },
    );
}

/// `square = v . M^-1 v`, if it is positive.
fn positive(square: f64, v: &[f64]) -> Result<f64, Reason> {
    if square > 0.0 && square.is_finite() {
        Ok(square)
    } else if square.is_finite() {
        let curvature = square / vector::norm_squared(v);
        Err(Reason::PreconditionerNotPositive { curvature })
    } else {
        Err(Reason::NotFinite {
            what: "the preconditioned residual",
        })
    }
}

#[cfg(test)]
#[path = "minres_tests.rs"]
mod tests;
