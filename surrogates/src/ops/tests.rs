//! The fused operators against plain tensor operations, and their gradients against central
//! differences in f64.

use burn::{
    Tensor,
    tensor::{DType, Device, TensorData, activation::relu},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{AdamwState, AdamwStep, StepNumbers, adamw, affine, affine_relu, fourier_features};

fn random(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn tensor<const D: usize>(data: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(data.to_vec(), shape), (device, DType::F64))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().try_to_vec::<f64>().expect("f64 values")
}

fn assert_close(actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        assert!((a - e).abs() <= tolerance, "index {i}: {a} against {e}");
    }
}

/// Central differences of `f` at `at`.
fn differences(at: &[f64], mut f: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-6;
    (0..at.len())
        .map(|i| {
            let mut moved = at.to_vec();
            moved[i] += step;
            let up = f(&moved);
            moved[i] -= 2.0 * step;
            (up - f(&moved)) / (2.0 * step)
        })
        .collect()
}

/// Shapes with a last block that is not full, one weight for all cases or one for each.
const SHAPES: [(usize, usize, usize, usize, usize); 4] = [
    (1, 1, 1, 1, 1),
    (2, 5, 3, 4, 1),
    (3, 300, 7, 2, 3),
    (2, 600, 4, 3, 1),
];

#[test]
fn affine_relu_equals_its_definition() {
    let device = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (cases, points, inputs, outputs, weights) in SHAPES {
        let (x, w, t) = layer(&mut rng, (cases, points, inputs, outputs, weights), &device);
        let fused = affine_relu(x.clone(), w.clone(), t.clone());
        let plain = relu(x.matmul(w.expand([cases, inputs, outputs])) + t.unsqueeze_dim::<3>(1));
        assert_close(&values(fused), &values(plain), 1e-13);
    }
}

#[test]
fn affine_is_the_same_without_the_clipping() {
    let device = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for (cases, points, inputs, outputs, weights) in SHAPES {
        let (x, w, t) = layer(&mut rng, (cases, points, inputs, outputs, weights), &device);
        let fused = affine(x.clone(), w.clone(), t.clone());
        let plain = x.matmul(w.expand([cases, inputs, outputs])) + t.unsqueeze_dim::<3>(1);
        assert_close(&values(fused), &values(plain), 1e-13);
    }
}

/// bf16 has 8 bits of significance: a unit roundoff of 2^-9 for each of the factors and for the
/// result, relative to sums of magnitudes.
#[test]
fn bf16_activations_keep_f32_weights() {
    let device = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let (x, w, t) = layer(&mut rng, (2, 40, 30, 4, 1), &device);
    let single = |tensor: Tensor<3>| tensor.cast(DType::F32);
    let y = affine_relu(
        x.clone().cast(DType::BF16),
        single(w.clone()),
        t.clone().cast(DType::F32),
    );
    assert_eq!(y.dtype(), DType::BF16);
    let exact = affine_relu(x.clone(), w.clone(), t.clone());
    let magnitude = affine(x.clone().abs(), w.clone().abs(), t.clone().abs());
    let ratio = (y.cast(DType::F64) - exact).abs() / magnitude;
    assert!(ratio.max().into_scalar::<f64>() < 3.0 / 512.0);
    let unclipped = affine(x.cast(DType::BF16), single(w), t.cast(DType::F32));
    assert_eq!(unclipped.dtype(), DType::F32);
}

/// Inputs of a layer in f64: x, weight and shift.
fn layer(
    rng: &mut ChaCha8Rng,
    (cases, points, inputs, outputs, weights): (usize, usize, usize, usize, usize),
    device: &Device,
) -> (Tensor<3>, Tensor<3>, Tensor<2>) {
    let shapes = ([cases, points, inputs], [weights, inputs, outputs]);
    let mut draw = |n: usize| random(rng, n);
    (
        tensor(&draw(cases * points * inputs), shapes.0, device),
        tensor(&draw(weights * inputs * outputs), shapes.1, device),
        tensor(&draw(cases * outputs), [cases, outputs], device),
    )
}

#[test]
fn affine_gradients_equal_central_differences() {
    let device = Device::flex().autodiff();
    let plain = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let operators = [affine_relu, affine];
    for (weights, operator) in [(1, 0), (2, 0), (1, 1), (2, 1)] {
        let operator = operators[operator];
        let (cases, points, inputs, outputs) = (2, 6, 3, 4);
        let shapes = (
            [cases, points, inputs],
            [weights, inputs, outputs],
            [cases, outputs],
        );
        let x = random(&mut rng, cases * points * inputs);
        let w = random(&mut rng, weights * inputs * outputs);
        let t = random(&mut rng, cases * outputs);
        let mix = random(&mut rng, cases * points * outputs);
        let objective = |x: &[f64], w: &[f64], t: &[f64]| {
            let y = operator(
                tensor(x, shapes.0, &plain),
                tensor(w, shapes.1, &plain),
                tensor(t, shapes.2, &plain),
            );
            values(y).iter().zip(&mix).map(|(y, m)| y * m).sum::<f64>()
        };
        let leaves = (
            tensor(&x, shapes.0, &device).require_grad(),
            tensor(&w, shapes.1, &device).require_grad(),
            tensor(&t, shapes.2, &device).require_grad(),
        );
        let y = operator(leaves.0.clone(), leaves.1.clone(), leaves.2.clone());
        let loss = (y * tensor(&mix, [cases, points, outputs], &device)).sum();
        let grads = loss.backward();
        let grad = |found: Option<Vec<f64>>| found.expect("a gradient");
        assert_close(
            &grad(leaves.0.grad(&grads).map(values)),
            &differences(&x, |x| objective(x, &w, &t)),
            1e-8,
        );
        assert_close(
            &grad(leaves.1.grad(&grads).map(values)),
            &differences(&w, |w| objective(&x, w, &t)),
            1e-8,
        );
        assert_close(
            &grad(leaves.2.grad(&grads).map(values)),
            &differences(&t, |t| objective(&x, &w, t)),
            1e-8,
        );
    }
}

