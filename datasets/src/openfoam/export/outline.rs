//! A patch as lines in the plane, with its fields.

use std::collections::HashMap;

use karman_meshes::{CellType, Field, Location, Mesh, MeshError};

use super::plane::Plane;
use super::solution::{Everywhere, FoamSolution};
use crate::Boundary;
use crate::openfoam::mesh::{FoamPatch, norm};

/// The lines of a patch: points of the lower side in the order of first use, and a line for each face.
pub(super) struct Outline {
    /// Index in the case of each point.
    pub(super) points: Vec<u32>,
    /// The lines, with the fluid on their left.
    pub(super) lines: Vec<[u32; 2]>,
}

impl Outline {
    /// `None` when a face has not two points on the lower side.
    pub(super) fn new(solution: &FoamSolution, plane: &Plane, patch: &FoamPatch) -> Option<Self> {
        let mesh = &solution.mesh;
        let (mut points, mut lines) = (Vec::new(), Vec::new());
        let mut places: HashMap<u32, u32> = HashMap::new();
        for face in patch.faces() {
            let corners = mesh.face(face);
            let n = corners.len();
            let low = |k: usize| mesh.points()[corners[k % n] as usize][2] < plane.middle;
            // The one edge along the lower side.
            let start = (0..n).find(|&k| low(k) && low(k + 1))?;
            let line = [corners[start], corners[(start + 1) % n]].map(|point| {
                *places.entry(point).or_insert_with(|| {
                    points.push(point);
                    points.len() as u32 - 1
                })
            });
            lines.push(line);
        }
        Some(Self { points, lines })
    }

    /// The boundary with `U`, `p` and `nut` at points and lines. A wall also has `Normals` into the body at
    /// both, and `Length` at the lines.
    pub(super) fn boundary(
        &self,
        solution: &FoamSolution,
        plane: &Plane,
        patch: &FoamPatch,
        on_faces: impl Fn(&Everywhere) -> &[f64],
    ) -> Result<Boundary, MeshError> {
        let at = |&p: &u32| {
            let [x, y, _] = solution.mesh.points()[p as usize];
            [x, y, plane.middle]
        };
        let points: Vec<[f64; 3]> = self.points.iter().map(at).collect();
        let mut builder = Mesh::builder().points(points.clone());
        for line in &self.lines {
            builder = builder.cell(CellType::Line, line);
        }
        let mut fields = Vec::new();
        for (name, unit, field) in solution.fields() {
            let n = field.components;
            let tuple = |&p: &u32| field.points[n * p as usize..n * (p as usize + 1)].to_vec();
            let at_points: Vec<f32> = (self.points.iter().flat_map(tuple))
                .map(|v| v as f32)
                .collect();
            let at_lines: Vec<f32> = on_faces(field).iter().map(|&v| v as f32).collect();
            fields.push(Field::new(name, Location::Point, n, at_points)?.with_unit(unit));
            fields.push(Field::new(name, Location::Cell, n, at_lines)?.with_unit(unit));
        }
        if patch.kind == "wall" {
            fields.extend(self.normals(solution, patch, &points)?);
        }
        Ok(Boundary {
            mesh: builder.build()?,
            fields,
        })
    }

    /// Unit normals of the lines and their mean, made a unit vector, at the points, as VTK does; lengths.
    fn normals(
        &self,
        solution: &FoamSolution,
        patch: &FoamPatch,
        points: &[[f64; 3]],
    ) -> Result<[Field; 3], MeshError> {
        let mut at_points = vec![[0.0; 3]; points.len()];
        let (mut at_lines, mut lengths) = (Vec::new(), Vec::new());
        for (face, line) in patch.faces().zip(&self.lines) {
            let normal = unit(solution.measures.face_areas[face]);
            at_lines.push(normal);
            for &end in line {
                let sum = &mut at_points[end as usize];
                *sum = [0, 1, 2].map(|k| sum[k] + normal[k]);
            }
            let [a, b] = line.map(|end| points[end as usize]);
            lengths.push((b[0] - a[0]).hypot(b[1] - a[1]));
        }
        let flat = |normals: Vec<[f64; 3]>| -> Vec<f32> {
            normals.iter().flatten().map(|&c| c as f32).collect()
        };
        let at_points = at_points.into_iter().map(unit).collect();
        Ok([
            Field::new("Normals", Location::Point, 3, flat(at_points))?,
            Field::new("Normals", Location::Cell, 3, flat(at_lines))?,
            Field::new("Length", Location::Cell, 1, lengths)?.with_unit("m"),
        ])
    }
}

fn unit(v: [f64; 3]) -> [f64; 3] {
    let size = norm(v).max(f64::MIN_POSITIVE);
    // Adding zero makes one zero of the two.
    v.map(|c| c / size + 0.0)
}
