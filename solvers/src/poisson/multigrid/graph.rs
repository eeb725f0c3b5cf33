//! The operator of one multigrid level while the hierarchy is built: a grid of nodes with
//! couplings to their six neighbours, and extra nodes where one grid cell holds several pieces
//! of fluid that are not connected inside it.

use rayon::prelude::*;

use super::super::{FlagStencil, Side, codes};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Cells or nodes that one task looks at.
const CHUNK: usize = 1 << 14;

/// A coupling between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub from: u32,
    pub to: u32,
    pub weight: f32,
}

/// Nodes and couplings. Nodes `0..cells` are those of the grid, nodes `cells..` the extra ones.
pub(super) trait Graph: Sync {
    fn dims(&self) -> [usize; 3];

    /// Coupling of a cell with the next lower one along an axis; 0 where there is none.
    fn low(&self, cell: usize, axis: usize) -> f32;

    /// Coupling of a node to p = 0.
    fn dirichlet(&self, node: usize) -> f32;

    /// Whether a node has any coupling.
    fn is_there(&self, node: usize) -> bool;

    /// Cells in which the extra nodes lie, in ascending order.
    fn extras(&self) -> &[u32] {
        &[]
    }

    /// Couplings in which an extra node takes part, in both directions, sorted.
    fn edges(&self) -> &[Edge] {
        &[]
    }

    /// Cells of the grid, extra nodes left out.
    fn cells(&self) -> usize {
        self.dims().iter().product()
    }

    /// All nodes' number, those that are not there included.
    fn nodes(&self) -> usize {
        self.cells() + self.extras().len()
    }

    fn strides(&self) -> [usize; 3] {
        let [nx, ny, _] = self.dims();
        [1, nx, nx * ny]
    }

    fn position(&self, cell: usize) -> [usize; 3] {
        let [nx, ny, _] = self.dims();
        [cell % nx, cell / nx % ny, cell / (nx * ny)]
    }

    /// The cell in which a node lies.
    fn cell_of(&self, node: usize) -> usize {
        match node.checked_sub(self.cells()) {
            None => node,
            Some(extra) => self.extras()[extra] as usize,
        }
    }

    /// The cell next to a cell, if there is one.
    fn cell_beyond(&self, cell: usize, side: Side) -> Option<usize> {
        let (axis, position) = (side.axis(), self.position(cell));
        let stride = self.strides()[axis];
        match side.is_high() {
            true => (position[axis] + 1 < self.dims()[axis]).then(|| cell + stride),
            false => (position[axis] > 0).then(|| cell - stride),
        }
    }

    /// Coupling of a cell with the next higher one along an axis; 0 at the end of the grid, where what
    /// follows in memory is the first cell of a row or plane.
    #[inline]
    fn high(&self, cell: usize, axis: usize, stride: usize) -> f32 {
        if cell + stride < self.cells() {
            self.low(cell + stride, axis)
        } else {
            0.0
        }
    }

    /// Coupling of a cell with its neighbour towards `side`, and that neighbour.
    fn neighbour(&self, cell: usize, side: Side) -> Option<(usize, f32)> {
        let other = self.cell_beyond(cell, side)?;
        let weight = self.low(cell.max(other), side.axis());
        (weight > 0.0).then_some((other, weight))
    }

    /// Couplings with extra nodes, or of an extra node.
    fn edges_of(&self, node: usize) -> &[Edge] {
        let node = node as u32;
        let edges = self.edges();
        let first = edges.partition_point(|e| e.from < node);
        let count = edges[first..].iter().take_while(|e| e.from == node).count();
        &edges[first..first + count]
    }

    /// All couplings of a node: those of the grid, then the edges.
    fn all_couplings(&self, node: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
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

    /// Number of nodes that are there.
    fn present(&self) -> usize {
        let starts = (0..self.nodes()).into_par_iter().step_by(CHUNK);
        let of = |start| {
            let nodes = start..self.nodes().min(start + CHUNK);
            nodes.filter(|&node| self.is_there(node)).count()
        };
        starts.map(of).sum()
    }

    /// The nodes that are coupled to p = 0, ascending.
    fn beside_air(&self) -> Vec<usize> {
        let starts = (0..self.nodes()).into_par_iter().step_by(CHUNK);
        let of = |start| {
            let nodes = start..self.nodes().min(start + CHUNK);
            nodes
                .filter(|&node| self.dirichlet(node) > 0.0)
                .collect::<Vec<_>>()
        };
        starts.map(of).collect::<Vec<_>>().concat()
    }
}

/// The graph of a stencil without face weights.
pub(super) struct StencilGraph<'a> {
    pub stencil: &'a FlagStencil,
    /// Coupling along each axis.
    pub scales: [f32; 3],
}

impl<'a> StencilGraph<'a> {
    /// With couplings relative to `unit`.
    pub fn new(stencil: &'a FlagStencil, unit: f64) -> Self {
        let scales = stencil.scales().map(|s| (s / unit) as f32);
        Self { stencil, scales }
    }
}

impl Graph for StencilGraph<'_> {
    fn dims(&self) -> [usize; 3] {
        self.stencil.dims()
    }

    #[inline]
    fn low(&self, cell: usize, axis: usize) -> f32 {
        match codes::is_fluid(self.stencil.code(cell), 2 * axis) {
            true => self.scales[axis],
            false => 0.0,
        }
    }

    #[inline]
    fn dirichlet(&self, cell: usize) -> f32 {
        let code = self.stencil.code(cell);
        if !codes::touches_air(code) {
            return 0.0;
        }
        let of = |axis| self.scales[axis] * f32::from(codes::air(code, axis));
        of(0) + of(1) + of(2)
    }

    #[inline]
    fn is_there(&self, cell: usize) -> bool {
        codes::any_open(self.stencil.code(cell))
    }
}

/// A graph of its own.
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

impl Graph for GridGraph {
    fn dims(&self) -> [usize; 3] {
        self.dims
    }

    #[inline]
    fn low(&self, cell: usize, axis: usize) -> f32 {
        self.face[axis][cell]
    }

    #[inline]
    fn dirichlet(&self, node: usize) -> f32 {
        self.dirichlet[node]
    }

    #[inline]
    fn is_there(&self, node: usize) -> bool {
        self.diag[node] > 0.0
    }

    fn extras(&self) -> &[u32] {
        &self.extras
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }
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

    pub fn memory_bytes(&self) -> usize {
        20 * self.cells() + 12 * self.extras.len() + 12 * self.edges.len()
    }

    /// Nodes that take part in an edge, each once, ascending.
    pub fn irregular_nodes(&self) -> Vec<u32> {
        let mut nodes: Vec<u32> = self.edges.iter().map(|e| e.from).collect();
        nodes.extend((self.cells()..self.nodes()).map(|n| n as u32));
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Sets `diag` to the sums of couplings.
    pub fn sum_diagonal(&mut self) {
        let mut diag = filled(self.cells(), |cell| self.grid_diagonal(cell));
        diag.extend_from_slice(&self.dirichlet[self.cells()..]);
        for edge in &self.edges {
            diag[edge.from as usize] += edge.weight;
        }
        self.diag = diag;
    }
}

/// A function of the cell, for all cells.
fn filled(cells: usize, value: impl Fn(usize) -> f32 + Sync) -> Vec<f32> {
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
