//! PointNet: point features, their maximum over the cloud, and both together to field values.
//!
//! Qi, Su, Mo, Guibas, "PointNet: Deep Learning on Point Sets for 3D Classification and
//! Segmentation", CVPR 2017, arXiv 1612.00593. Departures, as in the AirfRANS baseline: no input
//! or feature transforms, no batch normalisation.

use burn::{Tensor, module::Module, nn::Linear, tensor::Device};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Precision, append_code, linear_layer, relu_layer};
use crate::init;

/// Configuration of a [`PointNet`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PointNetConfig {
    /// Width of the layers before the maximum.
    pub width: usize,
    /// Width of the global feature.
    pub global_width: usize,
}

impl Default for PointNetConfig {
    fn default() -> Self {
        Self {
            width: 128,
            global_width: 256,
        }
    }
}

impl PointNetConfig {
    /// Builds a network from `inputs` features and a code of `code` numbers to `outputs` values.
    pub fn init(
        &self,
        (inputs, code, outputs): (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> PointNet {
        let mut chain = |widths: &[usize]| -> Vec<Linear> {
            widths
                .windows(2)
                .map(|pair| init::linear(pair[0], pair[1], rng, device))
                .collect()
        };
        let w = self.width;
        let local = chain(&[inputs + code, w, w]);
        let global = chain(&[w, w, self.global_width]);
        let decoder = chain(&[w + self.global_width, 2 * w, w, w]);
        PointNet {
            local,
            global,
            decoder,
            head: init::linear(w, outputs, rng, device),
        }
    }
}

/// A network whose points see the whole cloud through one maximum.
#[derive(Module, Debug)]
pub struct PointNet {
    local: Vec<Linear>,
    global: Vec<Linear>,
    decoder: Vec<Linear>,
    head: Linear,
}

impl PointNet {
    /// # Shapes
    ///
    /// - `points`: `[cases, points, inputs]`
    /// - `code`: `[cases, code]`
    /// - output: `[cases, points, outputs]`
    pub fn forward(&self, points: Tensor<3>, code: Tensor<2>, precision: Precision) -> Tensor<3> {
        let local = self
            .local
            .iter()
            .fold(precision.activations(append_code(points, code)), relu_layer);
        let global = self.global.iter().fold(local.clone(), relu_layer);
        let global = global.max_dim(1).squeeze_dim::<2>(1);
        let hidden = self
            .decoder
            .iter()
            .fold(append_code(local, global), relu_layer);
        linear_layer(hidden, &self.head)
    }
}
