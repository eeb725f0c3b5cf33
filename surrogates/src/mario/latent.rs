//! The second geometry code of MARIO: a latent vector of the signed distance field.
//!
//! An implicit network (x, y) -> sdf is modulated by a vector z, one for each airfoil, and z is
//! what the flow network is told of the geometry. Catalani et al., arXiv 2505.14704, with CAVIA
//! (Zintgraf et al., "Fast Context Adaptation via Meta-Learning", ICML 2019, arXiv 1810.03642).
//! Departures:
//! 1. The outer gradient is first order: burn has no second derivatives. The inner step size is
//!    learned all the same, from the outer gradient with respect to z.
//! 2. An auto-decoder (Park et al., "DeepSDF", CVPR 2019, arXiv 1901.05103) is offered: z is a
//!    parameter of each train case, and at test time it is fitted with the network fixed.
//! 3. Latent vectors are z-scored over the train cases before the flow network sees them.

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use karman_datasets::{ColumnSelector, PointTable};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{ModulatedField, ModulatedFieldConfig, Modulation};
use crate::{SurrogateError, data::CaseSource, training::Optimiser, training::TrainingConfig};

/// Points of a train case that are kept, so that large sets fit into memory.
const TRAIN_POINTS: usize = 16_384;
/// Points of a new case by which its latent vector is found.
const ENCODE_POINTS: usize = 4096;
/// Steps and rate of the fit of a latent vector with the network fixed (auto-decoder).
const DECODER_STEPS: usize = 100;
const DECODER_RATE: f32 = 0.05;

/// How latent vectors are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatentMethod {
    /// A few gradient steps from zero, in training and afterwards (first-order CAVIA).
    #[default]
    Cavia,
    /// A parameter of each train case; fitted with the network fixed afterwards.
    AutoDecoder,
}

/// Configuration of an [`SdfLatent`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SdfLatentConfig {
    /// How latent vectors are found.
    pub method: LatentMethod,
    /// Length of the latent vector.
    pub size: usize,
    /// Fourier frequencies, of one scale.
    pub n_freq: usize,
    /// Standard deviation of the frequencies.
    pub scale: f64,
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Inner gradient steps (CAVIA).
    pub inner_steps: usize,
    /// First inner step size; it is learned.
    pub inner_rate: f64,
    /// Training steps.
    pub steps: usize,
    /// Points of each case in a step.
    pub points: usize,
    /// Cases in a step.
    pub batch_cases: usize,
    /// Learning rate of the network, decaying to zero by half a cosine.
    pub learning_rate: f64,
}

impl Default for SdfLatentConfig {
    fn default() -> Self {
        Self {
            method: LatentMethod::Cavia,
            size: 8,
            n_freq: 32,
            scale: 0.5,
            width: 256,
            depth: 5,
            inner_steps: 3,
            inner_rate: 0.01,
            steps: 2000,
            points: 512,
            batch_cases: 4,
            learning_rate: 1e-3,
        }
    }
}

/// Scales of inputs and outputs, and what was learned beside the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SdfLatentState {
    config: SdfLatentConfig,
    /// Centre and half extent of x and y over the train points.
    extent: [[f64; 2]; 2],
    /// Mean and standard deviation of the distance.
    sdf: [f64; 2],
    /// Learned inner step size.
    rate: f64,
    /// Mean and standard deviation of each latent entry over the train cases.
    latent: Vec<[f64; 2]>,
}

/// A trained implicit network and the way to a case's latent vector.
#[derive(Clone, Debug)]
pub struct SdfLatent {
    state: SdfLatentState,
    network: ModulatedField,
    device: Device,
}

/// Scaled points and distances of one case, row-major `[n, 3]`.
struct SdfRows(Vec<f32>);

