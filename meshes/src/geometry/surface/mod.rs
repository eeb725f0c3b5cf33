//! Closed surfaces of triangles, and signed distances to them.
//!
//! The sign is that of the angle-weighted normal at the nearest point (Baerentzen and Aanaes, "Signed distance computation using
//! the angle weighted pseudonormal", IEEE Transactions on Visualization and Computer Graphics 11 (2005) 243), which is right for
//! every closed surface that does not cross itself.

mod tree;
mod triangle;

use std::collections::HashMap;

use super::error::fault;
use crate::MeshError;
use tree::TriangleTree;
use triangle::{Part, cross, dot, minus, unit};

/// Corners closer than this share of the extent are one.
const SAME: f64 = 1e-7;

/// A closed surface of triangles: what lies within is a body.
///
/// Immutable; holds a search tree for distances.
#[derive(Debug, Clone)]
pub struct ClosedSurface {
    corners: Vec<[u32; 3]>,
    face_normals: Vec<[f64; 3]>,
    corner_normals: Vec<[f64; 3]>,
    edge_normals: HashMap<[u32; 2], [f64; 3]>,
    volume: f64,
    tree: TriangleTree,
}

impl ClosedSurface {
    /// From triangles as an STL file lists them. Corners that coincide (to 1e-7 of the extent) are one, triangles without area are
    /// left out, and a surface turned inside out is turned back.
    ///
    /// # Errors
    /// Coordinates that are not finite, a surface with an open edge, with one where more than two triangles meet, with
    /// triangles that do not turn the same way, or one that encloses nothing.
    pub fn new(triangles: &[[[f64; 3]; 3]]) -> Result<Self, MeshError> {
        for (point, corner) in triangles.iter().flatten().enumerate() {
            if let Some(axis) = corner.iter().position(|c| !c.is_finite()) {
                let value = corner[axis];
                return Err(MeshError::PointNotFinite { point, axis, value });
            }
        }
        let (points, mut corners) = merge(triangles);
        check_closed(&points, &corners)?;
        let mut volume = signed_volume(&points, &corners);
        if volume < 0.0 {
            corners.iter_mut().for_each(|c| c.swap(1, 2));
            volume = -volume;
        }
        if volume.is_nan() || volume <= 0.0 {
            return Err(fault("surface", "encloses no volume"));
        }
        let place = |c: &[u32; 3]| c.map(|p| points[p as usize]);
        let face_normals: Vec<_> = corners.iter().map(|c| normal(place(c))).collect();
        let mut corner_normals = vec![[0.0; 3]; points.len()];
        let mut edge_normals = HashMap::with_capacity(3 * corners.len() / 2);
        for (triangle, normal) in corners.iter().zip(&face_normals) {
            let at = place(triangle);
            for k in 0..3 {
                let [next, last] = [1, 2].map(|step| minus(at[(k + step) % 3], at[k]));
                let angle = dot(unit(next), unit(last)).clamp(-1.0, 1.0).acos();
                add(&mut corner_normals[triangle[k] as usize], angle, *normal);
                let edge = edge_normals.entry(edge(triangle, k)).or_insert([0.0; 3]);
                add(edge, 1.0, *normal);
            }
        }
        Ok(Self {
            tree: TriangleTree::new(corners.iter().map(place)),
            corners,
            face_normals,
            corner_normals,
            edge_normals,
            volume,
        })
    }

    /// Distance to the surface: positive outside, negative inside, in the unit of the coordinates.
    #[must_use]
    pub fn signed_distance(&self, p: [f64; 3]) -> f64 {
        let hit = self.tree.nearest(p);
        let triangle = &self.corners[hit.triangle as usize];
        let normal = match hit.part {
            Part::Face => self.face_normals[hit.triangle as usize],
            Part::Edge(k) => self.edge_normals[&edge(triangle, k)],
            Part::Corner(k) => self.corner_normals[triangle[k] as usize],
        };
        let outside = dot(minus(p, hit.point), normal) >= 0.0;
        if outside {
            hit.squared.sqrt()
        } else {
            -hit.squared.sqrt()
        }
    }

