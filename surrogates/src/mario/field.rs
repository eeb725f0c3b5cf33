//! The modulated neural field: Fourier features, a ReLU network shared by all scales, and a
//! hypernetwork that turns a case's code into one shift per hidden layer.
//!
//! Catalani et al., arXiv 2505.14704. Departures:
//! 1. The scales go through the shared network as one batch, and the concatenation of their outputs
//!    followed by one linear layer is computed as a sum of one product a scale: the same numbers
//!    with fewer operations and without the copy.
//! 2. Scale-shift modulation multiplies the weights of a layer by (1 + f) once a case instead of
//!    multiplying its output at every point.

use burn::{
    Tensor,
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, activation::silu},
};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    init,
    models::{Precision, linear_layer},
    ops,
};

/// Features are filled up with zeros to a multiple of this many columns.
const WHOLE_VECTOR: usize = 8;

/// How the hypernetwork's vector `f` enters a hidden layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modulation {
    /// `h = ReLU(W h + b + f)`: the paper.
    #[default]
    Shift,
    /// `h = ReLU((1 + f) (W h + b) + f)` with one vector for both: the authors' released code.
    ScaleShift,
}

/// Configuration of a [`ModulatedField`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModulatedFieldConfig {
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
}

impl Default for ModulatedFieldConfig {
    fn default() -> Self {
        Self {
            n_freq: 64,
            scales: vec![0.5, 1.0],
            width: 256,
            depth: 6,
            modulation: Modulation::Shift,
            hyper_width: 256,
            hyper_depth: 4,
        }
    }
}

impl ModulatedFieldConfig {
    /// Builds a network from `inputs` coordinates and a code of `code` numbers to `outputs`
    /// values, with weights drawn from `rng`.
    pub fn init(
        &self,
        (inputs, code, outputs): (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> ModulatedField {
        let frequencies = self
            .scales
            .iter()
            .map(|&sigma| init::frozen_normal(self.n_freq, inputs, sigma, rng, device))
            .collect();
        let mut layer_inputs = 2 * self.n_freq + inputs;
        let layers = (0..self.depth)
            .map(|_| {
                let layer = init::linear(layer_inputs, self.width, rng, device);
                layer_inputs = self.width;
                layer
            })
            .collect();
        let mut hyper_inputs = code;
        let hyper = (0..self.hyper_depth)
            .map(|_| {
                let layer = init::linear(hyper_inputs, self.hyper_width, rng, device);
                hyper_inputs = self.hyper_width;
                layer
            })
            .collect();
        let modulated = self.width * self.depth.saturating_sub(1);
        ModulatedField {
            frequencies,
            layers,
            hyper,
            hyper_out: init::linear(hyper_inputs, modulated, rng, device),
            head: init::linear(self.width * self.scales.len(), outputs, rng, device),
            scale_shift: self.modulation == Modulation::ScaleShift,
        }
    }
}

/// A neural field `(point, code) -> values`; see the module's header.
#[derive(Module, Debug)]
pub struct ModulatedField {
    frequencies: Vec<Param<Tensor<2>>>,
    layers: Vec<Linear>,
    hyper: Vec<Linear>,
    hyper_out: Linear,
    head: Linear,
    scale_shift: bool,
}

impl ModulatedField {
    /// The hypernetwork: everything that depends on the case alone.
    ///
    /// # Shapes
    ///
    /// - `code`: `[cases, code]`
    /// - output: `[cases, width (depth - 1)]`
    pub fn modulation(&self, code: Tensor<2>) -> Tensor<2> {
        let hidden = self.hyper.iter().fold(code.unsqueeze::<3>(), |h, layer| {
            silu(linear_layer(h, layer))
        });
        linear_layer(hidden, &self.hyper_out).squeeze_dim::<2>(0)
    }

    /// The field at `points`, given the output of [`modulation`](Self::modulation).
    ///
    /// # Shapes
    ///
    /// - `points`: `[cases, points, inputs]`
    /// - `modulation`: `[cases, width (depth - 1)]`
    /// - output: `[cases, points, outputs]`
    pub fn forward(
        &self,
        points: Tensor<3>,
        modulation: Tensor<2>,
        precision: Precision,
    ) -> Tensor<3> {
        let [cases, n_points, _] = points.dims();
        let frequencies = self.frequencies.iter().map(|f| f.val()).collect();
        let frequencies = Tensor::stack::<3>(frequencies, 0);
        let [_, n_freq, inputs] = frequencies.dims();
        let width = (2 * n_freq + inputs).next_multiple_of(WHOLE_VECTOR);
        let features = ops::fourier_features(points, frequencies, width);
        let mut hidden = precision.activations(features);
        for (index, layer) in self.layers.iter().enumerate() {
            let (weight, shift) = self.modulated_layer(index, layer, &modulation, cases);
            let weight = with_rows(weight, hidden.dims()[2]);
            hidden = ops::affine_relu(hidden, weight, shift);
        }
        self.scales_to_outputs(hidden, cases, n_points)
    }

    /// The last layer: a product for each scale, and their sum.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[cases, scales points, width]`
    /// - output: `[cases, points, outputs]`
    fn scales_to_outputs(&self, hidden: Tensor<3>, cases: usize, points: usize) -> Tensor<3> {
        let head = self.head.weight.val();
        let [features, outputs] = head.dims();
        let scales = self.frequencies.len();
        let width = features / scales;
        // A scale of a case counts as a case of its own here, with the scale's rows of the head.
        let weight = head
            .reshape([1, scales, width, outputs])
            .expand([cases, scales, width, outputs])
            .reshape([cases * scales, width, outputs]);
        let bias = match &self.head.bias {
            Some(bias) => bias.val().div_scalar(scales as f64),
            None => Tensor::zeros([outputs], (&weight.device(), weight.dtype())),
        };
        let shift = bias.unsqueeze::<2>().expand([cases * scales, outputs]);
        let parts = ops::affine(
            hidden.reshape([cases * scales, points, width]),
            weight,
            shift,
        );
        parts
            .reshape([cases, scales, points, outputs])
            .sum_dim(1)
            .squeeze_dim::<3>(1)
    }

    /// Weight `[1 or cases, inputs, width]` and shift `[cases, width]` of a hidden layer.
    fn modulated_layer(
        &self,
        index: usize,
        layer: &Linear,
        modulation: &Tensor<2>,
        cases: usize,
    ) -> (Tensor<3>, Tensor<2>) {
        let weight = layer.weight.val();
        let width = weight.dims()[1];
        let bias = match &layer.bias {
            Some(bias) => bias.val().unsqueeze::<2>().expand([cases, width]),
            None => Tensor::zeros([cases, width], (&weight.device(), weight.dtype())),
        };
        let weight = weight.unsqueeze::<3>();
        if index + 1 == self.layers.len() {
            return (weight, bias);
        }
        let f = modulation
            .clone()
            .slice([0..cases, index * width..(index + 1) * width]);
        if self.scale_shift {
            let scale = f.clone() + 1.0;
            (
                weight * scale.clone().unsqueeze_dim::<3>(1),
                scale * bias + f,
            )
        } else {
            (weight, bias + f)
        }
    }
}

/// `weight` with rows of zeros up to `rows` of them.
fn with_rows(weight: Tensor<3>, rows: usize) -> Tensor<3> {
    let [weights, inputs, outputs] = weight.dims();
    if inputs == rows {
        return weight;
    }
    let shape = [weights, rows - inputs, outputs];
    let padding = Tensor::zeros(shape, (&weight.device(), weight.dtype()));
    Tensor::cat(vec![weight, padding], 1)
}
