//! A mesh and inlet conditions for which a prediction is wanted: no flow is known there.
//!
//! Models are trained on airfoils of 1 m chord with the leading edge at the origin, in air. Another
//! airfoil is brought there by a [`Similarity`], which keeps the Reynolds number, and predictions are
//! brought back by it.

mod outline;
mod similarity;

#[cfg(test)]
mod tests;

pub use outline::{AirfoilOutline, find_airfoil};
pub use similarity::Similarity;

use std::collections::BTreeMap;

use karman_meshes::{AirfoilMeasures, CellType, Contour, Field, Location, Mesh, MeshError};

use super::inputs::{PointInputs, unit};
use crate::airfrans::{CaseName, Conditions, WallNodes, globals, wall_nodes};
use crate::{Boundary, CaseInfo, DatasetError, PointTable, Provenance, Sample};

/// A mesh whose largest distance to the airfoil is that of the training meshes to within this
/// fraction counts as one of them.
const LIKE_TRAINING: f64 = 0.15;
/// Points this fraction of the training meshes' extent outside of it still count as inside: the
/// edges of cropped meshes are ragged.
const RAGGED: f64 = 0.05;

/// Where the points of a model's training cases lie, m. Beyond, a model extrapolates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingReach {
    /// Smallest x and y.
    pub low: [f64; 2],
    /// Largest x and y.
    pub high: [f64; 2],
    /// Largest distance to the airfoil.
    pub sdf_max: f64,
}

/// What is wanted of a mesh: under what name, and in which flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictionRequest<'a> {
    /// Name for the case. Where it is of AirfRANS's form, the airfoil's digits are taken from it.
    pub name: &'a str,
    /// The flow; its angle is that of the inlet velocity to the mesh's x axis.
    pub conditions: Conditions,
    /// What the model has seen, where that is known.
    pub reach: Option<TrainingReach>,
}

/// A case without a flow: what a model needs for a prediction, and what leads its answer back to
/// the mesh. All but `similarity` is in the frame and units of training (chord 1 m, leading edge at
/// the origin).
#[derive(Debug, Clone)]
pub struct PredictionCase {
    /// The descriptor; no coefficients.
    pub info: CaseInfo,
    /// The rows of model inputs, one per node of the mesh, as [`PointInputs::table`] makes them.
    pub table: PointTable,
    /// The mesh, its airfoil as the boundary "aerofoil" (with the array `Normals`) and the
    /// conditions; no fields of a flow. Forces of predicted fields are integrated on it.
    pub sample: Sample,
    /// The airfoil.
    pub contour: Contour,
    /// The nodes on the airfoil.
    pub wall: WallNodes,
    /// From the frame of training to that of the mesh.
    pub similarity: Similarity,
    /// For each node whether it lies outside of where the model has seen points; all `false` where
    /// that is not known.
    pub beyond: Vec<bool>,
}

impl PredictionCase {
    /// Finds the airfoil in a mesh of plane cells (see [`find_airfoil`]) and makes the model's rows.
    ///
    /// `info.notes` says what was done about a mesh that is not like those of training.
    ///
    /// # Errors
    /// No airfoil or several, solid cells, a mesh that lies in no plane of constant z, an outline
    /// that encloses nothing.
    pub fn new(mesh: &Mesh, request: &PredictionRequest<'_>) -> Result<Self, DatasetError> {
        let outline = find_airfoil(request.name, mesh)?;
        let similarity = Similarity::new(&outline.contour, &request.conditions)?;
        let conditions = similarity.conditions_in_training(&request.conditions);
        let mut sample = sample(mesh, &outline, &similarity, conditions, request.name)?;
        let boundary = sample.boundary("aerofoil")?;
        let contour = Contour::from_segments(&boundary.points_2d(), &boundary.segments())
            .map_err(DatasetError::mesh(request.name))?;
        let outward = bisectors(&contour);
        let inward = inward_field(&outward).map_err(DatasetError::mesh(request.name))?;
        if let Some(boundary) = sample.boundaries.get_mut("aerofoil") {
            boundary.fields.push(inward);
        }
        let wall = wall_nodes(&sample)?;
        let points = sample.points_2d();
        let sdf = distances(&contour, &points, &wall.nodes);
        let own_reach = sdf.iter().copied().fold(0.0, f64::max);
        let sdf_max = usable_reach(own_reach, request.reach);
        let at_nodes = wall.boundary.iter().map(|&b| outward[b as usize]);
        let normals: Vec<[f64; 2]> = at_nodes.collect();
        let inputs = PointInputs {
            sdf: Some(&sdf),
            sdf_max: Some(sdf_max),
            wall: Some((&wall.nodes, &normals)),
            ..PointInputs::new(&points, &contour, conditions.inlet())
        };
        let inviscid = inputs
            .inviscid_flow()
            .map_err(DatasetError::solver(format!("case {}", request.name)))?;
        let table = inputs.table()?;
        let beyond = beyond(&points, request.reach);
        let measures = *AirfoilMeasures::new(&contour).values();
        let mut notes = similarity.notes(&request.conditions);
        notes.extend(shape_note(&measures));
        notes.extend(reach_notes(&beyond, own_reach, sdf_max, request.reach));
        let info = CaseInfo {
            name: request.name.to_string(),
            speed: conditions.speed,
            aoa: conditions.aoa,
            inlet: conditions.inlet(),
            nu: conditions.nu,
            measures,
            digits: CaseName::parse(request.name)
                .map(|name| name.digits)
                .unwrap_or_default(),
            // As `CaseTable` has it: the largest of the table.
            sdf_max: f64::from(sdf_max as f32),
            n_points: table.n_rows(),
            n_surface: wall.nodes.len(),
            coefficients: None,
            panel_cl: inviscid.lift_coefficient(),
            panel_cm: inviscid.moment_coefficient(),
            notes,
        };
        Ok(Self {
            info,
            table,
            sample,
            contour,
            wall,
            similarity,
            beyond,
        })
    }
}

