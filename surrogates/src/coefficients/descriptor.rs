//! What a regression of coefficients is told of a case, and the cases it learns from.

use karman_datasets::{CaseInfo, Forces};
use karman_meshes::AirfoilMeasures;
use serde::{Deserialize, Serialize};

use crate::SurrogateError;

/// Fewest cases with coefficients from which a regression is fitted.
pub(crate) const FEWEST_CASES: usize = 8;

/// Angle, logarithm of the speed and the 20 measures of a case, and its inviscid lift.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Descriptor {
    /// Degrees.
    pub(crate) aoa: f64,
    /// Logarithm of the speed in m/s.
    pub(crate) log_speed: f64,
    /// In the order of [`AirfoilMeasures::names`], chords.
    pub(crate) measures: [f64; AirfoilMeasures::COUNT],
    /// Lift coefficient of the inviscid flow, by vortex panels. Not one of the values.
    pub(crate) panel_cl: f64,
}

impl Descriptor {
    /// Number of values: of angle, speed and measures.
    pub(crate) const COUNT: usize = 2 + AirfoilMeasures::COUNT;

    /// Reads and checks what is known of a case.
    pub(crate) fn of(info: &CaseInfo) -> Result<Self, SurrogateError> {
        let descriptor = Self {
            aoa: info.aoa,
            log_speed: info.speed.ln(),
            measures: info.measures,
            panel_cl: info.panel_cl,
        };
        let names = Self::names();
        match descriptor.values().iter().position(|v| !v.is_finite()) {
            Some(1) => Err(unusable(
                info,
                "speed",
                info.speed,
                "it must be positive, in m/s",
            )),
            Some(at) => Err(unusable(
                info,
                &names[at],
                descriptor.values()[at],
                "it must be a number; check the case's name and its aerofoil file",
            )),
            None if !info.panel_cl.is_finite() => Err(unusable(
                info,
                "inviscid lift",
                info.panel_cl,
                "it must be a number; check the aerofoil file, and build the cache again",
            )),
            None => Ok(descriptor),
        }
    }

    /// Names of the values: `aoa`, `log_speed` and those of the measures.
    pub(crate) fn names() -> Vec<String> {
        let measures = AirfoilMeasures::names().iter();
        ["aoa", "log_speed"]
            .iter()
            .chain(measures)
            .map(|name| name.to_string())
            .collect()
    }

    /// Angle, logarithm of the speed and the measures, in the order of [`names`](Self::names).
    pub(crate) fn values(&self) -> [f64; Self::COUNT] {
        let mut values = [0.0; Self::COUNT];
        values[0] = self.aoa;
        values[1] = self.log_speed;
        values[2..].copy_from_slice(&self.measures);
        values
    }
}

fn unusable(info: &CaseInfo, what: &str, value: f64, mend: &str) -> SurrogateError {
    SurrogateError::Data {
        what: "the descriptor of a case",
        problem: format!("{what} of {} is {value}; {mend}", info.name),
    }
}

/// A case to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) descriptor: Descriptor,
    pub(crate) forces: Forces,
}

/// The cases `train` of `infos` whose coefficients are known.
///
/// # Errors
/// An index out of range or given twice, a case that cannot be described, fewer than
/// [`FEWEST_CASES`] with coefficients.
pub(crate) fn examples(
    infos: &[CaseInfo],
    train: &[usize],
) -> Result<Vec<Example>, SurrogateError> {
    let wrong = |problem: String| SurrogateError::Data {
        what: "cases for a regression of coefficients",
        problem,
    };
    let mut seen = vec![false; infos.len()];
    let mut examples = Vec::with_capacity(train.len());
    for &case in train {
        let Some(info) = infos.get(case) else {
            return Err(wrong(format!(
                "case {case} of {} is asked for",
                infos.len()
            )));
        };
        if std::mem::replace(&mut seen[case], true) {
            return Err(wrong(format!("{} is given twice", info.name)));
        }
        let Some(forces) = info
            .coefficients
            .filter(|f| f.cl.is_finite() && f.cd.is_finite())
        else {
            continue;
        };
        examples.push(Example {
            name: info.name.clone(),
            descriptor: Descriptor::of(info)?,
            forces,
        });
    }
    if examples.len() < FEWEST_CASES {
        return Err(wrong(format!(
            "{} of {} train cases have coefficients, at least {FEWEST_CASES} are needed",
            examples.len(),
            train.len()
        )));
    }
    Ok(examples)
}

/// At most `most` positions out of `n`, evenly spread: what scales and length scales are chosen on
/// where all cases would take too long.
pub(crate) fn spread(n: usize, most: usize) -> Vec<usize> {
    let count = n.min(most);
    (0..count).map(|k| k * n / count).collect()
}

/// Mean and standard deviation; the latter is 1 where there is no variation.
pub(crate) fn mean_and_std(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let std = (values.map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (
        mean,
        if std > 1e-12 * (1.0 + mean.abs()) {
            std
        } else {
            1.0
        },
    )
}
