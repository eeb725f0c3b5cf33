//! `karman quickstart`: the whole way on bundled data, in a few minutes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use karman_datasets::{AirfransDataset, CaseTable};
use karman_meshes::{Field, Location, Mesh, WriteOptions, write_mesh};
use karman_surrogates::{Device, PreparedData, RunConfig, Stage, StopReason, TrainedRun, train};
use serde::Serialize;

use super::error::CommandError;
use super::evaluate::{EvaluationOptions, OpenRun};
use super::train::watcher;
use super::{Context, Run, interrupt, report};
use crate::report::ReportFiles;

const CONFIG: &str = "examples/mini-airfrans/quickstart.toml";
/// Epochs by which the speed of this machine is measured.
const TRIAL_EPOCHS: usize = 3;

/// Train, score and look at a surrogate on bundled real cases, in a few minutes
///
/// Takes 31 RANS solutions around NACA airfoils that come with the program, trains a small MARIO
/// and two baselines for about three minutes, scores them on cases they have not seen, writes a
/// report and a predicted flow field, and says what to do next.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Quickstart {
    /// Minutes of training, all networks together
    #[arg(long, default_value_t = 3.0)]
    minutes: f64,
    /// Run folder [default: runs/quickstart, or the first free runs/quickstart-N]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  karman quickstart
  karman quickstart --minutes 1 -o runs/first-look";

/// What the quickstart leaves behind.
#[derive(Serialize)]
struct Summary {
    folder: PathBuf,
    report: PathBuf,
    prediction: PathBuf,
    epochs: usize,
    train_seconds: f64,
}

impl Run for Quickstart {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        if !(self.minutes > 0.0 && self.minutes.is_finite()) {
            return Err(CommandError::input("--minutes must be a positive number"));
        }
        let root = project_root()?;
        let mut config = RunConfig::read(&root.join(CONFIG), &[])?;
        let data = PreparedData::open(&config, context.progress())?;
        let stop = interrupt::flag()?;
        let device = context.device("auto")?;
        config.training.epochs = self.epochs(&config, &data, &device, &stop)?;
        let folder = self.output.clone().unwrap_or_else(free_folder);
        let run = train(&config, &data, &folder, &device, false, |stage| {
            watcher(context, stage, &stop)
        })?;
        if run.stop == StopReason::Interrupted {
            return Err(CommandError::Interrupted);
        }
        drop(data);
        let open = EvaluationOptions::of_the_run().open(&folder, context)?;
        let (files, text) = report::write(&open, &folder, context)?;
        let prediction = write_prediction(&open, &folder)?;
        finish(context, &config, &run, &files, prediction, &text)
    }
}

impl Quickstart {
    /// How many epochs of all networks fit into the time allowed, found by a short trial.
    fn epochs(
        &self,
        config: &RunConfig,
        data: &PreparedData,
        device: &Device,
        stop: &Arc<AtomicBool>,
    ) -> Result<usize, CommandError> {
        let folder =
            tempfile::tempdir().map_err(CommandError::io("create", "a temporary folder"))?;
        let mut trial = config.clone();
        trial.training.epochs = TRIAL_EPOCHS;
        let quiet = |stage: &Stage| {
            let stop = Arc::clone(stop);
            super::training_bar::TrainingBar::new(stage.label.clone(), true, move || {
                stop.load(std::sync::atomic::Ordering::Relaxed)
            })
        };
        let run = train(
            &trial,
            data,
            &folder.path().join("trial"),
            device,
            false,
            quiet,
        )?;
        if run.stop == StopReason::Interrupted {
            return Err(CommandError::Interrupted);
        }
        let baselines: f64 = run.facts.baseline_seconds.iter().map(|b| b.1).sum();
        let per_epoch = (run.facts.train_seconds + baselines) / TRIAL_EPOCHS as f64;
        Ok(((60.0 * self.minutes / per_epoch) as usize).max(TRIAL_EPOCHS))
    }
}

/// The folder that holds the bundled data and examples: the working directory, or the checkout
/// that the program was built in.
fn project_root() -> Result<PathBuf, CommandError> {
    let built_in = std::env::current_exe().ok();
    let ancestors = built_in.iter().flat_map(|path| path.ancestors());
    std::iter::once(Path::new("."))
        .chain(ancestors)
        .find(|folder| folder.join(CONFIG).is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            CommandError::input(format!("the bundled {CONFIG} is not here"))
                .help("start the program in a checkout of karman, where `make quickstart` does it")
        })
}

fn free_folder() -> PathBuf {
    let numbered = (2..).map(|n| PathBuf::from(format!("runs/quickstart-{n}")));
    std::iter::once(PathBuf::from("runs/quickstart"))
        .chain(numbered)
        .find(|folder| !folder.exists())
        .unwrap_or_default()
}

/// Writes the prediction of the first test case, with the truth beside it.
fn write_prediction(open: &OpenRun, folder: &Path) -> Result<PathBuf, CommandError> {
    let dataset: &AirfransDataset = &open.data.dataset;
    let names = dataset.cases(&open.part)?;
    let sample = dataset.load(&names[0])?;
    let table = CaseTable::from_sample(&sample)?;
    let prediction = open.run.predict(&table.info, &table.table)?;
    let mut fields = prediction_fields(&prediction.fields)?;
    for name in ["U", "p", "nut"] {
        let truth = sample.field(name)?;
        fields.push(Field::new(
            format!("{name}_true"),
            Location::Point,
            truth.components(),
            truth.values().clone(),
        )?);
    }
    let path = folder.join(format!("{}.vtu", sample.name));
    write(&path, &sample.mesh, &fields)?;
    Ok(path)
}

fn prediction_fields(rows: &[f32]) -> Result<Vec<Field>, CommandError> {
    let rows = || rows.chunks_exact(4);
    let velocity: Vec<f32> = rows().flat_map(|r| [r[0], r[1], 0.0]).collect();
    let pressure: Vec<f32> = rows().map(|r| r[2]).collect();
    let nut: Vec<f32> = rows().map(|r| r[3]).collect();
    Ok(vec![
        Field::new("U", Location::Point, 3, velocity)?,
        Field::new("p", Location::Point, 1, pressure)?,
        Field::new("nut", Location::Point, 1, nut)?,
    ])
}

fn write(path: &Path, mesh: &Mesh, fields: &[Field]) -> Result<(), CommandError> {
    Ok(write_mesh(path, mesh, fields, &WriteOptions::default())?)
}

fn finish(
    context: &Context,
    config: &RunConfig,
    run: &TrainedRun,
    files: &ReportFiles,
    prediction: PathBuf,
    evaluation: &str,
) -> Result<(), CommandError> {
    let summary = Summary {
        folder: run.folder.clone(),
        report: files.html.clone(),
        prediction,
        epochs: config.training.epochs,
        train_seconds: run.facts.train_seconds,
    };
    context.output.show(&summary, || {
        let folder = run.folder.display();
        format!(
            "{evaluation}\n\
             report      {}\n\
             prediction  {}   (open it in ParaView; *_true is the RANS solution)\n\n\
             next:\n  \
             karman predict {folder} --mesh my-airfoil.dat --speed 60 --aoa 4   another airfoil\n  \
             karman train {folder}/config.toml -o runs/longer --set training.epochs={}   longer\n  \
             karman train my-config.toml   your own cases, see docs/src/tutorial-your-data.md\n",
            summary.report.display(),
            summary.prediction.display(),
            4 * config.training.epochs,
        )
    })
}
