//! Intervals with guaranteed coverage from residuals on cases that were not trained on.
//!
//! - Split conformal: the residuals of a calibration set held out of training. H. Papadopoulos et
//!   al., "Inductive confidence machines for regression", ECML 2002; J. Lei et al.,
//!   "Distribution-free predictive inference for regression", JASA 113 (2018). For exchangeable
//!   cases an interval covers with probability at least 1 - α, over calibration sets and cases
//!   together.
//! - Cross conformal (CV+, with as many folds as cases the jackknife+): every train case is left out
//!   of one of several models, so none is spent on calibration. R. F. Barber, E. J. Candès, A.
//!   Ramdas, R. J. Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49
//!   (2021), equations 1.2 and 4. Guaranteed is 1 - 2α (less a term of the order of one over the
//!   square root of the number of cases); in practice, and wherever the models are stable, it is about 1 - α.
//!
//! Residuals may be divided by a scale (the deviation of an ensemble or of a Gaussian process), which
//! makes intervals narrow where the prediction is sure; the guarantees stay the same.

use serde::{Deserialize, Serialize};

use crate::SurrogateError;

/// Against rounding of (n + 1)(1 - α) where it is an integer.
const ROUNDING: f64 = 1e-9;

/// An interval; infinite where the calibration cases are too few for the coverage asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Finite", into = "Finite")]
pub struct Interval {
    /// Lower end; may be -∞.
    pub lower: f64,
    /// Upper end; may be ∞.
    pub upper: f64,
}

/// An interval as it is written: JSON has no infinity, an open end is null.
#[derive(Serialize, Deserialize)]
struct Finite {
    lower: Option<f64>,
    upper: Option<f64>,
}

impl From<Finite> for Interval {
    fn from(written: Finite) -> Self {
        Self {
            lower: written.lower.unwrap_or(f64::NEG_INFINITY),
            upper: written.upper.unwrap_or(f64::INFINITY),
        }
    }
}

impl From<Interval> for Finite {
    fn from(interval: Interval) -> Self {
        let finite = |v: f64| v.is_finite().then_some(v);
        Self {
            lower: finite(interval.lower),
            upper: finite(interval.upper),
        }
    }
}

impl Interval {
    /// Whether a value lies in it, its ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }

    /// Whether both ends are finite. They are not where the calibration cases are too few: see
    /// [`SplitConformal::cases_needed`].
    pub fn is_finite(&self) -> bool {
        self.lower.is_finite() && self.upper.is_finite()
    }

    /// Upper less lower end.
    pub fn width(&self) -> f64 {
        self.upper - self.lower
    }
}

/// How often intervals held the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Cases.
    pub cases: usize,
    /// Cases whose true value lies in their interval.
    pub covered: usize,
    /// Cases whose interval has an infinite end.
    pub infinite: usize,
    /// Mean width of the finite intervals; `None` where there are none.
    pub mean_width: Option<f64>,
}

impl Coverage {
    /// Compares intervals with the true values, one of each a case.
    pub fn measure(intervals: &[Interval], truth: &[f64]) -> Self {
        let pairs = intervals.iter().zip(truth);
        let finite = intervals.iter().filter(|i| i.is_finite());
        let widths: Vec<f64> = finite.map(Interval::width).collect();
        Self {
            cases: intervals.len().min(truth.len()),
            covered: pairs.filter(|(interval, t)| interval.contains(**t)).count(),
            infinite: intervals.len() - widths.len(),
            mean_width: (!widths.is_empty())
                .then(|| widths.iter().sum::<f64>() / widths.len() as f64),
        }
    }

    /// Covered share of the cases; `None` without cases.
    pub fn fraction(&self) -> Option<f64> {
        (self.cases > 0).then(|| self.covered as f64 / self.cases as f64)
    }
}

/// The ⌈(n + 1)(1 - α)⌉-th smallest score: at least a share 1 - α of new scores, exchangeable with
/// these, do not exceed it. Infinite where there are too few (or no α of (0, 1) is given).
pub fn conformal_quantile(scores: &[f64], alpha: f64) -> f64 {
    order_statistic(scores, rank_above(scores.len(), alpha))
}

/// ⌈(n + 1)(1 - α)⌉.
fn rank_above(n: usize, alpha: f64) -> usize {
    let rank = ((n + 1) as f64 * (1.0 - alpha) - ROUNDING).ceil();
    // NaN and α <= 0 give a rank beyond all scores.
    if rank >= 1.0 {
        rank as usize
    } else if alpha >= 1.0 {
        1
    } else {
        n + 1
    }
}

/// The `rank`-th smallest, counted from 1; infinite beyond the last.
fn order_statistic(values: &[f64], rank: usize) -> f64 {
    if rank > values.len() {
        return f64::INFINITY;
    }
    let mut values = values.to_vec();
    *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
}

/// Split-conformal intervals of one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitConformal {
    scores: Vec<f64>,
    scaled: bool,
}

impl SplitConformal {
    /// From true and predicted values of calibration cases, none of which was trained on, and where
    /// wanted a positive scale for each prediction.
    ///
    /// # Errors
    /// Lists of different lengths, values that are not finite, scales that are not positive.
    pub fn fit(
        truth: &[f64],
        prediction: &[f64],
        scale: Option<&[f64]>,
    ) -> Result<Self, SurrogateError> {
        Ok(Self {
            scores: scores(truth, prediction, scale)?,
            scaled: scale.is_some(),
        })
    }

