//! What a report is made of: plain serde structs that a command fills in.
//!
//! Nothing here knows a model or a mesh class, so a report can be written from
//! any program's predictions. Every list may be empty: its section is left out.
//! Numbers may be NaN or infinite (a diverged run has a report too); they are
//! printed as a dash and left out of the charts.

use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::nullable;
use super::profiles::{ErrorByChord, ErrorByDistance};
use super::wall::WallCurve;

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
    /// Epoch (or step, if `ReportData::run` says so), increasing.
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

/// Why a case was chosen for the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseRole {
    /// Smallest error of the test set.
    Best,
    /// The case in the middle of the test set.
    #[default]
    Median,
    /// Largest error of the test set.
    Worst,
}

/// Fields of one case, true and predicted, on the points of its mesh.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CasePicture {
    /// Best, median or worst.
    pub role: CaseRole,
    /// Name of the case.
    pub name: String,
    /// The number by which the case was ranked, e.g. the mean volume MSE.
    pub score: Option<f64>,
    /// Mesh points, in chords.
    pub points: Vec<[f32; 2]>,
    /// Cells cut into triangles (`fan_triangles` does it); indices into `points`.
    pub triangles: Vec<[u32; 3]>,
    /// True u_x, u_y (m/s), p (m2/s2), nu_t (m2/s), one value a point each.
    #[serde(deserialize_with = "nullable::columns")]
    pub truth: [Vec<f32>; 4],
    /// Predicted u_x, u_y (m/s), p (m2/s2), nu_t (m2/s), one value a point each.
    #[serde(deserialize_with = "nullable::columns")]
    pub prediction: [Vec<f32>; 4],
    /// The wall: contour, pressures, speed and angle.
    pub wall: WallCurve,
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

impl CasePicture {
    /// Checks that fields have one value a point and triangles stay inside.
    ///
    /// # Errors
    /// [`ReportError::Shape`] naming the case and the list that does not fit.
    pub fn validate(&self) -> Result<(), ReportError> {
        let n = self.points.len();
        let shape = |what: String, mend: &'static str| ReportError::Shape {
            case: self.name.clone(),
            what,
            mend,
        };
        for (list, columns) in [("truth", &self.truth), ("prediction", &self.prediction)] {
            for (column, name) in columns.iter().zip(["u_x", "u_y", "p", "nu_t"]) {
                if column.len() != n {
                    return Err(shape(
                        format!("{list} {name} has {} values for {n} points", column.len()),
                        "give one value for each mesh point",
                    ));
                }
            }
        }
        let bad = self
            .triangles
            .iter()
            .position(|t| t.iter().any(|&i| i as usize >= n));
        if let Some(i) = bad {
            return Err(shape(
                format!(
                    "triangle {i} {:?} names a point beyond the {n} points",
                    self.triangles[i]
                ),
                "index triangles into `points` of the same picture",
            ));
        }
        self.wall.validate(&self.name)
    }
}

/// Cuts cells, given as offsets (one more than cells) into a connectivity, into
/// triangles around each cell's first node. Right for convex cells; cells of
/// fewer than three nodes give none, and offsets beyond the list are ignored.
pub fn fan_triangles(offsets: &[usize], connectivity: &[u32]) -> Vec<[u32; 3]> {
    let mut triangles = Vec::with_capacity(connectivity.len() / 2);
    for pair in offsets.windows(2) {
        let Some(&[first, ref rest @ ..]) = connectivity.get(pair[0]..pair[1]) else {
            continue;
        };
        triangles.extend(rest.windows(2).map(|edge| [first, edge[0], edge[1]]));
    }
    triangles
}

/// Positions of the best, the median and the worst of `scores` (smaller is
/// better). Non-finite scores count as worst. `None` for an empty list; with
/// fewer than three cases positions repeat.
pub fn best_median_worst(scores: &[f64]) -> Option<[usize; 3]> {
    let key = |i: &usize| {
        if scores[*i].is_finite() {
            scores[*i]
        } else {
            f64::INFINITY
        }
    };
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let last = order.len().checked_sub(1)?;
    Some([order[0], order[last / 2], order[last]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fan_cuts_a_quad_in_two_and_skips_a_line() {
        let triangles = fan_triangles(&[0, 4, 6, 9], &[7, 8, 9, 10, 0, 1, 2, 3, 4]);
        assert_eq!(triangles, [[7, 8, 9], [7, 9, 10], [2, 3, 4]]);
    }

    #[test]
    fn fan_ignores_offsets_beyond_the_list() {
        assert!(fan_triangles(&[0, 40], &[0, 1, 2]).is_empty());
    }

    #[test]
    fn best_median_worst_puts_nan_last() {
        let picked = best_median_worst(&[0.3, f64::NAN, 0.1, 0.2, 0.9]);
        assert_eq!(picked, Some([2, 0, 1]));
        assert_eq!(best_median_worst(&[]), None);
        assert_eq!(best_median_worst(&[1.0]), Some([0, 0, 0]));
    }

    #[test]
    fn a_triangle_beyond_the_points_is_named() {
        let picture = CasePicture {
            name: "case_7".into(),
            points: vec![[0.0, 0.0]; 3],
            triangles: vec![[0, 1, 2], [0, 1, 3]],
            truth: std::array::from_fn(|_| vec![0.0; 3]),
            prediction: std::array::from_fn(|_| vec![0.0; 3]),
            ..CasePicture::default()
        };
        let message = picture.validate().map_err(|e| e.to_string()).unwrap_err();
        assert!(
            message.contains("case_7") && message.contains("triangle 1"),
            "{message}"
        );
    }

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
