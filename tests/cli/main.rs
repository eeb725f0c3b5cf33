//! End-to-end tests of the `karman` program, by subject.

mod dataset;
mod devices;
mod general;
mod generate;
mod mesh;
mod picture;
#[path = "../common/pyvista.rs"]
mod python;
mod pyvista;
mod score;
mod solve;
mod solve_matrix;
mod support;
