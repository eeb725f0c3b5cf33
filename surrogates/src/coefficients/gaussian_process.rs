//! Gaussian-process regression with a length scale for each input.
//!
//! k(x, x') = B + L x·x' + A c(r), r² = Σ ((x_j - x'_j)/l_j)², with a correlation c of
//! [`Kernel`], plus noise of variance N. Inputs and targets are z-scored. Length scales, A, L and N
//! maximise the marginal likelihood times weak log-normal priors (C. E. Rasmussen, C. K. I.
//! Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, sections 2.7, 5.4 and
//! equation 5.12), by the sign of its analytic gradient: iRprop- (C. Igel, M. Hüsken,
//! Neurocomputing 50 (2003); for Gaussian processes M. Blum, M. Riedmiller, ESANN 2013).

use faer::Mat;
use serde::{Deserialize, Serialize};

use super::dense::Cholesky;
use super::descriptor::{mean_and_std, spread};
use super::kernel::Kernel;

/// Variance B of the constant, in units of the target's.
const BIAS: f64 = 1.0;
/// Added to the diagonal whatever the noise, against rounding.
const JITTER: f64 = 1e-8;
/// Hyperparameters are found on at most this many cases.
const MOST_CASES: usize = 250;
/// Priors of the logarithms: (mean, standard deviation) of l, A, N, L.
const PRIOR_LENGTH: (f64, f64) = (1.5, 1.0);
const PRIOR_AMPLITUDE: (f64, f64) = (1.0, 2.0);
const PRIOR_NOISE: (f64, f64) = (-7.0, 3.0);
const PRIOR_LINEAR: (f64, f64) = (0.0, 3.0);
/// iRprop-: steps of the logarithms, and how they grow and shrink.
const FIRST_STEP: f64 = 0.1;
const LARGEST_STEP: f64 = 0.5;
const GROWTH: f64 = 1.2;
const SHRINKAGE: f64 = 0.5;
const ITERATIONS: usize = 150;
const SMALLEST_STEP: f64 = 1e-3;

/// Logarithms of what is fitted: length scales, then A, N, L.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Hyperparameters {
    pub(super) kernel: Kernel,
    pub(super) logs: Vec<f64>,
}

/// Mean and standard deviation of a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gaussian {
    pub(super) mean: f64,
    pub(super) std: f64,
}

/// A Gaussian process with its data.
#[derive(Debug, Clone)]
pub(super) struct GaussianProcess {
    hyperparameters: Hyperparameters,
    inputs: Vec<Vec<f64>>,
    target_mean: f64,
    target_std: f64,
    targets: Vec<f64>,
    factor: Cholesky,
    weights: Vec<f64>,
}

impl GaussianProcess {
    /// Finds the hyperparameters for rows of z-scored inputs and their targets.
    pub(super) fn hyperparameters(
        kernel: Kernel,
        inputs: &[Vec<f64>],
        targets: &[f64],
    ) -> Hyperparameters {
        let subset = spread(inputs.len(), MOST_CASES);
        let inputs: Vec<Vec<f64>> = subset.iter().map(|&i| inputs[i].clone()).collect();
        let (mean, std) = mean_and_std(subset.iter().map(|&i| targets[i]));
        let targets: Vec<f64> = subset.iter().map(|&i| (targets[i] - mean) / std).collect();
        let logs = maximise(kernel, &inputs, &targets);
        Hyperparameters { kernel, logs }
    }

    /// Conditions on the data. `None` when the hyperparameters are not as many as the inputs need, or
    /// the covariance is not positive definite (which takes values that are not finite).
    pub(super) fn new(
        hyperparameters: Hyperparameters,
        inputs: Vec<Vec<f64>>,
        targets: &[f64],
    ) -> Option<Self> {
        let lengths = inputs.first()?.len();
        if hyperparameters.logs.len() != lengths + 3 {
            return None;
        }
        let (target_mean, target_std) = mean_and_std(targets.iter().copied());
        let scaled = targets.iter().map(|t| (t - target_mean) / target_std);
        let targets: Vec<f64> = scaled.collect();
        let covariance = Covariance::new(hyperparameters.kernel, &hyperparameters.logs);
        let factor = Cholesky::new(covariance.matrix(&inputs))?;
        let weights = factor.solve(&targets);
        Some(Self {
            hyperparameters,
            inputs,
            target_mean,
            target_std,
            targets,
            factor,
            weights,
        })
    }

    /// Predicts for one row of z-scored inputs; the noise is part of the deviation.
    pub(super) fn predict(&self, input: &[f64]) -> Gaussian {
        let covariance = Covariance::new(self.hyperparameters.kernel, &self.hyperparameters.logs);
        let cross: Vec<f64> = self
            .inputs
            .iter()
            .map(|x| covariance.at(x, input))
            .collect();
        let mean: f64 = cross.iter().zip(&self.weights).map(|(k, w)| k * w).sum();
        let prior = covariance.at(input, input) + covariance.noise;
        let variance = (prior - self.factor.quadratic_form(&cross)).max(covariance.noise);
        self.rescaled(mean, variance)
    }

