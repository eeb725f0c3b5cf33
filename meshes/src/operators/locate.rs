//! Point location and interpolation in meshes of plane cells.
//!
//! Cells are kept in a tree of bounding boxes (median split of the longer side of the box of
//! centres), so that a query costs the logarithm of the cell count also on meshes whose cells
//! differ by many orders of magnitude, as near a wall. In a quad the bilinear map is inverted by
//! Newton's method; a quad on which that fails (not convex) is searched as two triangles.

use super::invalid;
use super::topology::for_each_loop;
use crate::{Mesh, MeshError};

/// Barycentric or parametric coordinates this far outside still count as inside, so that a point
/// on a shared edge is found in one of the two cells.
const TOLERANCE: f64 = 1e-8;
/// Cells in a leaf of the tree.
const LEAF: usize = 6;

/// A triangle (last node `u32::MAX`) or a quad of the mesh.
#[derive(Debug, Clone, Copy)]
struct Patch {
    nodes: [u32; 4],
    cell: u32,
}

/// A box of the tree: leaves hold `first..first + count` of the patches, inner boxes have their
/// children at `first` and `first + 1` and a count of zero.
#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f64; 2],
    high: [f64; 2],
    first: u32,
    count: u32,
}

/// Finds the cell of a plane mesh that holds a point. Only x and y are looked at.
#[derive(Debug, Clone)]
pub struct PointLocator<'a> {
    mesh: &'a Mesh,
    patches: Vec<Patch>,
    nodes: Vec<Node>,
}

/// Where a point lies: a cell, and the weights of (up to four of) its nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located {
    /// The cell.
    pub cell: u32,
    nodes: [u32; 4],
    weights: [f64; 4],
    count: usize,
}

impl Located {
    /// The nodes that carry weight, and their weights, which sum to one.
    pub fn weights(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.nodes
            .iter()
            .copied()
            .zip(self.weights)
            .take(self.count)
    }

    /// Interpolates a nodal quantity: the sum of `weight * value(node)`.
    pub fn interpolate(&self, value: impl Fn(u32) -> f64) -> f64 {
        self.weights()
            .map(|(node, weight)| weight * value(node))
            .sum()
    }
}

impl<'a> PointLocator<'a> {
    /// Builds the tree over the plane cells of `mesh`. Other cells are passed over; polygons of
    /// five or more corners are fans of triangles.
    ///
    /// # Errors
    ///
    /// When the mesh has no plane cells.
    pub fn new(mesh: &'a Mesh) -> Result<Self, MeshError> {
        let mut patches = Vec::with_capacity(mesh.n_cells());
        for i in 0..mesh.n_cells() {
            let cell = i as u32;
            for_each_loop(&mesh.cell(i), |corners| match *corners {
                [a, b, c, d] => patches.push(Patch {
                    nodes: [a, b, c, d],
                    cell,
                }),
                [first, ref rest @ ..] => patches.extend(rest.windows(2).map(|pair| Patch {
                    nodes: [first, pair[0], pair[1], u32::MAX],
                    cell,
                })),
                [] => {}
            });
        }
        if patches.is_empty() {
            return Err(invalid(
                "point locator",
                "the mesh has no plane cells".to_owned(),
            ));
        }
        let mut locator = Self {
            mesh,
            patches,
            nodes: Vec::new(),
        };
        locator.build();
        Ok(locator)
    }

    fn build(&mut self) {
        let mut boxes: Vec<([f64; 2], [f64; 2], Patch)> = self
            .patches
            .iter()
            .map(|patch| {
                let (low, high) = bounds(corners(self.mesh, patch).iter().copied());
                (low, high, *patch)
            })
            .collect();
        let empty = Node {
            low: [0.0; 2],
            high: [0.0; 2],
            first: 0,
            count: 0,
        };
        let mut nodes = vec![empty];
        let mut open = vec![(0usize, 0usize, boxes.len())];
        while let Some((at, start, end)) = open.pop() {
            let part = &mut boxes[start..end];
            let (low, high) = bounds(part.iter().flat_map(|b| [b.0, b.1]));
            let count = end - start;
            if count <= LEAF {
                nodes[at] = Node {
                    low,
                    high,
                    first: start as u32,
                    count: count as u32,
                };
                continue;
            }
            let centre = |b: &([f64; 2], [f64; 2], Patch), a: usize| b.0[a] + b.1[a];
            let (from, to) = bounds(part.iter().map(|b| [centre(b, 0), centre(b, 1)]));
            let axis = usize::from(to[1] - from[1] > to[0] - from[0]);
            part.select_nth_unstable_by(count / 2, |a, b| {
                centre(a, axis).total_cmp(&centre(b, axis))
            });
            let first = nodes.len();
            nodes[at] = Node {
                low,
                high,
                first: first as u32,
                count: 0,
            };
            nodes.extend([empty; 2]);
            open.push((first, start, start + count / 2));
            open.push((first + 1, start + count / 2, end));
        }
        self.patches = boxes.into_iter().map(|(_, _, patch)| patch).collect();
        self.nodes = nodes;
    }

