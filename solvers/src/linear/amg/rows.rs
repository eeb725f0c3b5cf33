//! Sparse matrices by rows, built in parallel by chunks of rows.

use std::ops::Range;

use rayon::prelude::*;

use super::real::Real;
use crate::linear::vector::vectorised;

/// Chunks of rows at most. Fixed, so that results do not depend on the number of threads.
const MOST_CHUNKS: usize = 16;
/// Rows of a chunk at least.
const LEAST_ROWS: usize = 1 << 11;

/// Where rows are cut into chunks, ends included.
pub(super) fn chunk_cuts(rows: usize) -> Vec<usize> {
    let chunks = (rows / LEAST_ROWS).clamp(1, MOST_CHUNKS);
    (0..=chunks).map(|i| rows * i / chunks).collect()
}

/// The chunks as ranges.
pub(super) fn ranges(cuts: &[usize]) -> impl IndexedParallelIterator<Item = Range<usize>> {
    cuts.par_windows(2).map(|ends| ends[0]..ends[1])
}

/// Rows of (column, value); columns are unique within a row, in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows<T> {
    pub columns: usize,
    pub offsets: Vec<u32>,
    pub indices: Vec<u32>,
    pub values: Vec<T>,
}

/// Consecutive rows in the making.
#[derive(Debug, Default)]
pub(super) struct Builder<T> {
    ends: Vec<u32>,
    indices: Vec<u32>,
    values: Vec<T>,
}

impl<T: Real> Builder<T> {
    pub(super) fn push(&mut self, column: u32, value: T) {
        self.indices.push(column);
        self.values.push(value);
    }

    /// Ends the row.
    pub(super) fn end_row(&mut self) {
        self.ends.push(self.indices.len() as u32);
    }

    /// The row in the making, which began at `start`.
    pub(super) fn row_mut(&mut self, start: usize) -> (&[u32], &mut [T]) {
        (&self.indices[start..], &mut self.values[start..])
    }

    pub(super) fn entries(&self) -> usize {
        self.indices.len()
    }
}

impl<T: Real> Rows<T> {
    /// Builds the rows of each chunk, given by its number, in parallel; also returns what the
    /// chunks returned.
    pub(super) fn build_by_chunk<S: Send>(
        columns: usize,
        chunks: usize,
        chunk: impl Fn(usize, &mut Builder<T>) -> S + Sync,
    ) -> (Self, Vec<S>) {
        let (parts, side): (Vec<Builder<T>>, Vec<S>) = (0..chunks)
            .into_par_iter()
            .map(|i| {
                let mut part = Builder::default();
                let side = chunk(i, &mut part);
                (part, side)
            })
            .unzip();
        (Self::join(columns, parts), side)
    }

    /// Lays parts behind each other.
    fn join(columns: usize, parts: Vec<Builder<T>>) -> Self {
        let rows = parts.iter().map(|part| part.ends.len()).sum::<usize>();
        let entries = parts.iter().map(|part| part.indices.len()).sum::<usize>();
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        let mut base = 0;
        for part in &parts {
            offsets.extend(part.ends.iter().map(|end| base + end));
            base += part.indices.len() as u32;
        }
        let mut indices = vec![0; entries];
        let mut values = vec![T::default(); entries];
        let mut slots = Vec::with_capacity(parts.len());
        let (mut index_rest, mut value_rest) = (&mut indices[..], &mut values[..]);
        for part in &parts {
            let (index, rest) = index_rest.split_at_mut(part.indices.len());
            index_rest = rest;
            let (value, rest) = value_rest.split_at_mut(part.indices.len());
            value_rest = rest;
            slots.push((index, value));
        }
        parts
            .par_iter()
            .zip(slots)
            .for_each(|(part, (index, value))| {
                index.copy_from_slice(&part.indices);
                value.copy_from_slice(&part.values);
            });
        Self {
            columns,
            offsets,
            indices,
            values,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    #[inline(always)]
    pub(super) fn range(&self, row: usize) -> Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    /// Columns and values of a row.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let range = self.range(row);
        let indices = self.indices[range.clone()].iter().map(|c| *c as usize);
        indices.zip(self.values[range].iter().copied())
    }

    /// The transpose; columns of each of its rows ascend.
    pub(super) fn transposed(&self) -> Self {
        let mut offsets = vec![0u32; self.columns + 1];
        for column in &self.indices {
            offsets[*column as usize + 1] += 1;
        }
        for column in 0..self.columns {
            offsets[column + 1] += offsets[column];
        }
        let mut cursor = offsets.clone();
        let mut indices = vec![0; self.indices.len()];
        let mut values = vec![T::default(); self.values.len()];
        for row in 0..self.rows() {
            for (column, value) in self.row(row) {
                let at = cursor[column] as usize;
                cursor[column] += 1;
                indices[at] = row as u32;
                values[at] = value;
            }
        }
        Self {
            columns: self.rows(),
            offsets,
            indices,
            values,
        }
    }

    /// `y = A x`.
    pub(super) fn multiply(&self, x: &[T], y: &mut [T]) {
        for_pieces(y, 0, &|first, y| {
            vectorised(|| {
                for (row, y) in (first..).zip(y) {
                    *y = self.product(row, x);
                }
            });
        });
    }

    /// `y += A x`.
    pub(super) fn multiply_add(&self, x: &[T], y: &mut [T]) {
        for_pieces(y, 0, &|first, y| {
            vectorised(|| {
                for (row, y) in (first..).zip(y) {
                    *y += self.product(row, x);
                }
            });
        });
    }

    #[inline(always)]
    fn product(&self, row: usize, x: &[T]) -> T {
        let mut sum = T::default();
        for (column, value) in self.row(row) {
            sum += value * x[column];
        }
        sum
    }

    /// Bytes held.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&self.offsets[..])
            + size_of_val(&self.indices[..])
            + size_of_val(&self.values[..])
    }
}

