//! The operator of a [`FlagGrid`] without a matrix: two bytes a cell when faces have no weights of
//! their own.

use std::ops::Range;

use super::grid::{Cell, Face, FlagGrid, Side};
use crate::linear::LinearOperator;

/// Rows of cells are halved between threads down to about this many cells.
const TASK_CELLS: usize = 1 << 15;

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

/// Bits 0 to 5: the neighbour on that [`Side`] is fluid. Bits 6-7, 8-9, 10-11: how many of the two
/// faces in x, y, z are not solid. Bit 12: the cell is fluid.
const FIRST_COUNT: u32 = 6;
const FLUID: u16 = 1 << 12;

impl FlagStencil {
    /// The operator of `grid`.
    pub fn new(grid: &FlagGrid) -> Self {
        let n = grid.len();
        let mut stencil = Self {
            dims: grid.dims(),
            scales: grid.scales(),
            codes: vec![0; n],
            weighted: grid.has_face_weights().then(|| Weighted {
                low: [(); 3].map(|()| vec![0.0; n]),
                diagonal: vec![0.0; n],
            }),
        };
        stencil.refresh(grid, 0..n);
        stencil
    }

    /// Takes some cells from the grid again; a changed cell's neighbours must be among them.
    pub(super) fn refresh(&mut self, grid: &FlagGrid, cells: impl IntoIterator<Item = usize>) {
        for cell in cells {
            if grid.flags()[cell] != Cell::Fluid as u8 {
                self.codes[cell] = 0;
                if let Some(w) = &mut self.weighted {
                    w.diagonal[cell] = 0.0;
                    w.low.iter_mut().for_each(|low| low[cell] = 0.0);
                }
                continue;
            }
            let faces = Side::ALL.map(|side| grid.face(cell, side));
            self.codes[cell] = code(&faces);
            if let Some(w) = &mut self.weighted {
                w.diagonal[cell] = faces.iter().map(|f| f.coefficient).sum();
                for (axis, low) in w.low.iter_mut().enumerate() {
                    let face = faces[2 * axis];
                    low[cell] = face.fluid.map_or(0.0, |_| face.coefficient);
                }
            }
        }
    }

    /// Cells along each axis.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// Whether a cell is fluid.
    pub(super) fn is_fluid(&self, cell: usize) -> bool {
        self.codes[cell] & FLUID != 0
    }

    /// Diagonal entry of a cell.
    pub fn diagonal(&self, cell: usize) -> f64 {
        match &self.weighted {
            Some(w) => w.diagonal[cell],
            None => {
                let count = |axis: u32| f64::from(self.codes[cell] >> (FIRST_COUNT + 2 * axis) & 3);
                (0..3).map(|a| self.scales[a] * count(a as u32)).sum()
            }
        }
    }

    /// Couplings (positive numbers) of a cell with the fluid cells before and after it along an axis.
    pub(super) fn couplings(&self, cell: usize, axis: usize) -> [f64; 2] {
        let stride = [1, self.dims[0], self.dims[0] * self.dims[1]][axis];
        let is_fluid = |high: usize| self.codes[cell] >> (2 * axis + high) & 1 == 1;
        let of = |high: usize| match &self.weighted {
            _ if !is_fluid(high) => 0.0,
            Some(w) => w.low[axis][cell + high * stride],
            None => self.scales[axis],
        };
        [of(0), of(1)]
    }

    /// Coupling of a cell with the air around it.
    pub(super) fn dirichlet(&self, cell: usize) -> f64 {
        let air = (0..6).any(|s| self.is_air(cell, s));
        if !air {
            return 0.0;
        }
        let coupled: f64 = (0..3).flat_map(|a| self.couplings(cell, a)).sum();
        (self.diagonal(cell) - coupled).max(0.0)
    }

    fn is_air(&self, cell: usize, side: u32) -> bool {
        let code = self.codes[cell];
        let axis = side / 2;
        let open = code >> (FIRST_COUNT + 2 * axis) & 3;
        let fluid = (code >> (2 * axis) & 1) + (code >> (2 * axis + 1) & 1);
        open > fluid
    }

    /// The largest coupling; 1 if there is none.
    pub(super) fn largest_coupling(&self) -> f64 {
        let largest = match &self.weighted {
            None => self.scales.into_iter().fold(0.0, f64::max),
            Some(w) => w.diagonal.iter().copied().fold(0.0, f64::max) / 6.0,
        };
        if largest > 0.0 { largest } else { 1.0 }
    }

    /// Bytes that one application reads and writes.
    pub fn bytes(&self) -> usize {
        let per_cell = if self.weighted.is_some() { 2 + 32 } else { 2 };
        self.codes.len() * (16 + per_cell)
    }

    /// `y = A x` on some rows of cells, and x . y there; halves the rows between threads.
    fn rows(&self, rows: Range<usize>, x: &[f64], y: &mut [f64]) -> f64 {
        let nx = self.dims[0];
        let count = rows.len();
        if count > 1 && count * nx > TASK_CELLS {
            let middle = rows.start + count / 2;
            let (low, high) = y.split_at_mut(count / 2 * nx);
            let (a, b) = rayon::join(
                || self.rows(rows.start..middle, x, low),
                || self.rows(middle..rows.end, x, high),
            );
            return a + b;
        }
        let mut dot = 0.0;
        pulp::Arch::new().dispatch(|| {
            for (row, y) in rows.zip(y.chunks_exact_mut(nx)) {
                dot += match &self.weighted {
                    None => self.uniform_row(row, x, y),
                    Some(weighted) => self.weighted_row(row, weighted, x, y),
                };
            }
        });
        dot
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

    #[inline(always)]
    fn uniform_row(&self, row: usize, x: &[f64], y: &mut [f64]) -> f64 {
        let nx = self.dims[0];
        let codes = &self.codes[row * nx..(row + 1) * nx];
        let [x, south, north, below, above] = self.neighbours(row, x);
        let [sx, sy, sz] = self.scales;
        let value = |code: u16, x: f64, around: [f64; 6]| {
            let pick = |side: usize| {
                if code >> side & 1 == 1 {
                    around[side]
                } else {
                    0.0
                }
            };
            let open = |axis: u32| f64::from(code >> (FIRST_COUNT + 2 * axis) & 3);
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
fn dot(x: &[f64], y: &[f64]) -> f64 {
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

fn code(faces: &[Face; 6]) -> u16 {
    let mut code = FLUID;
    for (side, face) in faces.iter().enumerate() {
        code |= u16::from(face.fluid.is_some()) << side;
    }
    for axis in 0..3 {
        let open = faces[2 * axis..2 * axis + 2]
            .iter()
            .filter(|f| f.coefficient > 0.0)
            .count();
        code |= (open as u16) << (FIRST_COUNT + 2 * axis as u32);
    }
    code
}

impl LinearOperator for FlagStencil {
    fn dim(&self) -> usize {
        self.codes.len()
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
        self.rows(0..self.dims[1] * self.dims[2], x, y)
    }
}
