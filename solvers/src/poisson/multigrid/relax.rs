//! Half-sweeps of red-black Gauss-Seidel, and the residual of the red nodes.
//!
//! A half-sweep solves for all nodes of one colour given the other. Red then black before the
//! coarse correction and black then red after it make the cycle symmetric. After a black half-sweep
//! the residual of black nodes is zero, so only that of red nodes is computed; and the coarse
//! correction of black nodes would be overwritten at once, so only red nodes are corrected.

use rayon::prelude::*;

use super::level::{BLACK, Layout, Level, RED};

/// Entries that one task works on, at least.
const TASK: usize = 1 << 13;

/// What a pass over the red half-rows writes: their new values, or their residual.
const RELAX: bool = true;
const RESIDUAL: bool = false;

impl Level {
    /// Half-sweep over red nodes that takes black ones to be zero.
    pub fn relax_red_from_zero(&mut self) {
        let (x, b, inverse) = (&mut self.x[RED], &self.b[RED], &self.inverse[RED]);
        let parts = x
            .par_chunks_mut(TASK)
            .zip(b.par_chunks(TASK))
            .zip(inverse.par_chunks(TASK));
        parts.for_each(|((x, b), inverse)| {
            pulp::Arch::new().dispatch(|| {
                for ((x, b), inverse) in x.iter_mut().zip(b).zip(inverse) {
                    *x = b * inverse;
                }
            });
        });
    }

    /// Half-sweep over red nodes.
    pub fn relax_red(&mut self) {
        let [red, black] = &mut self.x;
        let scale = &self.inverse[RED];
        let pass = Red {
            level: (self.layout, &self.couplings),
            black,
            red: &[],
            b: &self.b[RED],
            scale,
        };
        pass.run::<RELAX>(red);
        self.irregular[RED].change(black, red, |entry, red, sum| {
            *red = (self.b[RED][entry] + sum) * scale[entry];
        });
    }

    /// Half-sweep over black nodes.
    pub fn relax_black(&mut self) {
        let [red, black] = &mut self.x;
        let (b, inverse) = (&self.b[BLACK], &self.inverse[BLACK]);
        let layout = self.layout;
        let couplings = &self.couplings;
        for_rows(layout, black, |row, out| {
            let first = layout.pad + row * layout.half;
            let p = layout.parity(row);
            let plane = layout.half * layout.dims[1];
            // the red neighbour towards each side, and the side on which it sees this node
            let at = [
                (first - p, 1),
                (first + 1 - p, 0),
                (first - layout.half, 3),
                (first + layout.half, 2),
                (first - plane, 5),
                (first + plane, 4),
            ];
            let x = at.map(|(start, _)| &red[start..start + out.len()]);
            let w = at.map(|(start, side)| &couplings[side][start..start + out.len()]);
            let (b, scale) = (&b[first..][..out.len()], &inverse[first..][..out.len()]);
            for h in 0..out.len() {
                let sum = neighbour_sum(&x, &w, h);
                out[h] = (b[h] + sum) * scale[h];
            }
            // The black cell at a row's end has no red neighbour there; what lies at its place in
            // memory belongs to another row.
            let (end, side) = if p == 1 { (0, 0) } else { (out.len() - 1, 1) };
            let sum: f32 = (0..6)
                .filter(|&s| s != side)
                .map(|s| w[s][end] * x[s][end])
                .sum();
            out[end] = (b[end] + sum) * scale[end];
        });
        self.irregular[BLACK].change(red, black, |entry, black, sum| {
            *black = (b[entry] + sum) * inverse[entry];
        });
    }

    /// Residual of the red nodes.
    pub fn red_residual(&mut self) {
        let [red, black] = &self.x;
        let pass = Red {
            level: (self.layout, &self.couplings),
            black,
            red,
            b: &self.b[RED],
            scale: &self.diagonal,
        };
        pass.run::<RESIDUAL>(&mut self.residual);
        let residual = &mut self.residual;
        self.irregular[RED].change(black, residual, |entry, residual, sum| {
            *residual = self.b[RED][entry] + sum - self.diagonal[entry] * red[entry];
        });
    }

    /// Bytes that the sweeps of one visit and its residual read and write at least.
    pub fn cycle_bytes(&self) -> usize {
        let entries = self.layout.entries();
        // couplings of six sides, x of the other colour, b, 1 / diagonal; x written
        let sweep = 4 * entries * (6 + 3 + 1) + self.irregular[RED].bytes();
        // three half-sweeps, one from zero, and a residual
        3 * sweep + 12 * entries + sweep + 4 * entries
    }
}

/// Arrays of a pass over the red half-rows.
struct Red<'a> {
    level: (Layout, &'a [Vec<f32>; 6]),
    black: &'a [f32],
    red: &'a [f32],
    b: &'a [f32],
    scale: &'a [f32],
}

impl Red<'_> {
    fn run<const RELAXES: bool>(&self, out: &mut [f32]) {
        let (layout, couplings) = self.level;
        for_rows(layout, out, |row, out| {
            let first = layout.pad + row * layout.half;
            let p = layout.parity(row);
            let plane = layout.half * layout.dims[1];
            let n = out.len();
            let at = [
                first + p - 1,
                first + p,
                first - layout.half,
                first + layout.half,
                first - plane,
                first + plane,
            ];
            let x = at.map(|start| &self.black[start..start + n]);
            let w: [&[f32]; 6] = std::array::from_fn(|side| &couplings[side][first..first + n]);
            let (b, scale) = (&self.b[first..first + n], &self.scale[first..first + n]);
            if RELAXES {
                for h in 0..n {
                    out[h] = (b[h] + neighbour_sum(&x, &w, h)) * scale[h];
                }
            } else {
                let red = &self.red[first..first + n];
                for h in 0..n {
                    out[h] = b[h] + neighbour_sum(&x, &w, h) - scale[h] * red[h];
                }
            }
        });
    }
}

#[inline(always)]
fn neighbour_sum(x: &[&[f32]; 6], w: &[&[f32]; 6], h: usize) -> f32 {
    let pair = |a: usize| w[a][h] * x[a][h] + w[a + 1][h] * x[a + 1][h];
    pair(0) + pair(2) + pair(4)
}

/// Calls `work` with each half-row and its number, in parallel where that pays.
#[inline(always)]
fn for_rows(layout: Layout, out: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
    let out = &mut out[layout.pad..layout.pad + layout.entries()];
    let rows = (TASK / layout.half).max(1);
    let task = |(task, out): (usize, &mut [f32])| {
        pulp::Arch::new().dispatch(|| {
            for (row, out) in out.chunks_exact_mut(layout.half).enumerate() {
                work(task * rows + row, out);
            }
        });
    };
    if layout.rows() <= rows {
        task((0, out));
    } else {
        out.par_chunks_mut(rows * layout.half)
            .enumerate()
            .for_each(task);
    }
}
