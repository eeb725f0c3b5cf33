//! AdamW over all parameters of a module, with the running average of the weights.

use std::collections::HashMap;

use burn::{
    Tensor,
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::Gradients,
};

use super::TrainingConfig;
use crate::ops::{AdamwState, AdamwStep, StepNumbers, adamw};
use crate::parameters::{NamedArrays, ParameterPath};

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Moments and averages of each parameter, flattened, by parameter path.
#[derive(Default)]
pub struct Optimiser {
    step: u64,
    slots: HashMap<String, Slot>,
    copied: bool,
}

/// State of one parameter, flattened.
struct Slot {
    first: Tensor<1>,
    second: Tensor<1>,
    average: Tensor<1>,
}

impl Optimiser {
    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// Takes one step with learning rate `lr`; returns the module with new weights.
    pub fn step<M: Module>(
        &mut self,
        module: M,
        grads: Gradients,
        lr: f64,
        config: &TrainingConfig,
    ) -> M {
        let device = module.devices().into_iter().next().unwrap_or_default();
        let numbers = StepNumbers::new(self.next(lr, config), &device.inner());
        self.apply(module, grads, numbers, config)
    }

    /// Counts a step, and gives the numbers it is taken with.
    pub(crate) fn next(&mut self, lr: f64, config: &TrainingConfig) -> AdamwStep {
        self.step += 1;
        let t = self.step as f64;
        AdamwStep {
            lr: lr as f32,
            beta_1: BETA_1,
            beta_2: BETA_2,
            epsilon: EPSILON,
            weight_decay: config.weight_decay as f32,
            correction_1: (1.0 - f64::from(BETA_1).powf(t)) as f32,
            correction_2: (1.0 - f64::from(BETA_2).powf(t)) as f32,
            grad_scale: 1.0,
            clip: if config.clip_value > 0.0 {
                config.clip_value as f32
            } else {
                f32::INFINITY
            },
            // A short memory at first, so that the initial weights are soon forgotten.
            ema_decay: config.ema_decay.min((1.0 + t) / (10.0 + t)) as f32,
        }
    }

    /// Takes a step that [`next`](Self::next) has counted. Nothing is read back from the device.
    pub(crate) fn apply<M: Module>(
        &mut self,
        module: M,
        grads: Gradients,
        numbers: StepNumbers,
        config: &TrainingConfig,
    ) -> M {
        let numbers = match (config.clip_norm > 0.0).then(|| gradient_norm(&module, &grads)) {
            Some(Some(norm)) => {
                let scale = norm.clamp_min(1e-30).recip().mul_scalar(config.clip_norm);
                numbers.with_grad_scale(scale.clamp_max(1.0))
            }
            _ => numbers,
        };
        self.copied = false;
        let mut mapper = StepMapper {
            optimiser: self,
            grads,
            numbers,
            path: ParameterPath::default(),
        };
        module.map(&mut mapper)
    }

    /// Whether the last step had to move any parameter or moment to new memory, because somebody
    /// else held the old one.
    pub(crate) fn copied(&self) -> bool {
        self.copied
    }

    /// The module with averaged weights.
    pub fn averaged<M: Module>(&self, module: M) -> M {
        let mut mapper = AverageMapper {
            slots: &self.slots,
            path: ParameterPath::default(),
        };
        module.map(&mut mapper)
    }

    /// The state as named arrays, for a checkpoint.
    pub(crate) fn export(&self) -> NamedArrays {
        let mut arrays = NamedArrays::default();
        for (name, slot) in &self.slots {
            arrays.insert(format!("first/{name}"), slot.first.clone());
            arrays.insert(format!("second/{name}"), slot.second.clone());
            arrays.insert(format!("average/{name}"), slot.average.clone());
        }
        arrays
    }

    /// Restores what [`export`](Self::export) gave after `step` steps.
    pub(crate) fn import(step: u64, arrays: &NamedArrays, device: &burn::tensor::Device) -> Self {
        let mut slots = HashMap::new();
        for name in arrays.names().filter_map(|n| n.strip_prefix("first/")) {
            let get = |kind: &str| arrays.flat(&format!("{kind}/{name}"), device);
            if let (Some(first), Some(second), Some(average)) =
                (get("first"), get("second"), get("average"))
            {
                slots.insert(
                    name.to_string(),
                    Slot {
                        first,
                        second,
                        average,
                    },
                );
            }
        }
        Self {
            step,
            slots,
            copied: false,
        }
    }
}

struct StepMapper<'a> {
    optimiser: &'a mut Optimiser,
    grads: Gradients,
    numbers: StepNumbers,
    path: ParameterPath,
}

impl ModuleMapper for StepMapper<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(grad) = tensor.grad_remove(&mut self.grads) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let dims = tensor.dims();
        let n = dims.iter().product::<usize>();
        let value = tensor.inner().reshape([n]);
        let device = value.device();
        let slot = self
            .optimiser
            .slots
            .remove(self.path.as_str())
            .unwrap_or_else(|| Slot {
                first: Tensor::zeros([n], &device),
                second: Tensor::zeros([n], &device),
                average: value.clone(),
            });
        let state = AdamwState {
            value,
            first: slot.first,
            second: slot.second,
            average: slot.average,
        };
        self.optimiser.copied |= ![&state.value, &state.first, &state.second, &state.average]
            .into_iter()
            .all(|tensor| tensor.can_mut());
        let state = adamw(state, grad.reshape([n]), &self.numbers);
        self.optimiser.slots.insert(
            self.path.as_str().to_string(),
            Slot {
                first: state.first,
                second: state.second,
                average: state.average,
            },
        );
        let value = state.value.reshape(dims).autodiff().require_grad();
        Param::from_mapped_value(id, value, mapper)
    }
}

struct AverageMapper<'a> {
    slots: &'a HashMap<String, Slot>,
    path: ParameterPath,
}

impl ModuleMapper for AverageMapper<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let tensor = match self.slots.get(self.path.as_str()) {
            Some(slot) => slot.average.clone().reshape(tensor.dims()),
            None => tensor.inner(),
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}

/// Euclidean norm of all gradients together, on their device; `None` where there are none.
fn gradient_norm<M: Module>(module: &M, grads: &Gradients) -> Option<Tensor<1>> {
    struct Squares<'a> {
        grads: &'a Gradients,
        squares: Vec<Tensor<1>>,
    }
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = param.val().grad(self.grads) {
                self.squares.push(grad.square().sum());
            }
        }
    }
    let mut all = Squares {
        grads,
        squares: Vec::new(),
    };
    module.visit(&mut all);
    (!all.squares.is_empty()).then(|| Tensor::cat(all.squares, 0).sum().sqrt())
}
