//! Is a case like those that were trained on?
//!
//! Three statistics of a case's angle, log speed and 20 measures, z-scored with the train part, each
//! over the value that it takes for train cases seen from the others:
//!
//! - Mahalanobis' distance from the train cases' mean, with the covariance shrunk towards a multiple
//!   of the identity (O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional
//!   covariance matrices", J. Multivariate Analysis 88 (2004)): unusual combinations.
//! - The mean distance to the nearest three train cases (Y. Sun et al., "Out-of-distribution
//!   detection with deep nearest neighbors", ICML 2022, there on features of a network), where the
//!   20 correlated measures weigh as much as four inputs: gaps.
//! - How far each input lies outside of its train range, in spacings between its outermost train
//!   values. Among 22 inputs one that is 15 % out of range changes the other two little.
//!
//! Thresholds are the 95th and 99th percentile of the leave-one-out values on the train part for the
//! first two, 1 and 5 spacings for the last.

use karman_datasets::CaseInfo;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ood_space::{Space, nearest};
use super::ood_verdict::{OodVerdict, OutsideInput, Verdict};
use crate::SurrogateError;
use crate::coefficients::Descriptor;

/// Fewest train cases of which a detector is made.
const FEWEST_CASES: usize = 8;
/// Percentiles of leave-one-out distances: borderline, out.
const PERCENTILES: [f64; 2] = [0.95, 0.99];
/// Spacings out of range: borderline, out.
const SPACINGS: [f64; 2] = [1.0, 5.0];
/// Outermost values whose mean spacing is the unit out of range.
const OUTERMOST: usize = 5;
/// Unit out of range of an input that does not vary, over 1 + its magnitude.
const CONSTANT_UNIT: f64 = 1e-3;

/// Tells whether cases are like the train cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OodDetector {
    names: Vec<String>,
    train: Vec<Descriptor>,
    space: Space,
    /// Thresholds of Mahalanobis' distance and of that to the nearest cases.
    mahalanobis: [f64; 2],
    nearest: [f64; 2],
    ranges: Vec<Range>,
}

/// The train range of an input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Range {
    low: f64,
    high: f64,
    /// Spacings of the outermost values at both ends.
    units: [f64; 2],
}

impl OodDetector {
    /// Learns what the cases `train` of `infos` look like.
    ///
    /// # Errors
    /// An index out of range, a case without finite speed, angle and measures, fewer than eight
    /// cases.
    pub fn fit(infos: &[CaseInfo], train: &[usize]) -> Result<Self, SurrogateError> {
        let wrong = |problem: String| SurrogateError::Data {
            what: "a detector of cases unlike the train cases",
            problem,
        };
        if train.len() < FEWEST_CASES {
            let count = train.len();
            return Err(wrong(format!(
                "{count} train cases, {FEWEST_CASES} are needed"
            )));
        }
        let of_case = |&case: &usize| {
            let count = infos.len();
            let info = infos.get(case);
            let info = info.ok_or_else(|| wrong(format!("case {case} of {count} is asked for")))?;
            Ok((info.name.clone(), Descriptor::of(info)?))
        };
        let cases: Result<Vec<_>, SurrogateError> = train.iter().map(of_case).collect();
        let (names, train): (Vec<String>, Vec<Descriptor>) = cases?.into_iter().unzip();
        let not_positive = || wrong("the covariance of the train cases is not finite".into());
        let space = Space::fit(&train).ok_or_else(not_positive)?;
        let left_out: Option<Vec<[f64; 2]>> = (0..train.len())
            .into_par_iter()
            .map(|i| {
                let others = [&train[..i], &train[i + 1..]].concat();
                let point = space.scaled(&train[i]);
                let distance = space.refitted(&others)?.mahalanobis(&point);
                Some([distance, nearest(&space, &others, &point).1])
            })
            .collect();
        let left_out = left_out.ok_or_else(not_positive)?;
        let threshold = |k: usize| {
            let values: Vec<f64> = left_out.iter().map(|d| d[k]).collect();
            PERCENTILES.map(|p| percentile(&values, p).max(f64::MIN_POSITIVE))
        };
        Ok(Self {
            names,
            ranges: (0..Descriptor::COUNT)
                .map(|j| Range::of(train.iter().map(|d| d.values()[j]).collect()))
                .collect(),
            mahalanobis: threshold(0),
            nearest: threshold(1),
            space,
            train,
        })
    }

