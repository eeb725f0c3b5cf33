//! What a prediction says of the airfoil's surface.

use std::path::Path;

use karman_datasets::{
    FlowFields, Forces, Friction, NormalRule, PredictionCase, Side, Wall, WallState,
};
use karman_meshes::{CellType, Mesh, WriteOptions, write_mesh};

use super::files::{array, spatial};
use crate::commands::error::CommandError;

/// Friction coefficient of a turbulent boundary layer from its Reynolds number (one-seventh power
/// law), by which the resolution of a mesh is judged before a flow is known.
fn plate_friction(reynolds: f64) -> f64 {
    0.027 / reynolds.powf(1.0 / 7.0)
}

/// Pressure and friction along the airfoil, and their integrals; in the frame of training.
pub(super) struct WallResult {
    wall: Wall,
    state: WallState,
    /// Coefficients integrated from the predicted fields.
    pub forces: Forces,
    /// Distance of the first nodes off the wall in wall units, estimated; `None` where no node is
    /// joined to the wall.
    pub y_plus: Option<f64>,
}

impl WallResult {
    pub(super) fn new(case: &PredictionCase, fields: &FlowFields) -> Result<Self, CommandError> {
        let wall = Wall::from_sample(&case.sample)?;
        let state = WallState::new(&case.sample, &wall, fields, Friction::Resolved)?;
        Ok(Self {
            forces: state.forces(&wall, NormalRule::default()),
            y_plus: y_plus(case)?,
            wall,
            state,
        })
    }

    /// Writes the closed outline with its curves, in the frame and units of the mesh.
    pub(super) fn write(
        &self,
        path: &Path,
        mesh: &Mesh,
        case: &PredictionCase,
    ) -> Result<(), CommandError> {
        let (wall, back) = (&self.wall, &case.similarity);
        let n = wall.len();
        let points = wall.nodes.iter().map(|&k| mesh.points()[k as usize]);
        let mut outline = Mesh::builder().points(points.collect());
        for k in 0..n {
            outline = outline.cell(CellType::Line, &wall.ends(k).map(|end| end as u32));
        }
        let scale = 1.0 / wall.dynamic_pressure();
        let (pressure, shear) = (&self.state.pressure, &self.state.shear);
        let cp = pressure.iter().map(|p| p * scale);
        let cf = (0..n).map(|k| {
            let side = if k <= wall.contour.leading_edge_index() {
                Side::Upper
            } else {
                Side::Lower
            };
            let [x, y] = wall.tangent(side, k);
            (shear[k][0] * x + shear[k][1] * y) * scale
        });
        let chord = wall.contour.chord();
        let along = wall.contour.points().iter().map(|&p| chord.to_local(p)[0]);
        let stress = shear.iter().flat_map(|&t| spatial(back.stress(t)));
        let normals = wall.inward.iter().flat_map(|&n| spatial(back.direction(n)));
        let arrays = [
            array("p", 1, pressure.iter().map(|&p| back.pressure(p)), "m2/s2")?,
            array("Cp", 1, cp, "1")?,
            array("wall_shear_stress", 3, stress, "m2/s2")?,
            array("Cf", 1, cf, "1")?,
            array("x_c", 1, along, "1")?,
            array("Normals", 3, normals, "1")?,
        ];
        Ok(write_mesh(
            path,
            &outline.build()?,
            &arrays,
            &WriteOptions::default(),
        )?)
    }
}

/// The median over wall nodes of the distance of the nearest node off the wall that shares an edge
/// with it, in wall units of a flat plate.
fn y_plus(case: &PredictionCase) -> Result<Option<f64>, CommandError> {
    let sdf = case.table.column("sdf")?;
    let neighbours = case.sample.mesh.point_neighbours();
    let mut heights: Vec<f64> = case
        .wall
        .nodes
        .iter()
        .filter_map(|&node| {
            let around = neighbours.row(node as usize).iter();
            let off = around.map(|&k| f64::from(sdf[k as usize]));
            off.filter(|d| *d > 0.0).min_by(f64::total_cmp)
        })
        .collect();
    heights.sort_by(f64::total_cmp);
    let median = heights.get(heights.len() / 2);
    let info = &case.info;
    let friction_speed = info.speed * (0.5 * plate_friction(info.reynolds())).sqrt();
    Ok(median.map(|height| height * friction_speed / info.nu))
}
