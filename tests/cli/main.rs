//! End-to-end tests of the `karman` program, by subject.

mod dataset;
mod general;
mod mesh;
mod pyvista;
mod score;
mod solve;
mod solve_matrix;
mod support;
