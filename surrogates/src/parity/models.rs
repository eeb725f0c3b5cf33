//! The networks, forward as in prediction and in training, and backward to parameters and inputs.

use burn::{Tensor, module::Module, nn::Linear, tensor::Device};
use rand_chacha::ChaCha8Rng;

use super::network::{Kinks, network, parameter_gradients};
use super::setting::{Quantity, Random, Setting};
use super::tolerance::Sensitivity;
use super::{Case, Precision};
use crate::models::{FieldOutput, MlpConfig, ModelConfig, Network, PointNetConfig};
use crate::{MarioConfig, ModulatedField, ModulatedFieldConfig, Modulation, SdfLatentConfig, init};

/// Precisions that networks compute in.
const PRECISIONS: &[Precision] = &[Precision::F32, Precision::Bf16];
/// Those of parts that no network computes in bf16.
const F32: &[Precision] = &[Precision::F32];

/// Sizes of a case.
#[derive(Clone, Copy)]
struct Sizes {
    cases: usize,
    points: usize,
    inputs: usize,
    code: usize,
    outputs: usize,
}

/// Few points, so that units on their kinks are not to be expected in f32, and odd numbers.
const FIELDS: Sizes = Sizes {
    cases: 2,
    points: 33,
    inputs: 7,
    code: 22,
    outputs: 4,
};

/// All networks.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (size, config) in [
        ("small", small_mario()),
        ("default", MarioConfig::default()),
    ] {
        for modulation in [Modulation::Shift, Modulation::ScaleShift] {
            for coefficient_head in [false, true] {
                let config = MarioConfig {
                    modulation,
                    coefficient_head,
                    ..config.clone()
                };
                let modulation = match modulation {
                    Modulation::Shift => "shift",
                    Modulation::ScaleShift => "scale and shift",
                };
                let head = if coefficient_head {
                    ", coefficients"
                } else {
                    ""
                };
                let name = format!("mario {size}, {modulation}{head}");
                cases.extend(both_kinks(&name, ModelConfig::Mario(config), FIELDS));
            }
        }
    }
    let mlp = |width, depth| ModelConfig::Mlp(MlpConfig { width, depth });
    cases.extend(both_kinks("mlp small", mlp(33, 3), FIELDS));
    cases.extend(both_kinks(
        "mlp default",
        ModelConfig::Mlp(MlpConfig::default()),
        FIELDS,
    ));
    let narrow = Sizes {
        outputs: 1,
        points: 47,
        ..FIELDS
    };
    cases.extend(both_kinks("mlp to [N, 1]", mlp(64, 2), narrow));
    let mario = ModelConfig::Mario(small_mario());
    cases.extend(both_kinks("mario to [N, 1]", mario, narrow));
    // The maximum over the points jumps as a ReLU does, and no bias keeps it from that.
    let pointnet = |width, global_width| {
        ModelConfig::PointNet(PointNetConfig {
            width,
            global_width,
        })
    };
    let default = ModelConfig::PointNet(PointNetConfig::default());
    for (name, config, sizes) in [
        ("pointnet small", pointnet(17, 29), FIELDS),
        ("pointnet default", default, FIELDS),
        ("pointnet to [N, 1]", pointnet(32, 64), narrow),
    ] {
        cases.push(network_case(name, config, sizes, Kinks::Anywhere));
    }
    cases.extend([Kinks::Anywhere, Kinks::Apart].map(sdf_case));
    cases.extend([1, 31, 1000].map(linear_case));
    cases
}

/// A MARIO that takes no time, of sizes that fill no block.
fn small_mario() -> MarioConfig {
    MarioConfig {
        n_freq: 11,
        width: 37,
        depth: 3,
        hyper_width: 29,
        hyper_depth: 2,
        ..MarioConfig::default()
    }
}

/// With its kinks anywhere, as in training, and apart, for exact gradients.
fn both_kinks(name: &str, config: ModelConfig, sizes: Sizes) -> [Case; 2] {
    [
        network_case(name, config.clone(), sizes, Kinks::Anywhere),
        network_case(&format!("{name}, kinks apart"), config, sizes, Kinks::Apart),
    ]
}

fn network_case(name: &str, config: ModelConfig, sizes: Sizes, kinks: Kinks) -> Case {
    Case::new(name, PRECISIONS, move |setting| {
        let build = |rng: &mut ChaCha8Rng, device: &Device| {
            config.init((sizes.inputs, sizes.code, sizes.outputs), rng, device)
        };
        let precision = setting.network_precision();
        let forward = |network: &Network, points, code| network.forward(points, code, precision);
        module_case(setting, sizes, kinks, &build, &forward)
    })
}

