//! Exact solutions to test against.

use std::f64::consts::PI;

/// Points of the quadrature on each side.
const POINTS: i32 = 600;

/// Burgers' equation from u = -sin(pi x), period 2: the transformation of J. D. Cole (1951) and E. Hopf (1950),
///
/// ```text
/// u = - integral of sin(pi y) g(y) e^{-(x - y)² / 4 nu t} dy / integral of g(y) e^{-(x - y)² / 4 nu t} dy,
/// g(y) = exp(-cos(pi y) / (2 pi nu)).
/// ```
///
/// The trapezoidal rule takes it to rounding. C. Basdevant et al., "Spectral and finite difference
/// solutions of the Burgers equation", Comput. Fluids 14 (1986).
pub fn burgers_from_sine(x: f64, t: f64, viscosity: f64) -> f64 {
    if t == 0.0 {
        return -(PI * x).sin();
    }
    let width = (4.0 * viscosity * t).sqrt();
    // Beyond this the Gaussian is smaller by far than what the largest g weighs over the smallest.
    let range = 6.0 + (PI * viscosity).sqrt().recip();
    let (mut above, mut below) = (0.0, 0.0);
    for i in -POINTS..=POINTS {
        let s = range * f64::from(i) / f64::from(POINTS);
        let phase = PI * (x - width * s);
        // Over the largest value of g, so that nothing overflows.
        let weight = (-(1.0 + phase.cos()) / (2.0 * PI * viscosity) - s * s).exp();
        above += phase.sin() * weight;
        below += weight;
    }
    -above / below
}

/// The soliton of u_t + a u u_x + b u_xxx = 0 with a speed c, at x = 0 at first.
pub fn soliton(x: f64, t: f64, [a, b, c]: [f64; 3]) -> f64 {
    3.0 * c / a / (0.5 * (c / b).sqrt() * (x - c * t)).cosh().powi(2)
}

/// Two fronts of u_t = D u_xx + r (u - u³) that run apart from -x0 and x0, from 1 in the middle to 0 outside (R. A.
/// Fisher's equation in J. D. Murray, "Mathematical Biology I", Springer (2002), section 13.3, for this
/// reaction). Exact but for e^(-k x0), k = sqrt(r / 2D).
pub fn fronts(x: f64, t: f64, [diffusivity, reaction, x0]: [f64; 3]) -> f64 {
    let k = (0.5 * reaction / diffusivity).sqrt();
    let speed = 3.0 * (0.5 * reaction * diffusivity).sqrt();
    1.0 / (1.0 + (k * (x.abs() - x0 - speed * t)).exp())
}
