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

mod adam_vector;
mod config;
mod state;

pub use config::{LatentMethod, SdfLatentConfig};
pub(crate) use state::SdfLatentState;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use karman_datasets::{ColumnSelector, PointTable};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use self::adam_vector::AdamVector;
use self::state::{SdfRows, column_statistics};
use super::ModulatedField;
use crate::{
    SurrogateError, data::CaseSource, models::Precision, training::Optimiser,
    training::TrainingConfig,
};

/// Points of a train case that are kept, so that large sets fit into memory.
const TRAIN_POINTS: usize = 16_384;
/// Points of a new case by which its latent vector is found.
const ENCODE_POINTS: usize = 4096;
/// Steps and rate of the fit of a latent vector with the network fixed (auto-decoder).
const DECODER_STEPS: usize = 100;
const DECODER_RATE: f32 = 0.05;

/// A trained implicit network and the way to a case's latent vector.
#[derive(Clone, Debug)]
pub struct SdfLatent {
    state: SdfLatentState,
    network: ModulatedField,
    device: Device,
}

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
        config.check()?;
        if train.is_empty() {
            return Err(SurrogateError::Data {
                what: "the latent geometry code",
                problem: "there are no train cases".into(),
            });
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
        let predicted =
            self.network
                .forward(points.clone(), self.network.modulation(z), Precision::F32);
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
        let n = rows.len();
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
                let n = rows[case].len();
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
                let (point, distance) = rows.at(row);
                xy.extend(point);
                sdf.push(distance);
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

fn sdf_table(table: &PointTable) -> Result<Vec<f32>, SurrogateError> {
    let selector = ColumnSelector::new(table.columns(), &["x", "y", "sdf"])?;
    Ok(selector.gather(table.data()))
}

fn to_vec(tensor: Tensor<2>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_to_vec::<f32>().unwrap_or_default()
}
