//! What a report is made of: plain serde structs that a command fills in.
//!
//! Nothing here knows a model or a mesh class, so a report can be written from
//! any program's predictions. Every list may be empty: its section is left out.
//! Numbers may be NaN or infinite (a diverged run has a report too); they are
//! printed as a dash and left out of the charts.

use serde::{Deserialize, Serialize};

use super::case_picture::CasePicture;
use super::error::ReportError;
use super::nullable;
use super::profiles::{ErrorByChord, ErrorByDistance};

/// Everything that one report shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportData {
    /// Heading of the page, e.g. `MARIO on mini-AirfRANS`.
    pub title: String,
    /// One or two plain sentences under the heading: what was trained on what.
    pub lead: String,
    /// How the run was made.
    pub run: RunFacts,
    /// Summary table: the surrogate's row or rows first, then the baselines.
    pub methods: Vec<MethodRow>,
    /// How C_L and C_D were estimated: coefficient head, regression, integrated.
    pub coefficients: Vec<CoefficientRow>,
    /// Training curves, one for each member of an ensemble.
    pub curves: Vec<TrainingCurve>,
    /// What `TrainingRow::epoch` counts, e.g. `Step`; `Epoch` when empty.
    pub epoch_label: String,
    /// One row for each test case.
    pub cases: Vec<CaseRow>,
    /// Field pictures, usually the best, the median and the worst case.
    pub pictures: Vec<CasePicture>,
    /// Squared error against the distance to the wall, pooled over test cases.
    pub by_distance: Option<ErrorByDistance>,
    /// Error along the chord on the wall, pooled over test cases.
    pub by_chord: Option<ErrorByChord>,
    /// Plain sentences for the end of the page (definitions, known limits).
    pub notes: Vec<String>,
}

/// How a run was made: the facts that let somebody repeat it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFacts {
    /// When the run ended, as the reader should see it, e.g. `2026-11-22 14:05 UTC`.
    pub finished: String,
    /// Model in one line, e.g. `MARIO, width 256, depth 6, 3 scales, scale-shift`.
    pub model: String,
    /// Complete configuration as TOML, shown folded.
    pub config: String,
    /// Name or path of the data set.
    pub dataset: String,
    /// Split that was scored, e.g. `full_test`.
    pub split: String,
    /// Cases trained on.
    pub n_train: usize,
    /// Cases held out of training for validation.
    pub n_validation: usize,
    /// Cases scored.
    pub n_test: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Device, e.g. `cpu (flex, 2 threads)`.
    pub device: String,
    /// Program and library versions, name and version.
    pub versions: Vec<(String, String)>,
    /// Wall time of training in seconds.
    #[serde(deserialize_with = "nullable::scalar")]
    pub wall_seconds: f64,
    /// Peak resident memory in bytes; 0 when unknown.
    pub peak_memory_bytes: u64,
    /// Trainable parameters, of all members together.
    pub parameters: u64,
    /// Members of the ensemble; 0 and 1 both mean a single model.
    pub members: usize,
    /// Further facts, label and value, shown in the same list.
    pub extra: Vec<(String, String)>,
}

/// Which part a row of the summary table plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// The method that this report is about.
    #[default]
    Surrogate,
    /// A method that the surrogate has to beat.
    Baseline,
    /// Numbers from elsewhere, shown for orientation and never ranked.
    Reference,
}

/// One row of the summary table. A measure that a method does not have is `None`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodRow {
    /// Name of the method as the reader should see it.
    pub name: String,
    /// Surrogate, baseline or reference.
    pub kind: MethodKind,
    /// Mean over cases of the volume MSE of the z-scored u_x, u_y, p, nu_t.
    pub volume_mse: [Option<f64>; 4],
    /// Mean over cases of the surface MSE of the z-scored pressure.
    pub surface_p_mse: Option<f64>,
    /// C_L as the method reports it: mean relative error and rank correlation.
    pub cl: Accuracy,
    /// C_D as the method reports it: mean relative error and rank correlation.
    pub cd: Accuracy,
    /// Time to train, in seconds.
    pub train_seconds: Option<f64>,
    /// Time to predict one case, in seconds.
    pub case_seconds: Option<f64>,
}

