//! Finds the airfoil in a mesh.

use std::collections::HashMap;

use karman_meshes::{
    CellType, Contour, Location, Mesh, MeshError, Zone, boundary_edges, boundary_loops,
};

use crate::DatasetError;

/// The name of the zone that is taken for the airfoil.
const ZONE: &str = "aerofoil";
/// Height of a mesh over its extent up to which it counts as plane.
const FLAT: f64 = 1e-6;
/// Loops listed in a message at most.
const LISTED: usize = 6;

/// The airfoil of a mesh.
#[derive(Debug, Clone)]
pub struct AirfoilOutline {
    /// Its contour, in the coordinates of the mesh.
    pub contour: Contour,
    /// The node of the mesh at each point of the contour (of several at one place, one).
    pub nodes: Vec<u32>,
}

/// Finds the airfoil in a mesh of plane cells: the zone "aerofoil" (of points, or of line cells)
/// where there is one, else the hole in the mesh, which must be the only one.
///
/// Nodes at the same place count as one, so a wake cut that is not merged does no harm. `name` is
/// for the messages.
///
/// # Errors
/// Solid cells, no plane cells, a mesh in no plane of constant z; no hole, or several, whose sizes
/// are listed; an outline that is no closed loop or encloses no area.
pub fn find_airfoil(name: &str, mesh: &Mesh) -> Result<AirfoilOutline, DatasetError> {
    let fault = |problem: String| DatasetError::case(name, "mesh", problem);
    check_plane(mesh).map_err(fault)?;
    let points: Vec<[f64; 2]> = mesh.points().iter().map(|&[x, y, _]| [x, y]).collect();
    let merged = merged(mesh, &points).map_err(DatasetError::mesh(name))?;
    let segments = match mesh.zone(ZONE) {
        Some(zone) => zone_segments(mesh, &merged, &points, zone),
        None => hole(&merged).map_err(fault)?,
    };
    let contour = Contour::from_segments(&points, &segments).map_err(DatasetError::mesh(name))?;
    let nodes = contour.source_indices().iter().map(|&i| i as u32).collect();
    Ok(AirfoilOutline { contour, nodes })
}

fn check_plane(mesh: &Mesh) -> Result<(), String> {
    let solid = |kind: &&CellType| kind.dimension() == 3;
    let n_solid = mesh.cell_types().iter().filter(solid).count();
    if n_solid > 0 {
        return Err(format!(
            "{n_solid} of its {} cells are solid, but predictions are for plane flow: cut it at a \
             plane of constant z (in ParaView: Slice, then save as .vtu)",
            mesh.n_cells()
        ));
    }
    if !mesh.cell_types().iter().any(|kind| kind.dimension() == 2) {
        return Err(format!(
            "none of its {} cells is plane (triangle, quad, polygon): the mesh of the flow around \
             the airfoil is needed, not its outline",
            mesh.n_cells()
        ));
    }
    let (low, high) = mesh.bounds();
    let extent = (0..2).map(|a| high[a] - low[a]).fold(0.0, f64::max);
    if high[2] - low[2] > FLAT * extent {
        return Err(format!(
            "its points lie between z = {} and z = {}: they must lie in a plane of constant z, x \
             downstream and y up",
            low[2], high[2]
        ));
    }
    Ok(())
}

/// The plane cells in the plane z = 0, with the first of all nodes at a place in the stead of the
/// others.
fn merged(mesh: &Mesh, points: &[[f64; 2]]) -> Result<Mesh, MeshError> {
    let first = first_at(points);
    let mut builder = Mesh::builder().points(points.iter().map(|&[x, y]| [x, y, 0.0]).collect());
    for cell in mesh.cells().filter(|cell| cell.kind.dimension() == 2) {
        let nodes: Vec<u32> = cell.nodes.iter().map(|&n| first[n as usize]).collect();
        builder = builder.cell(cell.kind, &nodes);
    }
    builder.build()
}

/// For each point the first one at the same place.
fn first_at(points: &[[f64; 2]]) -> Vec<u32> {
    let mut places = HashMap::with_capacity(points.len());
    let numbered = points.iter().enumerate();
    numbered
        .map(|(i, point)| {
            // Adding zero makes one zero of the two.
            let key = point.map(|c| (c + 0.0).to_bits());
            *places.entry(key).or_insert(i as u32)
        })
        .collect()
}

/// The line segments of a zone: those of its line cells, or the boundary edges between its points.
fn zone_segments(mesh: &Mesh, merged: &Mesh, points: &[[f64; 2]], zone: &Zone) -> Vec<[u32; 2]> {
    if zone.location == Location::Cell {
        let lines = zone.indices.iter().map(|&c| mesh.cell(c as usize));
        return lines
            .filter(|cell| cell.kind.dimension() == 1)
            .flat_map(|cell| cell.nodes.windows(2).map(|pair| [pair[0], pair[1]]))
            .collect();
    }
    let first = first_at(points);
    let mut inside = vec![false; points.len()];
    for &node in &zone.indices {
        inside[first[node as usize] as usize] = true;
    }
    boundary_edges(merged)
        .iter()
        .map(|edge| [edge.nodes[0], edge.nodes[1]])
        .filter(|edge| edge.iter().all(|&n| inside[n as usize]))
        .collect()
}

/// The one hole of a mesh as segments.
fn hole(mesh: &Mesh) -> Result<Vec<[u32; 2]>, String> {
    let loops = boundary_loops(mesh).map_err(|error| error.to_string())?;
    // The mesh lies to the left of its boundary: holes run clockwise.
    let holes: Vec<&Vec<u32>> = loops
        .iter()
        .filter(|corners| area(mesh, corners) < 0.0)
        .collect();
    match holes[..] {
        [corners] => Ok((0..corners.len())
            .map(|k| [corners[k], corners[(k + 1) % corners.len()]])
            .collect()),
        [] => Err(format!(
            "there is no airfoil in it: its boundary consists of {}, none of which is the edge of \
             a hole. Give the mesh of the flow around an airfoil",
            sizes(loops.iter())
        )),
        _ => Err(format!(
            "it has {} holes, bounded by {}: predictions are for a single airfoil",
            holes.len(),
            sizes(holes.iter().copied())
        )),
    }
}

/// Twice the area that a loop encloses, positive when it runs anticlockwise.
fn area(mesh: &Mesh, corners: &[u32]) -> f64 {
    let at = |k: usize| mesh.points()[corners[k % corners.len()] as usize];
    let origin = at(0);
    let from = |k: usize| [at(k)[0] - origin[0], at(k)[1] - origin[1]];
    (1..corners.len())
        .map(|k| {
            let (a, b) = (from(k), from(k + 1));
            a[0] * b[1] - a[1] * b[0]
        })
        .sum()
}

/// "1 loop of 200 nodes", "2 loops of 148 and 60 nodes".
fn sizes<'a>(loops: impl ExactSizeIterator<Item = &'a Vec<u32>>) -> String {
    let count = loops.len();
    let mut listed: Vec<String> = loops.take(LISTED).map(|l| l.len().to_string()).collect();
    let rest = count.saturating_sub(LISTED);
    if rest > 0 {
        return format!(
            "{count} loops of {} nodes and {rest} more",
            listed.join(", ")
        );
    }
    let last = listed.pop().unwrap_or_default();
    match listed.len() {
        0 => format!("{count} loop of {last} nodes"),
        _ => format!("{count} loops of {} and {last} nodes", listed.join(", ")),
    }
}
