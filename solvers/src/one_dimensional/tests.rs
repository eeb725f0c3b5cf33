//! Equations on an interval against exact solutions and against solutions that others published.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use super::*;
use crate::evolution::testing::{assert_vjps, noise, relative_error};
use crate::{FileArray, MatrixFile, Simulation, SolverError};

const BURGERS: PeriodicEquation = PeriodicEquation::Burgers {
    viscosity: 0.01 / PI,
};
const KDV: PeriodicEquation = PeriodicEquation::Kdv {
    nonlinearity: 1.0,
    dispersion: 0.0025,
};
const ALLEN_CAHN: PeriodicEquation = PeriodicEquation::AllenCahn {
    diffusivity: 1e-4,
    reaction: 5.0,
};

/// An equation on the points of [-1, 1), and a function there.
fn line(equation: PeriodicEquation, n: usize) -> SpectralLine {
    SpectralLine::new(equation, n, -1.0, 2.0).expect("valid")
}

fn start(line: &SpectralLine, f: impl Fn(f64) -> f64) -> Vec<f64> {
    line.points().map(f).collect()
}

#[test]
fn advection_is_a_shift() {
    let equation = PeriodicEquation::Advection { speed: 0.7 };
    let line = line(equation, 64);
    let wave = |x: f64| (PI * x).sin().exp();
    let state = start(&line, wave);
    let exact = start(&line, |x| wave(x - 0.7 * 3.0));
    let mut run = LineRun::new(line, &state, 1.0).expect("valid");
    run.advance_to(3.0).expect("forwards");
    assert!(relative_error(run.state(), &exact) < 1e-13);
    assert_eq!(run.health().steps, 3);
}

#[test]
fn burgers_equation_is_that_of_cole_and_hopf() {
    // At t = 0.5 the shock is as steep as the viscosity lets it be.
    let errors = [255, 510, 1020].map(|n| {
        let line = line(BURGERS, n);
        let state = start(&line, |x| -(PI * x).sin());
        let exact = start(&line, |x| exact::burgers_from_sine(x, 0.5, 0.01 / PI));
        let mut run = LineRun::new(line, &state, 1e-3).expect("valid");
        run.advance_to(0.5).expect("forwards");
        relative_error(run.state(), &exact)
    });
    assert!(errors[0] < 0.02 && errors[2] < 5e-6, "{errors:?}");
    let ratios = [0, 1].map(|i| errors[i] / errors[i + 1]);
    assert!(ratios[0] > 10.0 && ratios[1] > 100.0, "{errors:?}");
}

#[test]
fn a_soliton_keeps_its_shape() {
    let parameters = [1.0, 0.0025, 0.5];
    // The period is so long that its neighbours are below rounding.
    let line = SpectralLine::new(KDV, 256, -3.0, 6.0).expect("valid");
    let state = start(&line, |x| exact::soliton(x + 1.0, 0.0, parameters));
    let exact = start(&line, |x| exact::soliton(x + 1.0, 4.0, parameters));
    let mass = |u: &[f64]| u.iter().sum::<f64>();
    let square = |u: &[f64]| u.iter().map(|u| u * u).sum::<f64>();
    let errors = [0.01, 0.005].map(|step| {
        let line = SpectralLine::new(KDV, 256, -3.0, 6.0).expect("valid");
        let mut run = LineRun::new(line, &state, step).expect("valid");
        run.advance_to(4.0).expect("forwards");
        assert!((mass(run.state()) / mass(&state) - 1.0).abs() < 1e-13);
        let change = square(run.state()) / square(&state) - 1.0;
        [relative_error(run.state(), &exact), change.abs()]
    });
    // Fourth order, and fifth for what the equation keeps and the step does not.
    let ratios = [0, 1].map(|i| errors[0][i] / errors[1][i]);
    assert!(ratios[0] > 13.0 && ratios[1] > 25.0, "{errors:?}");
    assert!(errors[1][0] < 2e-5 && errors[1][1] < 2e-6, "{errors:?}");
}

#[test]
fn fronts_of_allen_and_cahn_run_at_their_speed() {
    let equation = PeriodicEquation::AllenCahn {
        diffusivity: 1e-3,
        reaction: 4.0,
    };
    let parameters = [1e-3, 4.0, 0.8];
    let line = SpectralLine::new(equation, 512, -2.0, 4.0).expect("valid");
    let state = start(&line, |x| exact::fronts(x, 0.0, parameters));
    let exact = start(&line, |x| exact::fronts(x, 2.0, parameters));
    let mut run = LineRun::new(line, &state, 0.02).expect("valid");
    run.advance_to(2.0).expect("forwards");
    let error = relative_error(run.state(), &exact);
    assert!(error < 1e-6, "{error:e}");
}

