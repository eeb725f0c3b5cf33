//! What a device really computes in, found by computing: what a runtime says of its number types
//! is not always so, and whether products of f32 matrices are rounded to TF32 it does not say.

use burn::{
    Tensor,
    tensor::{DType, Device, TensorData},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::comparison::ArrayError;
use crate::guarded::guarded;

/// What came of computing in one number type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DtypeProbe {
    /// The type: `f32`, `f64`, `bf16` or `f16`.
    pub dtype: &'static str,
    /// Whether matrix products and elementwise functions are as exact as the type allows (f32: as
    /// TF32 allows).
    pub works: bool,
    /// Relative error of a matrix product against f64.
    pub matmul_error: Option<f64>,
    /// Relative error of elementwise functions against f64.
    pub function_error: Option<f64>,
    /// Why it does not work.
    pub problem: Option<String>,
}

/// How a device multiplies matrices of f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum F32Matmul {
    /// With all 24 bits.
    Full,
    /// With entries rounded to 11 bits (TensorFloat-32), for some shapes at least.
    Tf32,
}

/// What came of multiplying matrices of f32.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatmulProbe {
    /// How it multiplies; absent where it does not.
    pub kind: Option<F32Matmul>,
    /// Largest relative error over the shapes tried.
    pub error: Option<f64>,
    /// Why it does not multiply.
    pub problem: Option<String>,
}

/// Shapes `m, k, n`: those of a network's layers forward and backward, and a head with one output.
/// The runtime chooses a kernel by shape, so that one shape would not tell; it tries all kernels it
/// has for each, which takes seconds, so that there are no more than these.
const SHAPES: [[usize; 3]; 3] = [[4096, 131, 256], [131, 4096, 256], [1000, 256, 1]];
/// Random entries rounded to 11 bits are off by 2e-4, to 24 bits by 3e-8, and sums in f32 add
/// a little to that.
const TF32_FROM: f64 = 1e-5;
/// Beyond this an f32 product is wrong, not rounded: 16 times the unit roundoff of TF32.
const WRONG_FROM: f64 = 16.0 / 2048.0;

/// Unit roundoff of the types that are tried, in the order in which they are.
const DTYPES: [(DType, &str, f64); 4] = [
    (DType::F32, "f32", WRONG_FROM / 16.0),
    (DType::F64, "f64", f64::EPSILON / 2.0),
    (DType::BF16, "bf16", 1.0 / 256.0),
    (DType::F16, "f16", 1.0 / 2048.0),
];

/// Computes on `device` in f32, f64, bf16 and f16. Never panics.
pub fn probe_dtypes(device: &Device) -> Vec<DtypeProbe> {
    let probe = |(dtype, name, roundoff)| probe_dtype(device, dtype, name, roundoff);
    DTYPES.into_iter().map(probe).collect()
}

fn probe_dtype(device: &Device, dtype: DType, name: &'static str, roundoff: f64) -> DtypeProbe {
    let matmul = guarded(|| product_error(device, dtype, [96, 131, 70]));
    let function = guarded(|| function_error(device, dtype));
    // Sums of rounded values and functions of a few roundoffs each.
    let limit = 16.0 * roundoff;
    let inexact = |what: &str, error: f64| {
        format!("{what} has a relative error of {error:.1e}, more than {name} allows")
    };
    let problem = match (&matmul, &function) {
        (Err(problem), _) => Some(format!("matrix product: {problem}")),
        (_, Err(problem)) => Some(format!("elementwise functions: {problem}")),
        (Ok(error), _) if *error > limit => Some(inexact("a matrix product", *error)),
        (_, Ok(error)) if *error > limit => Some(inexact("exp and tanh", *error)),
        _ => None,
    };
    DtypeProbe {
        dtype: name,
        works: problem.is_none(),
        matmul_error: matmul.ok(),
        function_error: function.ok(),
        problem,
    }
}

