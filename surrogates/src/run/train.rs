//! Trains everything a run consists of: the members of the ensemble, then the baselines, each in
//! a folder of its own, so that an interrupted run goes on where it stopped.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use burn::tensor::Device;

use super::{PreparedData, RunConfig, RunFacts, peak_memory_bytes, saved};
use crate::{
    Encoder, FieldModel, GeometryCode, ModelConfig, SdfLatent, StopReason, SurrogateError, Trainer,
    TrainingConfig, TrainingObserver, device::describe_device, files,
};

/// Which of a run's networks is being trained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Name for people, for example `MARIO, member 2 of 3`.
    pub label: String,
    /// Its place among the stages, from 0.
    pub index: usize,
    /// How many stages there are.
    pub count: usize,
}

/// A run that has ended.
pub struct TrainedRun {
    /// The run folder.
    pub folder: PathBuf,
    /// Why training ended.
    pub stop: StopReason,
    /// Best validation score of each member.
    pub best: Vec<Option<f64>>,
    /// What is stored in `run.json`.
    pub facts: RunFacts,
}

/// One network to train.
struct Job {
    label: String,
    folder: PathBuf,
    model: ModelConfig,
    training: TrainingConfig,
}

/// Trains the run of `config` into `folder`. `observer` gives a watcher for each stage.
///
/// # Errors
/// Unreadable data, wrong settings, a folder that cannot be written, a folder that holds another
/// run.
pub fn train<O: TrainingObserver>(
    config: &RunConfig,
    data: &PreparedData,
    folder: &Path,
    device: &Device,
    resume: bool,
    mut observer: impl FnMut(&Stage) -> O,
) -> Result<TrainedRun, SurrogateError> {
    config.check()?;
    // Before the folder is claimed: a configuration that does not fit the data leaves nothing.
    let encoder = Encoder::fit(&config.features, &data.cache, &data.train)?;
    claim_folder(config, folder, resume)?;
    let latent = latent(config, data, device)?;
    let jobs = jobs(config, folder);
    let mut best = Vec::new();
    let mut facts = facts(data, device)?;
    for (index, job) in jobs.iter().enumerate() {
        let stage = Stage {
            label: job.label.clone(),
            index,
            count: jobs.len(),
        };
        create(&job.folder)?;
        let trainer = Trainer {
            model: &job.model,
            config: &job.training,
            encoder: &encoder,
            latent: latent.as_ref(),
            source: &data.cache,
            train: &data.train,
            validation: &data.validation,
            device,
            folder: &job.folder,
        };
        let outcome = trainer.run(resume, &mut observer(&stage))?;
        if outcome.stop == StopReason::Interrupted {
            return Ok(TrainedRun {
                folder: folder.to_path_buf(),
                stop: outcome.stop,
                best,
                facts,
            });
        }
        if index < config.ensemble.members {
            best.push(outcome.best);
            facts.parameters += outcome.model.n_parameters();
            facts.train_seconds += outcome.seconds;
        } else {
            let name = job.model.name().to_string();
            facts.baseline_seconds.push((name, outcome.seconds));
        }
    }
    saved::fit_companions(config, data, folder)?;
    facts.peak_memory_bytes = peak_memory_bytes();
    facts.finished = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    files::write_json(&folder.join(saved::FACTS_FILE), &facts)?;
    Ok(TrainedRun {
        folder: folder.to_path_buf(),
        stop: StopReason::Finished,
        best,
        facts,
    })
}

/// The network behind a latent geometry code; deterministic, so that a resumed run has the same.
fn latent(
    config: &RunConfig,
    data: &PreparedData,
    device: &Device,
) -> Result<Option<SdfLatent>, SurrogateError> {
    if config.features.geometry != GeometryCode::Latent {
        return Ok(None);
    }
    let (latent, seed) = (&config.features.latent, config.training.seed);
    SdfLatent::fit(latent, &data.cache, &data.train, seed, device).map(Some)
}

fn jobs(config: &RunConfig, folder: &Path) -> Vec<Job> {
    let members = config.ensemble.members;
    let member = |index: usize| Job {
        label: if members == 1 {
            config.model.name().to_string()
        } else {
            format!("{}, member {} of {members}", config.model.name(), index + 1)
        },
        folder: saved::member_folder(folder, index),
        model: config.model.clone(),
        training: TrainingConfig {
            seed: config.training.seed.wrapping_add(index as u64),
            ..config.training.clone()
        },
    };
    let baseline = |baseline: &super::BaselineConfig| Job {
        label: format!("baseline {}", baseline.model.name()),
        folder: saved::baseline_folder(folder, baseline.model.name()),
        model: baseline.model.clone(),
        training: config.training.clone(),
    };
    (0..members)
        .map(member)
        .chain(config.baselines.iter().map(baseline))
        .collect()
}

fn facts(data: &PreparedData, device: &Device) -> Result<RunFacts, SurrogateError> {
    let names = |cases: &[usize]| {
        cases
            .iter()
            .map(|&case| data.cache.cases()[case].name.clone())
            .collect()
    };
    Ok(RunFacts {
        version: format!("karman {}", env!("CARGO_PKG_VERSION")),
        device: describe_device(device),
        train: names(&data.train),
        validation: names(&data.validation),
        train_part: data.task.train.clone(),
        test_part: data.task.test.clone().unwrap_or_default(),
        statistics: Some(data.score_statistics()?),
        ..RunFacts::default()
    })
}

/// Makes the folder and stores the configuration in it. A folder that holds another run is left
/// alone.
fn claim_folder(config: &RunConfig, folder: &Path, resume: bool) -> Result<(), SurrogateError> {
    create(folder)?;
    let path = folder.join(saved::CONFIG_FILE);
    if path.exists() {
        let wrong = |problem: String| SurrogateError::config("output", problem);
        if !resume {
            return Err(wrong(format!(
                "{} holds a run already; go on with it (--resume) or give another folder \
                 (--output)",
                folder.display()
            )));
        }
        if RunConfig::read(&path, &[])? != *config {
            return Err(wrong(format!(
                "{} holds a run with other settings; give the same ones, or another folder",
                folder.display()
            )));
        }
        return Ok(());
    }
    let text = toml::to_string_pretty(config)
        .map_err(|error| SurrogateError::config("run", error.to_string()))?;
    files::write_atomic(&path, text.as_bytes())
}

fn create(folder: &Path) -> Result<(), SurrogateError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| SurrogateError::io(folder, source, "give a folder that can be written"))
}

/// The networks of a folder, in order.
pub(super) fn load_members(
    folder: &Path,
    members: usize,
    device: &Device,
) -> Result<Vec<FieldModel>, SurrogateError> {
    (0..members)
        .map(|index| FieldModel::load(&saved::member_folder(folder, index), device))
        .collect()
}
