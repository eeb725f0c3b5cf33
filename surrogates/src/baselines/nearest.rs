//! The flow of the nearest train case, laid over the airfoil that is asked about.
//!
//! The nearest case is that with the smallest distance in z-scored angle, log speed and geometric
//! measures. Its fields are carried over by place along the contour and distance from the wall (see
//! `wall_coordinates.rs`), not by position: boundary layers lie on boundary layers whatever the
//! thickness of the section. They are scaled by the speed: velocity and eddy viscosity by U, pressure
//! by U².

use karman_datasets::{CaseInfo, ColumnSelector, PointTable};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::kd_tree::KdTree;
use super::wall_coordinates::wall_coordinates;
use crate::SurrogateError;
use crate::coefficients::{Descriptor, mean_and_std};
use crate::data::CaseSource;

/// Source points from which a target point is interpolated.
const NEIGHBOURS: usize = 4;
/// Weights of angle, log speed and all measures together in the squared distance of cases: those with
/// the smallest leave-one-out error of the fields on the train part of mini-AirfRANS.
const ANGLE: f64 = 1.0;
const SPEED: f64 = 0.02;
const MEASURES: f64 = 0.2;
const FIELDS: [&str; 4] = ["u_x", "u_y", "p", "nu_t"];

/// The nearest train case as a predictor of fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearestCase {
    scales: [(f64, f64); Descriptor::COUNT],
    cases: Vec<TrainCase>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TrainCase {
    /// Its place in the source.
    place: usize,
    name: String,
    speed: f64,
    scaled: [f64; Descriptor::COUNT],
}

impl NearestCase {
    /// Takes the cases `train` of a source for neighbours. No fields are read yet.
    ///
    /// # Errors
    /// No cases, an index out of range, a case without finite speed, angle and measures.
    pub fn fit(source: &dyn CaseSource, train: &[usize]) -> Result<Self, SurrogateError> {
        let wrong = |problem: String| SurrogateError::Data {
            what: "the nearest train case",
            problem,
        };
        if train.is_empty() {
            return Err(wrong("there are no train cases".into()));
        }
        let infos = source.infos();
        let known = |&case: &usize| {
            let info = infos.get(case);
            let problem = || wrong(format!("case {case} of {} is asked for", infos.len()));
            let info = info.ok_or_else(problem)?;
            Ok((case, info, Descriptor::of(info)?.values()))
        };
        let known: Result<Vec<_>, SurrogateError> = train.iter().map(known).collect();
        let known = known?;
        let column = |j: usize| known.iter().map(move |(_, _, values)| values[j]);
        let scales = std::array::from_fn(|j| mean_and_std(column(j)));
        let cases = known.iter().map(|(place, info, values)| TrainCase {
            place: *place,
            name: info.name.clone(),
            speed: info.speed,
            scaled: scale(values, &scales),
        });
        Ok(Self {
            cases: cases.collect(),
            scales,
        })
    }

    /// Name of the train case from which `info` is predicted.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn nearest(&self, info: &CaseInfo) -> Result<&str, SurrogateError> {
        Ok(&self.find(info)?.name)
    }

    /// u_x, u_y (m/s), p (m²/s²) and nu_t (m²/s) at all rows of `table`, `[n, 4]`. Velocity and eddy
    /// viscosity are zero at rows marked as on the surface. One train case is read from `source`,
    /// which must be the one that was fitted on.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures; a table without the columns of
    /// `karman_datasets::INPUT_COLUMNS`; a source that cannot be read or is another.
    pub fn predict(
        &self,
        source: &dyn CaseSource,
        info: &CaseInfo,
        table: &PointTable,
    ) -> Result<Vec<f32>, SurrogateError> {
        let case = self.find(info)?;
        let found = source.infos().get(case.place).map(|i| i.name.as_str());
        if found != Some(case.name.as_str()) {
            return Err(SurrogateError::Data {
                what: "the nearest train case",
                problem: format!(
                    "{} is not at place {} of this source; give the data that was trained on",
                    case.name, case.place
                ),
            });
        }
        let flow = source.table(case.place)?;
        let tree = KdTree::new(&wall_coordinates(&flow)?);
        let fields = ColumnSelector::new(flow.columns(), &FIELDS)?.gather(flow.data());
        let ratio = (info.speed / case.speed) as f32;
        let scales = [ratio, ratio, ratio * ratio, ratio];
        let surface = ColumnSelector::new(table.columns(), &["is_surface"])?.gather(table.data());
        let points = wall_coordinates(table)?;
        let rows = points
            .par_iter()
            .zip(&surface)
            .flat_map_iter(|(point, &on_wall)| {
                let mut row = interpolate(&tree, &fields, point);
                for (channel, value) in row.iter_mut().enumerate() {
                    let zero = on_wall != 0.0 && channel != 2;
                    *value = if zero { 0.0 } else { *value * scales[channel] };
                }
                row
            });
        Ok(rows.collect())
    }

    fn find(&self, info: &CaseInfo) -> Result<&TrainCase, SurrogateError> {
        let point = scale(&Descriptor::of(info)?.values(), &self.scales);
        let distance = |case: &TrainCase| -> f64 {
            let square = |j: usize| (case.scaled[j] - point[j]).powi(2);
            let measures = (2..point.len()).map(square).sum::<f64>() / (point.len() - 2) as f64;
            ANGLE * square(0) + SPEED * square(1) + MEASURES * measures
        };
        let nearest = self
            .cases
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.ok_or_else(|| SurrogateError::Data {
            what: "the nearest train case",
            problem: "there are no train cases".into(),
        })
    }
}

/// The fields at a point, from its neighbours weighted with the inverse of their squared distance.
fn interpolate<const D: usize>(tree: &KdTree<D>, fields: &[f32], point: &[f32; D]) -> [f32; 4] {
    let (mut sum, mut total) = ([0.0; 4], 0.0);
    for neighbour in tree.nearest::<NEIGHBOURS>(point) {
        let weight = 1.0 / (neighbour.distance2 + 1e-12);
        let row = &fields[4 * neighbour.place..4 * neighbour.place + 4];
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += weight * v);
        total += weight;
    }
    sum.map(|s| s / total)
}

fn scale(
    values: &[f64; Descriptor::COUNT],
    scales: &[(f64, f64); Descriptor::COUNT],
) -> [f64; Descriptor::COUNT] {
    std::array::from_fn(|j| (values[j] - scales[j].0) / scales[j].1)
}

#[cfg(test)]
#[path = "nearest_tests.rs"]
mod tests;
