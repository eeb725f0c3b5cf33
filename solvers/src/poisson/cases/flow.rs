//! Right-hand sides: negative divergences of face velocity fields that respect the solids.
//!
//! Two fields are added, at equal strength of their divergences: white noise, which holds every wavelength that the
//! grid can carry, and a few long waves, as a flow has them. Noise alone would flatter methods that
//! only smooth; long waves alone would flatter those that only know the coarse grid.

use std::f64::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{AIR, FLUID, PoissonCase, SOLID};

/// Long waves in each velocity component.
const WAVES: usize = 4;

/// One velocity component as a sum of products of sines: a value from a face's indices.
pub(super) struct Waves {
    dims: [usize; 3],
    /// For each wave and axis, periods in the domain and phase (in periods).
    drawn: Vec<[(f64, f64); 3]>,
    /// For each wave and axis, the factor at each index.
    factors: Vec<[Vec<f64>; 3]>,
}

impl Waves {
    /// Waves of one to three periods in the domain, with random phases.
    pub(super) fn random(dims: [usize; 3], rng: &mut ChaCha8Rng) -> Self {
        let mut draw = |()| (f64::from(rng.random_range(1..=3)), rng.random::<f64>());
        let drawn = (0..WAVES).map(|_| [(); 3].map(&mut draw)).collect();
        let mut waves = Self {
            dims,
            drawn,
            factors: Vec::new(),
        };
        waves.shift(0.0);
        waves
    }

    /// Moves the waves to `periods` of their own length from where they were drawn.
    pub(super) fn shift(&mut self, periods: f64) {
        let factors = |wave: &[(f64, f64); 3]| {
            std::array::from_fn(|axis| {
                let (waves, phase) = wave[axis];
                factor(self.dims[axis], waves, phase + periods)
            })
        };
        self.factors = self.drawn.iter().map(factors).collect();
    }

    /// The value at a face's indices.
    pub(super) fn at(&self, [x, y, z]: [usize; 3]) -> f64 {
        let each = self.factors.iter().map(|[a, b, c]| a[x] * b[y] * c[z]);
        each.sum()
    }
}

/// sin(2π (periods·i/n + phase)) for i = 0..=n; one where the axis has a single cell.
fn factor(n: usize, periods: f64, phase: f64) -> Vec<f64> {
    let at = |i: usize| (TAU * (periods * i as f64 / n as f64 + phase)).sin();
    if n == 1 {
        vec![1.0; 2]
    } else {
        (0..=n).map(at).collect()
    }
}

/// Noise and long waves together, root mean square 1 over the fluid cells.
pub(super) fn right_hand_side(case: &PoissonCase, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let waves: [Waves; 3] = std::array::from_fn(|_| Waves::random(case.dims, rng));
    let mut smooth = vec![0.0; case.flags.len()];
    subtract_divergence(case, &mut smooth, |axis, at| waves[axis].at(at));
    let mut noise = vec![0.0; case.flags.len()];
    subtract_divergence(case, &mut noise, |_, _| rng.random_range(-1.0..1.0));
    let (a, b) = (norm(&smooth), norm(&noise));
    for (s, n) in smooth.iter_mut().zip(&noise) {
        *s = *s / a + n / b;
    }
    normalise(case, &mut smooth);
    smooth
}

/// Scales values to a root mean square of 1 over the fluid cells.
pub(super) fn normalise(case: &PoissonCase, values: &mut [f64]) {
    let scale = (case.fluid_cells() as f64).sqrt() / norm(values);
    values.iter_mut().for_each(|value| *value *= scale);
}

/// The Euclidean norm; 1 for a vector of zeros, which then stays one when divided by it.
fn norm(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().map(|v| v * v).sum();
    if sum > 0.0 { sum.sqrt() } else { 1.0 }
}

/// A face of a fluid cell.
pub(super) struct Face {
    /// Direction of its normal.
    pub(super) axis: usize,
    /// Indices of the cell above it; one past the last cell at the upper end of the domain.
    pub(super) at: [usize; 3],
    /// Whether fluid or air is on both of its sides.
    pub(super) open: bool,
    /// Whether both of its sides are inside the domain.
    pub(super) inside: bool,
}

/// Subtracts from `b` the divergence of a face velocity field in the fluid cells: `velocity` where a face is
/// open, zero elsewhere. `velocity` is asked in the order of the faces.
fn subtract_divergence(
    case: &PoissonCase,
    b: &mut [f64],
    mut velocity: impl FnMut(usize, [usize; 3]) -> f64,
) {
    subtract_fluxes(case, b, |face| {
        if face.open {
            velocity(face.axis, face.at)
        } else {
            0.0
        }
    });
}

/// The same with a velocity for every face of a fluid cell.
pub(super) fn subtract_fluxes(
    case: &PoissonCase,
    b: &mut [f64],
    mut velocity: impl FnMut(&Face) -> f64,
) {
    let dims = case.dims;
    let stride = [1, dims[0], dims[0] * dims[1]];
    let axes = if dims[2] == 1 { 2 } else { 3 };
    for axis in 0..axes {
        let mut faces = dims;
        faces[axis] += 1;
        for z in 0..faces[2] {
            for y in 0..faces[1] {
                for x in 0..faces[0] {
                    let at = [x, y, z];
                    let above = (z * dims[1] + y) * dims[0] + x;
                    let below = above.wrapping_sub(stride[axis]);
                    let (first, last) = (at[axis] == 0, at[axis] == dims[axis]);
                    let flag = |outside: bool, cell: usize, side: usize| match outside {
                        false => case.flags[cell],
                        true if case.open[side] => AIR,
                        true => SOLID,
                    };
                    let low = flag(first, below, 2 * axis);
                    let high = flag(last, above, 2 * axis + 1);
                    if low != FLUID && high != FLUID {
                        continue;
                    }
                    let flux = velocity(&Face {
                        axis,
                        at,
                        open: low != SOLID && high != SOLID,
                        inside: !first && !last,
                    }) / case.spacing[axis];
                    if low == FLUID {
                        b[below] -= flux;
                    }
                    if high == FLUID {
                        b[above] += flux;
                    }
                }
            }
        }
    }
}
