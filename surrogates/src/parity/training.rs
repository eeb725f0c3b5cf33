//! Twenty steps of training with the real optimiser, against the same steps written out in f64.

use std::collections::HashMap;

use burn::{
    Tensor,
    module::{Module, ModuleMapper, Param},
    tensor::{Device, Gradients},
};
use rand_chacha::ChaCha8Rng;

use super::network::{Kinks, network};
use super::setting::{Quantity, Random, Setting, values};
use super::tolerance::Sensitivity;
use super::{Case, Precision};
use crate::models::{FieldOutput, ModelConfig, Network};
use crate::parameters::ParameterPath;
use crate::{MarioConfig, Optimiser, TrainingConfig};

const STEPS: usize = 20;
/// Small, so that what rounding does to a step is not amplified by the next.
const RATE: f64 = 1e-4;
const CASES: usize = 2;
const INPUTS: usize = 5;
const CODE: usize = 9;

/// Small and default MARIO.
pub(super) fn cases() -> Vec<Case> {
    let small = MarioConfig {
        n_freq: 16,
        width: 48,
        depth: 3,
        hyper_width: 32,
        hyper_depth: 2,
        coefficient_head: true,
        ..MarioConfig::default()
    };
    let default = MarioConfig::default();
    [("small", small, 61), ("default", default, 128)]
        .into_iter()
        .map(|(size, config, points)| {
            let model = ModelConfig::Mario(config);
            let name = format!("{STEPS} steps of training, mario {size}");
            Case::new(name, &[Precision::F32, Precision::Bf16], move |setting| {
                Problem::new(setting, points).train(setting, &model)
            })
        })
        .collect()
}

/// What is learned, one batch, and the precision of the network that learns it.
struct Problem {
    precision: Precision,
    points: Tensor<3>,
    code: Tensor<2>,
    fields: Tensor<3>,
    coefficients: Tensor<2>,
}

impl Problem {
    fn new(setting: &Setting, n: usize) -> Self {
        let mut random = Random::new(6);
        let points = random.values(CASES * n * INPUTS);
        let code = random.values(CASES * CODE);
        // Something that a network can learn: waves along the inputs.
        let fields: Vec<f32> = points
            .chunks_exact(INPUTS)
            .flat_map(|x| {
                let (a, b) = (2.0 * x[0] + x[1], x[2] - x[3] * x[4]);
                [a.sin(), a.cos(), b, a * b]
            })
            .collect();
        Self {
            precision: setting.network_precision(),
            points: setting.tensor(&points, [CASES, n, INPUTS]),
            code: setting.tensor(&code, [CASES, CODE]),
            fields: setting.tensor(&fields, [CASES, n, 4]),
            coefficients: setting.tensor(&random.values(CASES * 2), [CASES, 2]),
        }
    }

    /// How far the loss has fallen after each step, and with the averaged weights at the end. The
    /// losses themselves would agree whatever the optimiser did, since they begin alike.
    fn train(&self, setting: &Setting, model: &ModelConfig) -> Result<Vec<Quantity>, String> {
        let device = setting.device.clone().autodiff();
        let build =
            |rng: &mut ChaCha8Rng, device: &Device| model.init((INPUTS, CODE, 4), rng, device);
        let mut network = network(setting, &device, Kinks::Anywhere, build);
        let config = TrainingConfig {
            weight_decay: 0.01,
            ..TrainingConfig::default()
        };
        let mut optimiser = AnyOptimiser::new(setting);
        let mut losses = Vec::new();
        for _ in 0..STEPS {
            let loss = self.loss(&network, |tensor| tensor.autodiff());
            losses.extend(values(loss.clone().inner())?);
            network = optimiser.step(network, loss.backward(), &config);
        }
        let averaged = optimiser.averaged(network);
        let last = values(self.loss(&averaged, |tensor| tensor))?;
        let first = losses.remove(0);
        let fallen = |losses: Vec<f64>| losses.into_iter().map(|loss| first - loss).collect();
        let quantity = |name, values| Quantity::of_values(name, Sensitivity::Training, values);
        Ok(vec![
            quantity("fall of the loss", fallen(losses)),
            quantity("fall with averaged weights", fallen(last)),
        ])
    }

