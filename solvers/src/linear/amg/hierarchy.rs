//! The levels, and the V-cycle over them.

use super::AmgOptions;
use super::aggregation::{self, Strength};
use super::galerkin;
use super::real::Real;
use super::rows::{Rows, chunk_cuts, for_pieces};
use super::smoother::ChunkedMatrix;
use crate::SolverError;
use crate::linear::csr::Csr;
use crate::linear::direct::{CholeskyOptions, Definiteness, SparseCholesky};
use crate::linear::vector::{self, vectorised};

/// Coarsening ends where a level keeps more than this share of the unknowns.
const TOO_MANY: f64 = 0.8;
/// Pivots of the last level below this share of the diagonal vanish.
const VANISHING: f64 = 1e-10;
/// Largest level that is solved directly though it is above the bottom size.
const MOST_DIRECT: usize = 20_000;

/// A level above the bottom.
#[derive(Debug)]
struct Level<T> {
    matrix: ChunkedMatrix<T>,
    prolongation: Rows<T>,
    restriction: Rows<T>,
    b: Vec<T>,
    x: Vec<T>,
    r: Vec<T>,
}

/// The last level.
#[derive(Debug)]
struct Bottom<T> {
    matrix: ChunkedMatrix<T>,
    cholesky: Option<SparseCholesky>,
    wide: Vec<f64>,
    b: Vec<T>,
    x: Vec<T>,
    r: Vec<T>,
}

#[derive(Debug)]
pub(super) struct Hierarchy<T> {
    /// What the matrix was multiplied by.
    scale: f64,
    levels: Vec<Level<T>>,
    bottom: Bottom<T>,
}

impl<T: Real> Hierarchy<T> {
    pub(super) fn new(
        matrix: &Csr<f64>,
        scale: f64,
        options: &AmgOptions,
    ) -> Result<Self, SolverError> {
        let mut current = ChunkedMatrix::<T>::new(chunk_cuts(matrix.rows()), |row| {
            let (columns, values) = matrix.row(row);
            let columns = columns.iter().map(|c| *c as usize);
            columns.zip(values.iter().map(|v| T::of(scale * v)))
        });
        let mut sums = row_sums(matrix, scale);
        let mut levels = Vec::new();
        let mut theta = options.theta;
        while current.rows() > options.bottom && levels.len() + 1 < options.max_levels {
            let strength = Strength::new(theta);
            let aggregates = aggregation::aggregate(&current, strength);
            if aggregates.count == 0 || aggregates.count as f64 > TOO_MANY * current.rows() as f64 {
                break;
            }
            let prolongation = galerkin::prolongation(&current, strength, &aggregates, &sums);
            let restriction = prolongation.rows.transposed();
            let cuts = chunk_cuts(aggregates.count);
            let (coarse, coarse_sums) =
                galerkin::coarse_matrix(&current, &sums, &prolongation, &restriction, &cuts);
            let coarse = ChunkedMatrix::new(cuts, |row| coarse.row(row));
            levels.push(Level::new(current, prolongation.rows, restriction));
            sums = coarse_sums;
            current = coarse;
            theta *= 0.5;
        }
        Ok(Self {
            scale,
            levels,
            bottom: Bottom::new(current, &sums)?,
        })
    }

    pub(super) fn dim(&self) -> usize {
        match self.levels.first() {
            Some(level) => level.matrix.rows(),
            None => self.bottom.matrix.rows(),
        }
    }

    pub(super) fn level_sizes(&self) -> Vec<usize> {
        let sizes = self.levels.iter().map(|level| level.matrix.rows());
        sizes.chain([self.bottom.matrix.rows()]).collect()
    }

