//! Fourier series of real fields on a periodic interval, cut off above a wave number.
//!
//! A spectrum holds the coefficients c_k of u(x) = sum of c_k e^{2 pi i k x / L} for 0 <= k <= K; those of
//! negative k are the conjugates.

use std::sync::Arc;

use rustdct::num_complex::Complex64;
use rustdct::rustfft::{Fft, FftPlanner};

const ZERO: Complex64 = Complex64::new(0.0, 0.0);

/// The transforms of a line, with their work space.
pub struct Line {
    cut: usize,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
    line: Vec<Complex64>,
    room: Vec<Complex64>,
}

impl Line {
    /// Plans for `n` points and wave numbers up to `cut`, below half of n.
    pub fn new(n: usize, cut: usize) -> Self {
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(n), planner.plan_fft_inverse(n));
        let room = [&forward, &inverse].map(|plan| plan.get_inplace_scratch_len());
        Self {
            cut,
            forward,
            inverse,
            line: vec![ZERO; n],
            room: vec![ZERO; room[0].max(room[1])],
        }
    }

    /// Points.
    pub fn points(&self) -> usize {
        self.line.len()
    }

    /// Coefficients in a spectrum.
    pub fn modes(&self) -> usize {
        self.cut + 1
    }

    /// The spectrum of a field.
    pub fn forward(&mut self, field: &[f64], spectrum: &mut [Complex64]) {
        for (z, u) in self.line.iter_mut().zip(field) {
            *z = Complex64::new(*u, 0.0);
        }
        self.transform(spectrum);
    }

    /// The field of a spectrum.
    pub fn inverse(&mut self, spectrum: &[Complex64], field: &mut [f64]) {
        self.gather(spectrum, None);
        for (u, z) in field.iter_mut().zip(&self.line) {
            *u = z.re;
        }
    }

    /// The spectrum of a field that is a function, point by point, of one or two others. `f` takes the two as
    /// real and imaginary parts.
    pub fn map(
        &mut self,
        a: &[Complex64],
        b: Option<&[Complex64]>,
        f: impl Fn(Complex64) -> f64,
        spectrum: &mut [Complex64],
    ) {
        self.gather(a, b);
        for z in &mut self.line {
            *z = Complex64::new(f(*z), 0.0);
        }
        self.transform(spectrum);
    }

    /// The points of a + i b.
    fn gather(&mut self, a: &[Complex64], b: Option<&[Complex64]>) {
        let n = self.line.len();
        self.line.fill(ZERO);
        for (k, a) in a.iter().enumerate() {
            let b = b.map_or(ZERO, |b| b[k]);
            if k > 0 {
                self.line[n - k] = Complex64::new(a.re + b.im, b.re - a.im);
            }
            self.line[k] = Complex64::new(a.re - b.im, a.im + b.re);
        }
        self.inverse
            .process_with_scratch(&mut self.line, &mut self.room);
    }

    /// The spectrum of what is on the points.
    fn transform(&mut self, spectrum: &mut [Complex64]) {
        self.forward
            .process_with_scratch(&mut self.line, &mut self.room);
        let factor = 1.0 / self.line.len() as f64;
        for (mode, z) in spectrum.iter_mut().zip(&self.line) {
            *mode = factor * z;
        }
    }
}
