//! The operator of a [`FlagGrid`] without a matrix: two bytes a cell when faces have no weights of
//! their own.

use rayon::prelude::*;

use super::{Cell, FlagGrid, Side, codes, rows::sum_rows};
use crate::linear::LinearOperator;

/// Negative Laplacian of a [`FlagGrid`] (see there for its definition), over all cells: rows and
/// columns of cells that are not fluid are zero.
#[derive(Clone, Debug)]
pub struct FlagStencil {
    dims: [usize; 3],
    scales: [f64; 3],
    codes: Vec<u16>,
    weighted: Option<Weighted>,
}

/// Couplings of a stencil with face weights.
#[derive(Clone, Debug)]
struct Weighted {
    /// Coupling with the next lower cell along each axis.
    low: [Vec<f64>; 3],
    diagonal: Vec<f64>,
}

impl FlagStencil {
    /// The operator of `grid`.
    pub fn new(grid: &FlagGrid) -> Self {
        let weighted = grid.has_face_weights().then(|| {
            let entries: Vec<Entry> = (0..grid.len())
                .into_par_iter()
                .map(|c| entry(grid, c))
                .collect();
            Weighted {
                low: [0, 1, 2].map(|axis| entries.iter().map(|e| e.low[axis]).collect()),
                diagonal: entries.iter().map(|e| e.diagonal).collect(),
            }
        });
        Self {
            dims: grid.dims(),
            scales: grid.scales(),
            codes: codes::of_grid(grid),
            weighted,
        }
    }

    /// Takes some cells from the grid again; a changed cell's neighbours must be among them.
    pub(super) fn refresh(&mut self, grid: &FlagGrid, cells: &[usize]) {
        for &cell in cells {
            self.codes[cell] = codes::of_cell(grid, cell);
            if let Some(w) = &mut self.weighted {
                let entry = entry(grid, cell);
                w.diagonal[cell] = entry.diagonal;
                for (low, value) in w.low.iter_mut().zip(entry.low) {
                    low[cell] = value;
                }
            }
        }
    }

    /// Whether faces have weights of their own.
    pub(super) fn is_weighted(&self) -> bool {
        self.weighted.is_some()
    }

    /// 1 / h^2 along each axis.
    pub(super) fn scales(&self) -> [f64; 3] {
        self.scales
    }

    /// The code of a cell.
    #[inline]
    pub(super) fn code(&self, cell: usize) -> u16 {
        self.codes[cell]
    }

