//! The fields of one case, as the pictures need them.

use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::layer::WallLayer;
use super::nullable;
use super::wall::WallCurve;

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
    /// Boundary-layer profiles and friction.
    pub layer: WallLayer,
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
        self.wall.validate(&self.name)?;
        self.layer.validate(&self.name)
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
}
