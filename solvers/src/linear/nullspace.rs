//! The nullspace of a singular operator; of Poisson problems without a fixed value above all: one
//! constant per closed component.
//!
//! A component of connected cells that no Dirichlet face touches fixes its solution only up to a
//! constant, and has one only when the right-hand side sums to zero over it. Projection takes the
//! mean of each such component out. Other nullspaces are given by vectors.

use std::ops::Range;

use super::vector::{self, Merge, vectorised};
use crate::SolverError;

/// Longest run: longer stretches are cut, so that work divides evenly among threads.
const LONGEST_RUN: usize = 4096;
/// Runs that one thread works on at a time.
const RUNS_PER_PIECE: usize = 256;

/// A vector is dependent on others when this share of it is left.
const DEPENDENT: f64 = 1e-10;

/// Consecutive entries of one component.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    length: u32,
}

impl Run {
    /// The entry after the last one.
    fn end(&self) -> u32 {
        self.start + self.length
    }
}

/// The constants of the singular components of an operator, or any vectors that it maps to zero.
#[derive(Debug, Clone, Default)]
pub struct Nullspace {
    dim: usize,
    /// Runs by component, and by position within one.
    runs: Vec<Run>,
    /// Where a component's runs begin; one more at the end.
    offsets: Vec<usize>,
    /// Entries of each component.
    sizes: Vec<usize>,
    /// The caller's label of each component.
    labels: Vec<u32>,
    /// Orthonormal vectors, where it is not made of constants.
    vectors: Vec<Vec<f64>>,
}

impl Nullspace {
    /// From vectors that the operator maps to zero. They need not be orthogonal; dependent ones are
    /// dropped.
    ///
    /// # Errors
    /// A vector that has not `dim` entries, or holds NaN.
    pub fn from_vectors(dim: usize, vectors: &[Vec<f64>]) -> Result<Self, SolverError> {
        let mut kept: Vec<Vec<f64>> = Vec::new();
        for (i, given) in vectors.iter().enumerate() {
            let size = vector::norm_squared(given).sqrt();
            if given.len() != dim || !size.is_finite() {
                return Err(SolverError::Argument {
                    what: "nullspace",
                    problem: format!("vector {i} has {} entries and norm {size}", given.len()),
                });
            }
            let mut next = given.clone();
            // Twice is enough for orthogonality to rounding.
            for _ in 0..2 {
                for other in &kept {
                    let share = vector::dot(other, &next);
                    vector::axpy(-share, other, &mut next);
                }
            }
            let left = vector::norm_squared(&next).sqrt();
            if left > DEPENDENT * size {
                vector::scale(1.0 / left, &mut next);
                kept.push(next);
            }
        }
        Ok(Self {
            dim,
            offsets: vec![0],
            vectors: kept,
            ..Self::default()
        })
    }

    /// From the component of each entry (`u32::MAX`: in none) and, for each component, whether it
    /// is singular.
    ///
    /// # Errors
    /// A label that is neither `u32::MAX` nor below `singular.len()`; more than 2^32 - 1 entries.
    pub fn from_labels(labels: &[u32], singular: &[bool]) -> Result<Self, SolverError> {
        if u32::try_from(labels.len()).is_err() {
            return Err(SolverError::Argument {
                what: "labels",
                problem: format!("{} entries; at most 2^32 - 1 are possible", labels.len()),
            });
        }
        let mut runs = Vec::new();
        let mut at = 0;
        while at < labels.len() {
            let label = labels[at];
            let end = (at + 1..labels.len())
                .find(|&i| labels[i] != label)
                .unwrap_or(labels.len());
            let count = singular.len();
            if label != u32::MAX && label as usize >= count {
                let problem = format!(
                    "entry {at} is of component {label}, but there are {count} components; \
                     use u32::MAX for none"
                );
                return Err(SolverError::Argument {
                    what: "labels",
                    problem,
                });
            }
            runs.push((label, at as u32..end as u32));
            at = end;
        }
        Ok(Self::from_runs(labels.len(), runs, singular))
    }