    /// The interval of a new prediction that covers with probability at least 1 - `alpha`; the whole
    /// line where the calibration cases are too few. `scale` is used where scales were calibrated
    /// with, and must then be positive: otherwise the interval is the whole line.
    pub fn interval(&self, prediction: f64, scale: Option<f64>, alpha: f64) -> Interval {
        let scale = match (self.scaled, scale) {
            (false, _) => 1.0,
            (true, Some(scale)) if scale > 0.0 => scale,
            (true, _) => f64::INFINITY,
        };
        let quantile = conformal_quantile(&self.scores, alpha);
        // 0 times infinity: perfect calibration does not excuse an unknown scale.
        let half = if scale.is_infinite() {
            scale
        } else {
            quantile * scale
        };
        Interval {
            lower: prediction - half,
            upper: prediction + half,
        }
    }

    /// Number of calibration cases.
    pub fn n_calibration(&self) -> usize {
        self.scores.len()
    }

    /// Fewest calibration cases with which intervals at `alpha` are finite: ⌈1/α⌉ - 1.
    pub fn cases_needed(alpha: f64) -> usize {
        ((1.0 / alpha - ROUNDING).ceil() - 1.0).max(1.0) as usize
    }
}

/// Cross-conformal (CV+) intervals of one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Calibration", into = "Calibration")]
pub struct CrossConformal {
    calibration: Calibration,
    folds: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Calibration {
    scores: Vec<f64>,
    /// For each train case the model that did not see it.
    fold: Vec<usize>,
    scaled: bool,
}

impl TryFrom<Calibration> for CrossConformal {
    type Error = SurrogateError;

    fn try_from(calibration: Calibration) -> Result<Self, SurrogateError> {
        let (fold, scores) = (&calibration.fold, &calibration.scores);
        if fold.len() != scores.len() {
            return Err(unequal("folds", fold.len(), scores.len()));
        }
        Ok(Self {
            folds: fold.iter().max().map_or(0, |last| last.saturating_add(1)),
            calibration,
        })
    }
}

impl From<CrossConformal> for Calibration {
    fn from(conformal: CrossConformal) -> Self {
        conformal.calibration
    }
}

impl CrossConformal {
    /// From the true value of each train case, its prediction by the model of the fold that it was
    /// left out of (`fold`, counted from 0), and where wanted a positive scale for each.
    ///
    /// # Errors
    /// Lists of different lengths, values that are not finite, scales that are not positive.
    pub fn fit(
        truth: &[f64],
        prediction: &[f64],
        fold: &[usize],
        scale: Option<&[f64]>,
    ) -> Result<Self, SurrogateError> {
        Self::try_from(Calibration {
            scores: scores(truth, prediction, scale)?,
            fold: fold.to_vec(),
            scaled: scale.is_some(),
        })
    }

    /// The interval of a new case from its predictions by all folds' models (and their scales, where
    /// scales were calibrated with), at the level `alpha`; open where the train cases are too few.
    ///
    /// # Errors
    /// Another number of predictions or scales than folds.
    pub fn interval(
        &self,
        predictions: &[f64],
        scales: Option<&[f64]>,
        alpha: f64,
    ) -> Result<Interval, SurrogateError> {
        let calibration = &self.calibration;
        if predictions.len() != self.folds {
            let count = predictions.len();
            return Err(unequal("predictions of a new case", count, self.folds));
        }
        let scales = match (calibration.scaled, scales) {
            (false, _) => None,
            (true, Some(scales)) if scales.len() == self.folds => Some(scales),
            (true, scales) => {
                let count = scales.map_or(0, <[f64]>::len);
                return Err(unequal("scales of a new case", count, self.folds));
            }
        };
        let ends = |sign: f64| -> Vec<f64> {
            let cases = calibration.scores.iter().zip(&calibration.fold);
            // Lower ends with their sign turned: the same order statistic serves both.
            cases
                .map(|(score, &k)| sign * predictions[k] + score * scales.map_or(1.0, |s| s[k]))
                .collect()
        };
        let rank = rank_above(calibration.scores.len(), alpha);
        Ok(Interval {
            lower: -order_statistic(&ends(-1.0), rank),
            upper: order_statistic(&ends(1.0), rank),
        })
    }

    /// Number of models.
    pub fn n_folds(&self) -> usize {
        self.folds
    }

    /// Number of train cases whose residuals are used.
    pub fn n_calibration(&self) -> usize {
        self.calibration.scores.len()
    }
}

/// |t - p|, over the scale where there is one.
fn scores(
    truth: &[f64],
    prediction: &[f64],
    scale: Option<&[f64]>,
) -> Result<Vec<f64>, SurrogateError> {
    if prediction.len() != truth.len() {
        return Err(unequal("predictions", prediction.len(), truth.len()));
    }
    if let Some(scale) = scale.filter(|s| s.len() != truth.len()) {
        return Err(unequal("scales", scale.len(), truth.len()));
    }
    let score = |i: usize| {
        let scale = scale.map_or(1.0, |s| s[i]);
        let score = (truth[i] - prediction[i]).abs() / scale;
        let sound = score.is_finite() && scale > 0.0;
        sound.then_some(score).ok_or_else(|| SurrogateError::Data {
            what: "calibration of intervals",
            problem: format!(
                "case {i} has true value {}, prediction {} and scale {scale}; values must be \
                 finite and scales positive",
                truth[i], prediction[i]
            ),
        })
    };
    (0..truth.len()).map(score).collect()
}

fn unequal(what: &str, found: usize, expected: usize) -> SurrogateError {
    SurrogateError::Data {
        what: "calibration of intervals",
        problem: format!("{found} {what} where {expected} are needed"),
    }
}

#[cfg(test)]
#[path = "conformal_tests.rs"]
mod tests;
