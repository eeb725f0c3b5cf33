//! Distances between descriptors of cases.

use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::coefficients::{Cholesky, Descriptor, mean_and_std};

/// Neighbours whose mean distance counts.
const NEIGHBOURS: usize = 3;
/// Inputs as which all measures together weigh in the distance to neighbours.
const MEASURES_WEIGH: f64 = 4.0;

const N: usize = Descriptor::COUNT;

/// z-scores of the train part, and Mahalanobis' distance among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Space {
    scales: [(f64, f64); N],
    centre: [f64; N],
    /// Inverse of the shrunk covariance of the z-scores.
    precision: [[f64; N]; N],
}

impl Space {
    /// `None` when the covariance is not finite.
    pub(super) fn fit(train: &[Descriptor]) -> Option<Self> {
        let column = |j: usize| train.iter().map(move |d| d.values()[j]);
        let blank = Self {
            scales: std::array::from_fn(|j| mean_and_std(column(j))),
            centre: [0.0; N],
            precision: [[0.0; N]; N],
        };
        blank.refitted(train)
    }

    /// With mean and covariance of other cases, in the same scales.
    pub(super) fn refitted(&self, cases: &[Descriptor]) -> Option<Self> {
        let rows: Vec<_> = cases.iter().map(|d| self.scaled(d)).collect();
        let count = rows.len() as f64;
        let centre = std::array::from_fn(|j| rows.iter().map(|r| r[j]).sum::<f64>() / count);
        let factor = Cholesky::new(shrunk_covariance(&rows, &centre))?;
        let inverse = factor.inverse_lower();
        let entry = |i: usize, j: usize| inverse[(i.max(j), i.min(j))];
        Some(Self {
            scales: self.scales,
            centre,
            precision: std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j))),
        })
    }

    pub(super) fn scaled(&self, case: &Descriptor) -> [f64; N] {
        let values = case.values();
        std::array::from_fn(|j| (values[j] - self.scales[j].0) / self.scales[j].1)
    }

    pub(super) fn mahalanobis(&self, point: &[f64; N]) -> f64 {
        let off: [f64; N] = std::array::from_fn(|j| point[j] - self.centre[j]);
        let along = |row: &[f64; N]| row.iter().zip(&off).map(|(p, o)| p * o).sum::<f64>();
        let rows = self.precision.iter().zip(&off);
        rows.map(|(row, o)| o * along(row))
            .sum::<f64>()
            .max(0.0)
            .sqrt()
    }
}

/// The nearest of `cases` to a scaled point, and the mean distance to the nearest few.
pub(super) fn nearest(space: &Space, cases: &[Descriptor], point: &[f64; N]) -> (usize, f64) {
    let weight = MEASURES_WEIGH / (N - 2) as f64;
    let distance = |case: &Descriptor| {
        let other = space.scaled(case);
        let square = |j: usize| (other[j] - point[j]).powi(2) * if j < 2 { 1.0 } else { weight };
        (0..N).map(square).sum::<f64>().sqrt()
    };
    let mut distances: Vec<(f64, usize)> = cases.iter().map(distance).zip(0..).collect();
    distances.sort_by(|a, b| a.0.total_cmp(&b.0));
    let few = &distances[..NEIGHBOURS.min(distances.len())];
    let mean = few.iter().map(|d| d.0).sum::<f64>() / few.len().max(1) as f64;
    (few.first().map_or(0, |d| d.1), mean)
}

/// (1 - ρ) S + ρ μ I with Ledoit and Wolf's ρ; a little of the identity in any case, for inputs that
/// do not vary.
fn shrunk_covariance(rows: &[[f64; N]], centre: &[f64; N]) -> Mat<f64> {
    let count = rows.len() as f64;
    let off: Vec<[f64; N]> = rows
        .iter()
        .map(|r| std::array::from_fn(|j| r[j] - centre[j]))
        .collect();
    let sample = Mat::from_fn(N, N, |i, j| {
        off.iter().map(|o| o[i] * o[j]).sum::<f64>() / count
    });
    let size = (0..N).map(|i| sample[(i, i)]).sum::<f64>() / N as f64;
    let target = |i: usize, j: usize| if i == j { size } else { 0.0 };
    let squares = |f: &dyn Fn(usize, usize) -> f64| -> f64 {
        (0..N * N).map(|k| f(k / N, k % N).powi(2)).sum()
    };
    let spread = squares(&|i, j| sample[(i, j)] - target(i, j));
    let errors = off
        .iter()
        .map(|o| squares(&|i, j| o[i] * o[j] - sample[(i, j)]));
    let error = errors.sum::<f64>() / (count * count);
    let share = if spread > 0.0 {
        (error / spread).clamp(0.0, 1.0)
    } else {
        1.0
    };
    Mat::from_fn(N, N, |i, j| {
        let ridge = if i == j { 1e-6 } else { 0.0 };
        (1.0 - share) * sample[(i, j)] + share * target(i, j) + ridge
    })
}