    /// From the runs of entries of each component, in ascending order, all labels below `singular.len()`.
    pub(crate) fn from_runs(
        dim: usize,
        runs: impl IntoIterator<Item = (u32, Range<u32>)>,
        singular: &[bool],
    ) -> Self {
        let labels: Vec<u32> = (0..singular.len() as u32)
            .filter(|&label| singular[label as usize])
            .collect();
        let mut sizes = vec![0; labels.len()];
        let mut found: Vec<(usize, Run)> = Vec::new();
        for (label, range) in runs {
            let Ok(component) = labels.binary_search(&label) else {
                continue;
            };
            sizes[component] += range.len();
            let mut start = range.start;
            if let Some((last, run)) = found.last_mut()
                && (*last, run.end()) == (component, start)
            {
                let more = (range.end - start).min(LONGEST_RUN as u32 - run.length);
                run.length += more;
                start += more;
            }
            while start < range.end {
                let length = (range.end - start).min(LONGEST_RUN as u32);
                found.push((component, Run { start, length }));
                start += length;
            }
        }
        found.sort_by_key(|&(component, _)| component);
        let first = |component| found.partition_point(|f| f.0 < component);
        let offsets = (0..=labels.len()).map(first).collect();
        Self {
            dim,
            runs: found.into_iter().map(|(_, run)| run).collect(),
            offsets,
            sizes,
            labels,
            vectors: Vec::new(),
        }
    }

    /// The constant vector over all `dim` entries: an operator that is connected and closed.
    ///
    /// # Errors
    /// More than 2^32 - 1 entries.
    pub fn constant(dim: usize) -> Result<Self, SolverError> {
        Self::from_labels(&vec![0; dim], &[true])
    }

    /// Number of entries of the vectors.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Its dimension: the number of singular components or of vectors.
    pub fn count(&self) -> usize {
        self.sizes.len() + self.vectors.len()
    }

