//! What can be told of a matrix by looking at its entries once.

use crate::SolverError;
use crate::linear::Nullspace;
use crate::linear::csr::Csr;

/// a_ij and a_ji may differ by this share of the largest entries of their rows.
const SYMMETRIC: f64 = 1e-9;
/// A row sum below this share of the row's magnitudes is zero.
const ZERO_SUM: f64 = 1e-12;

/// What the entries of a symmetric matrix tell.
#[derive(Debug)]
pub(super) struct Profile {
    pub rows: usize,
    pub entries: usize,
    /// All diagonal entries are positive.
    pub positive_diagonal: bool,
    /// Off-diagonal entries are not positive and row sums not negative: an M-matrix.
    pub m_matrix: bool,
    /// Connected components whose rows all sum to zero: constants there are null vectors.
    pub closed: usize,
    pub nullspace: Option<Nullspace>,
}

impl Profile {
    /// Looks at a square matrix.
    ///
    /// # Errors
    /// A matrix that is not symmetric, with the worst pair of entries.
    pub(super) fn of(matrix: &Csr<f64>) -> Result<Self, SolverError> {
        check_symmetry(matrix)?;
        let rows = matrix.rows();
        let mut positive_diagonal = true;
        let mut m_matrix = true;
        let mut zero_sum = Vec::with_capacity(rows);
        for row in 0..rows {
            let (columns, values) = matrix.row(row);
            let (mut sum, mut size, mut diagonal) = (0.0, 0.0, 0.0);
            for (column, value) in columns.iter().zip(values) {
                sum += value;
                size += value.abs();
                if *column as usize == row {
                    diagonal = *value;
                } else {
                    m_matrix &= *value <= 0.0;
                }
            }
            positive_diagonal &= diagonal > 0.0;
            m_matrix &= sum >= -ZERO_SUM * size;
            zero_sum.push(f64::abs(sum) <= ZERO_SUM * size);
        }
        let (labels, closed) = components(matrix, &zero_sum);
        let count = closed.iter().filter(|closed| **closed).count();
        let nullspace = (count > 0)
            .then(|| Nullspace::from_labels(&labels, &closed))
            .transpose()?;
        Ok(Self {
            rows,
            entries: matrix.entries(),
            positive_diagonal,
            m_matrix: m_matrix && positive_diagonal,
            closed: count,
            nullspace,
        })
    }
}

/// Compares each entry with its mirror.
fn check_symmetry(matrix: &Csr<f64>) -> Result<(), SolverError> {
    let largest: Vec<f64> = (0..matrix.rows())
        .map(|row| {
            matrix
                .row(row)
                .1
                .iter()
                .fold(0.0, |m: f64, v| m.max(v.abs()))
        })
        .collect();
    let mut worst = (SYMMETRIC, 0, 0);
    for row in 0..matrix.rows() {
        let (columns, values) = matrix.row(row);
        for (column, value) in columns.iter().zip(values) {
            let other = *column as usize;
            let difference = (value - matrix.get(other, row as u32)).abs();
            let share = difference / largest[row].max(largest[other]);
            if share > worst.0 {
                worst = (share, row, other);
            }
        }
    }
    let (share, row, column) = worst;
    if share <= SYMMETRIC {
        return Ok(());
    }
    Err(SolverError::NotSymmetric {
        row,
        column,
        value: matrix.get(row, column as u32),
        mirrored: matrix.get(column, row as u32),
    })
}

/// The connected component of each row, and whether all of its rows have a zero sum.
fn components(matrix: &Csr<f64>, zero_sum: &[bool]) -> (Vec<u32>, Vec<bool>) {
    let mut labels = vec![u32::MAX; matrix.rows()];
    let mut closed = Vec::new();
    let mut stack = Vec::new();
    for first in 0..matrix.rows() {
        if labels[first] != u32::MAX {
            continue;
        }
        let label = closed.len() as u32;
        closed.push(true);
        labels[first] = label;
        stack.push(first);
        while let Some(row) = stack.pop() {
            closed[label as usize] &= zero_sum[row];
            let (columns, values) = matrix.row(row);
            for (column, value) in columns.iter().zip(values) {
                let other = *column as usize;
                if *value != 0.0 && labels[other] == u32::MAX {
                    labels[other] = label;
                    stack.push(other);
                }
            }
        }
    }
    (labels, closed)
}
