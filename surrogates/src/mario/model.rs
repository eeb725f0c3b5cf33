//! The MARIO flow network: a modulated field with an optional head for force coefficients.

use burn::{
    Tensor,
    module::Module,
    nn::Linear,
    tensor::{Device, activation::relu},
};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{ModulatedField, ModulatedFieldConfig, Modulation};
use crate::{
    init,
    models::{FieldOutput, Precision},
};

/// Width of the hidden layer of the coefficient head.
const HEAD_WIDTH: usize = 128;

/// Configuration of [`Mario`]: that of its field, and a switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarioConfig {
    /// Fourier frequencies per scale.
    pub n_freq: usize,
    /// Standard deviations of the Fourier frequencies, one per scale.
    pub scales: Vec<f64>,
    /// Width of the hidden layers.
    pub width: usize,
    /// Hidden layers; all but the last are modulated.
    pub depth: usize,
    /// Modulation of the hidden layers.
    pub modulation: Modulation,
    /// Width of the hypernetwork.
    pub hyper_width: usize,
    /// Hidden layers of the hypernetwork; 0 makes it linear.
    pub hyper_depth: usize,
    /// Predict C_L and C_D from the modulation vector as well.
    pub coefficient_head: bool,
}

impl Default for MarioConfig {
    fn default() -> Self {
        let field = ModulatedFieldConfig::default();
        Self {
            n_freq: field.n_freq,
            scales: field.scales,
            width: field.width,
            depth: field.depth,
            modulation: field.modulation,
            hyper_width: field.hyper_width,
            hyper_depth: field.hyper_depth,
            coefficient_head: false,
        }
    }
}

impl MarioConfig {
    /// The part that describes the field network.
    pub fn field(&self) -> ModulatedFieldConfig {
        ModulatedFieldConfig {
            n_freq: self.n_freq,
            scales: self.scales.clone(),
            width: self.width,
            depth: self.depth,
            modulation: self.modulation,
            hyper_width: self.hyper_width,
            hyper_depth: self.hyper_depth,
        }
    }

    /// Builds the network; see [`ModulatedFieldConfig::init`].
    pub fn init(
        &self,
        sizes: (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Mario {
        let field = self.field().init(sizes, rng, device);
        let modulation = self.width * self.depth.saturating_sub(1);
        let head = if self.coefficient_head {
            vec![
                init::linear(modulation, HEAD_WIDTH, rng, device),
                init::linear(HEAD_WIDTH, 2, rng, device),
            ]
        } else {
            Vec::new()
        };
        Mario {
            field,
            coefficients: head,
        }
    }
}

/// The network; see the module's header.
#[derive(Module, Debug)]
pub struct Mario {
    field: ModulatedField,
    coefficients: Vec<Linear>,
}

impl Mario {
    /// # Shapes
    ///
    /// - `points`: `[cases, points, inputs]`
    /// - `code`: `[cases, code]`
    /// - output: fields `[cases, points, outputs]`, coefficients `[cases, 2]`
    pub fn forward(&self, points: Tensor<3>, code: Tensor<2>, precision: Precision) -> FieldOutput {
        let modulation = self.field.modulation(code);
        let coefficients = match self.coefficients.as_slice() {
            [hidden, out] => Some(out.forward(relu(hidden.forward(modulation.clone())))),
            _ => None,
        };
        FieldOutput {
            fields: self.field.forward(points, modulation, precision),
            coefficients,
        }
    }
}
