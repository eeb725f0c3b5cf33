//! Iterative refinement: x += M^-1 (b - A x), for an M that is A but for rounding.
//!
//! N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM (2002), ch. 12.

use std::time::Instant;

use super::stopping::Next;
use super::{
    Krylov, LinearOperator, Nullspace, Preconditioner, Reason, SolveOptions, SolveReport, Status,
    vector,
};

impl Krylov {
    /// Solves A x = b with a preconditioner that is nearly exact: a factorisation, transforms of a box. A may
    /// be any matrix.
    ///
    /// `b` and `x` have [`dim`](Self::dim) entries; x is the first guess where the options say so.
    pub fn refinement(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let clock = Instant::now();
        self.report.begin("iterative refinement", self.dim);
        if let Some(mut watch) = self.start(a, m.dim(), nullspace, b, x, options) {
            let mut last = f64::INFINITY;
            loop {
                m.apply(&self.r, &mut self.z);
                self.report.preconditioner_applications += 1;
                if !vector::norm_squared(&self.z).is_finite() {
                    let what = "the preconditioned residual";
                    self.stop::<()>(Status::Breakdown, Some(Reason::NotFinite { what }));
                    break;
                }
                vector::axpy(1.0, &self.z, x);
                let residual = self.true_residual(a, nullspace, b, x);
                self.report.iterations += 1;
                let next = match watch.observe(residual, &mut self.report) {
                    // Each step gains digits, or rounding is all that is left.
                    Next::Continue if residual > 0.5 * last => {
                        Next::Stop(Status::Stagnated, Some(Reason::AttainableAccuracy))
                    }
                    Next::Verify => Next::Stop(Status::Converged, None),
                    next => next,
                };
                last = residual;
                if let Next::Stop(status, reason) = next {
                    self.stop::<()>(status, reason);
                    break;
                }
            }
        }
        self.finish(clock, nullspace, x)
    }
}

/// Bytes that a step of refinement reads and writes at least; `singular`: with a nullspace to project out.
pub(crate) fn refinement_bytes(
    a: &dyn LinearOperator,
    m: &dyn Preconditioner,
    singular: bool,
) -> Option<usize> {
    // z, for its norm; x: x and z; b, for the residual
    let mut vectors = 1 + 3 + 1;
    if singular {
        // r: its mean, then less that; its norm
        vectors += 1 + 2 + 1;
    }
    Some(8 * vectors * a.dim() + a.apply_bytes()? + m.apply_bytes()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::testing::*;
    use crate::{CsrOperator, Jacobi, SparseLu};

    #[test]
    fn lu_solves_indefinite_matrices_in_a_step_or_two() {
        for n in [10, 150] {
            let eigenvalues: Vec<f64> = (0..n).map(|i| (i as f64 - 4.3) * 1.1).collect();
            let matrix = with_spectrum(&eigenvalues, 1);
            let a = CsrOperator::new(&matrix).expect("matrix");
            let b = random(n, 2);
            let mut lu = SparseLu::new(&a).expect("regular");
            let mut krylov = Krylov::new(n, 10);
            let mut x = vec![0.0; n];
            let options = SolveOptions::with_rtol(1e-12);
            let report = krylov.refinement(&a, &mut lu, None, &b, &mut x, &options);
            assert!(report.converged() && report.iterations <= 2, "{report}");
            assert!(difference(&x, &dense_solve(&matrix, &b)) < 1e-9);
        }
    }

    #[test]
    fn a_preconditioner_that_is_not_exact_stagnates_or_diverges() {
        let a = laplacian_operator([10, 10, 1], false);
        let b = random(100, 3);
        let mut x = vec![0.0; 100];
        let mut krylov = Krylov::new(100, 10);
        let options = SolveOptions::with_rtol(1e-12);
        let mut jacobi = Jacobi::new(&a).expect("diagonal");
        let report = krylov.refinement(&a, &mut jacobi, None, &b, &mut x, &options);
        assert_eq!(report.status, Status::Stagnated);
        let quarter = vec![0.5; 100];
        let mut wild = Jacobi::from_diagonal(&quarter).expect("positive");
        let report = krylov.refinement(&a, &mut wild, None, &b, &mut x, &options);
        assert!(!report.converged(), "{report}");
    }
}
