//! Gaussian random fields of which only the signs at a lattice of points are known.

use std::f64::consts::{PI, SQRT_2};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Waves along an axis; what the others add is below a hundredth of the field.
const WAVES: usize = 96;
/// Length of a trajectory; at pi / 2 nothing would be left of where it began.
const TURN: f64 = 1.4;

/// Fields on the unit square with covariance (-lap + tau²)^-alpha, no slope across the boundary and mean zero, and the
/// points where their signs are known.
pub struct SignedFields {
    points: usize,
    /// The waves at the points, `[point][wave]`.
    waves: Vec<f64>,
    /// The variance of each product of waves, `[wave along y][wave along x]`.
    variances: Vec<f64>,
    /// `[point][point]`, points being `[y][x]`.
    covariance: Vec<f64>,
}

/// The coefficients of a field and its values at the points.
#[derive(Clone)]
pub struct Draw {
    coefficients: Vec<f64>,
    values: Vec<f64>,
}

impl SignedFields {
    /// With points at all pairs of the given coordinates.
    pub fn new(alpha: f64, tau: f64, coordinates: &[f64]) -> Self {
        let square = |k: usize| (PI * k as f64).powi(2);
        let variance = |p: usize| (square(p / WAVES) + square(p % WAVES) + tau * tau).powf(-alpha);
        let mut variances: Vec<f64> = (0..WAVES * WAVES).map(variance).collect();
        variances[0] = 0.0;
        let total: f64 = variances.iter().sum();
        variances.iter_mut().for_each(|v| *v /= total);
        let (points, waves) = (coordinates.len(), waves_at(coordinates));
        let covariance = covariance(&waves, &variances, points);
        Self {
            points,
            waves,
            variances,
            covariance,
        }
    }

    /// The probability that the signs at two points differ.
    pub fn flip(&self, a: usize, b: usize) -> f64 {
        let c = |i: usize, j: usize| self.covariance[i * self.points.pow(2) + j];
        (c(a, b) / (c(a, a) * c(b, b)).sqrt()).acos() / PI
    }

    /// Fields with the given signs, `apart` trajectories from one to the next and `before` ahead of the first.
    ///
    /// By Hamiltonian dynamics that are reflected where a value would change its sign: A. Pakman, L. Paninski, "Exact
    /// Hamiltonian Monte Carlo for truncated multivariate Gaussians", J. Comput. Graph. Stat. 23 (2014). The first values
    /// are not those of the first coefficients; a trajectory leaves cos(TURN) of the difference.
    pub fn draws(&self, signs: &[f64], [before, apart, count]: [usize; 3], seed: u64) -> Vec<Draw> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut state = Draw {
            coefficients: vec![0.0; WAVES * WAVES],
            values: signs.iter().map(|s| 0.1 * s).collect(),
        };
        let mut next = |times: usize| {
            (0..times).for_each(|_| self.trajectory(&mut state, signs, &mut rng));
            state.clone()
        };
        next(before);
        (0..count).map(|_| next(apart)).collect()
    }

    fn trajectory(&self, state: &mut Draw, signs: &[f64], rng: &mut ChaCha8Rng) {
        let scaled = |v: &f64| v.sqrt() * normal(rng);
        let momentum: Vec<f64> = self.variances.iter().map(scaled).collect();
        let z = &mut state.values;
        let mut y = values_of(&momentum, &self.waves, self.points);
        // What reflections have added to the coefficients by the end, in columns of the covariance.
        let mut kicks = vec![0.0; z.len()];
        let (mut left, mut last) = (TURN, usize::MAX);
        while let Some((at, time)) = first_crossing(z, &y, signs, last).filter(|c| c.1 < left) {
            turn(z, &mut y, time);
            left -= time;
            let column = &self.covariance[at * z.len()..][..z.len()];
            let kick = 2.0 * y[at] / column[at];
            z[at] = 0.0;
            y.iter_mut().zip(column).for_each(|(y, c)| *y -= kick * c);
            kicks[at] -= kick * left.sin();
            last = at;
        }
        turn(z, &mut y, left);
        let kicked = adjoint(&kicks, &self.waves, self.points);
        let (sin, cos) = TURN.sin_cos();
        let changes = kicked.iter().zip(&self.variances).zip(&momentum);
        for (c, ((kicked, variance), y)) in state.coefficients.iter_mut().zip(changes) {
            *c = cos * *c + sin * y + variance * kicked;
        }
    }
}

