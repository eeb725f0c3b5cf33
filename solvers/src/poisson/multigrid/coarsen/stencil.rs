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
        let face = blocks.fine.scales[axis];
        // the same numbers, added in the same order, as one block at a time
        let lines =
            [[0.0; 2], [face, 0.0], [face; 2]].map(|inner| blocks.series(axis, face, inner));
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
                        0 => along(codes, couplings, lines),
                        _ => {
                            let below = stencil.codes_of(first - stride..first - stride + dims[0]);
                            across(codes, below, axis, couplings, lines);
                        }
                    });
                }
            }
        });
        couplings
    })
}

/// Conductance of a line through two blocks: of `lines`, the one for its number of inner faces; 0 where the
/// crossing is closed.
#[inline(always)]
fn line(lines: [f32; 3], crossing: u16, inner: [u16; 2]) -> f32 {
    let conductance = match inner {
        [1, 1] => lines[2],
        [0, 0] => lines[0],
        _ => lines[1],
    };
    if crossing == 1 { conductance } else { 0.0 }
}

/// Adds what a row of cells couples with the row below it.
#[inline(always)]
fn across(codes: &[u16], below: &[u16], axis: usize, couplings: &mut [f32], lines: [f32; 3]) {
    let low = 2 * axis;
    let of = |code: u16, below: u16| {
        let bit = |code: u16, side: usize| code >> side & 1;
        let inner = [bit(code, low + 1), bit(below, low)];
        line(lines, bit(code, low), inner)
    };
    let (pairs, rest) = codes.as_chunks::<2>();
    let (pairs_below, rest_below) = below.as_chunks::<2>();
    for ((out, codes), below) in couplings.iter_mut().zip(pairs).zip(pairs_below) {
        *out += of(codes[0], below[0]);
        *out += of(codes[1], below[1]);
    }
    if let ([code], [below], Some(out)) = (rest, rest_below, couplings.last_mut()) {
        *out += of(*code, *below);
    }
}

/// Adds what the blocks of a row of cells couple with each other.
#[inline(always)]
fn along(codes: &[u16], couplings: &mut [f32], lines: [f32; 3]) {
    for (block, out) in couplings.iter_mut().enumerate().skip(1) {
        let (code, below) = (codes[2 * block], codes[2 * block - 1]);
        *out += line(lines, code & 1, [code >> 1 & 1, below & 1]);
    }
}
