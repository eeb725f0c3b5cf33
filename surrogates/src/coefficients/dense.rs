//! Dense symmetric matrices in double precision: Cholesky factors and what follows from them.
//!
//! faer's routines, always on one thread: the matrices are small, several models are fitted side by
//! side, and one thread gives the same bits on every machine.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, inverse, solve};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Mat, MatMut, Par};

/// The factor L of A = L Lᵀ.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Mat<f64>,
}

impl Cholesky {
    /// Factors a matrix of which the lower triangle is read; `None` when it is not positive
    /// definite in double precision.
    pub(crate) fn new(mut matrix: Mat<f64>) -> Option<Self> {
        let n = matrix.nrows();
        let scratch = factor::cholesky_in_place_scratch::<f64>(n, Par::Seq, Default::default());
        let done = factor::cholesky_in_place(
            matrix.as_mut(),
            Default::default(),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
            Default::default(),
        );
        let sound = done.is_ok() && (0..n).all(|i| matrix[(i, i)].is_finite());
        sound.then_some(Self { lower: matrix })
    }

    /// A⁻¹ b.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        let n = x.len();
        solve::solve_in_place(
            self.lower.as_ref(),
            MatMut::from_column_major_slice_mut(&mut x, n, 1),
            Par::Seq,
            MemStack::new(&mut []),
        );
        x
    }

    /// bᵀ A⁻¹ b.
    pub(crate) fn quadratic_form(&self, b: &[f64]) -> f64 {
        let mut x = b.to_vec();
        let n = x.len();
        solve_lower_triangular_in_place(
            self.lower.as_ref(),
            MatMut::from_column_major_slice_mut(&mut x, n, 1),
            Par::Seq,
        );
        x.iter().map(|v| v * v).sum()
    }

    /// A⁻¹, of which only the lower triangle is filled.
    pub(crate) fn inverse_lower(&self) -> Mat<f64> {
        let n = self.lower.nrows();
        let mut out = Mat::zeros(n, n);
        let scratch = inverse::inverse_scratch::<f64>(n, Par::Seq);
        inverse::inverse(
            out.as_mut(),
            self.lower.as_ref(),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
        );
        out
    }

    /// ln det A.
    pub(crate) fn log_determinant(&self) -> f64 {
        let n = self.lower.nrows();
        (0..n).map(|i| 2.0 * self.lower[(i, i)].ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of A = [[4, 2], [2, 3]]: determinant 8, inverse [[3, -2], [-2, 4]] / 8.
    #[test]
    fn two_by_two_by_hand() {
        let a = Mat::from_fn(2, 2, |i, j| [[4.0, 2.0], [2.0, 3.0]][i][j]);
        let factor = Cholesky::new(a).unwrap();
        assert!((factor.log_determinant() - 8.0_f64.ln()).abs() < 1e-14);
        let inverse = factor.inverse_lower();
        let expected = [(0, 0, 0.375), (1, 0, -0.25), (1, 1, 0.5)];
        for (i, j, value) in expected {
            assert!((inverse[(i, j)] - value).abs() < 1e-14, "{i} {j}");
        }
        let x = factor.solve(&[1.0, 2.0]);
        assert!((x[0] + 0.125).abs() < 1e-14 && (x[1] - 0.75).abs() < 1e-14);
        assert!((factor.quadratic_form(&[1.0, 2.0]) - (x[0] + 2.0 * x[1])).abs() < 1e-14);
    }

    #[test]
    fn indefinite_and_not_finite_matrices_have_no_factor() {
        let indefinite = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 2.0 });
        assert!(Cholesky::new(indefinite).is_none());
        let nan = Mat::from_fn(3, 3, |i, j| if i == j { f64::NAN } else { 0.0 });
        assert!(Cholesky::new(nan).is_none());
    }
}
