//! The half of a symmetric matrix that is factored.

use faer::Side;
use faer::perm::PermRef;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholesky, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};

use crate::SolverError;
use crate::linear::csr::Csr;

/// The lower triangle by rows, which is the upper one by columns.
pub(super) struct LowerTriangle {
    offsets: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
}

impl LowerTriangle {
    pub(super) fn of(matrix: &Csr<f64>) -> Self {
        let mut lower = Self {
            offsets: Vec::with_capacity(matrix.rows() + 1),
            columns: Vec::with_capacity(matrix.entries() / 2 + matrix.rows()),
            values: Vec::with_capacity(matrix.entries() / 2 + matrix.rows()),
        };
        lower.offsets.push(0);
        for row in 0..matrix.rows() {
            let (columns, values) = matrix.row(row);
            for (column, value) in columns.iter().zip(values) {
                let column = *column as usize;
                if column <= row {
                    lower.columns.push(column);
                    lower.values.push(*value);
                }
            }
            lower.offsets.push(lower.columns.len());
        }
        lower
    }

    /// One over the root of each diagonal entry, or of the largest entry of its row where that is
    /// zero.
    pub(super) fn scaling(&self) -> Vec<f64> {
        let n = self.offsets.len() - 1;
        let (mut diagonal, mut largest) = (vec![0.0f64; n], vec![0.0f64; n]);
        for row in 0..n {
            for at in self.offsets[row]..self.offsets[row + 1] {
                let (column, size) = (self.columns[at], self.values[at].abs());
                if column == row {
                    diagonal[row] = size;
                }
                largest[row] = largest[row].max(size);
                largest[column] = largest[column].max(size);
            }
        }
        let scale = |(diagonal, largest): (f64, f64)| {
            if diagonal > f64::EPSILON * largest {
                1.0 / diagonal.sqrt()
            } else if largest > 0.0 {
                1.0 / largest.sqrt()
            } else {
                1.0
            }
        };
        diagonal.into_iter().zip(largest).map(scale).collect()
    }

    /// With rows and columns scaled.
    pub(super) fn scaled(&self, scaling: &[f64]) -> Self {
        let mut values = self.values.clone();
        for row in 0..self.offsets.len() - 1 {
            for at in self.offsets[row]..self.offsets[row + 1] {
                values[at] *= scaling[row] * scaling[self.columns[at]];
            }
        }
        Self {
            offsets: self.offsets.clone(),
            columns: self.columns.clone(),
            values,
        }
    }

    fn pattern(&self) -> SymbolicSparseColMatRef<'_, usize> {
        let n = self.offsets.len() - 1;
        SymbolicSparseColMatRef::new_checked(n, n, &self.offsets, None, &self.columns)
    }

    pub(super) fn view(&self) -> SparseColMatRef<'_, usize, f64> {
        SparseColMatRef::new(self.pattern(), &self.values)
    }

    pub(super) fn analyse(
        &self,
        ordering: Option<&[usize]>,
    ) -> Result<SymbolicCholesky<usize>, SolverError> {
        let n = self.offsets.len() - 1;
        let inverse = ordering.map(|order| inverse(order, n)).transpose()?;
        let ordering = match (ordering, &inverse) {
            (Some(order), Some(inverse)) => {
                SymmetricOrdering::Custom(PermRef::new_checked(order, inverse, n))
            }
            _ => SymmetricOrdering::Amd,
        };
        let params = CholeskySymbolicParams::default();
        factorize_symbolic_cholesky(self.pattern(), Side::Upper, ordering, params).map_err(|_| {
            SolverError::Memory {
                what: "analysis of the Cholesky factor",
                needed: 4 * size_of_val(&self.columns[..]),
                limit: crate::memory::available().unwrap_or(0),
            }
        })
    }
}

/// The inverse of a permutation of 0..n.
fn inverse(order: &[usize], n: usize) -> Result<Vec<usize>, SolverError> {
    let wrong = |problem: String| SolverError::Argument {
        what: "ordering",
        problem,
    };
    if order.len() != n {
        return Err(wrong(format!("{} entries for {n} rows", order.len())));
    }
    let mut inverse = vec![usize::MAX; n];
    for (place, row) in order.iter().enumerate() {
        match inverse.get_mut(*row) {
            Some(slot) if *slot == usize::MAX => *slot = place,
            Some(_) => return Err(wrong(format!("row {row} is listed twice"))),
            None => return Err(wrong(format!("row {row} of a matrix of {n} rows"))),
        }
    }
    Ok(inverse)
}
