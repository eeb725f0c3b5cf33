//! Where and how a case is computed, and what comes out.

use burn::{
    Tensor,
    tensor::{DType, Device, Gradients, TensorData},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Precision;
use super::tolerance::Sensitivity;
use crate::comparison::ArrayError;

/// A device and the arithmetic on it.
pub(super) struct Setting {
    pub(super) device: Device,
    pub(super) precision: Precision,
    /// Whether everything is f64 instead, from the numbers that `precision` can hold.
    pub(super) is_reference: bool,
}

impl Setting {
    /// On `device`, in `precision`.
    pub(super) fn on(device: &Device, precision: Precision) -> Self {
        Self {
            device: device.clone(),
            precision,
            is_reference: false,
        }
    }

    /// What results in `precision` are compared with.
    pub(super) fn reference(precision: Precision) -> Self {
        Self {
            device: Device::flex(),
            precision,
            is_reference: true,
        }
    }

    /// Type of weights, shifts and losses.
    pub(super) fn weight_dtype(&self) -> DType {
        match self.is_reference {
            true => DType::F64,
            false => DType::F32,
        }
    }

    /// What a network is told to keep activations in; those of the reference stay in f64.
    pub(super) fn network_precision(&self) -> Precision {
        match self.is_reference {
            true => Precision::F32,
            false => self.precision,
        }
    }

    fn activation_dtype(&self) -> DType {
        match (self.is_reference, self.precision) {
            (true, _) => DType::F64,
            (false, Precision::F32) => DType::F32,
            (false, Precision::Bf16) => DType::BF16,
        }
    }

    /// Weights, targets and the like: a tensor in f32.
    pub(super) fn tensor<const D: usize>(&self, data: &[f32], shape: [usize; D]) -> Tensor<D> {
        let data = TensorData::new(data.to_vec(), shape);
        Tensor::from_data(data, (&self.device, self.weight_dtype()))
    }

    /// The same, tracked.
    pub(super) fn leaf<const D: usize>(&self, data: &[f32], shape: [usize; D]) -> Tensor<D> {
        self.tensor(data, shape).autodiff().require_grad()
    }

    /// Activations: a tensor in the precision of the case.
    pub(super) fn activations<const D: usize>(&self, data: &[f32], shape: [usize; D]) -> Tensor<D> {
        let data = TensorData::new(data.to_vec(), shape);
        let data = match self.precision {
            Precision::F32 => data,
            Precision::Bf16 => data.convert_dtype(DType::BF16),
        };
        Tensor::from_data(data, (&self.device, self.activation_dtype()))
    }
}

/// A result with a name.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    pub(super) sensitivity: Sensitivity,
    /// Arrays by name; a name is empty where there is only one.
    pub(super) parts: Vec<(String, Vec<f64>)>,
}

impl Quantity {
    /// One array.
    pub(super) fn new<const D: usize>(
        name: &'static str,
        sensitivity: Sensitivity,
        tensor: Tensor<D>,
    ) -> Result<Self, String> {
        Ok(Self::of_values(name, sensitivity, values(tensor)?))
    }

    /// One array that is on the host already.
    pub(super) fn of_values(
        name: &'static str,
        sensitivity: Sensitivity,
        values: Vec<f64>,
    ) -> Self {
        Self {
            name,
            sensitivity,
            parts: vec![(String::new(), values)],
        }
    }

    /// The gradient of a leaf.
    pub(super) fn gradient<const D: usize>(
        name: &'static str,
        sensitivity: Sensitivity,
        leaf: &Tensor<D>,
        gradients: &Gradients,
    ) -> Result<Self, String> {
        let gradient = leaf.grad(gradients);
        let gradient = gradient.ok_or_else(|| format!("there is no {name}"))?;
        Self::new(name, sensitivity, gradient)
    }

    /// Number of values.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|(_, values)| values.len()).sum()
    }

    /// Distance of the quantity of this name among `results` to this one, and the name of the
    /// array that is furthest off where there are several.
    pub(super) fn distance(
        &self,
        results: &[Self],
    ) -> Result<(ArrayError, Option<String>), String> {
        let found = results.iter().find(|result| result.name == self.name);
        let found = found.ok_or_else(|| format!("there is no {}", self.name))?;
        let mut worst: Option<(ArrayError, &str)> = None;
        for (name, reference) in &self.parts {
            let part = found.parts.iter().find(|(part, _)| part == name);
            let (_, part) = part.ok_or_else(|| format!("{name} is missing"))?;
            let error = ArrayError::between(part, reference)
                .map_err(|problem| format!("{name}: {problem}"))?;
            if worst.is_none_or(|(most, _)| error.relative > most.relative) {
                worst = Some((error, name));
            }
        }
        let (error, name) = worst.ok_or("there is nothing to compare")?;
        Ok((error, (!name.is_empty()).then(|| name.to_owned())))
    }
}

/// The values of a tensor.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f64>, String> {
    let data = tensor.into_data().convert::<f64>();
    data.try_to_vec::<f64>().map_err(|error| error.to_string())
}

/// Random numbers of a case, the same in each setting.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// By seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// `n` values in -1..1.
    pub(super) fn values(&mut self, n: usize) -> Vec<f32> {
        self.scaled(n, 1.0)
    }

    /// `n` values in `-bound..bound`.
    pub(super) fn scaled(&mut self, n: usize, bound: f32) -> Vec<f32> {
        (0..n).map(|_| self.0.random_range(-bound..bound)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(parts: &[(&str, &[f64])]) -> Quantity {
        Quantity {
            name: "gradients",
            sensitivity: Sensitivity::Products,
            parts: parts
                .iter()
                .map(|(name, values)| ((*name).to_owned(), values.to_vec()))
                .collect(),
        }
    }

    #[test]
    fn the_worst_array_is_named() {
        let reference = quantity(&[("a", &[1.0, 2.0]), ("b", &[4.0])]);
        let result = quantity(&[("b", &[5.0]), ("a", &[1.0, 2.1])]);
        let (error, worst) = reference.distance(&[result]).expect("comparable");
        assert_eq!(worst.as_deref(), Some("b"));
        assert_eq!(error.relative, 0.25);
    }

    #[test]
    fn what_is_missing_or_not_a_number_is_an_error() {
        let reference = quantity(&[("a", &[1.0]), ("b", &[4.0])]);
        for (results, expected) in [
            (vec![], "there is no gradients"),
            (vec![quantity(&[("a", &[1.0])])], "b is missing"),
            (
                vec![quantity(&[("a", &[1.0]), ("b", &[f64::NAN])])],
                "b: the result is NaN",
            ),
        ] {
            let error = reference.distance(&results).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn bf16_settings_start_from_numbers_that_bf16_holds() {
        let data = [1.001f32, -0.3];
        let read = |setting: Setting| values(setting.activations(&data, [2])).expect("values");
        let reference = read(Setting::reference(Precision::Bf16));
        assert_eq!(reference[0], 1.0);
        assert!((reference[1] + 0.3).abs() < 1e-3 && reference[1] != f64::from(-0.3f32));
        let exact = read(Setting::reference(Precision::F32));
        assert_eq!(exact, [f64::from(1.001f32), f64::from(-0.3f32)]);
    }
}
