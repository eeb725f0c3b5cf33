//! The operators by themselves, in shapes that fill no block evenly, of size 1, and of a real
//! batch.

use burn::{
    Tensor,
    nn::Linear,
    tensor::{DType, Device},
};

use super::network::{Kinks, network, parameter_gradients};
use super::setting::{Quantity, Random, Setting, values};
use super::tolerance::Sensitivity;
use super::{Case, Precision};
use crate::init;
use crate::ops::{
    AdamwState, AdamwStep, StepNumbers, adamw, affine, affine_relu, fourier_features,
};

const F32: &[Precision] = &[Precision::F32];
const BOTH: &[Precision] = &[Precision::F32, Precision::Bf16];

/// All of them.
pub(super) fn cases() -> Vec<Case> {
    let affine = AFFINE_SHAPES.into_iter().flat_map(|shape| {
        [(true, true), (true, false), (false, true)].map(|(relu, x_is_tracked)| {
            let name = format!(
                "{} {shape}{}",
                if relu { "affine_relu" } else { "affine" },
                if x_is_tracked { "" } else { ", x fixed" }
            );
            Case::new(name, BOTH, move |s| {
                affine_case(s, shape, relu, x_is_tracked)
            })
        })
    });
    let fourier = FOURIER_SHAPES.into_iter().map(|shape| {
        let [cases, points, inputs, scales, n_freq] = shape;
        let name = format!("fourier_features [{cases}, {points}, {inputs}] to {scales} x {n_freq}");
        Case::new(name, F32, move |s| fourier_case(s, shape))
    });
    let adamw = ADAMW_SIZES.into_iter().flat_map(|n| {
        [f32::INFINITY, 0.5].map(|clip| {
            let clipped = if clip.is_finite() { ", clipped" } else { "" };
            let name = format!("adamw [{n}]{clipped}");
            Case::new(name, F32, move |s| adamw_case(s, n, clip))
        })
    });
    let head = HEADS.into_iter().map(|[rows, inputs, outputs]| {
        let name = format!("linear [{rows}, {inputs}] to [{rows}, {outputs}]");
        Case::new(name, F32, move |s| head_case(s, [rows, inputs, outputs]))
    });
    affine.chain(fourier).chain(adamw).chain(head).collect()
}

/// The shape of a layer.
#[derive(Clone, Copy)]
struct AffineShape {
    cases: usize,
    points: usize,
    inputs: usize,
    outputs: usize,
    weights: usize,
}

impl std::fmt::Display for AffineShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cases,
            points,
            inputs,
            outputs,
            weights,
        } = self;
        write!(
            f,
            "[{cases}, {points}, {inputs}]x[{weights}, {inputs}, {outputs}]"
        )
    }
}

const fn shape([cases, points, inputs]: [usize; 3], outputs: usize, weights: usize) -> AffineShape {
    AffineShape {
        cases,
        points,
        inputs,
        outputs,
        weights,
    }
}

const AFFINE_SHAPES: [AffineShape; 9] = [
    shape([1, 1, 1], 1, 1),
    shape([2, 5, 3], 4, 1),
    shape([3, 33, 7], 2, 3),
    shape([2, 129, 131], 67, 1),
    shape([1, 1, 131], 256, 1),
    shape([2, 257, 5], 1, 2),
    shape([3, 1000, 256], 1, 1),
    shape([4, 4096, 131], 256, 1),
    shape([4, 1021, 131], 256, 4),
];

