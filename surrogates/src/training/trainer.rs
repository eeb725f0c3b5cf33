//! The training loop.

use std::path::Path;
use std::time::Instant;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{
    Schedule, TrainingConfig,
    state::{RunProgress, RunState},
};
use crate::{
    SurrogateError,
    data::{BatchRows, CaseSource, Encoder, TrainingSet},
    field_model::{CoefficientScale, FieldModel},
    mario::SdfLatent,
    metrics_log::MetricsLog,
    models::{FieldOutput, ModelConfig, Network},
    validation::{ValidationScore, validate},
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
        let memory = (self.config.memory_gib * (1u64 << 30) as f64) as usize;
        let set = TrainingSet::new(self.encoder, self.source, self.train, memory, self.latent)?;
        let head = HeadTargets::new(self.model, &set)?;
        let device = self.device.clone().autodiff();
        let state = self.start(resume, &device)?;
        let log = MetricsLog::open(self.folder, state.progress.epoch)?;
        let mut run = Run {
            trainer: self,
            set,
            head,
            device,
            state,
            log,
            clock: Instant::now(),
            earlier: 0.0,
        };
        run.earlier = run.state.progress.seconds;
        let stop = run.epochs(observer)?;
        run.finish(stop)
    }

    /// A new state, or the saved one.
    fn start(&self, resume: bool, device: &Device) -> Result<RunState, SurrogateError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        let code = self.encoder.n_code() + self.latent.map_or(0, SdfLatent::size);
        let sizes = (self.encoder.n_inputs(), code, 4);
        let network = self.model.init(sizes, &mut rng, device);
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

/// Scaled coefficients of the train cases, when the network has a head for them.
struct HeadTargets {
    scale: CoefficientScale,
    targets: Vec<[f32; 2]>,
}

