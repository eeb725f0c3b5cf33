//! Model inputs from points and an airfoil: distances, normals, arc length, inviscid flow.

use karman_meshes::{Contour, Nearest};
use karman_solvers::{PanelSolution, SolverError};

use crate::table::INPUT_COLUMNS;
use crate::{DatasetError, PointTable};

/// Distance, over the chord, below which a point that is not known to be a wall node counts as one.
const ON_WALL: f64 = 1e-9;

/// Points at which model inputs are wanted, and what is known about them beforehand.
#[derive(Debug, Clone, Copy)]
pub struct PointInputs<'a> {
    /// The points, m.
    pub points: &'a [[f64; 2]],
    /// The airfoil.
    pub contour: &'a Contour,
    /// Inlet velocity, m/s.
    pub inlet: [f64; 2],
    /// Distance to the airfoil at each point, m, positive in the fluid; computed where `None`.
    pub sdf: Option<&'a [f64]>,
    /// The distance by which volume normals fade to zero, m; the largest of the points where `None`.
    pub sdf_max: Option<f64>,
    /// Indices of the points on the airfoil and the outward unit normals there; where `None`, the
    /// points at a distance of less than 1e-9 chords, with the contour's normals.
    pub wall: Option<(&'a [u32], &'a [[f64; 2]])>,
}

impl<'a> PointInputs<'a> {
    /// Points about which nothing more is known: everything is computed from the contour.
    pub fn new(points: &'a [[f64; 2]], contour: &'a Contour, inlet: [f64; 2]) -> Self {
        Self {
            points,
            contour,
            inlet,
            sdf: None,
            sdf_max: None,
            wall: None,
        }
    }

    /// The rows of model inputs ([`INPUT_COLUMNS`]) and the surface mark, for a prediction where
    /// no flow is known.
    ///
    /// # Errors
    /// No points; arrays of other lengths than the points; a coordinate or distance that is not
    /// finite; a wall index out of range; an airfoil past which there is no inviscid flow.
    pub fn table(&self) -> Result<PointTable, DatasetError> {
        let flow = self
            .inviscid_flow()
            .map_err(DatasetError::solver("points for model inputs"))?;
        self.table_with(&flow)
    }

    /// As [`PointInputs::table`], with the inviscid flow that was computed before.
    pub(super) fn table_with(&self, flow: &PanelSolution) -> Result<PointTable, DatasetError> {
        let rows = self.rows(flow)?;
        let mut data = Vec::with_capacity(rows.len() * (INPUT_COLUMNS.len() + 1));
        for row in &rows {
            data.extend_from_slice(&row.inputs);
            data.push(f32::from(u8::from(row.is_surface)));
        }
        let names = INPUT_COLUMNS.iter().map(|c| c.name.to_string());
        PointTable::new(names.chain(["is_surface".to_string()]).collect(), data)
    }

    fn check(&self) -> Result<(), DatasetError> {
        let n = self.points.len();
        if n == 0 {
            return Err(wrong_points("there are none".into()));
        }
        let not_finite = |p: &[f64; 2]| !(p[0].is_finite() && p[1].is_finite());
        if let Some(at) = self.points.iter().position(not_finite) {
            return Err(wrong_points(format!("point {at} is {:?}", self.points[at])));
        }
        let size = |what: &str, found: usize, expected: usize| DatasetError::Size {
            what: what.to_string(),
            expected,
            found,
        };
        if let Some(sdf) = self.sdf {
            if sdf.len() != n {
                return Err(size("distances, one per point", sdf.len(), n));
            }
            if let Some(at) = sdf.iter().position(|d| !d.is_finite()) {
                return Err(wrong_points(format!(
                    "the distance of point {at} is {}",
                    sdf[at]
                )));
            }
        }
        if let Some((nodes, normals)) = self.wall {
            if nodes.len() != normals.len() {
                return Err(size(
                    "wall normals, one per wall node",
                    normals.len(),
                    nodes.len(),
                ));
            }
            if let Some(node) = nodes.iter().find(|i| **i as usize >= n) {
                return Err(wrong_points(format!("wall node {node} of {n} points")));
            }
        }
        Ok(())
    }

    /// The inviscid flow of the inlet past the airfoil, over its speed.
    pub(super) fn inviscid_flow(&self) -> Result<PanelSolution, SolverError> {
        let angle = self.inlet[1].atan2(self.inlet[0]);
        PanelSolution::solve(self.contour, angle)
    }

