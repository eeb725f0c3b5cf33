//! The values that a swept parameter takes.

use serde::{Deserialize, Serialize};
use toml::Value;

/// The range of a parameter, and how its values lie in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterRange {
    /// Any number between two, evenly.
    Uniform([f64; 2]),
    /// Any number between two positive ones, evenly in its logarithm.
    LogUniform([f64; 2]),
    /// Any whole number from one to another, both included.
    Integers([i64; 2]),
    /// One of these.
    Choice(Vec<Value>),
}

impl ParameterRange {
    /// What is wrong with it, if anything, as a clause.
    pub(super) fn fault(&self) -> Option<String> {
        match self {
            Self::Uniform([a, b]) if !(a.is_finite() && b.is_finite() && a < b) => Some(format!(
                "uniform = [{a}, {b}] is no range; two ascending finite numbers are needed"
            )),
            Self::LogUniform([a, b]) if !(b.is_finite() && 0.0 < *a && a < b) => Some(format!(
                "log_uniform = [{a}, {b}] is no range; two ascending positive numbers are needed"
            )),
            Self::Integers([a, b]) if a > b => Some(format!(
                "integers = [{a}, {b}] is no range; the second must not be below the first"
            )),
            Self::Choice(values) if values.is_empty() => {
                Some("choice = [] is empty; at least one value is needed".into())
            }
            Self::Choice(values) => values
                .iter()
                .find(|value| value.is_table() || value.is_datetime() || value.is_array())
                .map(|value| format!("{value} is no choice; numbers and texts are possible")),
            _ => None,
        }
    }

    /// The value at `0 <= u < 1`, so that equal steps of `u` are equally likely.
    pub(super) fn at(&self, u: f64) -> Value {
        // Rounding must not lead past the end.
        let pick = |n: usize| ((u * n as f64) as usize).min(n.saturating_sub(1));
        match self {
            Self::Uniform([a, b]) => Value::Float((a + (b - a) * u).clamp(*a, *b)),
            Self::LogUniform([a, b]) => Value::Float((a * (b / a).powf(u)).clamp(*a, *b)),
            Self::Integers([a, b]) => {
                Value::Integer(a + pick(a.abs_diff(*b).saturating_add(1) as usize) as i64)
            }
            Self::Choice(values) => values[pick(values.len())].clone(),
        }
    }

    /// The number of values, where they can be counted.
    pub(super) fn count(&self) -> Option<usize> {
        match self {
            Self::Choice(values) => Some(values.len()),
            Self::Integers([a, b]) => Some(a.abs_diff(*b).saturating_add(1) as usize),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_their_range() {
        let uniform = ParameterRange::Uniform([2.0, 4.0]);
        assert_eq!(uniform.at(0.25), Value::Float(2.5));
        let log = ParameterRange::LogUniform([1e-4, 1.0]);
        let middle = log.at(0.5).as_float().unwrap();
        assert!((middle - 1e-2).abs() < 1e-15, "{middle}");
        let whole = ParameterRange::Integers([-1, 1]);
        let values = [0.0, 0.34, 0.99].map(|u| whole.at(u).as_integer().unwrap());
        assert_eq!(values, [-1, 0, 1]);
        let last = 1.0 - f64::EPSILON / 2.0;
        assert_eq!(whole.at(last), Value::Integer(1));
        for range in [uniform, log] {
            let value = range.at(last).as_float().unwrap();
            assert!(value <= 4.0);
        }
    }

    #[test]
    fn ranges_that_are_none_are_told() {
        for (text, fine) in [
            ("uniform = [1, 2]", true),
            ("uniform = [2, 1]", false),
            ("uniform = [1, inf]", false),
            ("log_uniform = [0, 1]", false),
            ("log_uniform = [1e-3, 1]", true),
            ("integers = [3, 3]", true),
            ("integers = [3, 2]", false),
            ("choice = []", false),
            ("choice = [\"disc\", \"square\"]", true),
            ("choice = [[1]]", false),
        ] {
            let range: ParameterRange = toml::from_str(text).unwrap();
            assert_eq!(range.fault().is_none(), fine, "{text}");
        }
    }
}