/// Rows that one thread works on at a time.
const ROWS_PER_PIECE: usize = 1 << 12;

/// Runs `work(first row, rows)` on pieces of `v` in parallel, without allocating.
pub(super) fn for_pieces<T: Send>(
    v: &mut [T],
    first: usize,
    work: &(impl Fn(usize, &mut [T]) + Sync),
) {
    if v.len() <= ROWS_PER_PIECE {
        return work(first, v);
    }
    let half = v.len() / 2;
    let (before, after) = v.split_at_mut(half);
    rayon::join(
        || for_pieces(before, first, work),
        || for_pieces(after, first + half, work),
    );
}

/// Sums entries of a row by column: which place of the row a column has, if any.
pub(super) struct Accumulator {
    /// The place of a column in the row, counted from the start of all rows.
    place: Vec<u32>,
}

impl Accumulator {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            place: vec![u32::MAX; columns],
        }
    }

    /// Adds to the row of `rows` that began at `start`.
    #[inline(always)]
    pub(super) fn add<T: Real>(
        &mut self,
        rows: &mut Builder<T>,
        start: usize,
        column: usize,
        value: T,
    ) {
        let place = self.place[column];
        // Places of rows before this one are below its start.
        if place != u32::MAX && place as usize >= start {
            rows.values[place as usize] += value;
        } else {
            self.place[column] = rows.indices.len() as u32;
            rows.push(column as u32, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_all_rows() {
        for rows in [0, 1, 5000, 100_000] {
            let cuts = chunk_cuts(rows);
            assert_eq!((cuts[0], cuts[cuts.len() - 1]), (0, rows));
            assert!(cuts.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }

    #[test]
    fn built_in_chunks_and_transposed() {
        let (rows, columns) = (10_000, 300);
        let entry = |row: usize, k: usize| ((row * 7 + k * 13) % columns, (row + k) as f64);
        let cuts = chunk_cuts(rows);
        let (matrix, _) = Rows::<f64>::build_by_chunk(columns, cuts.len() - 1, |chunk, out| {
            let mut sums = Accumulator::new(columns);
            for row in cuts[chunk]..cuts[chunk + 1] {
                let start = out.entries();
                for k in 0..row % 4 {
                    let (column, value) = entry(row, k);
                    sums.add(out, start, column, value);
                    sums.add(out, start, column, 1.0);
                }
                out.end_row();
            }
        });
        assert_eq!(matrix.rows(), rows);
        let turned = matrix.transposed();
        for row in 0..rows {
            assert_eq!(matrix.row(row).count(), row % 4);
            for (k, (column, value)) in matrix.row(row).enumerate() {
                assert_eq!((column, value), (entry(row, k).0, entry(row, k).1 + 1.0));
                assert!(turned.row(column).any(|e| e == (row, value)));
            }
        }
        assert_eq!(turned.values.len(), matrix.values.len());
    }
}
