//! The scale of each variable, and errors measured in it.

use serde::{Deserialize, Serialize};

use super::fields::FlowFields;
use crate::{AirfransDataset, ColumnStatistics, DatasetError, Normaliser, Progress, Sample};

/// Added to the standard deviation, as the published scores do.
const EPSILON: f64 = 1e-8;
/// Names of the four variables, as the columns of a `PointTable` are called.
const NAMES: [&str; 4] = ["u_x", "u_y", "p", "nu_t"];

/// One number for each of the four variables.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PerVariable<T = f64> {
    /// Velocity along x.
    pub u_x: T,
    /// Velocity along y.
    pub u_y: T,
    /// Kinematic pressure.
    pub p: T,
    /// Turbulent kinematic viscosity.
    pub nu_t: T,
}

impl<T> PerVariable<T> {
    /// The four in the order `u_x`, `u_y`, `p`, `nu_t`.
    pub fn to_array(self) -> [T; 4] {
        [self.u_x, self.u_y, self.p, self.nu_t]
    }

    /// From the four in the order `u_x`, `u_y`, `p`, `nu_t`.
    pub fn from_array([u_x, u_y, p, nu_t]: [T; 4]) -> Self {
        Self { u_x, u_y, p, nu_t }
    }
}

/// Mean and standard deviation of `u_x`, `u_y` (m/s), `p` (m²/s²) and `nu_t` (m²/s) over all nodes
/// of all train cases together ("pooled": a case counts by its number of nodes).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FieldStatistics {
    /// Means.
    pub mean: [f64; 4],
    /// Population standard deviations.
    pub std: [f64; 4],
}

impl FieldStatistics {
    /// Statistics of the cases of a train part, read one by one (Welford, merged).
    ///
    /// # Errors
    /// A part that the manifest does not have, a part without cases, a case that cannot be read.
    pub fn from_part(
        dataset: &AirfransDataset,
        part: &str,
        progress: Progress,
    ) -> Result<Self, DatasetError> {
        let names = dataset.cases(part)?;
        let parts =
            dataset.map_cases(&names, "statistics of the train part", progress, |sample| {
                columns_of(&sample)
            })?;
        merge(parts)
    }

    /// Statistics of samples that are in memory.
    ///
    /// # Errors
    /// A sample without one of the arrays, or no samples at all.
    pub fn from_samples<'a>(
        samples: impl IntoIterator<Item = &'a Sample>,
    ) -> Result<Self, DatasetError> {
        merge(
            samples
                .into_iter()
                .map(columns_of)
                .collect::<Result<_, _>>()?,
        )
    }

    /// Statistics that a model's normaliser holds in its columns `u_x`, `u_y`, `p`, `nu_t`.
    ///
    /// # Errors
    /// A column that is not there.
    pub fn from_normaliser(normaliser: &Normaliser) -> Result<Self, DatasetError> {
        let mut found = Self {
            mean: [0.0; 4],
            std: [0.0; 4],
        };
        for (k, name) in NAMES.iter().enumerate() {
            let column = normaliser.column(name)?;
            found.mean[k] = column.mean;
            found.std[k] = column.std();
        }
        Ok(found)
    }

    /// Mean squared error of each variable over `nodes`, in units of its train standard deviation
    /// plus 1e-8: the error of the z-scored fields, in which the mean cancels. NaN without nodes.
    pub fn mean_squared_error(
        &self,
        truth: &FlowFields,
        prediction: &FlowFields,
        nodes: impl Iterator<Item = u32>,
    ) -> PerVariable {
        let mut sum = [0.0; 4];
        let mut count = 0.0;
        for node in nodes {
            let (t, p) = (values(truth, node), values(prediction, node));
            for k in 0..4 {
                let z = (t[k] - p[k]) / (self.std[k] + EPSILON);
                sum[k] += z * z;
            }
            count += 1.0;
        }
        PerVariable::from_array(sum.map(|s| s / count))
    }
}

/// Coefficient of determination of each variable over `nodes`: `1 - sum (t - p)^2 / sum (t -
/// mean t)^2`, with the truth in the denominator. `None` where the truth is constant.
pub(crate) fn r_squared(
    truth: &FlowFields,
    prediction: &FlowFields,
    nodes: impl Iterator<Item = u32> + Clone,
) -> PerVariable<Option<f64>> {
    let mut spread = NAMES.map(ColumnStatistics::new);
    let mut residual = [0.0; 4];
    for node in nodes {
        let (t, p) = (values(truth, node), values(prediction, node));
        for k in 0..4 {
            spread[k].push(t[k]);
            residual[k] += (t[k] - p[k]).powi(2);
        }
    }
    PerVariable::from_array(std::array::from_fn(|k| {
        (spread[k].m2 > 0.0).then(|| 1.0 - residual[k] / spread[k].m2)
    }))
}

