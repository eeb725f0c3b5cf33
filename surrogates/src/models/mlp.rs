//! The plainest baseline: one ReLU network from point features and code to field values, as in
//! Bonnet et al., "AirfRANS", NeurIPS 2022.

use burn::{Tensor, module::Module, nn::Linear, tensor::Device};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Precision, append_code, linear_layer, relu_layer};
use crate::init;

/// Configuration of an [`Mlp`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpConfig {
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
}

impl Default for MlpConfig {
    fn default() -> Self {
        Self {
            width: 256,
            depth: 6,
        }
    }
}

impl MlpConfig {
    /// Builds a network from `inputs` features and a code of `code` numbers to `outputs` values.
    pub fn init(
        &self,
        (inputs, code, outputs): (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Mlp {
        let mut width = inputs + code;
        let layers = (0..self.depth)
            .map(|_| {
                let layer = init::linear(width, self.width, rng, device);
                width = self.width;
                layer
            })
            .collect();
        Mlp {
            layers,
            head: init::linear(width, outputs, rng, device),
        }
    }
}

/// A multilayer perceptron on single points.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    head: Linear,
}

impl Mlp {
    /// # Shapes
    ///
    /// - `points`: `[cases, points, inputs]`
    /// - `code`: `[cases, code]`
    /// - output: `[cases, points, outputs]`
    pub fn forward(&self, points: Tensor<3>, code: Tensor<2>, precision: Precision) -> Tensor<3> {
        let x = precision.activations(append_code(points, code));
        let hidden = self.layers.iter().fold(x, relu_layer);
        linear_layer(hidden, &self.head)
    }
}
