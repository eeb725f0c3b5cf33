//! One level's matrix, arranged for Gauss-Seidel in chunks of rows.
//!
//! Within a chunk unknowns are relaxed one after the other; couplings between chunks use the values
//! from before the sweep. A. H. Baker, R. D. Falgout, T. V. Kolev, U. M. Yang, "Multigrid smoothers
//! for ultraparallel computing", SIAM J. Sci. Comput. 33 (2011): hybrid Gauss-Seidel.
//!
//! A forward sweep M = D + L from zero before, and a backward one M^T after the coarse correction,
//! make a symmetric cycle. That M + M^T - A is positive, so that the cycle is too, is seen to by
//! raising diagonal entries where the couplings to other chunks outweigh them: never for
//! Poisson-like matrices, except in the thinnest chunks.

#![allow(unsafe_code)]

use std::ops::Range;

use rayon::prelude::*;

use super::real::Real;
use super::rows::ranges;
use crate::linear::vector::vectorised;

/// A symmetric matrix by chunks of rows.
#[derive(Debug)]
pub(super) struct ChunkedMatrix<T> {
    pub cuts: Vec<usize>,
    chunks: Vec<Chunk<T>>,
    /// Over the whole matrix: the diagonal, raised where needed, and its inverse.
    pub diagonal: Vec<T>,
    inverse: Vec<T>,
}

/// Rows of one chunk. Columns are counted from the chunk's first row.
#[derive(Debug, Default)]
struct Chunk<T> {
    start: usize,
    /// Where a row's lower and upper entries begin; one more at the end.
    offsets: Vec<[u32; 2]>,
    columns: Vec<u32>,
    values: Vec<T>,
    /// Entries outside the chunk, of the few rows that have some: columns of the whole matrix.
    outer_rows: Vec<u32>,
    outer_offsets: Vec<u32>,
    outer_columns: Vec<u32>,
    outer_values: Vec<T>,
}

