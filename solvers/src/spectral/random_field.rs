//! Gaussian random fields with a covariance of Matern's kind.
//!
//! The covariance operator is sigma² (-lap + tau²)^-alpha on an interval or a rectangle D; a field is the sum
//!
//! ```text
//! u = sum over k of  xi_k sqrt(lambda_k) phi_k,    lambda_k = sigma² (|k|² + tau²)^-alpha
//! ```
//!
//! over the eigenfunctions phi_k of the Laplacian with unit norm in L²(D) and independent normal numbers xi_k (F.
//! Lindgren, H. Rue, J. Lindstrom, "An explicit link between Gaussian fields and Gaussian Markov random fields: the
//! stochastic partial differential equation approach", J. R. Stat. Soc. B 73 (2011)). It is how Z. Li et al., "Fourier
//! neural operator for parametric partial differential equations", ICLR 2021, arXiv:2010.08895, sample vorticities
//! (periodic, alpha = 2.5, tau = 7; the paper prints sigma² = 7^1.5, its program takes sigma = 7^1.5), starts of Burgers'
//! equation (periodic, alpha = 2, tau = 5, sigma = 25) and permeabilities (Neumann, alpha = 2, tau = 3, sigma = 1 in the
//! paper), in each case on a domain of size 1.
//!
//! Departures from their programs:
//! 1. The numbers are drawn in shells of growing wave number: a seed gives the same field at every resolution, with
//!    more waves on more points.
//! 2. Waves at half the sampling rate, which the points cannot tell from others, are left out.
//! 3. Fields have the stated covariance. The first version of their program for vorticities (`random_fields.py`) gave
//!    twice that: it takes the real part of a field whose real and imaginary parts both have it, times the square
//!    root of 2. Later versions draw complex numbers of half the variance in each part, which is right.

use std::f64::consts::{PI, SQRT_2};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustdct::num_complex::Complex64;
use rustdct::{DctPlanner, TransformType2And3};

use super::line::Line;
use super::plane::Plane;
use crate::SolverError;
use crate::checks::{finite, positive};

/// The boundary conditions of the Laplacian in the covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldBoundary {
    /// Periodic; fields are given at i L / n. Their mean is zero.
    Periodic,
    /// No slope across the boundary; fields are given at the cells' centres, (i + 1/2) L / n. Their mean is zero.
    Neumann,
    /// Zero at the boundary; fields are given at the cells' centres.
    Dirichlet,
}

/// A distribution of random fields.
///
/// ```
/// use karman_solvers::{FieldBoundary, GaussianField};
///
/// // Vorticities as the program of the paper on Fourier neural operators draws them.
/// let field = GaussianField::new(FieldBoundary::Periodic, 2.5, 7.0, 7f64.powf(1.5))?;
/// let vorticity = field.sample_plane([64, 64], [1.0, 1.0], 1)?;
/// assert!(vorticity.iter().sum::<f64>().abs() < 1e-9);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianField {
    boundary: FieldBoundary,
    alpha: f64,
    tau: f64,
    sigma: f64,
}

impl GaussianField {
    /// The distribution with covariance sigma² (-lap + tau²)^-alpha: tau in 1/m, sigma in the unit of the field
    /// times m^(dimension / 2 - 2 alpha).
    ///
    /// # Errors
    /// An alpha, tau or sigma that is not positive.
    pub fn new(
        boundary: FieldBoundary,
        alpha: f64,
        tau: f64,
        sigma: f64,
    ) -> Result<Self, SolverError> {
        positive("alpha", alpha)?;
        positive("tau", tau)?;
        positive("sigma", sigma)?;
        finite(
            "sigma² tau^-2alpha",
            &[sigma * sigma * tau.powf(-2.0 * alpha)],
        )?;
        Ok(Self {
            boundary,
            alpha,
            tau,
            sigma,
        })
    }

