//! One level of the hierarchy as the cycle sees it.
//!
//! Cells are kept by colour, red and black like a chessboard, because a red cell couples to black
//! cells only: each half-sweep then reads and writes whole vectors, and no two threads touch
//! the same memory. A row of nx cells becomes a red and a black half-row of `half = ceil(nx / 2)`
//! entries; with p the parity of the row's y + z, entry h of the red one is cell 2 h + p, entry h of
//! the black one cell 2 h + 1 - p. Neighbours in y and z have the same h.

use rayon::prelude::*;

use super::super::Side;
use super::graph::{Graph, GridGraph};
use super::sparse_rows::SparseRows;

/// Half-rows that a thread fills at a time, at least.
const ROWS_PER_TASK: usize = 32;

/// Index of a colour.
pub(super) const RED: usize = 0;
pub(super) const BLACK: usize = 1;

/// Sizes of the two-colour layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub dims: [usize; 3],
    /// Entries of a half-row.
    pub half: usize,
    /// Zeros before and after the entries of a colour, so that neighbours of edge cells are in bounds.
    pub pad: usize,
}

impl Layout {
    pub fn new(dims: [usize; 3]) -> Self {
        let half = dims[0].div_ceil(2);
        Self {
            dims,
            half,
            pad: half * dims[1] + 1,
        }
    }

    /// Half-rows of a colour.
    pub fn rows(&self) -> usize {
        self.dims[1] * self.dims[2]
    }

    /// Entries of a colour, extra nodes left out.
    pub fn entries(&self) -> usize {
        self.half * self.rows()
    }

    /// Length of a colour's vector with the zeros around it.
    pub fn padded(&self) -> usize {
        self.entries() + 2 * self.pad
    }

    /// Parity of a row: 0 if its red cells are the even ones.
    pub fn parity(&self, row: usize) -> usize {
        (row % self.dims[1] + row / self.dims[1]) & 1
    }

    /// A colour's padded vector without the padding.
    pub fn entries_of<'a>(&self, padded: &'a mut [f32]) -> &'a mut [f32] {
        &mut padded[self.pad..self.pad + self.entries()]
    }

    /// Sets the entries of a colour's padded vector to a function of the cell.
    pub fn fill(&self, colour: usize, out: &mut [f32], value: impl Fn(usize) -> f32 + Sync) {
        let [nx, ..] = self.dims;
        let rows = out[self.pad..self.pad + self.entries()]
            .par_chunks_mut(self.half)
            .enumerate();
        rows.with_min_len(ROWS_PER_TASK).for_each(|(row, out)| {
            let first = self.parity(row) ^ colour;
            let cells = (first..nx).step_by(2).map(|i| row * nx + i);
            for (out, cell) in out.iter_mut().zip(cells) {
                *out = value(cell);
            }
        });
    }

    /// Colour and entry of a cell.
    pub fn place(&self, cell: usize) -> (usize, usize) {
        let (i, row) = (cell % self.dims[0], cell / self.dims[0]);
        let colour = (i + self.parity(row)) & 1;
        (colour, row * self.half + i / 2)
    }
}

fn inverse(diagonal: f32) -> f32 {
    if diagonal > 0.0 { 1.0 / diagonal } else { 0.0 }
}

/// A level's operator and vectors. Everything is per colour; vectors are padded, and extra
/// nodes follow the padding.
#[derive(Debug)]
pub(super) struct Level {
    pub layout: Layout,
    /// Couplings of the red cells towards each side, entries without padding at `pad`.
    pub couplings: [Vec<f32>; 6],
    /// 1 / diagonal, 0 where there is no node.
    pub inverse: [Vec<f32>; 2],
    /// Diagonal of the red nodes, whose residual the cycle needs.
    pub diagonal: Vec<f32>,
    /// All couplings of the nodes that have some outside of the grid.
    pub irregular: [SparseRows; 2],
    pub x: [Vec<f32>; 2],
    pub b: [Vec<f32>; 2],
    /// Residual of the red nodes.
    pub residual: Vec<f32>,
}