    /// Low and high corner of the box that holds it.
    #[must_use]
    pub fn bounds(&self) -> [[f64; 3]; 2] {
        self.tree.bounds()
    }

    /// The enclosed volume.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.volume
    }

    /// Triangles with an area.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a surface is never empty")]
    pub fn len(&self) -> usize {
        self.corners.len()
    }
}

/// An edge of a triangle, whatever its direction.
fn edge(triangle: &[u32; 3], k: usize) -> [u32; 2] {
    let [a, b] = [triangle[k], triangle[(k + 1) % 3]];
    [a.min(b), a.max(b)]
}

fn add(into: &mut [f64; 3], factor: f64, from: [f64; 3]) {
    for axis in 0..3 {
        into[axis] += factor * from[axis];
    }
}

fn normal([a, b, c]: [[f64; 3]; 3]) -> [f64; 3] {
    unit(cross(minus(b, a), minus(c, a)))
}

/// Distinct points, and the triangles with area as their indices.
fn merge(triangles: &[[[f64; 3]; 3]]) -> (Vec<[f64; 3]>, Vec<[u32; 3]>) {
    let all = || triangles.iter().flatten();
    let largest = all().flatten().fold(0.0_f64, |m, c| m.max(c.abs()));
    let origin = all().fold([f64::INFINITY; 3], |m, c| [0, 1, 2].map(|k| m[k].min(c[k])));
    let extent = all().fold(0.0_f64, |m, c| {
        (0..3).fold(m, |m, k| m.max(c[k] - origin[k]))
    });
    let cell = (SAME * extent)
        .max(8.0 * f64::EPSILON * largest)
        .max(f64::MIN_POSITIVE);
    let mut points = Vec::new();
    let mut known: HashMap<[i64; 3], Vec<u32>> = HashMap::new();
    let mut number = |corner: [f64; 3]| -> u32 {
        let key = [0, 1, 2].map(|k| ((corner[k] - origin[k]) / cell) as i64);
        let near = (0..27).map(|n| [0, 1, 2].map(|k| key[k] + [n % 3, n / 3 % 3, n / 9][k] - 1));
        let same = |p: &u32| {
            let to = minus(points[*p as usize], corner);
            dot(to, to) <= cell * cell
        };
        let found = near
            .filter_map(|key| known.get(&key))
            .flatten()
            .copied()
            .find(same);
        found.unwrap_or_else(|| {
            points.push(corner);
            known.entry(key).or_default().push(points.len() as u32 - 1);
            points.len() as u32 - 1
        })
    };
    let corners = triangles.iter().map(|t| t.map(&mut number));
    let corners: Vec<_> = corners
        .filter(|[a, b, c]| a != b && b != c && c != a)
        .collect();
    (points, corners)
}

/// Each edge must be passed once in each direction.
fn check_closed(points: &[[f64; 3]], corners: &[[u32; 3]]) -> Result<(), MeshError> {
    let mut passed: HashMap<[u32; 2], u32> = HashMap::with_capacity(3 * corners.len());
    for triangle in corners {
        for k in 0..3 {
            *passed
                .entry([triangle[k], triangle[(k + 1) % 3]])
                .or_default() += 1;
        }
    }
    let bad = |(edge, count): &(&[u32; 2], &u32)| {
        **count != 1 || !passed.contains_key(&[edge[1], edge[0]])
    };
    let mut faulty: Vec<_> = passed.iter().filter(bad).collect();
    faulty.sort_unstable();
    let Some(([a, b], count)) = faulty.first() else {
        return Ok(());
    };
    let [from, to] = [a, b].map(|p| points[*p as usize]);
    let what = match count {
        1 => "belongs to one triangle only: the surface has a hole there",
        _ => "is passed twice in one direction: triangles overlap, or do not turn the same way",
    };
    Err(fault(
        "surface",
        format!(
            "{} of its edges do not fit; the one from {from:?} to {to:?} {what}",
            faulty.len()
        ),
    ))
}