/// The four variables at a node.
fn values(fields: &FlowFields, node: u32) -> [f64; 4] {
    let k = node as usize;
    let [u_x, u_y] = fields.velocity[k];
    [u_x, u_y, fields.pressure[k], fields.nut[k]]
}

fn columns_of(sample: &Sample) -> Result<[ColumnStatistics; 4], DatasetError> {
    let fields = FlowFields::from_sample(sample)?;
    let mut columns = NAMES.map(ColumnStatistics::new);
    for node in 0..fields.len() as u32 {
        for (column, value) in columns.iter_mut().zip(values(&fields, node)) {
            column.push(value);
        }
    }
    Ok(columns)
}

fn merge(parts: Vec<[ColumnStatistics; 4]>) -> Result<FieldStatistics, DatasetError> {
    let mut total = NAMES.map(ColumnStatistics::new);
    for part in &parts {
        for (total, column) in total.iter_mut().zip(part) {
            total.merge(column);
        }
    }
    if total[0].count == 0 {
        return Err(DatasetError::Argument {
            what: "field statistics",
            problem: "no nodes: the train part has no cases".to_owned(),
        });
    }
    let of = |f: fn(&ColumnStatistics) -> f64| std::array::from_fn(|k| f(&total[k]));
    Ok(FieldStatistics {
        mean: of(|c| c.mean),
        std: of(ColumnStatistics::std),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(rows: &[[f64; 4]]) -> FlowFields {
        FlowFields {
            velocity: rows.iter().map(|r| [r[0], r[1]]).collect(),
            pressure: rows.iter().map(|r| r[2]).collect(),
            nut: rows.iter().map(|r| r[3]).collect(),
        }
    }

    #[test]
    fn errors_are_in_units_of_the_train_spread() {
        let statistics = FieldStatistics {
            mean: [9.0; 4],
            std: [2.0, 0.5, 10.0, 0.0],
        };
        let truth = fields(&[
            [1.0, 1.0, 1.0, 1.0],
            [0.0, 0.0, 0.0, 0.0],
            [5.0, 5.0, 5.0, 5.0],
        ]);
        let prediction = fields(&[[3.0, 2.0, 6.0, 1.0], [9.0; 4], [5.0, 5.0, 5.0, 5.0 + 2e-8]]);
        let mse = statistics
            .mean_squared_error(&truth, &prediction, [0, 2].into_iter())
            .to_array();
        // One of the two nodes is off by one std, two std and half a std; nu_t, which was constant
        // in train, by two times the 1e-8 that stands in for its spread.
        for (found, exact) in mse.iter().zip([0.5, 2.0, 0.125, 2.0]) {
            assert!((found - exact).abs() < 1e-6, "{mse:?}");
        }
    }

    /// Denominator: the spread of the truth, 2; with the prediction's (8) it would be 0.75.
    #[test]
    fn r_squared_has_the_truth_in_the_denominator() {
        let truth = fields(&[[-1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]]);
        let prediction = fields(&[[-2.0, 1.0, 0.0, 0.0], [2.0, 1.0, 0.0, 0.0]]);
        let found = r_squared(&truth, &prediction, 0..2);
        assert_eq!(found.u_x, Some(0.0));
        assert_eq!(found.u_y, None);
    }

    #[test]
    fn pooled_statistics_weigh_nodes_not_cases() {
        use crate::scorer::testing::{Case, polygon};
        let small = Case::new(polygon(10)).sample(|_| ([1.0, -1.0], 4.0, 0.5));
        let large = Case::new(polygon(30)).sample(|_| ([5.0, -1.0], 0.0, 0.5));
        let found = FieldStatistics::from_samples([&small, &large]).unwrap();
        // A quarter of the nodes at 1, three quarters at 5.
        assert!((found.mean[0] - 4.0).abs() < 1e-12 && (found.std[0] - 3f64.sqrt()).abs() < 1e-12);
        assert!((found.mean[2] - 1.0).abs() < 1e-12 && (found.std[2] - 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(
            (found.mean[1], found.std[1], found.std[3]),
            (-1.0, 0.0, 0.0)
        );
        let none = FieldStatistics::from_samples([]).unwrap_err().to_string();
        assert!(none.contains("no nodes"), "{none}");
    }
}
