//! Prolongation and restriction between two levels.
//!
//! A fine node's correction is a mean of its own coarse node's and those across its outward faces, with
//! the weights of [`interpolation`](super::interpolation). Restriction is the transpose, which keeps
//! the cycle symmetric. Only red nodes take part: see [`relax`](super::relax).

use rayon::prelude::*;

use super::coarsen::Coarsening;
use super::graph::{Graph, GridGraph, NONE};
use super::interpolation::{Interpolation, UNIT};
use super::level::{BLACK, Layout, Level, Places, RED};
use super::sparse_rows::SparseRows;

/// Fine entries that one task works on, at least.
const TASK: usize = 1 << 13;
/// Half-rows whose weights one task finds, at least.
const SETUP_ROWS: usize = 64;

/// Between a level and the next coarser one.
#[derive(Debug)]
pub(super) struct Transfer {
    fine: Layout,
    coarse: Layout,
    factors: [usize; 3],
    /// Per red entry of the fine level, in units of [`UNIT`]: weight of the own coarse node and of those
    /// across the outward faces in x, y, z. 0 for nodes in `irregular`.
    weights: [Vec<u8>; 4],
    /// Weights of the red nodes that do not fit the pattern; columns are coarse nodes.
    irregular: SparseRows,
    /// Their transpose.
    irregular_coarse: SparseRows,
    /// Coarse vector in the order of the coarse graph's nodes.
    natural: Vec<f32>,
    /// Colour and entry of the extra coarse nodes.
    extras: Vec<(usize, usize)>,
}

impl Transfer {
    pub fn new(fine: &GridGraph, step: &Coarsening) -> Self {
        let layout = Layout::new(fine.dims);
        let mut transfer = Self {
            fine: layout,
            coarse: Layout::new(step.coarse.dims),
            factors: step.factors,
            weights: [(); 4].map(|()| vec![0; layout.padded()]),
            irregular: SparseRows::default(),
            irregular_coarse: SparseRows::default(),
            natural: Vec::new(),
            extras: Vec::new(),
        };
        let rule = Interpolation { fine, step };
        let mut irregular = transfer.fill(&rule);
        irregular.extend(fine.cells()..fine.nodes());
        transfer.set_irregular(&rule, &irregular);
        transfer
    }

    /// Takes the weights of the blocks with these cells again, in a fine graph without extra nodes.
    pub fn update(&mut self, fine: &GridGraph, step: &Coarsening, touched: &[usize]) {
        let rule = Interpolation { fine, step };
        for &cell in touched {
            self.set_weights(&rule, cell);
            rule.outward_cells(cell)
                .for_each(|beyond| self.set_weights(&rule, beyond));
        }
        // cells that need weights of their own are odd, or next to an odd one
        let mut irregular: Vec<usize> = step.odd.iter().map(|o| o.node).collect();
        let beyond = step.odd.iter().flat_map(|o| rule.outward_cells(o.node));
        irregular.extend(beyond);
        irregular.sort_unstable();
        irregular.dedup();
        irregular.retain(|&cell| rule.weights(cell, fine.position(cell)).is_none());
        self.set_irregular(&rule, &irregular);
    }

    fn set_weights(&mut self, rule: &Interpolation<'_, GridGraph>, cell: usize) {
        let (colour, entry) = self.fine.place(cell);
        if colour == RED {
            let values = rule
                .weights(cell, rule.fine.position(cell))
                .unwrap_or_default();
            for (weights, value) in self.weights.iter_mut().zip(values) {
                weights[entry + self.fine.pad] = value;
            }
        }
    }