fn affine_case(
    setting: &Setting,
    shape: AffineShape,
    relu: bool,
    x_is_tracked: bool,
) -> Result<Vec<Quantity>, String> {
    let AffineShape {
        cases,
        points,
        inputs,
        outputs,
        weights,
    } = shape;
    let mut random = Random::new(1);
    let x = random.values(cases * points * inputs);
    let weight = random.scaled(weights * inputs * outputs, 1.0 / (inputs as f32).sqrt());
    let mut shift = random.values(cases * outputs);
    if points * outputs == 1 {
        // The only unit there is has to be on, or there is nothing to see.
        shift.fill(2.0);
    }
    let mix = random.values(cases * points * outputs);
    let x = setting.activations(&x, [cases, points, inputs]);
    let x = match x_is_tracked {
        true => x.autodiff().require_grad(),
        false => x.autodiff(),
    };
    let weight = setting.leaf(&weight, [weights, inputs, outputs]);
    let shift = setting.leaf(&shift, [cases, outputs]);
    let (y, mix) = if relu {
        let mix = away_from_kinks(mix, &x, &weight, &shift)?;
        let mix = setting.activations(&mix, [cases, points, outputs]);
        let y = affine_relu(x.clone(), weight.clone(), shift.clone());
        (y, mix)
    } else {
        let mix = setting.tensor(&mix, [cases, points, outputs]);
        let y = affine(x.clone(), weight.clone(), shift.clone());
        (y, mix)
    };
    let output = Quantity::new("output", Sensitivity::Products, y.clone().inner())?;
    let gradients = (y * mix.autodiff()).sum().backward();
    let mut quantities = vec![output];
    if x_is_tracked {
        let gradient = Quantity::gradient("gradient of x", Sensitivity::Products, &x, &gradients)?;
        quantities.push(gradient);
    }
    quantities.push(Quantity::gradient(
        "gradient of weight",
        Sensitivity::Products,
        &weight,
        &gradients,
    )?);
    // A sum of what was given, without a product.
    let sensitivity = Sensitivity::Elementwise;
    let gradient = Quantity::gradient("gradient of shift", sensitivity, &shift, &gradients)?;
    quantities.push(gradient);
    Ok(quantities)
}

/// The numbers by which outputs are weighted before they are summed, with zeros where an output is so near the
/// kink that rounding decides whether it has a gradient: nearer than a fiftieth of what
/// outputs are, which is several roundoffs of bf16.
fn away_from_kinks(
    mut mix: Vec<f32>,
    x: &Tensor<3>,
    weight: &Tensor<3>,
    shift: &Tensor<2>,
) -> Result<Vec<f32>, String> {
    let double = |data: Vec<f64>, shape: [usize; 3]| {
        let data = burn::tensor::TensorData::new(data, shape);
        Tensor::<3>::from_data(data, (&Device::flex(), DType::F64))
    };
    let [cases, _, inputs] = x.dims();
    let [_, _, outputs] = weight.dims();
    let x = double(values(x.clone().inner())?, x.dims());
    let weight = double(values(weight.clone().inner())?, weight.dims());
    let shift = double(values(shift.clone().inner())?, [cases, 1, outputs]);
    let before = x.matmul(weight.expand([cases, inputs, outputs])) + shift;
    let before = values(before)?;
    let square = before.iter().map(|z| z * z).sum::<f64>() / before.len().max(1) as f64;
    let margin = 0.02 * square.sqrt();
    for (mix, z) in mix.iter_mut().zip(&before) {
        if z.abs() < margin {
            *mix = 0.0;
        }
    }
    Ok(mix)
}

/// Cases, points, inputs, scales, frequencies.
const FOURIER_SHAPES: [[usize; 5]; 5] = [
    [1, 1, 1, 1, 1],
    [2, 33, 3, 3, 5],
    [3, 129, 7, 2, 64],
    [1, 1000, 2, 1, 32],
    [4, 4096, 5, 2, 64],
];

fn fourier_case(
    setting: &Setting,
    [cases, points, inputs, scales, n_freq]: [usize; 5],
) -> Result<Vec<Quantity>, String> {
    let mut random = Random::new(2);
    let x = random.values(cases * points * inputs);
    let frequencies = random.scaled(scales * n_freq * inputs, 2.0);
    let width = (2 * n_freq + inputs).next_multiple_of(8);
    let mix = random.values(cases * scales * points * width);
    let x = setting.leaf(&x, [cases, points, inputs]);
    let frequencies = setting
        .tensor(&frequencies, [scales, n_freq, inputs])
        .autodiff();
    let mix = setting.tensor(&mix, [cases, scales * points, width]);
    let y = fourier_features(x.clone(), frequencies, width);
    let output = Quantity::new("output", Sensitivity::Elementwise, y.clone().inner())?;
    let gradients = (y * mix.autodiff()).sum().backward();
    let gradient = Quantity::gradient("gradient of x", Sensitivity::Products, &x, &gradients)?;
    Ok(vec![output, gradient])
}

const ADAMW_SIZES: [usize; 4] = [1, 7, 1000, 131 * 257];
const ADAMW_STEPS: i32 = 5;

