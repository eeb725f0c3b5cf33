//! Names in the file of a trajectory, and what is written under them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::DatasetError;

/// Value of the root's attribute `format`.
pub(super) const FORMAT: &str = "karman-trajectory";
/// Version of the layout; a reader takes this one only.
pub(super) const VERSION: i64 = 1;
/// Group of the fields that change with time.
pub(super) const FIELDS: &str = "fields";
/// Group of the fields that do not.
pub(super) const STATIC: &str = "static";
/// Group of the checksums of each time of each field.
pub(super) const CHECKSUMS: &str = "checksums";
/// Group whose attributes are the parameters of the case.
pub(super) const PARAMETERS: &str = "parameters";
/// Group whose attributes tell where the case comes from.
pub(super) const PROVENANCE: &str = "provenance";
/// Dataset of the times, s.
pub(super) const TIME: &str = "t";
/// Datasets of the cells' centres along each axis, m, the fastest axis first.
pub(super) const AXES: [&str; 3] = ["x", "y", "z"];

/// Attributes of a group by name: numbers, texts, or lists of numbers.
pub type Attributes = BTreeMap<String, serde_json::Value>;

/// A uniform grid of cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryGrid {
    /// Cells along each axis, slowest first: `[z, y, x]`, `[y, x]` or `[x]`.
    pub shape: Vec<usize>,
    /// Size of a cell along each axis, in the same order, m.
    pub spacing: Vec<f64>,
    /// Centre of the first cell, in the same order, m.
    pub origin: Vec<f64>,
}

impl TrajectoryGrid {
    /// Cells in all.
    pub fn n_cells(&self) -> usize {
        self.shape.iter().product()
    }

    /// Names of the axes, in the order of the shape.
    pub(super) fn axes(&self) -> Vec<&'static str> {
        AXES[..self.shape.len()].iter().rev().copied().collect()
    }

    /// The cells' centres along an axis, m.
    pub fn centres(&self, axis: usize) -> Vec<f64> {
        let (origin, spacing) = (self.origin[axis], self.spacing[axis]);
        (0..self.shape[axis])
            .map(|i| origin + i as f64 * spacing)
            .collect()
    }

    /// # Errors
    /// No or more than three axes, lists of different lengths, an axis without cells, sizes that
    /// are not positive.
    pub(super) fn check(&self) -> Result<(), DatasetError> {
        let n = self.shape.len();
        let wrong = |problem: String| {
            Err(DatasetError::Argument {
                what: "grid of a trajectory",
                problem,
            })
        };
        if !(1..=3).contains(&n) || self.spacing.len() != n || self.origin.len() != n {
            return wrong(format!(
                "{n} axes with {} sizes and {} origins; one to three of each are needed",
                self.spacing.len(),
                self.origin.len()
            ));
        }
        let cells = self.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        if cells.is_none_or(|cells| cells == 0) {
            return wrong(format!("a shape of {:?}", self.shape));
        }
        let positive = |h: &f64| h.is_finite() && *h > 0.0;
        if !self.spacing.iter().all(positive) || !self.origin.iter().all(|x| x.is_finite()) {
            return wrong(format!(
                "cells of {:?} m from {:?} m on",
                self.spacing, self.origin
            ));
        }
        Ok(())
    }
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryField {
    /// Its name, for example `velocity`.
    pub name: String,
    /// Numbers in each cell.
    pub components: usize,
    /// Its unit, for example `m/s`; `1` where it has none.
    pub unit: String,
}

impl TrajectoryField {
    /// Names of its components: `velocity_x`, `velocity_y` for a vector of as many components as
    /// there are axes, `NAME_0` and so on for others, and the bare name of a scalar.
    pub fn component_names(&self, n_axes: usize) -> Vec<String> {
        let name = |c: usize| match self.components {
            1 => self.name.clone(),
            n if n == n_axes => format!("{}_{}", self.name, AXES[c]),
            _ => format!("{}_{c}", self.name),
        };
        (0..self.components).map(name).collect()
    }

    /// # Errors
    /// A name that cannot be one in a file, no components.
    pub(super) fn check(&self) -> Result<(), DatasetError> {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.name.is_empty() || !self.name.chars().all(letters) || self.components == 0 {
            return Err(DatasetError::Argument {
                what: "field of a trajectory",
                problem: format!(
                    "\"{}\" of {} components; a name of letters, digits and _ is needed, and at \
                     least one component",
                    self.name, self.components
                ),
            });
        }
        Ok(())
    }
}

/// A field that is the same at all times: a mask of solid cells, a coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticField {
    /// What it is.
    pub field: TrajectoryField,
    /// Its values: cells in C order, components last.
    pub values: Vec<f64>,
}

/// How many bytes a stored number has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Four: 7 digits.
    #[default]
    Single,
    /// Eight: 16 digits.
    Double,
}

impl Precision {
    /// Bytes of a number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Double => 8,
        }
    }
}

/// Everything about a trajectory that is known before the first time step.
#[derive(Clone, Debug, PartialEq)]
pub struct TrajectoryHeader {
    /// The cells.
    pub grid: TrajectoryGrid,
    /// The times that will be stored, in seconds, ascending.
    pub times: Vec<f64>,
    /// The fields that change with time.
    pub fields: Vec<TrajectoryField>,
    /// The fields that do not.
    pub statics: Vec<StaticField>,
    /// What distinguishes this case from others.
    pub parameters: Attributes,
    /// How numbers are stored.
    pub precision: Precision,
    /// Effort of deflate, 0 (not compressed) to 9.
    pub compression: u8,
}

impl TrajectoryHeader {
    /// # Errors
    /// What cannot be written: a grid, field, time or value that makes no sense.
    pub(super) fn check(&self) -> Result<(), DatasetError> {
        self.grid.check()?;
        let fields = || {
            let statics = self.statics.iter().map(|s| &s.field);
            self.fields.iter().chain(statics)
        };
        fields().try_for_each(TrajectoryField::check)?;
        let wrong = |what, problem| Err(DatasetError::Argument { what, problem });
        let mut names: Vec<&str> = fields().map(|f| f.name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let problem = format!("\"{}\" comes twice", twice[0]);
            return wrong("field of a trajectory", problem);
        }
        let ascending = self.times.windows(2).all(|pair| pair[0] < pair[1]);
        if self.times.is_empty() || !ascending || !self.times.iter().all(|t| t.is_finite()) {
            let problem = "must be finite and ascend, and there must be one".into();
            return wrong("times of a trajectory", problem);
        }
        if self.compression > 9 {
            let problem = format!("{}; 0 to 9 are possible", self.compression);
            return wrong("compression", problem);
        }
        for fixed in &self.statics {
            let expected = self.grid.n_cells() * fixed.field.components;
            if fixed.values.len() != expected {
                return Err(DatasetError::Size {
                    what: format!("values of the static field \"{}\"", fixed.field.name),
                    expected,
                    found: fixed.values.len(),
                });
            }
        }
        Ok(())
    }
}
