//! How good a mesh is for OpenFOAM: what `checkMesh` measures.
//!
//! Non-orthogonality is the angle between a face's normal and the line between the centres of its cells;
//! skewness is the distance of the face's centre from the point where that line meets the face, over its
//! half width in that direction (`primitiveMeshTools::faceSkewness`); the aspect ratio of a cell is the
//! largest sum of face areas along an axis over the smallest.

use serde::{Deserialize, Serialize};

use super::FoamMesh;
use super::measure::{Measures, dot, minus, norm};

/// What was measured on a mesh.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeshQuality {
    /// Cells.
    pub cells: usize,
    /// The smallest volume, m³.
    pub min_volume: f64,
    /// The largest angle of non-orthogonality, degrees.
    pub max_non_orthogonality: f64,
    /// The angle of the mean cosine over the internal faces, degrees.
    pub mean_non_orthogonality: f64,
    /// The largest skewness of a face.
    pub max_skewness: f64,
    /// The largest aspect ratio in the plane.
    pub max_aspect_ratio: f64,
}

/// What a mesh must keep to be computed on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityLimits {
    /// Of [`MeshQuality::max_non_orthogonality`], degrees.
    pub non_orthogonality: f64,
    /// Of [`MeshQuality::max_skewness`].
    pub skewness: f64,
}

impl Default for QualityLimits {
    /// `checkMesh`'s own limit of skewness, and 80 degrees: above, its correction is no longer bounded by
    /// the `limited` schemes of the cases.
    fn default() -> Self {
        Self {
            non_orthogonality: 80.0,
            skewness: 4.0,
        }
    }
}

impl MeshQuality {
    /// Measures a mesh.
    pub fn new(mesh: &FoamMesh) -> Self {
        let measures = Measures::new(mesh);
        let (mut least, mut sum, mut skewness) = (1.0f64, 0.0, 0.0f64);
        for (face, &own) in mesh.owner.iter().enumerate() {
            let from = measures.cell_centres[own as usize];
            let area = measures.face_areas[face];
            let Some(&other) = mesh.neighbour.get(face) else {
                // Across a boundary face the line runs along its normal.
                let normal = area.map(|a| a / norm(area));
                let depth = dot(normal, minus(measures.face_centres[face], from));
                let way = normal.map(|n| depth * n);
                skewness = skewness.max(face_skewness(mesh, &measures, face, from, way, 0.4));
                continue;
            };
            let way = minus(measures.cell_centres[other as usize], from);
            let cosine = (dot(way, area) / (norm(way) * norm(area))).clamp(-1.0, 1.0);
            least = least.min(cosine);
            sum += cosine;
            skewness = skewness.max(face_skewness(mesh, &measures, face, from, way, 0.2));
        }
        let mean = sum / mesh.neighbour.len().max(1) as f64;
        Self {
            cells: mesh.n_cells,
            min_volume: measures.volumes.iter().copied().fold(f64::MAX, f64::min),
            max_non_orthogonality: least.acos().to_degrees(),
            mean_non_orthogonality: mean.acos().to_degrees(),
            max_skewness: skewness,
            max_aspect_ratio: aspect_ratio(mesh, &measures),
        }
    }

    /// What makes the mesh unusable, if anything does.
    pub fn fault(&self, limits: &QualityLimits) -> Option<String> {
        let Self {
            min_volume,
            max_non_orthogonality: angle,
            max_skewness: skewness,
            ..
        } = *self;
        if min_volume.is_nan() || min_volume <= 0.0 {
            Some(format!("a cell has the volume {min_volume:e} m³"))
        } else if angle.is_nan() || angle > limits.non_orthogonality {
            Some(format!(
                "non-orthogonality reaches {angle:.1} degrees, {:.0} are allowed",
                limits.non_orthogonality
            ))
        } else if skewness.is_nan() || skewness > limits.skewness {
            Some(format!(
                "skewness reaches {skewness:.2}, {:.1} is allowed",
                limits.skewness
            ))
        } else {
            None
        }
    }
}

/// `way` leads across the face from the owner's centre; `least` of its length is the half width at least.
fn face_skewness(
    mesh: &FoamMesh,
    measures: &Measures,
    face: usize,
    from: [f64; 3],
    way: [f64; 3],
    least: f64,
) -> f64 {
    let (centre, area) = (measures.face_centres[face], measures.face_areas[face]);
    let to_face = minus(centre, from);
    let fraction = dot(area, to_face) / (dot(area, way) + f64::MIN_POSITIVE);
    let offset = minus(to_face, way.map(|w| fraction * w));
    let distance = norm(offset);
    let direction = offset.map(|o| o / (distance + f64::MIN_POSITIVE));
    let half_width = mesh.faces[face]
        .iter()
        .map(|&p| dot(direction, minus(mesh.points[p as usize], centre)).abs())
        .fold(least * norm(way), f64::max);
    distance / half_width
}

/// The largest ratio over the cells; only the x and y directions count.
fn aspect_ratio(mesh: &FoamMesh, measures: &Measures) -> f64 {
    let mut sums = vec![[0.0; 2]; mesh.n_cells];
    let own = mesh.owner.iter().copied().enumerate();
    for (face, cell) in own.chain(mesh.neighbour.iter().copied().enumerate()) {
        let [x, y, _] = measures.face_areas[face];
        let sum = &mut sums[cell as usize];
        *sum = [sum[0] + x.abs(), sum[1] + y.abs()];
    }
    let ratio = |[x, y]: [f64; 2]| x.max(y) / x.min(y).max(f64::MIN_POSITIVE);
    sums.into_iter().map(ratio).fold(1.0, f64::max)
}
