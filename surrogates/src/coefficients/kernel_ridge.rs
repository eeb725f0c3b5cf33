//! Kernel-ridge regression of C_L and C_D on angle, log speed and 20 geometric measures: the
//! baseline that every report carries.
//!
//! The inputs are z-scored with the train part and multiplied by one weight for the angle, one for
//! the logarithm of the speed and one for all measures; f(x) = Σ c_i k(x, x_i) + mean with
//! (K + λ I) c = y - mean. Kernel, weights and ridge λ of each coefficient are those with the
//! smallest leave-one-out error on the train part, in closed form: y_i - f_{-i}(x_i) =
//! c_i / [(K + λ I)⁻¹]_ii. References: C. Saunders, A. Gammerman, V. Vovk, "Ridge regression
//! learning algorithm in dual variables", ICML 1998; R. M. Rifkin, R. A. Lippert, "Notes on
//! regularized least squares", MIT-CSAIL-TR-2007-025 (the closed form). C_D is learned as its
//! logarithm where all are positive.

use std::path::Path;

use faer::Mat;
use karman_datasets::CaseInfo;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::dense::Cholesky;
use super::descriptor::{Descriptor, Example, examples, mean_and_std, spread};
use super::kernel::Kernel;
use super::store;
use crate::SurrogateError;

const KERNELS: [Kernel; 2] = [Kernel::Rbf, Kernel::Matern52];
/// Weights of (angle, log speed, measures) on the coarse grid.
const ANGLE: [f64; 4] = [0.1, 0.2, 0.4, 0.8];
const SPEED: [f64; 4] = [0.02, 0.05, 0.1, 0.2];
const MEASURES: [f64; 5] = [0.02, 0.04, 0.07, 0.12, 0.2];
/// Ridges tried with each, in units of the kernel's value at distance 0.
const RIDGES: [f64; 6] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3];
/// The factors by which the best of the grid is refined, one weight after the other.
const REFINEMENT: [f64; 3] = [1.5, 1.2, 1.1];
/// Weights are chosen on at most this many cases.
const MOST_CASES: usize = 250;

/// Share of the train cases at either end of a quantity that is predicted without it by the rest.
const OUTER: f64 = 0.25;

/// A kernel-ridge regression of C_L and C_D.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelRidge {
    names: Vec<String>,
    mean: Vec<f64>,
    std: Vec<f64>,
    /// z-scored inputs of the train cases.
    inputs: Vec<Vec<f64>>,
    lift: Regression,
    drag: Regression,
    log_drag: bool,
}

/// The regression of one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Regression {
    weights: Weights,
    target_mean: f64,
    dual: Vec<f64>,
    /// Predictions for the train cases by the others.
    left_out: Vec<f64>,
    /// Root mean square of the errors on outer train cases by those further in.
    error_beyond: f64,
}

/// What cross-validation chooses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Weights {
    kernel: Kernel,
    angle: f64,
    speed: f64,
    measures: f64,
    ridge: f64,
}

impl KernelRidge {
    /// Fits on the cases `train` of `infos` whose coefficients are known.
    ///
    /// # Errors
    /// An index out of range or given twice, a case without finite speed, angle and measures, fewer
    /// than eight cases with coefficients.
    pub fn fit(infos: &[CaseInfo], train: &[usize]) -> Result<Self, SurrogateError> {
        Self::fit_examples(&examples(infos, train)?, None)
    }

    /// With the kernel, weights and ridge of `like` where it is given, which saves most of the time.
    pub(super) fn fit_examples(
        examples: &[Example],
        like: Option<&Self>,
    ) -> Result<Self, SurrogateError> {
        let raw: Vec<_> = examples.iter().map(|e| e.descriptor.values()).collect();
        let columns = 0..Descriptor::COUNT;
        let (mean, std): (Vec<f64>, Vec<f64>) = columns
            .map(|j| mean_and_std(raw.iter().map(|row| row[j])))
            .unzip();
        let inputs: Vec<Vec<f64>> = raw.iter().map(|row| scale(row, &mean, &std)).collect();
        let log_drag = examples.iter().all(|e| e.forces.cd > 0.0);
        let drag = |e: &Example| {
            if log_drag {
                e.forces.cd.ln()
            } else {
                e.forces.cd
            }
        };
        let lift: Vec<f64> = examples.iter().map(|e| e.forces.cl).collect();
        let drag: Vec<f64> = examples.iter().map(drag).collect();
        let distances = Distances::new(&inputs);
        let outer = outer_groups(examples);
        Ok(Self {
            names: examples.iter().map(|e| e.name.clone()).collect(),
            lift: Regression::fit(&distances, &lift, &outer, like.map(|l| l.lift.weights))?,
            drag: Regression::fit(&distances, &drag, &outer, like.map(|l| l.drag.weights))?,
            mean,
            std,
            inputs,
            log_drag,
        })
    }