impl<T: Real> ChunkedMatrix<T> {
    /// From rows of (column, value). The pattern must be symmetric.
    pub(super) fn new<I: Iterator<Item = (usize, T)>>(
        cuts: Vec<usize>,
        row: impl Fn(usize) -> I + Sync,
    ) -> Self {
        let rows = cuts[cuts.len() - 1];
        let parts: Vec<(Chunk<T>, Vec<T>)> =
            ranges(&cuts).map(|range| Chunk::new(range, &row)).collect();
        let mut diagonal = Vec::with_capacity(rows);
        let mut chunks = Vec::with_capacity(parts.len());
        for (chunk, part) in parts {
            diagonal.extend(part);
            chunks.push(chunk);
        }
        let inverse = diagonal
            .iter()
            .map(|d| {
                if *d > T::default() {
                    T::of(1.0 / d.wide())
                } else {
                    T::default()
                }
            })
            .collect();
        Self {
            cuts,
            chunks,
            diagonal,
            inverse,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.diagonal.len()
    }

    pub(super) fn entries(&self) -> usize {
        let of = |chunk: &Chunk<T>| chunk.columns.len() + chunk.outer_columns.len();
        self.rows() + self.chunks.iter().map(of).sum::<usize>()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let entry = size_of::<u32>() + size_of::<T>();
        let of = |chunk: &Chunk<T>| {
            size_of_val(&chunk.offsets[..])
                + (chunk.columns.len() + chunk.outer_columns.len()) * entry
                + chunk.outer_rows.len() * 8
        };
        let chunks: usize = self.chunks.iter().map(of).sum();
        chunks + 2 * size_of_val(&self.diagonal[..])
    }

    /// Calls `each(row, off-diagonal entries, diagonal entry)` for all rows of a chunk, in order.
    /// Columns are of the whole matrix.
    pub(super) fn for_rows(&self, chunk: usize, mut each: impl FnMut(usize, &[(u32, T)], T)) {
        let chunk = &self.chunks[chunk];
        let mut entries = Vec::new();
        let mut outer = 0;
        for local in 0..chunk.offsets.len() - 1 {
            let row = chunk.start + local;
            entries.clear();
            for at in chunk.offsets[local][0] as usize..chunk.offsets[local + 1][0] as usize {
                entries.push((chunk.start as u32 + chunk.columns[at], chunk.values[at]));
            }
            let mut diagonal = self.diagonal[row];
            if chunk.outer_rows.get(outer) == Some(&(local as u32)) {
                for at in chunk.outer_range(outer) {
                    let (column, value) = (chunk.outer_columns[at], chunk.outer_values[at]);
                    if column as usize == row {
                        // What the diagonal was raised by, taken off again.
                        diagonal += value;
                    } else {
                        entries.push((column, value));
                    }
                }
                outer += 1;
            }
            each(row, &entries, diagonal);
        }
    }

    /// `x = (D + L)^-1 b`, then `r = b - A x`: a forward sweep from zero, and its residual.
    pub(super) fn smooth_from_zero(&self, b: &[T], x: &mut [T], r: &mut [T]) {
        self.for_chunks(x, &|chunk, x| {
            let rows = chunk.start..chunk.start + x.len();
            vectorised(|| chunk.forward(&self.inverse[rows.clone()], &b[rows], x));
        });
        let x = &*x;
        self.for_chunks(r, &|chunk, r| {
            let rows = chunk.start..chunk.start + r.len();
            vectorised(|| {
                chunk.upper_residual(&x[rows], r);
                chunk.subtract_outer(x, r);
            });
        });
    }

    /// A backward sweep. `b` is used up.
    pub(super) fn smooth(&self, b: &mut [T], x: &mut [T]) {
        {
            let x = &*x;
            self.for_chunks(b, &|chunk, b| vectorised(|| chunk.subtract_outer(x, b)));
        }
        let b = &*b;
        self.for_chunks(x, &|chunk, x| {
            let rows = chunk.start..chunk.start + x.len();
            vectorised(|| chunk.backward(&self.inverse[rows.clone()], &b[rows], x));
        });
    }

    /// Runs `work` on each chunk and its part of `v`, in parallel.
    fn for_chunks(&self, v: &mut [T], work: &(impl Fn(&Chunk<T>, &mut [T]) + Sync)) {
        fork(&self.chunks, &self.cuts, v, work);
    }
}

/// Halves the chunks down to one, without allocating.
fn fork<T: Real>(
    chunks: &[Chunk<T>],
    cuts: &[usize],
    v: &mut [T],
    work: &(impl Fn(&Chunk<T>, &mut [T]) + Sync),
) {
    if let [chunk] = chunks {
        return work(chunk, v);
    }
    let half = chunks.len() / 2;
    let (before, after) = v.split_at_mut(cuts[half] - cuts[0]);
    rayon::join(
        || fork(&chunks[..half], &cuts[..=half], before, work),
        || fork(&chunks[half..], &cuts[half..], after, work),
    );
}

impl<T: Real> Chunk<T> {
    /// The chunk and its part of the diagonal.
    fn new<I: Iterator<Item = (usize, T)>>(
        rows: Range<usize>,
        row: &impl Fn(usize) -> I,
    ) -> (Self, Vec<T>) {
        let mut chunk = Self {
            start: rows.start,
            ..Self::default()
        };
        let mut diagonal = Vec::with_capacity(rows.len());
        let mut upper = Vec::new();
        chunk.offsets.reserve(rows.len() + 1);
        chunk.outer_offsets.push(0);
        for (local, at) in rows.clone().enumerate() {
            let first = chunk.columns.len() as u32;
            let mut own = T::default();
            let mut coupling = 0.0;
            upper.clear();
            for (column, value) in row(at) {
                if column == at {
                    own += value;
                } else if !rows.contains(&column) {
                    chunk.outer_columns.push(column as u32);
                    chunk.outer_values.push(value);
                    coupling += value.wide().abs();
                } else if column < at {
                    chunk.columns.push((column - rows.start) as u32);
                    chunk.values.push(value);
                } else {
                    upper.push(((column - rows.start) as u32, value));
                }
            }
            chunk.offsets.push([first, chunk.columns.len() as u32]);
            // The nearest neighbours last, which are the last to be known, in both directions.
            let lower = first as usize..chunk.columns.len();
            sort_lower(&mut chunk.columns[lower.clone()], &mut chunk.values[lower]);
            upper.sort_unstable_by_key(|(column, _)| std::cmp::Reverse(*column));
            chunk.columns.extend(upper.iter().map(|(column, _)| column));
            chunk.values.extend(upper.iter().map(|(_, value)| value));
            // M + M^T - A is 2 D less the true diagonal and the outer couplings.
            let least = 0.5 * (own.wide() + coupling);
            if own.wide() < least {
                let raised = T::of(least);
                chunk.outer_columns.push(at as u32);
                chunk.outer_values.push(own - raised);
                own = raised;
            }
            if chunk.outer_columns.len() as u32 > chunk.outer_offsets[chunk.outer_rows.len()] {
                chunk.outer_rows.push(local as u32);
                chunk.outer_offsets.push(chunk.outer_columns.len() as u32);
            }
            diagonal.push(own);
        }
        let end = chunk.columns.len() as u32;
        chunk.offsets.push([end, end]);
        (chunk, diagonal)
    }

