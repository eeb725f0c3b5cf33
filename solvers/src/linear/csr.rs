//! Sparse matrices by rows.

#![allow(unsafe_code)]

use sprs::{CsMat, CsMatView};

use super::LinearOperator;
use super::vector::{self, Merge, vectorised};
use crate::SolverError;

/// Entries of the matrix that one thread works on at a time.
const ENTRIES_PER_PIECE: usize = 1 << 15;

/// A matrix by rows, with 32-bit indices: columns ascend within a row, are unique and below
/// `columns`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Csr<T> {
    columns: usize,
    offsets: Vec<u32>,
    indices: Vec<u32>,
    values: Vec<T>,
    /// Rows at which the work is cut into pieces of about equal size, ends included.
    cuts: Vec<u32>,
}

impl<T: Copy + Default + Send + Sync> Csr<T> {
    /// From offsets, column indices and values.
    ///
    /// # Errors
    /// Arrays that do not fit each other, or columns that are out of range or do not ascend.
    pub(crate) fn new(
        columns: usize,
        offsets: Vec<u32>,
        indices: Vec<u32>,
        values: Vec<T>,
    ) -> Result<Self, SolverError> {
        let wrong = |problem: String| SolverError::Argument {
            what: "sparse matrix",
            problem,
        };
        let ends = (offsets.first(), offsets.last());
        if ends != (Some(&0), Some(&(indices.len() as u32))) || indices.len() != values.len() {
            return Err(wrong(format!(
                "offsets end at {:?}, with {} indices and {} values",
                offsets.last(),
                indices.len(),
                values.len()
            )));
        }
        for (row, ends) in offsets.windows(2).enumerate() {
            let Some(of_row) = indices.get(ends[0] as usize..ends[1] as usize) else {
                return Err(wrong(format!("the offsets of row {row} descend")));
            };
            let ascending = of_row.windows(2).all(|pair| pair[0] < pair[1]);
            let last = of_row.last().map_or(0, |c| *c as usize + 1);
            if !ascending || last > columns {
                return Err(wrong(format!(
                    "row {row}: columns {of_row:?} must ascend and be below {columns}"
                )));
            }
        }
        let cuts = balanced_cuts(&offsets);
        Ok(Self {
            columns,
            offsets,
            indices,
            values,
            cuts,
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.offsets.len() - 1
    }
    pub(crate) fn entries(&self) -> usize {
        self.indices.len()
    }
    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }
    pub(crate) fn indices(&self) -> &[u32] {
        &self.indices
    }
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Columns and values of a row.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[T]) {
        let range = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The value at a place; zero where nothing is stored.
    pub(crate) fn get(&self, row: usize, column: u32) -> T {
        let (columns, values) = self.row(row);
        columns
            .binary_search(&column)
            .map_or(T::default(), |at| values[at])
    }

    /// The diagonal; zero where nothing is stored.
    pub(crate) fn diagonal(&self) -> Vec<T> {
        (0..self.rows())
            .map(|row| self.get(row, row as u32))
            .collect()
    }

    /// Bytes held.
    pub(crate) fn memory_bytes(&self) -> usize {
        let indices = self.offsets.len() + self.indices.len() + self.cuts.len();
        indices * size_of::<u32>() + size_of_val(&self.values[..])
    }

    /// Runs `leaf(first row, rows of y)` on pieces with about as many entries each, in parallel,
    /// and merges the results along a fixed tree. `y` has one value per row.
    pub(crate) fn fold_rows<Y: vector::Split, S: Merge>(
        &self,
        y: Y,
        leaf: &(impl Fn(usize, Y) -> S + Sync),
    ) -> S {
        fold_cuts(&self.cuts, y, leaf)
    }
}

fn fold_cuts<Y: vector::Split, S: Merge>(
    cuts: &[u32],
    y: Y,
    leaf: &(impl Fn(usize, Y) -> S + Sync),
) -> S {
    if cuts.len() <= 2 {
        return leaf(cuts[0] as usize, y);
    }
    let middle = cuts.len() / 2;
    let (before, after) = y.split((cuts[middle] - cuts[0]) as usize);
    let (a, b) = rayon::join(
        || fold_cuts(&cuts[..=middle], before, leaf),
        || fold_cuts(&cuts[middle..], after, leaf),
    );
    a.merge(b)
}

/// Rows at which the entries reach multiples of [`ENTRIES_PER_PIECE`] (an empty row counts too).
fn balanced_cuts(offsets: &[u32]) -> Vec<u32> {
    let rows = offsets.len() - 1;
    let mut cuts = vec![0];
    let mut start = 0;
    for (row, offset) in offsets[..rows].iter().enumerate().skip(1) {
        let end = *offset as usize + row;
        if end - start >= ENTRIES_PER_PIECE {
            cuts.push(row as u32);
            start = end;
        }
    }
    cuts.push(rows as u32);
    cuts
}

impl Csr<f64> {
    /// From sprs, by rows or by columns.
    ///
    /// # Errors
    /// A NaN or infinity, or more than 2^32 - 1 rows, columns or entries.
    pub(crate) fn from_sprs(matrix: CsMatView<f64>) -> Result<Self, SolverError> {
        let turned;
        let matrix = if matrix.is_csr() {
            matrix
        } else {
            turned = matrix.to_csr();
            turned.view()
        };
        let largest = matrix.rows().max(matrix.cols()).max(matrix.nnz());
        if u32::try_from(largest).is_err() {
            return Err(SolverError::Argument {
                what: "sparse matrix",
                problem: format!(
                    "{} x {} with {} entries; at most 2^32 - 1 of each are possible",
                    matrix.rows(),
                    matrix.cols(),
                    matrix.nnz()
                ),
            });
        }
        for (value, (row, column)) in matrix.iter() {
            if !value.is_finite() {
                return Err(SolverError::Argument {
                    what: "sparse matrix",
                    problem: format!("entry ({row}, {column}) is {value}"),
                });
            }
        }
        let proper = matrix.proper_indptr();
        let offsets = proper.iter().map(|v| *v as u32).collect();
        let indices = matrix.indices().iter().map(|v| *v as u32).collect();
        Self::new(matrix.cols(), offsets, indices, matrix.data().to_vec())
    }

