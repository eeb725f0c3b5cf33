//! `karman predict`, end to end: on meshes and coordinates, against the evaluation, in pyvista, and
//! what goes wrong.

mod answers;
mod limits;
mod mistakes;
#[path = "../common/pyvista.rs"]
mod python;
mod support;