    /// The codes of some cells.
    pub(super) fn codes_of(&self, cells: std::ops::Range<usize>) -> &[u16] {
        &self.codes[cells]
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Cells along each axis.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// Whether a cell is fluid.
    pub(super) fn is_fluid(&self, cell: usize) -> bool {
        self.codes[cell] & codes::FLUID != 0
    }

    /// Diagonal entry of a cell.
    pub fn diagonal(&self, cell: usize) -> f64 {
        match &self.weighted {
            Some(w) => w.diagonal[cell],
            None => {
                let code = self.codes[cell];
                (0..3)
                    .map(|a| self.scales[a] * f64::from(codes::open(code, a)))
                    .sum()
            }
        }
    }

    /// Coupling (a positive number) of a cell with the fluid cell before it along an axis.
    #[inline]
    pub(super) fn low_coupling(&self, cell: usize, axis: usize) -> f64 {
        match &self.weighted {
            Some(w) => w.low[axis][cell],
            None if codes::is_fluid(self.codes[cell], 2 * axis) => self.scales[axis],
            None => 0.0,
        }
    }

    /// The coupled cells before and after a cell, each in ascending order, with their couplings.
    pub(super) fn neighbours_of(&self, cell: usize) -> [[Option<(usize, f64)>; 3]; 2] {
        let strides = [1, self.dims[0], self.dims[0] * self.dims[1]];
        let coupled = |lower: usize, axis: usize, other: usize| {
            let coupling = self.low_coupling(lower, axis);
            (coupling > 0.0).then_some((other, coupling))
        };
        let code = self.codes[cell];
        let low = [2, 1, 0].map(|axis| {
            let is_fluid = codes::is_fluid(code, 2 * axis);
            is_fluid
                .then(|| coupled(cell, axis, cell - strides[axis]))
                .flatten()
        });
        let high = [0, 1, 2].map(|axis| {
            let other = cell + strides[axis];
            let is_fluid = codes::is_fluid(code, 2 * axis + 1);
            is_fluid.then(|| coupled(other, axis, other)).flatten()
        });
        [low, high]
    }

    /// Coupling of a cell with the air around it.
    #[inline]
    pub(super) fn dirichlet(&self, cell: usize) -> f64 {
        let code = self.codes[cell];
        if !codes::touches_air(code) {
            return 0.0;
        }
        match &self.weighted {
            None => (0..3)
                .map(|a| self.scales[a] * f64::from(codes::air(code, a)))
                .sum(),
            Some(w) => {
                let strides = [1, self.dims[0], self.dims[0] * self.dims[1]];
                let fluid = (0..6).filter(|&side| codes::is_fluid(code, side));
                let coupled: f64 = fluid
                    .map(|side| w.low[side / 2][cell + side % 2 * strides[side / 2]])
                    .sum();
                (w.diagonal[cell] - coupled).max(0.0)
            }
        }
    }

    /// The largest coupling; 1 if there is none.
    pub(super) fn largest_coupling(&self) -> f64 {
        let largest = match &self.weighted {
            None => self.scales.into_iter().fold(0.0, f64::max),
            Some(w) => w.diagonal.iter().copied().fold(0.0, f64::max) / 6.0,
        };
        if largest > 0.0 { largest } else { 1.0 }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let per_cell = if self.weighted.is_some() { 2 + 32 } else { 2 };
        self.codes.len() * per_cell
    }

    /// Bytes that one application reads and writes.
    pub fn bytes(&self) -> usize {
        self.memory_bytes() + 16 * self.codes.len()
    }

    /// Slices of `x`: the row itself and the rows before and after it along y and z. A row that does
    /// not exist is replaced by the row itself; its values meet couplings of zero.
    #[inline(always)]
    fn neighbours<'a>(&self, row: usize, x: &'a [f64]) -> [&'a [f64]; 5] {
        let [nx, ny, nz] = self.dims;
        let (j, k) = (row % ny, row / ny);
        let at = |row: usize| &x[row * nx..(row + 1) * nx];
        [
            at(row),
            at(if j > 0 { row - 1 } else { row }),
            at(if j + 1 < ny { row + 1 } else { row }),
            at(if k > 0 { row - ny } else { row }),
            at(if k + 1 < nz { row + ny } else { row }),
        ]
    }

    /// Sets a row of y = A x; returns its product with x.
    #[inline(always)]
    fn apply_row(&self, row: usize, x: &[f64], y: &mut [f64]) -> f64 {
        match &self.weighted {
            None => self.uniform_row(row, x, y),
            Some(weighted) => self.weighted_row(row, weighted, x, y),
        }
    }

    #[inline(always)]
    fn uniform_row(&self, row: usize, x: &[f64], y: &mut [f64]) -> f64 {
        let nx = self.dims[0];
        let codes = &self.codes[row * nx..(row + 1) * nx];
        let [x, south, north, below, above] = self.neighbours(row, x);
        let [sx, sy, sz] = self.scales;
        let value = |code: u16, x: f64, around: [f64; 6]| {
            let pick = |side| {
                if codes::is_fluid(code, side) {
                    around[side]
                } else {
                    0.0
                }
            };
            let open = |axis| f64::from(codes::open(code, axis));
            sx * (open(0) * x - pick(0) - pick(1))
                + sy * (open(1) * x - pick(2) - pick(3))
                + sz * (open(2) * x - pick(4) - pick(5))
        };
        let at = |i: usize, west: f64, east: f64| {
            value(
                codes[i],
                x[i],
                [west, east, south[i], north[i], below[i], above[i]],
            )
        };
        if nx == 1 {
            y[0] = at(0, 0.0, 0.0);
            return x[0] * y[0];
        }
        y[0] = at(0, 0.0, x[1]);
        y[nx - 1] = at(nx - 1, x[nx - 2], 0.0);
        let inner = nx - 2;
        let (west, middle, east) = (&x[..inner], &x[1..=inner], &x[2..]);
        let (south, north) = (&south[1..=inner], &north[1..=inner]);
        let (below, above) = (&below[1..=inner], &above[1..=inner]);
        let (codes, out) = (&codes[1..=inner], &mut y[1..=inner]);
        for i in 0..inner {
            let around = [west[i], east[i], south[i], north[i], below[i], above[i]];
            out[i] = value(codes[i], middle[i], around);
        }
        dot(x, y)
    }