/// Multiplies matrices of f32 on `device`. Never panics.
pub fn probe_f32_matmul(device: &Device) -> MatmulProbe {
    let errors: Result<Vec<f64>, String> = SHAPES
        .into_iter()
        .map(|shape| guarded(|| product_error(device, DType::F32, shape)))
        .collect();
    let (kind, error, problem) = match errors {
        Err(problem) => (None, None, Some(problem)),
        Ok(errors) => {
            let worst = errors.into_iter().fold(0.0, f64::max);
            if worst > WRONG_FROM {
                let problem = format!("a product has a relative error of {worst:.1e}");
                (None, Some(worst), Some(problem))
            } else if worst > TF32_FROM {
                (Some(F32Matmul::Tf32), Some(worst), None)
            } else {
                (Some(F32Matmul::Full), Some(worst), None)
            }
        }
    };
    MatmulProbe {
        kind,
        error,
        problem,
    }
}

/// Relative error of a product of random matrices whose entries `dtype` holds exactly.
fn product_error(device: &Device, dtype: DType, [m, k, n]: [usize; 3]) -> Result<f64, String> {
    let (a, b) = (random(1, [m, k], dtype), random(2, [k, n], dtype));
    let product = |device: &Device, dtype: DType| {
        let a = Tensor::<2>::from_data(a.clone(), (device, dtype));
        let b = Tensor::<2>::from_data(b.clone(), (device, dtype));
        read(a.matmul(b))
    };
    let reference = product(&Device::flex(), DType::F64)?;
    let error = ArrayError::between(&product(device, dtype)?, &reference)?;
    Ok(error.relative)
}

/// Relative error of `exp` and `tanh`.
fn function_error(device: &Device, dtype: DType) -> Result<f64, String> {
    let x = random(3, [37, 41], dtype);
    let functions = |device: &Device, dtype: DType| {
        let x = Tensor::<2>::from_data(x.clone(), (device, dtype));
        read(x.clone().exp() + x.tanh())
    };
    let reference = functions(&Device::flex(), DType::F64)?;
    let error = ArrayError::between(&functions(device, dtype)?, &reference)?;
    Ok(error.relative)
}

/// Values in -1..1, rounded to `dtype`.
fn random(seed: u64, shape: [usize; 2], dtype: DType) -> TensorData {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f64> = (0..shape[0] * shape[1])
        .map(|_| rng.random_range(-1.0..1.0))
        .collect();
    TensorData::new(values, shape).convert_dtype(dtype)
}

fn read(tensor: Tensor<2>) -> Result<Vec<f64>, String> {
    let data = tensor.into_data().convert::<f64>();
    data.try_to_vec::<f64>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_multiplies_in_full_f32() {
        let probe = probe_f32_matmul(&Device::flex());
        assert_eq!(probe.kind, Some(F32Matmul::Full), "{probe:?}");
        assert!(probe.error.is_some_and(|error| error > 0.0), "{probe:?}");
    }

    #[test]
    fn the_cpu_computes_in_f32_and_f64() {
        let probes = probe_dtypes(&Device::flex());
        for name in ["f32", "f64"] {
            let probe = probes.iter().find(|probe| probe.dtype == name);
            assert!(probe.is_some_and(|probe| probe.works), "{probes:?}");
        }
    }

    /// Products of entries rounded to 11 bits, as TF32 makes them, are told from full ones.
    #[test]
    fn rounding_to_tf32_shows() {
        let [m, k, n] = [257, 256, 128];
        let round = |data: TensorData| -> TensorData {
            let shape = data.shape().clone();
            let rounded: Vec<f32> = data
                .iter::<f32>()
                .map(|x| f32::from_bits((x.to_bits() + (1 << 12)) & !((1 << 13) - 1)))
                .collect();
            TensorData::new(rounded, shape)
        };
        let (a, b) = (random(1, [m, k], DType::F32), random(2, [k, n], DType::F32));
        let product = |a: TensorData, b: TensorData| {
            let tensor = |data| Tensor::<2>::from_data(data, (&Device::flex(), DType::F64));
            read(tensor(a).matmul(tensor(b))).expect("values")
        };
        let rounded = product(round(a.clone()), round(b.clone()));
        let error = ArrayError::between(&rounded, &product(a, b)).expect("comparable");
        assert!(
            error.relative > 5.0 * TF32_FROM && error.relative < WRONG_FROM / 5.0,
            "{error:?}"
        );
    }
}