    /// Whether there is nothing to project.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.vectors.is_empty()
    }

    /// The caller's label of component `index`.
    pub fn label(&self, index: usize) -> Option<u32> {
        self.labels.get(index).copied()
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let vectors = self.vectors.len() * self.dim * size_of::<f64>();
        vectors
            + size_of_val(&self.runs[..])
            + self.sizes.len() * (2 * size_of::<usize>() + size_of::<u32>())
    }

    /// Takes the mean of each singular component out of `v`: the orthogonal projection. Entries of
    /// other components stay.
    pub fn project(&self, v: &mut [f64]) {
        for null in &self.vectors {
            let share = vector::dot(null, v);
            vector::axpy(-share, null, v);
        }
        for component in 0..self.sizes.len() {
            let runs = self.runs_of(component);
            if !runs.is_empty() {
                let mean = sum(runs, v) / self.sizes[component] as f64;
                subtract(runs, v, 0, mean);
            }
        }
    }

    /// Sum of `v` over each singular component (or product with each vector): zero on each when a
    /// solution exists.
    pub fn imbalance(&self, v: &[f64]) -> Vec<f64> {
        let sums = (0..self.sizes.len()).map(|c| sum(self.runs_of(c), v));
        sums.chain(self.vectors.iter().map(|null| vector::dot(null, v)))
            .collect()
    }

    /// Norm of `v`'s part in the nullspace, and the component with the largest share.
    pub(crate) fn part(&self, v: &[f64]) -> NullPart {
        let mut part = NullPart::default();
        let mut largest = -1.0;
        let mut squares = 0.0;
        for null in &self.vectors {
            let share = vector::dot(null, v);
            squares += share * share;
            if share * share > largest {
                largest = share * share;
                part.sum = share;
            }
        }
        for component in 0..self.sizes.len() {
            let runs = self.runs_of(component);
            if !runs.is_empty() {
                let total = sum(runs, v);
                let square = total * total / self.sizes[component] as f64;
                squares += square;
                if square > largest {
                    largest = square;
                    part.label = Some(self.labels[component]);
                    part.sum = total;
                }
            }
        }
        part.norm = squares.sqrt();
        part
    }

    /// Adds an entry, which must be in no component, to the component with this label. Nothing happens if
    /// that one is not singular.
    pub(crate) fn insert(&mut self, entry: u32, label: u32) {
        let Ok(component) = self.labels.binary_search(&label) else {
            return;
        };
        let (place, before) = self.place(component, entry);
        self.sizes[component] += 1;
        match before {
            Some(run) if run.end() == entry && (run.length as usize) < LONGEST_RUN => {
                self.runs[place - 1].length += 1;
            }
            _ => {
                let run = Run {
                    start: entry,
                    length: 1,
                };
                self.runs.insert(place, run);
                self.shift(component, 1);
            }
        }
    }

    /// Takes an entry out of the component with this label. Nothing happens if it is not there.
    pub(crate) fn remove(&mut self, entry: u32, label: u32) {
        let Ok(component) = self.labels.binary_search(&label) else {
            return;
        };
        let (place, Some(run)) = self.place(component, entry) else {
            return;
        };
        if run.end() <= entry {
            return;
        }
        self.sizes[component] -= 1;
        let parts = [
            Run {
                start: run.start,
                length: entry - run.start,
            },
            Run {
                start: entry + 1,
                length: run.end() - entry - 1,
            },
        ];
        let kept = parts.into_iter().filter(|part| part.length > 0);
        let count = kept.clone().count();
        self.runs.splice(place - 1..place, kept);
        self.shift(component, count as isize - 1);
    }

    /// Where a run that begins at `entry` would go, and the component's run before that place.
    fn place(&self, component: usize, entry: u32) -> (usize, Option<Run>) {
        let first = self.offsets[component];
        let within = self
            .runs_of(component)
            .partition_point(|run| run.start <= entry);
        let before = within.checked_sub(1).map(|w| self.runs[first + w]);
        (first + within, before)
    }

    /// Moves the beginnings of the components after this one.
    fn shift(&mut self, component: usize, by: isize) {
        for offset in &mut self.offsets[component + 1..] {
            *offset = offset.wrapping_add_signed(by);
        }
    }

    fn runs_of(&self, component: usize) -> &[Run] {
        &self.runs[self.offsets[component]..self.offsets[component + 1]]
    }
}

/// A vector's part along the constants.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NullPart {
    /// Its norm.
    pub norm: f64,
    /// The component with the largest share,
    pub label: Option<u32>,
    /// and the sum over that one; of vectors, the largest product with one.
    pub sum: f64,
}

/// Sum of `v` over runs, along a fixed tree.
fn sum(runs: &[Run], v: &[f64]) -> f64 {
    if runs.len() <= RUNS_PER_PIECE {
        return vectorised(|| {
            let mut total = 0.0;
            for run in runs {
                let start = run.start as usize;
                total += short_sum(&v[start..start + run.length as usize]);
            }
            total
        });
    }
    let (left, right) = runs.split_at(runs.len() / 2);
    let (a, b) = rayon::join(|| sum(left, v), || sum(right, v));
    a.merge(b)
}

/// Sum of a run, in eight interleaved sums.
#[inline(always)]
fn short_sum(v: &[f64]) -> f64 {
    let (eights, rest) = v.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for eight in eights {
        for lane in 0..8 {
            lanes[lane] += eight[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// Subtracts `mean` on runs; `v` begins at entry `origin` and holds all of them.
fn subtract(runs: &[Run], v: &mut [f64], origin: usize, mean: f64) {
    if runs.len() <= RUNS_PER_PIECE {
        vectorised(|| {
            for run in runs {
                let start = run.start as usize - origin;
                for value in &mut v[start..start + run.length as usize] {
                    *value -= mean;
                }
            }
        });
        return;
    }
    let (left, right) = runs.split_at(runs.len() / 2);
    let cut = right[0].start as usize;
    let (before, after) = v.split_at_mut(cut - origin);
    rayon::join(
        || subtract(left, before, origin, mean),
        || subtract(right, after, cut, mean),
    );
}

#[cfg(test)]
#[path = "nullspace_tests.rs"]
mod tests;
