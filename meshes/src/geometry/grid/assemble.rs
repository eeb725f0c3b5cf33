//! From layers of points to a cropped mesh.

use std::collections::HashMap;

use super::front::Front;
use super::{CGrid, CGridBounds, corner_areas};
use crate::geometry::contour::Contour;
use crate::{CellType, Location, Mesh, MeshError, Zone};

/// The quads inside the box, over all points, in chords.
pub(super) struct Cells {
    points: Vec<[f64; 2]>,
    quads: Vec<[u32; 4]>,
    /// Points on the wall, from the upper corner of the trailing edge round the section.
    wall: Vec<u32>,
}

impl Cells {
    pub(super) fn new(front: &Front, layers: &[Vec<[f64; 2]>], bounds: &CGridBounds) -> Self {
        let (n, wake) = (front.points.len(), front.wake);
        let mut points = layers.concat();
        let sharp = front.inside.is_empty();
        // Point i of layer j. Behind a sharp edge the two wake lines are one.
        let id = |i: usize, j: usize| {
            let merged = if sharp && j == 0 && i + wake + 1 >= n {
                n - 1 - i
            } else {
                i
            };
            (j * n + merged) as u32
        };
        let mut quads = Vec::with_capacity(n * layers.len());
        for j in 0..layers.len() - 1 {
            quads.extend(
                (0..n - 1).map(|i| [id(i, j), id(i + 1, j), id(i + 1, j + 1), id(i, j + 1)]),
            );
        }
        let mut wall: Vec<u32> = (wake..n - wake).rev().map(|i| id(i, 0)).collect();
        if sharp {
            wall.pop();
        }
        // The wake of a blunt edge: stations of points from the lower to the upper line.
        let stations: Vec<Vec<u32>> = (front.inside.iter().enumerate())
            .map(|(k, inside)| {
                let first = points.len() as u32;
                points.extend(inside);
                let mut station = vec![id(wake - k, 0)];
                station.extend(first..points.len() as u32);
                station.push(id(n - 1 - wake + k, 0));
                station
            })
            .collect();
        for pair in stations.windows(2) {
            let rows = 0..pair[0].len() - 1;
            quads.extend(rows.map(|m| [pair[0][m], pair[1][m], pair[1][m + 1], pair[0][m + 1]]));
        }
        if let Some(base) = stations.first() {
            wall.extend(&base[1..base.len() - 1]);
        }
        quads.retain(|quad| {
            let middle =
                [0, 1].map(|k| 0.25 * quad.iter().map(|&i| points[i as usize][k]).sum::<f64>());
            (bounds.x_min..=bounds.x_max).contains(&middle[0])
                && (bounds.y_min..=bounds.y_max).contains(&middle[1])
        });
        Self {
            points,
            quads,
            wall,
        }
    }

    /// The first corner of a quad that is not convex and counter-clockwise.
    pub(super) fn inverted(&self) -> Option<[f64; 2]> {
        let corners = |quad: &[u32; 4]| quad.map(|i| self.points[i as usize]);
        let wrong = |quad: &&[u32; 4]| !corner_areas(corners(quad)).iter().all(|&area| area > 0.0);
        self.quads.iter().find(wrong).map(|quad| corners(quad)[0])
    }

    /// The mesh of the points that are used, in the unit and at the place of the section.
    pub(super) fn finish(self, section: &Contour) -> Result<CGrid, MeshError> {
        let (le, te) = (section.chord().leading_edge, section.chord().trailing_edge);
        let chord = te[0] - le[0];
        let global = |[x, y]: [f64; 2]| [le[0] + chord * x, te[1] + chord * y];
        let mut new_index = vec![u32::MAX; self.points.len()];
        let mut points: Vec<[f64; 2]> = Vec::new();
        // The wall first, in order, then the rest as the cells use them.
        for &old in self.wall.iter().chain(self.quads.iter().flatten()) {
            if new_index[old as usize] == u32::MAX {
                new_index[old as usize] = points.len() as u32;
                points.push(global(self.points[old as usize]));
            }
        }
        let connectivity: Vec<u32> = self
            .quads
            .iter()
            .flatten()
            .map(|&old| new_index[old as usize])
            .collect();
        let contour = Contour::from_points(&points[..self.wall.len()])?;
        let aerofoil: Vec<u32> = contour.source_indices().iter().map(|&i| i as u32).collect();
        let freestream = outer_points(&connectivity, self.wall.len() as u32);
        let count = self.quads.len();
        let mesh = Mesh::builder()
            .points(points.into_iter().map(|[x, y]| [x, y, 0.0]).collect())
            .cells(
                vec![CellType::Quad; count],
                (0..=count).map(|i| 4 * i).collect(),
                connectivity,
            )
            .zone(Zone {
                name: "aerofoil".into(),
                location: Location::Point,
                indices: aerofoil,
            })
            .zone(Zone {
                name: "freestream".into(),
                location: Location::Point,
                indices: freestream,
            })
            .build()?;
        Ok(CGrid { mesh, contour })
    }
}

/// The points of edges that belong to one quad only and do not lie on the wall (the first points).
fn outer_points(connectivity: &[u32], wall: u32) -> Vec<u32> {
    let mut uses: HashMap<[u32; 2], u8> = HashMap::new();
    for quad in connectivity.chunks_exact(4) {
        for k in 0..4 {
            let (a, b) = (quad[k], quad[(k + 1) % 4]);
            *uses.entry([a.min(b), a.max(b)]).or_default() += 1;
        }
    }
    let lone = uses.into_iter().filter(|&(_, count)| count == 1);
    let mut outer: Vec<u32> = lone
        .flat_map(|(edge, _)| edge)
        .filter(|&i| i >= wall)
        .collect();
    outer.sort_unstable();
    outer.dedup();
    outer
}
