//! Cell types, with VTK's numbers and VTK's node order.

/// The kind of a cell. The discriminants are VTK's cell type numbers, and the nodes of a cell are
/// in VTK's order ("VTK File Formats", Kitware).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum CellType {
    /// One node.
    Vertex = 1,
    /// Any number of separate nodes.
    PolyVertex = 2,
    /// Two nodes joined by a segment.
    Line = 3,
    /// An open chain of segments.
    PolyLine = 4,
    /// Three nodes.
    Triangle = 5,
    /// `n` nodes forming `n - 2` triangles.
    TriangleStrip = 6,
    /// A closed planar loop of three or more nodes.
    Polygon = 7,
    /// An axis-aligned rectangle; nodes in (x, y) lexicographic order, not around the loop.
    Pixel = 8,
    /// Four nodes around a loop.
    Quad = 9,
    /// Four nodes.
    Tetra = 10,
    /// An axis-aligned box; nodes in (x, y, z) lexicographic order.
    Voxel = 11,
    /// Eight nodes: the loop of the lower face, then the loop of the upper face.
    Hexahedron = 12,
    /// Six nodes: two triangles.
    Wedge = 13,
    /// Five nodes: a quadrilateral base and the apex.
    Pyramid = 14,
}

/// One cell of a mesh: its kind and its nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The kind of the cell.
    pub kind: CellType,
    /// Indices of its points, in VTK's order.
    pub nodes: &'a [u32],
}

impl CellType {
    /// Every supported kind, by rising VTK number.
    pub const ALL: [Self; 14] = [
        Self::Vertex,
        Self::PolyVertex,
        Self::Line,
        Self::PolyLine,
        Self::Triangle,
        Self::TriangleStrip,
        Self::Polygon,
        Self::Pixel,
        Self::Quad,
        Self::Tetra,
        Self::Voxel,
        Self::Hexahedron,
        Self::Wedge,
        Self::Pyramid,
    ];

    /// The kind with VTK's number `number`, or `None` where that kind is not supported.
    pub fn from_vtk(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// VTK's number of this kind.
    pub fn vtk_number(self) -> u8 {
        self as u8
    }

    /// The exact node count, or `None` for kinds of any length.
    pub fn fixed_node_count(self) -> Option<usize> {
        match self {
            Self::Vertex => Some(1),
            Self::Line => Some(2),
            Self::Triangle => Some(3),
            Self::Pixel | Self::Quad | Self::Tetra => Some(4),
            Self::Pyramid => Some(5),
            Self::Wedge => Some(6),
            Self::Voxel | Self::Hexahedron => Some(8),
            Self::PolyVertex | Self::PolyLine | Self::TriangleStrip | Self::Polygon => None,
        }
    }

    /// The least node count a cell of this kind may have.
    pub fn min_node_count(self) -> usize {
        match self {
            Self::PolyVertex => 1,
            Self::PolyLine => 2,
            Self::TriangleStrip | Self::Polygon => 3,
            fixed => fixed.fixed_node_count().unwrap_or(1),
        }
    }

    /// Whether a cell of this kind may have `count` nodes.
    pub fn allows_node_count(self, count: usize) -> bool {
        match self.fixed_node_count() {
            Some(fixed) => count == fixed,
            None => count >= self.min_node_count(),
        }
    }

    /// Topological dimension: 0 for vertices, 1 for lines, 2 for faces, 3 for solids.
    pub fn dimension(self) -> usize {
        match self {
            Self::Vertex | Self::PolyVertex => 0,
            Self::Line | Self::PolyLine => 1,
            Self::Triangle | Self::TriangleStrip | Self::Polygon | Self::Pixel | Self::Quad => 2,
            Self::Tetra | Self::Voxel | Self::Hexahedron | Self::Wedge | Self::Pyramid => 3,
        }
    }

    /// Local node pairs of the edges of the kinds that have a fixed list of them.
    fn edge_table(self) -> &'static [[u8; 2]] {
        match self {
            Self::Line => &[[0, 1]],
            Self::Triangle => &[[0, 1], [1, 2], [2, 0]],
            Self::Quad => &[[0, 1], [1, 2], [2, 3], [3, 0]],
            Self::Pixel => &[[0, 1], [1, 3], [3, 2], [2, 0]],
            Self::Tetra => &[[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]],
            Self::Pyramid => &[
                [0, 1],
                [1, 2],
                [2, 3],
                [3, 0],
                [0, 4],
                [1, 4],
                [2, 4],
                [3, 4],
            ],
            Self::Wedge => &[
                [0, 1],
                [1, 2],
                [2, 0],
                [3, 4],
                [4, 5],
                [5, 3],
                [0, 3],
                [1, 4],
                [2, 5],
            ],
            #[rustfmt::skip]
            Self::Hexahedron => &[
                [0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4],
                [0, 4], [1, 5], [2, 6], [3, 7],
            ],
            #[rustfmt::skip]
            Self::Voxel => &[
                [0, 1], [1, 3], [3, 2], [2, 0], [4, 5], [5, 7], [7, 6], [6, 4],
                [0, 4], [1, 5], [2, 6], [3, 7],
            ],
            Self::Vertex
            | Self::PolyVertex
            | Self::PolyLine
            | Self::TriangleStrip
            | Self::Polygon => &[],
        }
    }
}

