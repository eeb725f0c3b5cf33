//! Flexible conjugate gradients (Polak-Ribiere), for preconditioners that change.
//!
//! G. H. Golub, Q. Ye, "Inexact preconditioned conjugate gradient method with inner-outer
//! iteration", SIAM J. Sci. Comput. 21 (1999); Y. Notay, "Flexible conjugate gradients", SIAM J.
//! Sci. Comput. 22 (2000). beta = z.(r - r_old) / (z_old.r_old) keeps each direction conjugate to
//! the one before whatever the preconditioner did.
//!
//! Departures:
//! 1. r - r_old is -alpha A p, which is at hand: no further vector.
//! 2. Where r.z <= 0 the residual takes the place of z, which is counted as a fallback.
//! 3. Restart from the true residual and projections as in `cg.rs`.

use std::time::Instant;

use super::cg::{bad_curvature, bad_product};
use super::preconditioner::precondition;
use super::stopping::{Next, Watch};
use super::{Krylov, LinearOperator, Nullspace, Preconditioner, SolveOptions, SolveReport, vector};

impl Krylov {
    /// Solves A x = b for a symmetric positive definite A (semidefinite with `nullspace`) and a
    /// preconditioner that may change from one iteration to the next, or be slightly nonlinear.
    ///
    /// `b` and `x` have [`dim`](Self::dim) entries; x is the first guess where the options say so.
    pub fn flexible_cg(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        self.report.begin("flexible conjugate gradients", self.dim);
        if let Some(mut watch) = self.start(a, m.dim(), nullspace, b, x, options) {
            while self.flexible_from_residual(a, m, nullspace, b, x, &mut watch) {}
        }
        self.finish(clock, nullspace, x)
    }

    /// Iterates from the true residual in `self.r`. True: restart.
    fn flexible_from_residual(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        watch: &mut Watch,
    ) -> bool {
        // Of the iteration before: r.z, and the step length.
        let mut last: Option<(f64, f64)> = None;
        let end = loop {
            let Self {
                r, z, p, q, report, ..
            } = self;
            let mut rz = precondition(m, nullspace, r, z, report);
            let mut own = m.is_identity();
            let usable = rz > 0.0 && rz.is_finite();
            if !usable && !own {
                report.fallbacks += 1;
                rz = vector::norm_squared(r);
                own = true;
            }
            if let Some(end) = bad_product(rz, || vector::norm_squared(r)) {
                break end;
            }
            let z = if own { &*r } else { &*z };
            match last {
                None => vector::copy(z, p),
                Some((rz_last, alpha)) => {
                    let beta = -alpha * vector::dot(z, q) / rz_last;
                    vector::xpby(z, beta, p);
                }
            }
            let pq = a.apply_dot(p, q);
            report.operator_applications += 1;
            if let Some(end) = bad_curvature(pq, || vector::norm_squared(p)) {
                break end;
            }
            let alpha = rz / pq;
            last = Some((rz, alpha));
            let residual = vector::step(alpha, p, q, x, r).sqrt();
            report.iterations += 1;
            if !residual.is_finite() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::testing::*;
    use crate::{Jacobi, Properties, Status};

    /// Jacobi with a wobble that differs from entry to entry and from call to call.
    struct Wobbling {
        jacobi: Jacobi,
        call: usize,
    }

    impl Preconditioner for Wobbling {
        fn dim(&self) -> usize {
            self.jacobi.dim()
        }
        fn properties(&self) -> Properties {
            Properties {
                constant: false,
                ..Properties::SPD
            }
        }
        fn apply(&mut self, r: &[f64], z: &mut [f64]) {
            self.jacobi.apply(r, z);
            self.call += 1;
            for (i, z) in z.iter_mut().enumerate() {
                *z *= 1.0 + 0.6 * ((i * self.call) as f64).sin();
            }
        }
    }

    #[test]
    fn a_constant_preconditioner_gives_plain_conjugate_gradients() {
        let a = laplacian_operator([14, 11, 1], false);
        let b = random(a.dim(), 1);
        let mut krylov = Krylov::new(a.dim(), 100);
        let mut m = Jacobi::new(&a).expect("diagonal");
        let options = SolveOptions {
            max_iterations: 20,
            ..SolveOptions::with_rtol(1e-14)
        };
        let (mut x, mut y) = (vec![0.0; a.dim()], vec![0.0; a.dim()]);
        krylov.pcg(&a, &mut m, None, &b, &mut x, &options);
        krylov.flexible_cg(&a, &mut m, None, &b, &mut y, &options);
        assert!(difference(&x, &y) < 1e-9);
    }

    #[test]
    fn copes_with_a_preconditioner_that_changes() {
        let matrix = laplacian([20, 17, 1], false);
        let a = laplacian_operator([20, 17, 1], false);
        let b = random(a.dim(), 2);
        let exact = dense_solve(&matrix, &b);
        let mut krylov = Krylov::new(a.dim(), 100);
        let mut m = Wobbling {
            jacobi: Jacobi::new(&a).expect("diagonal"),
            call: 0,
        };
        let options = SolveOptions::with_rtol(1e-10);
        let mut x = vec![0.0; a.dim()];
        // `solve` picks it by the properties.
        let report = krylov.solve(&a, &mut m, None, &b, &mut x, &options);
        assert_eq!(report.method, "flexible conjugate gradients");
        assert_eq!(report.status, Status::Converged, "{report}");
        let flexible = report.iterations;
        assert!(difference(&x, &exact) < 1e-8);
        m.call = 0;
        let plain = krylov.pcg(&a, &mut m, None, &b, &mut x, &options);
        assert!(plain.iterations > flexible, "{plain}\n{flexible}");
    }
}
