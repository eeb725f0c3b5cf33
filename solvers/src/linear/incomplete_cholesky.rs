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

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::csr::Csr;
use super::schedule::{Schedule, Sweep};
use super::vector::vectorised;
use super::{CsrOperator, Preconditioner};
use crate::SolverError;

/// Share of the dropped entries that MIC(0) adds to the diagonal.
const MOVED: f64 = 0.97;
/// MIC(0) takes the matrix's diagonal where the pivot is below this share of it.
const SAFE: f64 = 0.25;
/// A pivot below this share of the diagonal entry is a breakdown.
const VANISHING: f64 = 1e-6;
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
        let triangle = |t: &Triangle| (t.offsets.len() + 2 * t.columns.len()) * 4;
        triangle(&self.lower)
            + triangle(&self.upper)
            + size_of_val(&self.inverse_pivots[..])
            + self.schedule.memory_bytes()
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

/// The factorisation in progress: rows of U = D L^T, diagonal first.
struct Elimination<'a> {
    matrix: &'a Csr<f64>,
    modified: bool,
    offsets: Vec<u32>,
    /// Columns of the rows of U, and where each row's strictly lower entries (k, row) lie in U.
    columns: Vec<u32>,
    values: Vec<f64>,
    lower_offsets: Vec<u32>,
    lower_places: Vec<u32>,
}

impl<'a> Elimination<'a> {
    fn new(matrix: &'a Csr<f64>, modified: bool) -> Result<Self, SolverError> {
        let n = matrix.rows();
        let mut offsets = vec![0];
        let mut columns = Vec::with_capacity(matrix.entries() / 2 + n);
        let mut lower_offsets = vec![0];
        let mut lower_places = Vec::with_capacity(matrix.entries() / 2);
        // Rows are visited in order, so the entry (k, row) is the next of row k of U.
        let mut next = Vec::with_capacity(n);
        for row in 0..n {
            let (of_row, values) = matrix.row(row);
            let cut = of_row.partition_point(|c| (*c as usize) < row);
            let diagonal = of_row.get(cut) == Some(&(row as u32));
            if !(diagonal && values[cut] > 0.0) {
                return Err(SolverError::NotPositiveDefinite {
                    what: "incomplete Cholesky",
                    row,
                });
            }
            for k in &of_row[..cut] {
                let place: u32 = next[*k as usize];
                if columns.get(place as usize) != Some(&(row as u32)) {
                    return Err(asymmetric(row, *k as usize));
                }
                lower_places.push(place);
                next[*k as usize] = place + 1;
            }
            lower_offsets.push(lower_places.len() as u32);
            next.push(columns.len() as u32 + 1);
            columns.extend_from_slice(&of_row[cut..]);
            offsets.push(columns.len() as u32);
        }
        if let Some(row) = (0..n).find(|row| next[*row] != offsets[*row + 1]) {
            return Err(asymmetric(row, columns[next[row] as usize] as usize));
        }
        Ok(Self {
            matrix,
            modified,
            values: vec![0.0; columns.len()],
            offsets,
            columns,
            lower_offsets,
            lower_places,
        })
    }

    /// Factors A + shift diag(A). Err: a row whose pivot vanishes.
    fn run(&mut self, schedule: &mut Schedule, shift: f64) -> Result<(), usize> {
        let broken = AtomicUsize::new(usize::MAX);
        let values = Shared(self.values.as_mut_ptr());
        let this = &*self;
        schedule.run(Sweep::Forward, &|rows| {
            for row in rows.iter().map(|row| *row as usize) {
                // SAFETY: this call alone writes row `row` of U; the rows that it reads are those
                // of its strictly lower entries, which `schedule` has finished before.
                if unsafe { this.row(row, shift, &values) }.is_err() {
                    broken.fetch_min(row, Ordering::Relaxed);
                }
            }
        });
        match broken.into_inner() {
            usize::MAX => Ok(()),
            row => Err(row),
        }
    }