impl Cell<'_> {
    /// Calls `visit(a, b)` for every edge of the cell, in mesh node indices.
    ///
    /// Shared edges inside a triangle strip are visited once. Vertices have no edges.
    pub fn for_each_edge(&self, mut visit: impl FnMut(u32, u32)) {
        let nodes = self.nodes;
        match self.kind {
            CellType::PolyLine => nodes.windows(2).for_each(|w| visit(w[0], w[1])),
            CellType::TriangleStrip => {
                nodes.windows(2).for_each(|w| visit(w[0], w[1]));
                nodes.windows(3).for_each(|w| visit(w[0], w[2]));
            }
            CellType::Polygon => {
                nodes.windows(2).for_each(|w| visit(w[0], w[1]));
                if let (Some(&first), Some(&last)) = (nodes.first(), nodes.last()) {
                    visit(last, first);
                }
            }
            kind => {
                for &[a, b] in kind.edge_table() {
                    visit(nodes[usize::from(a)], nodes[usize::from(b)]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        for kind in CellType::ALL {
            assert_eq!(CellType::from_vtk(kind.vtk_number()), Some(kind));
        }
        assert_eq!(CellType::from_vtk(0), None);
        assert_eq!(CellType::from_vtk(15), None);
        assert_eq!(CellType::from_vtk(42), None);
    }

    /// Euler's formula V - E + F = 2 holds for every solid.
    #[test]
    fn solids_obey_euler() {
        for (kind, faces) in [
            (CellType::Tetra, 4),
            (CellType::Pyramid, 5),
            (CellType::Wedge, 5),
            (CellType::Hexahedron, 6),
            (CellType::Voxel, 6),
        ] {
            let nodes: Vec<u32> = (0..kind.min_node_count() as u32).collect();
            let mut edges = 0;
            Cell {
                kind,
                nodes: &nodes,
            }
            .for_each_edge(|_, _| edges += 1);
            assert_eq!(nodes.len() + faces - edges, 2, "{kind:?}");
        }
    }

    /// The edges of a unit box given as voxel are those of length one: each joins nodes whose
    /// numbers differ in exactly one bit.
    #[test]
    fn lexicographic_kinds_have_axis_aligned_edges() {
        for kind in [CellType::Pixel, CellType::Voxel] {
            let nodes: Vec<u32> = (0..kind.min_node_count() as u32).collect();
            Cell {
                kind,
                nodes: &nodes,
            }
            .for_each_edge(|a, b| assert_eq!((a ^ b).count_ones(), 1));
        }
    }

    #[test]
    fn strips_polygons_and_polylines() {
        let edges = |kind, nodes: &[u32]| {
            let mut edges = Vec::new();
            Cell { kind, nodes }.for_each_edge(|a, b| edges.push((a, b)));
            edges
        };
        assert_eq!(edges(CellType::PolyLine, &[4, 5, 6]), [(4, 5), (5, 6)]);
        assert_eq!(
            edges(CellType::Polygon, &[4, 5, 6]),
            [(4, 5), (5, 6), (6, 4)]
        );
        assert_eq!(edges(CellType::TriangleStrip, &[0, 1, 2, 3]).len(), 5);
        assert!(edges(CellType::Vertex, &[3]).is_empty());
    }
}
