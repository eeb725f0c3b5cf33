//! The MARIO flow network: a modulated field with an optional head for force coefficients.

use burn::{
    Tensor,
    module::Module,
    nn::Linear,
    tensor::{Device, activation::relu},
};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{ModulatedField, ModulatedFieldConfig};
use crate::{init, models::FieldOutput};

/// Width of the hidden layer of the coefficient head.
const HEAD_WIDTH: usize = 128;

/// Configuration of [`Mario`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarioConfig {
    /// The field network.
    #[serde(flatten)]
    pub field: ModulatedFieldConfig,
    /// Predict C_L and C_D from the modulation vector as well.
    pub coefficient_head: bool,
}

impl MarioConfig {
    /// Builds the network; see [`ModulatedFieldConfig::init`].
    pub fn init(
        &self,
        sizes: (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Mario {
        let field = self.field.init(sizes, rng, device);
        let modulation = self.field.width * self.field.depth.saturating_sub(1);
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
    pub fn forward(&self, points: Tensor<3>, code: Tensor<2>) -> FieldOutput {
        let modulation = self.field.modulation(code);
        let coefficients = match self.coefficients.as_slice() {
            [hidden, out] => Some(out.forward(relu(hidden.forward(modulation.clone())))),
            _ => None,
        };
        FieldOutput {
            fields: self.field.forward(points, modulation),
            coefficients,
        }
    }
}
