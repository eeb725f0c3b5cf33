//! What a run has beside its networks: models of the force coefficients with their intervals, and
//! a detector of cases that are unlike the train cases.

use std::path::Path;

use karman_datasets::CaseInfo;
use serde::{Deserialize, Serialize};

use super::{PreparedData, RunConfig};
use crate::{
    CoefficientPredictor, SurrogateError, files,
    uncertainty::{Interval, OodDetector, OodVerdict},
};

const PREDICTOR_FILE: &str = "coefficient-model.json";
const OOD_FILE: &str = "out-of-distribution.json";
const MEND: &str = "give the folder of a finished `karman train`";

/// Fewest cases a regression of coefficients is fitted on.
const MIN_CASES: usize = 12;
/// Folds by which intervals are calibrated.
const FOLDS: usize = 10;

/// A value with an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The models beside the networks.
///
/// They are fitted on the whole train part: validation cases serve to choose network weights and
/// nothing here. Intervals are calibrated by cross-validation (CV+), so that no case is lost to
/// calibration.
#[derive(Clone, Debug)]
pub struct Companions {
    coverage: f64,
    coefficients: Option<CoefficientPredictor>,
    ood: OodDetector,
}

impl Companions {
    /// Fits on the train part of `data`. Without force coefficients there are no models of them.
    pub(super) fn fit(config: &RunConfig, data: &PreparedData) -> Result<Self, SurrogateError> {
        let infos = data.cache.cases();
        let mut train = [data.train.as_slice(), data.validation.as_slice()].concat();
        train.sort_unstable();
        let known = train
            .iter()
            .filter(|&&case| infos[case].coefficients.is_some())
            .count();
        let coefficients = if known < MIN_CASES {
            None
        } else {
            let folds = FOLDS.min(known);
            let seed = config.training.seed;
            Some(CoefficientPredictor::fit(infos, &train, folds, seed)?)
        };
        Ok(Self {
            coverage: config.uncertainty.coverage,
            coefficients,
            ood: OodDetector::fit(infos, &train)?,
        })
    }

    pub(super) fn save(&self, folder: &Path) -> Result<(), SurrogateError> {
        files::write_json(&folder.join(OOD_FILE), &self.ood)?;
        if let Some(predictor) = &self.coefficients {
            predictor.save(&folder.join(PREDICTOR_FILE))?;
        }
        Ok(())
    }

    pub(super) fn load(coverage: f64, folder: &Path) -> Result<Self, SurrogateError> {
        let predictor = folder.join(PREDICTOR_FILE);
        let coefficients = if predictor.exists() {
            Some(CoefficientPredictor::load(&predictor)?)
        } else {
            None
        };
        Ok(Self {
            coverage,
            coefficients,
            ood: files::read_json(&folder.join(OOD_FILE), MEND)?,
        })
    }

    /// C_L and C_D as reported to the user, with intervals; `None` where the train cases have no
    /// coefficients.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn estimate(&self, info: &CaseInfo) -> Result<Option<[Estimate; 2]>, SurrogateError> {
        let Some(predictor) = &self.coefficients else {
            return Ok(None);
        };
        let estimate = predictor.predict(info, self.coverage)?;
        let with = |value: f64, interval: Interval| Estimate {
            value,
            low: interval.lower,
            high: interval.upper,
        };
        Ok(Some([
            with(estimate.prediction.cl, estimate.cl),
            with(estimate.prediction.cd, estimate.cd),
        ]))
    }

    /// C_L and C_D of the kernel-ridge baseline.
    ///
    /// # Errors
    /// As [`estimate`](Self::estimate).
    pub fn ridge(&self, info: &CaseInfo) -> Result<Option<[f64; 2]>, SurrogateError> {
        let predictor = self.coefficients.as_ref();
        predictor
            .map(|predictor| predictor.model().ridge().predict(info))
            .transpose()
    }

    /// Whether the train cases are like `info`.
    ///
    /// # Errors
    /// As [`estimate`](Self::estimate).
    pub fn verdict(&self, info: &CaseInfo) -> Result<OodVerdict, SurrogateError> {
        self.ood.judge(info)
    }
}
