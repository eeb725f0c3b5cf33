//! Taylor and Green's decaying vortices, carried along by a uniform flow.
//!
//! G. I. Taylor and A. E. Green, "Mechanism of the production of small eddies from large ones", Proceedings of the Royal
//! Society A 158 (1937) 499, in two dimensions. Departure: the vortices move, so that advection is not a gradient that the
//! pressure takes up whole.

use std::f64::consts::TAU;

use crate::{FlowSolver, Simulation, SolverError, StepControl};

const VISCOSITY: f64 = 0.05;
/// m/s.
const CARRIED: [f64; 2] = [1.0, 0.5];

/// The exact velocity (m/s) in [0, 2 pi]^2.
fn exact(time: f64, [x, y]: [f64; 2]) -> [f64; 3] {
    let (x, y) = (x - CARRIED[0] * time, y - CARRIED[1] * time);
    let decay = (-2.0 * VISCOSITY * time).exp();
    [
        CARRIED[0] + decay * x.cos() * y.sin(),
        CARRIED[1] - decay * x.sin() * y.cos(),
        0.0,
    ]
}

/// Root of the mean square error of the velocity (m/s) of Taylor-Green vortices on `cells` x `cells` cells at t = 1 s after
/// `steps` steps. The vortices turn at 1 m/s and have a viscosity of 0.05 m^2/s in [0, 2 pi]^2.
///
/// # Errors
/// Too few cells.
pub fn taylor_green_error(cells: usize, steps: usize) -> Result<f64, SolverError> {
    let (flow, h) = run(cells, steps)?;
    let velocity = flow.state().velocity;
    let mut square = 0.0;
    for c in 0..cells * cells {
        let (i, j) = (c % cells, c / cells);
        let (x, y) = (i as f64 * h, j as f64 * h);
        let u = exact(1.0, [x, y + 0.5 * h])[0];
        let v = exact(1.0, [x + 0.5 * h, y])[1];
        square += (velocity.x[j * (cells + 1) + i] - u).powi(2);
        square += (velocity.y[j * cells + i] - v).powi(2);
    }
    Ok((square / (cells * cells) as f64).sqrt())
}

fn run(cells: usize, steps: usize) -> Result<(FlowSolver, f64), SolverError> {
    let h = TAU / cells as f64;
    let mut flow = FlowSolver::builder([cells, cells, 1], [h; 3])
        .viscosity(VISCOSITY)
        .periodic(0)
        .periodic(1)
        .step(StepControl::Fixed(1.0 / steps as f64))
        .build()?;
    flow.set_velocity(|p| exact(0.0, [p[0], p[1]]))?;
    flow.advance_to(1.0)?;
    Ok((flow, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_second_order_in_space() {
        let errors = [16, 32, 64].map(|n| taylor_green_error(n, 4 * n).unwrap());
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!((order - 2.0).abs() < 0.1, "{order} {errors:?}");
        }
    }

    #[test]
    fn it_is_of_second_order_in_time() {
        let at_end = |steps: usize| {
            let (flow, _) = run(32, steps).unwrap();
            assert_eq!(flow.health().steps, steps);
            flow.state().velocity
        };
        let reference = at_end(640);
        let errors = [16, 32, 64].map(|steps| {
            let found = at_end(steps);
            let difference = found
                .x
                .iter()
                .zip(&reference.x)
                .map(|(a, b)| (a - b).powi(2));
            difference.sum::<f64>().sqrt()
        });
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!(order > 1.95, "{order} {errors:?}");
        }
    }

    #[test]
    fn the_pressure_is_that_of_the_middle_of_the_step() {
        let (n, steps) = (64, 200);
        let (flow, h) = run(n, steps).unwrap();
        let middle = 1.0 - 0.5 / steps as f64;
        let decay = (-4.0 * VISCOSITY * middle).exp();
        for (cell, p) in flow.pressure().iter().enumerate() {
            let x = (cell % n) as f64 * h + 0.5 * h - CARRIED[0] * middle;
            let y = (cell / n) as f64 * h + 0.5 * h - CARRIED[1] * middle;
            let exact = -0.25 * decay * ((2.0 * x).cos() + (2.0 * y).cos());
            assert!((p - exact).abs() < 3e-3, "{p} {exact}");
        }
    }
}
