//! Model rows from points and an airfoil: distances, normals, arc length, and a sample's targets.

use karman_meshes::{AirfoilMeasures, Contour, Nearest};

use crate::airfrans::{CaseName, WallNodes, wall_nodes};
use crate::sample::vector_values;
use crate::table::{INPUT_COLUMNS, point_columns};
use crate::{CaseInfo, DatasetError, FlowFields, PointTable, Sample, forces_of};

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
    /// finite; a wall index out of range.
    pub fn table(&self) -> Result<PointTable, DatasetError> {
        let rows = self.rows()?;
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

    fn rows(&self) -> Result<Vec<InputRow>, DatasetError> {
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
        let rows = (0..self.points.len()).map(|i| {
            let (p, hit, normal) = (self.points[i], &nearest[i], normals[i]);
            let fade = (1.0 - sdf[i].max(0.0) / fade_by).max(0.0);
            let inward = towards_wall(p, hit, normal).map(|c| c * fade);
            let outward = normal.unwrap_or([0.0; 2]);
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

struct InputRow {
    inputs: [f32; INPUT_COLUMNS.len()],
    is_surface: bool,
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
fn normal_at(contour: &Contour, hit: &Nearest) -> [f64; 2] {
    let normals = contour.node_normals();
    let (a, b) = (
        hit.segment as usize,
        (hit.segment as usize + 1) % normals.len(),
    );
    unit([0, 1].map(|k| (1.0 - hit.t) * normals[a][k] + hit.t * normals[b][k]))
        .unwrap_or(contour.segment_normals()[a])
}

fn unit(v: [f64; 2]) -> Option<[f64; 2]> {
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

/// What a model sees of one case: its rows, its descriptor, its outline.
#[derive(Debug, Clone)]
pub struct CaseTable {
    /// The descriptor.
    pub info: CaseInfo,
    /// One row per node of the internal mesh, in its order; columns as in
    /// [`point_columns`](crate::point_columns).
    pub table: PointTable,
    /// The airfoil.
    pub contour: Contour,
    /// The wall nodes.
    pub wall: WallNodes,
}

impl CaseTable {
    /// Makes the rows of an AirfRANS-style sample.
    ///
    /// Distances are those of the file where it has them. Normals are the (turned) ones of the
    /// aerofoil file, or the contour's where it has none.
    ///
    /// # Errors
    /// An outline that is not one closed loop, no wall nodes, or a missing array.
    pub fn from_sample(sample: &Sample) -> Result<Self, DatasetError> {
        let boundary = sample.boundary("aerofoil")?;
        let contour = Contour::from_segments(&boundary.points_2d(), &boundary.segments())
            .map_err(DatasetError::mesh(&sample.name))?;
        let wall = wall_nodes(sample)?;
        let normals = given_normals(sample, &contour, &wall)?;
        let points = sample.points_2d();
        let sdf = file_distances(sample)?;
        let inlet = inlet_of(sample)?;
        let inputs = PointInputs {
            sdf: sdf.as_deref(),
            wall: Some((&wall.nodes, &normals)),
            ..PointInputs::new(&points, &contour, inlet)
        };
        let table = with_targets(sample, inputs.rows()?)?;
        let info = describe(sample, &contour, &wall, inlet, &table)?;
        Ok(Self {
            info,
            table,
            contour,
            wall,
        })
    }
}

fn inlet_of(sample: &Sample) -> Result<[f64; 2], DatasetError> {
    let (speed, aoa) = (sample.global("speed")?, sample.global("aoa")?);
    let (sin, cos) = aoa.to_radians().sin_cos();
    Ok([speed * cos, speed * sin])
}

fn file_distances(sample: &Sample) -> Result<Option<Vec<f64>>, DatasetError> {
    if !sample.has_field("implicit_distance") {
        return Ok(None);
    }
    let distance = sample.scalar("implicit_distance")?;
    // 0 - d and not -d: the wall's distance is 0, not -0.
    Ok(Some(distance.iter().map(|d| 0.0 - d).collect()))
}

/// Outward unit normals at the wall nodes.
fn given_normals(
    sample: &Sample,
    contour: &Contour,
    wall: &WallNodes,
) -> Result<Vec<[f64; 2]>, DatasetError> {
    let boundary = sample.boundary("aerofoil")?;
    let points = boundary.points_2d();
    let from_file = match boundary.field("Normals") {
        Some(field) => Some(vector_values(&sample.name, "aerofoil", field)?),
        None => None,
    };
    let normal = |&b: &u32| {
        let given = from_file.as_ref().and_then(|n| unit(n[b as usize]));
        match given {
            Some(inward) => inward.map(|c| 0.0 - c),
            None => normal_at(contour, &contour.nearest(points[b as usize])),
        }
    };
    Ok(wall.boundary.iter().map(normal).collect())
}

fn with_targets(sample: &Sample, rows: Vec<InputRow>) -> Result<PointTable, DatasetError> {
    let velocity = sample.vector("U")?;
    let (pressure, viscosity) = (sample.scalar("p")?, sample.scalar("nut")?);
    let names: Vec<String> = point_columns().map(|c| c.name.to_string()).collect();
    let mut data = Vec::with_capacity(rows.len() * names.len());
    for (i, row) in rows.iter().enumerate() {
        data.extend_from_slice(&row.inputs);
        let targets = [velocity[i][0], velocity[i][1], pressure[i], viscosity[i]];
        data.extend(targets.map(|v| v as f32));
        data.push(f32::from(u8::from(row.is_surface)));
    }
    PointTable::new(names, data)
}

fn describe(
    sample: &Sample,
    contour: &Contour,
    wall: &WallNodes,
    inlet: [f64; 2],
    table: &PointTable,
) -> Result<CaseInfo, DatasetError> {
    let sdf = table.column("sdf")?;
    let notes = sample.provenance.notes.iter().chain(&wall.notes);
    let mut notes: Vec<String> = notes.cloned().collect();
    // A case whose forces cannot be integrated can still be learnt from.
    let forces = FlowFields::from_sample(sample).and_then(|fields| forces_of(sample, &fields));
    let coefficients = forces
        .map_err(|error| notes.push(format!("no force coefficients: {error}")))
        .ok();
    Ok(CaseInfo {
        name: sample.name.clone(),
        speed: sample.global("speed")?,
        aoa: sample.global("aoa")?,
        inlet,
        nu: sample.global("nu")?,
        measures: *AirfoilMeasures::new(contour).values(),
        digits: CaseName::parse(&sample.name)
            .map(|n| n.digits)
            .unwrap_or_default(),
        sdf_max: sdf.into_iter().map(f64::from).fold(0.0, f64::max),
        n_points: table.n_rows(),
        n_surface: wall.nodes.len(),
        coefficients,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{PI, TAU};

    use super::*;
    use crate::SyntheticCase;

    /// A circle of diameter 1 m from (0, 0) to (1, 0): leading edge at the origin.
    fn circle(n: usize) -> Contour {
        let at = |i: usize| TAU * i as f64 / n as f64;
        let points: Vec<[f64; 2]> = (0..n)
            .map(|i| [0.5 + 0.5 * at(i).cos(), 0.5 * at(i).sin()])
            .collect();
        Contour::from_points(&points).unwrap()
    }

    fn column(table: &PointTable, name: &str) -> Vec<f64> {
        table
            .column(name)
            .unwrap()
            .into_iter()
            .map(f64::from)
            .collect()
    }

    #[test]
    fn circle_has_known_distances_arcs_and_directions() {
        let contour = circle(2000);
        let polar: Vec<(f64, f64)> = (1..40)
            .map(|i| (0.5 + 0.05 * f64::from(i), PI * (f64::from(i) / 20.0 - 1.01)))
            .collect();
        let points: Vec<[f64; 2]> = polar
            .iter()
            .map(|(r, a)| [0.5 + r * a.cos(), r * a.sin()])
            .collect();
        let table = PointInputs::new(&points, &contour, [3.0, 4.0])
            .table()
            .unwrap();
        let (sdf, arc) = (column(&table, "sdf"), column(&table, "arc"));
        let (vx, vy) = (
            column(&table, "volume_normal_x"),
            column(&table, "volume_normal_y"),
        );
        let (wx, wy) = (column(&table, "wall_x"), column(&table, "wall_y"));
        let farthest = 0.05 * 39.0;
        for (i, &(r, a)) in polar.iter().enumerate() {
            let d = r - 0.5;
            assert!((sdf[i] - d).abs() < 1e-5, "{} {d}", sdf[i]);
            let along = if a > 0.0 {
                0.5 * (PI - a)
            } else {
                -0.5 * (PI + a)
            };
            assert!(
                (arc[i] - along).abs() < 2e-3,
                "angle {a}: {} {along}",
                arc[i]
            );
            let fade = 1.0 - d / farthest;
            assert!((vx[i] + fade * a.cos()).abs() < 2e-3 && (vy[i] + fade * a.sin()).abs() < 2e-3);
            assert!(
                (wx[i] - 0.5 - 0.5 * a.cos()).abs() < 1e-3 && (wy[i] - 0.5 * a.sin()).abs() < 1e-3
            );
        }
        assert!(column(&table, "inlet_x").iter().all(|v| *v == 3.0));
        assert!(column(&table, "is_surface").iter().all(|v| *v == 0.0));
    }

    #[test]
    fn points_on_the_contour_are_found_and_have_normals() {
        let contour = circle(400);
        let points: Vec<[f64; 2]> = contour.points().iter().copied().step_by(7).collect();
        let table = PointInputs::new(&points, &contour, [1.0, 0.0])
            .table()
            .unwrap();
        assert!(column(&table, "is_surface").iter().all(|v| *v == 1.0));
        let (nx, ny) = (column(&table, "normal_x"), column(&table, "normal_y"));
        let vx = column(&table, "volume_normal_x");
        for (i, p) in points.iter().enumerate() {
            let radial = [2.0 * (p[0] - 0.5), 2.0 * p[1]];
            assert!((nx[i] - radial[0]).abs() < 1e-6 && (ny[i] - radial[1]).abs() < 1e-6);
            assert_eq!(vx[i], -nx[i], "into the body");
        }
    }

    #[test]
    fn volume_normals_do_not_jump_at_the_wall() {
        let contour = circle(4000);
        let points = [[0.5, 0.5], [0.5, 0.5 + 1e-4], [0.5, 2.0]];
        let table = PointInputs::new(&points, &contour, [1.0, 0.0])
            .table()
            .unwrap();
        let vy = column(&table, "volume_normal_y");
        assert!(
            (vy[0] + 1.0).abs() < 1e-4 && (vy[0] - vy[1]).abs() < 1e-3,
            "{vy:?}"
        );
        assert_eq!(vy[2], 0.0, "faded out at the farthest point");
    }

    #[test]
    fn a_sample_becomes_a_table() {
        let case = SyntheticCase::default();
        let sample = case.sample().unwrap();
        let made = CaseTable::from_sample(&sample).unwrap();
        let (info, table) = (&made.info, &made.table);
        assert_eq!((info.n_points, info.n_surface), (64 * 25, 64));
        assert_eq!((info.speed, info.aoa), (case.speed, case.aoa));
        assert!(info.notes.is_empty(), "{:?}", info.notes);
        let lift = info.coefficients.unwrap().cl_pressure;
        let exact = case.lift_coefficient();
        assert!((lift - exact).abs() < 0.02 * exact, "{lift} {exact}");
        assert!(info.digits.is_empty());
        assert_eq!(made.wall.nodes, (0..64).collect::<Vec<u32>>());
        let surface = column(table, "is_surface");
        assert_eq!(surface.iter().sum::<f64>(), 64.0);
        let (u_x, sdf) = (column(table, "u_x"), column(table, "sdf"));
        for i in 0..info.n_points {
            assert_eq!(surface[i] == 1.0, sdf[i] == 0.0);
            assert_eq!(surface[i] == 1.0, u_x[i] == 0.0);
        }
        let p = sample.scalar("p").unwrap();
        assert_eq!(column(table, "p"), p);
        let (nx, ny) = (column(table, "normal_x"), column(table, "normal_y"));
        for i in 0..64 {
            assert!((nx[i].hypot(ny[i]) - 1.0).abs() < 1e-6);
        }
        assert!(ny[16] > 0.5 && ny[48] < -0.5, "outward on both sides");
    }

    /// What the file leaves out is computed, to the same values.
    #[test]
    fn distances_and_normals_are_computed_where_absent() {
        let sample = SyntheticCase::default().sample().unwrap();
        let full = CaseTable::from_sample(&sample).unwrap();
        let mut bare = sample;
        bare.fields.retain(|f| f.name() != "implicit_distance");
        bare.boundaries.get_mut("aerofoil").unwrap().fields.clear();
        let made = CaseTable::from_sample(&bare).unwrap();
        for name in ["sdf", "normal_x", "normal_y", "arc", "is_surface"] {
            let (a, b) = (column(&full.table, name), column(&made.table, name));
            let apart = a
                .iter()
                .zip(&b)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            assert!(apart < 1e-6, "{name}: {apart}");
        }
    }

    #[test]
    fn wrong_input_is_an_error() {
        let contour = circle(50);
        let points = [[2.0, 0.0], [3.0, 0.0]];
        let good = PointInputs::new(&points, &contour, [1.0, 0.0]);
        assert!(good.table().is_ok());
        let bad = [
            PointInputs {
                points: &[],
                ..good
            },
            PointInputs {
                points: &[[f64::NAN, 0.0]],
                ..good
            },
            PointInputs {
                sdf: Some(&[1.0]),
                ..good
            },
            PointInputs {
                sdf: Some(&[1.0, f64::NAN]),
                ..good
            },
            PointInputs {
                wall: Some((&[2], &[[1.0, 0.0]])),
                ..good
            },
            PointInputs {
                wall: Some((&[0, 1], &[[1.0, 0.0]])),
                ..good
            },
        ];
        for inputs in bad {
            assert!(inputs.table().is_err(), "{inputs:?}");
        }
    }
}
