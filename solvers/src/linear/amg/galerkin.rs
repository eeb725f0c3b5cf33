//! Prolongation and coarse matrix.
//!
//! The prolongation takes constants on aggregates and smooths them by one damped Jacobi step with
//! the matrix without its weak couplings: P = (I - omega D^-1 A_F) T, omega = 4/3 over the spectral
//! radius of D^-1 A_F (Vanek, Mandel, Brezina 1996). The coarse matrix is P^T A P.
//!
//! Departures:
//! 1. The spectral radius is bounded by the largest row sum of magnitudes, which is sharp for
//!    Poisson-like matrices; a few steps of the power method where it is not.
//! 2. Row sums are carried from level to level in f64, as P^T A (P 1) with P 1 in closed form, and
//!    coarse diagonals are made to agree with them. In f32 products alone a closed box's coarse
//!    matrices would be off on constants by as much as one open cell amounts to, or indefinite.

use rayon::prelude::*;

use super::aggregation::{Aggregates, NONE, Strength};
use super::real::Real;
use super::rows::{Accumulator, Builder, Rows};
use super::smoother::ChunkedMatrix;

/// The row sum bound is taken as it is up to this.
const SHARP: f64 = 2.1;
/// Steps of the power method, and what its estimate from below is raised by.
const POWER_STEPS: usize = 4;
const POWER_MARGIN: f64 = 1.2;

/// The matrix without weak couplings, which are moved to the diagonal.
struct Filtered<'a, T> {
    matrix: &'a ChunkedMatrix<T>,
    strength: Strength,
}

impl<T: Real> Filtered<'_, T> {
    /// Calls `each(row, strong entries, diagonal, whether the row sum is that of the matrix)` for
    /// the rows of a chunk.
    fn for_rows(&self, chunk: usize, mut each: impl FnMut(usize, &[(u32, T)], f64, bool)) {
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
            if moved > 0.1 * own {
                each(row, &strong, moved, true);
            } else {
                each(row, &strong, own, strong.len() == entries.len());
            }
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
                self.for_rows(chunk, |_, strong, diagonal, _| {
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
                    self.for_rows(chunk, |row, strong, diagonal, _| {
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

/// The prolongation, and what its row sums are above one.
pub(super) struct Prolongation<T> {
    pub rows: Rows<T>,
    excess: Vec<f64>,
}

/// The smoothed prolongation, given the row sums of the matrix.
pub(super) fn prolongation<T: Real>(
    matrix: &ChunkedMatrix<T>,
    strength: Strength,
    aggregates: &Aggregates,
    sums: &[f64],
) -> Prolongation<T> {
    let filtered = Filtered { matrix, strength };
    let omega = 4.0 / 3.0 / filtered.spectral_radius();
    let (rows, excess) = Rows::build_by_chunk(aggregates.count, filtered.chunks(), |chunk, out| {
        let mut excess = Vec::new();
        filtered.for_rows(chunk, |row, strong, diagonal, keeps_sum| {
            let start = out.entries();
            let mut total = 0.0;
            let mut add = |aggregate: u32, value: f64| {
                if aggregate == NONE {
                    return false;
                }
                total += value;
                // A row has a handful of entries.
                let (columns, values) = out.row_mut(start);
                match columns.iter().position(|c| *c == aggregate) {
                    Some(at) => values[at] += T::of(value),
                    None => out.push(aggregate, T::of(value)),
                }
                true
            };
            let mut whole = diagonal > 0.0 && keeps_sum;
            if diagonal > 0.0 {
                whole &= add(aggregates.of[row], 1.0 - omega);
                for (column, value) in strong {
                    let of = aggregates.of[*column as usize];
                    whole &= add(of, -omega * value.wide() / diagonal);
                }
            }
            // In closed form: exactly zero where the row sum is.
            excess.push(if whole {
                -omega * sums[row] / diagonal
            } else {
                total - 1.0
            });
            out.end_row();
        });
        excess
    });
    Prolongation {
        rows,
        excess: excess.concat(),
    }
}

/// P^T A P, given P and its transpose, and its row sums.
pub(super) fn coarse_matrix<T: Real>(
    matrix: &ChunkedMatrix<T>,
    sums: &[f64],
    prolongation: &Prolongation<T>,
    restriction: &Rows<T>,
    coarse_cuts: &[usize],
) -> (Rows<T>, Vec<f64>) {
    let Prolongation { rows: p, excess } = prolongation;
    // A P, and A (P 1) in f64.
    let (product, image) = Rows::build_by_chunk(p.columns, matrix.cuts.len() - 1, |chunk, out| {
        let mut places = Accumulator::new(p.columns);
        let mut image = Vec::new();
        matrix.for_rows(chunk, |row, entries, diagonal| {
            let start = out.entries();
            let mut total = sums[row] + diagonal.wide() * excess[row];
            for (column, value) in p.row(row) {
                places.add(out, start, column, diagonal * value);
            }
            for (neighbour, entry) in entries {
                let neighbour = *neighbour as usize;
                total += entry.wide() * excess[neighbour];
                for (column, value) in p.row(neighbour) {
                    places.add(out, start, column, *entry * value);
                }
            }
            image.push(total);
            out.end_row();
        });
        image
    });
    let image = image.concat();
    let chunks = coarse_cuts.len() - 1;
    let (coarse, sums) = Rows::build_by_chunk(p.columns, chunks, |chunk, out| {
        let mut places = Accumulator::new(p.columns);
        let mut sums = Vec::new();
        for row in coarse_cuts[chunk]..coarse_cuts[chunk + 1] {
            let start = out.entries();
            let mut total = 0.0;
            for (fine, weight) in restriction.row(row) {
                total += weight.wide() * image[fine];
                for (column, value) in product.row(fine) {
                    places.add(out, start, column, weight * value);
                }
            }
            set_row_sum(out, start, row as u32, total);
            sums.push(total);
            out.end_row();
        }
        sums
    });
    (coarse, sums.concat())
}

/// Makes the diagonal of the row that began at `start` agree with the row's sum.
fn set_row_sum<T: Real>(rows: &mut Builder<T>, start: usize, row: u32, sum: f64) {
    let (columns, values) = rows.row_mut(start);
    let mut others = 0.0;
    let mut diagonal = None;
    for (at, (column, value)) in columns.iter().zip(values.iter()).enumerate() {
        if *column == row {
            diagonal = Some(at);
        } else {
            others += value.wide();
        }
    }
    if let Some(at) = diagonal {
        values[at] = T::of(sum - others);
    }
}
