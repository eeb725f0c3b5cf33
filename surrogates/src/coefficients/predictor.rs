//! The coefficients that karman reports, with intervals.
//!
//! The value is that of a [`CoefficientModel`] fitted on all train cases. Its interval is
//! cross-conformal ([`CrossConformal`]): the train cases are dealt into folds, one more model is
//! fitted without each, and the residuals of the cases that a model did not see, over its own
//! deviation there, tell how wide intervals must be. No case is lost to calibration.

use karman_datasets::CaseInfo;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::Path;

use super::descriptor::{Descriptor, Example, examples};
use super::model::{CoefficientModel, CoefficientPrediction};
use super::store;
use crate::SurrogateError;
use crate::uncertainty::{CrossConformal, Interval};

const KIND: &str = "coefficient_predictor";

/// C_L and C_D of a case with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CoefficientEstimate {
    /// The values, and the deviations that the model itself states.
    pub prediction: CoefficientPrediction,
    /// Interval of C_L; open where the train cases are too few for the coverage asked for.
    pub cl: Interval,
    /// Interval of C_D.
    pub cd: Interval,
}

/// A regression of C_L and C_D with cross-conformal intervals.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoefficientPredictor {
    model: CoefficientModel,
    folds: Vec<CoefficientModel>,
    /// For each train case of `model` the prediction by the fold without it.
    left_out: Vec<CoefficientPrediction>,
    lift: CrossConformal,
    drag: CrossConformal,
}

impl CoefficientPredictor {
    /// Fits on the cases `train` of `infos` whose coefficients are known. `folds` is reduced to the
    /// number of cases where it is larger; with as many folds as cases the intervals are those of
    /// the jackknife+. Deterministic for a seed.
    ///
    /// # Errors
    /// As [`CoefficientModel::fit`]; fewer than two folds; so few cases that a fold leaves fewer
    /// than eight.
    pub fn fit(
        infos: &[CaseInfo],
        train: &[usize],
        folds: usize,
        seed: u64,
    ) -> Result<Self, SurrogateError> {
        let examples = examples(infos, train)?;
        if folds < 2 {
            return Err(SurrogateError::config(
                "folds",
                format!("is {folds}; at least 2 are needed, 10 is usual"),
            ));
        }
        let fold = deal(examples.len(), folds.min(examples.len()), seed);
        let n_folds = fold.iter().max().map_or(0, |last| last + 1);
        let model = CoefficientModel::fit_examples(examples.clone(), None)?;
        let models = (0..n_folds)
            .into_par_iter()
            .map(|k| {
                let kept = examples.iter().zip(&fold).filter(|(_, f)| **f != k);
                let kept = kept.map(|(e, _)| e.clone()).collect();
                CoefficientModel::fit_examples(kept, Some(&model))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let left_out: Vec<_> = examples
            .iter()
            .zip(&fold)
            .map(|(e, k)| models[*k].predict_descriptor(&e.descriptor))
            .collect();
        let calibrate = |truth: fn(&Example) -> f64, of: fn(&CoefficientPrediction) -> [f64; 2]| {
            let truth: Vec<f64> = examples.iter().map(truth).collect();
            let (values, scales): (Vec<f64>, Vec<f64>) = left_out
                .iter()
                .map(|p| (of(p)[0], of(p)[1].max(f64::MIN_POSITIVE)))
                .unzip();
            CrossConformal::fit(&truth, &values, &fold, Some(&scales))
        };
        Ok(Self {
            lift: calibrate(|e| e.forces.cl, |p| [p.cl, p.cl_std])?,
            drag: calibrate(|e| e.forces.cd, |p| [p.cd, p.cd_std])?,
            model,
            folds: models,
            left_out,
        })
    }

    /// Predicts a case from its speed, angle, measures and inviscid lift, with intervals that should hold the true
    /// values of a share `coverage` of cases (0.9, say).
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn predict(
        &self,
        info: &CaseInfo,
        coverage: f64,
    ) -> Result<CoefficientEstimate, SurrogateError> {
        let case = Descriptor::of(info)?;
        let of_folds: Vec<_> = self
            .folds
            .iter()
            .map(|f| f.predict_descriptor(&case))
            .collect();
        let interval = |conformal: &CrossConformal, of: fn(&CoefficientPrediction) -> [f64; 2]| {
            let values: Vec<f64> = of_folds.iter().map(|p| of(p)[0]).collect();
            let scales: Vec<f64> = of_folds.iter().map(|p| of(p)[1]).collect();
            conformal.interval(&values, Some(&scales), 1.0 - coverage)
        };
        Ok(CoefficientEstimate {
            prediction: self.model.predict_descriptor(&case),
            cl: interval(&self.lift, |p| [p.cl, p.cl_std])?,
            cd: interval(&self.drag, |p| [p.cd, p.cd_std])?,
        })
    }

    /// For each train case its name, its true (C_L, C_D) and the prediction by the model that did
    /// not see it: an honest measure of the error on new cases.
    pub fn cross_validation(
        &self,
    ) -> impl Iterator<Item = (&str, [f64; 2], CoefficientPrediction)> {
        let cases = self.model.examples().iter().zip(&self.left_out);
        cases.map(|(e, p)| (e.name.as_str(), [e.forces.cl, e.forces.cd], *p))
    }

    /// The model that was fitted on all train cases.
    pub fn model(&self) -> &CoefficientModel {
        &self.model
    }

    /// Number of folds.
    pub fn n_folds(&self) -> usize {
        self.folds.len()
    }

    /// Writes a JSON file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SurrogateError> {
        store::save(path, KIND, self)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// An absent or damaged file, or one of another kind or version.
    pub fn load(path: &Path) -> Result<Self, SurrogateError> {
        let loaded: Self = store::load(path, KIND)?;
        let n = loaded.model.n_train();
        let calibrations = [&loaded.lift, &loaded.drag];
        let whole = loaded.left_out.len() == n
            && calibrations
                .iter()
                .all(|c| c.n_calibration() == n && c.n_folds() == loaded.folds.len());
        if whole {
            Ok(loaded)
        } else {
            Err(store::wrong_shapes(path))
        }
    }
}

/// A fold for each of `n` cases, of sizes that differ by at most one.
fn deal(n: usize, folds: usize, seed: u64) -> Vec<usize> {
    let mut fold: Vec<usize> = (0..n).map(|i| i % folds).collect();
    fold.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    fold
}

#[cfg(test)]
#[path = "predictor_tests.rs"]
mod tests;