impl SdfLatent {
    /// Trains on the cases `train` of `source`; deterministic for a seed.
    ///
    /// # Errors
    /// Unreadable cases, no cases, a size of zero.
    pub fn fit(
        config: &SdfLatentConfig,
        source: &dyn CaseSource,
        train: &[usize],
        seed: u64,
        device: &Device,
    ) -> Result<Self, SurrogateError> {
        let zero = [
            config.size,
            config.n_freq,
            config.width,
            config.depth,
            config.points,
            config.batch_cases,
        ];
        if zero.contains(&0) || train.is_empty() {
            return Err(SurrogateError::config(
                "features.latent",
                "all sizes must be at least 1, and there must be train cases",
            ));
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tables = train
            .iter()
            .map(|&case| sdf_table(&source.subset(case, 0, TRAIN_POINTS)?))
            .collect::<Result<Vec<_>, _>>()?;
        let state = SdfLatentState::fit(config, &tables);
        let rows: Vec<SdfRows> = tables.iter().map(|table| state.scale(table)).collect();
        let network =
            config
                .field()
                .init((2, config.size, 1), &mut rng, &device.clone().autodiff());
        let mut model = Self {
            state,
            network,
            device: device.clone(),
        };
        match config.method {
            LatentMethod::Cavia => model.train_cavia(&rows, &mut rng),
            LatentMethod::AutoDecoder => model.train_decoder(&rows, &mut rng),
        }
        let latents: Vec<Vec<f32>> = rows.iter().map(|rows| model.raw_latent(rows)).collect();
        model.state.latent = column_statistics(&latents);
        Ok(model)
    }

    /// Length of the latent vector.
    pub fn size(&self) -> usize {
        self.state.config.size
    }

    /// The z-scored latent vector of a case, from its `x`, `y` and `sdf` columns.
    ///
    /// # Errors
    /// A table without these columns.
    pub fn encode(&self, table: &PointTable) -> Result<Vec<f32>, SurrogateError> {
        let rows = self.state.scale(&sdf_table(table)?);
        let raw = self.raw_latent(&rows);
        Ok(raw
            .iter()
            .zip(&self.state.latent)
            .map(|(z, [mean, std])| ((f64::from(*z) - mean) / std) as f32)
            .collect())
    }

    /// The network, for a checkpoint.
    pub(crate) fn network(&self) -> &ModulatedField {
        &self.network
    }

    /// What is stored beside the network.
    pub(crate) fn state(&self) -> &SdfLatentState {
        &self.state
    }

    /// From what [`state`](Self::state) gave and a network that `load` fills.
    pub(crate) fn restore(
        state: SdfLatentState,
        device: &Device,
        load: impl FnOnce(ModulatedField) -> Result<ModulatedField, SurrogateError>,
    ) -> Result<Self, SurrogateError> {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let config = state.config.field();
        let network = load(config.init((2, state.config.size, 1), &mut rng, device))?;
        Ok(Self {
            state,
            network,
            device: device.clone(),
        })
    }

    /// Mean squared error of the scaled distance at `points` with latent vectors `z`.
    fn loss(&self, points: &Tensor<3>, target: &Tensor<3>, z: Tensor<2>) -> Tensor<1> {
        let predicted = self
            .network
            .forward(points.clone(), self.network.modulation(z));
        (predicted - target.clone()).square().mean()
    }

    /// Latent vectors after the inner steps from zero, and the sum of their gradients.
    fn adapt(&self, points: &Tensor<3>, target: &Tensor<3>) -> (Tensor<2>, Tensor<2>) {
        let cases = points.dims()[0];
        let device = self.device.clone();
        let shape = [cases, self.state.config.size];
        let mut z = Tensor::<2>::zeros(shape, &device);
        let mut total = Tensor::<2>::zeros(shape, &device);
        for _ in 0..self.state.config.inner_steps {
            let leaf = z.clone().autodiff().require_grad();
            let grads = self.loss(points, target, leaf.clone()).backward();
            // The loss is a mean over cases, each of which has a vector of its own.
            if let Some(grad) = leaf.grad(&grads) {
                let grad = grad.mul_scalar(cases as f64);
                z = z - grad.clone().mul_scalar(self.state.rate);
                total = total + grad;
            }
        }
        (z, total)
    }

    fn train_cavia(&mut self, rows: &[SdfRows], rng: &mut ChaCha8Rng) {
        let config = self.state.config.clone();
        let settings = TrainingConfig::default();
        let mut optimiser = Optimiser::default();
        let (mut slope, mut square) = (0.0f64, 0.0f64);
        for step in 0..config.steps {
            let (_, points, target) = self.batch(rows, rng);
            let (z, total) = self.adapt(&points, &target);
            let leaf = z.autodiff().require_grad();
            let mut grads = self.loss(&points, &target, leaf.clone()).backward();
            if let Some(grad) = leaf.grad_remove(&mut grads) {
                // d loss / d log(rate), with z = -rate * total.
                let d = -f64::from((grad * total).sum().into_scalar::<f32>()) * self.state.rate;
                slope = 0.9 * slope + 0.1 * d;
                square = 0.99 * square + 0.01 * d * d;
                self.state.rate *= (-0.02 * slope / (square.sqrt() + 1e-12)).exp();
            }
            let lr = config.rate(step);
            self.network = optimiser.step(self.network.clone(), grads, lr, &settings);
        }
        self.network = optimiser.averaged(self.network.clone());
    }

    fn train_decoder(&mut self, rows: &[SdfRows], rng: &mut ChaCha8Rng) {
        let config = self.state.config.clone();
        let settings = TrainingConfig::default();
        let mut optimiser = Optimiser::default();
        let mut latents = vec![AdamVector::new(config.size); rows.len()];
        for step in 0..config.steps {
            let (cases, points, target) = self.batch(rows, rng);
            let z: Vec<f32> = cases
                .iter()
                .flat_map(|&case| latents[case].value.clone())
                .collect();
            let z = self.tensor2(z, cases.len());
            let leaf = z.autodiff().require_grad();
            let mut grads = self.loss(&points, &target, leaf.clone()).backward();
            let grad = leaf.grad_remove(&mut grads).map(to_vec).unwrap_or_default();
            let lr = config.rate(step);
            for (&case, grad) in cases.iter().zip(grad.chunks_exact(config.size)) {
                latents[case].step(grad, 10.0 * lr as f32);
            }
            self.network = optimiser.step(self.network.clone(), grads, lr, &settings);
        }
        self.network = optimiser.averaged(self.network.clone());
    }

    /// The latent vector of one case before z-scoring.
    fn raw_latent(&self, rows: &SdfRows) -> Vec<f32> {
        let n = rows.0.len() / 3;
        // Evenly spread over the file, so that encoding needs no random numbers.
        let count = ENCODE_POINTS.min(n);
        let picked: Vec<usize> = (0..count).map(|k| k * n / count).collect();
        let (points, target) = self.tensors(std::slice::from_ref(&picked), &[rows]);
        if self.state.config.method == LatentMethod::Cavia {
            return to_vec(self.adapt(&points, &target).0);
        }
        let mut z = AdamVector::new(self.state.config.size);
        for _ in 0..DECODER_STEPS {
            let leaf = self.tensor2(z.value.clone(), 1).autodiff().require_grad();
            let grads = self.loss(&points, &target, leaf.clone()).backward();
            let grad = leaf.grad(&grads).map(to_vec).unwrap_or_default();
            z.step(&grad, DECODER_RATE);
        }
        z.value
    }

    /// Random cases, and random points of each.
    fn batch(&self, rows: &[SdfRows], rng: &mut ChaCha8Rng) -> (Vec<usize>, Tensor<3>, Tensor<3>) {
        let config = &self.state.config;
        let all: Vec<usize> = (0..rows.len()).collect();
        let cases: Vec<usize> = all
            .choose_multiple(rng, config.batch_cases.min(rows.len()))
            .copied()
            .collect();
        let picked: Vec<Vec<usize>> = cases
            .iter()
            .map(|&case| {
                let n = rows[case].0.len() / 3;
                (0..config.points).map(|_| rng.random_range(0..n)).collect()
            })
            .collect();
        let of_cases: Vec<&SdfRows> = cases.iter().map(|&case| &rows[case]).collect();
        let (points, target) = self.tensors(&picked, &of_cases);
        (cases, points, target)
    }

    fn tensors(&self, picked: &[Vec<usize>], rows: &[&SdfRows]) -> (Tensor<3>, Tensor<3>) {
        let (mut xy, mut sdf) = (Vec::new(), Vec::new());
        for (picked, rows) in picked.iter().zip(rows) {
            for &row in picked {
                xy.extend_from_slice(&rows.0[row * 3..row * 3 + 2]);
                sdf.push(rows.0[row * 3 + 2]);
            }
        }
        let (cases, points) = (picked.len(), picked.first().map_or(0, Vec::len));
        let tensor = |data: Vec<f32>, width: usize| {
            Tensor::<3>::from_data(TensorData::new(data, [cases, points, width]), &self.device)
        };
        (tensor(xy, 2), tensor(sdf, 1))
    }

    fn tensor2(&self, data: Vec<f32>, rows: usize) -> Tensor<2> {
        let width = data.len() / rows.max(1);
        Tensor::from_data(TensorData::new(data, [rows, width]), &self.device)
    }
}

impl SdfLatentConfig {
    fn field(&self) -> ModulatedFieldConfig {
        ModulatedFieldConfig {
            n_freq: self.n_freq,
            scales: vec![self.scale],
            width: self.width,
            depth: self.depth,
            modulation: Modulation::Shift,
            hyper_width: self.width,
            hyper_depth: 0,
        }
    }

