//! Smoothed-aggregation multigrid for sparse symmetric positive definite matrices.
//!
//! P. Vanek, J. Mandel, M. Brezina, "Algebraic multigrid by smoothed aggregation for second and
//! fourth order elliptic problems", Computing 56 (1996). One symmetric V-cycle is the
//! preconditioner: a forward Gauss-Seidel sweep, coarse correction, a backward sweep; Cholesky at
//! the bottom.
//!
//! Departures, beside those named in the files:
//! 1. Stored and applied in f32 unless told otherwise; residuals and the iteration are f64.
//! 2. Chunks of rows are worked on in parallel: see `smoother.rs` and `aggregation.rs`.
//! 3. The near-nullspace is the constant vector: for scalar problems. Elasticity works, but with
//!    more iterations than the rigid body modes would need.

mod aggregation;
mod galerkin;
mod hierarchy;
mod real;
mod rows;
mod smoother;
#[cfg(test)]
mod tests;

use super::csr::Csr;
use super::{CsrOperator, Preconditioner};
use crate::SolverError;
use hierarchy::Hierarchy;

/// How a hierarchy is built.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmgOptions {
    /// Couplings with `a_ij^2 <= theta^2 a_ii a_jj` are weak on the finest level; theta halves from
    /// one level to the next.
    pub theta: f64,
    /// Levels of at most this many unknowns are solved directly.
    pub bottom: usize,
    /// Levels at most.
    pub max_levels: usize,
    /// Store and apply in f64 instead of f32.
    pub double_precision: bool,
}

impl Default for AmgOptions {
    fn default() -> Self {
        Self {
            theta: 0.08,
            bottom: 400,
            max_levels: 25,
            double_precision: false,
        }
    }
}

/// Entries of the diagonal may differ by this factor in f32.
const F32_RANGE: f64 = 1e24;

/// One V-cycle of smoothed-aggregation multigrid as a preconditioner.
#[derive(Debug)]
pub struct SmoothedAggregation {
    hierarchy: Precision,
}

#[derive(Debug)]
enum Precision {
    Single(Hierarchy<f32>),
    Double(Hierarchy<f64>),
}

impl SmoothedAggregation {
    /// Builds the hierarchy of a symmetric positive definite matrix (semidefinite with constants as
    /// its nullspace) with default options.
    ///
    /// # Errors
    /// A diagonal entry that is negative, or zero in a row that has others; a matrix that proves
    /// indefinite.
    pub fn new(matrix: &CsrOperator) -> Result<Self, SolverError> {
        Self::with_options(matrix, &AmgOptions::default())
    }

    /// Builds the hierarchy.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_options(matrix: &CsrOperator, options: &AmgOptions) -> Result<Self, SolverError> {
        let matrix = matrix.matrix();
        let (smallest, largest) = diagonal_range(matrix)?;
        if !options.double_precision && largest <= F32_RANGE * smallest {
            match Hierarchy::new(matrix, 1.0 / largest, options) {
                Ok(hierarchy) => {
                    return Ok(Self {
                        hierarchy: Precision::Single(hierarchy),
                    });
                }
                // So ill-conditioned that rounding to f32 made it indefinite.
                Err(SolverError::NotPositiveDefinite { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        match Hierarchy::new(matrix, 1.0 / largest, options) {
            Ok(hierarchy) => Ok(Self {
                hierarchy: Precision::Double(hierarchy),
            }),
            // Found at the bottom, where rows are other ones.
            Err(SolverError::NotPositiveDefinite { .. }) => Err(SolverError::Argument {
                what: "algebraic multigrid",
                problem: "the coarsest matrix is not positive definite, so this one is not; use \
                          MINRES for a symmetric indefinite matrix"
                    .into(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Unknowns of each level, the finest first.
    pub fn level_sizes(&self) -> Vec<usize> {
        match &self.hierarchy {
            Precision::Single(h) => h.level_sizes(),
            Precision::Double(h) => h.level_sizes(),
        }
    }

    /// Entries of all levels' matrices over those of the finest.
    pub fn operator_complexity(&self) -> f64 {
        match &self.hierarchy {
            Precision::Single(h) => h.operator_complexity(),
            Precision::Double(h) => h.operator_complexity(),
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        match &self.hierarchy {
            Precision::Single(h) => h.memory_bytes(),
            Precision::Double(h) => h.memory_bytes(),
        }
    }
}

impl Preconditioner for SmoothedAggregation {
    fn dim(&self) -> usize {
        match &self.hierarchy {
            Precision::Single(h) => h.dim(),
            Precision::Double(h) => h.dim(),
        }
    }
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        self.apply_dot(r, z);
    }
    fn apply_bytes(&self) -> Option<usize> {
        Some(match &self.hierarchy {
            Precision::Single(h) => h.apply_bytes(),
            Precision::Double(h) => h.apply_bytes(),
        })
    }
    fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        match &mut self.hierarchy {
            Precision::Single(h) => h.apply_dot(r, z),
            Precision::Double(h) => h.apply_dot(r, z),
        }
    }
}

/// Smallest and largest diagonal entry, of rows that have any.
fn diagonal_range(matrix: &Csr<f64>) -> Result<(f64, f64), SolverError> {
    let (mut smallest, mut largest) = (f64::INFINITY, 0.0f64);
    for (row, value) in matrix.diagonal().into_iter().enumerate() {
        if value > 0.0 {
            smallest = smallest.min(value);
            largest = largest.max(value);
        } else if value < 0.0 || matrix.row(row).1.iter().any(|v| *v != 0.0) {
            return Err(SolverError::NotPositiveDefinite {
                what: "algebraic multigrid",
                row,
            });
        }
    }
    if largest == 0.0 {
        return Err(SolverError::Argument {
            what: "algebraic multigrid",
            problem: "the matrix is zero".into(),
        });
    }
    Ok((smallest, largest))
}
