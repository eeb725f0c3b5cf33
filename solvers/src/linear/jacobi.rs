//! The diagonal as a preconditioner.

use super::vector::{self, vectorised};
use super::{CsrOperator, Preconditioner};
use crate::SolverError;

/// `z = r / diag(A)`, in parallel.
#[derive(Debug, Clone)]
pub struct Jacobi {
    inverse: Vec<f64>,
}

impl Jacobi {
    /// From the diagonal of a matrix.
    ///
    /// # Errors
    /// A diagonal entry that is missing, zero, negative or not finite.
    pub fn new(matrix: &CsrOperator) -> Result<Self, SolverError> {
        Self::from_diagonal(&matrix.diagonal())
    }

    /// From the diagonal itself.
    ///
    /// # Errors
    /// An entry that is zero, negative or not finite.
    pub fn from_diagonal(diagonal: &[f64]) -> Result<Self, SolverError> {
        match diagonal.iter().position(|d| !(*d > 0.0 && d.is_finite())) {
            None => Ok(Self {
                inverse: diagonal.iter().map(|d| 1.0 / d).collect(),
            }),
            Some(row) => Err(SolverError::Argument {
                what: "Jacobi preconditioner",
                problem: format!(
                    "the diagonal entry of row {row} is {}; all must be positive",
                    diagonal[row]
                ),
            }),
        }
    }

    /// From positive numbers.
    pub(super) fn from_positive(mut diagonal: Vec<f64>) -> Self {
        diagonal.iter_mut().for_each(|d| *d = 1.0 / *d);
        Self { inverse: diagonal }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(&self.inverse[..])
    }
}

impl Preconditioner for Jacobi {
    fn dim(&self) -> usize {
        self.inverse.len()
    }
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        self.apply_dot(r, z);
    }
    fn apply_bytes(&self) -> Option<usize> {
        // the inverse and r; z
        Some(3 * 8 * self.dim())
    }
    fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        type Piece<'a> = (&'a [f64], &'a [f64], &'a mut [f64]);
        vector::fold((&self.inverse[..], r, z), &|(d, r, z): Piece| {
            vectorised(|| {
                let (d, z) = (&d[..r.len()], &mut z[..r.len()]);
                vector::lane_sum(r.len(), |i| {
                    z[i] = d[i] * r[i];
                    z[i] * r[i]
                })
            })
        })
    }
}
