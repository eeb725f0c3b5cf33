//! Exact solution of the box without obstacles, by cosine and sine transforms along each axis.
//!
//! On a box of fluid the operator is diagonal in products of cosines (walls at both ends of an axis),
//! sines (air at both ends), quarter-wave cosines (one of each) or the Hartley transform (periodic). With obstacles it still makes a good
//! preconditioner while they are few: vectors are extended by zero into the obstacles.
//!
//! R. W. Hockney, "A fast direct solution of Poisson's equation using Fourier analysis", J. ACM 12
//! (1965). Departures:
//! 1. The quarter-wave cosine transform of n values is an odd extension to 2 n + 1 values with
//!    walls at both ends.
//! 2. The eigenvalue 0 of a box without air is replaced by the smallest other one, which keeps the map
//!    positive definite when obstacles of air make the problem regular.

mod axis;

use rayon::prelude::*;

use super::{Cell, FlagGrid, Side};
use crate::linear::{Preconditioner, Properties, vector};
use axis::{Axis, Ends, Planners, Room};

/// Lines that are gathered together, so that memory is read in runs.
const LINES: usize = 16;

/// The inverse of the operator of an empty box with the sides of a grid, on the fluid cells of that
/// grid.
pub struct BoxSolver {
    dims: [usize; 3],
    axes: [Axis; 3],
    fluid: Vec<bool>,
    /// Two arrays of cells: transforms go from one to the other.
    work: [Vec<f64>; 2],
    /// For each task, room for the lines it works on.
    scratch: Vec<Room>,
}

impl BoxSolver {
    /// Plans the transforms for a grid.
    pub fn new(grid: &FlagGrid) -> Self {
        let fluid = (0..grid.len()).map(|c| grid.cell(c) == Cell::Fluid);
        Self::with_periodic(grid, [false; 3], fluid.collect())
    }

    /// The same where the sides of the `periodic` axes are joined; where `fluid` is false results are zero.
    pub(crate) fn with_periodic(grid: &FlagGrid, periodic: [bool; 3], fluid: Vec<bool>) -> Self {
        let dims = grid.dims();
        let scales = grid.scales();
        let mut planners = Planners::default();
        let axes = [0, 1, 2].map(|axis| {
            let open = [2 * axis, 2 * axis + 1].map(|side| grid.is_open(Side::ALL[side]));
            let ends = match periodic[axis] {
                true => Ends::Periodic,
                false => Ends::Apart { open },
            };
            Axis::new(dims[axis], scales[axis], ends, &mut planners)
        });
        let tasks = 4 * rayon::current_num_threads();
        Self {
            dims,
            fluid,
            work: [(); 2].map(|()| vec![0.0; grid.len()]),
            scratch: vec![Room::for_axes(&axes); tasks],
            axes,
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let scratch: usize = self.scratch.iter().map(Room::memory_bytes).sum();
        self.fluid.len() + 16 * self.work[0].len() + scratch
    }

    /// Solves on the box: `work[0]` from right-hand side to solution, both as `[z][y][x]`.
    fn solve(&mut self) {
        let [nx, ny, nz] = self.dims;
        let Self {
            axes,
            work: [a, b],
            scratch,
            ..
        } = self;
        let [x, y, z] = &*axes;
        lines(a, nx, scratch, |line, room| x.forward(line, room));
        // [z][y][x] -> [z][x][y]
        gather(a, b, [nz, nx, ny], [ny * nx, nx], scratch, |line, room| {
            y.forward(line, room)
        });
        // [z][x][y] -> [x][y][z]
        gather(b, a, [nx, ny, nz], [ny, nx * ny], scratch, |line, room| {
            z.forward(line, room)
        });
        let smallest = axes.iter().map(Axis::smallest);
        let smallest = smallest.fold(f64::INFINITY, f64::min);
        a.par_chunks_mut(nz).enumerate().for_each(|(line, values)| {
            let others = x.eigenvalues[line / ny] + y.eigenvalues[line % ny];
            for (value, own) in values.iter_mut().zip(&z.eigenvalues) {
                let eigenvalue = own + others;
                *value /= if eigenvalue > 0.0 {
                    eigenvalue
                } else {
                    smallest
                };
            }
        });
        lines(a, nz, scratch, |line, room| z.inverse(line, room));
        // [x][y][z] -> [x][z][y]
        gather(a, b, [nx, nz, ny], [ny * nz, nz], scratch, |line, room| {
            y.inverse(line, room)
        });
        // [x][z][y] -> [z][y][x]
        gather(b, a, [nz, ny, nx], [ny, nz * ny], scratch, |line, room| {
            x.inverse(line, room)
        });
    }
}

impl Preconditioner for BoxSolver {
    fn dim(&self) -> usize {
        self.fluid.len()
    }

    fn properties(&self) -> Properties {
        Properties::SPD
    }

    fn apply_bytes(&self) -> Option<usize> {
        // In and out; two transforms along each axis and the division: read and written. The flags.
        let passes = 2 + 2 * 3 + 1;
        Some((2 * 8 * passes + 1) * self.dim())
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        vector::copy(r, &mut self.work[0]);
        self.solve();
        let values = z.par_iter_mut().zip(&self.work[0]).zip(&self.fluid);
        values
            .with_min_len(1 << 14)
            .for_each(|((z, &value), &fluid)| {
                *z = if fluid { value } else { 0.0 };
            });
    }
}

/// Transforms every line of contiguous values.
fn lines(
    values: &mut [f64],
    n: usize,
    scratch: &mut [Room],
    transform: impl Fn(&mut [f64], &mut Room) + Sync,
) {
    let per_task = (values.len() / n).div_ceil(scratch.len());
    let tasks = values.par_chunks_mut(per_task * n).zip(scratch);
    tasks.for_each(|(values, room)| {
        for line in values.chunks_exact_mut(n) {
            transform(line, room);
        }
    });
}

/// Fills `to`, of shape `[outer][inner][n]`, with transformed lines gathered from `from`: value i of line
/// (o, l) is `from[o * strides[0] + i * strides[1] + l]`.
fn gather(
    from: &[f64],
    to: &mut [f64],
    [outer, inner, n]: [usize; 3],
    strides: [usize; 2],
    scratch: &mut [Room],
    transform: impl Fn(&mut [f64], &mut Room) + Sync,
) {
    let count = outer * inner;
    let per_task = count.div_ceil(scratch.len());
    let tasks = to.par_chunks_mut(per_task * n).zip(scratch).enumerate();
    tasks.for_each(|(task, (to, room))| {
        let first = task * per_task;
        let mut line = first;
        while line < first + to.len() / n {
            let (o, l) = (line / inner, line % inner);
            let here = LINES.min(inner - l).min(first + to.len() / n - line);
            let block = &mut to[(line - first) * n..][..here * n];
            for i in 0..n {
                let run = &from[o * strides[0] + i * strides[1] + l..][..here];
                for (k, value) in run.iter().enumerate() {
                    block[k * n + i] = *value;
                }
            }
            for values in block.chunks_exact_mut(n) {
                transform(values, room);
            }
            line += here;
        }
    });
}

#[cfg(test)]
mod tests;
