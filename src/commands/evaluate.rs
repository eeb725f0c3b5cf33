//! `karman evaluate`: scores a trained run and its baselines.

use std::path::{Path, PathBuf};

use karman_surrogates::{Evaluation, MethodScores, PreparedData, SavedRun};

use super::error::CommandError;
use super::evaluation_data::{CoefficientTable, coefficient_table};
use super::number::{number, percent};
use super::table::Table;
use super::{Context, Run};

/// Score a trained run and its baselines on held-out cases
///
/// Field errors, forces integrated from the fields, the coefficients that the run reports with
/// their intervals, and the baselines. docs/src/scorer.md defines every number.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Evaluate {
    /// Run folder of `karman train`
    run: PathBuf,
    #[command(flatten)]
    options: EvaluationOptions,
}

/// Options that evaluation and report share.
#[derive(clap::Args)]
pub(super) struct EvaluationOptions {
    /// The data set [default: the one the run was trained on]; the nearest cases are then those of
    /// its own training part, but errors are scaled as they were in training
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// The part to score [default: the test part of the run's task]
    #[arg(long, value_name = "PART")]
    split: Option<String>,
    /// Where to compute: cpu, cuda:0 or auto (the first CUDA device, else the CPU)
    #[arg(long, default_value = "auto")]
    device: String,
}

const EXAMPLES: &str = "\
Examples:
  karman evaluate runs/quickstart
  karman evaluate runs/mine --data /data/AirfRANS --split aoa_test --json scores.json";

/// A run opened with its data, and the part to look at.
pub(super) struct OpenRun {
    pub run: SavedRun,
    pub data: PreparedData,
    pub part: String,
}

impl EvaluationOptions {
    /// With everything left to the run itself.
    pub(super) fn of_the_run() -> Self {
        Self {
            data: None,
            split: None,
            device: "auto".to_owned(),
        }
    }

    /// Opens a run and its data.
    pub(super) fn open(&self, folder: &Path, context: &Context) -> Result<OpenRun, CommandError> {
        let device = context.device(&self.device)?;
        let run = SavedRun::open(folder, &device)?;
        let mut config = run.config().clone();
        if let Some(path) = &self.data {
            config.data.path = path.clone();
            config.data.cache = None;
        }
        let data = PreparedData::open(&config, context.progress())?;
        let part = match (&self.split, &data.task.test) {
            (Some(part), _) | (None, Some(part)) => part.clone(),
            (None, None) => {
                return Err(CommandError::input(format!(
                    "the task \"{}\" has no test part",
                    data.task.name
                ))
                .help("name a part with --split"));
            }
        };
        let run = run.with_nearest_case(&data)?;
        Ok(OpenRun { run, data, part })
    }
}

impl Run for Evaluate {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let open = self.options.open(&self.run, context)?;
        let evaluation = karman_surrogates::evaluate(
            &open.run,
            &open.data,
            &open.part,
            context.progress(),
            &|_, _| {},
        )?;
        let table = coefficient_table(&evaluation, open.run.config().uncertainty.coverage);
        #[derive(serde::Serialize)]
        struct Result<'a> {
            #[serde(flatten)]
            evaluation: &'a Evaluation,
            coefficients: &'a [CoefficientTable],
        }
        let result = Result {
            evaluation: &evaluation,
            coefficients: &table,
        };
        context.output.show(&result, || text(&evaluation, &table))
    }
}

/// The tables for people.
pub(super) fn text(evaluation: &Evaluation, coefficients: &[CoefficientTable]) -> String {
    let mut fields = Table::new([
        "mean squared error, z-scored",
        "u_x",
        "u_y",
        "p",
        "nu_t",
        "surface p",
        "s/case",
    ]);
    for method in &evaluation.methods {
        fields.row(field_cells(method));
    }
    let mut forces = Table::new([
        "coefficients",
        "C_L error",
        "rank",
        "C_D error",
        "rank",
        "C_L covered",
        "C_D covered",
    ]);
    for row in coefficients {
        let coverage = |i: usize| percent(row.coverage.map(|c| c[i]), 3);
        forces.row([
            row.name.clone(),
            percent(row.scores[0].relative_error, 3),
            number(row.scores[0].rank, 3),
            percent(row.scores[1].relative_error, 3),
            number(row.scores[1].rank, 3),
            coverage(0),
            coverage(1),
        ]);
    }
    let outside = evaluation
        .cases
        .iter()
        .filter(|case| case.prediction.verdict.is_outside())
        .count();
    format!(
        "{} cases of {}; fields z-scored with the statistics of what the run was trained on ({} \
         cases of {})\n\n{fields}\n{forces}\n{outside} of {} cases lie outside of what the model was \
         trained on",
        evaluation.cases.len(),
        evaluation.part,
        evaluation.n_train,
        evaluation.train_part,
        evaluation.cases.len()
    )
}

fn field_cells(method: &MethodScores) -> Vec<String> {
    let summary = &method.summary;
    let volume = summary.volume_mse.map(|v| v.to_array());
    let mut cells = vec![method.name.clone()];
    cells.extend((0..4).map(|i| number(volume.map(|v| v[i]), 3)));
    cells.push(number(summary.surface_mse.map(|s| s.p), 3));
    cells.push(number(method.seconds_per_case, 2));
    cells
}
