//! What the solvers on an interval cost, and how accurate they are for that.

use std::f64::consts::PI;
use std::time::Instant;

use super::{
    DiffusionSorption, FiniteVolumeLine, LineEquation, LineFlux, LineRun, PeriodicEquation,
    SorptionParameters, SpectralLine, dormand_prince, exact,
};
use crate::SolverError;
use crate::work_point::{WorkPoint, relative_error, timed};

/// An exact solution u(x, t).
type Exact = fn(f64, f64) -> f64;

/// A case with an exact solution.
struct Case {
    name: &'static str,
    reference: &'static str,
    exact: Exact,
    start: f64,
    length: f64,
    time: f64,
}

const VISCOSITY: f64 = 0.01 / PI;
const KDV: [f64; 3] = [1.0, 0.0025, 0.5];
const FRONTS: [f64; 3] = [1e-3, 4.0, 0.8];

const BURGERS: Case = Case {
    name: "Burgers, steepening sine",
    reference: "Cole and Hopf",
    exact: |x, t| exact::burgers_from_sine(x, t, VISCOSITY),
    start: -1.0,
    length: 2.0,
    time: 0.5,
};

const SOLITON: Case = Case {
    name: "KdV, soliton",
    reference: "soliton",
    exact: |x, t| exact::soliton(x + 1.0, t, KDV),
    start: -3.0,
    length: 6.0,
    time: 4.0,
};

const ALLEN_CAHN: Case = Case {
    name: "Allen-Cahn, two fronts",
    reference: "travelling fronts",
    exact: |x, t| exact::fronts(x, t, FRONTS),
    start: -2.0,
    length: 4.0,
    time: 2.0,
};

const ADVECTION: Case = Case {
    name: "advection, once around",
    reference: "shift",
    exact: |x, t| (PI * (x - t)).sin().exp(),
    start: -1.0,
    length: 2.0,
    time: 2.0,
};

/// A run of a case with steps of at most `longest`.
fn run(
    solver: &'static str,
    case: &Case,
    equation: impl LineEquation,
    longest: f64,
) -> Result<WorkPoint, SolverError> {
    let (origin, spacing) = (equation.origin(), equation.spacing());
    let n = equation.unknowns();
    let at = |t: f64| -> Vec<f64> {
        let points = (0..n).map(|i| origin + spacing * i as f64);
        points.map(|x| (case.exact)(x, t)).collect()
    };
    let mut run = LineRun::new(equation, &at(0.0), longest)?;
    let (seconds, steps) = timed(&mut run, case.time)?;
    let error = relative_error(run.state(), &at(case.time));
    Ok(WorkPoint {
        solver,
        case: case.name,
        cells: n,
        steps,
        seconds,
        error: Some((error, case.reference)),
    })
}

/// Errors of the solvers on periodic intervals against exact solutions, on growing numbers of points: Fourier series for
/// Burgers' equation, Korteweg and de Vries' and Allen and Cahn's, finite volumes for Burgers' equation and advection.
///
/// # Errors
/// None with these parameters.
pub fn line_accuracy() -> Result<Vec<WorkPoint>, SolverError> {
    let mut points = Vec::new();
    let burgers = PeriodicEquation::Burgers {
        viscosity: VISCOSITY,
    };
    let kdv = PeriodicEquation::Kdv {
        nonlinearity: KDV[0],
        dispersion: KDV[1],
    };
    let allen_cahn = PeriodicEquation::AllenCahn {
        diffusivity: FRONTS[0],
        reaction: FRONTS[1],
    };
    let series = [
        (burgers, BURGERS, [255, 510, 1020, 2040], 0.5),
        (kdv, SOLITON, [96, 128, 192, 256], 1.0),
        (allen_cahn, ALLEN_CAHN, [64, 128, 256, 512], 8.0),
    ];
    for (equation, case, sizes, step) in &series {
        for n in sizes {
            let line = SpectralLine::new(*equation, *n, case.start, case.length)?;
            let longest = step / *n as f64;
            points.push(run("Fourier series", case, line, longest)?);
        }
    }
    let volumes = [
        (
            LineFlux::Burgers,
            VISCOSITY,
            BURGERS,
            [256, 512, 1024, 2048],
        ),
        (
            LineFlux::Advection { speed: 1.0 },
            0.0,
            ADVECTION,
            [64, 128, 256, 512],
        ),
    ];
    for (flux, viscosity, case, sizes) in &volumes {
        for n in sizes {
            let line = FiniteVolumeLine::new(*flux, *viscosity, *n, case.start, case.length)?;
            points.push(run("finite volumes", case, line, f64::MAX)?);
        }
    }
    Ok(points)
}

/// Errors of the published set-up of diffusion and sorption at 500 s on numbers of cells that rise, each a multiple of the one
/// before, by the implicit step and by the adaptive explicit one, against the implicit one on four times the most cells.
///
/// # Errors
/// No cells.
pub fn sorption_accuracy(sizes: &[usize]) -> Result<Vec<WorkPoint>, SolverError> {
    const TIME: f64 = 500.0;
    let case = "diffusion-sorption, published set-up";
    let reference_name = "four times the most cells";
    let equation = |n: usize| DiffusionSorption::new(SorptionParameters::default(), n);
    let implicit = |n: usize| {
        let mut run = LineRun::new(equation(n)?, &vec![0.1; n], 128.0 / n as f64)?;
        let (seconds, steps) = timed(&mut run, TIME)?;
        Ok::<_, SolverError>((run.state().to_vec(), seconds, steps))
    };
    let finest_cells = 4 * sizes.last().copied().unwrap_or(1);
    let (finest, ..) = implicit(finest_cells)?;
    let reference = |n: usize| -> Vec<f64> {
        let part = finest_cells / n;
        let means = finest
            .chunks(part)
            .map(|c| c.iter().sum::<f64>() / part as f64);
        means.take(n).collect()
    };
    let mut points = Vec::new();
    for &n in sizes {
        let error = |u: &[f64]| Some((relative_error(u, &reference(n)), reference_name));
        let (u, seconds, steps) = implicit(n)?;
        points.push(WorkPoint {
            solver: "implicit, TR-BDF2",
            case,
            cells: n,
            steps,
            seconds,
            error: error(&u),
        });
        let (mut u, clock) = (vec![0.1; n], Instant::now());
        let report = dormand_prince(&mut equation(n)?, &mut u, TIME, [1e-6, 1e-8])?;
        points.push(WorkPoint {
            solver: "explicit, Dormand-Prince",
            case,
            cells: n,
            steps: report.steps + report.rejected,
            seconds: clock.elapsed().as_secs_f64(),
            error: error(&u),
        });
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The errors of each solver and case, in order.
    fn assert_falling(points: &[WorkPoint]) {
        for pair in points.windows(2) {
            let [a, b] = [&pair[0], &pair[1]];
            if (a.solver, a.case) == (b.solver, b.case) {
                let errors = [a, b].map(|p| p.error.map_or(f64::NAN, |e| e.0));
                assert!(errors[1] < errors[0] || errors[1] < 1e-9, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn more_points_give_smaller_errors() {
        let points = line_accuracy().expect("valid");
        assert_eq!(points.len(), 20);
        assert_falling(&points);
        let points = sorption_accuracy(&[16, 32, 64]).expect("valid");
        let (implicit, explicit): (Vec<_>, Vec<_>) = points
            .into_iter()
            .partition(|p| p.solver.starts_with("implicit"));
        assert_falling(&implicit);
        assert_falling(&explicit);
        assert_eq!((implicit.len(), explicit.len()), (3, 3));
        assert!(sorption_accuracy(&[0]).is_err());
    }
}
