//! What is known about a case besides its fields.

use serde::{Deserialize, Serialize};

use crate::Forces;

/// The descriptor of a case: conditions, shape and sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseInfo {
    /// Name of the case.
    pub name: String,
    /// Inlet speed, m/s.
    pub speed: f64,
    /// Angle of attack, degrees.
    pub aoa: f64,
    /// Inlet velocity, m/s.
    pub inlet: [f64; 2],
    /// Kinematic viscosity, m²/s.
    pub nu: f64,
    /// The 20 geometric measures of the airfoil, in the order of
    /// [`AirfoilMeasures::names`](karman_meshes::AirfoilMeasures::names).
    pub measures: [f64; 20],
    /// NACA digits from the name: three (4-digit) or four (5-digit); empty when it has none.
    pub digits: Vec<f64>,
    /// Largest distance to the airfoil in the case, m.
    pub sdf_max: f64,
    /// Nodes of the internal mesh.
    pub n_points: usize,
    /// Nodes of them on the airfoil.
    pub n_surface: usize,
    /// Coefficients integrated from the true fields by [`forces_of`](crate::forces_of); `None`
    /// where that could not be done, with the reason in the notes.
    pub coefficients: Option<Forces>,
    /// Lift coefficient of the inviscid flow, by vortex panels (Kutta and Joukowski).
    pub panel_cl: f64,
    /// Its moment coefficient about the quarter chord, positive nose up.
    pub panel_cm: f64,
    /// Oddities of the case's files.
    pub notes: Vec<String>,
}

impl CaseInfo {
    /// Reynolds number on the chord of 1 m.
    pub fn reynolds(&self) -> f64 {
        self.speed / self.nu
    }
}