    #[inline(always)]
    fn weighted_row(&self, row: usize, w: &Weighted, x: &[f64], y: &mut [f64]) -> f64 {
        let [nx, ny, nz] = self.dims;
        let first = row * nx;
        let [x, south, north, below, above] = self.neighbours(row, x);
        let (j, k) = (row % ny, row / ny);
        let diagonal = &w.diagonal[first..first + nx];
        for ((y, d), x) in y.iter_mut().zip(diagonal).zip(x) {
            *y = d * x;
        }
        let west = &w.low[0][first + 1..first + nx];
        for i in 1..nx {
            y[i] -= west[i - 1] * x[i - 1];
            y[i - 1] -= west[i - 1] * x[i];
        }
        let mut subtract = |axis: usize, first: usize, x: &[f64]| {
            for ((y, w), x) in y.iter_mut().zip(&w.low[axis][first..first + nx]).zip(x) {
                *y -= w * x;
            }
        };
        subtract(1, first, south);
        subtract(2, first, below);
        if j + 1 < ny {
            subtract(1, first + nx, north);
        }
        if k + 1 < nz {
            subtract(2, first + nx * ny, above);
        }
        dot(x, y)
    }
}

/// Dot product of two rows with eight running sums, which vectorise.
#[inline(always)]
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let tail: f64 = xs
        .remainder()
        .iter()
        .zip(ys.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + tail
}

/// What a weighted stencil keeps of a cell.
struct Entry {
    low: [f64; 3],
    diagonal: f64,
}

fn entry(grid: &FlagGrid, cell: usize) -> Entry {
    if grid.cell(cell) != Cell::Fluid {
        return Entry {
            low: [0.0; 3],
            diagonal: 0.0,
        };
    }
    let faces = Side::ALL.map(|side| grid.face(cell, side));
    Entry {
        low: [0, 2, 4]
            .map(|side: usize| faces[side].fluid.map_or(0.0, |_| faces[side].coefficient)),
        diagonal: faces.iter().map(|f| f.coefficient).sum(),
    }
}

impl LinearOperator for FlagStencil {
    fn dim(&self) -> usize {
        self.codes.len()
    }

    fn apply_bytes(&self) -> Option<usize> {
        let axes = if self.dims[2] == 1 { 2 } else { 3 };
        let own = match self.weighted {
            None => 2,
            Some(_) => 8 * (axes + 1),
        };
        // what A keeps of a cell, and x; y
        Some((own + 2 * 8) * self.dim())
    }

    fn apply(&self, x: &[f64], y: &mut [f64]) {
        self.apply_dot(x, y);
    }

    fn apply_dot(&self, x: &[f64], y: &mut [f64]) -> f64 {
        let n = self.dim();
        assert!(
            x.len() == n && y.len() == n,
            "{n} cells, x has {} and y {}",
            x.len(),
            y.len()
        );
        let [nx, ny, nz] = self.dims;
        sum_rows(0..ny * nz, nx, y, &|rows, y| {
            let pairs = rows.zip(y.chunks_exact_mut(nx));
            pairs.map(|(row, y)| self.apply_row(row, x, y)).sum()
        })
    }

    fn residual(&self, b: &[f64], x: &[f64], r: &mut [f64]) -> f64 {
        let n = self.dim();
        assert!(b.len() == n && x.len() == n && r.len() == n, "{n} cells");
        let [nx, ny, nz] = self.dims;
        sum_rows(0..ny * nz, nx, r, &|rows, r| {
            let pairs = rows.zip(r.chunks_exact_mut(nx));
            let squares = pairs.map(|(row, r)| {
                self.apply_row(row, x, r);
                for (r, b) in r.iter_mut().zip(&b[row * nx..]) {
                    *r = b - *r;
                }
                dot(r, r)
            });
            squares.sum()
        })
    }
}
