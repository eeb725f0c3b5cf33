//! Statistics of named columns.
//!
//! B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
//! Technometrics 4 (1962); merged across threads and cases as in T. F. Chan, G. H. Golub,
//! R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
//! COMPSTAT 1982. All sums are f64, whatever the columns are stored as.
//!
//! The statistics come from the train part only: the caller hands in those rows and no others.

use serde::{Deserialize, Serialize};

use crate::transform::shift_and_scale;
use crate::{DatasetError, Scaling, Transform};

/// Count, mean, spread and range of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnStatistics {
    /// Name of the column.
    pub name: String,
    /// Values seen.
    pub count: u64,
    /// Arithmetic mean; 0 before a value is seen.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub m2: f64,
    /// Smallest value; +infinity (stored as null) before a value is seen.
    #[serde(with = "bound::lower")]
    pub min: f64,
    /// Largest value; -infinity (stored as null) before a value is seen.
    #[serde(with = "bound::upper")]
    pub max: f64,
}

impl ColumnStatistics {
    /// Statistics of no values yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            count: 0,
            mean: 0.0,
            m2: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Adds one value.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let deviation = value - self.mean;
        self.mean += deviation / self.count as f64;
        self.m2 += deviation * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let (total, difference) = (a + b, other.mean - self.mean);
        self.mean += difference * b / total;
        self.m2 += other.m2 + difference * difference * a * b / total;
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Population variance (divided by the count, as numpy does); 0 before a value is seen.
    pub fn variance(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.m2 / self.count as f64
        }
    }

    /// Population standard deviation.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The standard deviation to divide by: 1 where the column is constant to rounding, so that a
    /// constant column maps to zero and not to amplified rounding errors.
    pub fn safe_std(&self) -> f64 {
        let floor = 1e-12 * self.mean.abs().max(self.max.abs()).max(f64::MIN_POSITIVE);
        let std = self.std();
        if std > floor { std } else { 1.0 }
    }
}

/// Statistics of several columns by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Normaliser {
    columns: Vec<ColumnStatistics>,
}

impl Normaliser {
    /// Statistics of no rows yet, for columns of these names.
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        Self {
            columns: names
                .iter()
                .map(|n| ColumnStatistics::new(n.as_ref()))
                .collect(),
        }
    }

    /// From statistics made elsewhere.
    pub fn from_columns(columns: Vec<ColumnStatistics>) -> Self {
        Self { columns }
    }

    /// All columns in order.
    pub fn columns(&self) -> &[ColumnStatistics] {
        &self.columns
    }

    /// The statistics of one column.
    ///
    /// # Errors
    /// [`DatasetError::UnknownColumn`], which lists the names there are.
    pub fn column(&self, name: &str) -> Result<&ColumnStatistics, DatasetError> {
        self.columns
            .iter()
            .find(|c| c.name == name)
            .ok_or_else(|| DatasetError::UnknownColumn {
                name: name.to_string(),
                available: self.columns.iter().map(|c| c.name.clone()).collect(),
            })
    }

    /// Adds row-major rows whose columns are those of this normaliser, in order.
    ///
    /// # Shapes
    /// `rows`: `[n, columns]`.
    ///
    /// # Errors
    /// A length that is not a multiple of the number of columns, or a value that is not finite.
    pub fn push_rows(&mut self, rows: &[f32]) -> Result<(), DatasetError> {
        let width = self.columns.len();
        if width == 0 || !rows.len().is_multiple_of(width) {
            return Err(DatasetError::Size {
                what: "length of row-major rows, modulo the number of columns".into(),
                expected: width,
                found: rows.len(),
            });
        }
        if let Some(at) = rows.iter().position(|v| !v.is_finite()) {
            return Err(DatasetError::Argument {
                what: "rows to normalise by",
                problem: format!(
                    "column \"{}\" is {} in row {}",
                    self.columns[at % width].name,
                    rows[at],
                    at / width
                ),
            });
        }
        for row in rows.chunks_exact(width) {
            for (column, &value) in self.columns.iter_mut().zip(row) {
                column.push(f64::from(value));
            }
        }
        Ok(())
    }

    /// Adds everything that `other` has seen.
    ///
    /// # Errors
    /// Columns of other names, or in another order.
    pub fn merge(&mut self, other: &Self) -> Result<(), DatasetError> {
        let names = |n: &Self| n.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        if names(self) != names(other) {
            return Err(DatasetError::Argument {
                what: "statistics to merge",
                problem: format!("columns {:?} against {:?}", names(self), names(other)),
            });
        }
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.merge(theirs);
        }
        Ok(())
    }

    /// The scaling of the named columns, in the order asked for.
    ///
    /// # Errors
    /// An unknown column, or one of which no value was seen.
    pub fn transform<S: AsRef<str>>(
        &self,
        names: &[S],
        scaling: Scaling,
    ) -> Result<Transform, DatasetError> {
        let mut transform = Transform::default();
        for name in names {
            let column = self.column(name.as_ref())?;
            if column.count == 0 && scaling != Scaling::None {
                return Err(DatasetError::Argument {
                    what: "normaliser",
                    problem: format!("column \"{}\" has seen no values", column.name),
                });
            }
            let (shift, scale) = shift_and_scale(column, scaling);
            transform.push(column.name.clone(), shift, scale);
        }
        Ok(transform)
    }
}