/// The mesh and its airfoil in the frame of training.
fn sample(
    mesh: &Mesh,
    outline: &AirfoilOutline,
    similarity: &Similarity,
    conditions: Conditions,
    name: &str,
) -> Result<Sample, DatasetError> {
    let moved = |points: &mut dyn Iterator<Item = [f64; 3]>| -> Vec<[f64; 3]> {
        points
            .map(|[x, y, _]| {
                let [x, y] = similarity.point_to_training([x, y]);
                [x, y, 0.0]
            })
            .collect()
    };
    let fault = DatasetError::mesh(name);
    let internal = Mesh::builder()
        .points(moved(&mut mesh.points().iter().copied()))
        .cells(
            mesh.cell_types().to_vec(),
            mesh.cell_offsets().to_vec(),
            mesh.connectivity().to_vec(),
        )
        .build();
    let nodes = &outline.nodes;
    let mut wall =
        Mesh::builder().points(moved(&mut nodes.iter().map(|&n| mesh.points()[n as usize])));
    for k in 0..nodes.len() as u32 {
        wall = wall.cell(CellType::Line, &[k, (k + 1) % nodes.len() as u32]);
    }
    let (internal, wall) = internal
        .and_then(|internal| Ok((internal, wall.build()?)))
        .map_err(fault)?;
    let boundary = Boundary {
        mesh: wall,
        fields: Vec::new(),
    };
    Ok(Sample {
        name: name.to_string(),
        mesh: internal,
        fields: Vec::new(),
        boundaries: BTreeMap::from([("aerofoil".to_string(), boundary)]),
        globals: globals(&conditions),
        provenance: Provenance {
            source: "prediction".to_string(),
            ..Provenance::default()
        },
    })
}

/// Distances to the airfoil, exactly 0 at the wall nodes.
fn distances(contour: &Contour, points: &[[f64; 2]], wall: &[u32]) -> Vec<f64> {
    let mut sdf = contour.signed_distance_many(points);
    for &node in wall {
        sdf[node as usize] = 0.0;
    }
    sdf
}

/// Outward unit normals at the points of the boundary that a contour was made from, as AirfRANS's
/// files have them: the bisectors of the two segments (VTK's point normals).
fn bisectors(contour: &Contour) -> Vec<[f64; 2]> {
    let segments = contour.segment_normals();
    let n = segments.len();
    let mut normals = vec![[0.0; 2]; n];
    for (k, &source) in contour.source_indices().iter().enumerate() {
        let before = segments[(k + n - 1) % n];
        let sum = [0, 1].map(|a| before[a] + segments[k][a]);
        normals[source] = unit(sum).unwrap_or(segments[k]);
    }
    normals
}

/// The array that the aerofoil files of AirfRANS hold normals in, which point into the body.
fn inward_field(outward: &[[f64; 2]]) -> Result<Field, MeshError> {
    let inward = outward.iter().flat_map(|n| [0.0 - n[0], 0.0 - n[1], 0.0]);
    Field::new("Normals", Location::Point, 3, inward.collect::<Vec<f64>>())
}

/// The largest distance that masks and fading normals are laid out by. Features of a mesh that ends
/// nearer to the airfoil, or reaches farther, would mean something else than in training.
fn usable_reach(own: f64, reach: Option<TrainingReach>) -> f64 {
    match reach {
        Some(known) if (own / known.sdf_max - 1.0).abs() > LIKE_TRAINING => known.sdf_max,
        _ => own,
    }
}

fn beyond(points: &[[f64; 2]], reach: Option<TrainingReach>) -> Vec<bool> {
    let Some(TrainingReach { low, high, .. }) = reach else {
        return vec![false; points.len()];
    };
    let margin = [0, 1].map(|a| RAGGED * (high[a] - low[a]));
    let outside = |p: &[f64; 2], a: usize| p[a] < low[a] - margin[a] || p[a] > high[a] + margin[a];
    points
        .iter()
        .map(|p| outside(p, 0) || outside(p, 1))
        .collect()
}

fn reach_notes(beyond: &[bool], own: f64, used: f64, reach: Option<TrainingReach>) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(TrainingReach { low, high, .. }) = reach else {
        return notes;
    };
    let outside = beyond.iter().filter(|b| **b).count();
    if outside > 0 {
        notes.push(format!(
            "{outside} of {} points lie outside of where the model has seen points (x from {:.2} \
             to {:.2} and y from {:.2} to {:.2} chords from the leading edge): what it says there \
             means nothing",
            beyond.len(),
            low[0],
            high[0],
            low[1],
            high[1]
        ));
    }
    if used != own {
        notes.push(format!(
            "the mesh reaches {own:.2} chords from the airfoil, meshes of training {used:.2}: the \
             latter was used where model inputs depend on it"
        ));
    }
    notes
}

/// Airfoils are thin at the rear.
fn shape_note(measures: &[f64; 20]) -> Option<String> {
    let named = |wanted: &str| {
        let place = AirfoilMeasures::names().iter().position(|n| *n == wanted);
        place.map(|k| measures[k])
    };
    let (front, rear) = (named("thickness_05")?, named("thickness_90")?);
    (rear > front).then(|| {
        format!(
            "the airfoil is thicker near its trailing edge ({:.1} % at x/c = 0.9) than near its \
             leading edge ({:.1} % at 0.05): does it face upstream? The trailing edge is taken to \
             be where x is largest",
            100.0 * rear,
            100.0 * front
        )
    })
}