#[test]
fn fourier_features_equal_their_definition_in_both_precisions() {
    let device = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (cases, points, inputs, scales, n_freq) = (2, 300, 3, 2, 5);
    let x: Vec<f64> = random(&mut rng, cases * points * inputs)
        .iter()
        .map(|v| 3.0 * v)
        .collect();
    let b = random(&mut rng, scales * n_freq * inputs);
    let row = |x: &[f64], b: &[f64]| -> Vec<f64> {
        let turns: Vec<f64> = b
            .chunks_exact(inputs)
            .map(|b| std::f64::consts::TAU * b.iter().zip(x).map(|(b, x)| b * x).sum::<f64>())
            .collect();
        let sine = turns.iter().map(|t| t.sin());
        let cosine = turns.iter().map(|t| t.cos());
        sine.chain(cosine)
            .chain(x.to_vec())
            .chain([0.0; 3])
            .collect()
    };
    let mut expected = Vec::new();
    for case in x.chunks_exact(points * inputs) {
        for scale in b.chunks_exact(n_freq * inputs) {
            expected.extend(case.chunks_exact(inputs).flat_map(|x| row(x, scale)));
        }
    }
    let shape = [cases, points, inputs];
    let frequencies = tensor(&b, [scales, n_freq, inputs], &device);
    let width = 2 * n_freq + inputs + 3;
    let double = fourier_features(tensor(&x, shape, &device), frequencies.clone(), width);
    assert_eq!(double.dims(), [cases, scales * points, width]);
    assert_close(&values(double), &expected, 1e-12);
    let single = fourier_features(
        tensor(&x, shape, &device).cast(DType::F32),
        frequencies.cast(DType::F32),
        width,
    );
    let single: Vec<f64> = values(single.cast(DType::F64));
    assert_close(&single, &expected, 1e-5);
}

#[test]
fn fourier_features_gradient_equals_central_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let (shape, scales, n_freq) = ([2, 4, 3], 2, 5);
    let x = random(&mut rng, 24);
    let b = random(&mut rng, scales * n_freq * 3);
    let width = 2 * n_freq + 5;
    let output = [2, scales * 4, width];
    let mix = random(&mut rng, output.iter().product());
    let frequencies = |device: &Device| tensor(&b, [scales, n_freq, 3], device);
    let objective = |x: &[f64]| {
        let device = Device::flex();
        let y = fourier_features(tensor(x, shape, &device), frequencies(&device), width);
        values(y).iter().zip(&mix).map(|(y, m)| y * m).sum::<f64>()
    };
    let device = Device::flex().autodiff();
    let leaf = tensor(&x, shape, &device).require_grad();
    let y = fourier_features(leaf.clone(), frequencies(&device), width);
    let loss = (y * tensor(&mix, output, &device)).sum();
    let grad = leaf.grad(&loss.backward()).map(values).expect("a gradient");
    assert_close(&grad, &differences(&x, objective), 1e-7);
}

/// AdamW written out for one number in f64.
#[test]
fn adamw_equals_its_definition() {
    let device = Device::flex();
    let (lr, b1, b2, eps, wd, decay) = (1e-2, 0.9, 0.999, 1e-8, 0.1, 0.5);
    let gradients = [0.3, -5.0, 0.02];
    let (mut w, mut m, mut v, mut average) = (0.7f64, 0.0f64, 0.0f64, 0.7f64);
    let flat = |x: f32| Tensor::<1>::from_data(TensorData::new(vec![x], [1]), &device);
    let mut state = AdamwState {
        value: flat(0.7),
        first: flat(0.0),
        second: flat(0.0),
        average: flat(0.7),
    };
    for (k, g) in gradients.into_iter().enumerate() {
        let t = (k + 1) as i32;
        let (c1, c2) = (1.0 - f64::powi(b1, t), 1.0 - f64::powi(b2, t));
        let clipped = f64::clamp(g, -1.0, 1.0);
        m = b1 * m + (1.0 - b1) * clipped;
        v = b2 * v + (1.0 - b2) * clipped * clipped;
        w = w * (1.0 - lr * wd) - lr * (m / c1) / ((v / c2).sqrt() + eps);
        average = decay * average + (1.0 - decay) * w;
        let step = AdamwStep {
            lr: lr as f32,
            beta_1: b1 as f32,
            beta_2: b2 as f32,
            epsilon: eps as f32,
            weight_decay: wd as f32,
            correction_1: c1 as f32,
            correction_2: c2 as f32,
            grad_scale: 1.0,
            clip: 1.0,
            ema_decay: decay as f32,
        };
        state = adamw(state, flat(g as f32), &StepNumbers::new(step, &device));
    }
    let read = |t: Tensor<1>| f64::from(t.into_scalar::<f32>());
    assert!((read(state.value) - w).abs() < 1e-6);
    assert!((read(state.average) - average).abs() < 1e-6);
}
