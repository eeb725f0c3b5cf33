//! The mesh: points, cells and named zones.

mod builder;

pub use builder::MeshBuilder;

use crate::{Cell, CellType, Csr, Location};

/// A named set of points or cells, for example a boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The name, unique in its mesh.
    pub name: String,
    /// Whether the indices number points or cells.
    pub location: Location,
    /// Indices of the points or cells.
    pub indices: Vec<u32>,
}

/// Points, cells and named zones, checked when built and immutable after.
///
/// Guaranteed of every mesh: at least one point; finite coordinates; every cell has a node count
/// that its kind allows and refers to existing points; zone names are unique and their indices
/// exist. There may be no cells (a point cloud).
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    points: Vec<[f64; 3]>,
    types: Vec<CellType>,
    offsets: Vec<usize>,
    connectivity: Vec<u32>,
    zones: Vec<Zone>,
}

impl Mesh {
    /// An empty builder.
    pub fn builder() -> MeshBuilder {
        MeshBuilder::default()
    }

    /// Coordinates in metres, `n_points()` of them; plane meshes have a constant z.
    pub fn points(&self) -> &[[f64; 3]] {
        &self.points
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.points.len()
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.types.len()
    }

    /// The kind of every cell.
    pub fn cell_types(&self) -> &[CellType] {
        &self.types
    }

    /// Where each cell's nodes start in [`Self::connectivity`]; `n_cells() + 1` entries.
    pub fn cell_offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The nodes of all cells back to back.
    pub fn connectivity(&self) -> &[u32] {
        &self.connectivity
    }

    /// Cell `index`.
    ///
    /// # Panics
    /// When `index >= n_cells()`, as slice indexing does.
    pub fn cell(&self, index: usize) -> Cell<'_> {
        Cell {
            kind: self.types[index],
            nodes: &self.connectivity[self.offsets[index]..self.offsets[index + 1]],
        }
    }

    /// All cells in order.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'_>> + Clone {
        (0..self.n_cells()).map(|index| self.cell(index))
    }

    /// All zones, in the order in which they were added.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The zone named `name`.
    pub fn zone(&self, name: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.name == name)
    }

    /// The cells incident to every point: `n_points()` rows of rising cell indices.
    ///
    /// A cell that names a point twice appears once in that point's row. Computed on each call, in
    /// time linear in the connectivity.
    pub fn point_cells(&self) -> Csr {
        let pairs = (0..self.n_cells()).flat_map(|cell| {
            self.connectivity[self.offsets[cell]..self.offsets[cell + 1]]
                .iter()
                .map(move |&node| (node, cell as u32))
        });
        Csr::from_pairs(self.n_points(), pairs).sorted_unique()
    }

    /// The points joined to every point by a cell edge: `n_points()` sorted rows without
    /// repetitions and without the point itself. The relation is symmetric.
    pub fn point_neighbours(&self) -> Csr {
        let mut pairs = Vec::with_capacity(2 * self.connectivity.len());
        for cell in self.cells() {
            cell.for_each_edge(|a, b| {
                if a != b {
                    pairs.push((a, b));
                    pairs.push((b, a));
                }
            });
        }
        Csr::from_pairs(self.n_points(), pairs.iter().copied()).sorted_unique()
    }

    /// The undirected edges of all cells, each once as `[low, high]`, in rising order.
    pub fn edges(&self) -> Vec<[u32; 2]> {
        let neighbours = self.point_neighbours();
        let mut edges = Vec::with_capacity(neighbours.indices().len() / 2);
        for (point, row) in neighbours.rows().enumerate() {
            let point = point as u32;
            edges.extend(
                row.iter()
                    .filter(|&&other| other > point)
                    .map(|&other| [point, other]),
            );
        }
        edges
    }

    /// Lowest and highest coordinate along every axis.
    pub fn bounds(&self) -> ([f64; 3], [f64; 3]) {
        let mut low = [f64::INFINITY; 3];
        let mut high = [f64::NEG_INFINITY; 3];
        for point in &self.points {
            for axis in 0..3 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two unit squares side by side; the right one is cut into two triangles.
    ///
    /// ```text
    /// 3---4---5
    /// | 0 |1/2|
    /// 0---1---2
    /// ```
    fn sample() -> Mesh {
        let points = (0..6)
            .map(|i| [f64::from(i % 3), f64::from(i / 3), 0.0])
            .collect();
        Mesh::builder()
            .points(points)
            .cell(CellType::Quad, &[0, 1, 4, 3])
            .cell(CellType::Triangle, &[1, 5, 4])
            .cell(CellType::Triangle, &[1, 2, 5])
            .build()
            .unwrap()
    }

    #[test]
    fn adjacency() {
        let mesh = sample();
        let incident = mesh.point_cells();
        assert_eq!(incident.row(1), [0, 1, 2]);
        assert_eq!(incident.row(3), [0]);
        let neighbours = mesh.point_neighbours();
        assert_eq!(neighbours.row(1), [0, 2, 4, 5]);
        assert_eq!(neighbours.row(0), [1, 3]);
        let edges = mesh.edges();
        // Euler: V - E + F = 1 for a disc.
        assert_eq!(6 - edges.len() as i32 + 3, 1);
        assert!(edges.is_sorted());
        assert_eq!(neighbours.indices().len(), 2 * edges.len());
    }

    #[test]
    fn cells_and_bounds() {
        let mesh = sample();
        assert_eq!(
            mesh.cell(1),
            Cell {
                kind: CellType::Triangle,
                nodes: &[1, 5, 4]
            }
        );
        assert_eq!(mesh.cells().len(), 3);
        assert_eq!(mesh.bounds(), ([0.0; 3], [2.0, 1.0, 0.0]));
    }
}
