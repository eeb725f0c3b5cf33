//! Exponential time differencing of fourth order, ETDRK4, for du/dt = L u + N(u) with a diagonal L.
//!
//! S. M. Cox, P. C. Matthews, "Exponential time differencing for stiff systems", J. Comput. Phys. 176 (2002),
//! eq. 26 to 29; coefficients by A.-K. Kassam, L. N. Trefethen, "Fourth-order time-stepping for stiff
//! PDEs", SIAM J. Sci. Comput. 26 (2005), section 3: the functions that cancel near zero are means
//! over a circle of radius 1 in the complex plane.
//!
//! The linear part is solved exactly; without it the method is the classical Runge-Kutta method, whose
//! stability limit |dt lambda| < 2.8 on the imaginary axis holds for N.

use std::f64::consts::PI;
use std::ops::Mul;

use rayon::prelude::*;
use rustdct::num_complex::Complex64;

/// Points on the circle.
const POINTS: usize = 32;
/// Modes that a task works on at least.
const GRAIN: usize = 4096;

/// The nonlinear part of an equation in Fourier space.
pub trait Nonlinear {
    /// N(u).
    fn nonlinear(&mut self, state: &[Complex64], out: &mut [Complex64]);

    /// (dN/du)^T c, where states and cotangents are the coefficients of real fields.
    fn nonlinear_vjp(
        &mut self,
        state: &[Complex64],
        cotangent: &[Complex64],
        gradient: &mut [Complex64],
    );
}

/// What the linear part does to a mode: real where it damps, complex where it disperses.
pub trait Multiplier: Copy + Default + Send + Sync + Mul<Complex64, Output = Complex64> {
    /// From a complex number, whose imaginary part is rounding where it ought to be none.
    fn from_complex(value: Complex64) -> Self;
    /// As a complex number.
    fn to_complex(self) -> Complex64;
    /// That of the transposed operator.
    fn adjoint(self) -> Self;
    /// Whether values are real, so that the upper half of the circle does.
    const REAL: bool;
}

impl Multiplier for f64 {
    fn from_complex(value: Complex64) -> Self {
        value.re
    }
    fn to_complex(self) -> Complex64 {
        Complex64::new(self, 0.0)
    }
    fn adjoint(self) -> Self {
        self
    }
    const REAL: bool = true;
}

impl Multiplier for Complex64 {
    fn from_complex(value: Complex64) -> Self {
        value
    }
    fn to_complex(self) -> Complex64 {
        self
    }
    fn adjoint(self) -> Self {
        self.conj()
    }
    const REAL: bool = false;
}

/// The coefficients of a mode for one step.
#[derive(Clone, Copy, Default)]
struct Weights<M> {
    /// e^(dt L) and e^(dt L / 2).
    whole: M,
    half: M,
    /// The weights of N in the stages, and of its first, middle and last value in the step.
    stage: M,
    first: M,
    middle: M,
    last: M,
}

/// A time stepper with its work space.
pub struct Etdrk4<M> {
    linear: Vec<M>,
    weights: Vec<Weights<M>>,
    /// The step that the weights are for; 0 when there are none yet.
    dt: f64,
    stages: [Vec<Complex64>; 3],
    values: [Vec<Complex64>; 4],
}

impl<M: Multiplier> Etdrk4<M> {
    /// For a linear part with these multipliers.
    pub fn new(linear: Vec<M>) -> Self {
        let zeros = || vec![Complex64::default(); linear.len()];
        Self {
            weights: vec![Weights::default(); linear.len()],
            dt: 0.0,
            stages: [zeros(), zeros(), zeros()],
            values: [zeros(), zeros(), zeros(), zeros()],
            linear,
        }
    }

    /// The multipliers of the linear part.
    pub fn linear(&self) -> &[M] {
        &self.linear
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let modes = self.linear.len();
        modes * (size_of::<M>() + size_of::<Weights<M>>() + 7 * size_of::<Complex64>())
    }