    pub(super) fn operator_complexity(&self) -> f64 {
        let above = self.levels.iter().map(|level| level.matrix.entries());
        let entries: Vec<usize> = above.chain([self.bottom.matrix.entries()]).collect();
        entries.iter().sum::<usize>() as f64 / entries[0] as f64
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let levels = self.levels.iter().map(|level| {
            level.matrix.memory_bytes()
                + level.prolongation.memory_bytes()
                + level.restriction.memory_bytes()
                + 3 * size_of_val(&level.b[..])
        });
        let cholesky = self
            .bottom
            .cholesky
            .as_ref()
            .map_or(0, SparseCholesky::memory_bytes);
        levels.sum::<usize>() + self.bottom.matrix.memory_bytes() + cholesky
    }

    /// Bytes that a cycle reads and writes at least.
    pub(super) fn apply_bytes(&self) -> usize {
        let value = size_of::<T>();
        // r twice, b, x; z
        let convert = self.dim() * (3 * 8 + 2 * value);
        let levels = self.levels.iter().map(|level| {
            // The matrix in either sweep, less the diagonal itself, which none needs; vectors: x and r
            // of the first sweep (b, x; x, r), r for the restriction, x corrected, b and x of the last.
            let n = level.matrix.rows();
            let matrix = 2 * (level.matrix.memory_bytes() - value * n);
            let transfer = level.restriction.memory_bytes() + level.prolongation.memory_bytes();
            matrix + transfer + value * (9 * n + 2 * level.restriction.rows())
        });
        let bottom = match &self.bottom.cholesky {
            Some(cholesky) => 2 * cholesky.memory_bytes(),
            None => 2 * self.bottom.matrix.memory_bytes(),
        };
        convert + levels.sum::<usize>() + bottom
    }

    /// `z = M^-1 r`, returning `r . z`.
    pub(super) fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        // Of norm one, so that f32 is far from both of its ends.
        let norm = vector::norm_squared(r).sqrt();
        if !(norm > 0.0 && norm.is_finite()) {
            vector::fill(z, norm);
            return norm;
        }
        let b = match self.levels.first_mut() {
            Some(level) => &mut level.b,
            None => &mut self.bottom.b,
        };
        narrow(1.0 / norm, r, b);
        self.cycle(0);
        let x = match self.levels.first() {
            Some(level) => &level.x,
            None => &self.bottom.x,
        };
        widen(norm * self.scale, x, r, z)
    }

    /// A V-cycle from `level`'s b, which is used up, to its x.
    fn cycle(&mut self, level: usize) {
        let Some(this) = self.levels.get_mut(level) else {
            return self.bottom.solve();
        };
        this.matrix
            .smooth_from_zero(&this.b, &mut this.x, &mut this.r);
        let (above, below) = self.levels.split_at_mut(level + 1);
        let this = &mut above[level];
        let coarse = match below.first_mut() {
            Some(next) => &mut next.b,
            None => &mut self.bottom.b,
        };
        this.restriction.multiply(&this.r, coarse);
        self.cycle(level + 1);
        let (above, below) = self.levels.split_at_mut(level + 1);
        let this = &mut above[level];
        let coarse = match below.first() {
            Some(next) => &next.x,
            None => &self.bottom.x,
        };
        this.prolongation.multiply_add(coarse, &mut this.x);
        this.matrix.smooth(&mut this.b, &mut this.x);
    }
}

impl<T: Real> Level<T> {
    fn new(matrix: ChunkedMatrix<T>, prolongation: Rows<T>, restriction: Rows<T>) -> Self {
        let n = matrix.rows();
        Self {
            matrix,
            prolongation,
            restriction,
            b: vec![T::default(); n],
            x: vec![T::default(); n],
            r: vec![T::default(); n],
        }
    }
}

impl<T: Real> Bottom<T> {
    fn new(matrix: ChunkedMatrix<T>, sums: &[f64]) -> Result<Self, SolverError> {
        let n = matrix.rows();
        let cholesky = (n <= MOST_DIRECT)
            .then(|| factor(&matrix, sums))
            .transpose()?;
        Ok(Self {
            matrix,
            cholesky,
            wide: vec![0.0; n],
            b: vec![T::default(); n],
            x: vec![T::default(); n],
            r: vec![T::default(); n],
        })
    }

