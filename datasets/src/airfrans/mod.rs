//! AirfRANS-style data sets: a manifest and one folder of VTK files per case.
//!
//! F. Bonnet, J. A. Mazari, P. Cinnella, P. Gallinari, "AirfRANS: High Fidelity Computational Fluid
//! Dynamics Dataset for Approximating Reynolds-Averaged Navier-Stokes Solutions", NeurIPS 2022
//! Datasets and Benchmarks, arXiv:2212.07564.

mod air;
mod case;
mod conditions;
mod dataset;
mod load;
mod manifest;
mod name;
mod wall;

pub use air::{AIRFRANS_TEMPERATURE, air_kinematic_viscosity};
pub(crate) use case::globals;
pub use conditions::Conditions;
pub use dataset::{AirfransDataset, scan_cases};
pub use manifest::{MANIFEST_NAME, Manifest, Task};
pub use name::CaseName;
pub use wall::{WallMatch, WallNodes, wall_nodes};

#[cfg(test)]
mod tests;