    /// Computes the weights for a step, unless they are there. Steps that differ by rounding alone share them.
    fn prepare(&mut self, dt: f64) {
        if (dt - self.dt).abs() <= 1e-14 * dt {
            return;
        }
        self.dt = dt;
        let circle: Vec<Complex64> = (0..if M::REAL { POINTS / 2 } else { POINTS })
            .map(|j| Complex64::from_polar(1.0, 2.0 * PI * (j as f64 + 0.5) / POINTS as f64))
            .collect();
        let weights = self.weights.par_iter_mut().with_min_len(64);
        weights
            .zip(&self.linear)
            .for_each(|(weights, linear)| *weights = Weights::new(*linear, dt, &circle));
    }

    /// One step of `dt`, in place.
    pub fn step(&mut self, state: &mut [Complex64], dt: f64, equation: &mut impl Nonlinear) {
        self.run(state, dt, equation);
        let [n, a, b, c] = &self.values;
        let weights = &self.weights;
        in_chunks(state, |from, state| {
            for (u, i) in state.iter_mut().zip(from..) {
                let w = &weights[i];
                *u = w.whole * *u + w.first * n[i] + w.middle * (a[i] + b[i]) + w.last * c[i];
            }
        });
    }

    /// The stages, and N of them, of a step from `state`.
    fn run(&mut self, state: &[Complex64], dt: f64, equation: &mut impl Nonlinear) {
        self.prepare(dt);
        let [a, b, c] = &mut self.stages;
        let [of_state, of_a, of_b, of_c] = &mut self.values;
        equation.nonlinear(state, of_state);
        let weights = &self.weights;
        combine(weights, [state, of_state], a, |w, [u, n]| {
            w.half * u + w.stage * n
        });
        equation.nonlinear(a, of_a);
        combine(weights, [state, of_a], b, |w, [u, n]| {
            w.half * u + w.stage * n
        });
        equation.nonlinear(b, of_b);
        combine(weights, [&*a, of_b, of_state], c, |w, [a, b, n]| {
            w.half * a + w.stage * (2.0 * b - n)
        });
        equation.nonlinear(c, of_c);
    }

    /// The gradient of cotangent . step(state) with respect to `state`.
    pub fn step_vjp(
        &mut self,
        state: &[Complex64],
        dt: f64,
        cotangent: &[Complex64],
        gradient: &mut [Complex64],
        equation: &mut impl Nonlinear,
    ) {
        self.run(state, dt, equation);
        let weights = &self.weights;
        let [a, b, c] = &mut self.stages;
        // The values of N are not needed any more: their place takes the cotangents.
        let [to_n, to_a, to_b, to_c] = &mut self.values;
        combine(weights, [cotangent], to_n, |w, [y]| w.last.adjoint() * y);
        equation.nonlinear_vjp(c, to_n, to_c);
        combine(weights, [cotangent, to_c], to_n, |w, [y, c]| {
            w.middle.adjoint() * y + 2.0 * (w.stage.adjoint() * c)
        });
        equation.nonlinear_vjp(b, to_n, to_b);
        combine(weights, [cotangent, to_b], to_n, |w, [y, b]| {
            w.middle.adjoint() * y + w.stage.adjoint() * b
        });
        equation.nonlinear_vjp(a, to_n, to_a);
        combine(weights, [&*to_a, to_c], b, |w, [a, c]| {
            a + w.half.adjoint() * c
        });
        let parts = [cotangent, &*to_c, &*b];
        combine(weights, parts, to_n, |w, [y, c, a]| {
            w.first.adjoint() * y + w.stage.adjoint() * (a - c)
        });
        equation.nonlinear_vjp(state, to_n, gradient);
        combine(weights, [cotangent, &*b, to_b], to_n, |w, [y, a, b]| {
            w.whole.adjoint() * y + w.half.adjoint() * (a + b)
        });
        for (gradient, part) in gradient.iter_mut().zip(to_n) {
            *gradient += *part;
        }
    }
}

/// `out = f(weights, parts)`, mode by mode.
fn combine<M: Multiplier, const N: usize>(
    weights: &[Weights<M>],
    parts: [&[Complex64]; N],
    out: &mut [Complex64],
    f: impl Fn(&Weights<M>, [Complex64; N]) -> Complex64 + Sync,
) {
    in_chunks(out, |from, out| {
        let parts = parts.map(|part| &part[from..][..out.len()]);
        let weights = &weights[from..][..out.len()];
        for (i, out) in out.iter_mut().enumerate() {
            *out = f(&weights[i], parts.map(|part| part[i]));
        }
    });
}

