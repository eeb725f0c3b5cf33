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

use super::stopping::{Next, Watch};
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
        if let Some(mut watch) = self.start(a, a.dim(), nullspace, b, x, options) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::testing::*;
    use crate::{CsrOperator, Identity, Jacobi, Preconditioner, Properties};

    /// Directions from a closure of the call's number, the residual and the output.
    struct Directions<F>(usize, F);

    impl<F: FnMut(usize, &[f64], &mut [f64])> SearchDirection for Directions<F> {
        fn direction(&mut self, residual: &[f64], out: &mut [f64]) {
            (self.1)(self.0, residual, out);
            self.0 += 1;
        }
    }

    fn setting() -> (CsrOperator, Vec<f64>, Vec<f64>) {
        let matrix = laplacian([9, 8, 1], false);
        let b = random(72, 1);
        let exact = dense_solve(&matrix, &b);
        (CsrOperator::new(&matrix).expect("matrix"), b, exact)
    }

    #[test]
    fn with_the_residual_it_is_conjugate_gradients() {
        let (a, b, _) = setting();
        let options = SolveOptions {
            max_iterations: 15,
            ..SolveOptions::with_rtol(1e-14)
        };
        for k in [1, 2, 5] {
            let mut krylov = Krylov::new(72, 100).with_directions(k);
            let (mut x, mut y) = (vec![0.0; 72], vec![0.0; 72]);
            let mut residual = Directions(0, |_, r: &[f64], d: &mut [f64]| d.copy_from_slice(r));
            krylov.pcg(&a, &mut Identity::new(72), None, &b, &mut x, &options);
            krylov.conjugate_directions(&a, &mut residual, k, None, &b, &mut y, &options);
            assert!(difference(&x, &y) < 1e-9, "k {k}");
        }
    }

    /// Random directions, all kept: n of them span everything, so the n-th iterate is exact.
    #[test]
    fn any_directions_do_when_all_are_kept() {
        let (a, b, exact) = setting();
        let mut krylov = Krylov::new(72, 100).with_directions(72);
        let mut source = Directions(0, |call, _: &[f64], d: &mut [f64]| {
            d.copy_from_slice(&random(72, call as u64));
        });
        let mut x = vec![0.0; 72];
        let options = SolveOptions::with_rtol(1e-8);
        let report = krylov.conjugate_directions(&a, &mut source, 72, None, &b, &mut x, &options);
        assert!(report.converged(), "{report}");
        assert!((60..=73).contains(&report.iterations), "{report}");
        assert!(difference(&x, &exact) < 1e-6);
    }

    #[test]
    fn the_error_falls_whatever_the_direction() {
        let (a, b, exact) = setting();
        let mut krylov = Krylov::new(72, 100);
        let mut last = f64::INFINITY;
        for iterations in 1..25 {
            let mut source = Directions(0, |call, _: &[f64], d: &mut [f64]| {
                d.copy_from_slice(&random(72, 100 + call as u64));
            });
            let options = SolveOptions {
                max_iterations: iterations,
                ..SolveOptions::default()
            };
            let mut x = vec![0.0; 72];
            krylov.conjugate_directions(&a, &mut source, 2, None, &b, &mut x, &options);
            let error: Vec<f64> = x.iter().zip(&exact).map(|(x, e)| x - e).collect();
            let norm = a.apply_dot(&error, &mut vec![0.0; 72]);
            assert!(norm < last, "{iterations}");
            last = norm;
        }
    }

    #[test]
    fn useless_directions_fall_back_to_the_residual_and_are_counted() {
        let (a, b, exact) = setting();
        let mut krylov = Krylov::new(72, 100).with_directions(2);
        // In turn: zero, NaN, at a right angle to the residual, and a good one.
        let mut source = Directions(0, |call, r: &[f64], d: &mut [f64]| match call % 4 {
            0 => d.fill(0.0),
            1 => d.fill(f64::NAN),
            2 => {
                d.fill(0.0);
                (d[0], d[1]) = (-r[1], r[0]);
            }
            _ => d.copy_from_slice(r),
        });
        let mut x = vec![0.0; 72];
        let options = SolveOptions::with_rtol(1e-8);
        let report = krylov.conjugate_directions(&a, &mut source, 0, None, &b, &mut x, &options);
        assert!(report.converged(), "{report}");
        let expected = report.iterations.div_ceil(4)
            + (report.iterations + 2) / 4
            + (report.iterations + 1) / 4;
        assert_eq!(report.fallbacks, expected, "{report}");
        assert!(difference(&x, &exact) < 1e-6);
    }

    #[test]
    fn an_indefinite_matrix_is_told() {
        let eigenvalues: Vec<f64> = (0..20).map(|i| i as f64 - 9.5).collect();
        let a = CsrOperator::new(&with_spectrum(&eigenvalues, 3)).expect("matrix");
        let mut krylov = Krylov::new(20, 10).with_directions(2);
        let mut residual = Directions(0, |_, r: &[f64], d: &mut [f64]| d.copy_from_slice(r));
        let (b, mut x) = (random(20, 4), vec![0.0; 20]);
        let options = SolveOptions::default();
        let report = krylov.conjugate_directions(&a, &mut residual, 2, None, &b, &mut x, &options);
        assert_eq!(report.status, Status::Breakdown);
        assert!(matches!(
            report.reason,
            Some(Reason::OperatorNotPositive { .. })
        ));
    }

    #[test]
    fn closed_boxes_and_preconditioners_without_promises() {
        struct NoPromise(Jacobi);
        impl Preconditioner for NoPromise {
            fn dim(&self) -> usize {
                self.0.dim()
            }
            fn properties(&self) -> Properties {
                Properties::NONE
            }
            fn apply(&mut self, r: &[f64], z: &mut [f64]) {
                self.0.apply(r, z);
            }
        }
        let a = laplacian_operator([10, 9, 1], true);
        let space = Nullspace::constant(90).expect("size");
        let mut b = random(90, 5);
        space.project(&mut b);
        let mut x = vec![0.0; 90];
        let mut m = NoPromise(Jacobi::new(&a).expect("diagonal"));
        let mut krylov = Krylov::new(90, 100).with_directions(2);
        let options = SolveOptions::with_rtol(1e-10);
        let report = krylov.solve(&a, &mut m, Some(&space), &b, &mut x, &options);
        assert_eq!(report.method, "conjugate directions");
        assert!(report.converged(), "{report}");
        assert!(x.iter().sum::<f64>().abs() < 1e-10);
    }
}
