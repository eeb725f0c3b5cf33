//! Flow fields on the nodes of a case, as the scorer sees them.

use karman_meshes::{Field, Location};

use super::wall::Wall;
use crate::sample::{point_field, scalar_values, vector_values};
use crate::{DatasetError, Sample};

/// Velocity, pressure and turbulent viscosity at every node of a sample's internal mesh, in the
/// mesh's node order. True or predicted.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowFields {
    /// Velocity, m/s.
    pub velocity: Vec<[f64; 2]>,
    /// Kinematic pressure relative to the far field, m²/s².
    pub pressure: Vec<f64>,
    /// Turbulent kinematic viscosity, m²/s.
    pub nut: Vec<f64>,
}

impl FlowFields {
    /// The true fields of a sample: its point arrays `U` (2 or 3 components), `p` and `nut`.
    ///
    /// # Errors
    /// An array that is absent or has another number of components.
    pub fn from_sample(sample: &Sample) -> Result<Self, DatasetError> {
        Self::from_fields(&sample.name, "internal", &sample.fields)
    }

    /// Fields from point arrays `U`, `p` and `nut` of any file; `case` and `place` (the file's
    /// name) are for the messages.
    ///
    /// # Errors
    /// An array that is absent, has another number of components, or another length than `U`.
    pub fn from_fields(case: &str, place: &str, fields: &[Field]) -> Result<Self, DatasetError> {
        let array = |name| point_field(case, place, fields, name);
        let found = Self {
            velocity: vector_values(case, place, array("U")?)?,
            pressure: scalar_values(case, place, array("p")?)?,
            nut: scalar_values(case, place, array("nut")?)?,
        };
        found.check_len(case, place, found.velocity.len())?;
        Ok(found)
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.velocity.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.velocity.is_empty()
    }

    /// The fields as point arrays `U` (3 components, m/s), `p` (m²/s²) and `nut` (m²/s) in single
    /// precision, as AirfRANS files hold them: what a predicted `NAME.vtu` consists of.
    ///
    /// # Errors
    /// Never for fields of equal lengths.
    pub fn to_fields(&self) -> Result<Vec<Field>, DatasetError> {
        let velocity: Vec<f32> = self
            .velocity
            .iter()
            .flat_map(|u| [u[0] as f32, u[1] as f32, 0.0])
            .collect();
        let single = |values: &[f64]| -> Vec<f32> { values.iter().map(|&v| v as f32).collect() };
        let field = |name, components, values: Vec<f32>, unit| {
            Field::new(name, Location::Point, components, values)
                .map(|field| field.with_unit(unit))
                .map_err(DatasetError::mesh("prediction"))
        };
        Ok(vec![
            field("U", 3, velocity, "m/s")?,
            field("p", 1, single(&self.pressure), "m2/s2")?,
            field("nut", 1, single(&self.nut), "m2/s")?,
        ])
    }

    /// The fields with the wall's boundary conditions put in: velocity and turbulent viscosity
    /// are zero at wall nodes, whatever was predicted there.
    pub fn with_wall_conditions(mut self, wall: &Wall) -> Self {
        for &node in &wall.all_nodes {
            if let (Some(u), Some(nut)) = (
                self.velocity.get_mut(node as usize),
                self.nut.get_mut(node as usize),
            ) {
                *u = [0.0; 2];
                *nut = 0.0;
            }
        }
        self
    }

    /// Checks that every array has `expected` entries.
    ///
    /// # Errors
    /// Names the array and both counts.
    pub(crate) fn check_len(
        &self,
        case: &str,
        place: &str,
        expected: usize,
    ) -> Result<(), DatasetError> {
        let lengths = [
            ("U", self.velocity.len()),
            ("p", self.pressure.len()),
            ("nut", self.nut.len()),
        ];
        match lengths.iter().find(|(_, found)| *found != expected) {
            None => Ok(()),
            Some((name, found)) => Err(DatasetError::Size {
                what: format!("case {case}: {place}: nodes of array \"{name}\""),
                expected,
                found: *found,
            }),
        }
    }

    /// Checks that every value is a finite number.
    ///
    /// # Errors
    /// Names the array, the index and the component.
    pub(crate) fn check_finite(&self, case: &str, place: &str) -> Result<(), DatasetError> {
        let arrays = [
            ("U", 2, self.velocity.as_flattened()),
            ("p", 1, &self.pressure),
            ("nut", 1, &self.nut),
        ];
        for (name, components, values) in arrays {
            if let Some(k) = values.iter().position(|v| !v.is_finite()) {
                return Err(DatasetError::Case {
                    case: case.to_owned(),
                    place: place.to_owned(),
                    problem: format!(
                        "array \"{name}\" is {} at node {}, component {}: the prediction is not \
                         usable",
                        values[k],
                        k / components,
                        k % components
                    ),
                });
            }
        }
        Ok(())
    }
}
