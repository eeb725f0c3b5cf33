//! OpenFOAM: airfoil cases written, run, read back, and exported to AirfRANS's layout.
//!
//! ```text
//! FoamCase            an airfoil in a flow -> constant/polyMesh, 0/, constant/, system/
//! FoamRun             simpleFoam on it, watched, with limits -> FoamRunReport
//! FoamSolution        mesh and fields of the last state -> Sample in AirfRANS's layout
//! generate_airfoils   many of them: drawn, computed, checked, exported and split
//! ```
//!
//! Works with Debian's OpenFOAM 1912 and later versions of openfoam.com; not with the Foundation's
//! (openfoam.org), whose dictionaries have other names.

mod case;
mod export;
mod header;
mod mesh;
mod read;
mod run;
mod sweep;
#[cfg(test)]
mod testing;

use header::header;

pub use case::{FoamCase, FoamControls, FoamGrid, WallTreatment};
pub use export::{AIRFRANS_BOX, ExportBox, FoamSolution};
pub use mesh::{FoamMesh, FoamPatch, MeshQuality, QualityLimits};
pub use read::{FoamField, PatchField};
pub use run::{
    ConvergenceRule, FoamIteration, FoamLog, FoamOutcome, FoamRun, FoamRunReport, FoamSolver,
    Judgement, RESIDUALS,
};
pub use sweep::{
    AirfoilGenerator, AirfoilLimits, AirfoilRanges, AirfoilRecord, AirfoilSample, AirfoilSampling,
    AirfoilSplits, AirfoilSweep, AirfoilSweepReport, NacaFamily, generate_airfoils,
};

/// A file in the case's folder whose presence makes simpleFoam write its state and end.
const STOP_FILE: &str = "STOP";
