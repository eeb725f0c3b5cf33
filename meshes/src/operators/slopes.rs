//! Physical gradients of the shape functions of one cell.
//!
//! `dN_i/dx = J^-T dN_i/dr` with `J = dx/dr` from the same shape functions. Cells of a surface or
//! a line in space use a local frame, so their gradients are tangential. The frame, the pyramid's
//! apex and the treatment of singular cells follow VTK's `Derivatives` methods; see `gradient.rs`
//! for the departures.

use super::invalid;
use super::shape::{Element, MAX_NODES};
use super::vector::{cross, dot, normalise, subtract};
use crate::{Cell, CellType, Mesh, MeshError};

/// Directions closer to linear dependence than this (sine of the angle) count as dependent.
const SINGULAR: f64 = 1e-12;

/// Physical gradients of the cell's shape functions at its node `corner`, in the cell's own node
/// order; `None` where the Jacobian is singular.
pub(crate) fn node_slopes(
    mesh: &Mesh,
    cell: &Cell<'_>,
    corner: usize,
    id: u32,
) -> Result<Option<Vec<[f64; 3]>>, MeshError> {
    let points: Vec<[f64; 3]> = cell
        .nodes
        .iter()
        .map(|&n| mesh.points()[n as usize])
        .collect();
    if let Some((element, order)) = Element::of(cell.kind, points.len()) {
        let mut x = [[0.0; 3]; MAX_NODES];
        for (place, &from) in x.iter_mut().zip(order) {
            *place = points[from];
        }
        // `order` is its own inverse: it swaps pairs.
        let slopes = corner_slopes(element, &x[..points.len()], order[corner]);
        return Ok(slopes.map(|slopes| order.iter().map(|&k| slopes[k]).collect()));
    }
    if cell.kind == CellType::Polygon && points.len() > 4 {
        return Ok(plane_fit_slopes(&points));
    }
    Err(invalid(
        "nodal gradient",
        format!(
            "cell {id} of type {:?} with {} nodes has no derivative: split it into triangles or lines",
            cell.kind,
            points.len()
        ),
    ))
}

/// Physical gradients of an element's shape functions at its corner `corner`.
fn corner_slopes(element: Element, x: &[[f64; 3]], corner: usize) -> Option<[[f64; 3]; MAX_NODES]> {
    if element == Element::Pyramid && corner == 4 {
        return apex_slopes(x);
    }
    slopes_at(element, x, element.corners()[corner])
}

/// At a pyramid's apex the parametric derivative is 0/0; VTK extrapolates linearly from two points
/// just below it, and so do we.
fn apex_slopes(x: &[[f64; 3]]) -> Option<[[f64; 3]; MAX_NODES]> {
    let low = slopes_at(Element::Pyramid, x, [0.5, 0.5, 0.996])?;
    let mut slopes = slopes_at(Element::Pyramid, x, [0.5, 0.5, 0.998])?;
    for (high, low) in slopes.iter_mut().flatten().zip(low.iter().flatten()) {
        *high = 2.0 * *high - low;
    }
    Some(slopes)
}

/// Physical gradients `dN_i/dx` of an element's shape functions at the parametric point `r`.
pub(crate) fn slopes_at(
    element: Element,
    x: &[[f64; 3]],
    r: [f64; 3],
) -> Option<[[f64; 3]; MAX_NODES]> {
    let frame = match element.dimension() {
        1 => line_frame(x),
        2 => plane_frame(x),
        _ => Some([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    }?;
    let dim = element.dimension();
    let d = element.derivatives(r);
    // Rows: parametric direction j; columns: axis of the frame. Unused directions get a unit
    // vector, so that one 3x3 inverse serves all dimensions.
    let mut jacobian = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for (j, row) in jacobian.iter_mut().enumerate().take(dim) {
        for (a, entry) in row.iter_mut().enumerate() {
            let along = |p: &[f64; 3]| dot(&subtract(p, &x[0]), &frame[a]);
            *entry = if a < dim {
                x.iter().zip(&d).map(|(p, d)| d[j] * along(p)).sum()
            } else {
                0.0
            };
        }
    }
    let inverse = invert(&jacobian)?;
    let mut slopes = [[0.0; 3]; MAX_NODES];
    for (slope, d) in slopes.iter_mut().zip(&d).take(x.len()) {
        for a in 0..dim {
            let along: f64 = (0..dim).map(|j| inverse[a][j] * d[j]).sum();
            for (s, e) in slope.iter_mut().zip(&frame[a]) {
                *s += along * e;
            }
        }
    }
    Some(slopes)
}

/// Gradients of the least-squares plane through a polygon's nodes, as weights of the nodes.
fn plane_fit_slopes(x: &[[f64; 3]]) -> Option<Vec<[f64; 3]>> {
    let frame = plane_frame(x)?;
    let n = x.len() as f64;
    let centre: [f64; 3] = std::array::from_fn(|a| x.iter().map(|p| p[a]).sum::<f64>() / n);
    let local: Vec<[f64; 2]> = x
        .iter()
        .map(|p| {
            let d = subtract(p, &centre);
            [dot(&d, &frame[0]), dot(&d, &frame[1])]
        })
        .collect();
    let moment = |a: usize, b: usize| local.iter().map(|d| d[a] * d[b]).sum::<f64>();
    let m = [
        [moment(0, 0), moment(0, 1), 0.0],
        [moment(0, 1), moment(1, 1), 0.0],
        [0.0, 0.0, 1.0],
    ];
    let inverse = invert(&m)?;
    let slope = |d: &[f64; 2]| -> [f64; 3] {
        let g = [0, 1].map(|a| inverse[a][0] * d[0] + inverse[a][1] * d[1]);
        std::array::from_fn(|k| g[0] * frame[0][k] + g[1] * frame[1][k])
    };
    Some(local.iter().map(slope).collect())
}

/// VTK's local frame of a planar cell: first axis along the first edge, second axis in the plane
/// of the first three nodes (of the diagonals where those are collinear).
fn plane_frame(x: &[[f64; 3]]) -> Option<[[f64; 3]; 3]> {
    let first = normalise(&subtract(&x[1], &x[0]))?;
    let third = subtract(&x[2], &x[0]);
    let mut normal = cross(&first, &third);
    if dot(&normal, &normal) <= SINGULAR * SINGULAR * dot(&third, &third) {
        normal = cross(&third, &subtract(&x[x.len() - 1], &x[1]));
    }
    let normal = normalise(&normal)?;
    Some([first, cross(&normal, &first), normal])
}

fn line_frame(x: &[[f64; 3]]) -> Option<[[f64; 3]; 3]> {
    Some([normalise(&subtract(&x[1], &x[0]))?, [0.0; 3], [0.0; 3]])
}

/// Inverse of a 3x3 matrix; `None` where its rows are linearly dependent to rounding. With
/// rows `m[j] = dx/dr_j`, the result is `inverse[a][j] = dr_j/dx_a`.
fn invert(m: &[[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let c = [
        cross(&m[1], &m[2]),
        cross(&m[2], &m[0]),
        cross(&m[0], &m[1]),
    ];
    let det = dot(&m[0], &c[0]);
    let scale: f64 = m.iter().map(|row| dot(row, row).sqrt()).product();
    // A NaN determinant fails the comparison too.
    (det.abs() > SINGULAR * scale)
        .then(|| std::array::from_fn(|a| std::array::from_fn(|j| c[j][a] / det)))
}