    /// Judges a case by its speed, angle and measures.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn judge(&self, info: &CaseInfo) -> Result<OodVerdict, SurrogateError> {
        let descriptor = Descriptor::of(info)?;
        let point = self.space.scaled(&descriptor);
        let mahalanobis = self.space.mahalanobis(&point);
        let (case, distance) = nearest(&self.space, &self.train, &point);
        let outside = self.outside(&descriptor);
        let spacings = outside.first().map_or(0.0, |input| input.spacings);
        let statistics = [
            (mahalanobis, self.mahalanobis),
            (distance, self.nearest),
            (spacings, SPACINGS),
        ];
        let exceeded = |level: usize| statistics.iter().any(|(s, t)| *s > t[level]);
        let verdict = if exceeded(1) {
            Verdict::OutOfDistribution
        } else if exceeded(0) {
            Verdict::Borderline
        } else {
            Verdict::InDistribution
        };
        let [mahalanobis, nearest, range] = statistics.map(|(s, t)| s / t[1]);
        Ok(OodVerdict {
            verdict,
            score: mahalanobis.max(nearest).max(range),
            threshold: 1.0,
            mahalanobis,
            nearest,
            nearest_case: self.names.get(case).cloned().unwrap_or_default(),
            outside,
        })
    }

    /// Number of train cases.
    pub fn n_train(&self) -> usize {
        self.train.len()
    }

    /// The inputs out of their range by more than a spacing, the farthest first.
    fn outside(&self, case: &Descriptor) -> Vec<OutsideInput> {
        let names = Descriptor::names();
        let inputs = case.values().into_iter().zip(&self.ranges).zip(names);
        let mut outside: Vec<OutsideInput> = inputs
            .map(|((value, range), name)| OutsideInput::new(name, value, *range))
            .filter(|input| input.spacings > SPACINGS[0])
            .collect();
        outside.sort_by(|a, b| b.spacings.total_cmp(&a.spacings));
        outside
    }
}

impl OutsideInput {
    fn new(name: String, value: f64, range: Range) -> Self {
        let spacings = range.spacings(value);
        // Told as a speed and not as its logarithm.
        let speed = name == "log_speed";
        let told = |v: f64| if speed { v.exp() } else { v };
        Self {
            name: if speed { "speed".into() } else { name },
            value: told(value),
            train_min: told(range.low),
            train_max: told(range.high),
            spacings,
        }
    }
}

impl Range {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let (low, high) = (values[0], values[n - 1]);
        let outermost = OUTERMOST.min(n / 4).max(1);
        let ends = [values[outermost] - low, high - values[n - 1 - outermost]];
        // Ties at an end have no spacing; then half of the mean one.
        let least = 0.5 * (high - low) / (n + 1) as f64;
        let constant = CONSTANT_UNIT * (1.0 + low.abs());
        let unit = |end: f64| match high > low {
            true => (end / outermost as f64).max(least),
            false => constant,
        };
        Self {
            low,
            high,
            units: ends.map(unit),
        }
    }

    /// How far a value lies out of the range; 0 inside.
    fn spacings(&self, value: f64) -> f64 {
        let below = (self.low - value) / self.units[0];
        let above = (value - self.high) / self.units[1];
        below.max(above).max(0.0)
    }
}

/// Between the two nearest values in order.
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = share * (values.len() - 1) as f64;
    let (below, above) = (
        values[place.floor() as usize],
        values[place.ceil() as usize],
    );
    below + (above - below) * place.fract()
}

#[cfg(test)]
#[path = "ood_tests.rs"]
mod tests;