    fn rate(&self, step: usize) -> f64 {
        let share = step as f64 / self.steps.max(1) as f64;
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
    }
}

impl SdfLatentState {
    fn fit(config: &SdfLatentConfig, tables: &[Vec<f32>]) -> Self {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        let (mut n, mut sum, mut square) = (0.0f64, 0.0, 0.0);
        for row in tables.iter().flat_map(|table| table.chunks_exact(3)) {
            for axis in 0..2 {
                low[axis] = low[axis].min(f64::from(row[axis]));
                high[axis] = high[axis].max(f64::from(row[axis]));
            }
            let d = f64::from(row[2]);
            n += 1.0;
            sum += d;
            square += d * d;
        }
        let mean = sum / n.max(1.0);
        let std = (square / n.max(1.0) - mean * mean).max(1e-12).sqrt();
        let extent = [0, 1].map(|i| {
            [
                0.5 * (low[i] + high[i]),
                (0.5 * (high[i] - low[i])).max(1e-12),
            ]
        });
        Self {
            config: config.clone(),
            extent,
            sdf: [mean, std],
            rate: config.inner_rate,
            latent: vec![[0.0, 1.0]; config.size],
        }
    }

    fn scale(&self, table: &[f32]) -> SdfRows {
        let scaled =
            |value: f32, [shift, scale]: [f64; 2]| ((f64::from(value) - shift) / scale) as f32;
        let rows = table.chunks_exact(3).flat_map(|row| {
            [
                scaled(row[0], self.extent[0]),
                scaled(row[1], self.extent[1]),
                scaled(row[2], self.sdf),
            ]
        });
        SdfRows(rows.collect())
    }
}

/// A vector optimised by Adam (Kingma, Ba, ICLR 2015).
#[derive(Clone)]
struct AdamVector {
    value: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl AdamVector {
    fn new(size: usize) -> Self {
        Self {
            value: vec![0.0; size],
            first: vec![0.0; size],
            second: vec![0.0; size],
            steps: 0,
        }
    }

    fn step(&mut self, grad: &[f32], rate: f32) {
        self.steps += 1;
        let corrections = (
            1.0 - 0.9f32.powi(self.steps),
            1.0 - 0.999f32.powi(self.steps),
        );
        for (i, g) in grad.iter().enumerate() {
            self.first[i] = 0.9 * self.first[i] + 0.1 * g;
            self.second[i] = 0.999 * self.second[i] + 0.001 * g * g;
            let root = (self.second[i] / corrections.1).sqrt();
            self.value[i] -= rate * self.first[i] / corrections.0 / (root + 1e-8);
        }
    }
}

fn sdf_table(table: &PointTable) -> Result<Vec<f32>, SurrogateError> {
    let selector = ColumnSelector::new(table.columns(), &["x", "y", "sdf"])?;
    Ok(selector.gather(table.data()))
}

fn to_vec(tensor: Tensor<2>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_to_vec::<f32>().unwrap_or_default()
}

/// Mean and standard deviation of each column; a column that does not vary is left as it is.
fn column_statistics(rows: &[Vec<f32>]) -> Vec<[f64; 2]> {
    let width = rows.first().map_or(0, Vec::len);
    let n = rows.len().max(1) as f64;
    (0..width)
        .map(|i| {
            let mean = rows.iter().map(|r| f64::from(r[i])).sum::<f64>() / n;
            let square = rows.iter().map(|r| (f64::from(r[i]) - mean).powi(2));
            let std = (square.sum::<f64>() / n).sqrt();
            [mean, if std > 1e-12 { std } else { 1.0 }]
        })
        .collect()
}
