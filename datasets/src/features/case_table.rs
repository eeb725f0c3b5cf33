//! Model rows of a sample: inputs and targets, and the descriptor of the case.

use karman_meshes::{AirfoilMeasures, Contour};
use karman_solvers::PanelSolution;

use super::inputs::{InputRow, PointInputs, normal_at, unit};
use crate::airfrans::{CaseName, WallNodes, wall_nodes};
use crate::sample::vector_values;
use crate::{CaseInfo, DatasetError, FlowFields, PointTable, Sample, forces_of, point_columns};

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
        let flow = inputs
            .inviscid_flow()
            .map_err(DatasetError::solver(format!("case {}", sample.name)))?;
        let table = with_targets(sample, inputs.rows(&flow)?)?;
        let info = describe(sample, &contour, &wall, &flow, &table)?;
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
    flow: &PanelSolution,
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
        inlet: inlet_of(sample)?,
        nu: sample.global("nu")?,
        measures: *AirfoilMeasures::new(contour).values(),
        digits: CaseName::parse(&sample.name)
            .map(|n| n.digits)
            .unwrap_or_default(),
        sdf_max: sdf.into_iter().map(f64::from).fold(0.0, f64::max),
        n_points: table.n_rows(),
        n_surface: wall.nodes.len(),
        coefficients,
        panel_cl: flow.lift_coefficient(),
        panel_cm: flow.moment_coefficient(),
        notes,
    })
}
