//! Equations on a periodic interval, pseudo-spectral in space and [ETDRK4](crate::spectral) in time.
//!
//! C. Canuto, M. Y. Hussaini, A. Quarteroni, T. A. Zang, "Spectral Methods", Springer (2006), section 3.3;
//! A.-K. Kassam, L. N. Trefethen, "Fourth-order time-stepping for stiff PDEs", SIAM J. Sci. Comput. 26
//! (2005). Departure: products are free of aliases. Wave numbers above a third of the points are cut
//! for quadratic terms, above a quarter for cubic ones.

use std::f64::consts::PI;

use rustdct::num_complex::Complex64;

use super::equation::{PeriodicEquation, Term};
use super::run::LineEquation;
use crate::checks::{check_step, finite, positive};
use crate::spectral::{Etdrk4, Line, Nonlinear};
use crate::{Evolution, FieldInfo, SolverError};

/// Fewest points.
const FEWEST: usize = 8;

/// A [`PeriodicEquation`] on n points x = start + i L / n, discretised by Fourier series.
///
/// States are the values of u at the points; waves that are too short for the points are cut from whatever comes
/// in. Linear terms are integrated exactly; products limit the step as the classical Runge-Kutta method does.
///
/// ```
/// use karman_solvers::{Evolution, PeriodicEquation, SpectralLine};
///
/// let equation = PeriodicEquation::Burgers { viscosity: 0.05 };
/// let mut line = SpectralLine::new(equation, 64, -1.0, 2.0)?;
/// let mut u: Vec<f64> = line.points().map(|x| -(std::f64::consts::PI * x).sin()).collect();
/// for _ in 0..50 {
///     line.step(&mut u, 0.01)?;
/// }
/// // The wave has steepened at x = 0, where its slope was -pi.
/// assert!((u[33] - u[31]) * 16.0 < -5.0);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct SpectralLine {
    equation: PeriodicEquation,
    start: f64,
    length: f64,
    stepper: Etdrk4<Complex64>,
    product: Product,
    spectra: [Vec<Complex64>; 3],
}

impl SpectralLine {
    /// `n` points from `start` over the period `length` (m).
    ///
    /// # Errors
    /// Fewer than 8 points, a length that is not positive, a parameter that is negative or not finite.
    pub fn new(
        equation: PeriodicEquation,
        n: usize,
        start: f64,
        length: f64,
    ) -> Result<Self, SolverError> {
        if n < FEWEST {
            return Err(SolverError::Argument {
                what: "points",
                problem: format!("{n}: at least {FEWEST} are needed"),
            });
        }
        equation.check()?;
        positive("length", length)?;
        finite("start", &[start])?;
        let line = Line::new(n, equation.cut(n));
        let unit = 2.0 * PI / length;
        let waves: Vec<f64> = (0..line.modes()).map(|k| unit * k as f64).collect();
        let symbols = waves.iter().map(|&k| equation.symbol(k)).collect();
        let zeros = || vec![Complex64::default(); line.modes()];
        Ok(Self {
            spectra: [zeros(), zeros(), zeros()],
            product: Product {
                turned: zeros(),
                term: equation.term(),
                waves,
                line,
            },
            stepper: Etdrk4::new(symbols),
            equation,
            start,
            length,
        })
    }

    /// The equation.
    pub fn equation(&self) -> PeriodicEquation {
        self.equation
    }

    /// The points x (m).
    pub fn points(&self) -> impl Iterator<Item = f64> + use<> {
        let (start, step) = (self.start, self.spacing());
        (0..self.unknowns()).map(move |i| start + step * i as f64)
    }
}

impl LineEquation for SpectralLine {
    fn spacing(&self) -> f64 {
        self.length / self.unknowns() as f64
    }

    fn origin(&self) -> f64 {
        self.start
    }

    fn field(&self) -> FieldInfo {
        FieldInfo {
            name: "u",
            components: 1,
            unit: self.equation.unit(),
        }
    }

