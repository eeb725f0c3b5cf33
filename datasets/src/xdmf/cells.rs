//! Points and cells of unstructured grids.

use karman_meshes::{CellType, Mesh};

use super::grid::Topology;
use crate::Array;

/// Builds the mesh from what was read.
pub(super) fn mesh(
    points: &[Array<f64>],
    coordinates: usize,
    topology: &Topology,
    nodes: Option<&Array<f64>>,
) -> Result<Mesh, String> {
    let points = join_points(points, coordinates)?;
    let mut cells = Cells {
        types: Vec::new(),
        offsets: vec![0],
        connectivity: Vec::new(),
        base: topology.base,
    };
    match (topology.kind.to_ascii_lowercase().as_str(), nodes) {
        ("mixed", Some(nodes)) => cells.mixed(&nodes.values)?,
        ("mixed", None) => return Err("a mixed Topology without DataItem".to_owned()),
        ("polyvertex", None) => {
            for point in 0..topology.n_cells.unwrap_or(points.len()).min(points.len()) {
                cells.push(CellType::Vertex, &[(point + topology.base) as f64])?;
            }
        }
        (kind, Some(nodes)) => {
            let (cell, n) = one_kind(kind, topology.nodes_per_cell)?;
            if n == 0 || !nodes.values.len().is_multiple_of(n) {
                return Err(format!("{} nodes for cells of {n}", nodes.values.len()));
            }
            for nodes in nodes.values.chunks_exact(n) {
                cells.push(cell, nodes)?;
            }
        }
        (kind, None) => return Err(format!("a Topology `{kind}` without DataItem")),
    }
    if let Some(expected) = topology.n_cells.filter(|&n| n != cells.types.len()) {
        return Err(format!(
            "{} cells, where {expected} are announced",
            cells.types.len()
        ));
    }
    Mesh::builder()
        .points(points)
        .cells(cells.types, cells.offsets, cells.connectivity)
        .build()
        .map_err(|error| error.to_string())
}

fn join_points(items: &[Array<f64>], coordinates: usize) -> Result<Vec<[f64; 3]>, String> {
    let n = items.first().map_or(0, |item| item.values.len());
    if items.iter().any(|item| item.values.len() != n) || !n.is_multiple_of(coordinates) {
        return Err("coordinates that do not fit each other".to_owned());
    }
    let mut points = vec![[0.0; 3]; n / coordinates];
    for (axis, item) in items.iter().enumerate() {
        for (point, values) in points.iter_mut().zip(item.values.chunks_exact(coordinates)) {
            point[axis..axis + coordinates].copy_from_slice(values);
        }
    }
    Ok(points)
}

/// The cell of a Topology of one kind, and its nodes.
fn one_kind(kind: &str, nodes: Option<usize>) -> Result<(CellType, usize), String> {
    let cell = match kind {
        "polyvertex" => CellType::PolyVertex,
        "polyline" => CellType::PolyLine,
        "polygon" => CellType::Polygon,
        "triangle" => CellType::Triangle,
        "quadrilateral" => CellType::Quad,
        "tetrahedron" => CellType::Tetra,
        "pyramid" => CellType::Pyramid,
        "wedge" => CellType::Wedge,
        "hexahedron" => CellType::Hexahedron,
        other => {
            return Err(format!(
                "cells of type `{other}`; linear ones are read, such as Triangle and Hexahedron"
            ));
        }
    };
    let n = cell.fixed_node_count().or(nodes);
    let n = n.or((cell == CellType::PolyVertex).then_some(1));
    Ok((
        cell,
        n.ok_or_else(|| format!("`{kind}` needs NodesPerElement"))?,
    ))
}

struct Cells {
    types: Vec<CellType>,
    offsets: Vec<usize>,
    connectivity: Vec<u32>,
    base: usize,
}

impl Cells {
    fn push(&mut self, kind: CellType, nodes: &[f64]) -> Result<(), String> {
        // Short chains and polygons have kinds of their own.
        let kind = match (kind, nodes.len()) {
            (CellType::PolyVertex, 1) => CellType::Vertex,
            (CellType::PolyLine, 2) => CellType::Line,
            (CellType::Polygon, 3) => CellType::Triangle,
            (CellType::Polygon, 4) => CellType::Quad,
            _ => kind,
        };
        for &node in nodes {
            let whole = whole(node).and_then(|node| node.checked_sub(self.base));
            let whole = whole.and_then(|node| u32::try_from(node).ok());
            self.connectivity
                .push(whole.ok_or_else(|| format!("{node} as the number of a point"))?);
        }
        self.types.push(kind);
        self.offsets.push(self.connectivity.len());
        Ok(())
    }

    /// Cells of several kinds: the number of the kind, for some the number of nodes, the nodes.
    fn mixed(&mut self, mut left: &[f64]) -> Result<(), String> {
        while let Some((&number, rest)) = left.split_first() {
            let cell = match whole(number) {
                Some(1) => CellType::PolyVertex,
                Some(2) => CellType::PolyLine,
                Some(3) => CellType::Polygon,
                Some(4) => CellType::Triangle,
                Some(5) => CellType::Quad,
                Some(6) => CellType::Tetra,
                Some(7) => CellType::Pyramid,
                Some(8) => CellType::Wedge,
                Some(9) => CellType::Hexahedron,
                _ => return Err(format!("cells of type {number} in a mixed Topology")),
            };
            let (n, rest) = match (cell.fixed_node_count(), rest.split_first()) {
                (Some(n), _) => (n, rest),
                (None, Some((&n, rest))) => (whole(n).unwrap_or(usize::MAX), rest),
                (None, None) => return Err("a mixed Topology that is cut off".to_owned()),
            };
            let nodes = rest.get(..n).ok_or("a mixed Topology that is cut off")?;
            self.push(cell, nodes)?;
            left = &rest[n..];
        }
        Ok(())
    }
}

fn whole(value: f64) -> Option<usize> {
    ((0.0..=9e15).contains(&value) && value.fract() == 0.0).then_some(value as usize)
}
