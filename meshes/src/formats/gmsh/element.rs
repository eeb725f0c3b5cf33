//! The kinds of elements that Gmsh numbers.

use crate::CellType;

/// A kind of element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ElementKind {
    /// The cell of its corners.
    pub cell: CellType,
    /// Nodes in the file.
    pub nodes: usize,
}

impl ElementKind {
    /// The kind with Gmsh's number, or why it is not read.
    ///
    /// Gmsh lists the corners of every element first, and those of linear ones in VTK's order.
    pub fn from_number(number: i64) -> Result<Self, String> {
        let (cell, nodes) = match number {
            1 => (CellType::Line, 2),
            2 => (CellType::Triangle, 3),
            3 => (CellType::Quad, 4),
            4 => (CellType::Tetra, 4),
            5 => (CellType::Hexahedron, 8),
            6 => (CellType::Wedge, 6),
            7 => (CellType::Pyramid, 5),
            8 => (CellType::Line, 3),
            9 => (CellType::Triangle, 6),
            10 => (CellType::Quad, 9),
            11 => (CellType::Tetra, 10),
            12 => (CellType::Hexahedron, 27),
            13 => (CellType::Wedge, 18),
            14 => (CellType::Pyramid, 14),
            15 => (CellType::Vertex, 1),
            16 => (CellType::Quad, 8),
            17 => (CellType::Hexahedron, 20),
            18 => (CellType::Wedge, 15),
            19 => (CellType::Pyramid, 13),
            20..=33 | 36..=133 => {
                return Err(format!(
                    "elements of type {number} are of third or higher order; write the mesh with \
                     `gmsh -order 1`"
                ));
            }
            34 | 35 => {
                return Err(format!(
                    "elements of type {number} are polygons or polyhedra that Gmsh made by cutting; \
                     write the mesh before the cut"
                ));
            }
            _ => {
                return Err(format!(
                    "{number} is no type of elements that is known here"
                ));
            }
        };
        Ok(Self { cell, nodes })
    }

    /// Nodes of the cell.
    pub fn corners(self) -> usize {
        self.cell.min_node_count()
    }

    /// Whether there are nodes between the corners.
    pub fn is_second_order(self) -> bool {
        self.nodes > self.corners()
    }
}
