//! Scaling of named columns, and back.

use serde::{Deserialize, Serialize};

use crate::{ColumnStatistics, DatasetError};

/// How a column is scaled before a model sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Left as it is.
    None,
    /// `(v - mean) / std`.
    ZScore,
    /// Onto [-1, 1] by the smallest and largest value of the train part.
    MinMax,
}

/// What a column is moved and divided by.
pub(crate) fn shift_and_scale(column: &ColumnStatistics, scaling: Scaling) -> (f64, f64) {
    match scaling {
        Scaling::None => (0.0, 1.0),
        Scaling::ZScore => (column.mean, column.safe_std()),
        Scaling::MinMax => {
            let half = 0.5 * (column.max - column.min);
            let centre = 0.5 * (column.max + column.min);
            let floor = 1e-12 * centre.abs().max(f64::MIN_POSITIVE);
            (centre, if half > floor { half } else { 1.0 })
        }
    }
}

/// `(v - shift) / scale` for each of several named columns, and back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Transform {
    names: Vec<String>,
    shift: Vec<f64>,
    scale: Vec<f64>,
}

impl Transform {
    /// Appends a column. A `scale` of zero, or one that is not finite, is taken as 1.
    pub fn push(&mut self, name: impl Into<String>, shift: f64, scale: f64) {
        self.names.push(name.into());
        self.shift.push(shift);
        let usable = scale.is_finite() && scale != 0.0;
        self.scale.push(if usable { scale } else { 1.0 });
    }

    /// Appends all columns of another transform, so that columns scaled in different ways can
    /// stand in one row.
    pub fn extend(&mut self, other: &Self) {
        self.names.extend_from_slice(&other.names);
        self.shift.extend_from_slice(&other.shift);
        self.scale.extend_from_slice(&other.scale);
    }

    /// The columns in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is subtracted from each column, in its physical unit.
    pub fn shift(&self) -> &[f64] {
        &self.shift
    }

    /// What each column is divided by, in its physical unit; never zero.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Scales row-major rows in place.
    ///
    /// # Shapes
    /// `rows`: `[n, columns]`.
    ///
    /// # Errors
    /// A length that is not a multiple of the number of columns.
    pub fn apply(&self, rows: &mut [f32]) -> Result<(), DatasetError> {
        self.each(rows, |v, shift, scale| (v - shift) / scale)
    }

    /// Back to physical units, in place.
    ///
    /// # Shapes
    /// `rows`: `[n, columns]`.
    ///
    /// # Errors
    /// A length that is not a multiple of the number of columns.
    pub fn invert(&self, rows: &mut [f32]) -> Result<(), DatasetError> {
        self.each(rows, |v, shift, scale| v * scale + shift)
    }

    fn each(&self, rows: &mut [f32], f: impl Fn(f64, f64, f64) -> f64) -> Result<(), DatasetError> {
        let width = self.names.len();
        if width == 0 || !rows.len().is_multiple_of(width) {
            return Err(DatasetError::Size {
                what: "length of row-major rows, modulo the number of columns".into(),
                expected: width,
                found: rows.len(),
            });
        }
        for row in rows.chunks_exact_mut(width) {
            for ((value, &shift), &scale) in row.iter_mut().zip(&self.shift).zip(&self.scale) {
                *value = f(f64::from(*value), shift, scale) as f32;
            }
        }
        Ok(())
    }
}