    fn solve(&mut self) {
        let Some(cholesky) = &mut self.cholesky else {
            return self.sweep();
        };
        for (wide, b) in self.wide.iter_mut().zip(&self.b) {
            *wide = b.wide();
        }
        cholesky.solve_in_place(&mut self.wide);
        for (x, wide) in self.x.iter_mut().zip(&self.wide) {
            *x = T::of(*wide);
        }
    }

    /// Symmetric Gauss-Seidel, where no factor is at hand.
    fn sweep(&mut self) {
        self.matrix
            .smooth_from_zero(&self.b, &mut self.x, &mut self.r);
        self.matrix.smooth(&mut self.b, &mut self.x);
    }
}

/// Row sums in f64: exactly zero where they are but for rounding.
fn row_sums(matrix: &Csr<f64>, scale: f64) -> Vec<f64> {
    let mut sums = vec![0.0; matrix.rows()];
    for_pieces(&mut sums, 0, &|first, sums| {
        for (row, sum) in (first..).zip(sums) {
            let values = matrix.row(row).1;
            let magnitude: f64 = values.iter().map(|v| v.abs()).sum();
            let total: f64 = values.iter().sum();
            *sum = if total.abs() <= 1e-13 * magnitude {
                0.0
            } else {
                scale * total
            };
        }
    });
    sums
}

/// The Cholesky factor of a small matrix, whose lower triangle and row sums are taken. A singular
/// one has an unknown fixed.
fn factor<T: Real>(matrix: &ChunkedMatrix<T>, sums: &[f64]) -> Result<SparseCholesky, SolverError> {
    let mut rows = vec![Vec::new(); matrix.rows()];
    for chunk in 0..matrix.cuts.len() - 1 {
        matrix.for_rows(chunk, |row, entries, _| {
            for (column, value) in entries.iter().filter(|(c, _)| (*c as usize) < row) {
                rows[row].push((*column, value.wide()));
                rows[*column as usize].push((row as u32, value.wide()));
            }
        });
    }
    let mut offsets = vec![0];
    let (mut indices, mut values) = (Vec::new(), Vec::new());
    for (row, entries) in rows.iter_mut().enumerate() {
        let others: f64 = entries.iter().map(|(_, value)| value).sum();
        entries.push((row as u32, sums[row] - others));
        entries.sort_unstable_by_key(|(column, _)| *column);
        indices.extend(entries.iter().map(|(column, _)| *column));
        values.extend(entries.iter().map(|(_, value)| *value));
        offsets.push(indices.len() as u32);
    }
    let matrix = Csr::new(matrix.rows(), offsets, indices, values)?;
    let options = CholeskyOptions {
        definiteness: Definiteness::Semidefinite,
        ..CholeskyOptions::default()
    };
    SparseCholesky::factor(&matrix, &options, VANISHING)
}

/// `b = factor r`.
fn narrow<T: Real>(factor: f64, r: &[f64], b: &mut [T]) {
    for_pieces(b, 0, &|first, b| {
        vectorised(|| {
            let r = &r[first..first + b.len()];
            for (b, r) in b.iter_mut().zip(r) {
                *b = T::of(factor * r);
            }
        });
    });
}

/// `z = factor x`, returning `r . z`.
fn widen<T: Real>(factor: f64, x: &[T], r: &[f64], z: &mut [f64]) -> f64 {
    type Piece<'a, T> = (&'a [T], &'a [f64], &'a mut [f64]);
    vector::fold((x, r, z), &|(x, r, z): Piece<T>| {
        vectorised(|| {
            let (x, z) = (&x[..r.len()], &mut z[..r.len()]);
            vector::lane_sum(r.len(), |i| {
                z[i] = factor * x[i].wide();
                z[i] * r[i]
            })
        })
    })
}
