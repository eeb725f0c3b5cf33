//! One coarsening step: blocks of two cells along each coarsened axis become one cell.
//!
//! The pieces into which a block's fluid falls when only connections inside the block count
//! become one coarse node each, so that a coarse grid is connected exactly where the fine one
//! is: walls one cell thick, gaps one cell wide and sealed pockets survive every coarsening. The
//! largest piece takes the block's place in the coarse grid; the others, few on most domains, are extra
//! nodes. A coarse coupling is the conductance of the fine paths between two block centres:
//! half an inner face, the face between the blocks, half an inner face, in series.

use rayon::prelude::*;

use super::super::Side;
use super::graph::{Edge, Graph, GridGraph, StencilGraph};
use super::pieces::{Blocks, OddNode, number};

/// Axes are coarsened together while their couplings differ by no more than this.
pub(super) const ISOTROPY: f32 = 3.0;

mod stencil;

/// What a coarsening made.
#[derive(Debug)]
pub(super) struct Coarsening {
    pub coarse: GridGraph,
    /// Cells merged along each axis: 1 or 2.
    pub factors: [usize; 3],
    /// Coarse node of each fine node; [`NONE`] where there is none.
    pub parent: Vec<u32>,
    /// Fine nodes that are not cells in the largest piece of their block.
    pub odd: Vec<OddNode>,
}

impl Coarsening {
    /// Coarsens once.
    pub fn new(fine: &GridGraph) -> Self {
        Self::build(fine, factors(fine), |blocks, parent, _| {
            blocks.grid_couplings(parent)
        })
    }

    /// Coarsens the graph of a stencil by two along each axis.
    pub fn of_stencil(fine: &StencilGraph<'_>, factors: [usize; 3]) -> Self {
        Self::build(fine, factors, |blocks, parent, odd| {
            let mut face = stencil::couplings(blocks);
            let mut with_odd: Vec<usize> = odd.iter().map(|o| o.block as usize).collect();
            with_odd.dedup();
            blocks.refresh_couplings(&with_odd, parent, &mut face);
            face
        })
    }