    pub(super) fn rows(&self, flow: &PanelSolution) -> Result<Vec<InputRow>, DatasetError> {
        self.check()?;
        let nearest = self.contour.nearest_many(self.points);
        let sdf = match self.sdf {
            Some(sdf) => sdf.to_vec(),
            None => self.contour.signed_distance_many(self.points),
        };
        let normals = self.wall_normals(&nearest);
        let largest = sdf.iter().copied().fold(0.0, f64::max);
        let fade_by = self.sdf_max.unwrap_or(largest).max(f64::MIN_POSITIVE);
        let arc = SignedArc::of(self.contour);
        let speed = self.inlet[0].hypot(self.inlet[1]);
        let velocity = flow.velocity_at(self.points);
        let rows = (0..self.points.len()).map(|i| {
            let (p, hit, normal) = (self.points[i], &nearest[i], normals[i]);
            let fade = (1.0 - sdf[i].max(0.0) / fade_by).max(0.0);
            let inward = towards_wall(p, hit, normal).map(|c| c * fade);
            let outward = normal.unwrap_or([0.0; 2]);
            let v = velocity[i];
            let pressure = 0.5 * speed * speed * (1.0 - v[0] * v[0] - v[1] * v[1]);
            let values = [
                p[0],
                p[1],
                self.inlet[0],
                self.inlet[1],
                sdf[i],
                outward[0],
                outward[1],
                inward[0],
                inward[1],
                arc.at(hit),
                hit.point[0],
                hit.point[1],
                speed * v[0],
                speed * v[1],
                pressure,
            ];
            InputRow {
                inputs: values.map(|v| v as f32),
                is_surface: normal.is_some(),
            }
        });
        Ok(rows.collect())
    }

    /// The outward normal at points on the wall, `None` elsewhere.
    fn wall_normals(&self, nearest: &[Nearest]) -> Vec<Option<[f64; 2]>> {
        let mut normals = vec![None; self.points.len()];
        if let Some((nodes, given)) = self.wall {
            for (&node, &normal) in nodes.iter().zip(given) {
                normals[node as usize] = Some(normal);
            }
            return normals;
        }
        let tolerance = ON_WALL * self.contour.chord().length();
        for (normal, hit) in normals.iter_mut().zip(nearest) {
            if hit.distance <= tolerance {
                *normal = Some(normal_at(self.contour, hit));
            }
        }
        normals
    }
}

fn wrong_points(problem: String) -> DatasetError {
    DatasetError::Argument {
        what: "points for model inputs",
        problem,
    }
}

pub(super) struct InputRow {
    pub(super) inputs: [f32; INPUT_COLUMNS.len()],
    pub(super) is_surface: bool,
}

/// Unit vector from a point to the nearest point of the airfoil. Where the two coincide it is the
/// limit along the normal, which points into the body: a departure from the authors' code, where
/// the vector would be zero there and jumps beside it.
fn towards_wall(p: [f64; 2], hit: &Nearest, normal: Option<[f64; 2]>) -> [f64; 2] {
    match normal {
        Some(n) => n.map(|c| -c),
        None if hit.distance > 0.0 => [0, 1].map(|k| (hit.point[k] - p[k]) / hit.distance),
        None => [0.0; 2],
    }
}

/// The contour's outward normal at a point on it, linear between its points.
pub(super) fn normal_at(contour: &Contour, hit: &Nearest) -> [f64; 2] {
    let normals = contour.node_normals();
    let (a, b) = (
        hit.segment as usize,
        (hit.segment as usize + 1) % normals.len(),
    );
    unit([0, 1].map(|k| (1.0 - hit.t) * normals[a][k] + hit.t * normals[b][k]))
        .unwrap_or(contour.segment_normals()[a])
}

pub(super) fn unit(v: [f64; 2]) -> Option<[f64; 2]> {
    let length = v[0].hypot(v[1]);
    (length > 1e-12).then(|| v.map(|c| c / length))
}

/// Arc length from the leading edge: positive on the upper side, negative on the lower.
///
/// Behind the trailing edge, where both ends of the contour are equally near, it is that of the
/// upper side.
struct SignedArc<'a> {
    start: &'a [f64],
    perimeter: f64,
    leading: f64,
}

impl<'a> SignedArc<'a> {
    fn of(contour: &'a Contour) -> Self {
        let start = contour.arc_length();
        Self {
            start,
            perimeter: contour.perimeter(),
            leading: start[contour.leading_edge_index()],
        }
    }

    fn at(&self, hit: &Nearest) -> f64 {
        let segment = hit.segment as usize;
        let end = self
            .start
            .get(segment + 1)
            .copied()
            .unwrap_or(self.perimeter);
        let s = self.start[segment] + hit.t * (end - self.start[segment]);
        self.leading - s
    }
}
