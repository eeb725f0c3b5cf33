//! Friction on the wall from the velocity gradient, AirfRANS's definition.
//!
//! At a wall node the velocity gradient `J` is the average over the incident cells of the cell's
//! parametric derivative (VTK's gradient filter); `S = (J + J^T)/2 - tr(S)/3 I` and `tau_w = -2 nu
//! S n_in` with the molecular viscosity alone and the normal into the body. Bonnet et al.,
//! "AirfRANS", NeurIPS 2022 Datasets and Benchmarks, arXiv:2212.07564, and its package's
//! `Simulation.wallshearstress`.

use karman_meshes::nodal_gradient;

use super::fields::FlowFields;
use super::wall::Wall;
use crate::{DatasetError, Sample};

/// Kinematic wall shear stress at every contour point: the force of the fluid on the wall per
/// area and density, m²/s².
///
/// # Errors
/// Fields of another length than the mesh, or wall nodes without a plane cell.
pub fn wall_shear(
    sample: &Sample,
    wall: &Wall,
    fields: &FlowFields,
) -> Result<Vec<[f64; 2]>, DatasetError> {
    fields.check_len(&sample.name, "fields", sample.mesh.n_points())?;
    let velocity = fields.velocity.as_flattened();
    let gradient = nodal_gradient(&sample.mesh, velocity, 2, Some(&wall.nodes))
        .map_err(DatasetError::mesh(&sample.name))?;
    let shear = |(j, n): (&[[f64; 3]], &[f64; 2])| -> [f64; 2] {
        let off = 0.5 * (j[0][1] + j[1][0]);
        let third = (j[0][0] + j[1][1]) / 3.0;
        let s = [[j[0][0] - third, off], [off, j[1][1] - third]];
        [0, 1].map(|a| -2.0 * wall.nu * (s[a][0] * n[0] + s[a][1] * n[1]))
    };
    Ok(gradient
        .chunks_exact(2)
        .zip(&wall.inward)
        .map(shear)
        .collect())
}
