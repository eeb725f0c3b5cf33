//! A run in progress: epochs, steps, evaluations, checkpoints.

use std::time::Instant;

use burn::Tensor;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    Schedule,
    head::HeadTargets,
    replay::Replay,
    state::RunState,
    step::{StepContext, StepInputs},
    trainer::{EpochMetrics, StopReason, Trainer, TrainingObserver, TrainingOutcome},
};
use crate::{
    SurrogateError,
    data::{Draw, TrainingSet},
    field_model::FieldModel,
    metrics_log::MetricsLog,
    models::Network,
    validation::{ValidationScore, validate},
};

/// A run in progress.
pub(super) struct Run<'a> {
    trainer: &'a Trainer<'a>,
    set: TrainingSet<'a>,
    head: Option<HeadTargets>,
    state: RunState,
    replay: Replay,
    log: MetricsLog,
    clock: Instant,
    earlier: f64,
}

impl<'a> Run<'a> {
    /// At the state from which training goes on.
    pub(super) fn new(
        trainer: &'a Trainer<'a>,
        set: TrainingSet<'a>,
        head: Option<HeadTargets>,
        state: RunState,
    ) -> Result<Self, SurrogateError> {
        Ok(Self {
            replay: Replay::new(trainer.device, trainer.config.replay && set.on_device()),
            log: MetricsLog::open(trainer.folder, state.progress.epoch)?,
            clock: Instant::now(),
            earlier: state.progress.seconds,
            trainer,
            set,
            head,
            state,
        })
    }
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

    /// Trains to the end, and says why it is the end.
    pub(super) fn epochs(
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
            let draw = self
                .set
                .draw(cases, config.points, config.surface_share, &mut rng)?;
            losses.push(self.step(cases, draw));
            interrupted |= observer.interrupted();
        }
        // The only time in an epoch that the device is waited for.
        let losses = Tensor::cat(losses, 0).into_data().convert::<f32>();
        let losses = losses.try_to_vec::<f32>().unwrap_or_default();
        let total: f64 = losses.iter().map(|loss| f64::from(*loss)).sum();
        let mean = total / losses.len() as f64;
        if !mean.is_finite() {
            return Err(SurrogateError::Training(format!(
                "the loss is {mean} in epoch {}; lower training.learning_rate or clip harder",
                self.state.progress.epoch + 1
            )));
        }
        Ok((mean, interrupted))
    }

    /// One step; the loss stays on the device.
    fn step(&mut self, cases: &[usize], draw: Draw) -> Tensor<1> {
        let config = self.trainer.config;
        let numbers = self.state.optimiser.next(self.learning_rate(), config);
        let inputs = StepInputs::new(cases, draw, numbers, self.trainer.device);
        let context = StepContext {
            config,
            table: self.set.device_table(),
            n_inputs: self.set.n_inputs(),
            codes: self.set.codes(),
            coefficients: self.head.as_ref().map(|head| &head.targets),
        };
        let loss = self.replay.step(&context, &mut self.state, inputs);
        self.state.progress.steps = self.state.optimiser.steps();
        loss
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

    /// What came of it.
    pub(super) fn finish(self, stop: StopReason) -> Result<TrainingOutcome, SurrogateError> {
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