    /// A field on `n` points of an interval of `length` metres.
    ///
    /// # Errors
    /// Fewer than 2 points, a length that is not positive, an alpha of at most 1/2, for which values are infinite.
    pub fn sample_line(&self, n: usize, length: f64, seed: u64) -> Result<Vec<f64>, SolverError> {
        self.check(&[n], &[length])?;
        let mut normal = Normal::new(seed);
        let amplitude = |k: usize| self.amplitude([k, 0], [length, length], length);
        let mut field = vec![0.0; n];
        if self.boundary == FieldBoundary::Periodic {
            let mut line = Line::new(n, (n - 1) / 2);
            let mut spectrum = vec![Complex64::default(); line.modes()];
            for (k, mode) in spectrum.iter_mut().enumerate().skip(1) {
                *mode = normal.complex(amplitude(k));
            }
            line.inverse(&spectrum, &mut field);
            return Ok(field);
        }
        for (k, mode) in field.iter_mut().enumerate().skip(1) {
            *mode = SQRT_2 * amplitude(k) * normal.draw();
        }
        Series::new(n, self.boundary).sum(&mut field);
        Ok(field)
    }

    /// A field on `[nx, ny]` points of a rectangle of `[Lx, Ly]` metres, `[y][x]`.
    ///
    /// # Errors
    /// Fewer than 2 points along an axis, a length that is not positive, an alpha of at most 1, for which values
    /// are infinite.
    pub fn sample_plane(
        &self,
        dims: [usize; 2],
        lengths: [f64; 2],
        seed: u64,
    ) -> Result<Vec<f64>, SolverError> {
        self.check(&dims, &lengths)?;
        let mut normal = Normal::new(seed);
        let area = lengths[0] * lengths[1];
        let amplitude = |k: [usize; 2]| self.amplitude(k, lengths, area);
        if self.boundary == FieldBoundary::Periodic {
            return Ok(periodic_plane(dims, &amplitude, &mut normal));
        }
        let [nx, ny] = dims;
        let mut field = vec![0.0; nx * ny];
        let factor = |k: usize| if k == 0 { 1.0 } else { SQRT_2 };
        let lowest = usize::from(self.boundary == FieldBoundary::Dirichlet);
        for shell in lowest..nx.max(ny) {
            let sides = (lowest..shell).flat_map(|i| [[shell, i], [i, shell]]);
            for [k, l] in sides.chain([[shell, shell]]) {
                let number = normal.draw();
                if k < nx && l < ny && (k, l) != (0, 0) {
                    field[l * nx + k] = factor(k) * factor(l) * amplitude([k, l]) * number;
                }
            }
        }
        let mut along_x = Series::new(nx, self.boundary);
        field.chunks_exact_mut(nx).for_each(|row| along_x.sum(row));
        let mut along_y = Series::new(ny, self.boundary);
        let mut column = vec![0.0; ny];
        for x in 0..nx {
            for (y, value) in column.iter_mut().enumerate() {
                *value = field[y * nx + x];
            }
            along_y.sum(&mut column);
            for (y, value) in column.iter().enumerate() {
                field[y * nx + x] = *value;
            }
        }
        Ok(field)
    }

    /// sqrt(lambda / |D|).
    fn amplitude(&self, k: [usize; 2], lengths: [f64; 2], volume: f64) -> f64 {
        let unit = match self.boundary {
            FieldBoundary::Periodic => 2.0 * PI,
            FieldBoundary::Neumann | FieldBoundary::Dirichlet => PI,
        };
        let wave = |axis: usize| unit * k[axis] as f64 / lengths[axis];
        let square = wave(0).powi(2) + wave(1).powi(2) + self.tau * self.tau;
        self.sigma * square.powf(-0.5 * self.alpha) / volume.sqrt()
    }