impl Draw {
    /// The field at all pairs of the given coordinates, of which these are the waves.
    pub fn at(&self, waves: &[f64]) -> Vec<f64> {
        values_of(&self.coefficients, waves, waves.len() / WAVES)
    }
}

/// The waves at coordinates, with unit norm on the unit interval: `[coordinate][wave]`.
pub fn waves_at(coordinates: &[f64]) -> Vec<f64> {
    let wave = |x: f64, k: usize| (PI * k as f64 * x).cos() * if k == 0 { 1.0 } else { SQRT_2 };
    let at = |x: &f64| (0..WAVES).map(|k| wave(*x, k)).collect::<Vec<f64>>();
    coordinates.iter().flat_map(at).collect()
}

fn covariance(waves: &[f64], variances: &[f64], n: usize) -> Vec<f64> {
    // Products of the waves at two coordinates, `[coordinate][coordinate][wave]`.
    let pair = |p: usize, k: usize| waves[p / n * WAVES + k] * waves[p % n * WAVES + k];
    let along = |p: usize| (0..WAVES).map(move |k| pair(p, k));
    let pairs: Vec<f64> = (0..n * n).flat_map(along).collect();
    let once = product(&pairs, variances, WAVES);
    let both = product(&once, &transposed(&pairs, WAVES), WAVES);
    // From [y][y'][x][x'] to [y][x][y'][x'].
    let at = |p: usize| {
        let [y, x, y2, x2] = [p / n.pow(3), p / n.pow(2) % n, p / n % n, p % n];
        both[((y * n + y2) * n + x) * n + x2]
    };
    (0..n.pow(4)).map(at).collect()
}

/// Where and when z cos t + y sin t first changes one of its signs, in less than a quarter of a turn; not at `last`, which
/// has just been reflected.
fn first_crossing(z: &[f64], y: &[f64], signs: &[f64], last: usize) -> Option<(usize, f64)> {
    // The inverse of the tangent of the angle, which has no special cases.
    let rate = |((z, y), s): ((&f64, &f64), &f64)| -s * y / (s * z).max(1e-300);
    let rates = || z.iter().zip(y).zip(signs).map(rate).enumerate();
    let mut fastest = (usize::MAX, 0.0);
    for (i, rate) in rates() {
        if rate > fastest.1 && i != last {
            fastest = (i, rate);
        }
    }
    (fastest.1 > 0.0).then(|| (fastest.0, (1.0 / fastest.1).atan()))
}

fn turn(z: &mut [f64], y: &mut [f64], angle: f64) {
    let (sin, cos) = angle.sin_cos();
    for (z, y) in z.iter_mut().zip(y) {
        (*z, *y) = (cos * *z + sin * *y, cos * *y - sin * *z);
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (2.0 * PI * rng.random::<f64>()).cos()
}

/// The field of coefficients at n² points.
fn values_of(coefficients: &[f64], waves: &[f64], n: usize) -> Vec<f64> {
    let along_y = product(waves, coefficients, WAVES);
    assert_eq!(along_y.len(), n * WAVES);
    product(&along_y, &transposed(waves, WAVES), WAVES)
}

/// The transpose of that, from values to coefficients.
fn adjoint(values: &[f64], waves: &[f64], n: usize) -> Vec<f64> {
    let along_y = product(&transposed(waves, WAVES), values, n);
    product(&along_y, waves, n)
}

/// The product of two matrices, of which the first has `inner` columns and the second as many rows.
fn product(a: &[f64], b: &[f64], inner: usize) -> Vec<f64> {
    let width = b.len() / inner;
    let mut out = vec![0.0; a.len() / inner * width];
    for (out, a) in out.chunks_exact_mut(width).zip(a.chunks_exact(inner)) {
        for (a, b) in a.iter().zip(b.chunks_exact(width)) {
            out.iter_mut().zip(b).for_each(|(out, b)| *out += a * b);
        }
    }
    out
}

fn transposed(a: &[f64], width: usize) -> Vec<f64> {
    let height = a.len() / width;
    (0..a.len())
        .map(|p| a[p % height * width + p / height])
        .collect()
}
