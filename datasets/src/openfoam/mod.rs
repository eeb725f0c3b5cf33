//! OpenFOAM: airfoil cases written, run, read back, and exported to AirfRANS's layout.

mod case;
mod header;
mod mesh;

use header::header;

pub use case::{FoamCase, FoamControls, FoamGrid, WallTreatment};
pub use mesh::{FoamMesh, FoamPatch, MeshQuality, QualityLimits};

/// A file in the case's folder whose presence makes simpleFoam write its state and end.
const STOP_FILE: &str = "STOP";