impl HeadTargets {
    fn new(model: &ModelConfig, set: &TrainingSet<'_>) -> Result<Option<Self>, SurrogateError> {
        if !model.has_coefficient_head() {
            return Ok(None);
        }
        let values = set
            .infos()
            .iter()
            .map(|info| match info.coefficients {
                Some(c) => Ok([c.cl, c.cd]),
                None => Err(SurrogateError::Data {
                    what: "coefficient head",
                    problem: format!(
                        "case {} has no force coefficients; set model.coefficient_head = false",
                        info.name
                    ),
                }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let n = values.len() as f64;
        let mean = [0, 1].map(|i| values.iter().map(|v| v[i]).sum::<f64>() / n);
        let std = [0, 1].map(|i| {
            let square = values.iter().map(|v| (v[i] - mean[i]).powi(2)).sum::<f64>() / n;
            square.sqrt().max(1e-12)
        });
        let targets = values
            .iter()
            .map(|v| [0, 1].map(|i| ((v[i] - mean[i]) / std[i]) as f32))
            .collect();
        Ok(Some(Self {
            scale: CoefficientScale { mean, std },
            targets,
        }))
    }
}

/// A run in progress.
struct Run<'a> {
    trainer: &'a Trainer<'a>,
    set: TrainingSet<'a>,
    head: Option<HeadTargets>,
    device: Device,
    state: RunState,
    log: MetricsLog,
    clock: Instant,
    earlier: f64,
}

impl Run<'_> {
    fn network(&self) -> &Network {
        self.state
            .network
            .as_ref()
            .expect("only a step takes the network, and it puts it back")
    }

    fn seconds(&self) -> f64 {
        self.earlier + self.clock.elapsed().as_secs_f64()
    }

    fn epochs(
        &mut self,
        observer: &mut dyn TrainingObserver,
    ) -> Result<StopReason, SurrogateError> {
        let config = self.trainer.config;
        while self.state.progress.epoch < config.epochs {
            if let Some(reason) = self.ended() {
                return Ok(reason);
            }
            let (loss, interrupted) = self.epoch(observer)?;
            self.state.progress.epoch += 1;
            let epoch = self.state.progress.epoch;
            let last = epoch == config.epochs;
            let evaluate = last || self.late() || epoch.is_multiple_of(config.evaluate_every);
            let validation = if evaluate { self.evaluate()? } else { None };
            let metrics = EpochMetrics {
                epoch,
                step: self.state.progress.steps,
                loss,
                learning_rate: self.learning_rate(),
                validation,
                seconds: self.seconds(),
            };
            self.log.append(&metrics)?;
            observer.epoch(&metrics, config.epochs);
            if evaluate || interrupted {
                self.save_state()?;
            }
            if interrupted && !last {
                return Ok(StopReason::Interrupted);
            }
        }
        Ok(StopReason::Finished)
    }

    /// Why the run should not go on, if so; asked before each epoch, so that a run that has ended
    /// stays as it is when it is resumed.
    fn ended(&self) -> Option<StopReason> {
        let config = self.trainer.config;
        let progress = &self.state.progress;
        if self.late() && progress.epoch > 0 {
            return Some(StopReason::TimeLimit);
        }
        let stale = config.early_stopping > 0 && progress.stale >= config.early_stopping;
        stale.then_some(StopReason::EarlyStopping)
    }

    fn late(&self) -> bool {
        let minutes = self.trainer.config.max_minutes;
        minutes > 0.0 && self.seconds() > 60.0 * minutes
    }

    /// One pass over the train cases: the mean loss, and whether somebody wants to stop.
    fn epoch(&mut self, observer: &dyn TrainingObserver) -> Result<(f64, bool), SurrogateError> {
        let config = self.trainer.config;
        // One random stream an epoch: a resumed run draws what the uninterrupted one would have.
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        rng.set_stream(self.state.progress.epoch as u64 + 1);
        let batches = self.set.batches(config.batch_cases, &mut rng);
        let mut interrupted = false;
        let mut losses = Vec::with_capacity(batches.len());
        for cases in &batches {
            let rows = self
                .set
                .draw(cases, config.points, config.surface_share, &mut rng)?;
            losses.push(self.step(rows)?);
            interrupted |= observer.interrupted();
        }
        let total: f32 = losses
            .iter()
            .map(|loss| loss.clone().into_scalar::<f32>())
            .sum();
        let mean = f64::from(total) / losses.len() as f64;
        if !mean.is_finite() {
            return Err(SurrogateError::Training(format!(
                "the loss is {mean} in epoch {}; lower training.learning_rate or clip harder",
                self.state.progress.epoch + 1
            )));
        }
        Ok((mean, interrupted))
    }

    /// One step; the loss stays on the device.
    fn step(&mut self, rows: BatchRows) -> Result<Tensor<1>, SurrogateError> {
        let config = self.trainer.config;
        let lr = self.learning_rate();
        let loss = self.loss(rows);
        let grads = loss.backward();
        let state = &mut self.state;
        // Taken rather than cloned, so that the optimiser can update the weights in place.
        if let Some(network) = state.network.take() {
            state.network = Some(state.optimiser.step(network, grads, lr, config));
        }
        state.progress.steps = state.optimiser.steps();
        Ok(loss.inner())
    }

    fn loss(&self, rows: BatchRows) -> Tensor<1> {
        let config = self.trainer.config;
        let (cases, points) = (rows.cases.len(), rows.points);
        let inputs = rows.inputs.len() / (cases * points).max(1);
        let tensor = |data: Vec<f32>, width: usize| {
            Tensor::<3>::from_data(TensorData::new(data, [cases, points, width]), &self.device)
        };
        let codes: Vec<f32> = rows
            .cases
            .iter()
            .flat_map(|&case| self.set.codes()[case].iter().copied())
            .collect();
        let width = codes.len() / cases.max(1);
        let code = Tensor::<2>::from_data(TensorData::new(codes, [cases, width]), &self.device);
        let FieldOutput {
            fields,
            coefficients,
        } = self.network().forward(tensor(rows.inputs, inputs), code);
        let channel = config.loss_weights.map(|w| w as f32);
        let weights = rows
            .weights
            .iter()
            .enumerate()
            .map(|(i, w)| w * channel[i % 4])
            .collect();
        let error = fields - tensor(rows.targets, 4);
        let loss = (error.square() * tensor(weights, 4)).mean();
        match (coefficients, &self.head) {
            (Some(predicted), Some(head)) => {
                let targets: Vec<f32> = rows
                    .cases
                    .iter()
                    .flat_map(|&case| head.targets[case])
                    .collect();
                let targets =
                    Tensor::<2>::from_data(TensorData::new(targets, [cases, 2]), &self.device);
                let error = (predicted - targets).square().mean();
                loss + error.mul_scalar(config.coefficient_weight)
            }
            _ => loss,
        }
    }

    fn learning_rate(&self) -> f64 {
        let config = self.trainer.config;
        let batches = self.set.len().div_ceil(config.batch_cases);
        let total = (config.epochs * batches).max(1) as f64;
        let progress = (self.state.progress.steps + 1) as f64 / total;
        config.learning_rate * config.schedule.factor(progress, self.state.progress.drops)
    }

    /// The model as it would be used now: with averaged weights.
    fn model(&self) -> FieldModel {
        let network = self.state.optimiser.averaged(self.network().clone());
        FieldModel::new(
            self.trainer.model.clone(),
            self.trainer.encoder.clone(),
            self.head.as_ref().map(|head| head.scale),
            self.trainer.config.points,
            network,
            self.trainer.latent.cloned(),
            self.trainer.device.clone(),
        )
    }

    /// Scores the held-out cases and keeps the weights when they are the best so far.
    fn evaluate(&mut self) -> Result<Option<ValidationScore>, SurrogateError> {
        let model = self.model();
        if self.trainer.validation.is_empty() {
            model.save(self.trainer.folder)?;
            return Ok(None);
        }
        let score = validate(&model, self.trainer.source, self.trainer.validation)?;
        let progress = &mut self.state.progress;
        if progress.best.is_none_or(|(best, _)| score.mean < best) {
            model.save(self.trainer.folder)?;
            progress.best = Some((score.mean, progress.epoch));
            progress.stale = 0;
            progress.since_drop = 0;
            return Ok(Some(score));
        }
        progress.stale += 1;
        progress.since_drop += 1;
        if let Schedule::Plateau { patience, .. } = self.trainer.config.schedule
            && progress.since_drop > patience
        {
            progress.drops += 1;
            progress.since_drop = 0;
        }
        Ok(Some(score))
    }

    fn save_state(&mut self) -> Result<(), SurrogateError> {
        self.state.progress.seconds = self.seconds();
        self.state.save(self.trainer.folder)
    }

    fn finish(self, stop: StopReason) -> Result<TrainingOutcome, SurrogateError> {
        let saved = FieldModel::load(self.trainer.folder, self.trainer.device);
        // An interrupted run may not have reached its first evaluation.
        let model = match (saved, stop) {
            (Ok(model), _) => model,
            (Err(_), StopReason::Interrupted) => self.model(),
            (Err(error), _) => return Err(error),
        };
        Ok(TrainingOutcome {
            model,
            stop,
            epochs: self.state.progress.epoch,
            best: self.state.progress.best.map(|(score, _)| score),
            seconds: self.seconds(),
        })
    }
}
