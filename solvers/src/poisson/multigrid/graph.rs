//! The operator of one multigrid level while the hierarchy is built: a grid of nodes with
//! couplings to their six neighbours, and extra nodes where one grid cell holds several pieces
//! of fluid that are not connected inside it.

use rayon::prelude::*;

use super::super::{FlagStencil, Side};
/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Nodes `0..cells` are those of the grid, nodes `cells..` the extra ones.
#[derive(Debug, Default)]
pub(super) struct GridGraph {
    pub dims: [usize; 3],
    /// Coupling of a cell with the next lower one along each axis; 0 where there is none.
    pub face: [Vec<f32>; 3],
    /// Coupling of each node to p = 0.
    pub dirichlet: Vec<f32>,
    /// Sum of a node's couplings; 0 for a node that is not there.
    pub diag: Vec<f32>,
    /// Cells in which the extra nodes lie, in ascending order.
    pub extras: Vec<u32>,
    /// Couplings in which an extra node takes part, in both directions, sorted.
    pub edges: Vec<Edge>,
}

/// A coupling between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub from: u32,
    pub to: u32,
    pub weight: f32,
}

impl GridGraph {
    /// The graph of a flag stencil, with couplings relative to `unit`.
    pub fn from_stencil(stencil: &FlagStencil, unit: f64) -> Self {
        let n: usize = stencil.dims().iter().product();
        let scale = 1.0 / unit;
        let low = |axis| move |cell| (stencil.low_coupling(cell, axis) * scale) as f32;
        let mut graph = Self {
            dims: stencil.dims(),
            face: [low(0), low(1), low(2)].map(|low| filled(n, low)),
            dirichlet: filled(n, |cell| (stencil.dirichlet(cell) * scale) as f32),
            ..Self::default()
        };
        graph.diag = filled(n, |cell| graph.grid_diagonal(cell));
        graph
    }

    /// Takes the couplings of some cells from the stencil again. A changed cell's neighbours must be
    /// among them.
    pub fn refresh(&mut self, stencil: &FlagStencil, unit: f64, cells: &[usize]) {
        let scale = 1.0 / unit;
        for &cell in cells {
            for (axis, face) in self.face.iter_mut().enumerate() {
                face[cell] = (stencil.low_coupling(cell, axis) * scale) as f32;
            }
            self.dirichlet[cell] = (stencil.dirichlet(cell) * scale) as f32;
        }
        for &cell in cells {
            self.diag[cell] = self.grid_diagonal(cell);
        }
    }

    /// Sum of the couplings of a cell, edges left out.
    #[inline]
    fn grid_diagonal(&self, cell: usize) -> f32 {
        let strides = self.strides();
        let pairs =
            [0, 1, 2].map(|axis| self.face[axis][cell] + self.high(cell, axis, strides[axis]));
        self.dirichlet[cell] + pairs.iter().sum::<f32>()
    }

    /// Coupling of a cell with the next higher one along an axis; 0 at the end of the grid, where what
    /// follows in memory is the first cell of a row or plane.
    #[inline]
    pub fn high(&self, cell: usize, axis: usize, stride: usize) -> f32 {
        self.face[axis].get(cell + stride).copied().unwrap_or(0.0)
    }

    pub fn memory_bytes(&self) -> usize {
        20 * self.cells() + 12 * self.extras.len() + 12 * self.edges.len()
    }

    /// Cells of the grid, extra nodes left out.
    pub fn cells(&self) -> usize {
        self.dims.iter().product()
    }

    /// All nodes' number, those that are not there included.
    pub fn nodes(&self) -> usize {
        self.cells() + self.extras.len()
    }

    /// Nodes that are there.
    pub fn present(&self) -> usize {
        self.diag.iter().filter(|&&d| d > 0.0).count()
    }

    pub fn strides(&self) -> [usize; 3] {
        [1, self.dims[0], self.dims[0] * self.dims[1]]
    }

    pub fn position(&self, cell: usize) -> [usize; 3] {
        let [nx, ny, _] = self.dims;
        [cell % nx, cell / nx % ny, cell / (nx * ny)]
    }

    /// The cell in which a node lies.
    pub fn cell_of(&self, node: usize) -> usize {
        match node.checked_sub(self.cells()) {
            None => node,
            Some(extra) => self.extras[extra] as usize,
        }
    }

    /// The cell next to a cell, if there is one.
    pub fn cell_beyond(&self, cell: usize, side: Side) -> Option<usize> {
        let (axis, position) = (side.axis(), self.position(cell));
        let stride = self.strides()[axis];
        match side.is_high() {
            true => (position[axis] + 1 < self.dims[axis]).then(|| cell + stride),
            false => (position[axis] > 0).then(|| cell - stride),
        }
    }

    /// Coupling of a cell with its neighbour towards `side`, and that neighbour.
    pub fn neighbour(&self, cell: usize, side: Side) -> Option<(usize, f32)> {
        let (axis, position) = (side.axis(), self.position(cell));
        let stride = self.strides()[axis];
        let found = if side.is_high() {
            (position[axis] + 1 < self.dims[axis])
                .then(|| (cell + stride, self.face[axis][cell + stride]))
        } else {
            (position[axis] > 0).then(|| (cell - stride, self.face[axis][cell]))
        };
        found.filter(|&(_, weight)| weight > 0.0)
    }

    /// Couplings with extra nodes, or of an extra node.
    pub fn edges_of(&self, node: usize) -> &[Edge] {
        let node = node as u32;
        let first = self.edges.partition_point(|e| e.from < node);
        let count = self.edges[first..]
            .iter()
            .take_while(|e| e.from == node)
            .count();
        &self.edges[first..first + count]
    }

    /// Nodes that take part in an edge, each once, ascending.
    pub fn irregular_nodes(&self) -> Vec<u32> {
        let mut nodes: Vec<u32> = self.edges.iter().map(|e| e.from).collect();
        nodes.extend((self.cells()..self.nodes()).map(|n| n as u32));
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// All couplings of a node: those of the grid, then the edges.
    pub fn all_couplings(&self, node: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let grid = (node < self.cells()).then(|| {
            Side::ALL
                .into_iter()
                .filter_map(move |s| self.neighbour(node, s))
        });
        let edges = self
            .edges_of(node)
            .iter()
            .map(|e| (e.to as usize, e.weight));
        grid.into_iter().flatten().chain(edges)
    }

    /// Sets `diag` to the sums of couplings.
    pub fn sum_diagonal(&mut self) {
        let mut diag = self.dirichlet.clone();
        for (cell, diag) in diag[..self.cells()].iter_mut().enumerate() {
            *diag = self.grid_diagonal(cell);
        }
        for edge in &self.edges {
            diag[edge.from as usize] += edge.weight;
        }
        self.diag = diag;
    }
}

/// A function of the cell, for all cells.
fn filled(cells: usize, value: impl Fn(usize) -> f32 + Sync) -> Vec<f32> {
    const CHUNK: usize = 1 << 14;
    let mut values = vec![0.0; cells];
    values
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, values)| {
            for (i, out) in values.iter_mut().enumerate() {
                *out = value(chunk * CHUNK + i);
            }
        });
    values
}
