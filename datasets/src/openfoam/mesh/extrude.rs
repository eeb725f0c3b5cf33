//! From a plane mesh to a mesh one cell thick, as OpenFOAM wants its two-dimensional cases.

use std::collections::HashMap;

use karman_meshes::{Location, Mesh};

use super::{FoamMesh, FoamPatch};
use crate::DatasetError;

/// An edge of the plane mesh: its cells, and its points in the sense of the first cell.
struct Edge {
    points: [u32; 2],
    first: u32,
    second: Option<u32>,
}

impl FoamMesh {
    /// Extrudes a plane mesh over `[0, span]` along z. The cells turn counter-clockwise.
    ///
    /// The patches are `aerofoil` (a wall: boundary edges whose two points are in the point zone of that
    /// name), `freestream` (all other boundary edges) and `frontAndBack` (empty), as in AirfRANS's cases.
    ///
    /// # Errors
    /// Cells that are not polygons or turn the other way, an edge with more than two cells, a mesh
    /// without the zone, or a boundary that is all wall or has none.
    pub fn extrude(mesh: &Mesh, span: f64) -> Result<Self, DatasetError> {
        let wrong = |problem: String| DatasetError::Argument {
            what: "plane mesh",
            problem,
        };
        if !(span.is_finite() && span > 0.0) {
            return Err(wrong(format!("a span of {span} m is not positive")));
        }
        let zone = mesh
            .zone("aerofoil")
            .filter(|zone| zone.location == Location::Point)
            .ok_or_else(|| wrong("has no point zone \"aerofoil\"".into()))?;
        let mut on_wall = vec![false; mesh.n_points()];
        for &point in &zone.indices {
            on_wall[point as usize] = true;
        }
        let edges = edges(mesh)?;
        let (mut internal, mut boundary): (Vec<Edge>, Vec<Edge>) =
            edges.into_iter().partition(|edge| edge.second.is_some());
        internal.sort_unstable_by_key(|edge| (edge.first, edge.second));
        let (wall, free): (Vec<Edge>, Vec<Edge>) = boundary
            .drain(..)
            .partition(|edge| edge.points.iter().all(|&p| on_wall[p as usize]));
        for (name, part) in [("aerofoil", &wall), ("freestream", &free)] {
            if part.is_empty() {
                return Err(wrong(format!("no boundary edge belongs to \"{name}\"")));
            }
        }
        Ok(assemble(mesh, span, internal, wall, free))
    }
}

/// All edges, in the order in which the cells meet them.
fn edges(mesh: &Mesh) -> Result<Vec<Edge>, DatasetError> {
    let wrong = |cell: usize, problem: &str| DatasetError::Argument {
        what: "plane mesh",
        problem: format!("cell {cell} {problem}"),
    };
    let mut places: HashMap<[u32; 2], usize> = HashMap::new();
    let mut edges: Vec<Edge> = Vec::with_capacity(2 * mesh.n_cells());
    for (index, cell) in mesh.cells().enumerate() {
        if cell.nodes.len() < 3 {
            return Err(wrong(index, "is no polygon"));
        }
        if area(mesh, cell.nodes) <= 0.0 {
            return Err(wrong(index, "does not turn counter-clockwise"));
        }
        for (k, &a) in cell.nodes.iter().enumerate() {
            let b = cell.nodes[(k + 1) % cell.nodes.len()];
            match places.entry([a.min(b), a.max(b)]) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(edges.len());
                    edges.push(Edge {
                        points: [a, b],
                        first: index as u32,
                        second: None,
                    });
                }
                std::collections::hash_map::Entry::Occupied(place) => {
                    let edge = &mut edges[*place.get()];
                    if edge.second.replace(index as u32).is_some() {
                        return Err(wrong(index, "shares an edge with two others"));
                    }
                }
            }
        }
    }
    Ok(edges)
}

fn area(mesh: &Mesh, nodes: &[u32]) -> f64 {
    let at = |k: usize| mesh.points()[nodes[k % nodes.len()] as usize];
    let origin = at(0);
    (1..nodes.len() - 1)
        .map(|k| (at(k), at(k + 1)))
        .map(|(a, b)| {
            (a[0] - origin[0]) * (b[1] - origin[1]) - (a[1] - origin[1]) * (b[0] - origin[0])
        })
        .sum()
}

fn assemble(
    mesh: &Mesh,
    span: f64,
    internal: Vec<Edge>,
    wall: Vec<Edge>,
    free: Vec<Edge>,
) -> FoamMesh {
    let (n, cells) = (mesh.n_points() as u32, mesh.n_cells());
    let lifted = |z: f64| mesh.points().iter().map(move |&[x, y, _]| [x, y, z]);
    // The first cell has the edge on its left, so that this face's normal leaves it.
    let side = |edge: &Edge| {
        let [a, b] = edge.points;
        vec![a, b, b + n, a + n]
    };
    let mut faces: Vec<Vec<u32>> = Vec::new();
    let mut owner: Vec<u32> = Vec::new();
    let neighbour = internal.iter().filter_map(|edge| edge.second).collect();
    let mut patches = Vec::new();
    for edge in internal.iter().chain(&wall).chain(&free) {
        faces.push(side(edge));
        owner.push(edge.first);
    }
    let mut start = internal.len();
    for (name, kind, count) in [
        ("aerofoil", "wall", wall.len()),
        ("freestream", "patch", free.len()),
        ("frontAndBack", "empty", 2 * cells),
    ] {
        patches.push(FoamPatch {
            name: name.into(),
            kind: kind.into(),
            start,
            count,
        });
        start += count;
    }
    for (lift, reverse) in [(0, true), (n, false)] {
        for (index, cell) in mesh.cells().enumerate() {
            let mut face: Vec<u32> = cell.nodes.iter().map(|&p| p + lift).collect();
            if reverse {
                face.reverse();
            }
            faces.push(face);
            owner.push(index as u32);
        }
    }
    FoamMesh {
        points: lifted(0.0).chain(lifted(span)).collect(),
        faces,
        owner,
        neighbour,
        patches,
        n_cells: cells,
    }
}
