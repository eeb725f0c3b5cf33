//! The boundary of a mesh: edges of plane cells, or faces of solid cells, that one cell alone owns.
//!
//! Orientation: edges run as their cell's corner loop does, faces turn anticlockwise seen from
//! outside. In a mesh that lies in a plane of constant z, cells are first turned anticlockwise, so
//! that the domain lies to the left of every edge: outer loops run anticlockwise, holes (an
//! airfoil in a flow mesh) clockwise.

use std::collections::HashMap;

use super::invalid;
use super::shape::Element;
use super::topology::{area_vector, element_nodes, faces, for_each_loop, solid_integrals};
use crate::{Mesh, MeshError};

/// An edge or face that belongs to one cell only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundaryFace {
    /// Its nodes, oriented: two for an edge, three or four around a face.
    pub nodes: Vec<u32>,
    /// The cell that owns it.
    pub cell: u32,
}

/// The edges of the mesh's plane cells that one cell alone owns, in cell order.
///
/// Cells that are not plane are passed over, so the result is empty for a mesh without plane cells.
pub fn boundary_edges(mesh: &Mesh) -> Vec<BoundaryFace> {
    let (low, high) = mesh.bounds();
    let flat = low[2] == high[2];
    let mut edges = Vec::new();
    for i in 0..mesh.n_cells() {
        for_each_loop(&mesh.cell(i), |corners| {
            let backwards = flat && area_vector(mesh.points(), corners)[2] < 0.0;
            for (k, &a) in corners.iter().enumerate() {
                let b = corners[(k + 1) % corners.len()];
                let nodes = if backwards { vec![b, a] } else { vec![a, b] };
                edges.push(BoundaryFace {
                    nodes,
                    cell: i as u32,
                });
            }
        });
    }
    without_shared(edges)
}

/// The faces of the mesh's solid cells that one cell alone owns, in cell order, oriented outwards.
///
/// Cells that are not solid are passed over.
pub fn boundary_faces(mesh: &Mesh) -> Vec<BoundaryFace> {
    let mut found = Vec::new();
    for i in 0..mesh.n_cells() {
        let Some((element, nodes)) = element_nodes(&mesh.cell(i)) else {
            continue;
        };
        let inside_out = element.dimension() == 3 && is_inside_out(mesh, element, &nodes);
        for corners in faces(element) {
            let mut face: Vec<u32> = corners.iter().map(|&k| nodes[k]).collect();
            if inside_out {
                face.reverse();
            }
            found.push(BoundaryFace {
                nodes: face,
                cell: i as u32,
            });
        }
    }
    without_shared(found)
}

/// Whether a solid's Jacobian is negative (VTK's own wedge order, among others).
fn is_inside_out(mesh: &Mesh, element: Element, nodes: &[u32]) -> bool {
    let x: Vec<[f64; 3]> = nodes.iter().map(|&n| mesh.points()[n as usize]).collect();
    solid_integrals(element, &x).0 < 0.0
}

/// Those faces whose set of nodes occurs once.
fn without_shared(faces: Vec<BoundaryFace>) -> Vec<BoundaryFace> {
    let key = |face: &BoundaryFace| {
        let mut key = [u32::MAX; 4];
        key.iter_mut().zip(&face.nodes).for_each(|(k, &n)| *k = n);
        key.sort_unstable();
        key
    };
    let mut count: HashMap<[u32; 4], u32> = HashMap::with_capacity(faces.len());
    for face in &faces {
        *count.entry(key(face)).or_default() += 1;
    }
    faces
        .into_iter()
        .filter(|face| count[&key(face)] == 1)
        .collect()
}

