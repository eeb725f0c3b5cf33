//! Energy and enstrophy of a two-dimensional flow, and their rates of change.

use std::f64::consts::PI;

use rustdct::num_complex::Complex64;

use super::vorticity::VorticityEquation;

/// Means over the plane, in the balances
///
/// ```text
/// dE/dt = P - 2 nu Z - 2 mu E,    dZ/dt = Q - 2 nu G - 2 mu Z
/// ```
///
/// of energy E and enstrophy Z with viscosity nu and drag mu.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VorticityBudget {
    /// E, half the mean square of the velocity (m²/s²).
    pub energy: f64,
    /// Z, half the mean square of the vorticity (1/s²).
    pub enstrophy: f64,
    /// G, half the mean square of the vorticity's gradient (1/(m² s²)).
    pub palinstrophy: f64,
    /// P, the power of the forcing (m²/s³).
    pub energy_input: f64,
    /// Q, what the forcing adds to the enstrophy (1/s³).
    pub enstrophy_input: f64,
    /// dE/dt (m²/s³).
    pub energy_rate: f64,
    /// dZ/dt (1/s³).
    pub enstrophy_rate: f64,
}

/// The budget of a spectrum.
pub(super) fn budget(equation: &VorticityEquation, spectrum: &[Complex64]) -> VorticityBudget {
    let advection = &equation.advection;
    let mut sums = VorticityBudget::default();
    let modes = advection.waves.iter().zip(spectrum).zip(&advection.forcing);
    for (([x, y], w), f) in modes.skip(1) {
        // Negative wave numbers in x are not stored.
        let count = if *x == 0.0 { 1.0 } else { 2.0 };
        let (square, half) = (x * x + y * y, 0.5 * count * w.norm_sqr());
        let input = count * (w.re * f.re + w.im * f.im);
        sums.energy += half / square;
        sums.enstrophy += half;
        sums.palinstrophy += half * square;
        sums.energy_input += input / square;
        sums.enstrophy_input += input;
    }
    let (viscosity, drag) = (equation.viscosity(), equation.drag());
    sums.energy_rate =
        sums.energy_input - 2.0 * viscosity * sums.enstrophy - 2.0 * drag * sums.energy;
    sums.enstrophy_rate =
        sums.enstrophy_input - 2.0 * viscosity * sums.palinstrophy - 2.0 * drag * sums.enstrophy;
    sums
}

/// The energy by wave number.
pub(super) fn energy_spectrum(equation: &VorticityEquation, spectrum: &[Complex64]) -> Vec<f64> {
    let [lx, ly] = equation.lengths();
    let unit = 2.0 * PI / lx.max(ly);
    let mut shells = Vec::new();
    for ([x, y], w) in equation.advection.waves.iter().zip(spectrum).skip(1) {
        let count = if *x == 0.0 { 1.0 } else { 2.0 };
        let square = x * x + y * y;
        let shell = (square.sqrt() / unit).round() as usize;
        if shells.len() <= shell {
            shells.resize(shell + 1, 0.0);
        }
        shells[shell] += 0.5 * count * w.norm_sqr() / square;
    }
    shells
}
