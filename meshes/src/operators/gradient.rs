//! Nodal gradients of nodal fields, as VTK's gradient filter computes them.
//!
//! At a node the gradient is the plain average, over the incident cells, of the cell's parametric
//! derivative evaluated at that node: `df/dx = J^-T df/dr`, with `J = dx/dr` from the same shape
//! functions. Cells of a surface in space use a local frame in their plane, so their gradient is
//! tangential. Exact for linear fields on every mesh.
//!
//! Reference: `vtkGradientFilter` (`ComputePointGradientsUG`) and the `Derivatives` methods of
//! `vtkQuad`, `vtkTriangle`, `vtkTetra`, `vtkHexahedron`, `vtkWedge`, `vtkPyramid`
//! (Schroeder, Martin, Lorensen, "The Visualization Toolkit", 4th ed., 2006, ch. 8). Departures:
//!
//! 1. Only cells of the highest dimension in the mesh take part (VTK's `DataSetMax` option); VTK's
//!    default also averages in lines and vertices, whose derivative across the line is zero.
//! 2. Cells with a singular Jacobian at the node are left out of the average; VTK counts them with
//!    a zero derivative. Cells that list the node twice are left out by both.
//! 3. Polygons of five or more corners use the gradient of the least-squares plane through their
//!    nodes.
//!
//! VTK (measured with 9.7; what 9.2 computed agrees) takes a node for the first corner of the cell that lies within
//! `sqrt(FLT_EPSILON)` = 3.45e-4 of it, an absolute length. In the thin cells at a wall it so
//! evaluates the derivative at a neighbouring corner: harmless for fields that are linear in the
//! cell, up to some 1e-3 of the gradient elsewhere. [`nodal_gradient`] does the same, since
//! published numbers contain it; [`GradientRule::Corner`] evaluates at the node itself.

use rayon::prelude::*;

use super::invalid;
use super::slopes::node_slopes;
use super::vector::{dot, subtract};
use crate::{Mesh, MeshError};

/// Where in an incident cell the derivative for a node is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GradientRule {
    /// At the first corner of the cell within 3.45e-4 (in the points' unit) of the node, as VTK
    /// does. The node itself in cells larger than that.
    #[default]
    Vtk,
    /// At the node itself, in cells of every size.
    Corner,
}

/// Gradients of a nodal field at nodes of the mesh, as VTK's gradient filter computes them.
///
/// # Shapes
///
/// - `values`: `n_points * components`, all components of a point together;
/// - `nodes`: the nodes that are wanted, in any order; `None` for all, in order;
/// - result: `n_nodes * components` vectors; entry `k * components + c` is the gradient of
///   component `c` at the `k`-th node, in the field's unit per unit of length.
///
/// A node without a usable cell gets a zero gradient, as in VTK.
///
/// # Errors
///
/// When `values` has another length, a node does not exist, or an incident cell of the highest
/// dimension has no derivative (triangle strips, polylines).
///
/// # Example
///
/// ```
/// use karman_meshes::{CellType, Mesh, nodal_gradient};
/// let mesh = Mesh::builder()
///     .points(vec![[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
///     .cell(CellType::Triangle, &[0, 1, 2])
///     .build()?;
/// // f = 3 x + 4 y
/// let gradient = nodal_gradient(&mesh, &[0.0, 6.0, 4.0], 1, Some(&[2]))?;
/// assert_eq!(gradient, vec![[3.0, 4.0, 0.0]]);
/// # Ok::<(), karman_meshes::MeshError>(())
/// ```
pub fn nodal_gradient(
    mesh: &Mesh,
    values: &[f64],
    components: usize,
    nodes: Option<&[u32]>,
) -> Result<Vec<[f64; 3]>, MeshError> {
    nodal_gradient_with(mesh, values, components, nodes, GradientRule::Vtk)
}

