//! How a fine node's correction is put together from coarse ones.
//!
//! Along each coarsened axis the node lies between the centre of its own block, half an inner face away,
//! and that of the block across its outward face. Of the difference between the two it takes the
//! share that a series of conductances takes: a quarter where all couplings are equal, which makes the sum
//! over the axes linear interpolation on the simplex of the block centres; nothing across a face
//! without flux; nearly everything across a face that couples it more strongly than its own block
//! does. Towards air the other end is zero.

use super::super::Side;
use super::coarsen::Coarsening;
use super::graph::{Graph, NONE};

/// Weights are whole numbers of this fraction, so that those of a node away from air add up to one exactly.
pub(super) const UNIT: f32 = 1.0 / 240.0;
const WHOLE: u8 = 240;
/// What the others may take together.
const MOST: f32 = 0.9 * WHOLE as f32;

/// The weights of a step.
pub(super) struct Interpolation<'a, G> {
    pub fine: &'a G,
    pub step: &'a Coarsening,
}

impl<G: Graph> Interpolation<'_, G> {
    /// Weights of a grid cell's own coarse node and of those across its outward faces in x, y, z, in units of
    /// [`UNIT`]; `None` where extra nodes, coarse or fine, take part.
    pub fn weights(&self, cell: usize, position: [usize; 3]) -> Option<[u8; 4]> {
        let Self { fine, step } = self;
        let cells = step.coarse.cells() as u32;
        let parent = step.parent[cell];
        if parent == NONE {
            return Some([0; 4]);
        }
        if parent >= cells || (!fine.edges().is_empty() && !fine.edges_of(cell).is_empty()) {
            return None;
        }
        let mut shares = [0.0; 3];
        for (axis, stride) in fine.strides().into_iter().enumerate() {
            if step.factors[axis] == 1 {
                continue;
            }
            let [low, high] = [fine.low(cell, axis), fine.high(cell, axis, stride)];
            let is_high = position[axis] % 2 == 1;
            let (crossing, inner) = if is_high { (high, low) } else { (low, high) };
            if crossing == 0.0 {
                continue;
            }
            let other = if is_high {
                cell + stride
            } else {
                cell - stride
            };
            if step.parent[other] >= cells {
                return None;
            }
            let beyond = match is_high {
                true => fine.high(other, axis, stride),
                false => fine.low(other, axis),
            };
            shares[axis] = share(inner, crossing, beyond);
        }
        Some(whole(shares, self.share_of_air(cell)))
    }

    /// Coarse nodes and weights of any node.
    pub fn row(&self, node: usize) -> Vec<(usize, f32)> {
        let Self { fine, step } = self;
        let cell = fine.cell_of(node);
        let position = fine.position(cell);
        let mut across: [Vec<(usize, f32)>; 3] = Default::default();
        let mut shares = [0.0; 3];
        for axis in (0..3).filter(|&axis| step.factors[axis] == 2) {
            let side = Side::ALL[2 * axis + position[axis] % 2];
            across[axis] = self.towards(node, side);
            let crossing: f32 = across[axis].iter().map(|c| c.1).sum();
            if crossing > 0.0 {
                let inner = self.inner(node, opposite(side));
                let of_others = across[axis].iter().map(|&(n, w)| w * self.inner(n, side));
                shares[axis] = share(inner, crossing, of_others.sum::<f32>() / crossing);
            }
        }
        let [own, weights @ ..] =
            whole(shares, self.share_of_air(node)).map(|w| f32::from(w) * UNIT);
        let mut row = vec![(step.parent[node] as usize, own)];
        for (across, weight) in across.iter().zip(weights) {
            let crossing: f32 = across.iter().map(|c| c.1).sum();
            let parents = across
                .iter()
                .map(|&(n, w)| (step.parent[n] as usize, weight * w / crossing));
            row.extend(parents.filter(|p| p.1 > 0.0));
        }
        row
    }

    /// The cells across a cell's outward faces, coupled or not.
    pub fn outward_cells(&self, cell: usize) -> impl Iterator<Item = usize> + '_ {
        let position = self.fine.position(cell);
        (0..3)
            .filter(|&axis| self.step.factors[axis] == 2)
            .filter_map(move |axis| {
                let side = Side::ALL[2 * axis + position[axis] % 2];
                self.fine.cell_beyond(cell, side)
            })
    }

    /// Nodes coupled to a node that lie towards a side, and the couplings.
    fn towards(&self, node: usize, side: Side) -> Vec<(usize, f32)> {
        let beyond = self.fine.cell_beyond(self.fine.cell_of(node), side);
        let all = self.fine.all_couplings(node);
        all.filter(|&(n, _)| Some(self.fine.cell_of(n)) == beyond)
            .collect()
    }

    /// Coupling of a node with its own piece towards a side.
    fn inner(&self, node: usize, side: Side) -> f32 {
        let parent = &self.step.parent;
        let own = self
            .towards(node, side)
            .into_iter()
            .filter(|&(n, _)| parent[n] == parent[node]);
        own.map(|c| c.1).sum()
    }

    /// What the air takes.
    fn share_of_air(&self, node: usize) -> f32 {
        let Self { fine, step } = self;
        let air = fine.dirichlet(node);
        if air == 0.0 {
            return 0.0;
        }
        let own = fine
            .all_couplings(node)
            .filter(|&(n, _)| step.parent[n] == step.parent[node]);
        let strongest = own.map(|c| c.1).fold(0.0, f32::max);
        if strongest > 0.0 {
            air / (air + 2.0 * strongest)
        } else {
            0.0
        }
    }
}

fn opposite(side: Side) -> Side {
    Side::ALL[side as usize ^ 1]
}

/// Share of the difference between two block centres that lies before the node: half an inner face over
/// that, the crossing and the half inner face beyond, in series. An inner face that is closed counts as
/// the crossing does.
#[inline]
fn share(inner: f32, crossing: f32, beyond: f32) -> f32 {
    let half = |w: f32| if w > 0.0 { 0.5 / w } else { 0.5 / crossing };
    let before = half(inner);
    before / (before + 1.0 / crossing + half(beyond))
}

/// Shares as whole numbers of [`UNIT`], the own one first.
#[inline]
fn whole(shares: [f32; 3], air: f32) -> [u8; 4] {
    let sum = (shares[0] + shares[1] + shares[2] + air) * f32::from(WHOLE);
    let scale = f32::from(WHOLE) * if sum > MOST { MOST / sum } else { 1.0 };
    let [x, y, z] = shares.map(|s| (s * scale).round() as u8);
    let air = (air * scale).round() as u8;
    [WHOLE.saturating_sub(x + y + z + air), x, y, z]
}