    /// The cell that holds `point`, or `None` outside the mesh (an airfoil's inside, for one).
    /// Where cells touch, one of them.
    pub fn locate(&self, point: [f64; 2]) -> Option<Located> {
        let mut open = vec![0usize];
        while let Some(at) = open.pop() {
            let node = &self.nodes[at];
            // Boxes are widened as their patches are, so that points on the outer edge count.
            let outside = (0..2).any(|a| {
                let slack = TOLERANCE * (node.high[a] - node.low[a]);
                !(point[a] >= node.low[a] - slack && point[a] <= node.high[a] + slack)
            });
            if outside {
                continue;
            }
            let first = node.first as usize;
            if node.count == 0 {
                open.extend([first + 1, first]);
                continue;
            }
            let patches = &self.patches[first..first + node.count as usize];
            if let Some(found) = patches.iter().find_map(|patch| self.inside(patch, point)) {
                return Some(found);
            }
        }
        None
    }

    fn inside(&self, patch: &Patch, point: [f64; 2]) -> Option<Located> {
        let x = corners(self.mesh, patch);
        let [a, b, c, d] = patch.nodes;
        let triangle = |nodes: [u32; 3], x: [[f64; 2]; 3]| {
            let weights = barycentric(x, point)?;
            let inside = weights.iter().all(|&w| w >= -TOLERANCE);
            inside.then_some(Located {
                cell: patch.cell,
                nodes: [nodes[0], nodes[1], nodes[2], u32::MAX],
                weights: [weights[0], weights[1], weights[2], 0.0],
                count: 3,
            })
        };
        if d == u32::MAX {
            return triangle([a, b, c], [x[0], x[1], x[2]]);
        }
        match invert_bilinear(&x, point) {
            Some([r, s]) => {
                let range = -TOLERANCE..=1.0 + TOLERANCE;
                let weights = [(1.0 - r) * (1.0 - s), r * (1.0 - s), r * s, (1.0 - r) * s];
                let found = Located {
                    cell: patch.cell,
                    nodes: patch.nodes,
                    weights,
                    count: 4,
                };
                (range.contains(&r) && range.contains(&s)).then_some(found)
            }
            None => triangle([a, b, c], [x[0], x[1], x[2]])
                .or_else(|| triangle([a, c, d], [x[0], x[2], x[3]])),
        }
    }
}

/// Corners of a patch; a triangle repeats its last one.
fn corners(mesh: &Mesh, patch: &Patch) -> [[f64; 2]; 4] {
    let [a, b, c, d] = patch.nodes;
    [a, b, c, if d == u32::MAX { c } else { d }].map(|node| {
        let p = mesh.points()[node as usize];
        [p[0], p[1]]
    })
}

fn bounds(points: impl Iterator<Item = [f64; 2]>) -> ([f64; 2], [f64; 2]) {
    points.fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(low, high), p| {
            (
                [0, 1].map(|a| low[a].min(p[a])),
                [0, 1].map(|a| high[a].max(p[a])),
            )
        },
    )
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// Barycentric coordinates; `None` for a triangle without area.
fn barycentric(x: [[f64; 2]; 3], point: [f64; 2]) -> Option<[f64; 3]> {
    let (e1, e2, d) = (minus(x[1], x[0]), minus(x[2], x[0]), minus(point, x[0]));
    let area = cross(e1, e2);
    let (r, s) = (cross(d, e2) / area, cross(e1, d) / area);
    (r.is_finite() && s.is_finite()).then_some([1.0 - r - s, r, s])
}

