//! Scores predictions made by any program.
//!
//! A folder holds one `NAME.vtu` per case, whose points are those of `NAME_internal.vtu` in the
//! same order, with the point arrays `U` (2 or 3 components), `p` and `nut` as predicted. Other
//! arrays are not read.

use std::path::Path;

use karman_meshes::{FieldSelection, Mesh, ReadOptions, read_mesh_with};
use serde::{Deserialize, Serialize};

use super::fields::FlowFields;
use super::score::{CaseScore, score_case};
use super::statistics::FieldStatistics;
use super::summary::{ScoreSummary, summarise};
use crate::{AirfransDataset, DatasetError, Progress, Sample};

/// Points may differ from the case's by this fraction of the mesh's extent: single precision and
/// a few decimal places fewer.
const COORDINATE_TOLERANCE: f64 = 1e-5;
/// Cases named in a message at most.
const LISTED: usize = 5;

/// Scores of a set of predictions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreReport {
    /// The part of the data set that was scored.
    pub split: String,
    /// Statistics that the variables were z-scored with.
    pub statistics: FieldStatistics,
    /// Means over cases.
    pub summary: ScoreSummary,
    /// One entry per case, in the order of the part.
    pub cases: Vec<CaseScore>,
}

/// Scores the predictions in `folder` for every case of `split`, several at a time.
///
/// `statistics` must come from the train part that the predictions' model was trained on.
///
/// # Errors
/// A part that the manifest does not have; predictions that are absent (all are listed before any
/// is read); a file that [`read_prediction`] complains about; a case that cannot be scored.
pub fn score_predictions(
    folder: &Path,
    dataset: &AirfransDataset,
    split: &str,
    statistics: &FieldStatistics,
    progress: Progress,
) -> Result<ScoreReport, DatasetError> {
    let names = dataset.cases(split)?;
    check_present(folder, split, &names)?;
    let cases = dataset.map_cases(&names, "scoring predictions", progress, |sample| {
        let prediction = read_prediction(folder, &sample)?;
        score_case(&sample, &prediction, statistics)
    })?;
    Ok(ScoreReport {
        split: split.to_owned(),
        statistics: *statistics,
        summary: summarise(&cases),
        cases,
    })
}

/// Lists absent predictions before the first one is read: hours may have gone into the others.
fn check_present(folder: &Path, split: &str, names: &[String]) -> Result<(), DatasetError> {
    let absent: Vec<&str> = names
        .iter()
        .filter(|name| !folder.join(format!("{name}.vtu")).is_file())
        .map(String::as_str)
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    let listed = absent.iter().take(LISTED).map(|name| format!("{name}.vtu"));
    let rest = absent.len().saturating_sub(LISTED);
    Err(DatasetError::Argument {
        what: "predictions",
        problem: format!(
            "{} holds no prediction for {} of the {} cases of {split}: {}{}",
            folder.display(),
            absent.len(),
            names.len(),
            listed.collect::<Vec<_>>().join(", "),
            if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            }
        ),
    })
}

/// Reads `folder/NAME.vtu` as a prediction for a sample.
///
/// # Errors
/// A file that cannot be read; an array that is absent, has another number of components, or holds
/// a value that is not finite; another number of points than the case, or points elsewhere than the
/// case's, which are the sign of another order.
pub fn read_prediction(folder: &Path, sample: &Sample) -> Result<FlowFields, DatasetError> {
    let path = folder.join(format!("{}.vtu", sample.name));
    let place = path.display().to_string();
    let options = ReadOptions {
        point_fields: FieldSelection::All,
        cell_fields: FieldSelection::None,
        ..ReadOptions::default()
    };
    let file = read_mesh_with(&path, &options)
        .map_err(|error| DatasetError::mesh(&sample.name)(error.in_file(&place)))?;
    check_points(sample, &place, &file.mesh)?;
    let fields = FlowFields::from_fields(&sample.name, &place, &file.fields)?;
    fields.check_len(&sample.name, &place, sample.mesh.n_points())?;
    fields.check_finite(&sample.name, &place)?;
    Ok(fields)
}

fn check_points(sample: &Sample, place: &str, mesh: &Mesh) -> Result<(), DatasetError> {
    let fault = |problem| Err(DatasetError::case(&sample.name, place, problem));
    let (expected, found) = (sample.mesh.points(), mesh.points());
    if expected.len() != found.len() {
        return fault(format!(
            "{} points, but {}_internal.vtu has {}: write the arrays on the points of that file",
            found.len(),
            sample.name,
            expected.len()
        ));
    }
    let (low, high) = sample.mesh.bounds();
    let extent = (0..2).map(|a| high[a] - low[a]).fold(0.0, f64::max);
    let apart = |(a, b): (&[f64; 3], &[f64; 3])| (a[0] - b[0]).hypot(a[1] - b[1]);
    let far = |pair| apart(pair) > COORDINATE_TOLERANCE * extent;
    let count = expected.iter().zip(found).filter(|&pair| far(pair)).count();
    match expected.iter().zip(found).position(far) {
        None => Ok(()),
        Some(k) => fault(format!(
            "{count} of {} points lie elsewhere than in {}_internal.vtu, the first is point {k} \
             at ({}, {}) instead of ({}, {}): keep that file's points and their order",
            found.len(),
            sample.name,
            found[k][0],
            found[k][1],
            expected[k][0],
            expected[k][1]
        )),
    }
}

#[cfg(test)]
#[path = "predictions_tests.rs"]
mod tests;
