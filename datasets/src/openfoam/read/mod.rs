//! Reads OpenFOAM's meshes and fields, text or binary, gzipped or not.

mod field;
mod file;
mod list;
mod mesh;
mod scan;

pub use field::{FoamField, PatchField};

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;
