//! Networks in a setting: the same weights on every device, and their gradients.

use burn::{
    Tensor,
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{DType, Device, Gradients, TensorData},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::setting::{Setting, values};
use crate::parameters::ParameterPath;

/// Where the ReLU units of a network stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinks {
    /// Where the initial weights put them.
    Anywhere,
    /// Away from zero: biases so large, of random sign, that each unit is on for all points or
    /// off for all. No rounding moves a unit across its kink then, and gradients are
    /// as exact as products are.
    Apart,
}

/// The network that `build` makes from a seed, on a device and with weights as the setting wants
/// them.
pub(super) fn network<M: Module>(
    setting: &Setting,
    device: &Device,
    kinks: Kinks,
    build: impl FnOnce(&mut ChaCha8Rng, &Device) -> M,
) -> M {
    let module = build(&mut ChaCha8Rng::seed_from_u64(17), device);
    module.map(&mut Prepare {
        dtype: setting.weight_dtype(),
        kinks,
        path: ParameterPath::default(),
        rng: ChaCha8Rng::seed_from_u64(18),
    })
}

/// Moves kinks apart and casts.
struct Prepare {
    dtype: DType,
    kinks: Kinks,
    path: ParameterPath,
    rng: ChaCha8Rng,
}

impl ModuleMapper for Prepare {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let is_tracked = tensor.is_require_grad();
        let on_autodiff = tensor.is_autodiff();
        let mut plain = match on_autodiff {
            true => tensor.inner(),
            false => tensor,
        };
        if let (Kinks::Apart, Some(size)) = (self.kinks, bias_apart(self.path.as_str())) {
            let shape = plain.dims();
            let signed: Vec<f32> = (0..shape.iter().product())
                .map(|_| {
                    if self.rng.random::<bool>() {
                        size
                    } else {
                        -size
                    }
                })
                .collect();
            plain = Tensor::from_data(TensorData::new(signed, shape), &plain.device());
        }
        let plain = plain.cast(self.dtype);
        let tensor = match (on_autodiff, is_tracked) {
            (false, _) => plain,
            (true, false) => plain.autodiff(),
            (true, true) => plain.autodiff().require_grad(),
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}

/// How large the biases of a ReLU layer are when kinks are kept apart: larger than what the
/// weights make of a layer before it, which is about 1.6 times as large as that layer's own
/// biases. `None` for other parameters.
fn bias_apart(path: &str) -> Option<f32> {
    let layer = path.strip_suffix(".bias")?;
    let index = match layer.rsplit_once('.')? {
        (list, index) if list == "layers" || list.ends_with(".layers") => index.parse().ok()?,
        // The hidden layer of MARIO's coefficient head; what it sees is of the size of 1.
        (list, "0") if list.ends_with("coefficients") => 0,
        _ => return None,
    };
    Some(4.0 * f32::powi(2.0, index))
}

/// Gradients of all parameters, by path. A tracked parameter without a gradient is left out, and
/// so missed by the comparison.
pub(super) fn parameter_gradients<M: Module>(
    module: &M,
    gradients: &Gradients,
) -> Result<Vec<(String, Vec<f64>)>, String> {
    let mut collect = Collect {
        gradients,
        path: ParameterPath::default(),
        found: Ok(Vec::new()),
    };
    module.visit(&mut collect);
    collect.found
}

struct Collect<'a> {
    gradients: &'a Gradients,
    path: ParameterPath,
    found: Result<Vec<(String, Vec<f64>)>, String>,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = param.val().grad(self.gradients) else {
            return;
        };
        let path = self.path.as_str().to_owned();
        match (values(gradient), &mut self.found) {
            (Ok(values), Ok(found)) => found.push((path, values)),
            (Err(problem), Ok(_)) => self.found = Err(problem),
            (_, Err(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Precision;
    use crate::{MarioConfig, ModelConfig, Network};

    fn build(rng: &mut ChaCha8Rng, device: &Device) -> Network {
        let config = MarioConfig {
            width: 8,
            depth: 2,
            hyper_width: 5,
            hyper_depth: 1,
            n_freq: 3,
            coefficient_head: true,
            ..MarioConfig::default()
        };
        ModelConfig::Mario(config).init((3, 4, 2), rng, device)
    }

    /// The biases of ReLU layers and no others are moved, and everything is f64.
    #[test]
    fn kinks_apart_moves_the_biases_of_relu_layers() {
        struct Names(ParameterPath, Vec<(String, f64)>);
        impl ModuleVisitor for Names {
            fn enter_module(&mut self, name: &str, _: &str) {
                self.0.enter(name);
            }
            fn exit_module(&mut self, _: &str, _: &str) {
                self.0.exit();
            }
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let value = param.val();
                assert_eq!(value.dtype(), DType::F64);
                let frequencies = self.0.as_str().contains("frequencies");
                assert_eq!(value.is_require_grad(), !frequencies, "{}", self.0.as_str());
                let values = values(value.inner()).expect("values");
                let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
                self.1.push((self.0.as_str().to_owned(), largest));
            }
        }
        let setting = Setting::reference(Precision::F32);
        let device = Device::flex().autodiff();
        let mut names = Names(ParameterPath::default(), Vec::new());
        network(&setting, &device, Kinks::Apart, build).visit(&mut names);
        let large: Vec<(&str, f64)> = names
            .1
            .iter()
            .filter(|(name, size)| *size > 1.0 && !name.contains("frequencies"))
            .map(|(name, size)| (name.as_str(), *size))
            .collect();
        assert_eq!(
            large,
            [
                ("Mario.field.layers.0.bias", 4.0),
                ("Mario.field.layers.1.bias", 8.0),
                ("Mario.coefficients.0.bias", 4.0),
            ]
        );
    }
}