/// Parametric coordinates of a point in a quad by Newton's method from the centre; `None` where
/// that does not settle. A result outside the unit square is a point outside the quad.
fn invert_bilinear(x: &[[f64; 2]; 4], point: [f64; 2]) -> Option<[f64; 2]> {
    let (e, f) = (minus(x[1], x[0]), minus(x[3], x[0]));
    let g = minus(minus(x[2], x[1]), f);
    let target = minus(point, x[0]);
    let (mut r, mut s) = (0.5, 0.5);
    for _ in 0..30 {
        let residual = [0, 1].map(|a| r * e[a] + s * f[a] + r * s * g[a] - target[a]);
        let (dr, ds) = (
            [0, 1].map(|a| e[a] + s * g[a]),
            [0, 1].map(|a| f[a] + r * g[a]),
        );
        let det = cross(dr, ds);
        let (step_r, step_s) = (cross(residual, ds) / det, cross(dr, residual) / det);
        r -= step_r;
        s -= step_s;
        if !(r.is_finite() && s.is_finite()) {
            return None;
        }
        if step_r.abs() + step_s.abs() < 1e-11 * (1.0 + r.abs() + s.abs()) {
            return Some([r, s]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CellType;
    use proptest::prelude::*;

    /// A ring of quads around the unit circle, thin at the circle (first layer 1e-5), with every
    /// third quad cut into two triangles.
    fn ring() -> Mesh {
        let (around, layers) = (24u32, 12u32);
        let mut points = Vec::new();
        for j in 0..=layers {
            let radius = 1.0 + 1e-5 * (3f64.powi(j as i32) - 1.0) / 2.0;
            for i in 0..around {
                let angle = f64::from(i) / f64::from(around) * std::f64::consts::TAU;
                points.push([radius * angle.cos(), radius * angle.sin(), 0.5]);
            }
        }
        let mut builder = Mesh::builder().points(points);
        for j in 0..layers {
            for i in 0..around {
                let next = (i + 1) % around;
                let (a, b) = (j * around + i, j * around + next);
                let (c, d) = (b + around, a + around);
                builder = if (i + j) % 3 == 0 {
                    builder
                        .cell(CellType::Triangle, &[a, b, c])
                        .cell(CellType::Polygon, &[a, c, d])
                } else {
                    builder.cell(CellType::Quad, &[a, b, c, d])
                };
            }
        }
        builder.build().unwrap()
    }

    proptest! {
        /// What interpolation gives back is the point itself, wherever it lies in the mesh.
        #[test]
        fn coordinates_are_reproduced(cell in 0usize..300, r in 0.0..1.0f64, s in 0.0..1.0f64) {
            let mesh = ring();
            let nodes = mesh.cell(cell % mesh.n_cells()).nodes;
            let weights = match nodes.len() {
                3 => vec![1.0 - r, r * (1.0 - s), r * s],
                _ => vec![(1.0 - r) * (1.0 - s), r * (1.0 - s), r * s, (1.0 - r) * s],
            };
            let point = [0, 1].map(|a| {
                nodes.iter().zip(&weights).map(|(&n, w)| w * mesh.points()[n as usize][a]).sum::<f64>()
            });
            let locator = PointLocator::new(&mesh).unwrap();
            let found = locator.locate(point).expect("the point is a mean of a cell's corners");
            for (a, exact) in point.into_iter().enumerate() {
                let x = found.interpolate(|n| mesh.points()[n as usize][a]);
                prop_assert!((x - exact).abs() < 1e-12, "{x} {exact}");
            }
            prop_assert!((found.weights().map(|(_, w)| w).sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(mesh.cell(found.cell as usize).nodes.iter().any(|n| nodes.contains(n)));
        }
    }

    #[test]
    fn nodes_are_found_and_holes_are_not() {
        let mesh = ring();
        let locator = PointLocator::new(&mesh).unwrap();
        for (k, p) in mesh.points().iter().enumerate() {
            let found = locator.locate([p[0], p[1]]).expect("a node of the mesh");
            assert!(
                (found.interpolate(|n| f64::from(u8::from(n as usize == k))) - 1.0).abs() < 1e-6
            );
        }
        for outside in [[0.0, 0.0], [0.5, 0.5], [9.0, 0.0], [f64::NAN, 0.0]] {
            assert_eq!(locator.locate(outside), None);
        }
    }

    #[test]
    fn a_quad_that_is_not_convex_is_searched_as_triangles() {
        // An arrowhead: the fourth corner lies inside the triangle of the others.
        let mesh = Mesh::builder()
            .points(vec![
                [0., 0., 0.],
                [2., -1., 0.],
                [1., 0., 0.],
                [2., 1., 0.],
            ])
            .cell(CellType::Quad, &[0, 1, 2, 3])
            .build()
            .unwrap();
        let locator = PointLocator::new(&mesh).unwrap();
        for point in [[0.5, 0.0], [0.9, 0.3], [0.9, -0.3]] {
            let found = locator.locate(point);
            if let Some(found) = found {
                let x = found.interpolate(|n| mesh.points()[n as usize][0]);
                assert!((x - point[0]).abs() < 1e-9);
            }
        }
        assert!(locator.locate([0.5, 0.0]).is_some());
    }

    #[test]
    fn a_mesh_of_lines_is_refused() {
        let mesh = Mesh::builder()
            .points(vec![[0.0; 3], [1.0, 0.0, 0.0]])
            .cell(CellType::Line, &[0, 1])
            .build()
            .unwrap();
        assert!(PointLocator::new(&mesh).is_err());
    }
}
