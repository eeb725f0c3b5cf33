//! What the vorticity solver costs, and how accurate it is for that.

use std::f64::consts::PI;

use super::{FieldBoundary, GaussianField, VorticityEquation, VorticityFlow};
use crate::work_point::{WorkPoint, relative_error, timed};
use crate::{Simulation, SolverError};

const SOLVER: &str = "vorticity, pseudo-spectral";

/// The cost of `steps` steps of decaying turbulence on n² points, for every n of `sizes`.
///
/// # Errors
/// A size below 4.
pub fn vorticity_cost(sizes: &[usize], steps: usize) -> Result<Vec<WorkPoint>, SolverError> {
    let starts = GaussianField::new(FieldBoundary::Periodic, 2.5, 7.0, 7f64.powf(1.5))?;
    let point = |&n: &usize| {
        let start = starts.sample_plane([n, n], [1.0; 2], 0)?;
        let equation = VorticityEquation::new([n, n], [1.0; 2], 1e-4)?;
        // Steps that are far from any limit, so that their number is known; the first finds the weights.
        let dt = 1e-3 / n as f64;
        let mut flow = VorticityFlow::new(equation, &start, dt)?;
        flow.advance_to(dt)?;
        let (seconds, _) = timed(&mut flow, dt * (1 + steps) as f64)?;
        Ok(WorkPoint {
            solver: SOLVER,
            case: "decaying turbulence",
            cells: n * n,
            steps: flow.health().steps - 1,
            seconds,
            error: None,
        })
    };
    sizes.iter().map(point).collect()
}

/// Errors of three interacting vortices after 4 s at a viscosity of 0.01 m²/s on n² points, n = 16, 24, 32, 48 and 64, with
/// a Courant number of 0.5, against 96² points at 0.1.
///
/// # Errors
/// None with these parameters.
pub fn vorticity_accuracy() -> Result<Vec<WorkPoint>, SolverError> {
    let run = |n: usize, courant: f64| {
        let at = |i: usize| 2.0 * PI * i as f64 / n as f64;
        let vortex = |x: f64, y: f64, x0: f64, y0: f64| {
            (2.0 * ((x - x0).cos() + (y - y0).cos() - 2.0)).exp()
        };
        let start: Vec<f64> = (0..n * n)
            .map(|p| {
                let (x, y) = (at(p % n), at(p / n));
                vortex(x, y, 0.75 * PI, PI) + vortex(x, y, 1.25 * PI, PI)
                    - 0.5 * vortex(x, y, 1.25 * PI, 1.35 * PI)
            })
            .map(|w| 4.0 * w)
            .collect();
        let equation = VorticityEquation::new([n, n], [2.0 * PI; 2], 0.01)?;
        let flow = VorticityFlow::new(equation, &start, f64::MAX)?;
        let mut flow = flow.courant(courant)?;
        let (seconds, steps) = timed(&mut flow, 4.0)?;
        let mut vorticity = vec![0.0; n * n];
        flow.read("vorticity", &mut vorticity)?;
        // At eight by eight points, which all planes have.
        let stride = n / 8;
        let common = (0..64).map(|p| vorticity[p / 8 * stride * n + p % 8 * stride]);
        Ok::<_, SolverError>((common.collect::<Vec<f64>>(), seconds, steps))
    };
    let (reference, ..) = run(96, 0.1)?;
    let point = |n: usize| {
        let (found, seconds, steps) = run(n, 0.5)?;
        Ok(WorkPoint {
            solver: SOLVER,
            case: "three vortices",
            cells: n * n,
            steps,
            seconds,
            error: Some((
                relative_error(&found, &reference),
                "96² points, Courant number 0.1",
            )),
        })
    };
    [16, 24, 32, 48, 64].into_iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_work_gives_smaller_errors() {
        let points = vorticity_accuracy().expect("valid");
        let errors: Vec<f64> = points.iter().filter_map(|p| p.error).map(|e| e.0).collect();
        assert_eq!(errors.len(), 5);
        assert!(errors.windows(2).all(|e| e[1] < e[0]), "{errors:?}");
        assert!(errors[0] > 1e-2 && errors[4] < 1e-4, "{errors:?}");
    }

    #[test]
    fn costs_are_of_the_steps_that_were_asked_for() {
        let points = vorticity_cost(&[16, 32], 3).expect("valid");
        assert!(points.iter().all(|p| p.steps == 3 && p.seconds > 0.0));
        assert!(vorticity_cost(&[2], 3).is_err());
    }
}
