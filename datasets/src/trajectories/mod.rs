//! Fields on a uniform grid over time: one HDF5 file for each case, and folders of them.
//!
//! The layout, which the book (`docs/src/trajectories.md`) states in full:
//!
//! ```text
//! /                     format, version, dimensions, spacing, origin
//! /t  /x  /y  /z        times in s, centres of the cells in m
//! /fields/NAME          [time, (z, (y,)) x, component], unit, axes, components
//! /static/NAME          [(z, (y,)) x, component]
//! /checksums/NAME       a number for each time of a field
//! /parameters           attributes: what distinguishes this case from others
//! /provenance           attributes: where it comes from
//! ```

mod attributes;
mod contents;
mod layout;
mod manifest;
mod read;
mod set;
mod write;
pub(crate) mod xdmf;

#[cfg(test)]
mod tests;

pub use layout::{
    Attributes, Precision, StaticField, TrajectoryField, TrajectoryGrid, TrajectoryHeader,
};
pub(crate) use manifest::{CASES_NAME, CONFIG_NAME, ManifestHead};
pub use manifest::{RejectedCase, TrajectoryCase, TrajectoryManifest, TrajectoryPart};
pub use read::{Trajectory, TrajectoryNumber};
pub use set::{Trajectories, TrajectoryWindow};
pub use write::TrajectoryWriter;
