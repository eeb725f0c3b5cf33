//! Does a device give the results of the CPU? Every operator and every model, forward and
//! backward, on the device in the precision that is asked for, against the same computation on the CPU
//! in f64. What f32 on the CPU is off by stands beside it.

mod models;
mod network;
mod ops;
mod setting;
mod tolerance;
mod training;

use std::time::Instant;

use burn::tensor::Device;
use serde::Serialize;

use self::setting::{Quantity, Setting};
use crate::comparison::ArrayError;
use crate::device::{MatmulProbe, describe_device, probe_f32_matmul};
use crate::guarded::guarded;
use crate::models::Precision;

/// Which comparisons to make.
#[derive(Clone, Debug)]
pub struct ParityOptions {
    /// In these precisions. Not every case has each of them.
    pub precisions: Vec<Precision>,
    /// Only cases whose names contain this.
    pub only: Option<String>,
}

/// One quantity of one case, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParityRow {
    /// The operator or model, and its shape.
    pub case: String,
    /// What was compared: an output, or a gradient.
    pub quantity: String,
    /// In which precision.
    pub precision: Precision,
    /// Number of values compared.
    pub values: usize,
    /// Distance of the device's result to f64 on the CPU; absent where there is no result.
    pub error: Option<ArrayError>,
    /// Distance of the CPU's result in the same precision; absent where the device is the CPU.
    pub cpu: Option<ArrayError>,
    /// The relative error allowed.
    pub tolerance: f64,
    /// Whether the relative error is within it.
    pub passed: bool,
    /// Of several arrays, the one that is furthest off.
    pub worst: Option<String>,
    /// Why there is no result.
    pub problem: Option<String>,
}

/// All comparisons on one device.
#[derive(Clone, Debug, Serialize)]
pub struct ParityReport {
    /// The device, in words.
    pub device: String,
    /// Whether this build fuses kernels.
    pub fusion: bool,
    /// How the device multiplies matrices of f32, which decides about tolerances.
    pub f32_matmul: MatmulProbe,
    /// The comparisons.
    pub rows: Vec<ParityRow>,
    /// How long it took, s.
    pub seconds: f64,
}

/// A computation to be compared.
struct Case {
    name: String,
    precisions: &'static [Precision],
    compute: Box<Compute>,
}

type Compute = dyn Fn(&Setting) -> Result<Vec<Quantity>, String>;

impl Case {
    fn new(
        name: impl Into<String>,
        precisions: &'static [Precision],
        compute: impl Fn(&Setting) -> Result<Vec<Quantity>, String> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            precisions,
            compute: Box::new(compute),
        }
    }
}

/// Compares `device` with the CPU. A kernel that panics is a row that failed, and the rest goes on.
/// `watch` is called before each case with its number, how many there are, and its name.
pub fn parity(
    device: &Device,
    options: &ParityOptions,
    watch: &mut dyn FnMut(usize, usize, &str),
) -> ParityReport {
    let begun = Instant::now();
    let device = device.clone().inner();
    let f32_matmul = probe_f32_matmul(&device);
    let cases = cases();
    let jobs: Vec<(&Case, Precision)> = cases
        .iter()
        .filter(|case| options.wants(&case.name))
        .flat_map(|case| {
            let precisions = options.precisions.iter();
            let known = precisions.filter(|precision| case.precisions.contains(precision));
            known.map(move |precision| (case, *precision))
        })
        .collect();
    let mut rows = Vec::new();
    for (index, (case, precision)) in jobs.iter().enumerate() {
        watch(index, jobs.len(), &case.name);
        rows.extend(compare(case, *precision, &device, &f32_matmul));
    }
    ParityReport {
        device: describe_device(&device),
        fusion: cfg!(feature = "fusion"),
        f32_matmul,
        rows,
        seconds: begun.elapsed().as_secs_f64(),
    }
}

impl ParityOptions {
    fn wants(&self, case: &str) -> bool {
        self.only.as_ref().is_none_or(|text| case.contains(text))
    }
}

/// All cases, from the smallest part to the whole.
fn cases() -> Vec<Case> {
    let mut cases = ops::cases();
    cases.extend(models::cases());
    cases.extend(training::cases());
    cases
}

/// The rows of one case.
fn compare(
    case: &Case,
    precision: Precision,
    device: &Device,
    f32_matmul: &MatmulProbe,
) -> Vec<ParityRow> {
    let compute = |setting: Setting| guarded(|| (case.compute)(&setting));
    let row = |quantity: &str| ParityRow {
        case: case.name.clone(),
        quantity: quantity.to_owned(),
        precision,
        values: 0,
        error: None,
        cpu: None,
        tolerance: 0.0,
        passed: false,
        worst: None,
        problem: None,
    };
    let reference = match compute(Setting::reference(precision)) {
        Ok(reference) => reference,
        Err(problem) => {
            let problem = Some(format!("the reference: {problem}"));
            return vec![ParityRow {
                problem,
                ..row("all")
            }];
        }
    };
    let result = match compute(Setting::on(device, precision)) {
        Ok(result) => result,
        Err(problem) => {
            let problem = Some(problem);
            return vec![ParityRow {
                problem,
                ..row("all")
            }];
        }
    };
    let cpu = match *device == Device::flex() {
        true => None,
        false => compute(Setting::on(&Device::flex(), precision)).ok(),
    };
    let of_cpu = |quantity: &Quantity| quantity.distance(cpu.as_ref()?).ok();
    reference
        .iter()
        .map(|quantity| {
            let tolerance = tolerance::of(precision, f32_matmul, quantity.sensitivity);
            let row = ParityRow {
                values: quantity.len(),
                cpu: of_cpu(quantity).map(|(error, _)| error),
                tolerance,
                ..row(quantity.name)
            };
            match quantity.distance(&result) {
                Ok((error, worst)) => ParityRow {
                    error: Some(error),
                    // A comparison with NaN is false, so NaN does not pass.
                    passed: error.relative <= tolerance,
                    worst,
                    ..row
                },
                Err(problem) => ParityRow {
                    problem: Some(problem),
                    ..row
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