    /// Sets the weights of the red ones among these nodes, and what depends on the number of coarse
    /// nodes.
    fn set_irregular(&mut self, rule: &Interpolation<'_, GridGraph>, nodes: &[usize]) {
        let Interpolation { fine, step } = rule;
        let places = Places::new(self.fine, fine);
        self.irregular = SparseRows::default();
        for &node in nodes.iter().filter(|&&node| step.parent[node] != NONE) {
            let (colour, entry) = places.of(node);
            if colour == RED {
                self.irregular.push(entry, rule.row(node));
            }
        }
        self.irregular_coarse = self.irregular.transposed();
        let places = Places::new(self.coarse, &step.coarse);
        let extras = step.coarse.cells()..step.coarse.nodes();
        self.extras = extras.map(|n| places.of(n)).collect();
        // one value before and after, so that the neighbours of a row's ends are in bounds
        self.natural.resize(step.coarse.nodes() + 2, 0.0);
    }

    /// Sets the weights of the red cells; returns those that need a row of their own.
    fn fill(&mut self, rule: &Interpolation<'_, GridGraph>) -> Vec<usize> {
        let layout = self.fine;
        let [nx, ny, _] = layout.dims;
        let span = layout.pad..layout.pad + layout.entries();
        let rows = self
            .weights
            .each_mut()
            .map(|w| w[span.clone()].par_chunks_mut(layout.half));
        let [own, x, y, z] = rows;
        let rows = own
            .zip(x)
            .zip(y.zip(z))
            .enumerate()
            .with_min_len(SETUP_ROWS);
        let irregular: Vec<Vec<usize>> = rows
            .map(|(row, ((own, x), (y, z)))| {
                let mut irregular = Vec::new();
                for (h, i) in (layout.parity(row)..nx).step_by(2).enumerate() {
                    let cell = row * nx + i;
                    match rule.weights(cell, [i, row % ny, row / ny]) {
                        Some(w) => (own[h], x[h], y[h], z[h]) = w.into(),
                        None => irregular.push(cell),
                    }
                }
                irregular
            })
            .collect();
        irregular.concat()
    }

    /// Coarse right-hand side from the fine residual.
    pub fn restrict(&mut self, fine: &Level, coarse: &mut Level) {
        let nx = self.coarse.dims[0];
        let cells = nx * self.coarse.rows();
        let mut natural = std::mem::take(&mut self.natural);
        let task_rows = (TASK / (4 * nx)).max(1);
        let rows = natural[1..=cells].par_chunks_mut(nx * task_rows);
        rows.enumerate().for_each(|(task, rows)| {
            pulp::Arch::new().dispatch(|| {
                for (row, out) in rows.chunks_exact_mut(nx).enumerate() {
                    self.restrict_row(task * task_rows + row, &fine.residual, out);
                }
            });
        });
        natural[1 + cells..].fill(0.0);
        let weights = &self.irregular_coarse;
        weights.change(&fine.residual, &mut natural[1..], |_, b, sum| *b += sum);
        self.natural = natural;
        self.natural_to(&mut coarse.b);
    }

    /// Adds the coarse correction to the fine red nodes.
    pub fn interpolate(&mut self, coarse: &Level, fine: &mut Level) {
        self.natural_from(&coarse.x);
        let layout = self.fine;
        let red = &mut fine.x[RED];
        let task_rows = (TASK / layout.half).max(1);
        let entries = layout.entries_of(red);
        let rows = entries.par_chunks_mut(layout.half * task_rows);
        rows.enumerate().for_each(|(task, rows)| {
            pulp::Arch::new().dispatch(|| {
                for (row, out) in rows.chunks_exact_mut(layout.half).enumerate() {
                    self.interpolate_row(task * task_rows + row, out);
                }
            });
        });
        (self.irregular).change(&self.natural[1..], red, |_, red, sum| *red += sum);
    }

    /// The row of blocks beyond the outward face along an axis of a row of cells; itself where there
    /// is none, or the axis is not coarsened.
    #[inline(always)]
    fn outward(&self, position: usize, axis: usize) -> usize {
        let own = position / self.factors[axis];
        match (self.factors[axis], position % 2) {
            (2, 0) => own.saturating_sub(1),
            (2, _) => (own + 1).min(self.coarse.dims[axis] - 1),
            _ => own,
        }
    }