    /// (C_L, C_D) of a case; its fields and its own coefficients are not looked at.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn predict(&self, info: &CaseInfo) -> Result<[f64; 2], SurrogateError> {
        Ok(self.predict_descriptor(&Descriptor::of(info)?))
    }

    pub(super) fn predict_descriptor(&self, case: &Descriptor) -> [f64; 2] {
        let input = scale(&case.values(), &self.mean, &self.std);
        let distances: Vec<[f64; 3]> = self.inputs.iter().map(|x| groups(x, &input)).collect();
        let [lift, drag] = [&self.lift, &self.drag].map(|r| r.predict(&distances));
        [lift, self.drag_of(drag)]
    }

    /// Root mean square errors of C_L and C_D (of its logarithm, where that is learned) on the train
    /// cases that lie beyond the rest in some quantity, predicted by that rest.
    pub(super) fn error_beyond(&self) -> [f64; 2] {
        [self.lift.error_beyond, self.drag.error_beyond]
    }

    /// Whether the logarithm of C_D is learned.
    pub(super) fn log_drag(&self) -> bool {
        self.log_drag
    }

    /// For each train case its name and the (C_L, C_D) that a regression without it predicts, with
    /// the weights found with it.
    pub fn leave_one_out(&self) -> Vec<(&str, [f64; 2])> {
        let left_out = self.lift.left_out.iter().zip(&self.drag.left_out);
        let pairs = left_out.map(|(&lift, &drag)| [lift, self.drag_of(drag)]);
        self.names.iter().map(String::as_str).zip(pairs).collect()
    }

    /// Number of train cases.
    pub fn n_train(&self) -> usize {
        self.inputs.len()
    }

    /// Writes a JSON file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SurrogateError> {
        store::save(path, "kernel_ridge", self)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// An absent or damaged file, or one of another kind or version.
    pub fn load(path: &Path) -> Result<Self, SurrogateError> {
        let loaded: Self = store::load(path, "kernel_ridge")?;
        let n = loaded.inputs.len();
        let whole = loaded.names.len() == n
            && [&loaded.mean, &loaded.std].map(Vec::len) == [Descriptor::COUNT; 2]
            && loaded.inputs.iter().all(|x| x.len() == Descriptor::COUNT)
            && [&loaded.lift, &loaded.drag]
                .iter()
                .all(|r| r.dual.len() == n && r.left_out.len() == n);
        if whole {
            Ok(loaded)
        } else {
            Err(store::wrong_shapes(path))
        }
    }

    fn drag_of(&self, value: f64) -> f64 {
        if self.log_drag { value.exp() } else { value }
    }
}

impl Regression {
    fn fit(
        distances: &Distances,
        target: &[f64],
        outer: &[Vec<usize>],
        weights: Option<Weights>,
    ) -> Result<Self, SurrogateError> {
        let weights = weights.or_else(|| {
            let subset = spread(target.len(), MOST_CASES);
            choose(&distances.of(&subset), &pick(target, &subset))
        });
        let solved = weights.and_then(|w| Some((w, solve(distances, target, w, outer)?)));
        let Some((weights, solution)) = solved else {
            return Err(SurrogateError::Data {
                what: "a kernel-ridge regression of coefficients",
                problem: "no ridge makes its matrix positive definite".into(),
            });
        };
        Ok(Self {
            weights,
            target_mean: solution.mean,
            dual: solution.dual,
            left_out: solution.left_out,
            error_beyond: solution.error_beyond,
        })
    }

    fn predict(&self, distances: &[[f64; 3]]) -> f64 {
        let terms = distances.iter().zip(&self.dual);
        let sum: f64 = terms.map(|(d, c)| c * self.weights.correlation(d)).sum();
        self.target_mean + sum
    }
}

impl Weights {
    /// The kernel at squared distances in angle, log speed and measures.
    fn correlation(&self, [angle, speed, measures]: &[f64; 3]) -> f64 {
        let terms = [
            (self.angle, angle),
            (self.speed, speed),
            (self.measures, measures),
        ];
        self.kernel
            .value(terms.iter().map(|(w, d)| w * w * **d).sum())
    }

    fn scaled(mut self, which: usize, factor: f64) -> Self {
        match which {
            0 => self.angle *= factor,
            1 => self.speed *= factor,
            2 => self.measures *= factor,
            _ => self.ridge *= factor.powi(4),
        }
        self
    }
}

/// Squared distances of z-scored inputs in angle, log speed and all measures.
fn groups(a: &[f64], b: &[f64]) -> [f64; 3] {
    let square = |j: usize| (a[j] - b[j]).powi(2);
    [square(0), square(1), (2..a.len()).map(square).sum()]
}

/// Those of all pairs of cases, lower triangle by rows.
struct Distances {
    n: usize,
    pairs: Vec<[f64; 3]>,
}

impl Distances {
    fn new(inputs: &[Vec<f64>]) -> Self {
        let rows = inputs.iter().enumerate();
        let pairs = rows.flat_map(|(i, a)| inputs[..=i].iter().map(move |b| groups(a, b)));
        Self {
            n: inputs.len(),
            pairs: pairs.collect(),
        }
    }

