//! The sample: cropped internal mesh, airfoil and far field, with AirfRANS's arrays.
//!
//! Coordinates keep double precision, unlike AirfRANS's: the first layer of a wall-resolving grid at x = 1
//! would lose half a per cent of its height, and the friction with it. Fields are single, as there.

use std::collections::BTreeMap;

use karman_meshes::{CellType, Contour, Field, Location, Mesh, MeshError};

use super::outline::Outline;
use super::plane::Plane;
use super::solution::{Everywhere, FREESTREAM, FoamSolution, WALL};
use crate::airfrans::globals;
use crate::openfoam::mesh::FoamPatch;
use crate::{Boundary, Conditions, DatasetError, Provenance, Sample};

/// A box in the plane, m. Cells with a point inside are kept whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExportBox {
    /// Lowest x and y.
    pub low: [f64; 2],
    /// Highest x and y.
    pub high: [f64; 2],
}

/// The box to which AirfRANS's internal meshes are cropped.
pub const AIRFRANS_BOX: ExportBox = ExportBox {
    low: [-2.0, -1.5],
    high: [4.0, 1.5],
};

/// Cells and points that are kept.
struct Kept {
    /// Index in the case of each point.
    points: Vec<u32>,
    cells: Vec<u32>,
    /// Points of each cell, by their new indices.
    corners: Vec<Vec<u32>>,
}

impl FoamSolution {
    /// The case as a sample in AirfRANS's layout, which [`write_case`](crate::write_case) writes: point and
    /// cell arrays `U`, `p`, `nut`, the point array `implicit_distance` (negative in the fluid, zero on the
    /// wall), and the boundaries "aerofoil" (with `Normals` into the body and `Length`) and "freestream".
    ///
    /// `crop` is the box to keep, or everything.
    ///
    /// # Errors
    /// A mesh that is not one cell thick along z, a wall that is no closed loop, a box without cells.
    pub fn airfrans_sample(
        &self,
        name: &str,
        conditions: &Conditions,
        crop: Option<ExportBox>,
    ) -> Result<Sample, DatasetError> {
        let fault = |error: MeshError| DatasetError::mesh(name)(error);
        let plane = Plane::new(&self.mesh, &self.measures)?;
        let patch = |patch_name: &str| -> Result<(&FoamPatch, Outline), DatasetError> {
            let wrong = || {
                let problem = "is no strip of faces from side to side";
                DatasetError::case(name, format!("patch {patch_name}"), problem)
            };
            let patch = self.mesh.patch(patch_name).ok_or_else(wrong)?;
            let outline = Outline::new(self, &plane, patch).ok_or_else(wrong)?;
            Ok((patch, outline))
        };
        let kept = self.keep(&plane, crop);
        if kept.cells.is_empty() {
            return Err(DatasetError::case(name, "box", "no cell lies inside"));
        }
        let (wall_patch, wall) = patch(WALL)?;
        let (outer_patch, outer) = patch(FREESTREAM)?;
        let boundary = |outline: &Outline, patch, of: fn(&Everywhere) -> &[f64]| {
            outline.boundary(self, &plane, patch, of).map_err(fault)
        };
        let boundaries: BTreeMap<String, Boundary> = [
            (WALL, boundary(&wall, wall_patch, |f| &f.wall)?),
            (
                FREESTREAM,
                boundary(&outer, outer_patch, |f| &f.freestream)?,
            ),
        ]
        .map(|(name, boundary)| (name.to_string(), boundary))
        .into();
        let mesh = self.plane_mesh(&kept, plane.middle).map_err(fault)?;
        let mut fields = self.plane_fields(&kept).map_err(fault)?;
        fields.push(self.distance(&kept, &wall).map_err(fault)?);
        Ok(Sample {
            name: name.to_string(),
            mesh,
            fields,
            boundaries,
            globals: globals(conditions),
            provenance: Provenance {
                source: format!("OpenFOAM, iteration {}", self.iteration()),
                ..Provenance::default()
            },
        })
    }

    fn keep(&self, plane: &Plane, crop: Option<ExportBox>) -> Kept {
        let inside = |&p: &u32| {
            let at = self.mesh.points()[p as usize];
            crop.is_none_or(|b| (0..2).all(|k| (b.low[k]..=b.high[k]).contains(&at[k])))
        };
        let mut new_index = vec![u32::MAX; self.mesh.points().len()];
        let mut kept = Kept {
            points: Vec::new(),
            cells: Vec::new(),
            corners: Vec::new(),
        };
        for (cell, corners) in plane.cells.iter().enumerate() {
            if !corners.iter().any(inside) {
                continue;
            }
            kept.cells.push(cell as u32);
            let renumber = |&p: &u32| {
                let place = &mut new_index[p as usize];
                if *place == u32::MAX {
                    *place = kept.points.len() as u32;
                    kept.points.push(p);
                }
                *place
            };
            kept.corners.push(corners.iter().map(renumber).collect());
        }
        kept
    }

    fn plane_mesh(&self, kept: &Kept, z: f64) -> Result<Mesh, MeshError> {
        let at = |&p: &u32| {
            let [x, y, _] = self.mesh.points()[p as usize];
            [x, y, z]
        };
        let mut builder = Mesh::builder().points(kept.points.iter().map(at).collect());
        for corners in &kept.corners {
            let kind = match corners.len() {
                3 => CellType::Triangle,
                4 => CellType::Quad,
                _ => CellType::Polygon,
            };
            builder = builder.cell(kind, corners);
        }
        builder.build()
    }

    fn plane_fields(&self, kept: &Kept) -> Result<Vec<Field>, MeshError> {
        let mut fields = Vec::new();
        for (name, unit, field) in self.fields() {
            let n = field.components;
            for (location, from, indices) in [
                (Location::Point, &field.points, &kept.points),
                (Location::Cell, &field.cells, &kept.cells),
            ] {
                let tuple = |&i: &u32| &from[n * i as usize..n * (i as usize + 1)];
                let values: Vec<f32> = (indices.iter().flat_map(tuple))
                    .map(|&v| v as f32)
                    .collect();
                fields.push(Field::new(name, location, n, values)?.with_unit(unit));
            }
        }
        Ok(fields)
    }

    /// Minus the distance to the wall, and exactly zero on it.
    fn distance(&self, kept: &Kept, wall: &Outline) -> Result<Field, MeshError> {
        let flat = |&p: &u32| {
            let [x, y, _] = self.mesh.points()[p as usize];
            [x, y]
        };
        let outline: Vec<[f64; 2]> = wall.points.iter().map(flat).collect();
        let contour = Contour::from_segments(&outline, &wall.lines)?;
        let points: Vec<[f64; 2]> = kept.points.iter().map(flat).collect();
        let mut on_wall = vec![false; self.mesh.points().len()];
        for &point in &wall.points {
            on_wall[point as usize] = true;
        }
        let nearest = contour.nearest_many(&points);
        let values: Vec<f64> = (kept.points.iter().zip(nearest))
            .map(|(&p, hit)| {
                if on_wall[p as usize] {
                    0.0
                } else {
                    -hit.distance
                }
            })
            .collect();
        Ok(Field::new("implicit_distance", Location::Point, 1, values)?.with_unit("m"))
    }
}
