//! An airfoil case for simpleFoam: mesh, boundary conditions, schemes and controls.
//!
//! The set-up is AirfRANS's: k-omega SST, SIMPLEC, second-order upwind convection, one outer boundary with
//! freestream conditions, `k = 1e-3 U²/Re_L` and `omega = 5 U/L` there (Menter, "Two-equation eddy-viscosity
//! turbulence models for engineering applications", AIAA Journal 32(8), 1994), with L the size of the domain.
//! Reference: Bonnet et al., "AirfRANS", NeurIPS 2022 Datasets and Benchmarks, arXiv:2212.07564, and its
//! generator, github.com/Extrality/NACA_simulation.
//!
//! Departures:
//! 1. The grid is hyperbolic and coarser (AirfRANS's blockMesh has about 180 thousand cells in the box alone).
//! 2. Linear solvers stop at a relative tolerance; AirfRANS's go to a fixed residual.
//! 3. The eddy viscosity of the oncoming flow is `k / omega`; AirfRANS writes nu there, which simpleFoam
//!    overwrites with the same quotient except on the boundary.
//! 4. With wall functions (not in AirfRANS) nut follows Spalding's law.

mod constant;
mod fields;
mod system;
mod wall;

use std::path::Path;

use karman_meshes::{CGrid, Contour, FarFieldOptions};
use serde::{Deserialize, Serialize};

use super::mesh::{FoamMesh, MeshQuality, QualityLimits, write_poly_mesh};
use crate::files::write_atomically;
use crate::{Conditions, DatasetError};

pub use wall::WallTreatment;

/// The depth of a case along z, m: with a chord of 1 m, forces are coefficients times `U²/2`.
const SPAN: f64 = 1.0;

/// How fine the grid of a case is, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FoamGrid {
    /// Cells on each side of the section.
    pub surface_cells: usize,
    /// Cells along the wake.
    pub wake_cells: usize,
    /// Cells from the wall to the outer boundary.
    pub normal_cells: usize,
    /// From the section to the outer boundary, in chords; about half of it upstream of the nose.
    pub radius: f64,
}

impl Default for FoamGrid {
    /// 300 by 88 cells out to 200 chords.
    fn default() -> Self {
        let usual = FarFieldOptions::default();
        Self {
            surface_cells: usual.surface_cells,
            wake_cells: usual.wake_cells,
            normal_cells: usual.normal_cells,
            radius: usual.radius,
        }
    }
}

/// How simpleFoam is to work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FoamControls {
    /// Iterations at most.
    pub max_iterations: usize,
    /// Iterations between states that a run can be taken up from; 0 writes the last one only.
    pub write_interval: usize,
    /// Relaxation of the momentum equation, above 0 and below 1.
    pub relax_velocity: f64,
    /// Relaxation of the equations of k and omega, above 0 and below 1.
    pub relax_turbulence: f64,
}

impl Default for FoamControls {
    fn default() -> Self {
        Self {
            max_iterations: 3000,
            write_interval: 0,
            relax_velocity: 0.9,
            relax_turbulence: 0.8,
        }
    }
}

/// An airfoil in a flow, as it is put to OpenFOAM.
#[derive(Debug, Clone)]
pub struct FoamCase {
    /// The section: chord 1 m along x.
    pub contour: Contour,
    /// Speed, angle of attack and viscosity. The section lies along x; the flow is turned.
    pub conditions: Conditions,
    /// The grid.
    pub grid: FoamGrid,
    /// What happens at the wall.
    pub wall: WallTreatment,
    /// The solver's controls.
    pub controls: FoamControls,
}

impl FoamCase {
    /// A case with the usual grid, a resolved wall and the usual controls.
    pub fn new(contour: Contour, conditions: Conditions) -> Self {
        Self {
            contour,
            conditions,
            grid: FoamGrid::default(),
            wall: WallTreatment::default(),
            controls: FoamControls::default(),
        }
    }

    /// The plane grid, from the wall to the outer boundary.
    ///
    /// # Errors
    /// Options without sense, or a section around which no grid was found.
    pub fn plane_grid(&self) -> Result<CGrid, DatasetError> {
        self.check()?;
        let options = FarFieldOptions {
            surface_cells: self.grid.surface_cells,
            wake_cells: self.grid.wake_cells,
            normal_cells: self.grid.normal_cells,
            first_height: self.wall.first_height(&self.conditions),
            radius: self.grid.radius,
        };
        CGrid::far_field(&self.contour, &options).map_err(DatasetError::mesh("airfoil"))
    }

    /// Writes the case into `folder` (created; what is there of the same name is overwritten), and says how
    /// good its mesh is.
    ///
    /// # Errors
    /// As [`FoamCase::plane_grid`]; a mesh beyond the [`QualityLimits`]; what the file system says.
    pub fn write(&self, folder: &Path) -> Result<MeshQuality, DatasetError> {
        let grid = self.plane_grid()?;
        let mesh = FoamMesh::extrude(&grid.mesh, SPAN)?;
        let quality = MeshQuality::new(&mesh);
        if let Some(fault) = quality.fault(&QualityLimits::default()) {
            let problem = format!("{fault}; change surface_cells, wake_cells or normal_cells");
            return Err(self.wrong("mesh", problem));
        }
        write_poly_mesh(&mesh, &folder.join("constant/polyMesh"))?;
        let files = constant::files(self)
            .into_iter()
            .chain(system::files(self))
            .chain(fields::files(self));
        for (place, text) in files {
            let path = folder.join(place);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(DatasetError::io("create", parent))?;
            }
            write_atomically(&path, text.as_bytes())?;
        }
        Ok(quality)
    }

    fn check(&self) -> Result<(), DatasetError> {
        if let Some(problem) = self.conditions.fault() {
            return Err(self.wrong("conditions", problem));
        }
        self.wall.check()?;
        let chord = self.contour.chord();
        let length = chord.trailing_edge[0] - chord.leading_edge[0];
        if (length - 1.0).abs() > 0.05 {
            let problem = format!("extends {length} m along x; a chord of 1 m is needed");
            return Err(self.wrong("contour", problem));
        }
        let FoamControls {
            max_iterations,
            relax_velocity,
            relax_turbulence,
            ..
        } = self.controls;
        if max_iterations == 0 {
            return Err(self.wrong("max_iterations", "is 0; at least 1".into()));
        }
        for (name, value) in [
            ("relax_velocity", relax_velocity),
            ("relax_turbulence", relax_turbulence),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return Err(self.wrong(name, format!("is {value}; above 0 and below 1")));
            }
        }
        Ok(())
    }

    fn wrong(&self, what: &'static str, problem: String) -> DatasetError {
        DatasetError::Argument { what, problem }
    }

    /// The length L of the oncoming turbulence, m: the size of the domain.
    fn turbulence_length(&self) -> f64 {
        2.0 * self.grid.radius
    }

    /// k of the oncoming flow, m²/s².
    fn inlet_k(&self) -> f64 {
        let Conditions { speed, nu, .. } = self.conditions;
        1e-3 * speed * nu / self.turbulence_length()
    }

    /// omega of the oncoming flow, 1/s.
    fn inlet_omega(&self) -> f64 {
        5.0 * self.conditions.speed / self.turbulence_length()
    }
}

#[cfg(test)]
mod tests;
