//! Exact solution of the box without obstacles, by cosine and sine transforms along each axis.
//!
//! On a box of fluid the operator is diagonal in products of cosines (walls at both ends of an axis),
//! sines (air at both ends) or quarter-wave cosines (one of each). With obstacles it still makes a good
//! preconditioner while they are few: vectors are extended by zero into the obstacles.
//!
//! R. W. Hockney, "A fast direct solution of Poisson's equation using Fourier analysis", J. ACM 12
//! (1965). Departures:
//! 1. The quarter-wave cosine transform of n values is an odd extension to 2 n + 1 values with
//!    walls at both ends.
//! 2. The eigenvalue 0 of a box without air is replaced by the smallest other one, which keeps the map
//!    positive definite when obstacles of air make the problem regular.

use std::{f64::consts::PI, sync::Arc};

use rayon::prelude::*;
use rustdct::{DctPlanner, Dst1, TransformType2And3};

use super::{Cell, FlagGrid, Side};
use crate::linear::{Preconditioner, Properties};

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
    scratch: Vec<Vec<f64>>,
}

impl BoxSolver {
    /// Plans the transforms for a grid.
    pub fn new(grid: &FlagGrid) -> Self {
        let dims = grid.dims();
        let scales = grid.scales();
        let mut planner = DctPlanner::new();
        let axes = [0, 1, 2].map(|axis| {
            let open = [2 * axis, 2 * axis + 1].map(|side| grid.is_open(Side::ALL[side]));
            Axis::new(dims[axis], scales[axis], open, &mut planner)
        });
        let room = axes.iter().map(|a| a.room + LINES * a.n).max().unwrap_or(0);
        let tasks = 4 * rayon::current_num_threads();
        Self {
            dims,
            axes,
            fluid: (0..grid.len())
                .map(|c| grid.cell(c) == Cell::Fluid)
                .collect(),
            work: [(); 2].map(|()| vec![0.0; grid.len()]),
            scratch: vec![vec![0.0; room]; tasks],
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let scratch: usize = self.scratch.iter().map(Vec::len).sum();
        self.fluid.len() + 8 * (2 * self.work[0].len() + scratch)
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
        let smallest = axes.iter().filter(|a| a.n > 1 || a.eigenvalues[0] > 0.0);
        let smallest = smallest.map(Axis::smallest).fold(f64::INFINITY, f64::min);
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
        self.work[0].copy_from_slice(r);
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
    scratch: &mut [Vec<f64>],
    transform: impl Fn(&mut [f64], &mut [f64]) + Sync,
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
    scratch: &mut [Vec<f64>],
    transform: impl Fn(&mut [f64], &mut [f64]) + Sync,
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

/// The transform of an axis.
struct Axis {
    n: usize,
    kind: Kind,
    eigenvalues: Vec<f64>,
    /// Values of scratch that a line needs.
    room: usize,
}

enum Kind {
    /// An axis of one cell between walls.
    Flat,
    Walls(Arc<dyn TransformType2And3<f64>>),
    Air(Arc<dyn Dst1<f64>>),
    /// A wall at one end; whether it is the high one.
    Mixed(Arc<dyn TransformType2And3<f64>>, bool),
}

impl Axis {
    fn new(n: usize, scale: f64, open: [bool; 2], planner: &mut DctPlanner<f64>) -> Self {
        let length = n as f64;
        let (kind, first, period, room) = match open {
            [false, false] if n == 1 => (Kind::Flat, 0.0, 1.0, 0),
            [false, false] => {
                let plan = planner.plan_dct2(n);
                let room = plan.get_scratch_len();
                (Kind::Walls(plan), 0.0, length, room)
            }
            [true, true] => {
                let plan = planner.plan_dst1(n);
                let room = plan.get_scratch_len();
                (Kind::Air(plan), 1.0, length + 1.0, room)
            }
            [low, _] => {
                let plan = planner.plan_dct2(2 * n + 1);
                let room = plan.get_scratch_len() + 2 * n + 1;
                (Kind::Mixed(plan, low), 0.5, length + 0.5, room)
            }
        };
        let angles = (0..n).map(|k| PI * (k as f64 + first) / period);
        // 2 - 2 cos, without cancellation
        let eigenvalues = angles
            .map(|a| scale * 4.0 * (0.5 * a).sin().powi(2))
            .collect();
        Self {
            n,
            kind,
            eigenvalues,
            room,
        }
    }

    /// The smallest eigenvalue that is not zero; infinity if there is none.
    fn smallest(&self) -> f64 {
        self.eigenvalues
            .iter()
            .copied()
            .find(|&e| e > 0.0)
            .unwrap_or(f64::INFINITY)
    }

    fn forward(&self, line: &mut [f64], room: &mut [f64]) {
        match &self.kind {
            Kind::Flat => {}
            Kind::Walls(plan) => {
                plan.process_dct2_with_scratch(line, scratch(room, plan.get_scratch_len()))
            }
            Kind::Air(plan) => {
                plan.process_dst1_with_scratch(line, scratch(room, plan.get_scratch_len()))
            }
            Kind::Mixed(plan, wall_is_high) => {
                quarter_wave(plan.as_ref(), *wall_is_high, line, room)
            }
        }
    }

    /// The inverse of `forward`.
    fn inverse(&self, line: &mut [f64], room: &mut [f64]) {
        let n = self.n as f64;
        let factor = match &self.kind {
            Kind::Flat => return,
            Kind::Walls(plan) => {
                plan.process_dct3_with_scratch(line, scratch(room, plan.get_scratch_len()));
                2.0 / n
            }
            Kind::Air(plan) => {
                plan.process_dst1_with_scratch(line, scratch(room, plan.get_scratch_len()));
                2.0 / (n + 1.0)
            }
            Kind::Mixed(plan, wall_is_high) => {
                inverse_quarter_wave(plan.as_ref(), *wall_is_high, line, room);
                2.0 / (n + 0.5)
            }
        };
        line.iter_mut().for_each(|v| *v *= factor);
    }
}

fn scratch(room: &mut [f64], length: usize) -> &mut [f64] {
    &mut room[..length]
}

/// `X_k = sum_i x_i cos(pi (k + 1/2) (i + 1/2) / (n + 1/2))`, i counted from the wall.
fn quarter_wave(
    plan: &dyn TransformType2And3<f64>,
    wall_is_high: bool,
    line: &mut [f64],
    room: &mut [f64],
) {
    let n = line.len();
    let (extended, room) = room.split_at_mut(2 * n + 1);
    if wall_is_high {
        line.reverse();
    }
    extended[..n].copy_from_slice(line);
    extended[n] = 0.0;
    for (i, &value) in line.iter().enumerate() {
        extended[2 * n - i] = -value;
    }
    plan.process_dct2_with_scratch(extended, &mut room[..plan.get_scratch_len()]);
    for (k, value) in line.iter_mut().enumerate() {
        *value = 0.5 * extended[2 * k + 1];
    }
}

/// The same transform with its result counted from the wall: the matrix is symmetric.
fn inverse_quarter_wave(
    plan: &dyn TransformType2And3<f64>,
    wall_is_high: bool,
    line: &mut [f64],
    room: &mut [f64],
) {
    quarter_wave(plan, false, line, room);
    if wall_is_high {
        line.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::super::FlagStencil;
    use super::*;
    use crate::linear::LinearOperator;

    #[test]
    fn the_box_is_solved_exactly() {
        for (dims, open) in [
            ([8, 6, 4], vec![]),
            ([7, 9, 5], vec![Side::ZMax]),
            ([7, 9, 5], vec![Side::YMin]),
            ([12, 1, 3], vec![Side::XMin, Side::XMax]),
            ([16, 17, 1], vec![Side::YMin, Side::YMax, Side::XMin]),
            ([5, 20, 1], vec![Side::YMax]),
            ([1, 1, 7], vec![Side::ZMin]),
        ] {
            let grid = FlagGrid::all_fluid(dims).and_then(|g| g.spacing([0.1, 0.3, 0.2]));
            let grid = open
                .iter()
                .fold(grid.expect("valid"), |g, &s| g.open(s).expect("valid"));
            let stencil = FlagStencil::new(&grid);
            let n = grid.len();
            let mut x: Vec<f64> = (0..n)
                .map(|i| ((i * 37 + 11) % 101) as f64 - 50.0)
                .collect();
            if open.is_empty() {
                let mean = x.iter().sum::<f64>() / n as f64;
                x.iter_mut().for_each(|v| *v -= mean);
            }
            let (mut b, mut found) = (vec![0.0; n], vec![0.0; n]);
            stencil.apply(&x, &mut b);
            BoxSolver::new(&grid).apply(&b, &mut found);
            let error = x
                .iter()
                .zip(&found)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            assert!(error < 1e-10, "{dims:?} {open:?}: {error:e}");
        }
    }

    #[test]
    fn obstacles_keep_it_symmetric_and_positive() {
        let flags: Vec<u8> = (0..12 * 10)
            .map(|i| [1, 1, 0, 1, 1, 2, 1][i * 5 % 7])
            .collect();
        let grid = FlagGrid::new([12, 10, 1], &flags).expect("valid");
        let mut solver = BoxSolver::new(&grid);
        let vector = |seed: usize| -> Vec<f64> {
            let value = |i: usize| ((i * 7919 + seed * 104_729) % 1000) as f64 - 500.0;
            (0..120)
                .map(|i| if flags[i] == 1 { value(i) } else { 0.0 })
                .collect()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (mut mu, mut mv) = (vec![0.0; 120], vec![0.0; 120]);
        for seed in 0..4 {
            let (u, v) = (vector(seed), vector(seed + 9));
            solver.apply(&u, &mut mu);
            solver.apply(&v, &mut mv);
            assert!(dot(&u, &mu) > 0.0);
            assert!((dot(&v, &mu) - dot(&u, &mv)).abs() < 1e-10 * dot(&u, &mu));
        }
    }
}
