//! Settings of the latent geometry code.

use serde::{Deserialize, Serialize};

use crate::SurrogateError;
use crate::mario::{ModulatedFieldConfig, Modulation};

/// How latent vectors are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatentMethod {
    /// A few gradient steps from zero, in training and afterwards (first-order CAVIA).
    #[default]
    Cavia,
    /// A parameter of each train case; fitted with the network fixed afterwards.
    AutoDecoder,
}

/// Configuration of an [`SdfLatent`](crate::SdfLatent).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SdfLatentConfig {
    /// How latent vectors are found.
    pub method: LatentMethod,
    /// Length of the latent vector.
    pub size: usize,
    /// Fourier frequencies, of one scale.
    pub n_freq: usize,
    /// Standard deviation of the frequencies.
    pub scale: f64,
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Inner gradient steps (CAVIA).
    pub inner_steps: usize,
    /// First inner step size; it is learned.
    pub inner_rate: f64,
    /// Training steps.
    pub steps: usize,
    /// Points of each case in a step.
    pub points: usize,
    /// Cases in a step.
    pub batch_cases: usize,
    /// Learning rate of the network, decaying to zero by half a cosine.
    pub learning_rate: f64,
}

impl Default for SdfLatentConfig {
    fn default() -> Self {
        Self {
            method: LatentMethod::Cavia,
            size: 8,
            n_freq: 32,
            scale: 0.5,
            width: 256,
            depth: 5,
            inner_steps: 3,
            inner_rate: 0.01,
            steps: 2000,
            points: 512,
            batch_cases: 4,
            learning_rate: 1e-3,
        }
    }
}

impl SdfLatentConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn check(&self) -> Result<(), SurrogateError> {
        let sizes = [
            self.size,
            self.n_freq,
            self.width,
            self.depth,
            self.points,
            self.batch_cases,
        ];
        if sizes.contains(&0) {
            return Err(SurrogateError::config(
                "features.latent",
                "all sizes must be at least 1",
            ));
        }
        Ok(())
    }

    /// The network.
    pub(super) fn field(&self) -> ModulatedFieldConfig {
        ModulatedFieldConfig {
            n_freq: self.n_freq,
            scales: vec![self.scale],
            width: self.width,
            depth: self.depth,
            modulation: Modulation::Shift,
            hyper_width: self.width,
            hyper_depth: 0,
        }
    }

    /// The learning rate at a step.
    pub(super) fn rate(&self, step: usize) -> f64 {
        let share = step as f64 / self.steps.max(1) as f64;
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
    }
}
