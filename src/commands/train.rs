//! `karman train`: from a configuration file to a run folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use karman_surrogates::{PreparedData, RunConfig, Stage, StopReason, TrainedRun, train};
use serde::Serialize;

use super::error::CommandError;
use super::number::number;
use super::training_bar::TrainingBar;
use super::{Context, Run, interrupt};

/// Train a surrogate as a configuration file says
///
/// The run folder gets the complete configuration, one folder for each network with its weights
/// (safetensors), schema and metrics.jsonl, and models of the force coefficients. Ctrl-C stops
/// after the current epoch and loses nothing: the same command with --resume goes on exactly where
/// it was.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Train {
    /// Configuration, TOML; see examples/
    config: PathBuf,
    /// Run folder [default: `output` of the configuration, or runs/NAME]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Where to compute: cpu, cuda:0 or auto (the first CUDA device, else the CPU)
    #[arg(long, default_value = "auto")]
    device: String,
    /// Go on with the run in the run folder
    #[arg(long)]
    resume: bool,
    /// Override a setting, for example training.epochs=100; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  karman train examples/mini-airfrans/quickstart.toml
  karman train examples/mini-airfrans/quickstart.toml -o runs/short --set training.epochs=20
  karman train examples/mini-airfrans/quickstart.toml -o runs/short --resume

Then: karman evaluate runs/short, karman report runs/short";

/// The result of a run.
#[derive(Serialize)]
struct Summary {
    folder: PathBuf,
    stop: StopReason,
    best_validation: Vec<Option<f64>>,
    train_seconds: f64,
    parameters: usize,
    peak_memory_bytes: u64,
}

impl Run for Train {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let config = RunConfig::read(&self.config, &self.settings)?;
        let folder = self
            .output
            .clone()
            .unwrap_or_else(|| config.folder(&self.config));
        let device = context.device(&self.device)?;
        let data = PreparedData::open(&config, context.progress())?;
        let stop = interrupt::flag()?;
        let run = train(&config, &data, &folder, &device, self.resume, |stage| {
            watcher(context, stage, &stop)
        })?;
        if run.stop == StopReason::Interrupted {
            context.note(format!(
                "go on with: karman train {} --output {} --resume",
                self.config.display(),
                folder.display()
            ));
            return Err(CommandError::Interrupted);
        }
        show(context, &run)
    }
}

/// A bar for one network that also listens to Ctrl-C.
pub(super) fn watcher(context: &Context, stage: &Stage, stop: &Arc<AtomicBool>) -> TrainingBar {
    let label = if stage.count > 1 {
        format!("[{}/{}] {}", stage.index + 1, stage.count, stage.label)
    } else {
        stage.label.clone()
    };
    let stop = Arc::clone(stop);
    TrainingBar::new(label, context.quiet, move || stop.load(Ordering::Relaxed))
}

fn show(context: &Context, run: &TrainedRun) -> Result<(), CommandError> {
    let summary = Summary {
        folder: run.folder.clone(),
        stop: run.stop,
        best_validation: run.best.clone(),
        train_seconds: run.facts.train_seconds,
        parameters: run.facts.parameters,
        peak_memory_bytes: run.facts.peak_memory_bytes,
    };
    context.output.show(&summary, || {
        let best: Vec<String> = run
            .best
            .iter()
            .map(|score| score.map_or("none held out".to_string(), |best| number(best, 4)))
            .collect();
        let folder = run.folder.display();
        format!(
            "trained {} weights in {:.1} min; best validation score: {}\n\
             run folder: {folder}\nnext: karman evaluate {folder}",
            run.facts.parameters,
            run.facts.train_seconds / 60.0,
            best.join(", "),
        )
    })
}
