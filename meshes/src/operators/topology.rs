//! Corner loops of plane cells and outward faces of solid cells.

use super::shape::{Element, MAX_NODES};
use super::vector::{cross, dot, subtract};
use crate::{Cell, CellType};

/// Calls `visit` with the closed corner loop of every polygon in a cell: one for most kinds, one a
/// triangle for strips, none for cells that are not plane.
pub(crate) fn for_each_loop(cell: &Cell<'_>, mut visit: impl FnMut(&[u32])) {
    let n = cell.nodes;
    match cell.kind {
        CellType::Triangle | CellType::Quad | CellType::Polygon => visit(n),
        CellType::Pixel => visit(&[n[0], n[1], n[3], n[2]]),
        CellType::TriangleStrip => {
            for (k, t) in n.windows(3).enumerate() {
                // Every other triangle of a strip is listed backwards.
                let t = if k % 2 == 0 {
                    [t[0], t[1], t[2]]
                } else {
                    [t[1], t[0], t[2]]
                };
                visit(&t);
            }
        }
        _ => {}
    }
}

/// Area vector of a closed loop (Newell's formula): its length is the area of a plane loop, its
/// direction the normal about which the loop turns anticlockwise.
pub(crate) fn area_vector(points: &[[f64; 3]], corners: &[u32]) -> [f64; 3] {
    let origin = points[corners[0] as usize];
    let arm = |node: u32| subtract(&points[node as usize], &origin);
    let mut sum = [0.0; 3];
    for pair in corners.windows(2) {
        let part = cross(&arm(pair[0]), &arm(pair[1]));
        sum.iter_mut().zip(part).for_each(|(s, p)| *s += 0.5 * p);
    }
    sum
}

/// The element of a cell, with the cell's nodes in the element's order.
pub(crate) fn element_nodes(cell: &Cell<'_>) -> Option<(Element, Vec<u32>)> {
    let (element, order) = Element::of(cell.kind, cell.nodes.len())?;
    Some((element, order.iter().map(|&k| cell.nodes[k]).collect()))
}

/// Faces of a solid element as loops of local corners that turn anticlockwise seen from outside,
/// where the element's Jacobian is positive.
pub(crate) fn faces(element: Element) -> &'static [&'static [usize]] {
    match element {
        Element::Tetra => &[&[0, 2, 1], &[0, 1, 3], &[1, 2, 3], &[2, 0, 3]],
        Element::Pyramid => &[
            &[0, 3, 2, 1],
            &[0, 1, 4],
            &[1, 2, 4],
            &[2, 3, 4],
            &[3, 0, 4],
        ],
        Element::Wedge => &[
            &[0, 2, 1],
            &[3, 4, 5],
            &[0, 1, 4, 3],
            &[1, 2, 5, 4],
            &[2, 0, 3, 5],
        ],
        Element::Hexahedron => &[
            &[0, 3, 2, 1],
            &[4, 5, 6, 7],
            &[0, 1, 5, 4],
            &[1, 2, 6, 5],
            &[2, 3, 7, 6],
            &[3, 0, 4, 7],
        ],
        _ => &[],
    }
}

/// Volume and first moment (volume times centroid, relative to the first corner) of a solid
/// element: the integrals of `det J` and `x det J`, exact for multilinear cells with curved faces.
/// The sign is that of the Jacobian.
pub(crate) fn solid_integrals(element: Element, x: &[[f64; 3]]) -> (f64, [f64; 3]) {
    let mut volume = 0.0;
    let mut moment = [0.0; 3];
    for (r, weight) in quadrature(element) {
        let n = element.weights(r);
        let d = element.derivatives(r);
        let mut at = [0.0; 3];
        let mut columns = [[0.0; 3]; 3];
        for (i, point) in x.iter().enumerate().take(MAX_NODES) {
            let arm = subtract(point, &x[0]);
            for a in 0..3 {
                at[a] += n[i] * arm[a];
                for j in 0..3 {
                    columns[j][a] += d[i][j] * arm[a];
                }
            }
        }
        let part = weight * dot(&columns[0], &cross(&columns[1], &columns[2]));
        volume += part;
        moment.iter_mut().zip(at).for_each(|(m, a)| *m += part * a);
    }
    (volume, moment)
}

/// Points and weights that integrate `x det J` exactly: two Gauss points a direction of the cube,
/// the edge midpoints of the triangle.
fn quadrature(element: Element) -> Vec<([f64; 3], f64)> {
    let half = 0.5 / 3f64.sqrt();
    let gauss = [0.5 - half, 0.5 + half];
    match element {
        // Four points of degree two: (a, b, b, b) and permutations.
        Element::Tetra => {
            let (a, b) = (0.585_410_196_624_968_5, 0.138_196_601_125_010_5);
            [[b, b, b], [a, b, b], [b, a, b], [b, b, a]]
                .map(|r| (r, 1.0 / 24.0))
                .to_vec()
        }
        Element::Wedge => [[0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]
            .iter()
            .flat_map(|&[r, s]| gauss.map(|t| ([r, s, t], 1.0 / 12.0)))
            .collect(),
        Element::Hexahedron | Element::Pyramid => gauss
            .iter()
            .flat_map(|&r| {
                gauss
                    .iter()
                    .flat_map(move |&s| gauss.map(|t| ([r, s, t], 0.125)))
            })
            .collect(),
        _ => Vec::new(),
    }
}
