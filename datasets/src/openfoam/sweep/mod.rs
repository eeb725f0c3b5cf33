//! Sets of airfoil cases in AirfRANS's layout: drawn, computed with OpenFOAM, checked, exported and split.
//!
//! ```text
//! ROOT/NAME/NAME_internal.vtu, .._aerofoil.vtp, .._freestream.vtp   accepted cases
//! ROOT/manifest.json        parts for training and tests
//! ROOT/coefficients.json    for each accepted case: forces, residuals, y+, mesh, versions
//! ROOT/rejected.json        for each rejected one: why
//! ROOT/sweep.json           the settings that the set was begun with
//! ROOT/.sweep/NAME.json     what became of each sample: a second call takes it from there
//! ROOT/.sweep/NAME/         OpenFOAM's case while it is computed
//! ROOT/.sweep/.lock         locked while somebody works here
//! ```
//!
//! A sweep can be killed at any moment: a sample counts when its record is there, which is written last. One
//! that was interrupted is computed from its beginning again, so that the files are the same, bit for bit.

mod config;
mod generate;
mod manifest;
mod record;
mod sampling;

pub use config::{
    AirfoilGenerator, AirfoilLimits, AirfoilRanges, AirfoilSampling, AirfoilSplits, AirfoilSweep,
    NacaFamily,
};
pub use generate::{AirfoilSweepReport, generate_airfoils};
pub use record::AirfoilRecord;
pub use sampling::AirfoilSample;

#[cfg(test)]
mod tests;