/// How well a coefficient is predicted over the test cases.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Accuracy {
    /// Mean of |truth - prediction| / |truth|, as a fraction (0.02 is 2 %).
    pub relative_error: Option<f64>,
    /// Spearman rank correlation.
    pub rank: Option<f64>,
}

/// One way to estimate the coefficients, with its intervals.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CoefficientRow {
    /// E.g. `coefficient head`, `kernel ridge regression`, `integrated from the fields`.
    pub source: String,
    /// True for the one that is given to the user as the answer.
    pub reported: bool,
    /// Lift coefficient.
    pub cl: CoefficientStats,
    /// Drag coefficient.
    pub cd: CoefficientStats,
    /// Coverage that the intervals promise, e.g. 0.9.
    pub nominal_coverage: Option<f64>,
}

/// Accuracy of one coefficient and of its intervals.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CoefficientStats {
    /// Relative error and rank correlation.
    #[serde(flatten)]
    pub accuracy: Accuracy,
    /// Mean half-width of the interval, in units of the coefficient.
    pub half_width: Option<f64>,
    /// Part of the test cases whose true value lies inside the interval, 0 to 1.
    pub coverage: Option<f64>,
}

/// The training of one model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingCurve {
    /// E.g. `member 1`; may be empty for a single model.
    pub label: String,
    /// Rows in the order of training.
    pub rows: Vec<TrainingRow>,
    /// Epoch whose weights were kept, if early stopping chose one.
    pub best_epoch: Option<f64>,
}

/// One recorded moment of training.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingRow {
    /// Epoch, or what `ReportData::epoch_label` says; increasing.
    #[serde(deserialize_with = "nullable::scalar")]
    pub epoch: f64,
    /// Training loss.
    #[serde(deserialize_with = "nullable::scalar")]
    pub train_loss: f64,
    /// Validation loss, where it was evaluated.
    pub validation_loss: Option<f64>,
    /// Learning rate.
    pub learning_rate: Option<f64>,
}

/// One test case: errors, coefficients and whether the model knows such cases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseRow {
    /// Name of the case.
    pub name: String,
    /// Free-stream speed, m/s.
    #[serde(deserialize_with = "nullable::scalar")]
    pub speed: f64,
    /// Angle of attack, degrees.
    #[serde(deserialize_with = "nullable::scalar")]
    pub aoa: f64,
    /// Volume MSE of the z-scored u_x, u_y, p, nu_t.
    pub volume_mse: [Option<f64>; 4],
    /// Surface MSE of the z-scored pressure.
    pub surface_p_mse: Option<f64>,
    /// Lift coefficient.
    pub cl: CaseCoefficient,
    /// Drag coefficient.
    pub cd: CaseCoefficient,
    /// Out-of-distribution verdict.
    pub verdict: Option<Verdict>,
}

/// One coefficient of one case.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseCoefficient {
    /// True value.
    pub truth: Option<f64>,
    /// The value that the surrogate reports to a user.
    pub reported: Option<f64>,
    /// Lower and upper end of its interval.
    pub interval: Option<[f64; 2]>,
    /// The value integrated from the predicted fields.
    pub integrated: Option<f64>,
}

/// Whether a case lies where the training cases are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// True when the case is outside of what the model was trained on.
    pub outside: bool,
    /// Distance from the training set, in the units of `threshold`.
    #[serde(deserialize_with = "nullable::scalar")]
    pub score: f64,
    /// Distance above which a case counts as outside.
    #[serde(deserialize_with = "nullable::scalar")]
    pub threshold: f64,
    /// What is unusual, e.g. `angle of attack above the training range`; may be empty.
    pub reason: String,
}

impl ReportData {
    /// Checks that the lengths and indices inside fit together.
    ///
    /// # Errors
    /// [`ReportError::Shape`] naming the case and the list that does not fit.
    pub fn validate(&self) -> Result<(), ReportError> {
        self.pictures.iter().try_for_each(CasePicture::validate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_not_finite_survive_json() {
        let row = TrainingRow {
            epoch: 1.0,
            train_loss: f64::NAN,
            ..TrainingRow::default()
        };
        let json = serde_json::to_string(&row).unwrap();
        let back: TrainingRow = serde_json::from_str(&json).unwrap();
        assert!(back.train_loss.is_nan() && back.epoch == 1.0);
    }
}