    fn check(&self, dims: &[usize], lengths: &[f64]) -> Result<(), SolverError> {
        if let Some(n) = dims.iter().find(|&&n| n < 2) {
            return Err(SolverError::Argument {
                what: "points",
                problem: format!("{n}: at least 2 are needed along each axis"),
            });
        }
        lengths
            .iter()
            .try_for_each(|&length| positive("length", length))?;
        let least = 0.5 * dims.len() as f64;
        if self.alpha > least {
            return Ok(());
        }
        Err(SolverError::Argument {
            what: "alpha",
            problem: format!(
                "{}: fields in {} dimension(s) have finite values for alpha above {least}",
                self.alpha,
                dims.len()
            ),
        })
    }
}

/// A periodic field; `amplitude` takes the absolute wave numbers.
fn periodic_plane(
    dims: [usize; 2],
    amplitude: &impl Fn([usize; 2]) -> f64,
    normal: &mut Normal,
) -> Vec<f64> {
    let cut = dims.map(|n| (n - 1) / 2);
    let mut plane = Plane::new(dims, cut);
    let mut spectrum = vec![Complex64::default(); plane.modes()];
    let height = 2 * cut[1] + 1;
    let [k_max, l_max] = cut.map(|c| c as i64);
    for shell in 1..=k_max.max(l_max) {
        // Half of the shell; the other half are the conjugates.
        let ends = (0..shell).flat_map(|k| [[k, shell], [k, -shell]]);
        let side = (-shell..=shell).map(|l| [shell, l]);
        for [k, l] in ends.chain(side).filter(|&[k, l]| k > 0 || l > 0) {
            let mode = normal.complex(amplitude([k as usize, l.unsigned_abs() as usize]));
            if k > k_max || l.abs() > l_max {
                continue;
            }
            let at = |l: i64| {
                if l < 0 {
                    height - l.unsigned_abs() as usize
                } else {
                    l as usize
                }
            };
            spectrum[k as usize * height + at(l)] = mode;
            if k == 0 {
                spectrum[at(-l)] = mode.conj();
            }
        }
    }
    let mut fields = [(); 2].map(|()| vec![0.0; plane.points()]);
    let [field, other] = &mut fields;
    plane.inverse([&spectrum, &spectrum], [field, other]);
    let [field, _] = fields;
    field
}

/// Sums of cosines or of sines at the centres of cells.
struct Series {
    boundary: FieldBoundary,
    plan: std::sync::Arc<dyn TransformType2And3<f64>>,
    room: Vec<f64>,
}

impl Series {
    fn new(n: usize, boundary: FieldBoundary) -> Self {
        let plan = DctPlanner::new().plan_dct3(n);
        Self {
            boundary,
            room: vec![0.0; plan.get_scratch_len()],
            plan,
        }
    }

    /// From coefficients, that of wave number k at k, to values.
    fn sum(&mut self, values: &mut [f64]) {
        match self.boundary {
            FieldBoundary::Dirichlet => {
                // The transform begins with wave number 1, and ends with the one that is left out.
                values.rotate_left(1);
                self.plan.process_dst3_with_scratch(values, &mut self.room);
            }
            FieldBoundary::Neumann | FieldBoundary::Periodic => {
                // The transform takes half of the first coefficient.
                values[0] *= 2.0;
                self.plan.process_dct3_with_scratch(values, &mut self.room);
            }
        }
    }
}

/// Normal numbers of mean 0 and variance 1 (G. E. P. Box, M. E. Muller, 1958).
struct Normal {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Normal {
    fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            spare: None,
        }
    }

    fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // In (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.rng.random::<f64>()).ln()).sqrt();
        let (sin, cos) = (2.0 * PI * self.rng.random::<f64>()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// The coefficient of a pair of waves, whose cosine and sine have variance 2 amplitude² / 2.
    fn complex(&mut self, amplitude: f64) -> Complex64 {
        let (re, im) = (self.draw(), self.draw());
        amplitude / SQRT_2 * Complex64::new(re, im)
    }
}

#[cfg(test)]
#[path = "random_field_tests.rs"]
mod tests;
