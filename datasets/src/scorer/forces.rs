//! Force coefficients from fields on the nodes.
//!
//! `F = sum over segments of (p n_in + tau_w) L`, with `p`, `n_in` and `tau_w` averaged from the
//! segment's two points, and `(C_D, C_L) = R F / (U^2/2)` with `R` the turn into the wind axes and
//! a reference chord of 1 m. Reference: Bonnet et al., "AirfRANS", NeurIPS 2022 Datasets and
//! Benchmarks, arXiv:2212.07564; its package's `Simulation.force`.
//!
//! Before, the wall's boundary conditions are put in: velocity is zero at the wall nodes.

use serde::{Deserialize, Serialize};

use super::fields::FlowFields;
use super::wall::Wall;
use super::wall_law::{WallLaw, wall_law_shear};
use super::wall_shear::wall_shear;
use crate::{DatasetError, Sample};

/// Force coefficients of an airfoil (chord 1 m), and their parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Forces {
    /// Drag coefficient.
    pub cd: f64,
    /// Lift coefficient.
    pub cl: f64,
    /// Drag coefficient, part of the pressure.
    pub cd_pressure: f64,
    /// Drag coefficient, part of the friction.
    pub cd_viscous: f64,
    /// Lift coefficient, part of the pressure.
    pub cl_pressure: f64,
    /// Lift coefficient, part of the friction.
    pub cl_viscous: f64,
}

/// The normal of a segment in the pressure integral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NormalRule {
    /// The mean of the normals at its two points, not renormalised: AirfRANS's definition. A
    /// little shorter than one where the wall is curved.
    #[default]
    PointMean,
    /// The segment's own normal. Exact for linear pressure over a closed contour.
    Segment,
}

/// Where the friction comes from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Friction {
    /// The velocity gradient at the wall nodes: AirfRANS's definition.
    #[default]
    Resolved,
    /// A law of the wall fitted to the velocity off the wall. Not comparable with published
    /// AirfRANS coefficients.
    WallLaw(WallLaw),
}

/// Choices of the force integral. The default is AirfRANS's definition.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ForceOptions {
    /// Normals in the pressure integral.
    pub normals: NormalRule,
    /// Source of the friction.
    pub friction: Friction,
}

/// Pressure and friction at every contour point.
#[derive(Debug, Clone, PartialEq)]
pub struct WallState {
    /// Kinematic pressure, m²/s².
    pub pressure: Vec<f64>,
    /// Kinematic wall shear stress, m²/s².
    pub shear: Vec<[f64; 2]>,
}

/// What one segment adds to the coefficients: (drag, lift) of pressure and of friction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SegmentForce {
    /// Drag and lift coefficient from pressure.
    pub pressure: [f64; 2],
    /// Drag and lift coefficient from friction.
    pub viscous: [f64; 2],
}

impl WallState {
    /// Pressure and friction on the wall from fields on all nodes, wall conditions put in first.
    ///
    /// # Errors
    /// Fields of another length than the mesh; see [`wall_shear`] and [`wall_law_shear`].
    pub fn new(
        sample: &Sample,
        wall: &Wall,
        fields: &FlowFields,
        friction: Friction,
    ) -> Result<Self, DatasetError> {
        fields.check_len(&sample.name, "fields", sample.mesh.n_points())?;
        let fields = fields.clone().with_wall_conditions(wall);
        let shear = match friction {
            Friction::Resolved => wall_shear(sample, wall, &fields)?,
            Friction::WallLaw(law) => wall_law_shear(sample, wall, &fields, law)?,
        };
        let pressure = wall
            .nodes
            .iter()
            .map(|&node| fields.pressure[node as usize])
            .collect();
        Ok(Self { pressure, shear })
    }

    /// What each contour segment adds to the coefficients.
    pub fn segment_forces(&self, wall: &Wall, normals: NormalRule) -> Vec<SegmentForce> {
        let scale = 1.0 / wall.dynamic_pressure();
        (0..wall.len())
            .map(|k| {
                let [a, b] = wall.ends(k);
                let mean = |of: &[[f64; 2]]| [0, 1].map(|c| 0.5 * (of[a][c] + of[b][c]));
                let normal = match normals {
                    NormalRule::PointMean => mean(&wall.inward),
                    NormalRule::Segment => wall.segment_inward(k),
                };
                let pressure = 0.5 * (self.pressure[a] + self.pressure[b]);
                let length = wall.lengths[k] * scale;
                SegmentForce {
                    pressure: wall.to_wind(normal.map(|n| pressure * n * length)),
                    viscous: wall.to_wind(mean(&self.shear).map(|t| t * length)),
                }
            })
            .collect()
    }

    /// The coefficients: the sum over all segments.
    pub fn forces(&self, wall: &Wall, normals: NormalRule) -> Forces {
        let (mut pressure, mut viscous) = ([0.0; 2], [0.0; 2]);
        for part in self.segment_forces(wall, normals) {
            for a in 0..2 {
                pressure[a] += part.pressure[a];
                viscous[a] += part.viscous[a];
            }
        }
        Forces {
            cd: pressure[0] + viscous[0],
            cl: pressure[1] + viscous[1],
            cd_pressure: pressure[0],
            cd_viscous: viscous[0],
            cl_pressure: pressure[1],
            cl_viscous: viscous[1],
        }
    }
}

/// Force coefficients of fields on a sample, as AirfRANS defines them.
///
/// # Errors
/// As [`Wall::from_sample`] and [`WallState::new`].
pub fn forces_of(sample: &Sample, fields: &FlowFields) -> Result<Forces, DatasetError> {
    let wall = Wall::from_sample(sample)?;
    forces_with(sample, &wall, fields, ForceOptions::default())
}

/// Force coefficients with other choices than AirfRANS's, on a wall that is known already.
///
/// # Errors
/// As [`WallState::new`].
pub fn forces_with(
    sample: &Sample,
    wall: &Wall,
    fields: &FlowFields,
    options: ForceOptions,
) -> Result<Forces, DatasetError> {
    let state = WallState::new(sample, wall, fields, options.friction)?;
    Ok(state.forces(wall, options.normals))
}

#[cfg(test)]
#[path = "forces_tests.rs"]
mod tests;