#[test]
fn stable_steps_are_stable() {
    // Rough states, which would blow up at once above the limit.
    for (equation, n) in [(BURGERS, 64), (KDV, 64), (ALLEN_CAHN, 64)] {
        let line = line(equation, n);
        let mut run = LineRun::new(line, &noise(n, 3), f64::MAX).expect("valid");
        run.advance_to(1.0).expect("forwards");
        let bound = run.state().iter().fold(0.0, |m: f64, u| m.max(u.abs()));
        assert!(
            bound < 3.0 && run.health().failure.is_none(),
            "{equation:?}: {bound}"
        );
    }
}

#[test]
fn vector_jacobian_products_are_the_derivatives() {
    let advection = PeriodicEquation::Advection { speed: 0.7 };
    for equation in [advection, BURGERS, KDV, ALLEN_CAHN] {
        let mut line = line(equation, 15);
        assert_vjps(&mut line, &noise(15, 8), 0.02);
    }
    for flux in [LineFlux::Advection { speed: -0.8 }, LineFlux::Burgers] {
        let mut line = FiniteVolumeLine::new(flux, 1e-3, 16, 0.0, 1.0).expect("valid");
        // Not noise: differences over kinks of the limiter are no derivatives.
        let state: Vec<f64> = (0..16)
            .map(|i| (2.0 * PI * (f64::from(i) + 0.3) / 16.0).sin() + 0.4)
            .collect();
        assert_vjps(&mut line, &state, 0.02);
    }
}

#[test]
fn finite_volumes_are_of_second_order_where_it_is_smooth() {
    // L1 errors: the limiter clips extrema.
    let error =
        |flux, viscosity, n: usize, time, exact: &dyn Fn(f64) -> f64, wave: &dyn Fn(f64) -> f64| {
            let line = FiniteVolumeLine::new(flux, viscosity, n, -1.0, 2.0).expect("valid");
            let centre = |i: usize| -1.0 + 2.0 * (i as f64 + 0.5) / n as f64;
            let state: Vec<f64> = (0..n).map(|i| wave(centre(i))).collect();
            let mut run = LineRun::new(line, &state, 1.0).expect("valid");
            run.advance_to(time).expect("forwards");
            let errors = (0..n).map(|i| (run.state()[i] - exact(centre(i))).abs());
            errors.sum::<f64>() / n as f64
        };
    let wave = |x: f64| (PI * x).sin();
    let order = |errors: [f64; 2]| (errors[0] / errors[1]).log2();
    let errors = [100, 200].map(|n| {
        let flux = LineFlux::Advection { speed: 1.0 };
        error(flux, 0.0, n, 2.0, &wave, &wave)
    });
    assert!(order(errors) > 1.7 && errors[1] < 2e-3, "{errors:?}");
    let errors = [100, 200].map(|n| {
        let exact = |x: f64| exact::burgers_from_sine(x, 0.3, 0.02);
        error(LineFlux::Burgers, 0.02, n, 0.3, &exact, &|x| {
            -(PI * x).sin()
        })
    });
    assert!(order(errors) > 1.8 && errors[1] < 1e-3, "{errors:?}");
}

#[test]
fn a_shock_runs_at_its_speed_and_does_not_ring() {
    // 1 to the left and 0 to the right: speed 1/2.
    let line = FiniteVolumeLine::new(LineFlux::Burgers, 0.0, 200, 0.0, 2.0).expect("valid");
    let state: Vec<f64> = (0..200)
        .map(|i| if (50..100).contains(&i) { 1.0 } else { 0.0 })
        .collect();
    let mut run = LineRun::new(line, &state, 1.0).expect("valid");
    run.advance_to(0.4).expect("forwards");
    // The shock from x = 1 is at 1.2, cell 120; the rarefaction from 0.5 ends at 0.9.
    assert!(
        run.state()
            .iter()
            .all(|u| (-1e-12..=1.0 + 1e-12).contains(u))
    );
    assert!(run.state()[117] > 0.99 && run.state()[122] < 0.01);
    assert!((run.state().iter().sum::<f64>() - 50.0).abs() < 1e-10);
}

