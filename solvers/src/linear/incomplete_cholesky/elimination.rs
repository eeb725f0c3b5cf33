//! The factorisation, row by row.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Triangle;
use super::shared::Shared;
use crate::SolverError;
use crate::linear::csr::Csr;
use crate::linear::schedule::{Schedule, Sweep};

/// Share of the dropped entries that MIC(0) adds to the diagonal.
const MOVED: f64 = 0.97;
/// MIC(0) takes the matrix's diagonal where the pivot is below this share of it.
const SAFE: f64 = 0.25;
/// A pivot below this share of the diagonal entry is a breakdown.
const VANISHING: f64 = 1e-6;
/// The factorisation in progress: rows of U = D L^T, diagonal first.
pub(super) struct Elimination<'a> {
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
    pub(super) fn new(matrix: &'a Csr<f64>, modified: bool) -> Result<Self, SolverError> {
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
    pub(super) fn run(&mut self, schedule: &mut Schedule, shift: f64) -> Result<(), usize> {
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
    pub(super) fn factors(self) -> (Triangle, Triangle, Vec<f64>) {
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