    /// Computes a row of U.
    ///
    /// # Safety
    /// No other thread writes this row or those of its strictly lower columns, or reads this row.
    unsafe fn row(&self, row: usize, shift: f64, shared: &Shared) -> Result<(), ()> {
        let range = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        let mine = &self.columns[range.clone()];
        // SAFETY: the range lies within `values`, and is this thread's alone.
        let u = unsafe { shared.row_mut(range) };
        let (all, entries) = self.matrix.row(row);
        let below = all.len() - mine.len();
        u.copy_from_slice(&entries[below..]);
        let original = u[0];
        u[0] *= 1.0 + shift;
        let places = self.lower_offsets[row] as usize..self.lower_offsets[row + 1] as usize;
        let mut dropped = 0.0;
        for (k, place) in all[..below].iter().zip(&self.lower_places[places]) {
            let start = self.offsets[*k as usize] as usize;
            let range = start..self.offsets[*k as usize + 1] as usize;
            let others = &self.columns[range.clone()];
            // SAFETY: the row of a strictly lower column, which is finished.
            let other = unsafe { shared.row(range) };
            let factor = other[*place as usize - start] / other[0];
            // Merge: both lists of columns ascend. Columns of row k below `row` would be fill in
            // the lower part, at whose place the mirrored entry is dropped too.
            let mut at = 0;
            for (column, value) in others[1..].iter().zip(&other[1..]) {
                let update = factor * value;
                if (*column as usize) < row {
                    if self.modified && all[..below].binary_search(column).is_err() {
                        dropped += update;
                    }
                    continue;
                }
                while at < mine.len() && mine[at] < *column {
                    at += 1;
                }
                if at < mine.len() && mine[at] == *column {
                    u[at] -= update;
                } else {
                    dropped += update;
                }
            }
        }
        if self.modified {
            u[0] -= MOVED * dropped;
            // Not where it is NaN either.
            let safe = u[0] >= SAFE * original;
            if !safe {
                u[0] = original;
            }
        }
        if u[0] > VANISHING * original && u[0].is_finite() {
            Ok(())
        } else {
            u[0] = original;
            Err(())
        }
    }

    /// The unit factor by rows, its transpose, and the inverse pivots.
    fn factors(self) -> (Triangle, Triangle, Vec<f64>) {
        let n = self.offsets.len() - 1;
        let strict = self.columns.len() - n;
        let mut upper = Triangle {
            offsets: Vec::with_capacity(n + 1),
            columns: Vec::with_capacity(strict),
            values: Vec::with_capacity(strict),
        };
        let mut inverse_pivots = Vec::with_capacity(n);
        for row in 0..n {
            upper.offsets.push(upper.columns.len() as u32);
            let range = self.offsets[row] as usize..self.offsets[row + 1] as usize;
            let inverse = 1.0 / self.values[range.start];
            inverse_pivots.push(inverse);
            upper
                .columns
                .extend(&self.columns[range.start + 1..range.end]);
            let values = &self.values[range.start + 1..range.end];
            upper
                .values
                .extend(values.iter().map(|v| (v * inverse) as f32));
        }
        upper.offsets.push(strict as u32);
        // The entry at place p of U, in row k, is the one at p - k - 1 of the strict part.
        let mut lower = Triangle {
            columns: Vec::with_capacity(strict),
            values: Vec::with_capacity(strict),
            offsets: self.lower_offsets,
        };
        for row in 0..n {
            let range = lower.offsets[row] as usize..lower.offsets[row + 1] as usize;
            let columns = &self.matrix.row(row).0[..range.len()];
            lower.columns.extend(columns);
            for (k, place) in columns.iter().zip(&self.lower_places[range]) {
                lower.values.push(upper.values[(place - k - 1) as usize]);
            }
        }
        (lower, upper, inverse_pivots)
    }
}

fn asymmetric(row: usize, column: usize) -> SolverError {
    SolverError::Argument {
        what: "incomplete Cholesky",
        problem: format!(
            "the pattern is not symmetric: one of the entries ({row}, {column}) and ({column}, \
             {row}) is missing"
        ),
    }
}

impl Preconditioner for IncompleteCholesky {
    fn dim(&self) -> usize {
        self.inverse_pivots.len()
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

/// A vector of which each entry is written by one thread, before others read it.
struct Shared(*mut f64);

// SAFETY: every use says why no entry is written by one thread while another uses it.
unsafe impl Sync for Shared {}

impl Shared {
    /// # Safety
    /// `at` is within the vector, and no thread writes it.
    #[inline(always)]
    unsafe fn get(&self, at: usize) -> f64 {
        // SAFETY: the caller's promise.
        unsafe { *self.0.add(at) }
    }

    /// # Safety
    /// `at` is within the vector, and no other thread uses it.
    #[inline(always)]
    unsafe fn set(&self, at: usize, value: f64) {
        // SAFETY: the caller's promise.
        unsafe { *self.0.add(at) = value };
    }

    /// # Safety
    /// The range is within the vector, and no thread writes to it.
    #[inline(always)]
    unsafe fn row(&self, range: Range<usize>) -> &[f64] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.0.add(range.start), range.len()) }
    }

    /// # Safety
    /// The range is within the vector, and no other reference to it is in use.
    #[inline(always)]
    #[expect(clippy::mut_from_ref)]
    unsafe fn row_mut(&self, range: Range<usize>) -> &mut [f64] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(range.start), range.len()) }
    }
}

#[cfg(test)]
#[path = "incomplete_cholesky_tests.rs"]
mod tests;