/// The boundary of the mesh's plane cells as closed loops of nodes (the first is not repeated at
/// the end), each along its oriented edges, longest loop first.
///
/// Where loops touch in a node, the split into loops is one of those possible.
///
/// # Errors
///
/// When the mesh has no plane cells, or its cells are oriented so differently that edges do not
/// join head to tail (only possible outside a plane of constant z); the node is named.
pub fn boundary_loops(mesh: &Mesh) -> Result<Vec<Vec<u32>>, MeshError> {
    if !mesh.cell_types().iter().any(|kind| kind.dimension() == 2) {
        return Err(invalid(
            "boundary loops",
            "the mesh has no plane cells".to_owned(),
        ));
    }
    let edges = boundary_edges(mesh);
    // Outgoing edges of every node, last one first, so that `pop` takes them in cell order.
    let mut next: HashMap<u32, Vec<u32>> = HashMap::new();
    for edge in edges.iter().rev() {
        next.entry(edge.nodes[0]).or_default().push(edge.nodes[1]);
    }
    let mut loops = Vec::new();
    for edge in &edges {
        let start = edge.nodes[0];
        let Some(mut node) = next.get_mut(&start).and_then(Vec::pop) else {
            continue;
        };
        let mut corners = vec![start];
        while node != start {
            corners.push(node);
            node = next.get_mut(&node).and_then(Vec::pop).ok_or_else(|| {
                invalid(
                    "boundary loops",
                    format!(
                        "no boundary edge leaves node {node}: neighbouring cells are oriented \
                         differently; turn them the same way"
                    ),
                )
            })?;
        }
        loops.push(corners);
    }
    loops.sort_by_key(|corners| std::cmp::Reverse(corners.len()));
    Ok(loops)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CellType;
    use crate::operators::vector::dot;

    /// A 3 x 3 block of unit quads with the middle one left out; every other one turned clockwise.
    fn ring() -> Mesh {
        let points = (0..16)
            .map(|k| [f64::from(k % 4), f64::from(k / 4), 0.5])
            .collect();
        let mut builder = Mesh::builder().points(points);
        for k in (0..9u32).filter(|&k| k != 4) {
            let a = k % 3 + 4 * (k / 3);
            let mut corners = [a, a + 1, a + 5, a + 4];
            if k % 2 == 0 {
                corners.reverse();
            }
            builder = builder.cell(CellType::Quad, &corners);
        }
        builder.build().unwrap()
    }

    #[test]
    fn a_ring_has_an_outer_and_an_inner_loop() {
        let mesh = ring();
        assert_eq!(boundary_edges(&mesh).len(), 16);
        let loops = boundary_loops(&mesh).unwrap();
        assert_eq!(loops.iter().map(Vec::len).collect::<Vec<_>>(), [12, 4]);
        // The domain lies to the left: area 9 anticlockwise outside, -1 for the hole.
        let area = |corners: &[u32]| area_vector(mesh.points(), corners);
        assert_eq!(area(&loops[0]), [0.0, 0.0, 9.0]);
        assert_eq!(area(&loops[1]), [0.0, 0.0, -1.0]);
        for edge in boundary_edges(&mesh) {
            assert!(
                edge.nodes
                    .iter()
                    .all(|n| mesh.cell(edge.cell as usize).nodes.contains(n))
            );
        }
    }

    #[test]
    fn faces_of_solids_point_outwards_and_close() {
        // A cube with a pyramid on top, a wedge beside it in VTK's order, and a tetrahedron apart.
        let mut points: Vec<[f64; 3]> = Element::Hexahedron.corners().to_vec();
        points.push([0.5, 0.5, 2.0]);
        points.extend([[2.0, 0.0, 0.0], [2.0, 0.0, 1.0]]);
        points.extend([
            [5.0, 0.0, 0.0],
            [6.0, 0.0, 0.0],
            [5.0, 1.0, 0.0],
            [5.0, 0.0, 1.0],
        ]);
        let mesh = Mesh::builder()
            .points(points.clone())
            .cell(CellType::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7])
            .cell(CellType::Pyramid, &[4, 5, 6, 7, 8])
            .cell(CellType::Wedge, &[1, 2, 9, 5, 6, 10])
            .cell(CellType::Tetra, &[11, 12, 13, 14])
            .build()
            .unwrap();
        let faces = boundary_faces(&mesh);
        // 6 + 5 + 5 + 4 faces less two shared pairs.
        assert_eq!(faces.len(), 16);
        // Divergence theorem: the flux of x/3 through the boundary is the volume.
        let mut volume = 0.0;
        let mut closure = [0.0; 3];
        for face in &faces {
            let area = area_vector(&points, &face.nodes);
            let n = face.nodes.len() as f64;
            let centre: [f64; 3] = std::array::from_fn(|a| {
                face.nodes
                    .iter()
                    .map(|&k| points[k as usize][a])
                    .sum::<f64>()
                    / n
            });
            volume += dot(&area, &centre) / 3.0;
            closure.iter_mut().zip(area).for_each(|(c, a)| *c += a);
        }
        let exact = 1.0 + 1.0 / 3.0 + 0.5 + 1.0 / 6.0;
        assert!((volume - exact).abs() < 1e-14, "{volume} {exact}");
        assert!(closure.iter().all(|c| c.abs() < 1e-14), "{closure:?}");
        assert!(boundary_edges(&mesh).is_empty());
        assert!(boundary_loops(&mesh).is_err());
    }

    #[test]
    fn edges_that_do_not_join_are_an_error() {
        // Two triangles of a bent surface, one of them turned.
        let mesh = Mesh::builder()
            .points(vec![[0., 0., 0.], [1., 0., 0.], [0., 1., 0.], [1., 1., 1.]])
            .cell(CellType::Triangle, &[0, 1, 2])
            .cell(CellType::Triangle, &[1, 2, 3])
            .build()
            .unwrap();
        let error = boundary_loops(&mesh).unwrap_err().to_string();
        assert!(error.contains("no boundary edge leaves node"), "{error}");
    }

    /// The flow mesh of a real case has two loops: the crop's ragged edge and the airfoil, clockwise.
    #[test]
    fn a_real_case_has_its_airfoil_as_a_hole() {
        let root = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/data/airfoil-openfoam"
        );
        let name = "airFoil2D_SST_31.46_2.639_3.313_1.593_11.69";
        let path = |part: &str| format!("{root}/{name}/{name}_{part}");
        if !std::path::Path::new(&path("internal.vtu")).exists() {
            eprintln!("skipped: no {}", path("internal.vtu"));
            return;
        }
        let flow = crate::read_mesh(path("internal.vtu").as_ref())
            .unwrap()
            .mesh;
        let airfoil = crate::read_mesh(path("aerofoil.vtp").as_ref())
            .unwrap()
            .mesh;
        let loops = boundary_loops(&flow).unwrap();
        assert_eq!(loops.len(), 2);
        let hole = &loops[1];
        assert!(area_vector(flow.points(), hole)[2] < 0.0);
        let sorted = |mut points: Vec<[f64; 3]>| {
            points.sort_by(|a, b| a.partial_cmp(b).unwrap());
            points
        };
        let found = sorted(hole.iter().map(|&n| flow.points()[n as usize]).collect());
        assert_eq!(found, sorted(airfoil.points().to_vec()));
    }
}
