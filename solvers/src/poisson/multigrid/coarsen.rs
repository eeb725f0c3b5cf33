//! One coarsening step: blocks of two cells along each coarsened axis become one cell.
//!
//! The pieces into which a block's fluid falls when only connections inside the block count
//! become one coarse node each, so that a coarse grid is connected exactly where the fine one
//! is: walls one cell thick, gaps one cell wide and sealed pockets survive every coarsening. The
//! largest piece takes the block's place in the coarse grid; the others, few on most domains, are extra
//! nodes. A coarse coupling is the conductance of the fine paths between two block centres:
//! half an inner face, the face between the blocks, half an inner face, in series.

use std::ops::Range;

use rayon::prelude::*;

use super::super::grid::Side;
use super::graph::{Edge, GridGraph, NONE};

/// Axes are coarsened together while their couplings differ by no more than this.
const ISOTROPY: f32 = 3.0;

/// What a coarsening made.
#[derive(Debug)]
pub(super) struct Coarsening {
    pub coarse: GridGraph,
    /// Cells merged along each axis: 1 or 2.
    pub factors: [usize; 3],
    /// Coarse node of each fine node; [`NONE`] where there is none.
    pub parent: Vec<u32>,
}

/// Coarsens once.
pub(super) fn coarsen(fine: &GridGraph) -> Coarsening {
    let factors = factors(fine);
    let dims = [0, 1, 2].map(|a| fine.dims[a].div_ceil(factors[a]));
    let blocks = Blocks {
        fine,
        factors,
        dims,
    };
    let (parent, extras) = blocks.parents();
    let mut coarse = GridGraph {
        dims,
        extras,
        ..GridGraph::default()
    };
    coarse.face = blocks.grid_couplings(&parent);
    blocks.edges(&parent, &mut coarse);
    coarse.dirichlet = blocks.dirichlet(&parent, coarse.nodes());
    coarse.sum_diagonal();
    Coarsening {
        coarse,
        factors,
        parent,
    }
}

/// Axes worth coarsening: those with couplings near the strongest.
fn factors(fine: &GridGraph) -> [usize; 3] {
    let strength = [0, 1, 2].map(|axis| {
        if fine.dims[axis] == 1 {
            return 0.0;
        }
        // the mean over couplings that are there, from a sample of the cells
        let face = &fine.face[axis];
        let step = (face.len() / 65_536).max(1) | 1;
        let sample = face.iter().step_by(step).filter(|&&w| w > 0.0);
        let (sum, count) = sample.fold((0.0, 0u32), |(s, n), w| (s + w, n + 1));
        if count == 0 { 0.0 } else { sum / count as f32 }
    });
    let strongest = strength.into_iter().fold(0.0, f32::max);
    [0, 1, 2].map(|axis| {
        let worth = strength[axis] * ISOTROPY >= strongest || strongest == 0.0;
        if fine.dims[axis] > 1 && worth { 2 } else { 1 }
    })
}

/// Blocks that have nodes, with their number, and those nodes with the piece each belongs to.
#[derive(Default)]
struct LabelledPlane {
    blocks: Vec<(u32, usize)>,
    nodes: Vec<(u32, u8)>,
}

struct Blocks<'a> {
    fine: &'a GridGraph,
    factors: [usize; 3],
    dims: [usize; 3],
}

