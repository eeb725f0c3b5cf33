//! Prolongation and coarse matrix.
//!
//! The prolongation takes constants on aggregates and smooths them by one damped Jacobi step with
//! the matrix without its weak couplings: P = (I - omega D^-1 A_F) T, omega = 4/3 over the spectral
//! radius of D^-1 A_F (Vanek, Mandel, Brezina 1996). The coarse matrix is P^T A P.
//!
//! Departure: the spectral radius is bounded by the largest row sum of magnitudes, which is sharp
//! for Poisson-like matrices; a few steps of the power method where it is not.

use rayon::prelude::*;

use super::aggregation::{Aggregates, NONE, Strength};
use super::real::Real;
use super::rows::{Accumulator, Rows};
use super::smoother::ChunkedMatrix;

/// The row sum bound is taken as it is up to this.
const SHARP: f64 = 2.1;
/// Steps of the power method, and what its estimate from below is raised by.
const POWER_STEPS: usize = 8;
const POWER_MARGIN: f64 = 1.1;

/// The matrix without weak couplings, which are moved to the diagonal.
struct Filtered<'a, T> {
    matrix: &'a ChunkedMatrix<T>,
    strength: Strength,
}

impl<T: Real> Filtered<'_, T> {
    /// Calls `each(row, strong entries, diagonal)` for the rows of a chunk.
    fn for_rows(&self, chunk: usize, mut each: impl FnMut(usize, &[(u32, T)], f64)) {
        let mut strong = Vec::new();
        self.matrix.for_rows(chunk, |row, entries, diagonal| {
            strong.clear();
            let mut moved = diagonal.wide();
            for (column, value) in entries {
                let pair = [diagonal, self.matrix.diagonal[*column as usize]];
                if self.strength.is_strong(*value, pair) {
                    strong.push((*column, *value));
                } else {
                    moved += value.wide();
                }
            }
            // Moving must not take the diagonal away.
            let own = diagonal.wide();
            each(row, &strong, if moved > 0.1 * own { moved } else { own });
        });
    }

    fn chunks(&self) -> usize {
        self.matrix.cuts.len() - 1
    }

    /// A bound or an estimate of the largest eigenvalue of D^-1 A.
    fn spectral_radius(&self) -> f64 {
        let bound = (0..self.chunks())
            .into_par_iter()
            .map(|chunk| {
                let mut largest = 1.0f64;
                self.for_rows(chunk, |_, strong, diagonal| {
                    let sum: f64 = strong.iter().map(|(_, v)| v.wide().abs()).sum();
                    if diagonal > 0.0 {
                        largest = largest.max(1.0 + sum / diagonal);
                    }
                });
                largest
            })
            .reduce(|| 1.0, f64::max);
        if bound <= SHARP {
            bound
        } else {
            self.power_method().clamp(1.0, bound)
        }
    }

    fn power_method(&self) -> f64 {
        let rows = self.matrix.rows();
        let hash = |i: usize| (i as u32).wrapping_mul(2_654_435_761) >> 8;
        let mut v: Vec<f64> = (0..rows)
            .map(|i| hash(i) as f64 / 8_388_608.0 - 1.0)
            .collect();
        let mut estimate = 1.0;
        for _ in 0..POWER_STEPS {
            let parts: Vec<Vec<f64>> = (0..self.chunks())
                .into_par_iter()
                .map(|chunk| {
                    let mut part = Vec::new();
                    self.for_rows(chunk, |row, strong, diagonal| {
                        let others: f64 =
                            strong.iter().map(|(c, a)| a.wide() * v[*c as usize]).sum();
                        let value = if diagonal > 0.0 {
                            v[row] + others / diagonal
                        } else {
                            0.0
                        };
                        part.push(value);
                    });
                    part
                })
                .collect();
            let next = parts.concat();
            let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
            let (before, after) = (norm(&v), norm(&next));
            if !(before > 0.0 && after > 0.0) {
                return estimate;
            }
            estimate = after / before;
            v = next;
            v.iter_mut().for_each(|v| *v /= after);
        }
        POWER_MARGIN * estimate
    }
}

/// The smoothed prolongation.
pub(super) fn prolongation<T: Real>(
    matrix: &ChunkedMatrix<T>,
    strength: Strength,
    aggregates: &Aggregates,
) -> Rows<T> {
    let filtered = Filtered { matrix, strength };
    let omega = 4.0 / 3.0 / filtered.spectral_radius();
    Rows::build_by_chunk(aggregates.count, filtered.chunks(), |chunk, out| {
        filtered.for_rows(chunk, |row, strong, diagonal| {
            let start = out.entries();
            let mut add = |aggregate: u32, value: f64| {
                if aggregate == NONE {
                    return;
                }
                // A row has a handful of entries.
                let (columns, values) = out.row_mut(start);
                match columns.iter().position(|c| *c == aggregate) {
                    Some(at) => values[at] += T::of(value),
                    None => out.push(aggregate, T::of(value)),
                }
            };
            if diagonal > 0.0 {
                add(aggregates.of[row], 1.0 - omega);
                for (column, value) in strong {
                    add(
                        aggregates.of[*column as usize],
                        -omega * value.wide() / diagonal,
                    );
                }
            }
            out.end_row();
        });
    })
}

/// P^T A P, given P and its transpose.
pub(super) fn coarse_matrix<T: Real>(
    matrix: &ChunkedMatrix<T>,
    prolongation: &Rows<T>,
    restriction: &Rows<T>,
    coarse_cuts: &[usize],
) -> Rows<T> {
    let coarse = prolongation.columns;
    let product = Rows::build_by_chunk(coarse, matrix.cuts.len() - 1, |chunk, out| {
        let mut sums = Accumulator::new(coarse);
        matrix.for_rows(chunk, |row, entries, diagonal| {
            let start = out.entries();
            for (column, value) in prolongation.row(row) {
                sums.add(out, start, column, diagonal * value);
            }
            for (neighbour, entry) in entries {
                for (column, value) in prolongation.row(*neighbour as usize) {
                    sums.add(out, start, column, *entry * value);
                }
            }
            out.end_row();
        });
    });
    Rows::build(coarse, coarse_cuts, |range, out| {
        let mut sums = Accumulator::new(coarse);
        for row in range {
            let start = out.entries();
            for (fine, weight) in restriction.row(row) {
                for (column, value) in product.row(fine) {
                    sums.add(out, start, column, weight * value);
                }
            }
            out.end_row();
        }
    })
}