fn signed_volume(points: &[[f64; 3]], corners: &[[u32; 3]]) -> f64 {
    let Some(first) = corners.first() else {
        return 0.0;
    };
    let origin = points[first[0] as usize];
    let part = |c: &[u32; 3]| {
        let [a, b, c] = c.map(|p| minus(points[p as usize], origin));
        dot(a, cross(b, c)) / 6.0
    };
    corners.iter().map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The twelve triangles of a box from the origin.
    fn cuboid([x, y, z]: [f64; 3]) -> Vec<[[f64; 3]; 3]> {
        let corner = |n: usize| {
            [
                x * (n & 1) as f64,
                y * (n >> 1 & 1) as f64,
                z * (n >> 2) as f64,
            ]
        };
        let sides = [
            [0, 2, 3, 1],
            [4, 5, 7, 6],
            [0, 1, 5, 4],
            [2, 6, 7, 3],
            [0, 4, 6, 2],
            [1, 3, 7, 5],
        ];
        let halves = |[a, b, c, d]: [usize; 4]| [[a, b, c], [a, c, d]];
        sides
            .into_iter()
            .flat_map(halves)
            .map(|t| t.map(corner))
            .collect()
    }

    fn exact(p: [f64; 3], size: [f64; 3]) -> f64 {
        let out = [0, 1, 2].map(|k| (-p[k]).max(p[k] - size[k]));
        let outside = out.map(|d| d.max(0.0));
        dot(outside, outside).sqrt() + out.into_iter().fold(f64::NEG_INFINITY, f64::max).min(0.0)
    }

    #[test]
    fn distances_to_a_box_are_exact() {
        let size = [1.0, 2.0, 0.5];
        let mut inside_out = cuboid(size);
        inside_out.iter_mut().for_each(|t| t.swap(0, 1));
        for triangles in [cuboid(size), inside_out] {
            let surface = ClosedSurface::new(&triangles).unwrap();
            assert_eq!((surface.len(), surface.bounds()), (12, [[0.0; 3], size]));
            assert!((surface.volume() - 1.0).abs() < 1e-12);
            for n in 0..1000 {
                let p = [n % 10, n / 10 % 10, n / 100].map(|k| 0.31 * k as f64 - 0.72);
                let found = surface.signed_distance(p);
                assert!((found - exact(p, size)).abs() < 1e-12, "{p:?} {found}");
            }
        }
    }

    #[test]
    fn a_ball_of_triangles_is_nearly_a_ball() {
        let mut triangles: Vec<[[f64; 3]; 3]> = cuboid([2.0; 3]);
        triangles
            .iter_mut()
            .flatten()
            .flatten()
            .for_each(|c| *c -= 1.0);
        for _ in 0..4 {
            let split = |[a, b, c]: [[f64; 3]; 3]| {
                let [ab, bc, ca] =
                    [[a, b], [b, c], [c, a]].map(|[p, q]| [0, 1, 2].map(|k| p[k] + q[k]));
                [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]].map(|t| t.map(unit))
            };
            triangles = triangles.into_iter().flat_map(split).collect();
        }
        let surface = ClosedSurface::new(&triangles).unwrap();
        for n in 0..500 {
            let p = [n % 8, n / 8 % 8, n / 64].map(|k| 0.37 * k as f64 - 1.3);
            let exact = dot(p, p).sqrt() - 1.0;
            assert!((surface.signed_distance(p) - exact).abs() < 0.01, "{p:?}");
        }
    }

    #[test]
    fn what_is_not_closed_is_refused_with_its_edge() {
        let message =
            |triangles: &[[[f64; 3]; 3]]| ClosedSurface::new(triangles).unwrap_err().to_string();
        let whole = cuboid([1.0; 3]);
        let hole = message(&whole[1..]);
        assert!(
            hole.contains("3 of its edges") && hole.contains("hole"),
            "{hole}"
        );
        let mut turned = whole.clone();
        turned[0].swap(0, 1);
        assert!(message(&turned).contains("turn the same way"));
        assert!(message(&[]).contains("no volume"));
        let mut nan = whole.clone();
        nan[3][1][2] = f64::NAN;
        assert!(message(&nan).contains("point 10"));
    }
}
