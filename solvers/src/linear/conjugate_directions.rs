//! Conjugate directions from any source: each new one is made A-orthogonal to the last k.
//!
//! A. Kaneda, O. Akar, J. Chen, V. Kala, D. Hyde, J. Teran, "A deep conjugate direction method for
//! iteratively solving linear systems", ICML 2023, arXiv 2205.10763, alg. 1. The step length is
//! exact, so the A-norm of the error falls at every iteration whatever the directions:
//! |e+|^2 = |e|^2 - (p.r)^2 / (p.Ap). With the residual (or a constant preconditioner's value) as
//! direction and k = 1 or more this is conjugate gradients.
//!
//! Departures:
//! 1. Any k, not only 2.
//! 2. A direction with p.r ~ 0 or p.Ap <= 0, or that holds NaN, is replaced by the residual, and
//!    counted as a fallback.
//! 3. A p comes from one product, and the residual from its recurrence; b - A x is computed when
//!    that is at the target.

use std::time::Instant;

use super::krylov::{Next, Watch};
use super::{
    Krylov, LinearOperator, Nullspace, Reason, SearchDirection, SolveOptions, SolveReport, Status,
    vector,
};

/// A direction at a right angle to the residual, to rounding, brings nothing.
const RIGHT_ANGLE: f64 = 1e-13;
/// A direction that lies, to rounding, in the span of those kept brings noise.
const SAME_SPAN: f64 = 1e-26;

/// The directions kept: a ring of pairs (p, A p) in `Krylov::extra`.
struct Ring {
    k: usize,
    filled: usize,
    next: usize,
}

impl Krylov {
    /// Solves A x = b for a symmetric positive definite A (semidefinite with `nullspace`) along
    /// directions from `source`, each made A-orthogonal to the `k` before it.
    ///
    /// `b` and `x` have [`dim`](Self::dim) entries; x is the first guess where the options say so.
    /// Allocates only when made without [`with_directions`](Self::with_directions)`(k)`.
    #[expect(clippy::too_many_arguments)]
    pub fn conjugate_directions(
        &mut self,
        a: &dyn LinearOperator,
        source: &mut dyn SearchDirection,
        k: usize,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        self.reserve(2 * k);
        self.report.begin("conjugate directions", self.dim);
        if let Some(mut watch) = self.start(a, nullspace, b, x, options) {
            while self.directions_from_residual(a, source, k, nullspace, b, x, &mut watch) {}
        }
        self.finish(clock, nullspace, x)
    }

    /// Iterates from the true residual in `self.r`. True: restart.
    #[expect(clippy::too_many_arguments)]
    fn directions_from_residual(
        &mut self,
        a: &dyn LinearOperator,
        source: &mut dyn SearchDirection,
        k: usize,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        watch: &mut Watch,
    ) -> bool {
        let mut ring = Ring {
            k,
            filled: 0,
            next: 0,
        };
        let nullspace = nullspace.filter(|n| !n.is_empty());
        let end = loop {
            if let Some(nullspace) = nullspace {
                nullspace.project(&mut self.r);
            }
            source.direction(&self.r, &mut self.p);
            self.report.preconditioner_applications += 1;
            if let Some(nullspace) = nullspace {
                nullspace.project(&mut self.p);
            }
            let found = self.conjugate(a, &ring).or_else(|_| {
                self.report.fallbacks += 1;
                vector::copy(&self.r, &mut self.p);
                self.conjugate(a, &ring)
            });
            let alpha = match found {
                Ok(alpha) => alpha,
                Err(reason) => break (Status::Breakdown, Some(reason)),
            };
            let Self {
                r, p, q, report, ..
            } = self;
            let residual = vector::step(alpha, p, q, x, r).sqrt();
            report.iterations += 1;
            if !residual.is_finite() {
                vector::axpy(-alpha, p, x);
            }
            match watch.observe(residual, report) {
                Next::Continue => self.keep(&mut ring),
                Next::Verify => return self.verify(a, nullspace, b, x, watch),
                Next::Stop(status, reason) => break (status, reason),
            }
        };
        self.give_up(a, nullspace, b, x, end);
        false
    }

    /// Makes `self.p` conjugate to the directions kept, sets `self.q = A p` and returns the step
    /// length; or why the direction is of no use.
    fn conjugate(&mut self, a: &dyn LinearOperator, ring: &Ring) -> Result<f64, Reason> {
        let Self {
            r,
            p,
            q,
            extra,
            report,
            ..
        } = self;
        let not_finite = Reason::NotFinite {
            what: "a search direction",
        };
        let before = vector::norm_squared(p);
        if !before.is_finite() {
            return Err(not_finite);
        }
        // The oldest first, so that the error is smallest against the newest.
        for i in 0..ring.filled {
            let at = (ring.next + ring.k - ring.filled + i) % ring.k;
            let (kept, product) = (&extra[2 * at], &extra[2 * at + 1]);
            let [pq, kept_product] = vector::dot2(product, p, kept);
            vector::axpy(-pq / kept_product, kept, p);
        }
        let [pp, pr] = vector::dot2(p, p, r);
        let rr = vector::norm_squared(r);
        let small = pr.abs() <= RIGHT_ANGLE * (pp * rr).sqrt() || pp <= SAME_SPAN * before;
        if small || !pr.is_finite() {
            return Err(if pr.is_finite() {
                Reason::UselessDirection {
                    cosine: pr / (pp * rr).sqrt(),
                }
            } else {
                not_finite
            });
        }
        let pq = a.apply_dot(p, q);
        report.operator_applications += 1;
        if !(pq > 0.0 && pq.is_finite()) {
            return Err(if pq.is_finite() {
                Reason::OperatorNotPositive { curvature: pq / pp }
            } else {
                Reason::NotFinite {
                    what: "A times a direction",
                }
            });
        }
        Ok(pr / pq)
    }

    /// Moves the direction in `self.p`, `self.q` to the ring.
    fn keep(&mut self, ring: &mut Ring) {
        if ring.k == 0 {
            return;
        }
        std::mem::swap(&mut self.p, &mut self.extra[2 * ring.next]);
        std::mem::swap(&mut self.q, &mut self.extra[2 * ring.next + 1]);
        ring.next = (ring.next + 1) % ring.k;
        ring.filled = (ring.filled + 1).min(ring.k);
    }
}
