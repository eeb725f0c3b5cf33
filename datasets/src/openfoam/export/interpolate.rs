//! Values at points from values in cells and on patches, as `foamToVTK` makes them.
//!
//! OpenFOAM's `volPointInterpolation`: a point on a patch is the mean of the patch faces that meet there, any
//! other one that of its cells, weighted by the inverse distance to their centres. Points on empty patches
//! are not on the boundary in this sense. The distances are those in space: in a case one cell thick and 1 m
//! deep the centres lie half a metre off the points, so that small cells weigh nearly the same.

use crate::openfoam::mesh::{FoamMesh, FoamPatch, Measures, minus, norm};

/// Where the values of a point come from.
struct Source {
    /// Index of the value.
    item: u32,
    weight: f64,
}

/// Weights of all points.
pub(super) struct Interpolator {
    /// For each point its sources, and whether they are patch faces, counted through all patches.
    sources: Vec<(Vec<Source>, bool)>,
}

impl Interpolator {
    /// For a mesh whose patches that count as boundary are `patches`.
    pub(super) fn new(mesh: &FoamMesh, measures: &Measures, patches: &[FoamPatch; 2]) -> Self {
        let points = mesh.points();
        let mut sources: Vec<(Vec<Source>, bool)> =
            (0..points.len()).map(|_| (Vec::new(), false)).collect();
        let boundary = patches.iter().flat_map(FoamPatch::faces);
        for (item, face) in boundary.enumerate() {
            for &point in mesh.face(face) {
                let offset = minus(points[point as usize], measures.face_centres[face]);
                let (list, on_patch) = &mut sources[point as usize];
                *on_patch = true;
                list.push(Source {
                    item: item as u32,
                    weight: 1.0 / norm(offset),
                });
            }
        }
        for (point, cells) in point_cells(mesh).into_iter().enumerate() {
            if sources[point].1 {
                continue;
            }
            let weigh = |cell: u32| {
                let offset = minus(points[point], measures.cell_centres[cell as usize]);
                Source {
                    item: cell,
                    weight: 1.0 / norm(offset),
                }
            };
            sources[point].0 = cells.into_iter().map(weigh).collect();
        }
        Self { sources }
    }

    /// Values at all points, from those of the cells and of the patches' faces.
    pub(super) fn points(&self, n: usize, cells: &[f64], patches: [&[f64]; 2]) -> Vec<f64> {
        let faces = patches.concat();
        let mut values = Vec::with_capacity(n * self.sources.len());
        for (sources, on_patch) in &self.sources {
            let from = if *on_patch { &faces[..] } else { cells };
            let total: f64 = sources.iter().map(|s| s.weight).sum();
            for component in 0..n {
                let weighted = |s: &Source| s.weight * from[n * s.item as usize + component];
                let sum: f64 = sources.iter().map(weighted).sum();
                // A point of no face belongs to no cell and is never asked for.
                values.push(if total > 0.0 { sum / total } else { 0.0 });
            }
        }
        values
    }
}

/// The cells that meet at each point.
fn point_cells(mesh: &FoamMesh) -> Vec<Vec<u32>> {
    let mut cells: Vec<Vec<u32>> = vec![Vec::new(); mesh.points().len()];
    let own = mesh.owner().iter().copied().enumerate();
    for (face, cell) in own.chain(mesh.neighbour().iter().copied().enumerate()) {
        for &point in mesh.face(face) {
            cells[point as usize].push(cell);
        }
    }
    for list in &mut cells {
        list.sort_unstable();
        list.dedup();
    }
    cells
}
