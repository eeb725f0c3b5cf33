//! `karman bench train`: how fast training steps are taken.

use karman_surrogates::{
    MarioConfig, MlpConfig, ModelConfig, PointNetConfig, Precision, StepBench, StepRate,
    TrainingConfig, describe_device, device_from_name,
};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::number;
use crate::commands::table::Table;
use crate::commands::{Context, Run};

/// Measure training steps on random data: the trainer's own steps, loading from disk left out
///
/// One line for each network, batch size, precision, and way to take steps: one by one, or
/// recorded and replayed on devices that can. benches/peers/mario_torch.py takes the same steps
/// in PyTorch.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Train {
    /// Where to compute: cpu, cuda:0 or auto
    #[arg(long, default_value = "auto")]
    device: String,
    /// Networks: mario, mlp, pointnet
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "mario"
    )]
    models: Vec<Kind>,
    /// Points of a step, shared among the cases of a batch
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "2048,16384"
    )]
    points: Vec<usize>,
    /// Precision of hidden layers: f32, bf16
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "f32"
    )]
    precision: Vec<Precision>,
    /// Cases of a batch
    #[arg(long, default_value_t = 4)]
    cases: usize,
    /// Inputs of a point
    #[arg(long, default_value_t = 6)]
    inputs: usize,
    /// Length of a case's code
    #[arg(long, default_value_t = 22)]
    code: usize,
    /// Timed steps of one repetition
    #[arg(long, default_value_t = 20)]
    steps: usize,
    /// Repetitions; the median counts
    #[arg(long, default_value_t = 5)]
    repeats: usize,
    /// Take steps one by one only
    #[arg(long)]
    no_replay: bool,
}

const EXAMPLES: &str = "\
Examples:
  karman bench train --device cpu
  karman bench train --device cuda:0 --steps 300 --precision f32,bf16 --json train.json";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Mario,
    Mlp,
    Pointnet,
}

impl Kind {
    fn model(self) -> ModelConfig {
        match self {
            Self::Mario => ModelConfig::Mario(MarioConfig::default()),
            Self::Mlp => ModelConfig::Mlp(MlpConfig::default()),
            Self::Pointnet => ModelConfig::PointNet(PointNetConfig::default()),
        }
    }
}

/// One measurement.
#[derive(Serialize)]
struct Row {
    model: &'static str,
    points: usize,
    precision: Precision,
    replayed: bool,
    ms_per_step: f64,
    steps_per_s: f64,
    points_per_s: f64,
    rate: StepRate,
}

/// The result.
#[derive(Serialize)]
struct Results {
    device: String,
    cases: usize,
    inputs: usize,
    code: usize,
    steps: usize,
    rows: Vec<Row>,
}

/// Data that batches are drawn from: as many cases and rows as mini-AirfRANS has for training.
const DATA_CASES: usize = 80;
const DATA_ROWS: usize = 10_000;

impl Run for Train {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        if self.cases == 0 || self.points.iter().any(|n| *n == 0 || n % self.cases != 0) {
            return Err(CommandError::input(format!(
                "--points must be multiples of --cases, {}, and not 0",
                self.cases
            )));
        }
        let device = context.device(&self.device)?;
        let mut results = Results {
            device: describe_device(&device),
            cases: self.cases,
            inputs: self.inputs,
            code: self.code,
            steps: self.steps,
            rows: Vec::new(),
        };
        // `auto` may have come to the CPU, which records no steps.
        let replays = !self.no_replay && device != device_from_name("cpu")?;
        for bench in self.benches(replays) {
            let rate = bench.run(&device)?;
            let points = bench.training.batch_cases * bench.training.points;
            let seconds = rate.median();
            let row = Row {
                model: bench.model.name(),
                points,
                precision: bench.training.precision,
                replayed: rate.replayed,
                ms_per_step: 1e3 * seconds,
                steps_per_s: 1.0 / seconds,
                points_per_s: points as f64 / seconds,
                rate,
            };
            context.note(line(&row));
            results.rows.push(row);
            context.output.keep(&results)?;
        }
        context.output.show(&results, || text(&results))
    }
}

impl Train {
    /// Every combination that was asked for.
    fn benches(&self, replays: bool) -> Vec<StepBench> {
        let mut benches = Vec::new();
        for model in &self.models {
            for &points in &self.points {
                for precision in &self.precision {
                    for replay in [false, true] {
                        if replay && !replays {
                            continue;
                        }
                        benches.push(self.bench(model.model(), points, *precision, replay));
                    }
                }
            }
        }
        benches
    }

    fn bench(
        &self,
        model: ModelConfig,
        points: usize,
        precision: Precision,
        replay: bool,
    ) -> StepBench {
        StepBench {
            model,
            training: TrainingConfig {
                batch_cases: self.cases,
                points: points / self.cases,
                precision,
                replay,
                ..TrainingConfig::default()
            },
            cases: DATA_CASES,
            rows: DATA_ROWS,
            inputs: self.inputs,
            code: self.code,
            steps: self.steps,
            repeats: self.repeats,
        }
    }
}

fn line(row: &Row) -> String {
    format!(
        "{} {} points, {}{}: {} ms a step (warm-up {} s)",
        row.model,
        row.points,
        row.precision.name(),
        if row.replayed { ", replayed" } else { "" },
        number(row.ms_per_step, 4),
        number(row.rate.warm_up, 3),
    )
}

fn text(results: &Results) -> String {
    let mut table = Table::new([
        "network",
        "points",
        "precision",
        "steps",
        "ms a step",
        "steps/s",
        "points/s",
        "memory",
    ]);
    for row in &results.rows {
        let memory = match row.rate.device_bytes {
            Some(bytes) => format!("{} MB", number(bytes as f64 / 1e6, 3)),
            None => "-".to_owned(),
        };
        table.row([
            row.model.to_owned(),
            row.points.to_string(),
            row.precision.name().to_owned(),
            if row.replayed {
                "replayed"
            } else {
                "one by one"
            }
            .to_owned(),
            number(row.ms_per_step, 4),
            number(row.steps_per_s, 4),
            number(row.points_per_s, 4),
            memory,
        ]);
    }
    format!("{}\n\n{table}", results.device)
}