/// The implicit network of the latent geometry code, with the gradient by which a code is found.
fn sdf_case(kinks: Kinks) -> Case {
    let config = SdfLatentConfig::default();
    let field = ModulatedFieldConfig {
        n_freq: config.n_freq,
        scales: vec![config.scale],
        width: config.width,
        depth: config.depth,
        modulation: Modulation::Shift,
        hyper_width: config.width,
        hyper_depth: 0,
    };
    let sizes = Sizes {
        cases: 3,
        points: 41,
        inputs: 2,
        code: config.size,
        outputs: 1,
    };
    let name = match kinks {
        Kinks::Anywhere => "sdf field",
        Kinks::Apart => "sdf field, kinks apart",
    };
    Case::new(name, F32, move |setting| {
        let build = |rng: &mut ChaCha8Rng, device: &Device| {
            field.init((sizes.inputs, sizes.code, sizes.outputs), rng, device)
        };
        let forward = |field: &ModulatedField, points, code| FieldOutput {
            fields: field.forward(points, field.modulation(code), Precision::F32),
            coefficients: None,
        };
        module_case(setting, sizes, kinks, &build, &forward)
    })
}

/// A bare linear layer on a batch of clouds, with one output and no kinks.
fn linear_case(points: usize) -> Case {
    let sizes = Sizes {
        points,
        inputs: 256,
        outputs: 1,
        ..FIELDS
    };
    let name = format!("linear [2, {points}, 256] to [2, {points}, 1]");
    Case::new(name, F32, move |setting| {
        let build = |rng: &mut ChaCha8Rng, device: &Device| {
            init::linear(sizes.inputs, sizes.outputs, rng, device)
        };
        let forward = |layer: &Linear, points, _| FieldOutput {
            fields: layer.forward::<3>(points),
            coefficients: None,
        };
        module_case(setting, sizes, Kinks::Apart, &build, &forward)
    })
}

/// Any network that maps points and a code to fields.
fn module_case<M: Module>(
    setting: &Setting,
    sizes: Sizes,
    kinks: Kinks,
    build: &dyn Fn(&mut ChaCha8Rng, &Device) -> M,
    forward: &dyn Fn(&M, Tensor<3>, Tensor<2>) -> FieldOutput,
) -> Result<Vec<Quantity>, String> {
    let Sizes {
        cases,
        points: n,
        inputs,
        code,
        outputs,
    } = sizes;
    let mut random = Random::new(5);
    let points = setting.tensor(&random.values(cases * n * inputs), [cases, n, inputs]);
    let code = setting.tensor(&random.values(cases * code), [cases, code]);
    let mix = setting.tensor(&random.values(cases * n * outputs), [cases, n, outputs]);
    let head_mix = setting.tensor(&random.values(cases * 2), [cases, 2]);

    let plain = network(setting, &setting.device, kinks, build);
    let prediction = forward(&plain, points.clone(), code.clone()).fields;
    let mut quantities = vec![Quantity::new(
        "prediction",
        Sensitivity::Products,
        prediction,
    )?];

    let device = setting.device.clone().autodiff();
    let module = network(setting, &device, kinks, build);
    let points = points.autodiff().require_grad();
    let code = code.autodiff().require_grad();
    let output = forward(&module, points.clone(), code.clone());
    let fields = output.fields.clone().inner();
    quantities.push(Quantity::new("fields", Sensitivity::Products, fields)?);
    let mut loss = (output.fields * mix.autodiff()).sum();
    if let Some(head) = output.coefficients {
        let coefficients = head.clone().inner();
        quantities.push(Quantity::new(
            "coefficients",
            Sensitivity::Products,
            coefficients,
        )?);
        loss = loss + (head * head_mix.autodiff()).sum();
    }
    let gradients = loss.backward();
    let sensitivity = match kinks {
        Kinks::Anywhere => Sensitivity::Jumps,
        Kinks::Apart => Sensitivity::Products,
    };
    quantities.push(Quantity::gradient(
        "gradient of points",
        sensitivity,
        &points,
        &gradients,
    )?);
    if code.grad(&gradients).is_some() {
        let of_code = Quantity::gradient("gradient of code", sensitivity, &code, &gradients)?;
        quantities.push(of_code);
    }
    quantities.push(Quantity {
        name: "gradients of parameters",
        sensitivity,
        parts: parameter_gradients(&module, &gradients)?,
    });
    Ok(quantities)
}