impl Level {
    pub fn new(graph: &GridGraph) -> Self {
        let layout = Layout::new(graph.dims);
        let places = Places::new(layout, graph);
        let lengths = places.extras.map(|n| layout.padded() + n);
        let pair = || lengths.map(|n| vec![0.0f32; n]);
        let mut level = Self {
            layout,
            couplings: [(); 6].map(|()| vec![0.0; layout.padded()]),
            inverse: pair(),
            diagonal: vec![0.0; lengths[RED]],
            irregular: Default::default(),
            x: pair(),
            b: pair(),
            residual: vec![0.0; lengths[RED]],
        };
        level.fill(graph);
        for extra in graph.cells()..graph.nodes() {
            level.set_diagonal(places.of(extra), graph.diag[extra]);
        }
        for node in graph.irregular_nodes() {
            let (colour, entry) = places.of(node as usize);
            let row = graph.all_couplings(node as usize);
            level.irregular[colour].push(entry, row.map(|(n, w)| (places.of(n).1, w)));
        }
        level
    }

    /// Takes the couplings of all grid cells from the graph.
    fn fill(&mut self, graph: &GridGraph) {
        let layout = self.layout;
        let strides = graph.strides();
        for (side, out) in self.couplings.iter_mut().enumerate() {
            let axis = side / 2;
            let shift = if side % 2 == 0 { 0 } else { strides[axis] };
            layout.fill(RED, out, |cell| {
                graph.face[axis].get(cell + shift).copied().unwrap_or(0.0)
            });
        }
        layout.fill(RED, &mut self.diagonal, |cell| graph.diag[cell]);
        for (colour, out) in self.inverse.iter_mut().enumerate() {
            layout.fill(colour, out, |cell| inverse(graph.diag[cell]));
        }
    }

    /// Takes the couplings of some grid cells from the graph.
    pub fn refresh(&mut self, graph: &GridGraph, cells: &[usize]) {
        for &cell in cells {
            let (colour, entry) = self.layout.place(cell);
            let entry = entry + self.layout.pad;
            self.set_diagonal((colour, entry), graph.diag[cell]);
            if colour == RED {
                for side in Side::ALL {
                    let coupling = graph.neighbour(cell, side).map_or(0.0, |n| n.1);
                    self.couplings[side as usize][entry] = coupling;
                }
            }
        }
    }

    fn set_diagonal(&mut self, (colour, entry): (usize, usize), diagonal: f32) {
        self.inverse[colour][entry] = inverse(diagonal);
        if colour == RED {
            self.diagonal[entry] = diagonal;
        }
    }

    pub fn memory_bytes(&self) -> usize {
        let vectors = [&self.x, &self.b, &self.inverse].map(|v| v[0].len() + v[1].len());
        let couplings: usize = self.couplings.iter().map(Vec::len).sum();
        let irregular: usize = self.irregular.iter().map(SparseRows::bytes).sum();
        4 * (vectors.iter().sum::<usize>() + couplings + 2 * self.residual.len()) + irregular
    }
}

/// Where the nodes of a graph lie in a level's vectors.
pub(super) struct Places {
    layout: Layout,
    cells: usize,
    /// Colour and entry of each extra node.
    extra: Vec<(usize, usize)>,
    /// Number of extra nodes of each colour.
    pub extras: [usize; 2],
}

impl Places {
    pub fn new(layout: Layout, graph: &GridGraph) -> Self {
        let mut extras = [0; 2];
        let extra = (graph.extras.iter())
            .map(|&cell| {
                let colour = layout.place(cell as usize).0;
                extras[colour] += 1;
                (colour, layout.padded() + extras[colour] - 1)
            })
            .collect();
        Self {
            layout,
            cells: graph.cells(),
            extra,
            extras,
        }
    }

    /// Colour, and index into that colour's padded vectors.
    pub fn of(&self, node: usize) -> (usize, usize) {
        match node.checked_sub(self.cells) {
            Some(extra) => self.extra[extra],
            None => {
                let (colour, entry) = self.layout.place(node);
                (colour, entry + self.layout.pad)
            }
        }
    }
}
