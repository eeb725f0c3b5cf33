//! Couplings between blocks of a stencil without face weights, from its codes.

use rayon::prelude::*;

use super::super::graph::{Graph, StencilGraph};
use super::super::pieces::Blocks;

/// Couplings of the blocks of a stencil with the next lower ones along each axis, as if every block were one
/// piece: those with odd nodes have to be done again.
pub(super) fn couplings(blocks: &Blocks<'_, StencilGraph<'_>>) -> [Vec<f32>; 3] {
    let stencil = blocks.fine.stencil;
    let dims = blocks.fine.dims();
    let [nx, ny, _] = blocks.dims;
    [0, 1, 2].map(|axis| {
        let mut couplings = vec![0.0f32; blocks.count()];
        if blocks.factors[axis] == 1 {
            return couplings;
        }
        let share = blocks.fine.scales[axis] / 6.0;
        let stride = blocks.fine.strides()[axis];
        let rows = couplings.par_chunks_mut(nx).enumerate().with_min_len(32);
        rows.for_each(|(row, couplings)| {
            let (j, k) = (row % ny * blocks.factors[1], row / ny * blocks.factors[2]);
            if (axis == 1 && j == 0) || (axis == 2 && k == 0) {
                return;
            }
            // rows of cells at the crossing
            let js = j..(j + if axis == 1 { 1 } else { blocks.factors[1] }).min(dims[1]);
            let ks = k..(k + if axis == 2 { 1 } else { blocks.factors[2] }).min(dims[2]);
            for k in ks {
                for j in js.clone() {
                    let first = (k * dims[1] + j) * dims[0];
                    let codes = stencil.codes_of(first..first + dims[0]);
                    pulp::Arch::new().dispatch(|| match axis {
                        0 => along(codes, couplings, share),
                        _ => {
                            let below = stencil.codes_of(first - stride..first - stride + dims[0]);
                            across(codes, below, axis, couplings, share);
                        }
                    });
                }
            }
        });
        couplings
    })
}

/// Six times the conductance of a line through two blocks, in units of one face: the crossing, and half
/// an inner face on each side where there is one.
#[inline(always)]
fn line(crossing: u16, inner: [u16; 2]) -> u16 {
    let [a, b] = inner;
    crossing * (6 - 2 * (a + b) + (a & b))
}

/// Adds what a row of cells couples with the row below it.
#[inline(always)]
fn across(codes: &[u16], below: &[u16], axis: usize, couplings: &mut [f32], share: f32) {
    let low = 2 * axis;
    let of = |code: u16, below: u16| {
        let bit = |code: u16, side: usize| code >> side & 1;
        line(bit(code, low), [bit(code, low + 1), bit(below, low)])
    };
    let (pairs, rest) = codes.as_chunks::<2>();
    let (pairs_below, rest_below) = below.as_chunks::<2>();
    for ((out, codes), below) in couplings.iter_mut().zip(pairs).zip(pairs_below) {
        *out += share * f32::from(of(codes[0], below[0]) + of(codes[1], below[1]));
    }
    if let ([code], [below], Some(out)) = (rest, rest_below, couplings.last_mut()) {
        *out += share * f32::from(of(*code, *below));
    }
}

/// Adds what the blocks of a row of cells couple with each other.
#[inline(always)]
fn along(codes: &[u16], couplings: &mut [f32], share: f32) {
    for (block, out) in couplings.iter_mut().enumerate().skip(1) {
        let (code, below) = (codes[2 * block], codes[2 * block - 1]);
        *out += share * f32::from(line(code & 1, [code >> 1 & 1, below & 1]));
    }
}
