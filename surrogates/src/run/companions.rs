//! What a run has beside its networks: models of the force coefficients with their intervals, and
//! a detector of cases that are unlike the train cases.

use std::path::Path;

use karman_datasets::CaseInfo;
use serde::{Deserialize, Serialize};

use super::PreparedData;
use crate::{
    CoefficientModel, KernelRidge, SurrogateError, files,
    uncertainty::{OodDetector, OodVerdict, SplitConformal},
};

const MODEL_FILE: &str = "coefficient-model.json";
const RIDGE_FILE: &str = "kernel-ridge.json";
const INTERVALS_FILE: &str = "intervals.json";
const OOD_FILE: &str = "out-of-distribution.json";
const MEND: &str = "give the folder of a finished `karman train`";

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
/// nothing here. Intervals are calibrated with leave-one-out residuals over the model's own
/// standard deviation, so that no case is lost to calibration (Barber, Candès, Ramdas, Tibshirani,
/// "Predictive inference with the jackknife+", Annals of Statistics 2021, arXiv 1905.02928; this
/// is its "jackknife", whose guarantee needs a stable model, so the report shows the coverage that
/// was measured).
#[derive(Clone, Debug)]
pub struct Companions {
    coefficients: Option<Coefficients>,
    ood: OodDetector,
}

#[derive(Clone, Debug)]
struct Coefficients {
    model: CoefficientModel,
    ridge: KernelRidge,
    intervals: Intervals,
}

/// Calibrated intervals of C_L and C_D.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intervals {
    coverage: f64,
    cl: SplitConformal,
    cd: SplitConformal,
}

impl Companions {
    /// Fits on the train part of `data`. Without force coefficients there are no models of them.
    pub(super) fn fit(coverage: f64, data: &PreparedData) -> Result<Self, SurrogateError> {
        let infos = data.cache.cases();
        let mut train = [data.train.as_slice(), data.validation.as_slice()].concat();
        train.sort_unstable();
        let known = train
            .iter()
            .filter(|&&case| infos[case].coefficients.is_some());
        let coefficients = if known.count() < MIN_CASES {
            None
        } else {
            Some(Coefficients::fit(infos, &train, coverage)?)
        };
        Ok(Self {
            coefficients,
            ood: OodDetector::fit(infos, &train)?,
        })
    }

    pub(super) fn save(&self, folder: &Path) -> Result<(), SurrogateError> {
        files::write_json(&folder.join(OOD_FILE), &self.ood)?;
        if let Some(coefficients) = &self.coefficients {
            coefficients.model.save(&folder.join(MODEL_FILE))?;
            coefficients.ridge.save(&folder.join(RIDGE_FILE))?;
            files::write_json(&folder.join(INTERVALS_FILE), &coefficients.intervals)?;
        }
        Ok(())
    }

    pub(super) fn load(folder: &Path) -> Result<Self, SurrogateError> {
        let model = folder.join(MODEL_FILE);
        let coefficients = if model.exists() {
            Some(Coefficients {
                model: CoefficientModel::load(&model)?,
                ridge: KernelRidge::load(&folder.join(RIDGE_FILE))?,
                intervals: files::read_json(&folder.join(INTERVALS_FILE), MEND)?,
            })
        } else {
            None
        };
        Ok(Self {
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
        let Some(Coefficients {
            model, intervals, ..
        }) = &self.coefficients
        else {
            return Ok(None);
        };
        let predicted = model.predict(info)?;
        let alpha = 1.0 - intervals.coverage;
        let estimate = |conformal: &SplitConformal, value: f64, std: f64| {
            let interval = conformal.interval(value, Some(std), alpha);
            Estimate {
                value,
                low: interval.lower,
                high: interval.upper,
            }
        };
        Ok(Some([
            estimate(&intervals.cl, predicted.cl, predicted.cl_std),
            estimate(&intervals.cd, predicted.cd, predicted.cd_std),
        ]))
    }

    /// C_L and C_D of the kernel-ridge baseline.
    ///
    /// # Errors
    /// As [`estimate`](Self::estimate).
    pub fn ridge(&self, info: &CaseInfo) -> Result<Option<[f64; 2]>, SurrogateError> {
        self.coefficients
            .as_ref()
            .map(|coefficients| coefficients.ridge.predict(info))
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

/// Fewest cases a regression of coefficients is fitted on.
const MIN_CASES: usize = 8;

impl Coefficients {
    fn fit(infos: &[CaseInfo], train: &[usize], coverage: f64) -> Result<Self, SurrogateError> {
        let model = CoefficientModel::fit(infos, train)?;
        let left_out = model.leave_one_out();
        let truth = |name: &str| {
            let info = infos.iter().find(|info| info.name == name);
            info.and_then(|info| info.coefficients.as_ref())
        };
        let mut columns: [Vec<f64>; 6] = Default::default();
        for (name, predicted) in &left_out {
            let Some(truth) = truth(name) else { continue };
            let row = [
                truth.cl,
                predicted.cl,
                predicted.cl_std,
                truth.cd,
                predicted.cd,
                predicted.cd_std,
            ];
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let [cl, cl_predicted, cl_std, cd, cd_predicted, cd_std] = &columns;
        let intervals = Intervals {
            coverage,
            cl: SplitConformal::fit(cl, cl_predicted, Some(cl_std))?,
            cd: SplitConformal::fit(cd, cd_predicted, Some(cd_std))?,
        };
        drop(left_out);
        Ok(Self {
            ridge: KernelRidge::fit(infos, train)?,
            model,
            intervals,
        })
    }
}
