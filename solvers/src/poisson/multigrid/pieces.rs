//! The pieces of fluid in the blocks of a coarsening.

use rayon::prelude::*;

use super::super::Side;
use super::graph::{Graph, NONE};

/// A fine graph cut into blocks of one or two cells along each axis.
pub(super) struct Blocks<'a, G> {
    pub fine: &'a G,
    /// Cells of a block along each axis.
    pub factors: [usize; 3],
    /// Blocks along each axis.
    pub dims: [usize; 3],
}

/// A node that is not a grid cell in the largest piece of its block.
#[derive(Clone, Copy, Debug)]
pub(super) struct OddNode {
    pub node: usize,
    pub block: u32,
    /// Number of its piece in the block; 0 is the largest.
    piece: usize,
}

impl OddNode {
    /// Number of its piece in the block; 0 is the largest.
    pub fn piece(&self) -> usize {
        self.piece
    }
}

impl<'a, G: Graph> Blocks<'a, G> {
    pub fn new(fine: &'a G, factors: [usize; 3]) -> Self {
        let dims = [0, 1, 2].map(|a| fine.dims()[a].div_ceil(factors[a]));
        Self {
            fine,
            factors,
            dims,
        }
    }

    pub fn count(&self) -> usize {
        self.dims.iter().product()
    }

    pub fn block_of(&self, cell: usize) -> usize {
        let p = self.fine.position(cell);
        let [i, j, k] = [0, 1, 2].map(|a| p[a] / self.factors[a]);
        (k * self.dims[1] + j) * self.dims[0] + i
    }

    /// The first cell of a block, and its cells along each axis.
    #[inline]
    fn corner(&self, block: usize) -> (usize, [usize; 3]) {
        let [nx, ny, _] = self.dims;
        let position = [block % nx, block / nx % ny, block / (nx * ny)];
        let (dims, strides) = (self.fine.dims(), self.fine.strides());
        let low = [0, 1, 2].map(|a| position[a] * self.factors[a]);
        let first = (0..3).map(|a| low[a] * strides[a]).sum();
        (
            first,
            [0, 1, 2].map(|a| self.factors[a].min(dims[a] - low[a])),
        )
    }

    /// Cells of a block, ascending.
    pub fn cells(&self, block: usize, cells: &mut Vec<usize>) {
        let (first, sizes) = self.corner(block);
        let [_, sy, sz] = self.fine.strides();
        cells.clear();
        for k in 0..sizes[2] {
            for j in 0..sizes[1] {
                cells.extend((0..sizes[0]).map(|i| first + k * sz + j * sy + i));
            }
        }
    }

    /// The block of each cell in its block's largest piece, [`NONE`] for cells that are not there, and the
    /// odd nodes, block by block and piece by piece.
    pub fn label(&self) -> (Vec<u32>, Vec<OddNode>) {
        let fine = self.fine;
        let mut extras: Vec<(usize, usize)> = (fine.extras().iter().enumerate())
            .map(|(extra, &cell)| (self.block_of(cell as usize), fine.cells() + extra))
            .collect();
        extras.sort_unstable();
        let mut parent = vec![0; fine.nodes()];
        let plane = fine.strides()[2] * self.factors[2];
        let blocks = self.dims[0] * self.dims[1];
        let odd: Vec<Vec<OddNode>> = parent[..fine.cells()]
            .par_chunks_mut(plane)
            .enumerate()
            .map(|(k, parent)| {
                let mut odd = Vec::new();
                let mut nodes = Vec::with_capacity(16);
                for block in k * blocks..(k + 1) * blocks {
                    self.label_block(block, (k * plane, parent), &extras, &mut nodes, &mut odd);
                }
                odd
            })
            .collect();
        parent[fine.cells()..].fill(NONE);
        (parent, odd.concat())
    }

