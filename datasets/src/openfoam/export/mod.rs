//! From an OpenFOAM case one cell thick to a sample in AirfRANS's layout.

mod interpolate;
mod outline;
mod plane;
mod sample;
mod solution;

pub use sample::{AIRFRANS_BOX, ExportBox};
pub use solution::FoamSolution;

#[cfg(test)]
mod tests;
