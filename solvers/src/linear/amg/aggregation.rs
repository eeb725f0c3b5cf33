//! Aggregates: groups of strongly coupled unknowns, each of which becomes one coarse unknown.
//!
//! P. Vanek, J. Mandel, M. Brezina, "Algebraic multigrid by smoothed aggregation for second and
//! fourth order elliptic problems", Computing 56 (1996), alg. 5.1.
//!
//! Departure: aggregates do not cross the cuts between chunks of rows, so that chunks are worked on
//! in parallel.

use rayon::prelude::*;

use super::real::Real;
use super::smoother::ChunkedMatrix;

/// In no aggregate: an unknown without strong couplings, which smoothing alone solves.
pub(super) const NONE: u32 = u32::MAX;
/// Not looked at yet.
const FREE: u32 = u32::MAX - 1;

/// The aggregate of each unknown, and their number.
#[derive(Debug)]
pub(super) struct Aggregates {
    pub of: Vec<u32>,
    pub count: usize,
}

/// Whether unknowns are strongly coupled: `a_ij^2 > theta^2 a_ii a_jj`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strength {
    theta_squared: f64,
}

impl Strength {
    pub(super) fn new(theta: f64) -> Self {
        Self {
            theta_squared: theta * theta,
        }
    }

    #[inline(always)]
    pub(super) fn is_strong<T: Real>(self, entry: T, diagonals: [T; 2]) -> bool {
        let [a, b] = diagonals.map(T::wide);
        let entry = entry.wide();
        entry * entry > self.theta_squared * a * b
    }
}

/// Groups the unknowns of a matrix.
pub(super) fn aggregate<T: Real>(matrix: &ChunkedMatrix<T>, strength: Strength) -> Aggregates {
    let chunks = matrix.cuts.len() - 1;
    let parts: Vec<(Vec<u32>, u32)> = (0..chunks)
        .into_par_iter()
        .map(|chunk| in_chunk(matrix, strength, chunk))
        .collect();
    let mut of = Vec::with_capacity(matrix.rows());
    let mut count = 0;
    for (part, aggregates) in parts {
        of.extend(
            part.iter()
                .map(|a| if *a == NONE { NONE } else { a + count }),
        );
        count += aggregates;
    }
    Aggregates {
        of,
        count: count as usize,
    }
}

/// Strong neighbours of the rows of one chunk.
struct Neighbours {
    offsets: Vec<u32>,
    /// Counted from the chunk's first row; none outside it.
    within: Vec<u32>,
    /// Whether a row has any strong neighbour, in the chunk or outside.
    any: Vec<bool>,
}

impl Neighbours {
    fn new<T: Real>(matrix: &ChunkedMatrix<T>, strength: Strength, chunk: usize) -> Self {
        let rows = matrix.cuts[chunk]..matrix.cuts[chunk + 1];
        let mut this = Self {
            offsets: Vec::with_capacity(rows.len() + 1),
            within: Vec::with_capacity(6 * rows.len()),
            any: Vec::with_capacity(rows.len()),
        };
        this.offsets.push(0);
        matrix.for_rows(chunk, |_, entries, diagonal| {
            let mut any = false;
            for (column, value) in entries {
                let column = *column as usize;
                if strength.is_strong(*value, [diagonal, matrix.diagonal[column]]) {
                    any = true;
                    if rows.contains(&column) {
                        this.within.push((column - rows.start) as u32);
                    }
                }
            }
            this.any.push(any);
            this.offsets.push(this.within.len() as u32);
        });
        this
    }

    fn of(&self, row: usize) -> &[u32] {
        &self.within[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }
}

/// The aggregates within a chunk, and their number.
fn in_chunk<T: Real>(
    matrix: &ChunkedMatrix<T>,
    strength: Strength,
    chunk: usize,
) -> (Vec<u32>, u32) {
    let neighbours = Neighbours::new(matrix, strength, chunk);
    let rows = neighbours.any.len();
    let mut of: Vec<u32> = neighbours
        .any
        .iter()
        .map(|any| if *any { FREE } else { NONE })
        .collect();
    let mut count = 0;
    // Whole neighbourhoods first.
    for row in 0..rows {
        let around = neighbours.of(row);
        if of[row] == FREE && !around.is_empty() && around.iter().all(|n| of[*n as usize] == FREE) {
            of[row] = count;
            around.iter().for_each(|n| of[*n as usize] = count);
            count += 1;
        }
    }
    // What is left joins a neighbourhood beside it,
    let whole = of.clone();
    for (row, of) in of.iter_mut().enumerate() {
        if *of == FREE {
            let mut joined = neighbours.of(row).iter().map(|n| whole[*n as usize]);
            if let Some(aggregate) = joined.find(|a| *a < FREE) {
                *of = aggregate;
            }
        }
    }
    // or forms smaller ones.
    for row in 0..rows {
        if of[row] == FREE {
            of[row] = count;
            for n in neighbours.of(row) {
                if of[*n as usize] == FREE {
                    of[*n as usize] = count;
                }
            }
            count += 1;
        }
    }
    (of, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::amg::rows::chunk_cuts;
    use crate::linear::testing::laplacian_operator;

    #[test]
    fn every_coupled_unknown_is_in_an_aggregate_of_connected_ones() {
        let a = laplacian_operator([100, 90, 1], true);
        let matrix = a.matrix();
        let row = |row: usize| {
            let (columns, values) = matrix.row(row);
            columns
                .iter()
                .map(|c| *c as usize)
                .zip(values.iter().copied())
        };
        let chunked = ChunkedMatrix::<f64>::new(chunk_cuts(9000), row);
        let aggregates = aggregate(&chunked, Strength::new(0.08));
        let mut sizes = vec![0; aggregates.count];
        for cell in 0..9000 {
            let of = aggregates.of[cell];
            assert!((of as usize) < aggregates.count);
            sizes[of as usize] += 1;
            let together = row(cell).any(|(n, _)| n != cell && aggregates.of[n] == of);
            assert!(together, "{cell}");
        }
        let average = 9000.0 / aggregates.count as f64;
        assert!((4.0..8.0).contains(&average), "{average}");
        assert!(sizes.iter().all(|s| (2..=13).contains(s)));
    }

    #[test]
    fn weak_couplings_are_ignored_and_lone_unknowns_left_out() {
        // Pairs with strong couplings inside and weak ones between; the last is alone.
        let n = 101;
        let row = |row: usize| {
            let mut entries = vec![(row, 1.0)];
            if row < 100 {
                entries.push((row ^ 1, -0.9));
                if row + 2 < 100 {
                    entries.push((row + 2, -0.01));
                }
                if row >= 2 {
                    entries.push((row - 2, -0.01));
                }
            }
            entries.into_iter()
        };
        let chunked =
            ChunkedMatrix::<f32>::new(chunk_cuts(n), |i| row(i).map(|(c, v)| (c, v as f32)));
        let aggregates = aggregate(&chunked, Strength::new(0.08));
        assert_eq!(aggregates.count, 50);
        assert_eq!(aggregates.of[100], NONE);
        for pair in 0..50 {
            assert_eq!(aggregates.of[2 * pair], aggregates.of[2 * pair + 1]);
        }
    }
}