/// JSON has no infinities: the bounds of a column that has seen no value are stored as null.
mod bound {
    macro_rules! bound {
        ($name:ident, $empty:expr) => {
            pub mod $name {
                use serde::{Deserialize, Deserializer, Serialize, Serializer};
                pub fn serialize<S: Serializer>(v: &f64, s: S) -> Result<S::Ok, S::Error> {
                    v.is_finite().then_some(*v).serialize(s)
                }
                pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
                    Ok(Option::<f64>::deserialize(d)?.unwrap_or($empty))
                }
            }
        };
    }
    bound!(lower, f64::INFINITY);
    bound!(upper, f64::NEG_INFINITY);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f32]) -> Normaliser {
        let mut normaliser = Normaliser::new(&["v"]);
        normaliser.push_rows(values).unwrap();
        normaliser
    }

    #[test]
    fn known_values() {
        let normaliser = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        let column = normaliser.column("v").unwrap();
        assert_eq!((column.mean, column.std()), (5.0, 2.0));
        assert_eq!((column.min, column.max, column.count), (2.0, 9.0, 8));
    }

    /// The textbook sum of squares loses all digits here: 1e8 squared has no room for 0.25.
    #[test]
    fn large_offset_keeps_its_digits() {
        let mut column = ColumnStatistics::new("p");
        for i in 0..100_000 {
            column.push(1e8 + f64::from(i % 2));
        }
        assert!(
            (column.variance() - 0.25).abs() < 1e-9,
            "{}",
            column.variance()
        );
    }

    #[test]
    fn constant_columns_scale_to_zero() {
        let normaliser = of(&[0.1; 50]);
        for scaling in [Scaling::ZScore, Scaling::MinMax] {
            let transform = normaliser.transform(&["v"], scaling).unwrap();
            let mut rows = [0.1f32, 0.1];
            transform.apply(&mut rows).unwrap();
            assert!(rows.iter().all(|v| v.abs() < 1e-6), "{rows:?}");
        }
    }

    #[test]
    fn small_columns_are_not_taken_for_constant() {
        let transform = of(&[1e-5, 3e-5])
            .transform(&["v"], Scaling::ZScore)
            .unwrap();
        let mut rows = [1e-5f32, 3e-5];
        transform.apply(&mut rows).unwrap();
        assert!(
            (rows[0] + 1.0).abs() < 1e-5 && (rows[1] - 1.0).abs() < 1e-5,
            "{rows:?}"
        );
    }

    #[test]
    fn min_max_reaches_both_ends() {
        let transform = of(&[-3.0, 0.0, 5.0])
            .transform(&["v"], Scaling::MinMax)
            .unwrap();
        let mut rows = [-3.0f32, 1.0, 5.0];
        transform.apply(&mut rows).unwrap();
        assert_eq!(rows, [-1.0, 0.0, 1.0]);
    }

    #[test]
    fn wrong_input_is_an_error() {
        let mut normaliser = Normaliser::new(&["a", "b"]);
        assert!(normaliser.push_rows(&[1.0]).is_err());
        let message = normaliser
            .push_rows(&[1.0, 2.0, 3.0, f32::NAN])
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("\"b\"") && message.contains("row 1"),
            "{message}"
        );
        assert!(
            normaliser.transform(&["a"], Scaling::ZScore).is_err(),
            "no values seen"
        );
        let message = normaliser.column("c").unwrap_err().to_string();
        assert!(message.contains("a, b"), "{message}");
        assert!(normaliser.merge(&Normaliser::new(&["b", "a"])).is_err());
    }

    #[test]
    fn survives_json() {
        for normaliser in [of(&[1.5, -2.25, 0.1]), Normaliser::new(&["empty"])] {
            let text = serde_json::to_string(&normaliser).unwrap();
            assert_eq!(
                serde_json::from_str::<Normaliser>(&text).unwrap(),
                normaliser
            );
        }
    }

    proptest! {
        #[test]
        fn merged_parts_equal_the_whole(
            values in prop::collection::vec(-1e3f32..1e3, 1..200), cut in 0usize..200,
        ) {
            let cut = cut.min(values.len());
            let mut parts = Normaliser::new(&["v"]);
            for part in [&values[..cut], &values[cut..]] {
                parts.merge(&if part.is_empty() { Normaliser::new(&["v"]) } else { of(part) }).unwrap();
            }
            let (whole, parts) = (of(&values), parts);
            let (w, p) = (&whole.columns[0], &parts.columns[0]);
            prop_assert!((w.mean - p.mean).abs() < 1e-9);
            prop_assert!((w.m2 - p.m2).abs() < 1e-6 * (1.0 + w.m2));
            prop_assert_eq!((w.count, w.min, w.max), (p.count, p.min, p.max));
        }

        #[test]
        fn inverse_undoes(values in prop::collection::vec(-1e3f32..1e3, 2..50)) {
            for scaling in [Scaling::None, Scaling::ZScore, Scaling::MinMax] {
                let transform = of(&values).transform(&["v"], scaling).unwrap();
                let mut rows = values.clone();
                transform.apply(&mut rows).unwrap();
                transform.invert(&mut rows).unwrap();
                for (a, b) in rows.iter().zip(&values) {
                    prop_assert!((a - b).abs() < 1e-3, "{} {}", a, b);
                }
            }
        }
    }
}
