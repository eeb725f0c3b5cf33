//! The score by which weights are chosen: z-scored errors on held-out cases.

use karman_datasets::ColumnSelector;
use serde::{Deserialize, Serialize};

use crate::{SurrogateError, data::CaseSource, field_model::FieldModel};

/// Rows of a case by which it is scored; of a larger one the same random ones each time. 80 cases of
/// AirfRANS's 180 k nodes would take longer than the epochs between two scores.
const ROWS: usize = 32_768;

/// Mean squared errors of z-scored fields, averaged over cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidationScore {
    /// u_x, u_y, p, nu_t over the nodes off the wall.
    pub volume: [f64; 4],
    /// p over the wall nodes.
    pub surface_pressure: f64,
    /// Mean of the five.
    pub mean: f64,
}

/// Scores `model` on `cases`, on at most 32 768 rows of each.
///
/// # Errors
/// Unreadable cases.
pub fn validate(
    model: &FieldModel,
    source: &dyn CaseSource,
    cases: &[usize],
) -> Result<ValidationScore, SurrogateError> {
    let std = model.encoder().physical().each_ref().map(|c| c.safe_std());
    let mut volume = [0.0; 4];
    let mut surface_pressure = 0.0;
    for &case in cases {
        let info = &source.infos()[case];
        let table = if info.n_points > ROWS {
            source.subset(case, 0, ROWS)?
        } else {
            source.table(case)?
        };
        let predicted = model.predict(info, &table)?.fields;
        let names = ["u_x", "u_y", "p", "nu_t", "is_surface"];
        let truth = ColumnSelector::new(table.columns(), &names)?.gather(table.data());
        let mut sums = [[0.0; 4]; 2];
        let mut counts = [0.0; 2];
        for (p, t) in predicted.chunks_exact(4).zip(truth.chunks_exact(5)) {
            let wall = usize::from(t[4] != 0.0);
            counts[wall] += 1.0;
            for channel in 0..4 {
                let error = f64::from(p[channel] - t[channel]) / std[channel];
                sums[wall][channel] += error * error;
            }
        }
        for channel in 0..4 {
            volume[channel] += sums[0][channel] / f64::max(counts[0], 1.0) / cases.len() as f64;
        }
        surface_pressure += sums[1][2] / f64::max(counts[1], 1.0) / cases.len() as f64;
    }
    Ok(ValidationScore {
        volume,
        surface_pressure,
        mean: (volume.iter().sum::<f64>() + surface_pressure) / 5.0,
    })
}