    #[inline(always)]
    fn interpolate_row(&self, row: usize, out: &mut [f32]) {
        let ny = self.fine.dims[1];
        let (j, k, p) = (row % ny, row / ny, self.fine.parity(row));
        let [own, wx, wy, wz] = self.weights_of(row);
        let [nx, coarse_ny, _] = self.coarse.dims;
        let first = |j: usize, k: usize| 1 + (k * coarse_ny + j) * nx;
        let (jc, kc) = (j / self.factors[1], k / self.factors[2]);
        let at = first(jc, kc);
        let across_y = first(self.outward(j, 1), kc);
        let across_z = first(jc, self.outward(k, 2));
        let e = &self.natural;
        if self.factors[0] == 2 {
            let n = out.len();
            let x_start = if p == 0 { at - 1 } else { at + 1 };
            let (c, x) = (&e[at..at + n], &e[x_start..x_start + n]);
            let (y, z) = (&e[across_y..across_y + n], &e[across_z..across_z + n]);
            for h in 0..n {
                let sum = times(own[h], c[h])
                    + times(wx[h], x[h])
                    + times(wy[h], y[h])
                    + times(wz[h], z[h]);
                out[h] += UNIT * sum;
            }
        } else {
            for (h, out) in out.iter_mut().enumerate() {
                let i = 2 * h + p;
                if i < nx {
                    let sum = times(own[h], e[at + i])
                        + times(wy[h], e[across_y + i])
                        + times(wz[h], e[across_z + i]);
                    *out += UNIT * sum;
                }
            }
        }
    }

    #[inline(always)]
    fn restrict_row(&self, row: usize, residual: &[f32], out: &mut [f32]) {
        out.fill(0.0);
        let (jc, kc) = (row % self.coarse.dims[1], row / self.coarse.dims[1]);
        let range = |c: usize, axis: usize| {
            let low = c * self.factors[axis];
            low..(low + self.factors[axis]).min(self.fine.dims[axis])
        };
        for k in range(kc, 2) {
            for j in range(jc, 1) {
                self.restrict_own(j, k, residual, out);
            }
            for j in self.beyond(jc, 1) {
                self.restrict_across(j, k, 1, residual, out);
            }
        }
        for k in self.beyond(kc, 2) {
            for j in range(jc, 1) {
                self.restrict_across(j, k, 2, residual, out);
            }
        }
    }

    /// The fine positions along an axis whose outward face leads to block `c`.
    fn beyond(&self, c: usize, axis: usize) -> impl Iterator<Item = usize> + use<> {
        let coarsened = self.factors[axis] == 2;
        let n = self.fine.dims[axis];
        let below = (2 * c).checked_sub(1).filter(|_| coarsened);
        let above = Some(2 * c + 2).filter(|&p| coarsened && p < n);
        below.into_iter().chain(above)
    }

    /// The weights of a fine half-row.
    #[inline(always)]
    fn weights_of(&self, row: usize) -> [&[u8]; 4] {
        let first = self.fine.pad + row * self.fine.half;
        self.weights
            .each_ref()
            .map(|w| &w[first..first + self.fine.half])
    }

