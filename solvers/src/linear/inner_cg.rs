//! Preconditioned conjugate gradients in single precision, with the residual replaced.
//!
//! The vectors of the iteration belong to the preconditioner, in its own order and in single precision; x and
//! the residual b - A x are kept in double precision. When the iteration's residual has fallen by a
//! factor of [`REPLACE`], its correction is added to x, b - A x takes the place of the iteration's residual, and
//! it goes on with the direction that it has.
//!
//! G. L. G. Sleijpen, H. A. van der Vorst, "Reliable updated residuals in hybrid Bi-CG methods",
//! Computing 56 (1996); M. A. Clark, R. Babich, K. Barros, R. C. Brower, C. Rebbi, "Solving lattice QCD
//! systems of equations using mixed precision solvers on GPUs", Comput. Phys. Commun. 181 (2010).

use std::time::Instant;

use super::cg::{bad_curvature, bad_product};
use super::stopping::Next;
use super::{Krylov, LinearOperator, Nullspace, SolveOptions, SolveReport};

/// The residual is replaced when it has fallen this far since it was last known.
const REPLACE: f64 = 1e-3;

/// Conjugate gradients as seen from outside: a preconditioner M with vectors r, z, p and e of its own, and A.
pub(crate) trait InnerIteration {
    /// Takes a residual whose norm this is, and forgets e.
    fn begin(&mut self, residual: &[f64], norm: f64);

    /// Takes a residual in place of its own.
    fn load(&mut self, residual: &[f64]);

    /// z = M^-1 r; returns r . z.
    fn precondition(&mut self) -> f64;

    /// p = z + beta p, or z if beta is zero; returns p . A p.
    fn direction(&mut self, beta: f64) -> f64;

    /// e += alpha p; r -= alpha A p; returns r . r in the units of the residual that was taken.
    fn step(&mut self, alpha: f64) -> f64;

    /// x += e; e = 0.
    fn add_correction(&mut self, x: &mut [f64]);
}

impl Krylov {
    /// Solves A x = b as [`pcg`](Self::pcg) does, with the vectors of `inner`, which needs no projections.
    pub(crate) fn inner_pcg(
        &mut self,
        a: &dyn LinearOperator,
        inner: &mut dyn InnerIteration,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        let method = "preconditioned conjugate gradients in single precision";
        self.report.begin(method, self.dim);
        let Some(mut watch) = self.start(a, self.dim, nullspace, b, x, options) else {
            return self.finish(clock, nullspace, x);
        };
        inner.begin(&self.r, watch.verified);
        let (mut rz_last, mut known, mut residual) =
            (f64::INFINITY, watch.verified, watch.verified);
        let end = loop {
            let rz = inner.precondition();
            self.report.preconditioner_applications += 1;
            if let Some(end) = bad_product(rz, || residual * residual) {
                break Some(end);
            }
            let pq = inner.direction(rz / rz_last);
            self.report.operator_applications += 1;
            if let Some(end) = bad_curvature(pq, || rz) {
                break Some(end);
            }
            rz_last = rz;
            residual = inner.step(rz / pq).sqrt();
            self.report.iterations += 1;
            match watch.observe(residual, &mut self.report) {
                Next::Continue if residual > REPLACE * known => {}
                Next::Continue => {
                    inner.add_correction(x);
                    known = self.true_residual(a, nullspace, b, x);
                    inner.load(&self.r);
                }
                Next::Verify => {
                    inner.add_correction(x);
                    if !self.verify(a, nullspace, b, x, &mut watch) {
                        break None;
                    }
                    known = watch.verified;
                    inner.load(&self.r);
                }
                Next::Stop(status, reason) => break Some((status, reason)),
            }
        };
        if let Some(end) = end {
            if residual.is_finite() {
                inner.add_correction(x);
            }
            self.give_up(a, nullspace, b, x, end);
        }
        self.finish(clock, nullspace, x)
    }
}
