//! Velocities and scalars as callers see them, and how they are laid out inside.

use super::layout::{Faces, Layout, places};
use crate::SolverError;

/// Numbers on the faces of a MAC grid of nx x ny x nz cells, x fastest: `x` has (nx + 1) ny nz values, of which the i-th of
/// a row lies between cells i - 1 and i; `y` has nx (ny + 1) nz, `z` nx ny (nz + 1), or none in 2D.
///
/// Where sides are joined the last faces of an axis are the first again: what they hold is not read. They are written as
/// copies where they are velocities, and as zero in residuals and cotangents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaceField {
    /// On the faces across x.
    pub x: Vec<f64>,
    /// On the faces across y.
    pub y: Vec<f64>,
    /// On the faces across z; empty in 2D.
    pub z: Vec<f64>,
}

/// The state of a [`FlowSolver`](super::FlowSolver): what the next step depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowState {
    /// Velocity across the faces (m/s).
    pub velocity: FaceField,
    /// The scalar of each cell, x fastest; empty without one.
    pub scalar: Vec<f64>,
}

impl FaceField {
    /// Zeros for a grid of `[nx, ny, nz]` cells.
    pub fn zeros(cells: [usize; 3]) -> Self {
        let [x, y, z] = [0, 1, 2].map(|axis| vec![0.0; face_count(cells, axis)]);
        Self { x, y, z }
    }

    /// The three arrays.
    pub fn components(&self) -> [&[f64]; 3] {
        [&self.x, &self.y, &self.z]
    }

    /// The sum of the products with another field of the same shape.
    pub fn dot(&self, other: &Self) -> f64 {
        let pairs = self.components().into_iter().zip(other.components());
        pairs
            .flat_map(|(a, b)| a.iter().zip(b))
            .map(|(a, b)| a * b)
            .sum()
    }
}

fn face_count(cells: [usize; 3], axis: usize) -> usize {
    match axis == 2 && cells[2] == 1 {
        true => 0,
        false => (0..3).map(|a| cells[a] + usize::from(a == axis)).product(),
    }
}

/// Index in an array of faces of the face at a place counted with ghosts.
fn compact(layout: &Layout, axis: usize, place: [usize; 3]) -> usize {
    let [nx, ny, _] = [0, 1, 2].map(|a| layout.cells[a] + usize::from(a == axis));
    let [x, y, z] = [0, 1, 2].map(|a| place[a] - layout.ends(a)[0]);
    (z * ny + y) * nx + x
}

/// Copies into padded arrays, whose other values stay.
///
/// # Errors
/// Arrays of another length, a value that is not finite.
pub(super) fn faces_into(
    layout: &Layout,
    what: &'static str,
    field: &FaceField,
    into: &mut Faces,
) -> Result<(), SolverError> {
    let components = field.components();
    for (axis, values) in components.into_iter().enumerate() {
        let expected = face_count(layout.cells, axis);
        let name = ["x", "y", "z"][axis];
        check(what, name, values, expected)?;
    }
    for axis in layout.axes() {
        for place in places(layout.all_faces(axis)) {
            into[axis][layout.index(place)] = components[axis][compact(layout, axis, place)];
        }
    }
    Ok(())
}

/// The faces of padded arrays.
pub(super) fn faces_from(layout: &Layout, faces: &Faces) -> FaceField {
    let [x, y, z] = [0, 1, 2].map(|axis| {
        let mut values = vec![0.0; face_count(layout.cells, axis)];
        if axis < layout.dimension() {
            let mut all = layout.all_faces(axis);
            all[axis].end = layout.ends(axis)[1] + 1;
            for place in places(all) {
                values[compact(layout, axis, place)] = faces[axis][layout.index(place)];
            }
        }
        values
    });
    FaceField { x, y, z }
}

/// Copies the cells into a padded array.
///
/// # Errors
/// Another length, a value that is not finite.
pub(super) fn cells_into(
    layout: &Layout,
    what: &'static str,
    cells: &[f64],
    into: &mut [f64],
) -> Result<(), SolverError> {
    check(what, "the cells", cells, layout.cell_count())?;
    for place in places(layout.all_cells()) {
        into[layout.index(place)] = cells[layout.cell(place)];
    }
    Ok(())
}

/// The cells of a padded array.
pub(super) fn cells_from(layout: &Layout, values: &[f64]) -> Vec<f64> {
    let cells = places(layout.all_cells());
    cells.map(|place| values[layout.index(place)]).collect()
}

fn check(
    what: &'static str,
    part: &str,
    values: &[f64],
    expected: usize,
) -> Result<(), SolverError> {
    if values.len() != expected {
        let problem = format!("{} values for {part}, {expected} are needed", values.len());
        return Err(SolverError::Argument { what, problem });
    }
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(SolverError::Argument {
            what,
            problem: format!(
                "{} at index {index} of {part}: all must be finite",
                values[index]
            ),
        }),
    }
}