    /// For each row of data, the prediction by the others with the same hyperparameters
    /// (equation 5.12 of the reference).
    pub(super) fn leave_one_out(&self) -> Vec<Gaussian> {
        let inverse = self.factor.inverse_lower();
        let rows = self.targets.iter().zip(&self.weights).enumerate();
        rows.map(|(i, (target, weight))| {
            let variance = 1.0 / inverse[(i, i)];
            self.rescaled(target - weight * variance, variance)
        })
        .collect()
    }

    fn rescaled(&self, mean: f64, variance: f64) -> Gaussian {
        Gaussian {
            mean: self.target_mean + self.target_std * mean,
            std: self.target_std * variance.max(0.0).sqrt(),
        }
    }
}

/// The covariance function at given hyperparameters.
struct Covariance {
    kernel: Kernel,
    /// 1 / l².
    precision: Vec<f64>,
    amplitude: f64,
    noise: f64,
    linear: f64,
}

impl Covariance {
    fn new(kernel: Kernel, logs: &[f64]) -> Self {
        let (lengths, rest) = logs.split_at(logs.len() - 3);
        Self {
            kernel,
            precision: lengths.iter().map(|l| (-2.0 * l).exp()).collect(),
            amplitude: rest[0].exp(),
            noise: rest[1].exp(),
            linear: rest[2].exp(),
        }
    }

    fn squared_distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let terms = a.iter().zip(b).zip(&self.precision);
        terms.map(|((x, y), p)| (x - y).powi(2) * p).sum()
    }

    fn at(&self, a: &[f64], b: &[f64]) -> f64 {
        BIAS + self.linear * dot(a, b)
            + self.amplitude * self.kernel.value(self.squared_distance(a, b))
    }

    /// Lower triangle of the covariance of noisy targets.
    fn matrix(&self, inputs: &[Vec<f64>]) -> Mat<f64> {
        let n = inputs.len();
        Mat::from_fn(n, n, |i, j| match i.cmp(&j) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => self.at(&inputs[i], &inputs[i]) + self.noise + JITTER,
            std::cmp::Ordering::Greater => self.at(&inputs[i], &inputs[j]),
        })
    }
}

/// Negative logarithm of likelihood times prior, up to a constant, and its gradient.
fn objective(
    kernel: Kernel,
    inputs: &[Vec<f64>],
    targets: &[f64],
    logs: &[f64],
) -> Option<(f64, Vec<f64>)> {
    let covariance = Covariance::new(kernel, logs);
    let factor = Cholesky::new(covariance.matrix(inputs))?;
    let weights = factor.solve(targets);
    let mut value = 0.5 * (dot(targets, &weights) + factor.log_determinant());
    let inverse = factor.inverse_lower();
    let lengths = covariance.precision.len();
    let mut gradient = vec![0.0; logs.len()];
    for (i, a) in inputs.iter().enumerate() {
        for (j, b) in inputs[..=i].iter().enumerate() {
            // Half of the pair's entry, twice off the diagonal.
            let entry = inverse[(i, j)] - weights[i] * weights[j];
            let entry = if i == j { 0.5 * entry } else { entry };
            let r2 = covariance.squared_distance(a, b);
            let (correlation, slope) = kernel.value_and_slope(r2);
            let along = entry * covariance.amplitude * slope;
            for d in 0..lengths {
                gradient[d] += along * (a[d] - b[d]).powi(2) * covariance.precision[d];
            }
            gradient[lengths] += entry * covariance.amplitude * correlation;
            if i == j {
                gradient[lengths + 1] += entry * covariance.noise;
            }
            gradient[lengths + 2] += entry * covariance.linear * dot(a, b);
        }
    }
    for (k, log) in logs.iter().enumerate() {
        let (mean, std) = prior(k, lengths);
        value += 0.5 * ((log - mean) / std).powi(2);
        gradient[k] += (log - mean) / (std * std);
    }
    value.is_finite().then_some((value, gradient))
}

fn prior(which: usize, lengths: usize) -> (f64, f64) {
    match which.checked_sub(lengths) {
        None => PRIOR_LENGTH,
        Some(0) => PRIOR_AMPLITUDE,
        Some(1) => PRIOR_NOISE,
        Some(_) => PRIOR_LINEAR,
    }
}