/// Calls `f` with parts of `out` and where they begin; not by rayon where there is but one.
fn in_chunks(out: &mut [Complex64], f: impl Fn(usize, &mut [Complex64]) + Sync) {
    if out.len() <= GRAIN {
        return f(0, out);
    }
    let chunks = out.par_chunks_mut(GRAIN).enumerate();
    chunks.for_each(|(chunk, out)| f(chunk * GRAIN, out));
}

impl<M: Multiplier> Weights<M> {
    fn new(linear: M, dt: f64, circle: &[Complex64]) -> Self {
        let z = linear.to_complex() * dt;
        let mean = |f: &dyn Fn(Complex64) -> Complex64| {
            let sum: Complex64 = circle.iter().map(|&point| f(z + point)).sum();
            M::from_complex(sum * (dt / circle.len() as f64))
        };
        Self {
            whole: M::from_complex(z.exp()),
            half: M::from_complex((0.5 * z).exp()),
            stage: mean(&|z| ((0.5 * z).exp() - 1.0) / z),
            first: mean(&|z| {
                let cubic = 4.0 - 3.0 * z + z * z;
                (-4.0 - z + z.exp() * cubic) / (z * z * z)
            }),
            // Twice the paper's f2: it comes with the sum of two values.
            middle: mean(&|z| 2.0 * (2.0 + z + z.exp() * (z - 2.0)) / (z * z * z)),
            last: mean(&|z| {
                let quadratic = -4.0 - 3.0 * z - z * z;
                (quadratic + z.exp() * (4.0 - z)) / (z * z * z)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N(u) = s - u^2 for real u: with L = 0, tanh.
    struct Riccati;

    impl Nonlinear for Riccati {
        fn nonlinear(&mut self, state: &[Complex64], out: &mut [Complex64]) {
            for (u, out) in state.iter().zip(out) {
                *out = 1.0 - u * u;
            }
        }
        fn nonlinear_vjp(&mut self, u: &[Complex64], c: &[Complex64], gradient: &mut [Complex64]) {
            for ((u, c), gradient) in u.iter().zip(c).zip(gradient) {
                *gradient = -2.0 * u * c;
            }
        }
    }

    fn solve(linear: f64, steps: usize) -> f64 {
        let mut stepper = Etdrk4::new(vec![linear]);
        let mut state = vec![Complex64::default()];
        for _ in 0..steps {
            stepper.step(&mut state, 1.0 / steps as f64, &mut Riccati);
        }
        state[0].re
    }

    #[test]
    fn weights_near_zero_are_their_series() {
        // The Taylor series of the phi functions at z, to rounding.
        for z in [0.0, 1e-9, -1e-5] {
            let circle: Vec<Complex64> = (0..POINTS / 2)
                .map(|j| Complex64::from_polar(1.0, 2.0 * PI * (j as f64 + 0.5) / POINTS as f64))
                .collect();
            let w: Weights<f64> = Weights::new(z, 1.0, &circle);
            let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-14, "{a} {b} at {z}");
            close(w.stage, 0.5 + z / 8.0 + z * z / 48.0);
            close(w.first, 1.0 / 6.0 + z / 6.0 + 3.0 * z * z / 40.0);
            close(w.middle, 2.0 * (1.0 / 6.0 + z / 12.0 + z * z / 40.0));
            close(w.last, 1.0 / 6.0 - z * z / 120.0);
        }
    }

    #[test]
    fn it_is_of_fourth_order_with_and_without_linear_part() {
        // u' = L u + 1 - u^2 from 0: u = tanh(q t) / (q - L/2 tanh(q t)), q^2 = 1 + L^2/4.
        for linear in [0.0, -3.0, 2.0] {
            let q = f64::sqrt(1.0 + linear * linear / 4.0);
            let exact = q.tanh() / (q - 0.5 * linear * q.tanh());
            let errors = [10, 20, 40].map(|steps| (solve(linear, steps) - exact).abs());
            let orders = [0, 1].map(|i| (errors[i] / errors[i + 1]).log2());
            assert!(errors[2] < 1e-6, "{errors:?}");
            assert!(orders.iter().all(|o| (3.6..4.6).contains(o)), "{orders:?}");
        }
    }
}