    /// `y[i] = finish(i, (A x)[i])` and the sum of what `finish` returns beside it.
    fn rows_times(
        &self,
        x: &[f64],
        y: &mut [f64],
        finish: impl Fn(usize, f64) -> (f64, f64) + Sync,
    ) -> f64 {
        assert_eq!(x.len(), self.columns, "x has a value per column");
        assert_eq!(y.len(), self.rows(), "y has a value per row");
        self.fold_rows(y, &|first: usize, y: &mut [f64]| {
            vectorised(|| {
                let mut total = 0.0;
                for (row, y) in (first..).zip(y) {
                    let (columns, values) = self.row(row);
                    let mut sum = 0.0;
                    for (column, value) in columns.iter().zip(values) {
                        // SAFETY: `new` checked that columns are below `self.columns`, which is
                        // the length of x.
                        sum += value * unsafe { x.get_unchecked(*column as usize) };
                    }
                    let (result, share) = finish(row, sum);
                    *y = result;
                    total += share;
                }
                total
            })
        })
    }

    /// `y = A x`.
    pub(crate) fn multiply(&self, x: &[f64], y: &mut [f64]) {
        self.rows_times(x, y, |_, sum| (sum, 0.0));
    }
}

/// A sparse matrix as an operator; rows are worked on in parallel.
#[derive(Debug, Clone)]
pub struct CsrOperator {
    matrix: Csr<f64>,
}

impl CsrOperator {
    /// Copies a square sprs matrix (by rows or by columns).
    ///
    /// # Errors
    /// A matrix that is not square, or a NaN or infinity.
    pub fn new(matrix: &CsMat<f64>) -> Result<Self, SolverError> {
        Self::from_view(matrix.view())
    }

    /// Copies a view of a square sprs matrix.
    ///
    /// # Errors
    /// A matrix that is not square, or a NaN or infinity.
    pub fn from_view(matrix: CsMatView<f64>) -> Result<Self, SolverError> {
        if matrix.rows() != matrix.cols() {
            return Err(SolverError::Argument {
                what: "sparse matrix",
                problem: format!(
                    "{} rows and {} columns; a system has as many equations as unknowns",
                    matrix.rows(),
                    matrix.cols()
                ),
            });
        }
        Ok(Self {
            matrix: Csr::from_sprs(matrix)?,
        })
    }

    /// From the compressed rows of a square matrix, columns ascending.
    pub(crate) fn from_rows(
        offsets: Vec<u32>,
        columns: Vec<u32>,
        values: Vec<f64>,
    ) -> Result<Self, SolverError> {
        let n = offsets.len().saturating_sub(1);
        Ok(Self {
            matrix: Csr::new(n, offsets, columns, values)?,
        })
    }

    /// The diagonal; 0 where nothing is stored.
    pub fn diagonal(&self) -> Vec<f64> {
        self.matrix.diagonal()
    }

    /// Number of entries stored.
    pub fn entries(&self) -> usize {
        self.matrix.entries()
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        self.matrix.memory_bytes()
    }

    pub(crate) fn matrix(&self) -> &Csr<f64> {
        &self.matrix
    }
}

impl LinearOperator for CsrOperator {
    fn dim(&self) -> usize {
        self.matrix.rows()
    }
    fn apply_bytes(&self) -> Option<usize> {
        // the entries and x; y
        Some(self.memory_bytes() + 2 * 8 * self.dim())
    }
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        self.matrix.multiply(x, y);
    }
    fn apply_dot(&self, x: &[f64], y: &mut [f64]) -> f64 {
        self.matrix.rows_times(x, y, |row, sum| (sum, sum * x[row]))
    }
    fn residual(&self, b: &[f64], x: &[f64], r: &mut [f64]) -> f64 {
        self.matrix.rows_times(x, r, |row, sum| {
            let rest = b[row] - sum;
            (rest, rest * rest)
        })
    }
}
