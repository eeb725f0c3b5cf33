//! One coarsening step: blocks of two cells along each coarsened axis become one cell.
//!
//! The pieces into which a block's fluid falls when only connections inside the block count
//! become one coarse node each, so that a coarse grid is connected exactly where the fine one
//! is: walls one cell thick, gaps one cell wide and sealed pockets survive every coarsening. The
//! largest piece takes the block's place in the coarse grid; the others, few on most domains, are extra
//! nodes. A coarse coupling is the conductance of the fine paths between two block centres:
//! half an inner face, the face between the blocks, half an inner face, in series.

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
    let mut parents = blocks.parents();
    let mut coarse = GridGraph {
        dims,
        extras: std::mem::take(&mut parents.extras),
        ..GridGraph::default()
    };
    coarse.face = blocks.grid_couplings(&parents.parent);
    blocks.edges(&parents, &mut coarse);
    coarse.dirichlet = blocks.dirichlet(&parents.parent, coarse.nodes());
    coarse.sum_diagonal();
    Coarsening {
        coarse,
        factors,
        parent: parents.parent,
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

/// Where the fine nodes go.
struct Parents {
    /// Coarse node of each fine node.
    parent: Vec<u32>,
    /// Blocks of the extra coarse nodes.
    extras: Vec<u32>,
    /// Fine nodes that go into extra coarse nodes.
    irregular: Vec<usize>,
}

/// A node that is not a grid cell in the largest piece of its block.
struct Labelled {
    node: usize,
    block: u32,
    /// Number of its piece in the block; 0 is the largest.
    piece: usize,
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
    fn parents(&self) -> Parents {
        let fine = self.fine;
        let mut extras_by_block: Vec<(usize, usize)> = (fine.extras.iter().enumerate())
            .map(|(extra, &cell)| (self.block_of(cell as usize), fine.cells() + extra))
            .collect();
        extras_by_block.sort_unstable();
        let mut parent = vec![0; fine.nodes()];
        let plane = fine.dims[0] * fine.dims[1];
        let planes: Vec<Vec<Labelled>> = parent[..fine.cells()]
            .par_chunks_mut(plane * self.factors[2])
            .enumerate()
            .map(|(k, parent)| self.label_plane(k, parent, &extras_by_block))
            .collect();
        parent[fine.cells()..].fill(NONE);
        let (mut extras, mut irregular) = (Vec::new(), Vec::new());
        for labelled in planes.into_iter().flatten() {
            // pieces of a block come in ascending order
            while extras
                .iter()
                .rev()
                .take_while(|&&b| b == labelled.block)
                .count()
                < labelled.piece
            {
                extras.push(labelled.block);
            }
            let of_block = extras
                .iter()
                .rev()
                .take_while(|&&b| b == labelled.block)
                .count();
            parent[labelled.node] = match labelled.piece {
                0 => labelled.block,
                piece => (self.count() + extras.len() - of_block + piece - 1) as u32,
            };
            if labelled.piece > 0 {
                irregular.push(labelled.node);
            }
        }
        Parents {
            parent,
            extras,
            irregular,
        }
    }

    /// Sets the parents of the cells of one plane of blocks, as far as they are in the largest piece of
    /// their block; returns the other nodes of that plane with their pieces.
    fn label_plane(
        &self,
        plane: usize,
        parent: &mut [u32],
        extras: &[(usize, usize)],
    ) -> Vec<Labelled> {
        let mut labelled = Vec::new();
        let mut nodes = Vec::with_capacity(16);
        let first_cell = plane * self.factors[2] * self.fine.strides()[2];
        let per_plane = self.dims[0] * self.dims[1];
        for block in plane * per_plane..(plane + 1) * per_plane {
            self.cells(block, &mut nodes);
            nodes.retain(|&cell| {
                let there = self.fine.diag[cell] > 0.0;
                parent[cell - first_cell] = if there { block as u32 } else { NONE };
                there
            });
            let cells = nodes.len();
            let first = extras.partition_point(|e| e.0 < block);
            let here = extras[first..].iter().take_while(|e| e.0 == block);
            nodes.extend(here.map(|e| e.1).filter(|&n| self.fine.diag[n] > 0.0));
            if cells == nodes.len() && self.is_one_piece(&nodes) {
                continue;
            }
            let pieces = self.pieces(&nodes);
            let block = block as u32;
            let mut odd: Vec<Labelled> = (nodes.iter().zip(pieces).enumerate())
                .filter(|&(i, (_, piece))| piece > 0 || i >= cells)
                .map(|(_, (&node, piece))| Labelled { node, block, piece })
                .collect();
            odd.sort_by_key(|l| l.piece);
            labelled.extend(odd);
        }
        labelled
    }

    /// Whether all of a block's cells are connected, tested by walking from the first; `cells` are those
    /// that are there, ascending.
    fn is_one_piece(&self, cells: &[usize]) -> bool {
        let strides = self.fine.strides();
        let Some(&first) = cells.first() else {
            return true;
        };
        // at most eight cells: one bit each
        let all = (1u32 << cells.len()) - 1;
        let mut reached = 1u32;
        loop {
            let before = reached;
            for (i, &cell) in cells.iter().enumerate() {
                for (axis, stride) in strides.into_iter().enumerate() {
                    // the lower neighbour, if it belongs to the block
                    let coupled = self.fine.face[axis][cell] > 0.0 && cell >= first + stride;
                    let lower = cells[..i]
                        .iter()
                        .position(|&c| coupled && c + stride == cell);
                    if let Some(lower) = lower {
                        let pair = 1 << i | 1 << lower;
                        if reached & pair != 0 {
                            reached |= pair;
                        }
                    }
                }
            }
            if reached == all || reached == before {
                return reached == all;
            }
        }
    }

    /// The piece of each of a block's nodes: 0 is the largest.
    fn pieces(&self, nodes: &[usize]) -> Vec<usize> {
        let mut piece: Vec<usize> = (0..nodes.len()).collect();
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
        let mut sizes: Vec<(usize, usize)> = Vec::new();
        for &p in &piece {
            match sizes.iter_mut().find(|s| s.1 == p) {
                Some(size) => size.0 += 1,
                None => sizes.push((1, p)),
            }
        }
        sizes.sort_by_key(|&(size, first)| (std::cmp::Reverse(size), first));
        let rank = |p: usize| sizes.iter().position(|s| s.1 == p).unwrap_or(0);
        piece.iter().map(|&p| rank(p)).collect()
    }

    /// Couplings of the coarse grid along each axis.
    fn grid_couplings(&self, parent: &[u32]) -> [Vec<f32>; 3] {
        [0, 1, 2].map(|axis| {
            let mut coupling = vec![0.0; self.count()];
            let rows = coupling.par_chunks_mut(self.dims[0]).enumerate();
            rows.for_each(|(row, couplings)| self.row_couplings(row, axis, parent, couplings));
            coupling
        })
    }

    /// Couplings of a row of blocks with the next lower ones along an axis, through grid cells alone.
    fn row_couplings(&self, row: usize, axis: usize, parent: &[u32], couplings: &mut [f32]) {
        let [nx, ny, _] = self.dims;
        let strides = self.fine.strides();
        let block_stride = [1, nx, nx * ny][axis];
        let first = [0, row % ny, row / ny];
        for (i, coupling) in couplings.iter_mut().enumerate() {
            let position = [i, first[1], first[2]];
            if position[axis] == 0 {
                continue;
            }
            let block = row * nx + i;
            // the cells of the block's lowest layer along the axis
            let corner = [0, 1, 2].map(|a| position[a] * self.factors[a]);
            let across = |a: usize| {
                if a == axis {
                    1
                } else {
                    self.factors[a].min(self.fine.dims[a] - corner[a])
                }
            };
            let at: usize = (0..3).map(|a| corner[a] * strides[a]).sum();
            for k in 0..across(2) {
                for j in 0..across(1) {
                    for i in 0..across(0) {
                        let cell = at + i + j * strides[1] + k * strides[2];
                        let joins = parent[cell] == block as u32
                            && parent[cell - strides[axis]] == (block - block_stride) as u32;
                        if joins {
                            *coupling += self.conductance(cell, axis, strides[axis]);
                        }
                    }
                }
            }
        }
    }

    /// Conductance from block centre to block centre through the face below a cell.
    #[inline]
    fn conductance(&self, cell: usize, axis: usize, stride: usize) -> f32 {
        let face = &self.fine.face[axis];
        let crossing = face[cell];
        if self.factors[axis] == 1 || crossing == 0.0 {
            return crossing;
        }
        // the faces inside the two blocks that follow on the same line
        self.series(
            axis,
            crossing,
            [self.fine.high(cell, axis, stride), face[cell - stride]],
        )
    }

    /// Half an inner face, a crossing and half an inner face in series; an inner coupling of 0 means that
    /// the node at the crossing stands for its block.
    #[inline]
    fn series(&self, axis: usize, crossing: f32, inner: [f32; 2]) -> f32 {
        if self.factors[axis] == 1 {
            return crossing;
        }
        if inner == [crossing; 2] {
            return 0.5 * crossing;
        }
        let ends = inner.into_iter().filter(|&w| w > 0.0).map(|w| 0.5 / w);
        1.0 / (1.0 / crossing + ends.sum::<f32>())
    }

    /// Coupling of a node with those of its own piece that lie on the side away from `other`.
    fn inner(&self, node: usize, other: usize, parent: &[u32]) -> f32 {
        let fine = self.fine;
        let [cell, beyond] = [node, other].map(|n| fine.cell_of(n));
        let inside = (2 * cell).checked_sub(beyond);
        let own = fine
            .all_couplings(node)
            .filter(|&(n, _)| parent[n] == parent[node]);
        own.filter(|&(n, _)| Some(fine.cell_of(n)) == inside)
            .map(|(_, w)| w)
            .sum()
    }

    /// Couplings in which extra nodes take part: fine ones that join the coarse grid are added to it,
    /// the others become edges.
    fn edges(&self, parents: &Parents, coarse: &mut GridGraph) {
        let Parents {
            parent, irregular, ..
        } = parents;
        let fine = self.fine;
        let cells = coarse.cells() as u32;
        let mut edges: Vec<Edge> = Vec::new();
        let mut join = |from: usize, to: usize, weight: f32, coarse: &mut GridGraph| {
            let (a, b) = (parent[from], parent[to]);
            if a == b {
                return;
            }
            let [from_block, to_block] = [a, b].map(|n| coarse.cell_of(n as usize));
            let axis = axis_between(coarse, from_block, to_block);
            let ends = [self.inner(from, to, parent), self.inner(to, from, parent)];
            let weight = self.series(axis, weight, ends);
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
        for &node in irregular.iter().filter(|&&node| node < fine.cells()) {
            for side in Side::ALL {
                let Some((other, weight)) = fine.neighbour(node, side) else {
                    continue;
                };
                // two such nodes meet twice
                if parent[other] < cells || other < node {
                    join(node, other, weight, coarse);
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

/// The axis along which two neighbouring cells lie.
fn axis_between(graph: &GridGraph, a: usize, b: usize) -> usize {
    let (a, b) = (graph.position(a), graph.position(b));
    (0..3).find(|&axis| a[axis] != b[axis]).unwrap_or(0)
}