/// Several steps of the optimiser; the reference is written out here.
fn adamw_case(setting: &Setting, n: usize, clip: f32) -> Result<Vec<Quantity>, String> {
    let mut random = Random::new(3);
    let value = random.values(n);
    let steps: Vec<(AdamwStep, Vec<f32>)> = (1..=ADAMW_STEPS)
        .map(|t| (adamw_step(t, clip), random.values(n)))
        .collect();
    if setting.is_reference {
        return Ok(adamw_reference(&value, &steps));
    }
    let zeros = vec![0.0; n];
    let mut state = AdamwState {
        value: setting.tensor(&value, [n]),
        first: setting.tensor(&zeros, [n]),
        second: setting.tensor(&zeros, [n]),
        average: setting.tensor(&value, [n]),
    };
    for (step, gradient) in &steps {
        let numbers = StepNumbers::new(*step, &setting.device);
        state = adamw(state, setting.tensor(gradient, [n]), &numbers);
    }
    let quantity = |name, tensor| Quantity::new(name, Sensitivity::Elementwise, tensor);
    Ok(vec![
        quantity("weights", state.value)?,
        quantity("first moment", state.first)?,
        quantity("second moment", state.second)?,
        quantity("average", state.average)?,
    ])
}

fn adamw_step(t: i32, clip: f32) -> AdamwStep {
    AdamwStep {
        lr: 1e-2,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.1,
        correction_1: (1.0 - f64::powi(0.9, t)) as f32,
        correction_2: (1.0 - f64::powi(0.999, t)) as f32,
        grad_scale: 0.7,
        clip,
        ema_decay: 0.6,
    }
}

fn adamw_reference(value: &[f32], steps: &[(AdamwStep, Vec<f32>)]) -> Vec<Quantity> {
    let start: Vec<f64> = value.iter().map(|v| f64::from(*v)).collect();
    let zeros = vec![0.0; value.len()];
    let mut arrays = [start.clone(), zeros.clone(), zeros, start];
    for (s, gradient) in steps {
        let number = |x: f32| f64::from(x);
        let (b1, b2) = (number(s.beta_1), number(s.beta_2));
        let (clip, decay) = (number(s.clip), number(s.ema_decay));
        let [w, m, v, average] = &mut arrays;
        for (i, g) in gradient.iter().enumerate() {
            let g = (number(*g) * number(s.grad_scale)).clamp(-clip, clip);
            m[i] = b1 * m[i] + (1.0 - b1) * g;
            v[i] = b2 * v[i] + (1.0 - b2) * g * g;
            let root = (v[i] / number(s.correction_2)).sqrt() + number(s.epsilon);
            let change = m[i] / number(s.correction_1) / root;
            w[i] -= number(s.lr) * (number(s.weight_decay) * w[i] + change);
            average[i] = decay * average[i] + (1.0 - decay) * w[i];
        }
    }
    let names = ["weights", "first moment", "second moment", "average"];
    let quantity = |(name, values)| Quantity::of_values(name, Sensitivity::Elementwise, values);
    names.into_iter().zip(arrays).map(quantity).collect()
}

/// Rows, inputs and outputs of linear heads: narrow ones, where fusion has been reported to fail.
const HEADS: [[usize; 3]; 6] = [
    [1, 1, 1],
    [1, 256, 1],
    [7, 256, 1],
    [1000, 256, 1],
    [4097, 33, 1],
    [1021, 256, 3],
];

/// A linear layer and what usually follows: the mean of squared differences.
fn head_case(
    setting: &Setting,
    [rows, inputs, outputs]: [usize; 3],
) -> Result<Vec<Quantity>, String> {
    let mut random = Random::new(4);
    let x = setting.leaf(&random.values(rows * inputs), [rows, inputs]);
    let target = setting.tensor(&random.values(rows * outputs), [rows, outputs]);
    let device = setting.device.clone().autodiff();
    let layer: Linear = network(setting, &device, Kinks::Anywhere, |rng, device| {
        init::linear(inputs, outputs, rng, device)
    });
    let y = layer.forward(x.clone());
    let output = Quantity::new("output", Sensitivity::Products, y.clone().inner())?;
    let loss = (y - target.autodiff()).square().mean();
    let value = Quantity::new("loss", Sensitivity::Products, loss.clone().inner())?;
    let gradients = loss.backward();
    let of_x = Quantity::gradient("gradient of x", Sensitivity::Products, &x, &gradients)?;
    Ok(vec![
        output,
        value,
        of_x,
        Quantity {
            name: "gradients of parameters",
            sensitivity: Sensitivity::Products,
            parts: parameter_gradients(&layer, &gradients)?,
        },
    ])
}