/// The best logarithms that iRprop- visits from the priors' means. Where the covariance cannot be
/// factored all steps are halved.
fn maximise(kernel: Kernel, inputs: &[Vec<f64>], targets: &[f64]) -> Vec<f64> {
    let lengths = inputs.first().map_or(0, Vec::len);
    let mut at: Vec<f64> = (0..lengths + 3).map(|k| prior(k, lengths).0).collect();
    let mut steps = vec![FIRST_STEP; at.len()];
    let mut last = vec![0.0; at.len()];
    let mut best = (f64::INFINITY, at.clone());
    for _ in 0..ITERATIONS {
        let Some((value, gradient)) = objective(kernel, inputs, targets, &at) else {
            at.clone_from(&best.1);
            steps.iter_mut().for_each(|step| *step *= SHRINKAGE);
            continue;
        };
        if value < best.0 {
            best = (value, at.clone());
        }
        for k in 0..at.len() {
            let agreement = gradient[k] * last[k];
            last[k] = gradient[k];
            if agreement > 0.0 {
                steps[k] = (steps[k] * GROWTH).min(LARGEST_STEP);
            } else if agreement < 0.0 {
                steps[k] *= SHRINKAGE;
                last[k] = 0.0;
            }
            at[k] -= last[k].signum() * if last[k] == 0.0 { 0.0 } else { steps[k] };
        }
        if steps.iter().all(|step| *step < SMALLEST_STEP) {
            break;
        }
    }
    best.1
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn rows(n: usize, d: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..n)
            .map(|_| (0..d).map(|_| rng.random_range(-1.7..1.7)).collect())
            .collect()
    }

    #[test]
    fn gradient_is_that_of_central_differences() {
        let inputs = rows(12, 3, 1);
        let targets: Vec<f64> = inputs.iter().map(|x| x[0] + (2.0 * x[1]).sin()).collect();
        for kernel in [Kernel::Rbf, Kernel::Matern52] {
            let logs = vec![0.2, -0.1, 0.7, 0.3, -2.0, -0.5];
            let (_, gradient) = objective(kernel, &inputs, &targets, &logs).unwrap();
            for k in 0..logs.len() {
                let value = |h: f64| {
                    let mut at = logs.clone();
                    at[k] += h;
                    objective(kernel, &inputs, &targets, &at).unwrap().0
                };
                let difference = (value(1e-5) - value(-1e-5)) / 2e-5;
                assert!(
                    (gradient[k] - difference).abs() < 1e-6 * (1.0 + difference.abs()),
                    "{kernel:?} {k}: {} {difference}",
                    gradient[k]
                );
            }
        }
    }

    #[test]
    fn leave_one_out_is_that_of_refitting() {
        let inputs = rows(15, 2, 2);
        let targets: Vec<f64> = inputs.iter().map(|x| x[0] * x[1]).collect();
        let logs = vec![0.1, 0.3, 0.0, -4.0, -1.0];
        let hyperparameters = Hyperparameters {
            kernel: Kernel::Matern52,
            logs,
        };
        let all = GaussianProcess::new(hyperparameters.clone(), inputs.clone(), &targets).unwrap();
        let left_out = all.leave_one_out()[4];
        // Without row 4 and in the units of all rows: a refit would z-score its own targets.
        let covariance = Covariance::new(Kernel::Matern52, &all.hyperparameters.logs);
        let others: Vec<usize> = (0..15).filter(|&i| i != 4).collect();
        let rows: Vec<Vec<f64>> = others.iter().map(|&i| inputs[i].clone()).collect();
        let factor = Cholesky::new(covariance.matrix(&rows)).unwrap();
        let scaled: Vec<f64> = others.iter().map(|&i| all.targets[i]).collect();
        let cross: Vec<f64> = rows.iter().map(|x| covariance.at(x, &inputs[4])).collect();
        let mean = all.rescaled(dot(&cross, &factor.solve(&scaled)), 0.0).mean;
        assert!((left_out.mean - mean).abs() < 1e-6, "{left_out:?} {mean}");
        let variance = covariance.at(&inputs[4], &inputs[4]) + covariance.noise + JITTER
            - factor.quadratic_form(&cross);
        let std = all.target_std * variance.sqrt();
        assert!(
            (left_out.std - std).abs() < 1e-6 * std,
            "{left_out:?} {std}"
        );
    }

    /// A function of the first of two inputs: the second length scale grows, and the prediction
    /// between the data is right to a small part of the range, with a deviation that says so.
    #[test]
    fn finds_out_which_input_matters() {
        let inputs = rows(60, 2, 3);
        let f = |x: &[f64]| 3.0 + (2.0 * x[0]).sin();
        let targets: Vec<f64> = inputs.iter().map(|x| f(x)).collect();
        for kernel in [Kernel::Rbf, Kernel::Matern52] {
            let found = GaussianProcess::hyperparameters(kernel, &inputs, &targets);
            assert!(found.logs[1] > found.logs[0] + 1.0, "{found:?}");
            let process = GaussianProcess::new(found, inputs.clone(), &targets).unwrap();
            for x in [[0.3, -1.0], [-1.1, 0.4]] {
                let prediction = process.predict(&x);
                assert!(
                    (prediction.mean - f(&x)).abs() < 0.02,
                    "{kernel:?} {prediction:?}"
                );
                assert!(prediction.std < 0.05, "{kernel:?} {prediction:?}");
            }
            // Far away it falls back to the trend and says how little it knows.
            assert!(process.predict(&[40.0, 0.0]).std > 0.3);
        }
    }
}