#[test]
fn an_adaptive_step_meets_its_tolerance() {
    let mut line = FiniteVolumeLine::new(LineFlux::Burgers, 0.02, 100, -1.0, 2.0).expect("valid");
    let state: Vec<f64> = (0..100)
        .map(|i| -(PI * (-1.0 + 0.02 * (f64::from(i) + 0.5))).sin())
        .collect();
    let mut run = |tolerance: f64| {
        let mut u = state.clone();
        let report = dormand_prince(&mut line, &mut u, 0.3, [tolerance, tolerance]).expect("valid");
        assert!(report.finished && report.evaluations == 1 + 6 * (report.steps + report.rejected));
        (u, report.steps)
    };
    let (fine, most) = run(1e-9);
    let (coarse, few) = run(1e-4);
    let error = relative_error(&coarse, &fine);
    assert!(
        error < 1e-3 && few < most,
        "{error:e}, {few} and {most} steps"
    );
}

#[test]
fn bad_input_is_refused_by_name() {
    let refused = |result: Result<SpectralLine, SolverError>, part: &str| {
        assert!(
            result.is_err_and(|e| e.to_string().contains(part)),
            "{part}"
        );
    };
    refused(SpectralLine::new(KDV, 7, 0.0, 1.0), "points: 7");
    refused(SpectralLine::new(KDV, 16, 0.0, -1.0), "length");
    let negative = PeriodicEquation::Burgers { viscosity: -1.0 };
    refused(SpectralLine::new(negative, 16, 0.0, 1.0), "viscosity");
    let line = line(KDV, 16);
    assert!(LineRun::new(line, &[0.0; 15], 0.1).is_err_and(|e| e.to_string().contains("15")));
    assert!(FiniteVolumeLine::new(LineFlux::Burgers, f64::NAN, 16, 0.0, 1.0).is_err());
    assert!(FiniteVolumeLine::new(LineFlux::Burgers, 0.0, 2, 0.0, 1.0).is_err());
    let mut run = LineRun::new(self::line(KDV, 16), &[0.0; 16], 0.1).expect("valid");
    assert!(run.advance_to(-1.0).is_err() && run.read("v", &mut [0.0; 16]).is_err());
}

/// A stored solution: instants, and the states at them one after the other.
fn stored(file: &str, [times, states]: [&str; 2]) -> Option<(Vec<f64>, Vec<f64>)> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/third_party/pinns")
        .join(file);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let file = MatrixFile::read(&path).expect("readable");
    let array = |wanted: &str| {
        let found = file.arrays.iter().find(|(name, _)| name == wanted);
        match found.expect("an array of this name") {
            (_, FileArray::Dense { values, .. }) => values.clone(),
            (_, FileArray::Sparse(_)) => panic!("dense arrays only"),
        }
    };
    Some((array(times), array(states)))
}

/// The relative L2 error over all instants, our points being `ratio` times as fine as the stored ones.
fn error_against(
    stored: &(Vec<f64>, Vec<f64>),
    line: SpectralLine,
    start: &[f64],
    step: f64,
    ratio: usize,
) -> f64 {
    let (times, states) = stored;
    let points = states.len() / times.len();
    let mut run = LineRun::new(line, start, step).expect("valid");
    let mut found = Vec::new();
    for time in times {
        run.advance_to(*time).expect("forwards");
        let n = run.state().len();
        found.extend((0..points).map(|i| run.state()[i * ratio % n]));
    }
    relative_error(&found, states)
}

#[test]
fn the_stored_solution_of_burgers_equation() {
    let Some(stored) = stored("burgers_shock.mat", ["t", "usol"]) else {
        return;
    };
    // 256 points of [-1, 1] with both ends: 255 intervals, in four parts each.
    let line = line(BURGERS, 4 * 255);
    let state = start(&line, |x| -(PI * x).sin());
    let error = error_against(&stored, line, &state, 2e-3, 4);
    eprintln!("Burgers: {error:e}");
    assert!(error < 1e-3, "{error:e}");
}

#[test]
fn the_stored_solution_of_allen_and_cahns_equation() {
    let Some(stored) = stored("AC.mat", ["tt", "uu"]) else {
        return;
    };
    let line = line(ALLEN_CAHN, 1024);
    let state = start(&line, |x| x * x * (PI * x).cos());
    let error = error_against(&stored, line, &state, 5e-3, 2);
    eprintln!("Allen-Cahn: {error:e}");
    assert!(error < 1e-3, "{error:e}");
}

#[test]
fn the_stored_solution_of_korteweg_and_de_vries_equation() {
    let Some(stored) = stored("KdV.mat", ["tt", "uu"]) else {
        return;
    };
    let line = line(KDV, 512);
    let state = start(&line, |x| (PI * x).cos());
    let error = error_against(&stored, line, &state, 5e-4, 1);
    eprintln!("KdV: {error:e}");
    assert!(error < 1e-3, "{error:e}");
}
