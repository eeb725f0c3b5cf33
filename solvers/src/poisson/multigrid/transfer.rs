//! Prolongation and restriction between two levels.
//!
//! A fine node takes a quarter of the correction of its own coarse node and a quarter of that across
//! each of its three outward faces (a half and a quarter in 2D): linear interpolation on the simplex
//! of the four block centres around it. Across a face without flux it takes its own coarse node's value
//! instead, so nothing leaks through a wall; next to air, zero. Restriction is the transpose, which
//! keeps the cycle symmetric. Only red nodes take part: see [`relax`](super::relax).

use rayon::prelude::*;

use super::super::grid::Side;
use super::coarsen::Coarsening;
use super::graph::{GridGraph, NONE};
use super::level::{BLACK, Layout, Level, Places, RED, SparseRows};
/// Half-rows that one task works on.
const TASK_ROWS: usize = 64;

/// Between a level and the next coarser one.
#[derive(Debug)]
pub(super) struct Transfer {
    fine: Layout,
    coarse: Layout,
    factors: [usize; 3],
    /// Per red entry of the fine level. Bits 0 to 2: whether the outward faces in x, y, z are open;
    /// from bit 3: quarters of the own coarse node. 0 for nodes in `irregular`.
    codes: Vec<u8>,
    /// Weights of the red nodes that do not fit the pattern; columns are coarse nodes.
    irregular: SparseRows,
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
            codes: vec![0; layout.padded()],
            irregular: SparseRows::default(),
            natural: Vec::new(),
            extras: Vec::new(),
        };
        let rule = Rule { fine, step };
        let mut irregular = transfer.fill(&rule);
        irregular.extend(fine.cells()..fine.nodes());
        transfer.set_irregular(&rule, &irregular);
        transfer
    }

    /// Takes the weights of the blocks with these cells again, in a fine graph without extra nodes.
    pub fn update(&mut self, fine: &GridGraph, step: &Coarsening, touched: &[usize]) {
        let rule = Rule { fine, step };
        for &cell in touched {
            self.set_code(&rule, cell);
            rule.outward_cells(cell)
                .for_each(|beyond| self.set_code(&rule, beyond));
        }
        // cells that need weights of their own are odd, or next to an odd one
        let mut irregular: Vec<usize> = step.odd.iter().map(|o| o.node).collect();
        let beyond = step.odd.iter().flat_map(|o| rule.outward_cells(o.node));
        irregular.extend(beyond);
        irregular.sort_unstable();
        irregular.dedup();
        irregular.retain(|&cell| rule.code(cell, fine.position(cell)).is_none());
        self.set_irregular(&rule, &irregular);
    }

    fn set_code(&mut self, rule: &Rule<'_>, cell: usize) {
        let (colour, entry) = self.fine.place(cell);
        if colour == RED {
            let code = rule.code(cell, rule.fine.position(cell));
            self.codes[entry + self.fine.pad] = code.unwrap_or(0);
        }
    }

    /// Sets the weights of the red ones among these nodes, and what depends on the number of coarse
    /// nodes.
    fn set_irregular(&mut self, rule: &Rule<'_>, nodes: &[usize]) {
        let Rule { fine, step } = rule;
        let places = Places::new(self.fine, fine);
        self.irregular = SparseRows::default();
        for &node in nodes.iter().filter(|&&node| step.parent[node] != NONE) {
            let (colour, entry) = places.of(node);
            if colour == RED {
                self.irregular.push(entry, rule.row(node));
            }
        }
        let places = Places::new(self.coarse, &step.coarse);
        let extras = step.coarse.cells()..step.coarse.nodes();
        self.extras = extras.map(|n| places.of(n)).collect();
        // one value before and after, so that the neighbours of a row's ends are in bounds
        self.natural.resize(step.coarse.nodes() + 2, 0.0);
    }

    /// Sets the codes of the red cells; returns those that need weights of their own.
    fn fill(&mut self, rule: &Rule<'_>) -> Vec<usize> {
        let layout = self.fine;
        let nx = layout.dims[0];
        let rows =
            self.codes[layout.pad..layout.pad + layout.entries()].par_chunks_mut(layout.half);
        let irregular: Vec<Vec<usize>> = rows
            .enumerate()
            .with_min_len(TASK_ROWS)
            .map(|(row, codes)| {
                let position = [row % layout.dims[1], row / layout.dims[1]];
                let mut irregular = Vec::new();
                for (i, code) in (layout.parity(row)..nx).step_by(2).zip(codes) {
                    let cell = row * nx + i;
                    match rule.code(cell, [i, position[0], position[1]]) {
                        Some(value) => *code = value,
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
        let rows = natural[1..=cells].par_chunks_mut(nx * TASK_ROWS);
        rows.enumerate().for_each(|(task, rows)| {
            pulp::Arch::new().dispatch(|| {
                for (row, out) in rows.chunks_exact_mut(nx).enumerate() {
                    self.restrict_row(task * TASK_ROWS + row, &fine.residual, out);
                }
            });
        });
        natural[1 + cells..].fill(0.0);
        for (entry, columns, weights) in self.irregular.rows() {
            for (&column, weight) in columns.iter().zip(weights) {
                natural[1 + column as usize] += weight * fine.residual[entry];
            }
        }
        self.natural = natural;
        self.natural_to(&mut coarse.b);
    }

    /// Adds the coarse correction to the fine red nodes.
    pub fn interpolate(&mut self, coarse: &Level, fine: &mut Level) {
        self.natural_from(&coarse.x);
        let layout = self.fine;
        let red = &mut fine.x[RED];
        let rows =
            red[layout.pad..layout.pad + layout.entries()].par_chunks_mut(layout.half * TASK_ROWS);
        rows.enumerate().for_each(|(task, rows)| {
            pulp::Arch::new().dispatch(|| {
                for (row, out) in rows.chunks_exact_mut(layout.half).enumerate() {
                    self.interpolate_row(task * TASK_ROWS + row, out);
                }
            });
        });
        for (entry, columns, weights) in self.irregular.rows() {
            let terms = columns.iter().zip(weights);
            red[entry] += terms
                .map(|(&c, w)| w * self.natural[1 + c as usize])
                .sum::<f32>();
        }
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
        let (ny, pad) = (self.fine.dims[1], self.fine.pad);
        let (j, k, p) = (row % ny, row / ny, self.fine.parity(row));
        let codes = &self.codes[pad + row * self.fine.half..][..out.len()];
        let [nx, coarse_ny, _] = self.coarse.dims;
        let first = |j: usize, k: usize| 1 + (k * coarse_ny + j) * nx;
        let own = (j / self.factors[1], k / self.factors[2]);
        let at = first(own.0, own.1);
        let across_y = first(self.outward(j, 1), own.1);
        let across_z = first(own.0, self.outward(k, 2));
        let e = &self.natural;
        if self.factors[0] == 2 {
            let n = out.len();
            let x_start = if p == 0 { at - 1 } else { at + 1 };
            let (own, x) = (&e[at..at + n], &e[x_start..x_start + n]);
            let (y, z) = (&e[across_y..across_y + n], &e[across_z..across_z + n]);
            for h in 0..n {
                let code = codes[h];
                out[h] += 0.25
                    * (quarters(code) * own[h]
                        + open(code, 0, x[h])
                        + open(code, 1, y[h])
                        + open(code, 2, z[h]));
            }
        } else {
            for (h, (out, &code)) in out.iter_mut().zip(codes).enumerate() {
                let i = 2 * h + p;
                if i < nx {
                    *out += 0.25
                        * (quarters(code) * e[at + i]
                            + open(code, 1, e[across_y + i])
                            + open(code, 2, e[across_z + i]));
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

    /// Residuals and codes of a fine half-row.
    #[inline(always)]
    fn fine_row<'a>(
        &'a self,
        j: usize,
        k: usize,
        residual: &'a [f32],
    ) -> (&'a [f32], &'a [u8], usize) {
        let row = k * self.fine.dims[1] + j;
        let first = self.fine.pad + row * self.fine.half;
        let span = first..first + self.fine.half;
        (
            &residual[span.clone()],
            &self.codes[span],
            self.fine.parity(row),
        )
    }

    #[inline(always)]
    fn restrict_own(&self, j: usize, k: usize, residual: &[f32], out: &mut [f32]) {
        let (r, codes, p) = self.fine_row(j, k, residual);
        if self.factors[0] == 1 {
            for (h, (r, &code)) in r.iter().zip(codes).enumerate() {
                if let Some(out) = out.get_mut(2 * h + p) {
                    *out += 0.25 * quarters(code) * r;
                }
            }
            return;
        }
        let n = r.len();
        for ((out, r), &code) in out.iter_mut().zip(r).zip(codes) {
            *out += 0.25 * quarters(code) * r;
        }
        let (from, to) = if p == 0 {
            (1..n, 0..n - 1)
        } else {
            (0..n - 1, 1..n)
        };
        let pairs = r[from.clone()].iter().zip(&codes[from]);
        for (out, (&r, &code)) in out[to].iter_mut().zip(pairs) {
            *out += 0.25 * open(code, 0, r);
        }
    }

    #[inline(always)]
    fn restrict_across(&self, j: usize, k: usize, axis: u8, residual: &[f32], out: &mut [f32]) {
        let (r, codes, p) = self.fine_row(j, k, residual);
        if self.factors[0] == 1 {
            for (h, (&r, &code)) in r.iter().zip(codes).enumerate() {
                if let Some(out) = out.get_mut(2 * h + p) {
                    *out += 0.25 * open(code, axis, r);
                }
            }
            return;
        }
        for ((out, &r), &code) in out.iter_mut().zip(r).zip(codes) {
            *out += 0.25 * open(code, axis, r);
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
        (4 + 1) * fine + (8 + 1) * fine + 4 * 8 * coarse + 2 * self.irregular.bytes()
    }

    pub fn memory_bytes(&self) -> usize {
        self.codes.len() + 4 * self.natural.len() + self.irregular.bytes() + 16 * self.extras.len()
    }
}

#[inline(always)]
fn quarters(code: u8) -> f32 {
    f32::from(code >> 3)
}

#[inline(always)]
fn open(code: u8, axis: u8, value: f32) -> f32 {
    if code >> axis & 1 == 1 { value } else { 0.0 }
}

/// How a fine node's correction is put together.
struct Rule<'a> {
    fine: &'a GridGraph,
    step: &'a Coarsening,
}

impl Rule<'_> {
    /// The cells across a cell's outward faces, coupled or not.
    fn outward_cells(&self, cell: usize) -> impl Iterator<Item = usize> + '_ {
        let position = self.fine.position(cell);
        let strides = self.fine.strides();
        (0..3).filter_map(
            move |axis| match (self.step.factors[axis], position[axis] % 2) {
                (2, 0) => cell
                    .checked_sub(strides[axis])
                    .filter(|_| position[axis] > 0),
                (2, _) => {
                    Some(cell + strides[axis]).filter(|_| position[axis] + 1 < self.fine.dims[axis])
                }
                _ => None,
            },
        )
    }

    /// The side on which an axis leads out of the node's block; none if the axis is not coarsened.
    fn outward(&self, cell: usize, axis: usize) -> Option<Side> {
        let high = self.fine.position(cell)[axis] % 2;
        (self.step.factors[axis] == 2).then(|| Side::ALL[2 * axis + high])
    }

    /// Quarters that remain for the own coarse node when `open` outward faces have a neighbour.
    fn own(&self, node: usize, open: usize) -> usize {
        let coarsened = self.step.factors.iter().filter(|&&f| f == 2).count();
        let to_air = self.fine.dirichlet[node] > 0.0 && open < coarsened;
        4 - open - usize::from(to_air)
    }

    /// The pattern of a grid cell; `None` where coarse or fine extra nodes take part.
    fn code(&self, cell: usize, position: [usize; 3]) -> Option<u8> {
        let Self { fine, step } = self;
        let cells = step.coarse.cells() as u32;
        if step.parent[cell] == NONE {
            return Some(0);
        }
        if step.parent[cell] >= cells || (!fine.edges.is_empty() && !fine.edges_of(cell).is_empty())
        {
            return None;
        }
        let mut code = 0;
        for (axis, stride) in fine.strides().into_iter().enumerate() {
            if step.factors[axis] == 1 {
                continue;
            }
            let (coupling, other) = match position[axis] % 2 {
                0 => (fine.face[axis][cell], cell.wrapping_sub(stride)),
                _ => (fine.high(cell, axis, stride), cell + stride),
            };
            if coupling > 0.0 {
                if step.parent[other] >= cells {
                    return None;
                }
                code |= 1 << axis;
            }
        }
        let open = u8::count_ones(code) as usize;
        Some(code | (self.own(cell, open) as u8) << 3)
    }

    /// Coarse nodes and weights of any node.
    fn row(&self, node: usize) -> Vec<(usize, f32)> {
        let cell = self.fine.cell_of(node);
        let mut row = Vec::new();
        let mut open = 0;
        for axis in 0..3 {
            let Some(side) = self.outward(cell, axis) else {
                continue;
            };
            let stride = self.fine.strides()[axis];
            let beyond = if side.is_high() {
                cell.checked_add(stride)
            } else {
                cell.checked_sub(stride)
            };
            let there: Vec<(usize, f32)> = (self.fine.all_couplings(node))
                .filter(|&(n, _)| Some(self.fine.cell_of(n)) == beyond)
                .collect();
            let sum: f32 = there.iter().map(|t| t.1).sum();
            if sum > 0.0 {
                open += 1;
                let parents = there
                    .iter()
                    .map(|&(n, w)| (self.step.parent[n] as usize, 0.25 * w / sum));
                row.extend(parents);
            }
        }
        row.push((
            self.step.parent[node] as usize,
            0.25 * self.own(node, open) as f32,
        ));
        row
    }
}