/// As [`nodal_gradient`], with the place in the cell by `rule`.
///
/// # Errors
///
/// As [`nodal_gradient`].
pub fn nodal_gradient_with(
    mesh: &Mesh,
    values: &[f64],
    components: usize,
    nodes: Option<&[u32]>,
    rule: GradientRule,
) -> Result<Vec<[f64; 3]>, MeshError> {
    check_input(mesh, values, components, nodes)?;
    let incident = mesh.point_cells();
    let dimension = highest_dimension(mesh);
    let at = |node: u32, out: &mut [[f64; 3]]| {
        let cells = incident.row(node as usize);
        gradient_at(mesh, values, node, cells, (dimension, rule), out)
    };
    let count = nodes.map_or(mesh.n_points(), <[u32]>::len);
    let mut gradient = vec![[0.0; 3]; count * components];
    gradient
        .par_chunks_mut(components)
        .with_min_len(256)
        .enumerate()
        .try_for_each(|(k, out)| at(nodes.map_or(k as u32, |nodes| nodes[k]), out))?;
    Ok(gradient)
}

fn check_input(
    mesh: &Mesh,
    values: &[f64],
    components: usize,
    nodes: Option<&[u32]>,
) -> Result<(), MeshError> {
    let n = mesh.n_points();
    if components == 0 || n.checked_mul(components) != Some(values.len()) {
        return Err(invalid(
            "nodal gradient",
            format!(
                "{} values for {n} points of {components} components: pass points x components values",
                values.len()
            ),
        ));
    }
    match nodes
        .unwrap_or(&[])
        .iter()
        .position(|&node| node as usize >= n)
    {
        Some(k) => Err(invalid(
            "nodal gradient",
            format!(
                "node {} (entry {k} of the list) of a mesh of {n} points",
                nodes.unwrap_or(&[])[k]
            ),
        )),
        None => Ok(()),
    }
}

/// The highest topological dimension of the mesh's cells.
fn highest_dimension(mesh: &Mesh) -> usize {
    mesh.cell_types()
        .iter()
        .map(|kind| kind.dimension())
        .max()
        .unwrap_or(0)
}

/// Average over `cells` of the cell gradients at `node`, written to `out` (one entry a component).
fn gradient_at(
    mesh: &Mesh,
    values: &[f64],
    node: u32,
    cells: &[u32],
    (dimension, rule): (usize, GradientRule),
    out: &mut [[f64; 3]],
) -> Result<(), MeshError> {
    let components = out.len();
    // The slopes of a cell sum to zero; differences to the node's own value make a constant field's
    // gradient zero exactly, also where a large mean pressure meets a thin cell.
    let own = &values[node as usize * components..][..components];
    let mut used = 0u32;
    for &id in cells {
        let cell = mesh.cell(id as usize);
        if cell.kind.dimension() != dimension {
            continue;
        }
        let mut places = cell.nodes.iter().enumerate().filter(|&(_, &n)| n == node);
        let (Some((corner, _)), None) = (places.next(), places.next()) else {
            continue;
        };
        let corner = match rule {
            GradientRule::Corner => corner,
            GradientRule::Vtk => first_near(mesh, cell.nodes, corner),
        };
        let Some(slopes) = node_slopes(mesh, &cell, corner, id)? else {
            continue;
        };
        used += 1;
        for (&n, slope) in cell.nodes.iter().zip(&slopes) {
            let row = &values[n as usize * components..][..components];
            for ((gradient, value), own) in out.iter_mut().zip(row).zip(own) {
                for (g, s) in gradient.iter_mut().zip(slope) {
                    *g += (value - own) * s;
                }
            }
        }
    }
    if used > 1 {
        let scale = 1.0 / f64::from(used);
        out.iter_mut().flatten().for_each(|g| *g *= scale);
    }
    Ok(())
}

/// The first of a cell's nodes that lies so near the one at `corner` that VTK takes it for that one.
fn first_near(mesh: &Mesh, nodes: &[u32], corner: usize) -> usize {
    let at = |k: usize| &mesh.points()[nodes[k] as usize];
    let apart = |k: usize| {
        let d = subtract(at(k), at(corner));
        dot(&d, &d)
    };
    (0..corner)
        .find(|&k| apart(k) < f64::from(f32::EPSILON))
        .unwrap_or(corner)
}

#[cfg(test)]
#[path = "gradient_tests.rs"]
mod tests;
