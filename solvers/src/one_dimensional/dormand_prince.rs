//! The adaptive explicit Runge-Kutta method of order 5(4).
//!
//! J. R. Dormand, P. J. Prince, "A family of embedded Runge-Kutta formulae", J. Comput. Appl. Math. 6 (1980), table
//! 2; step control of E. Hairer, S. P. Norsett, G. Wanner, "Solving Ordinary Differential Equations I",
//! Springer (1993), section II.4. It is what `scipy.integrate.solve_ivp` does by default, and so what the
//! published data of PDEBench were made with.

use crate::checks::positive;
use crate::{Evolution, SolverError};

/// Stages; the last is the first of the next step.
const STAGES: usize = 7;

const A: [[f64; 6]; 6] = [
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [
        19372.0 / 6561.0,
        -25360.0 / 2187.0,
        64448.0 / 6561.0,
        -212.0 / 729.0,
        0.0,
        0.0,
    ],
    [
        9017.0 / 3168.0,
        -355.0 / 33.0,
        46732.0 / 5247.0,
        49.0 / 176.0,
        -5103.0 / 18656.0,
        0.0,
    ],
    [
        35.0 / 384.0,
        0.0,
        500.0 / 1113.0,
        125.0 / 192.0,
        -2187.0 / 6784.0,
        11.0 / 84.0,
    ],
];

/// The fifth-order weights less those of fourth order.
const ERROR: [f64; STAGES] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// What [`dormand_prince`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AdaptiveReport {
    /// Steps taken.
    pub steps: usize,
    /// Steps whose error was too large, and that were taken again.
    pub rejected: usize,
    /// Evaluations of the right-hand side.
    pub evaluations: usize,
    /// Whether the end was reached: not if a step became smaller than rounding, or values were not finite.
    pub finished: bool,
}

/// Takes `state` over `interval` seconds, with steps whose estimated error is at most `atol + rtol |u|`, root mean
/// square over the unknowns.
///
/// # Errors
/// A state of a wrong length, an interval or a tolerance that is not positive.
pub fn dormand_prince(
    equation: &mut impl Evolution,
    state: &mut [f64],
    interval: f64,
    [rtol, atol]: [f64; 2],
) -> Result<AdaptiveReport, SolverError> {
    positive("interval", interval)?;
    positive("rtol", rtol)?;
    positive("atol", atol)?;
    let n = state.len();
    let mut stages = [(); STAGES].map(|()| vec![0.0; n]);
    let (mut next, mut report) = (vec![0.0; n], AdaptiveReport::default());
    equation.tendency(state, &mut stages[0])?;
    report.evaluations = 1;
    let scale = |u: f64, v: f64| atol + rtol * u.abs().max(v.abs());
    let norm = |values: &mut dyn Iterator<Item = f64>| {
        (values.map(|v| v * v).sum::<f64>() / n as f64).sqrt()
    };
    // A first step of a hundredth of the time scale of the start.
    let sizes = [&*state, &stages[0][..]]
        .map(|v| norm(&mut v.iter().zip(state.iter()).map(|(v, u)| v / scale(*u, 0.0))));
    let guess = if sizes[1] > 0.0 && sizes[0] > 0.0 {
        0.01 * sizes[0] / sizes[1]
    } else {
        interval
    };
    let (mut time, mut dt) = (0.0, guess.min(interval));
    while time < interval {
        dt = dt.min(interval - time);
        for (stage, row) in A.iter().enumerate() {
            for (i, next) in next.iter_mut().enumerate() {
                let sum: f64 = (0..=stage).map(|j| row[j] * stages[j][i]).sum();
                *next = state[i] + dt * sum;
            }
            equation.tendency(&next, &mut stages[stage + 1])?;
        }
        report.evaluations += STAGES - 1;
        let error = norm(&mut (0..n).map(|i| {
            let sum: f64 = (0..STAGES).map(|j| ERROR[j] * stages[j][i]).sum();
            dt * sum / scale(state[i], next[i])
        }));
        if error <= 1.0 {
            time += dt;
            report.steps += 1;
            state.copy_from_slice(&next);
            stages.swap(0, STAGES - 1);
        } else {
            report.rejected += 1;
            if dt < 1e-14 * interval || report.rejected > 100 * (report.steps + 10) {
                return Ok(report);
            }
        }
        // An error that is not finite asks for the shortest step.
        let factor = if error > 0.0 {
            0.9 * error.powf(-0.2)
        } else {
            10.0
        };
        let most = if error <= 1.0 { 10.0 } else { 1.0 };
        dt *= if factor.is_finite() {
            factor.clamp(0.2, most)
        } else {
            0.2
        };
    }
    report.finished = true;
    Ok(report)
}
