//! Incomplete Cholesky factorisation without fill, IC(0), and its modified form, MIC(0).
//!
//! J. A. Meijerink, H. A. van der Vorst, "An iterative solution method for linear systems of which
//! the coefficient matrix is a symmetric M-matrix", Math. Comp. 31 (1977): A is factored as L D L^T
//! and whatever falls outside the pattern of A is dropped. I. Gustafsson, "A class of first order
//! factorization methods", BIT 18 (1978): what is dropped is added to the diagonal instead, so that
//! L D L^T and A agree on constants; iterations then grow with the root of those of IC(0).
//!
//! Departures:
//! 1. MIC(0) moves 97 % of what it drops, and takes the matrix's own diagonal entry where the pivot
//!    would fall below a quarter of it: R. Bridson, "Fluid Simulation for Computer Graphics",
//!    2nd ed., CRC (2015), sec. 5.5.
//! 2. A pivot that vanishes or is negative (possible for matrices that are not M-matrices) restarts
//!    the factorisation with a multiple of the diagonal added: T. A. Manteuffel, "An incomplete
//!    factorization technique for positive definite linear systems", Math. Comp. 34 (1980).
//! 3. Factors are stored in f32; vectors are f64. L D L^T stays symmetric and positive definite.
//! 4. Rows are worked on in parallel as `schedule.rs` says.

#![allow(unsafe_code)]

mod elimination;
mod shared;
#[cfg(test)]
mod tests;

use super::csr::Csr;
use super::schedule::{Schedule, Sweep};
use super::vector::vectorised;
use super::{CsrOperator, Preconditioner};
use crate::SolverError;
use elimination::Elimination;
use shared::Shared;

/// The first shift over the diagonal, and the factor to the next.
const FIRST_SHIFT: f64 = 1e-3;
const NEXT_SHIFT: f64 = 4.0;
const MOST_SHIFTS: usize = 8;

/// Incomplete Cholesky as a preconditioner: the factors of A's own pattern.
#[derive(Debug)]
pub struct IncompleteCholesky {
    /// Strictly lower rows of the unit factor, and of its transpose.
    lower: Triangle,
    upper: Triangle,
    inverse_pivots: Vec<f64>,
    schedule: Schedule,
    shift: f64,
    breakdowns: usize,
}

/// Strictly triangular rows.
#[derive(Debug)]
struct Triangle {
    offsets: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl IncompleteCholesky {
    /// IC(0) of a symmetric positive definite matrix.
    ///
    /// # Errors
    /// A pattern that is not symmetric, a diagonal entry that is not positive, and a matrix that
    /// breaks down with every shift.
    pub fn new(matrix: &CsrOperator) -> Result<Self, SolverError> {
        Self::factor(matrix.matrix(), false)
    }

    /// MIC(0): fewer iterations for Poisson-like matrices.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn modified(matrix: &CsrOperator) -> Result<Self, SolverError> {
        Self::factor(matrix.matrix(), true)
    }

    /// What was added to the diagonal, over the diagonal: 0 unless the factorisation broke down.
    pub fn shift(&self) -> f64 {
        self.shift
    }

    /// What a report should say: shifts after breakdowns.
    pub fn note(&self) -> Option<String> {
        (self.breakdowns > 0).then(|| {
            format!(
                "incomplete Cholesky broke down {} times; {:.1e} of the diagonal was added",
                self.breakdowns, self.shift
            )
        })
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let factors = self.lower.bytes() + self.upper.bytes();
        factors + size_of_val(&self.inverse_pivots[..]) + self.schedule.memory_bytes()
    }

    fn factor(matrix: &Csr<f64>, modified: bool) -> Result<Self, SolverError> {
        let mut schedule = Schedule::new(matrix);
        let mut elimination = Elimination::new(matrix, modified)?;
        let mut shift = 0.0;
        for breakdowns in 0..=MOST_SHIFTS {
            match elimination.run(&mut schedule, shift) {
                Ok(()) => {
                    let (lower, upper, inverse_pivots) = elimination.factors();
                    return Ok(Self {
                        lower,
                        upper,
                        inverse_pivots,
                        schedule,
                        shift,
                        breakdowns,
                    });
                }
                Err(row) if breakdowns == MOST_SHIFTS => {
                    return Err(SolverError::NotPositiveDefinite {
                        what: "incomplete Cholesky",
                        row,
                    });
                }
                Err(_) if shift == 0.0 => shift = FIRST_SHIFT,
                Err(_) => shift *= NEXT_SHIFT,
            }
        }
        unreachable!("the last breakdown returns")
    }
}

impl Preconditioner for IncompleteCholesky {
    fn dim(&self) -> usize {
        self.inverse_pivots.len()
    }

    fn apply_bytes(&self) -> Option<usize> {
        // forward: r; z. backward: pivots and z; z. The rows' numbers each time.
        let vectors = 5 * 8 + 2 * 4;
        Some(self.lower.bytes() + self.upper.bytes() + vectors * self.dim())
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        let n = self.dim();
        assert!(r.len() == n && z.len() == n, "r and z have a value per row");
        let z = Shared(z.as_mut_ptr());
        let (lower, upper, inverse) = (&self.lower, &self.upper, &self.inverse_pivots);
        self.schedule.run(Sweep::Forward, &|rows| {
            vectorised(|| {
                for row in rows.iter().map(|row| *row as usize) {
                    // SAFETY: columns are below `row` < n, of this block or of finished ones.
                    unsafe { z.set(row, r[row] - lower.product(row, &z)) };
                }
            });
        });
        self.schedule.run(Sweep::Backward, &|rows| {
            vectorised(|| {
                for row in rows.iter().rev().map(|row| *row as usize) {
                    // SAFETY: columns are above `row` and below n, of this block or of finished
                    // ones.
                    unsafe {
                        let scaled = inverse[row] * z.get(row);
                        z.set(row, scaled - upper.product(row, &z));
                    }
                }
            });
        });
    }
}

impl Triangle {
    fn bytes(&self) -> usize {
        (self.offsets.len() + 2 * self.columns.len()) * 4
    }

    /// A row times z.
    ///
    /// # Safety
    /// No other thread writes z at the columns of this row, which are within it.
    #[inline(always)]
    unsafe fn product(&self, row: usize, z: &Shared) -> f64 {
        let range = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        let entries = self.columns[range.clone()].iter().zip(&self.values[range]);
        let mut sum = 0.0;
        for (column, value) in entries {
            // SAFETY: as above.
            sum += f64::from(*value) * unsafe { z.get(*column as usize) };
        }
        sum
    }
}
