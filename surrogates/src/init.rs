//! Seeded initial weights, the same on every device.

use burn::{
    Tensor,
    module::Param,
    nn::Linear,
    tensor::{Device, TensorData},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A dense layer with weights and biases uniform in `±1/sqrt(inputs)`, PyTorch's default and so
/// the one that published settings assume.
pub(crate) fn linear(
    inputs: usize,
    outputs: usize,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> Linear {
    let bound = 1.0 / (inputs as f32).sqrt();
    let mut uniform =
        |n: usize| -> Vec<f32> { (0..n).map(|_| rng.random_range(-bound..=bound)).collect() };
    let weight = TensorData::new(uniform(inputs * outputs), [inputs, outputs]);
    let bias = TensorData::new(uniform(outputs), [outputs]);
    Linear {
        weight: Param::from_data(weight, device),
        bias: Some(Param::from_data(bias, device)),
    }
}

/// A frozen `[rows, cols]` matrix of independent normal values with standard deviation `sigma`.
pub(crate) fn frozen_normal(
    rows: usize,
    cols: usize,
    sigma: f64,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> Param<Tensor<2>> {
    let data: Vec<f32> = (0..rows * cols)
        .map(|_| (sigma * standard_normal(rng)) as f32)
        .collect();
    Param::from_tensor(Tensor::from_data(
        TensorData::new(data, [rows, cols]),
        device,
    ))
    .set_require_grad(false)
}

/// One standard normal value (Box and Muller).
fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
