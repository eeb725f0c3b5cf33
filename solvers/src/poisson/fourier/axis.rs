//! The transform of an axis, by what is at its ends.

use std::{f64::consts::PI, sync::Arc};

use rustdct::{DctPlanner, Dst1, TransformType2And3};
use rustfft::{Fft, FftPlanner, num_complex::Complex};

/// What is at the ends of an axis.
pub(super) enum Ends {
    /// A wall or air at each.
    Apart {
        /// Whether it is air, low end first.
        open: [bool; 2],
    },
    /// They are joined.
    Periodic,
}

/// What plans transforms.
#[derive(Default)]
pub(super) struct Planners {
    cosines: Option<DctPlanner<f64>>,
    fourier: Option<FftPlanner<f64>>,
}

impl Planners {
    fn cosines(&mut self) -> &mut DctPlanner<f64> {
        self.cosines.get_or_insert_with(DctPlanner::new)
    }
}

/// Room for the work on a line.
#[derive(Clone)]
pub(super) struct Room {
    real: Vec<f64>,
    complex: Vec<Complex<f64>>,
}

impl Room {
    /// Enough for each of these axes.
    pub fn for_axes(axes: &[Axis]) -> Self {
        let real = axes.iter().map(|a| a.room).max().unwrap_or(0);
        let complex = axes.iter().map(|a| a.complex_room).max().unwrap_or(0);
        Self {
            real: vec![0.0; real],
            complex: vec![Complex::default(); complex],
        }
    }

    pub fn memory_bytes(&self) -> usize {
        8 * self.real.len() + 16 * self.complex.len()
    }
}

/// The transform of an axis.
pub(super) struct Axis {
    n: usize,
    kind: Kind,
    pub eigenvalues: Vec<f64>,
    /// Values of scratch that a line needs.
    room: usize,
    complex_room: usize,
}

enum Kind {
    /// An axis of one cell between walls.
    Flat,
    Walls(Arc<dyn TransformType2And3<f64>>),
    Air(Arc<dyn Dst1<f64>>),
    /// A wall at one end; whether it is the high one.
    Mixed(Arc<dyn TransformType2And3<f64>>, bool),
    Periodic(Arc<dyn Fft<f64>>),
}

impl Axis {
    pub fn new(n: usize, scale: f64, ends: Ends, planners: &mut Planners) -> Self {
        let length = n as f64;
        let open = match ends {
            Ends::Periodic if n > 1 => return Self::periodic(n, scale, planners),
            Ends::Periodic => [false; 2],
            Ends::Apart { open } => open,
        };
        let planner = planners.cosines();
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
            complex_room: 0,
        }
    }

    fn periodic(n: usize, scale: f64, planners: &mut Planners) -> Self {
        let planner = planners.fourier.get_or_insert_with(FftPlanner::new);
        let plan = planner.plan_fft_forward(n);
        let angles = (0..n).map(|k| PI * k as f64 / n as f64);
        Self {
            n,
            eigenvalues: angles.map(|a| scale * 4.0 * a.sin().powi(2)).collect(),
            room: 0,
            complex_room: n + plan.get_inplace_scratch_len(),
            kind: Kind::Periodic(plan),
        }
    }

    /// The smallest eigenvalue that is not zero; infinity if there is none.
    pub fn smallest(&self) -> f64 {
        self.eigenvalues
            .iter()
            .copied()
            .find(|&e| e > 0.0)
            .unwrap_or(f64::INFINITY)
    }

    pub fn forward(&self, line: &mut [f64], room: &mut Room) {
        let Room {
            real: room,
            complex,
        } = room;
        match &self.kind {
            Kind::Flat => {}
            Kind::Periodic(plan) => hartley(plan.as_ref(), line, complex),
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
    pub fn inverse(&self, line: &mut [f64], room: &mut Room) {
        let n = self.n as f64;
        let Room {
            real: room,
            complex,
        } = room;
        let factor = match &self.kind {
            Kind::Flat => return,
            Kind::Periodic(plan) => {
                hartley(plan.as_ref(), line, complex);
                1.0 / n
            }
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

/// `X_k = sum_i x_i (cos + sin)(2 pi k i / n)`: real, its own inverse but for a factor n, and with the sines and
/// cosines of one frequency a combination of the eigenvectors of one eigenvalue.
fn hartley(plan: &dyn Fft<f64>, line: &mut [f64], room: &mut [Complex<f64>]) {
    let (values, room) = room.split_at_mut(line.len());
    for (value, x) in values.iter_mut().zip(&*line) {
        *value = Complex::new(*x, 0.0);
    }
    plan.process_with_scratch(values, &mut room[..plan.get_inplace_scratch_len()]);
    for (x, value) in line.iter_mut().zip(values) {
        *x = value.re - value.im;
    }
}