    /// The classical Runge-Kutta method's limit for the shortest wave, with some reserve.
    fn stable_step(&self, state: &[f64]) -> f64 {
        let largest = state.iter().fold(0.0, |m: f64, u| m.max(u.abs()));
        let shortest = self.product.waves.last().copied().unwrap_or(0.0);
        let rate = match self.product.term {
            Term::None => 0.0,
            Term::Flux(a) => a.abs() * largest * shortest,
            Term::Reaction(r) => 3.0 * r.abs() * largest * largest,
        };
        2.0 / rate
    }
}

impl Evolution for SpectralLine {
    fn unknowns(&self) -> usize {
        self.product.line.points()
    }

    fn tendency(&mut self, state: &[f64], out: &mut [f64]) -> Result<(), SolverError> {
        self.check(&[("state", state), ("out", out)])?;
        let [spectrum, rate, _] = &mut self.spectra;
        self.product.line.forward(state, spectrum);
        self.product.nonlinear(spectrum, rate);
        let linear = self.stepper.linear();
        for ((rate, u), linear) in rate.iter_mut().zip(&*spectrum).zip(linear) {
            *rate += linear * u;
        }
        self.product.line.inverse(rate, out);
        Ok(())
    }

    fn tendency_vjp(
        &mut self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        let [spectrum, of_cotangent, of_gradient] = &mut self.spectra;
        self.product.line.forward(state, spectrum);
        self.product.line.forward(cotangent, of_cotangent);
        self.product
            .nonlinear_vjp(spectrum, of_cotangent, of_gradient);
        let linear = self.stepper.linear();
        for ((g, c), linear) in of_gradient.iter_mut().zip(&*of_cotangent).zip(linear) {
            *g += linear.conj() * c;
        }
        self.product.line.inverse(of_gradient, gradient);
        Ok(())
    }

    fn step(&mut self, state: &mut [f64], dt: f64) -> Result<(), SolverError> {
        self.check(&[("state", state)])?;
        check_step(dt)?;
        let [spectrum, ..] = &mut self.spectra;
        self.product.line.forward(state, spectrum);
        self.stepper.step(spectrum, dt, &mut self.product);
        self.product.line.inverse(spectrum, state);
        Ok(())
    }

    fn step_vjp(
        &mut self,
        state: &[f64],
        dt: f64,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        check_step(dt)?;
        let [spectrum, of_cotangent, of_gradient] = &mut self.spectra;
        self.product.line.forward(state, spectrum);
        self.product.line.forward(cotangent, of_cotangent);
        let (stepper, product) = (&mut self.stepper, &mut self.product);
        stepper.step_vjp(spectrum, dt, of_cotangent, of_gradient, product);
        self.product.line.inverse(of_gradient, gradient);
        Ok(())
    }
}

/// What is not linear.
struct Product {
    line: Line,
    waves: Vec<f64>,
    term: Term,
    turned: Vec<Complex64>,
}

impl Nonlinear for Product {
    fn nonlinear(&mut self, state: &[Complex64], out: &mut [Complex64]) {
        match self.term {
            Term::None => out.fill(Complex64::default()),
            Term::Flux(a) => {
                let flux = |z: Complex64| -0.5 * a * z.re * z.re;
                self.line.map(state, None, flux, out);
                for (value, k) in out.iter_mut().zip(&self.waves) {
                    *value = Complex64::new(-k * value.im, k * value.re);
                }
            }
            Term::Reaction(r) => {
                let rate = |z: Complex64| -r * z.re * z.re * z.re;
                self.line.map(state, None, rate, out);
            }
        }
    }

    fn nonlinear_vjp(
        &mut self,
        state: &[Complex64],
        cotangent: &[Complex64],
        gradient: &mut [Complex64],
    ) {
        match self.term {
            Term::None => gradient.fill(Complex64::default()),
            Term::Flux(a) => {
                // The transpose of d/dx is -d/dx.
                for ((turned, c), k) in self.turned.iter_mut().zip(cotangent).zip(&self.waves) {
                    *turned = Complex64::new(k * c.im, -k * c.re);
                }
                let slope = |z: Complex64| -a * z.re * z.im;
                self.line.map(state, Some(&self.turned), slope, gradient);
            }
            Term::Reaction(r) => {
                let slope = |z: Complex64| -3.0 * r * z.re * z.re * z.im;
                self.line.map(state, Some(cotangent), slope, gradient);
            }
        }
    }
}
