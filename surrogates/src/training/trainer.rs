//! What a training run is made of, and how it is begun.

use std::path::Path;

use burn::tensor::Device;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{
    TrainingConfig,
    head::HeadTargets,
    run::Run,
    state::{RunProgress, RunState},
};
use crate::{
    SurrogateError,
    data::{CaseSource, Encoder, TrainingSet, TrainingSource},
    field_model::FieldModel,
    mario::SdfLatent,
    models::ModelConfig,
    validation::ValidationScore,
};

/// One line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Finished epochs.
    pub epoch: usize,
    /// Finished steps.
    pub step: u64,
    /// Mean training loss of the epoch.
    pub loss: f64,
    /// Learning rate at its end.
    pub learning_rate: f64,
    /// Score on the validation cases, in epochs that were evaluated.
    pub validation: Option<ValidationScore>,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// Watches a run, and may end it.
pub trait TrainingObserver {
    /// Called after each epoch; `epochs` is how many there will be.
    fn epoch(&mut self, metrics: &EpochMetrics, epochs: usize);

    /// Asked after each step; `true` ends the run after the current epoch, with its state saved.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All epochs are done.
    Finished,
    /// The validation score stopped improving.
    EarlyStopping,
    /// The time limit was reached.
    TimeLimit,
    /// The observer asked for it; the run can be resumed.
    Interrupted,
}

/// The result of a run.
pub struct TrainingOutcome {
    /// The model with the best validation score (the last one where nothing is held out).
    pub model: FieldModel,
    /// Why the run ended.
    pub stop: StopReason,
    /// Finished epochs.
    pub epochs: usize,
    /// Best validation score.
    pub best: Option<f64>,
    /// Seconds of training, over all sessions.
    pub seconds: f64,
}

/// What is to be trained, on what, and where results go.
pub struct Trainer<'a> {
    /// The network.
    pub model: &'a ModelConfig,
    /// Settings of the run.
    pub config: &'a TrainingConfig,
    /// Schema and normalisation, fitted on `train` alone.
    pub encoder: &'a Encoder,
    /// The geometry code of each case, where the encoder's is the latent one.
    pub latent: Option<&'a SdfLatent>,
    /// The cases.
    pub source: &'a dyn CaseSource,
    /// Cases to train on, validation cases excluded.
    pub train: &'a [usize],
    /// Cases held out, by which the best weights are chosen.
    pub validation: &'a [usize],
    /// Where to compute.
    pub device: &'a Device,
    /// Run folder: state, weights and metrics go there.
    pub folder: &'a Path,
}

impl Trainer<'_> {
    /// Trains, or goes on with an interrupted run when `resume` is set and there is one.
    ///
    /// # Errors
    /// Wrong settings, unreadable data, a folder that cannot be written, a state file of another
    /// run, or a loss that is no longer finite.
    pub fn run(
        &self,
        resume: bool,
        observer: &mut dyn TrainingObserver,
    ) -> Result<TrainingOutcome, SurrogateError> {
        self.config.check()?;
        self.config.precision.check(self.device)?;
        let memory = (self.config.memory_gib * (1u64 << 30) as f64) as usize;
        let from = TrainingSource {
            encoder: self.encoder,
            source: self.source,
            latent: self.latent,
            loss_weights: self.config.loss_weights.map(|w| w as f32),
            memory_limit: memory,
        };
        let set = TrainingSet::new(&from, self.train, self.device)?;
        let head = HeadTargets::new(self.model, &set, self.device)?;
        let state = self.start(resume)?;
        let mut run = Run::new(self, set, head, state)?;
        let stop = run.epochs(observer)?;
        run.finish(stop)
    }

    /// A new state, or the saved one.
    fn start(&self, resume: bool) -> Result<RunState, SurrogateError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        let code = self.encoder.n_code() + self.latent.map_or(0, SdfLatent::size);
        let sizes = (self.encoder.n_inputs(), code, 4);
        let network = self
            .model
            .init(sizes, &mut rng, &self.device.clone().autodiff());
        let settings = self.settings();
        if resume && super::state::state_path(self.folder).exists() {
            return RunState::load(self.folder, network, &settings, &self.device.clone());
        }
        Ok(RunState {
            progress: RunProgress {
                settings,
                ..RunProgress::default()
            },
            network: Some(network),
            optimiser: super::Optimiser::default(),
        })
    }

    /// What must not change between the sessions of a run.
    fn settings(&self) -> String {
        let names = |cases: &[usize]| -> Vec<&str> {
            let infos = self.source.infos();
            cases.iter().map(|&c| infos[c].name.as_str()).collect()
        };
        serde_json::json!({
            "model": self.model,
            "training": self.config,
            "encoder": self.encoder,
            "train": names(self.train),
            "validation": names(self.validation),
        })
        .to_string()
    }
}