    fn at(&self, i: usize, j: usize) -> &[f64; 3] {
        let (i, j) = (i.max(j), i.min(j));
        &self.pairs[i * (i + 1) / 2 + j]
    }

    fn of(&self, subset: &[usize]) -> Self {
        let rows = subset.iter().enumerate();
        let pairs = rows.flat_map(|(a, &i)| subset[..=a].iter().map(move |&j| *self.at(i, j)));
        Self {
            n: subset.len(),
            pairs: pairs.collect(),
        }
    }
}

/// The train cases at either end of angle, log speed, camber, thickness and inviscid lift.
fn outer_groups(examples: &[Example]) -> Vec<Vec<usize>> {
    let quantities: [fn(&Descriptor) -> f64; 5] = [
        |d| d.aoa,
        |d| d.log_speed,
        |d| d.measures[0],
        |d| d.measures[1],
        |d| d.panel_cl,
    ];
    let size = (OUTER * examples.len() as f64).round() as usize;
    let ends = quantities.iter().flat_map(|of| {
        let value = |&i: &usize| of(&examples[i].descriptor);
        let mut order: Vec<usize> = (0..examples.len()).collect();
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
        [
            order[..size].to_vec(),
            order[examples.len() - size..].to_vec(),
        ]
    });
    ends.collect()
}

struct Solution {
    mean: f64,
    dual: Vec<f64>,
    left_out: Vec<f64>,
    /// Over the groups that were asked for; 0 without any.
    error_beyond: f64,
}

/// Solves for all cases; in closed form also for each without itself, and for the cases of each group
/// without the group: their errors e have `[(K + λ I)⁻¹]_GG e = c_G`, of which a case is the smallest
/// example.
fn solve(
    distances: &Distances,
    target: &[f64],
    w: Weights,
    beyond: &[Vec<usize>],
) -> Option<Solution> {
    let n = distances.n;
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0 + w.ridge,
        std::cmp::Ordering::Greater => w.correlation(distances.at(i, j)),
    };
    let factor = Cholesky::new(Mat::from_fn(n, n, entry))?;
    let mean = target.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = target.iter().map(|y| y - mean).collect();
    let dual = factor.solve(&centred);
    let inverse = factor.inverse_lower();
    let left_out = (0..n)
        .map(|i| target[i] - dual[i] / inverse[(i, i)])
        .collect();
    let (mut squares, mut count) = (0.0, 0);
    for group in beyond {
        let block = Mat::from_fn(group.len(), group.len(), |i, j| {
            let (i, j) = (group[i], group[j]);
            inverse[(i.max(j), i.min(j))]
        });
        let errors = Cholesky::new(block)?.solve(&pick(&dual, group));
        squares += errors.iter().map(|e| e * e).sum::<f64>();
        count += group.len();
    }
    Some(Solution {
        mean,
        dual,
        left_out,
        error_beyond: (squares / count.max(1) as f64).sqrt(),
    })
}

/// The weights and ridge with the smallest leave-one-out error.
fn choose(distances: &Distances, target: &[f64]) -> Option<Weights> {
    let error = |w: Weights| -> Option<f64> {
        let left_out = solve(distances, target, w, &[])?.left_out;
        let sum: f64 = left_out
            .iter()
            .zip(target)
            .map(|(p, t)| (p - t).powi(2))
            .sum();
        sum.is_finite().then_some(sum)
    };
    let tried: Vec<_> = grid().into_par_iter().map(|w| (error(w), w)).collect();
    let sound = tried.into_iter().filter_map(|(error, w)| Some((error?, w)));
    let (mut least, mut best) = sound.min_by(|a, b| a.0.total_cmp(&b.0))?;
    for factor in REFINEMENT {
        for which in 0..4 {
            for factor in [factor, 1.0 / factor] {
                let next = best.scaled(which, factor);
                if let Some(smaller) = error(next).filter(|e| *e < least) {
                    (least, best) = (smaller, next);
                }
            }
        }
    }
    Some(best)
}

/// All combinations of the coarse grid.
fn grid() -> Vec<Weights> {
    let mut grid = Vec::new();
    for angle in ANGLE {
        for speed in SPEED {
            for measures in MEASURES {
                for ridge in RIDGES {
                    grid.extend(KERNELS.map(|kernel| Weights {
                        kernel,
                        angle,
                        speed,
                        measures,
                        ridge,
                    }));
                }
            }
        }
    }
    grid
}

fn scale(row: &[f64], mean: &[f64], std: &[f64]) -> Vec<f64> {
    let scaled = row.iter().zip(mean.iter().zip(std));
    scaled.map(|(v, (m, s))| (v - m) / s).collect()
}

fn pick(values: &[f64], positions: &[usize]) -> Vec<f64> {
    positions.iter().map(|&i| values[i]).collect()
}

#[cfg(test)]
#[path = "kernel_ridge_tests.rs"]
mod tests;
