//! How fast training steps are taken: the trainer's own steps on random data.

use std::time::Instant;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{
    Optimiser, TrainingConfig,
    replay::Replay,
    state::{RunProgress, RunState},
    step::{StepContext, StepInputs},
};
use crate::{SurrogateError, data::Draw, models::ModelConfig};

/// What is measured.
#[derive(Clone, Debug, Serialize)]
pub struct StepBench {
    /// The network.
    pub model: ModelConfig,
    /// Batch size, precision and replay are taken from here.
    pub training: TrainingConfig,
    /// Cases of the data, and rows of each.
    pub cases: usize,
    /// Rows of each case.
    pub rows: usize,
    /// Inputs of a row.
    pub inputs: usize,
    /// Length of a case's code.
    pub code: usize,
    /// Timed steps of one repetition.
    pub steps: usize,
    /// Repetitions.
    pub repeats: usize,
}

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct StepRate {
    /// Seconds a step, of each repetition.
    pub seconds: Vec<f64>,
    /// Seconds before the first timed step: kernels compiled and tuned, a step recorded.
    pub warm_up: f64,
    /// Whether steps were replayed from a recording.
    pub replayed: bool,
    /// Loss of the first and of the last step.
    pub losses: [f64; 2],
    /// Bytes that the device's allocator holds, where it says.
    pub device_bytes: Option<u64>,
}

impl StepRate {
    /// Median seconds a step.
    pub fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Steps that are not timed.
const WARM_UP: usize = 20;

impl StepBench {
    /// Measures on `device`.
    ///
    /// # Errors
    /// Settings that make no sense, or that the device does not have.
    pub fn run(&self, device: &Device) -> Result<StepRate, SurrogateError> {
        self.training.check()?;
        self.model.check()?;
        self.training.precision.check(device)?;
        let mut bench = Running::new(self, device);
        let begun = Instant::now();
        let first = bench.step();
        for _ in 1..WARM_UP {
            bench.step();
        }
        bench.wait();
        let warm_up = begun.elapsed().as_secs_f64();
        let mut last = first.clone();
        let seconds = (0..self.repeats)
            .map(|_| {
                let begun = Instant::now();
                for _ in 0..self.steps {
                    last = bench.step();
                }
                bench.wait();
                begun.elapsed().as_secs_f64() / self.steps as f64
            })
            .collect();
        Ok(StepRate {
            seconds,
            warm_up,
            replayed: bench.replay.is_recorded(),
            losses: [first, last].map(|loss| f64::from(loss.into_scalar::<f32>())),
            device_bytes: device.memory_pool_usage().map(|usage| usage.bytes_reserved),
        })
    }
}

struct Running<'a> {
    bench: &'a StepBench,
    device: &'a Device,
    rng: ChaCha8Rng,
    table: Tensor<2>,
    codes: Tensor<2>,
    state: RunState,
    replay: Replay,
}

impl<'a> Running<'a> {
    fn new(bench: &'a StepBench, device: &'a Device) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(bench.training.seed);
        let sizes = (bench.inputs, bench.code, 4);
        let network = bench
            .model
            .init(sizes, &mut rng, &device.clone().autodiff());
        let width = bench.inputs + 8;
        let mut matrix = |rows: usize, width: usize| {
            let data: Vec<f32> = (0..rows * width)
                .map(|_| rng.random_range(-1.0..1.0))
                .collect();
            Tensor::<2>::from_data(TensorData::new(data, [rows, width]), device)
        };
        Self {
            table: matrix(bench.cases * bench.rows, width),
            codes: matrix(bench.cases, bench.code),
            state: RunState {
                progress: RunProgress::default(),
                network: Some(network),
                optimiser: Optimiser::default(),
            },
            replay: Replay::new(device, bench.training.replay),
            rng,
            bench,
            device,
        }
    }

    fn step(&mut self) -> Tensor<1> {
        let training = &self.bench.training;
        let cases: Vec<usize> = (0..training.batch_cases)
            .map(|_| self.rng.random_range(0..self.bench.cases))
            .collect();
        let rows = cases.iter().flat_map(|case| {
            let rng = &mut self.rng;
            let rows = self.bench.rows;
            (0..training.points)
                .map(|_| (case * rows + rng.random_range(0..rows)) as i32)
                .collect::<Vec<_>>()
        });
        let draw = Draw::Table(rows.collect());
        let numbers = self.state.optimiser.next(training.learning_rate, training);
        let inputs = StepInputs::new(&cases, draw, numbers, self.device);
        let context = StepContext {
            config: training,
            table: Some(&self.table),
            n_inputs: self.bench.inputs,
            codes: &self.codes,
            coefficients: None,
        };
        self.replay.step(&context, &mut self.state, inputs)
    }

    fn wait(&self) {
        // A device that fails here fails again, with its message, where the losses are read.
        let _ = self.device.sync();
    }
}