    /// Residuals of a fine half-row, its number and its parity.
    #[inline(always)]
    fn fine_row<'a>(&self, j: usize, k: usize, residual: &'a [f32]) -> (&'a [f32], usize, usize) {
        let row = k * self.fine.dims[1] + j;
        let first = self.fine.pad + row * self.fine.half;
        (
            &residual[first..first + self.fine.half],
            row,
            self.fine.parity(row),
        )
    }

    #[inline(always)]
    fn restrict_own(&self, j: usize, k: usize, residual: &[f32], out: &mut [f32]) {
        let (r, row, p) = self.fine_row(j, k, residual);
        let [own, wx, ..] = self.weights_of(row);
        self.add(r, own, p, out);
        if self.factors[0] == 1 {
            return;
        }
        let n = r.len();
        let (from, to) = if p == 0 {
            (1..n, 0..n - 1)
        } else {
            (0..n - 1, 1..n)
        };
        let terms = r[from.clone()].iter().zip(&wx[from]);
        for (out, (&r, &w)) in out[to].iter_mut().zip(terms) {
            *out += UNIT * times(w, r);
        }
    }

    #[inline(always)]
    fn restrict_across(&self, j: usize, k: usize, axis: usize, residual: &[f32], out: &mut [f32]) {
        let (r, row, p) = self.fine_row(j, k, residual);
        self.add(r, self.weights_of(row)[1 + axis], p, out);
    }

    /// Adds weighted residuals of a half-row to the coarse nodes with the same x.
    #[inline(always)]
    fn add(&self, r: &[f32], weights: &[u8], p: usize, out: &mut [f32]) {
        let terms = r.iter().zip(weights);
        if self.factors[0] == 2 {
            for (out, (&r, &w)) in out.iter_mut().zip(terms) {
                *out += UNIT * times(w, r);
            }
        } else {
            for (out, (&r, &w)) in out.iter_mut().skip(p).step_by(2).zip(terms) {
                *out += UNIT * times(w, r);
            }
        }
    }

    /// Coarse vector: from the order of nodes to colours.
    fn natural_to(&self, colours: &mut [Vec<f32>; 2]) {
        let Layout {
            dims, half, pad, ..
        } = self.coarse;
        let [red, black] = colours;
        for row in 0..self.coarse.rows() {
            let p = self.coarse.parity(row);
            let natural = &self.natural[1 + row * dims[0]..][..dims[0]];
            let span = pad + row * half..pad + (row + 1) * half;
            let halves = if p == 0 {
                [&mut *red, &mut *black]
            } else {
                [&mut *black, &mut *red]
            };
            let [even, odd] = halves.map(|colour| &mut colour[span.clone()]);
            for ((pair, even), odd) in natural.chunks_exact(2).zip(&mut *even).zip(odd) {
                (*even, *odd) = (pair[0], pair[1]);
            }
            if let [last] = natural.chunks_exact(2).remainder() {
                even[half - 1] = *last;
            }
        }
        let first = 1 + dims[0] * self.coarse.rows();
        for (&(colour, entry), &value) in self.extras.iter().zip(&self.natural[first..]) {
            colours[colour][entry] = value;
        }
    }

    /// Coarse vector: from colours to the order of nodes.
    fn natural_from(&mut self, colours: &[Vec<f32>; 2]) {
        let Layout {
            dims, half, pad, ..
        } = self.coarse;
        for row in 0..self.coarse.rows() {
            let p = self.coarse.parity(row);
            let natural = &mut self.natural[1 + row * dims[0]..][..dims[0]];
            let span = pad + row * half..pad + (row + 1) * half;
            let even = &colours[if p == 0 { RED } else { BLACK }][span.clone()];
            let odd = &colours[if p == 0 { BLACK } else { RED }][span];
            for ((pair, even), odd) in natural.chunks_exact_mut(2).zip(even).zip(odd) {
                (pair[0], pair[1]) = (*even, *odd);
            }
            if let [last] = natural.chunks_exact_mut(2).into_remainder() {
                *last = even[half - 1];
            }
        }
        let first = 1 + dims[0] * self.coarse.rows();
        for (&(colour, entry), value) in self.extras.iter().zip(&mut self.natural[first..]) {
            *value = colours[colour][entry];
        }
    }

    /// Bytes that a restriction and an interpolation read and write at least.
    pub fn bytes(&self) -> usize {
        let (fine, coarse) = (self.fine.entries(), self.natural.len());
        // residual and weights; solution, written too, and weights
        (4 + 4) * fine
            + (8 + 4) * fine
            + 4 * 8 * coarse
            + self.irregular.bytes()
            + self.irregular_coarse.bytes()
    }

    pub fn memory_bytes(&self) -> usize {
        4 * self.weights[0].len()
            + 4 * self.natural.len()
            + self.irregular.bytes()
            + self.irregular_coarse.bytes()
            + 16 * self.extras.len()
    }
}

#[inline(always)]
fn times(weight: u8, value: f32) -> f32 {
    f32::from(weight) * value
}