    fn build<G: Graph>(
        fine: &G,
        factors: [usize; 3],
        couplings: impl FnOnce(&Blocks<'_, G>, &[u32], &[OddNode]) -> [Vec<f32>; 3],
    ) -> Self {
        let blocks = Blocks::new(fine, factors);
        let (mut parent, odd) = blocks.label();
        let extras = number(&odd, blocks.count(), &mut parent);
        let mut coarse = GridGraph {
            dims: blocks.dims,
            extras,
            ..GridGraph::default()
        };
        coarse.face = couplings(&blocks, &parent, &odd);
        blocks.edges(&parent, &odd, &mut coarse);
        coarse.dirichlet = vec![0.0; coarse.nodes()];
        blocks.add_dirichlet(
            fine.beside_air().into_iter(),
            &parent,
            &mut coarse.dirichlet,
        );
        coarse.sum_diagonal();
        Self {
            coarse,
            factors: blocks.factors,
            parent,
            odd,
        }
    }

    /// Coarsens a graph without extra nodes again in which the couplings of `cells` have changed. Returns
    /// the cells of their blocks.
    pub fn update(&mut self, fine: &impl Graph, cells: &[usize]) -> Vec<usize> {
        let blocks = Blocks::new(fine, self.factors);
        let mut changed: Vec<usize> = cells.iter().map(|&cell| blocks.block_of(cell)).collect();
        changed.sort_unstable();
        changed.dedup();
        let is_changed = |block: u32| changed.binary_search(&(block as usize)).is_ok();
        let Self {
            coarse,
            parent,
            odd,
            ..
        } = self;
        odd.retain(|o| !is_changed(o.block));
        blocks.relabel(&changed, parent, odd);
        odd.sort_by_key(|o| (o.block, o.piece()));
        coarse.extras = number(odd, blocks.count(), parent);
        blocks.refresh_couplings(&changed, parent, &mut coarse.face);
        blocks.edges(parent, odd, coarse);
        // of the extra nodes all, of the blocks those that changed
        coarse.dirichlet.truncate(blocks.count());
        coarse.dirichlet.resize(coarse.nodes(), 0.0);
        let mut touched = Vec::with_capacity(8 * changed.len());
        let mut room = Vec::new();
        for &block in &changed {
            coarse.dirichlet[block] = 0.0;
            blocks.cells(block, &mut room);
            touched.extend_from_slice(&room);
        }
        let count = blocks.count() as u32;
        let of_blocks = touched.iter().copied().filter(|&c| parent[c] < count);
        let of_extras = odd.iter().map(|o| o.node);
        let coupled = of_blocks
            .chain(of_extras)
            .filter(|&n| fine.dirichlet(n) > 0.0);
        blocks.add_dirichlet(coupled, parent, &mut coarse.dirichlet);
        coarse.sum_diagonal();
        touched
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

impl<G: Graph> Blocks<'_, G> {
    /// Couplings of the coarse grid along each axis.
    fn grid_couplings(&self, parent: &[u32]) -> [Vec<f32>; 3] {
        [0, 1, 2].map(|axis| {
            let mut coupling = vec![0.0; self.count()];
            let [nx, ny, _] = self.dims;
            coupling
                .par_chunks_mut(nx)
                .enumerate()
                .for_each(|(row, couplings)| {
                    for (i, coupling) in couplings.iter_mut().enumerate() {
                        *coupling = self.grid_coupling([i, row % ny, row / ny], axis, parent);
                    }
                });
            coupling
        })
    }

    /// Coupling of a block with the next lower one along an axis, through grid cells alone.
    fn grid_coupling(&self, position: [usize; 3], axis: usize, parent: &[u32]) -> f32 {
        if position[axis] == 0 {
            return 0.0;
        }
        let [nx, ny, _] = self.dims;
        let strides = self.fine.strides();
        let block = (position[2] * ny + position[1]) * nx + position[0];
        let below = block - [1, nx, nx * ny][axis];
        // the cells of the block's lowest layer along the axis
        let corner = [0, 1, 2].map(|a| position[a] * self.factors[a]);
        let across = |a: usize| match a == axis {
            true => 1,
            false => self.factors[a].min(self.fine.dims()[a] - corner[a]),
        };
        let at: usize = (0..3).map(|a| corner[a] * strides[a]).sum();
        let mut sum = 0.0;
        for k in 0..across(2) {
            for j in 0..across(1) {
                for i in 0..across(0) {
                    let cell = at + i + j * strides[1] + k * strides[2];
                    let lower = cell - strides[axis];
                    if (parent[cell], parent[lower]) == (block as u32, below as u32) {
                        sum += self.conductance(cell, axis, strides[axis]);
                    }
                }
            }
        }
        sum
    }

    /// Couplings of some blocks on all sides.
    fn refresh_couplings(&self, blocks: &[usize], parent: &[u32], face: &mut [Vec<f32>; 3]) {
        let [nx, ny, _] = self.dims;
        for &block in blocks {
            let own = [block % nx, block / nx % ny, block / (nx * ny)];
            for (axis, face) in face.iter_mut().enumerate() {
                face[block] = self.grid_coupling(own, axis, parent);
                let mut above = own;
                above[axis] += 1;
                if above[axis] < self.dims[axis] {
                    face[block + [1, nx, nx * ny][axis]] = self.grid_coupling(above, axis, parent);
                }
            }
        }
    }

    /// Conductance from block centre to block centre through the face below a cell.
    #[inline]
    fn conductance(&self, cell: usize, axis: usize, stride: usize) -> f32 {
        let crossing = self.fine.low(cell, axis);
        if self.factors[axis] == 1 || crossing == 0.0 {
            return crossing;
        }
        // the faces inside the two blocks that follow on the same line
        let inner = [
            self.fine.high(cell, axis, stride),
            self.fine.low(cell - stride, axis),
        ];
        self.series(axis, crossing, inner)
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
    fn edges(&self, parent: &[u32], odd: &[OddNode], coarse: &mut GridGraph) {
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
        let nodes = odd.iter().map(|o| o.node);
        for node in nodes.filter(|&n| n < fine.cells()) {
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
        for edge in fine.edges().iter().filter(|e| e.from > e.to) {
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

    /// Adds what `nodes` are coupled to p = 0 with to their coarse nodes: through half an inner face, as
    /// between blocks.
    fn add_dirichlet(
        &self,
        nodes: impl Iterator<Item = usize>,
        parent: &[u32],
        dirichlet: &mut [f32],
    ) {
        for node in nodes {
            let own = self
                .fine
                .all_couplings(node)
                .filter(|&(n, _)| parent[n] == parent[node]);
            let strongest = own.map(|(_, w)| w).fold(0.0, f32::max);
            let resistance = if strongest > 0.0 {
                0.5 / strongest
            } else {
                0.0
            };
            let coupling = 1.0 / (1.0 / self.fine.dirichlet(node) + resistance);
            dirichlet[parent[node] as usize] += coupling;
        }
    }
}

/// The axis along which two neighbouring cells lie.
fn axis_between(graph: &GridGraph, a: usize, b: usize) -> usize {
    let (a, b) = (graph.position(a), graph.position(b));
    (0..3).find(|&axis| a[axis] != b[axis]).unwrap_or(0)
}
