//! Preconditioned conjugate gradients.
//!
//! M. R. Hestenes, E. Stiefel, "Methods of conjugate gradients for solving linear systems",
//! J. Res. Nat. Bur. Stand. 49 (1952), with a preconditioner as in Y. Saad, "Iterative Methods for
//! Sparse Linear Systems", 2nd ed., SIAM (2003), alg. 9.1. The A-norm of the error falls at every
//! iteration; one product with A and one application of M^-1 each.
//!
//! Departures:
//! 1. When the recurrence's residual is at the target, b - A x is computed; if that is not, the
//!    iteration restarts from it.
//! 2. On singular components the preconditioner works between projections: E. F. Kaasschieter,
//!    "Preconditioned conjugate gradients for solving singular systems", J. Comput. Appl. Math. 24
//!    (1988).

use std::time::Instant;

use super::preconditioner::precondition;
use super::stopping::{Next, Watch};
use super::{
    Krylov, LinearOperator, Nullspace, Preconditioner, Reason, SolveOptions, SolveReport, Status,
    vector,
};

impl Krylov {
    /// Solves A x = b for a symmetric positive definite A (semidefinite with `nullspace`) and a
    /// constant symmetric positive definite preconditioner.
    ///
    /// `b` and `x` have [`dim`](Self::dim) entries; x is the first guess where the options say so.
    /// On singular components the solution with mean zero is returned.
    pub fn pcg(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        self.report
            .begin("preconditioned conjugate gradients", self.dim);
        if let Some(mut watch) = self.start(a, m.dim(), nullspace, b, x, options) {
            while self.pcg_from_residual(a, m, nullspace, b, x, &mut watch) {}
        }
        self.finish(clock, nullspace, x)
    }

    /// Iterates from the true residual in `self.r`. True: restart.
    fn pcg_from_residual(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        watch: &mut Watch,
    ) -> bool {
        let mut rz_last = f64::NAN;
        let end = loop {
            let Self {
                r, z, p, q, report, ..
            } = self;
            let rz = precondition(m, nullspace, r, z, report);
            if let Some(end) = bad_product(rz, || vector::norm_squared(r)) {
                break end;
            }
            let z = if m.is_identity() { &*r } else { &*z };
            if rz_last.is_nan() {
                vector::copy(z, p);
            } else {
                vector::xpby(z, rz / rz_last, p);
            }
            rz_last = rz;
            let pq = a.apply_dot(p, q);
            report.operator_applications += 1;
            if let Some(end) = bad_curvature(pq, || vector::norm_squared(p)) {
                break end;
            }
            let alpha = rz / pq;
            let residual = vector::step(alpha, p, q, x, r).sqrt();
            report.iterations += 1;
            if !residual.is_finite() {
                // Back to the last x: this one may hold infinities.
                vector::axpy(-alpha, p, x);
            }
            match watch.observe(residual, report) {
                Next::Continue => {}
                Next::Verify => return self.verify(a, nullspace, b, x, watch),
                Next::Stop(status, reason) => break (status, reason),
            }
        };
        self.give_up(a, nullspace, b, x, end);
        false
    }
}

/// Bytes that an iteration of preconditioned conjugate gradients reads and writes at least; `singular`:
/// with a nullspace to project out.
pub(crate) fn iteration_bytes(
    a: &dyn LinearOperator,
    m: &dyn Preconditioner,
    singular: bool,
) -> Option<usize> {
    // p: z and p; p. x and r: p, q, x and r; x and r.
    let mut vectors = 3 + 6;
    if m.is_identity() {
        vectors += 1;
    } else if singular && !m.keeps_balance() {
        // r and z: their means, then less these; their product
        vectors += 2 * 3 + 2;
    }
    Some(8 * vectors * a.dim() + a.apply_bytes()? + m.apply_bytes()?)
}

/// Why an iteration cannot go on with this `r . z`; `rr` is `r . r`.
pub(super) fn bad_product(rz: f64, rr: impl FnOnce() -> f64) -> Option<(Status, Option<Reason>)> {
    if rz > 0.0 && rz.is_finite() {
        return None;
    }
    let reason = if rz.is_finite() {
        Reason::PreconditionerNotPositive {
            curvature: rz / rr(),
        }
    } else {
        Reason::NotFinite {
            what: "the preconditioned residual",
        }
    };
    Some((Status::Breakdown, Some(reason)))
}

/// Why an iteration cannot go on with this `p . A p`; `pp` is `p . p`.
pub(super) fn bad_curvature(pq: f64, pp: impl FnOnce() -> f64) -> Option<(Status, Option<Reason>)> {
    if pq > 0.0 && pq.is_finite() {
        return None;
    }
    let reason = if pq.is_finite() {
        Reason::OperatorNotPositive {
            curvature: pq / pp(),
        }
    } else {
        Reason::NotFinite {
            what: "A times a direction",
        }
    };
    Some((Status::Breakdown, Some(reason)))
}

#[cfg(test)]
#[path = "cg_tests.rs"]
mod tests;
