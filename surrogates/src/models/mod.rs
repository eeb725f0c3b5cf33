//! The networks that can be trained on point data, behind one configuration and one interface.

mod mlp;
mod network;
mod pointnet;
mod precision;

pub use mlp::{Mlp, MlpConfig};
pub use network::{FieldOutput, ModelConfig, Network};
pub use pointnet::{PointNet, PointNetConfig};
pub use precision::Precision;

use burn::{Tensor, nn::Linear};

use crate::ops;

/// `ReLU(x W + b)` for `x: [cases, points, inputs]`, in the precision of `x`.
pub(crate) fn relu_layer(x: Tensor<3>, layer: &Linear) -> Tensor<3> {
    let (weight, bias) = weight_and_bias(layer, x.dims()[0]);
    ops::affine_relu(x, weight, bias)
}

/// `x W + b` for `x: [cases, points, inputs]`, in the precision of the weight.
pub(crate) fn linear_layer(x: Tensor<3>, layer: &Linear) -> Tensor<3> {
    let (weight, bias) = weight_and_bias(layer, x.dims()[0]);
    ops::affine(x, weight, bias)
}

/// Weight `[1, inputs, outputs]` and bias `[cases, outputs]`.
fn weight_and_bias(layer: &Linear, cases: usize) -> (Tensor<3>, Tensor<2>) {
    let weight = layer.weight.val();
    let width = weight.dims()[1];
    let bias = match &layer.bias {
        Some(bias) => bias.val().unsqueeze::<2>().expand([cases, width]),
        None => Tensor::zeros([cases, width], (&weight.device(), weight.dtype())),
    };
    (weight.unsqueeze::<3>(), bias)
}

/// Appends a case's code `[cases, code]` to each of its points `[cases, points, inputs]`.
pub(crate) fn append_code(points: Tensor<3>, code: Tensor<2>) -> Tensor<3> {
    let [cases, n, _] = points.dims();
    let width = code.dims()[1];
    let code = code
        .unsqueeze_dim::<3>(1)
        .expand([cases, n, width])
        .cast(points.dtype());
    Tensor::cat(vec![points, code], 2)
}
