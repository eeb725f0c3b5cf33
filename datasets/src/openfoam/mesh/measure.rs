//! Centres, areas and volumes of polyhedra, as OpenFOAM computes them (`primitiveMeshTools`): faces are
//! cut into triangles about the mean of their points, cells into pyramids over their faces.

use super::FoamMesh;

/// Centres and area vectors of the faces, centres and volumes of the cells.
#[derive(Debug)]
pub(in crate::openfoam) struct Measures {
    pub(in crate::openfoam) face_centres: Vec<[f64; 3]>,
    pub(in crate::openfoam) face_areas: Vec<[f64; 3]>,
    pub(in crate::openfoam) cell_centres: Vec<[f64; 3]>,
    pub(in crate::openfoam) volumes: Vec<f64>,
}

impl Measures {
    pub(in crate::openfoam) fn new(mesh: &FoamMesh) -> Self {
        let (face_centres, face_areas): (Vec<_>, Vec<_>) = mesh
            .faces
            .iter()
            .map(|face| face_measure(&mesh.points, face))
            .unzip();
        let (cell_centres, volumes) = cells(mesh, &face_centres, &face_areas);
        Self {
            face_centres,
            face_areas,
            cell_centres,
            volumes,
        }
    }
}

/// Centre and area vector of a face.
fn face_measure(points: &[[f64; 3]], face: &[u32]) -> ([f64; 3], [f64; 3]) {
    let at = |k: usize| points[face[k % face.len()] as usize];
    let middle = mean((0..face.len()).map(at));
    let (mut area, mut weight, mut moment) = ([0.0; 3], 0.0, [0.0; 3]);
    for k in 0..face.len() {
        let (a, b) = (at(k), at(k + 1));
        let part = cross(minus(a, middle), minus(b, middle));
        let size = norm(part);
        weight += size;
        for axis in 0..3 {
            area[axis] += 0.5 * part[axis];
            moment[axis] += size * (a[axis] + b[axis] + middle[axis]) / 3.0;
        }
    }
    let centre = if weight > 0.0 {
        moment.map(|m| m / weight)
    } else {
        middle
    };
    (centre, area)
}

/// Centres and volumes of the cells.
fn cells(mesh: &FoamMesh, centres: &[[f64; 3]], areas: &[[f64; 3]]) -> (Vec<[f64; 3]>, Vec<f64>) {
    let n = mesh.n_cells;
    let (mut middle, mut count) = (vec![[0.0; 3]; n], vec![0.0; n]);
    // Each face with its cell and the sign of its area seen from there.
    let sides = || {
        let own = mesh.owner.iter().enumerate().map(|(f, &c)| (f, c, 1.0));
        let other = mesh
            .neighbour
            .iter()
            .enumerate()
            .map(|(f, &c)| (f, c, -1.0));
        own.chain(other)
    };
    for (face, cell, _) in sides() {
        let cell = cell as usize;
        count[cell] += 1.0;
        for axis in 0..3 {
            middle[cell][axis] += centres[face][axis];
        }
    }
    for (sum, &count) in middle.iter_mut().zip(&count) {
        *sum = sum.map(|s| s / f64::max(count, 1.0));
    }
    let (mut moment, mut volume) = (vec![[0.0; 3]; n], vec![0.0; n]);
    for (face, cell, sign) in sides() {
        let cell = cell as usize;
        let pyramid = sign * dot(areas[face], minus(centres[face], middle[cell])) / 3.0;
        volume[cell] += pyramid;
        for axis in 0..3 {
            let centre = 0.75 * centres[face][axis] + 0.25 * middle[cell][axis];
            moment[cell][axis] += pyramid * centre;
        }
    }
    let centres = (moment.iter().zip(&volume).zip(&middle))
        .map(|((m, &v), &middle)| {
            if v.abs() > f64::MIN_POSITIVE {
                m.map(|m| m / v)
            } else {
                middle
            }
        })
        .collect();
    (centres, volume)
}

pub(in crate::openfoam) fn mean(points: impl ExactSizeIterator<Item = [f64; 3]>) -> [f64; 3] {
    let n = points.len() as f64;
    let sum = points.fold([0.0; 3], |s, p| [0, 1, 2].map(|k| s[k] + p[k]));
    sum.map(|s| s / n)
}

pub(in crate::openfoam) fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|k| a[k] - b[k])
}

pub(in crate::openfoam) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(in crate::openfoam) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

pub(in crate::openfoam) fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}