    /// `lift` puts the batch where the network is.
    fn loss(&self, network: &Network, lift: impl Fn(Tensor<3>) -> Tensor<3>) -> Tensor<1> {
        let lift2 = |tensor: &Tensor<2>| lift(tensor.clone().unsqueeze::<3>()).squeeze_dim::<2>(0);
        let FieldOutput {
            fields,
            coefficients,
        } = network.forward(lift(self.points.clone()), lift2(&self.code), self.precision);
        let loss = (fields - lift(self.fields.clone())).square().mean();
        match coefficients {
            Some(head) => loss + (head - lift2(&self.coefficients)).square().mean(),
            None => loss,
        }
    }
}

/// The optimiser of the trainer, or its definition in f64.
enum AnyOptimiser {
    Real(Optimiser),
    Reference(Reference),
}

impl AnyOptimiser {
    fn new(setting: &Setting) -> Self {
        match setting.is_reference {
            true => Self::Reference(Reference::default()),
            false => Self::Real(Optimiser::default()),
        }
    }

    fn step(&mut self, network: Network, gradients: Gradients, config: &TrainingConfig) -> Network {
        match self {
            Self::Real(optimiser) => optimiser.step(network, gradients, RATE, config),
            Self::Reference(reference) => {
                reference.steps += 1;
                network.map(&mut ReferenceStep {
                    reference,
                    gradients,
                    config,
                    path: ParameterPath::default(),
                })
            }
        }
    }

    fn averaged(self, network: Network) -> Network {
        match self {
            Self::Real(optimiser) => optimiser.averaged(network),
            Self::Reference(reference) => network.map(&mut ReferenceAverage {
                reference: &reference,
                path: ParameterPath::default(),
            }),
        }
    }
}

/// AdamW with a running average, in plain tensor operations: Loshchilov, Hutter, arXiv 1711.05101.
#[derive(Default)]
struct Reference {
    steps: i32,
    /// First and second moment and average of each parameter, flat.
    slots: HashMap<String, [Tensor<1>; 3]>,
}

struct ReferenceStep<'a> {
    reference: &'a mut Reference,
    gradients: Gradients,
    config: &'a TrainingConfig,
    path: ParameterPath,
}

impl ModuleMapper for ReferenceStep<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(gradient) = tensor.grad(&self.gradients) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let config = self.config;
        let t = self.reference.steps;
        let shape = tensor.dims();
        let value: Tensor<1> = tensor.inner().flatten(0, D - 1);
        let gradient: Tensor<1> = gradient.flatten(0, D - 1);
        let gradient = gradient.clamp(-config.clip_value, config.clip_value);
        let name = self.path.as_str().to_owned();
        let slots = &mut self.reference.slots;
        let [first, second, average] = slots.remove(&name).unwrap_or_else(|| {
            let zeros = value.zeros_like();
            [zeros.clone(), zeros, value.clone()]
        });
        let (b1, b2) = (0.9, 0.999);
        let first = first * b1 + gradient.clone() * (1.0 - b1);
        let second = second * b2 + gradient.square() * (1.0 - b2);
        let root = (second.clone() / (1.0 - f64::powi(b2, t))).sqrt() + 1e-8;
        let change = first.clone() / (1.0 - f64::powi(b1, t)) / root;
        let value = value * (1.0 - RATE * config.weight_decay) - change * RATE;
        let decay = (1.0 + f64::from(t)) / (10.0 + f64::from(t));
        let decay = config.ema_decay.min(decay);
        let average = average * decay + value.clone() * (1.0 - decay);
        slots.insert(name, [first, second, average]);
        let value = value.reshape(shape).autodiff().require_grad();
        Param::from_mapped_value(id, value, mapper)
    }
}

struct ReferenceAverage<'a> {
    reference: &'a Reference,
    path: ParameterPath,
}

impl ModuleMapper for ReferenceAverage<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let tensor = match self.reference.slots.get(self.path.as_str()) {
            Some([_, _, average]) => average.clone().reshape(tensor.dims()),
            None => tensor.inner(),
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
