//! The networks that can be trained on point data, behind one configuration and one interface.

mod mlp;
mod network;
mod pointnet;

pub use mlp::{Mlp, MlpConfig};
pub use network::{FieldOutput, ModelConfig, Network};
pub use pointnet::{PointNet, PointNetConfig};

use burn::{Tensor, nn::Linear};

use crate::ops;

/// `ReLU(x W + b)` for `x: [cases, points, inputs]`.
pub(crate) fn relu_layer(x: Tensor<3>, layer: &Linear) -> Tensor<3> {
    let cases = x.dims()[0];
    let weight = layer.weight.val();
    let width = weight.dims()[1];
    let bias = match &layer.bias {
        Some(bias) => bias.val().unsqueeze::<2>().expand([cases, width]),
        None => Tensor::zeros([cases, width], &weight.device()),
    };
    ops::affine_relu(x, weight.unsqueeze::<3>(), bias)
}

/// Appends a case's code `[cases, code]` to each of its points `[cases, points, inputs]`.
pub(crate) fn append_code(points: Tensor<3>, code: Tensor<2>) -> Tensor<3> {
    let [cases, n, _] = points.dims();
    let width = code.dims()[1];
    let code = code.unsqueeze_dim::<3>(1).expand([cases, n, width]);
    Tensor::cat(vec![points, code], 2)
}