    /// The same for some blocks of a graph without extra nodes; `odd` gets their odd nodes.
    pub fn relabel(&self, blocks: &[usize], parent: &mut [u32], odd: &mut Vec<OddNode>) {
        let mut nodes = Vec::with_capacity(16);
        for &block in blocks {
            self.label_block(block, (0, parent), &[], &mut nodes, odd);
        }
    }

    /// Labels one block. `parent` begins with the cell that is given; `extras` are blocks and extra nodes,
    /// sorted; `nodes` is room to work in.
    #[inline]
    fn label_block(
        &self,
        block: usize,
        (first_cell, parent): (usize, &mut [u32]),
        extras: &[(usize, usize)],
        nodes: &mut Vec<usize>,
        odd: &mut Vec<OddNode>,
    ) {
        let (first, sizes) = self.corner(block);
        let strides = self.fine.strides();
        let (mut there, mut links) = (0, [0; 3]);
        for bit in 0..8 {
            let at = [bit & 1, bit >> 1 & 1, bit >> 2];
            if (0..3).any(|a| at[a] >= sizes[a]) {
                continue;
            }
            let cell = first + at[0] + at[1] * strides[1] + at[2] * strides[2];
            let is_there = self.fine.is_there(cell);
            parent[cell - first_cell] = if is_there { block as u32 } else { NONE };
            there |= u8::from(is_there) << bit;
            for axis in 0..3 {
                let linked = at[axis] > 0 && self.fine.low(cell, axis) > 0.0;
                links[axis] |= u8::from(linked) << bit;
            }
        }
        let has_extras = !extras.is_empty() && {
            let place = extras.partition_point(|e| e.0 < block);
            extras.get(place).is_some_and(|e| e.0 == block)
        };
        if has_extras || !is_one_piece(there, links) {
            self.split(block, extras, nodes, odd);
        }
    }

    /// Finds the pieces of a block and adds those of its nodes to `odd` that are.
    fn split(
        &self,
        block: usize,
        extras: &[(usize, usize)],
        nodes: &mut Vec<usize>,
        odd: &mut Vec<OddNode>,
    ) {
        self.cells(block, nodes);
        nodes.retain(|&cell| self.fine.is_there(cell));
        let cells = nodes.len();
        let first = extras.partition_point(|e| e.0 < block);
        let here = extras[first..].iter().take_while(|e| e.0 == block);
        nodes.extend(here.map(|e| e.1).filter(|&n| self.fine.is_there(n)));
        let pieces = self.pieces(nodes);
        let block = block as u32;
        let from = odd.len();
        let pairs = nodes.iter().zip(pieces).enumerate();
        odd.extend(
            pairs
                .filter(|&(i, (_, piece))| piece > 0 || i >= cells)
                .map(|(_, (&node, piece))| OddNode { node, block, piece }),
        );
        odd[from..].sort_by_key(|o| o.piece);
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
}

/// Whether the cells of a block are connected. One bit each: `there`, and whether a cell is coupled with the next
/// lower one of the block along an axis.
#[inline]
fn is_one_piece(there: u8, links: [u8; 3]) -> bool {
    let mut reached = there & there.wrapping_neg();
    loop {
        let before = reached;
        for (axis, links) in links.into_iter().enumerate() {
            let step = 1 << axis;
            reached |= (reached << step) & links;
            reached |= (reached & links) >> step;
        }
        if reached == before || reached == there {
            return reached == there;
        }
    }
}

/// Sets the parents of the odd nodes, which are sorted by block and piece; returns the blocks of the extra
/// coarse nodes, which follow the `count` blocks in number.
pub(super) fn number(odd: &[OddNode], count: usize, parent: &mut [u32]) -> Vec<u32> {
    let mut extras = Vec::new();
    let mut last = None;
    for o in odd {
        parent[o.node] = if o.piece == 0 {
            o.block
        } else {
            if last != Some((o.block, o.piece)) {
                extras.push(o.block);
                last = Some((o.block, o.piece));
            }
            (count + extras.len() - 1) as u32
        };
    }
    extras
}
