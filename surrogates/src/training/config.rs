//! Settings of a training run.

use serde::{Deserialize, Serialize};

use super::Schedule;
use crate::{SurrogateError, models::Precision};

/// Settings of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Seed of initial weights, batches and validation split.
    pub seed: u64,
    /// Passes over the train cases.
    pub epochs: usize,
    /// Cases in a batch.
    pub batch_cases: usize,
    /// Points drawn from each case of a batch.
    pub points: usize,
    /// Share of those points drawn from the wall; 0 draws from all points alike.
    pub surface_share: f64,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// How it changes.
    pub schedule: Schedule,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest absolute value of a gradient entry; 0 switches clipping by value off.
    pub clip_value: f64,
    /// Largest Euclidean norm of the whole gradient; 0 switches clipping by norm off.
    pub clip_norm: f64,
    /// Decay of the running average of the weights, which is what is evaluated and kept; 0 keeps
    /// the weights themselves.
    pub ema_decay: f64,
    /// Loss weights of u_x, u_y, p and nu_t.
    pub loss_weights: [f64; 4],
    /// Loss weight of the coefficient head.
    pub coefficient_weight: f64,
    /// Share of the train cases held out for validation.
    pub validation: f64,
    /// Epochs between evaluations on the validation cases.
    pub evaluate_every: usize,
    /// Stop after this many evaluations without improvement; 0 never stops early.
    pub early_stopping: usize,
    /// Stop after this many minutes of training; 0 for no limit.
    pub max_minutes: f64,
    /// Train data larger than this many GiB are streamed from the cache instead of held in the
    /// memory of the device.
    pub memory_gib: f64,
    /// Precision of the hidden layers.
    pub precision: Precision,
    /// Record one step and replay it, on devices that can: a step is then one command to the
    /// device instead of hundreds. The results are the same.
    pub replay: bool,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: 1000,
            batch_cases: 4,
            points: 512,
            surface_share: 0.0,
            learning_rate: 1e-3,
            schedule: Schedule::default(),
            weight_decay: 0.0,
            clip_value: 1.0,
            clip_norm: 0.0,
            ema_decay: 0.999,
            loss_weights: [1.0; 4],
            coefficient_weight: 0.5,
            validation: 0.1,
            evaluate_every: 25,
            early_stopping: 0,
            max_minutes: 0.0,
            memory_gib: 4.0,
            precision: Precision::F32,
            replay: true,
        }
    }
}

impl TrainingConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// The first setting that makes no sense, with its allowed range.
    pub fn check(&self) -> Result<(), SurrogateError> {
        let share = |x: f64| (0.0..1.0).contains(&x);
        let checks = [
            ("epochs", self.epochs > 0, "must be at least 1"),
            ("batch_cases", self.batch_cases > 0, "must be at least 1"),
            ("points", self.points > 0, "must be at least 1"),
            (
                "surface_share",
                share(self.surface_share),
                "must be from 0 to below 1",
            ),
            (
                "learning_rate",
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "must be positive",
            ),
            (
                "weight_decay",
                self.weight_decay >= 0.0,
                "must not be negative",
            ),
            ("clip_value", self.clip_value >= 0.0, "must not be negative"),
            ("clip_norm", self.clip_norm >= 0.0, "must not be negative"),
            (
                "ema_decay",
                share(self.ema_decay),
                "must be from 0 to below 1",
            ),
            (
                "loss_weights",
                self.loss_weights.iter().all(|w| *w >= 0.0),
                "must not be negative",
            ),
            (
                "validation",
                share(self.validation),
                "must be from 0 to below 1",
            ),
            (
                "evaluate_every",
                self.evaluate_every > 0,
                "must be at least 1",
            ),
            (
                "max_minutes",
                self.max_minutes >= 0.0,
                "must not be negative",
            ),
            ("memory_gib", self.memory_gib >= 0.0, "must not be negative"),
        ];
        match checks.iter().find(|check| !check.1) {
            Some((name, _, problem)) => {
                Err(SurrogateError::config(format!("training.{name}"), *problem))
            }
            None => Ok(()),
        }
    }
}