    fn outer_range(&self, outer: usize) -> Range<usize> {
        self.outer_offsets[outer] as usize..self.outer_offsets[outer + 1] as usize
    }

    /// Sum of entries times x within the chunk.
    #[inline(always)]
    fn product(&self, entries: Range<usize>, x: &[T]) -> T {
        let mut sum = T::default();
        let columns = self.columns[entries.clone()].iter();
        for (column, value) in columns.zip(&self.values[entries]) {
            // SAFETY: `new` keeps columns below the number of rows of the chunk, which is the
            // length of x (checked by the callers).
            sum += *value * unsafe { *x.get_unchecked(*column as usize) };
        }
        sum
    }

    #[inline(always)]
    fn forward(&self, inverse: &[T], b: &[T], x: &mut [T]) {
        let n = self.offsets.len() - 1;
        assert!(
            x.len() == n && b.len() == n && inverse.len() == n,
            "a value per row"
        );
        for row in 0..n {
            let [lower, upper] = self.offsets[row];
            x[row] = (b[row] - self.product(lower as usize..upper as usize, x)) * inverse[row];
        }
    }

    #[inline(always)]
    fn backward(&self, inverse: &[T], b: &[T], x: &mut [T]) {
        let n = self.offsets.len() - 1;
        assert!(
            x.len() == n && b.len() == n && inverse.len() == n,
            "a value per row"
        );
        for row in (0..n).rev() {
            let range = self.offsets[row][0] as usize..self.offsets[row + 1][0] as usize;
            x[row] = (b[row] - self.product(range, x)) * inverse[row];
        }
    }

    /// `r = -U x`: the residual within the chunk after a forward sweep from zero.
    #[inline(always)]
    fn upper_residual(&self, x: &[T], r: &mut [T]) {
        let n = self.offsets.len() - 1;
        assert!(x.len() == n && r.len() == n, "a value per row");
        for (r, ends) in r.iter_mut().zip(self.offsets.windows(2)) {
            *r = -self.product(ends[0][1] as usize..ends[1][0] as usize, x);
        }
    }

    /// Subtracts the couplings to other chunks, with x of the whole matrix.
    #[inline(always)]
    fn subtract_outer(&self, x: &[T], r: &mut [T]) {
        for (outer, row) in self.outer_rows.iter().enumerate() {
            let mut sum = T::default();
            for at in self.outer_range(outer) {
                sum += self.outer_values[at] * x[self.outer_columns[at] as usize];
            }
            r[*row as usize] -= sum;
        }
    }
}

/// Sorts a few entries by column.
fn sort_lower<T: Real>(columns: &mut [u32], values: &mut [T]) {
    for end in 1..columns.len() {
        let mut at = end;
        while at > 0 && columns[at - 1] > columns[at] {
            columns.swap(at - 1, at);
            values.swap(at - 1, at);
            at -= 1;
        }
    }
}