impl Blocks<'_> {
    fn count(&self) -> usize {
        self.dims.iter().product()
    }

    fn block_of(&self, cell: usize) -> usize {
        let p = self.fine.position(cell);
        let [i, j, k] = [0, 1, 2].map(|a| p[a] / self.factors[a]);
        (k * self.dims[1] + j) * self.dims[0] + i
    }

    /// Cells of a block, ascending.
    fn cells(&self, block: usize, cells: &mut Vec<usize>) {
        let [nx, ny, _] = self.dims;
        let first = [block % nx, block / nx % ny, block / (nx * ny)];
        let range = |a: usize| {
            let low = first[a] * self.factors[a];
            low..(low + self.factors[a]).min(self.fine.dims[a])
        };
        let [_, sy, sz] = self.fine.strides();
        cells.clear();
        for k in range(2) {
            for j in range(1) {
                cells.extend(range(0).map(|i| k * sz + j * sy + i));
            }
        }
    }

    /// The coarse node of each fine node, and the blocks in which extra coarse nodes lie.
    fn parents(&self) -> (Vec<u32>, Vec<u32>) {
        let fine = self.fine;
        let mut extras_by_block: Vec<(usize, usize)> = (fine.extras.iter().enumerate())
            .map(|(extra, &cell)| (self.block_of(cell as usize), fine.cells() + extra))
            .collect();
        extras_by_block.sort_unstable();
        let plane = self.dims[0] * self.dims[1];
        let planes: Vec<LabelledPlane> = (0..self.dims[2])
            .into_par_iter()
            .map(|k| self.label_plane(k * plane..(k + 1) * plane, &extras_by_block))
            .collect();
        let mut parent = vec![NONE; fine.nodes()];
        let mut extras = Vec::new();
        for plane in planes {
            let mut nodes = plane.nodes.into_iter();
            for (block, count) in plane.blocks {
                let first_extra = self.count() + extras.len();
                let mut last = 0;
                for (node, piece) in nodes.by_ref().take(count) {
                    parent[node as usize] = match usize::from(piece) {
                        0 => block,
                        piece => (first_extra + piece - 1) as u32,
                    };
                    last = last.max(piece);
                }
                extras.extend((0..last).map(|_| block));
            }
        }
        (parent, extras)
    }

    /// The nodes of some blocks and their pieces.
    fn label_plane(&self, blocks: Range<usize>, extras: &[(usize, usize)]) -> LabelledPlane {
        let mut plane = LabelledPlane::default();
        let mut nodes = Vec::with_capacity(16);
        for block in blocks {
            self.cells(block, &mut nodes);
            nodes.retain(|&cell| self.fine.diag[cell] > 0.0);
            let first = extras.partition_point(|e| e.0 < block);
            let here = extras[first..].iter().take_while(|e| e.0 == block);
            nodes.extend(here.map(|e| e.1).filter(|&n| self.fine.diag[n] > 0.0));
            if !nodes.is_empty() {
                plane.blocks.push((block as u32, nodes.len()));
                let pieces = self.pieces(&nodes);
                plane
                    .nodes
                    .extend(nodes.iter().zip(pieces).map(|(&n, p)| (n as u32, p)));
            }
        }
        plane
    }

    /// The piece of each of a block's nodes: 0 is the largest.
    fn pieces(&self, nodes: &[usize]) -> Vec<u8> {
        let mut piece: Vec<u8> = (0..nodes.len() as u8).collect();
        let place = |node: usize| nodes.iter().position(|&n| n == node);
        for (from, &node) in nodes.iter().enumerate() {
            let mut join = |to: usize| {
                let (a, b) = (piece[from].min(piece[to]), piece[from].max(piece[to]));
                piece.iter_mut().filter(|p| **p == b).for_each(|p| *p = a);
            };
            if node < self.fine.cells() {
                let high = [Side::XMax, Side::YMax, Side::ZMax];
                let near = high
                    .into_iter()
                    .filter_map(|s| self.fine.neighbour(node, s));
                near.filter_map(|(n, _)| place(n)).for_each(&mut join);
            }
            let edges = self.fine.edges_of(node).iter();
            edges.filter_map(|e| place(e.to as usize)).for_each(join);
        }
        // number the pieces by size, equal sizes by their first node
        let mut sizes: Vec<(usize, u8)> = Vec::new();
        for &p in &piece {
            match sizes.iter_mut().find(|s| s.1 == p) {
                Some(size) => size.0 += 1,
                None => sizes.push((1, p)),
            }
        }
        sizes.sort_by_key(|&(size, first)| (std::cmp::Reverse(size), first));
        let rank = |p: u8| sizes.iter().position(|s| s.1 == p).unwrap_or(0) as u8;
        piece.iter().map(|&p| rank(p)).collect()
    }

    /// Couplings of the coarse grid along each axis.
    fn grid_couplings(&self, parent: &[u32]) -> [Vec<f32>; 3] {
        [0, 1, 2].map(|axis| {
            let mut coupling = vec![0.0; self.count()];
            let rows = coupling.par_chunks_mut(self.dims[0]).enumerate();
            rows.for_each_init(Vec::new, |cells, (row, couplings)| {
                for (i, coupling) in couplings.iter_mut().enumerate() {
                    *coupling = self.grid_coupling(row * self.dims[0] + i, axis, parent, cells);
                }
            });
            coupling
        })
    }

    /// Coupling of a block with the next lower one along an axis, through grid cells alone.
    fn grid_coupling(
        &self,
        block: usize,
        axis: usize,
        parent: &[u32],
        cells: &mut Vec<usize>,
    ) -> f32 {
        let stride = self.fine.strides()[axis];
        let block_stride = [1, self.dims[0], self.dims[0] * self.dims[1]][axis];
        if block / block_stride % self.dims[axis] == 0 {
            return 0.0;
        }
        let below = (block - block_stride) as u32;
        self.cells(block, cells);
        let low = cells.first().map_or(0, |&c| self.fine.position(c)[axis]);
        let sum = cells.iter().map(|&cell| {
            let crossing = self.fine.face[axis][cell];
            let starts = self.fine.position(cell)[axis] == low;
            if !starts
                || crossing == 0.0
                || parent[cell] != block as u32
                || parent[cell - stride] != below
            {
                return 0.0;
            }
            let inner = |cell: usize, side: Side| {
                self.fine
                    .neighbour(cell, side)
                    .filter(|&(n, _)| parent[n] == parent[cell])
            };
            if self.factors[axis] == 1 {
                return crossing;
            }
            let ends = [
                inner(cell, Side::ALL[2 * axis + 1]),
                inner(cell - stride, Side::ALL[2 * axis]),
            ];
            let resistance: f32 = ends.into_iter().flatten().map(|(_, w)| 0.5 / w).sum();
            1.0 / (1.0 / crossing + resistance)
        });
        sum.sum()
    }

    /// Couplings in which extra nodes take part: fine ones that join the coarse grid are added to it,
    /// the others become edges.
    fn edges(&self, parent: &[u32], coarse: &mut GridGraph) {
        let fine = self.fine;
        let cells = coarse.cells() as u32;
        let mut edges: Vec<Edge> = Vec::new();
        let mut join = |from: usize, to: usize, weight: f32, coarse: &mut GridGraph| {
            let (a, b) = (parent[from], parent[to]);
            if a == b {
                return;
            }
            let [from_block, to_block] = [a, b].map(|n| coarse.cell_of(n as usize));
            let distance = from_block.abs_diff(to_block);
            let axis = (0..3)
                .rev()
                .find(|&d| coarse.strides()[d] <= distance && coarse.dims[d] > 1);
            let axis = axis.unwrap_or(0);
            let weight = if self.factors[axis] == 2 {
                0.5 * weight
            } else {
                weight
            };
            if a < cells && b < cells {
                coarse.face[axis][from_block.max(to_block)] += weight;
            } else {
                edges.push(Edge {
                    from: a,
                    to: b,
                    weight,
                });
                edges.push(Edge {
                    from: b,
                    to: a,
                    weight,
                });
            }
        };
        if !coarse.extras.is_empty() {
            for cell in 0..fine.cells() {
                for side in [Side::XMin, Side::YMin, Side::ZMin] {
                    let Some((other, weight)) = fine.neighbour(cell, side) else {
                        continue;
                    };
                    if parent[cell] >= cells || parent[other] >= cells {
                        join(cell, other, weight, coarse);
                    }
                }
            }
        }
        for edge in fine.edges.iter().filter(|e| e.from > e.to) {
            join(edge.from as usize, edge.to as usize, edge.weight, coarse);
        }
        edges.sort_unstable_by_key(|e| (e.from, e.to));
        edges.dedup_by(|later, first| {
            let same = (later.from, later.to) == (first.from, first.to);
            if same {
                first.weight += later.weight;
            }
            same
        });
        coarse.edges = edges;
    }

    /// Couplings of the coarse nodes to p = 0: through half an inner face, as between blocks.
    fn dirichlet(&self, parent: &[u32], nodes: usize) -> Vec<f32> {
        let mut dirichlet = vec![0.0; nodes];
        for (node, &coupling) in self.fine.dirichlet.iter().enumerate() {
            if coupling == 0.0 || parent[node] == NONE {
                continue;
            }
            let inner = self
                .fine
                .all_couplings(node)
                .filter(|&(n, _)| parent[n] == parent[node]);
            let strongest = inner.map(|(_, w)| w).fold(0.0, f32::max);
            let resistance = if strongest > 0.0 {
                0.5 / strongest
            } else {
                0.0
            };
            dirichlet[parent[node] as usize] += 1.0 / (1.0 / coupling + resistance);
        }
        dirichlet
    }
}
