//! Diffusion and sorption: balance, convergence, the two time steppers against each other, gradients.

use super::*;
use crate::evolution::testing::{assert_vjps, relative_error};
use crate::{LineRun, Simulation, dormand_prince};

fn equation(cells: usize) -> DiffusionSorption {
    DiffusionSorption::new(SorptionParameters::default(), cells).expect("valid")
}

/// A state that fits the inlet: a front that has begun to move in.
fn front(cells: usize) -> Vec<f64> {
    let centre = |i: usize| (i as f64 + 0.5) / cells as f64;
    (0..cells)
        .map(|i| 0.1 + 0.9 * (-(centre(i) / 0.2).powi(2)).exp())
        .collect()
}

fn run(cells: usize, start: &[f64], time: f64, step: f64) -> LineRun<DiffusionSorption> {
    let mut run = LineRun::new(equation(cells), start, step).expect("valid");
    run.advance_to(time).expect("forwards");
    let health = run.health();
    assert!(
        health.unconverged == 0 && health.worst_residual <= 1.0,
        "{health:?}"
    );
    run
}

#[test]
fn retardation_is_the_slope_of_the_content() {
    let equation = equation(4);
    // The published set-up: 1 + (0.71 / 0.29) 2880 3.5e-4 0.874 at u = 1.
    let at_one = 1.0 + 0.71 / 0.29 * 2880.0 * 3.5e-4 * 0.874;
    assert!((equation.retardation(1.0) - at_one).abs() < 1e-5);
    for u in [-1e-3, 0.01, 0.3, 1.0] {
        let h = 1e-6;
        let slope = (equation.content(u + h) - equation.content(u - h)) / (2.0 * h);
        assert!(
            (slope - equation.retardation(u)).abs() < 1e-6 * slope,
            "{u}"
        );
        let slope = (equation.retardation(u + h) - equation.retardation(u - h)) / (2.0 * h);
        assert!(
            (slope - equation.retardation_slope(u)).abs() < 1e-5 * (1.0 + slope.abs()),
            "{u}"
        );
    }
    assert!((equation.content(1e-12) - equation.content(-1e-12)).abs() < 1e-10);
}

#[test]
fn without_sorption_it_is_diffusion_between_inlet_and_outflow() {
    // Steady: u = 1 - x / (L + D).
    let parameters = SorptionParameters {
        freundlich_parameter: 1e-30,
        diffusivity: 0.5,
        ..SorptionParameters::default()
    };
    let equation = DiffusionSorption::new(parameters, 20).expect("valid");
    let mut run = LineRun::new(equation, &[0.0; 20], 0.5).expect("valid");
    run.advance_to(40.0).expect("forwards");
    for (i, u) in run.state().iter().enumerate() {
        let x = (i as f64 + 0.5) / 20.0;
        assert!((u - (1.0 - x / 1.5)).abs() < 1e-9, "{i}: {u}");
    }
    let [inflow, outflow] = run.equation().boundary_fluxes(&[0.5; 20]).expect("length");
    assert!(inflow > 0.0 && outflow > 0.0);
}

#[test]
fn what_is_there_changes_by_what_flows_in() {
    let mut run = LineRun::new(equation(64), &[0.1; 64], 1.0).expect("valid");
    let total = |run: &mut LineRun<DiffusionSorption>| {
        let state = run.state().to_vec();
        let equation = run.equation();
        let fluxes = equation.boundary_fluxes(&state).expect("length");
        let sum: f64 = state.iter().map(|u| equation.content(*u)).sum();
        (sum / 64.0, fluxes[0] - fluxes[1])
    };
    let (before, _) = total(&mut run);
    // Simpson's rule over the fluxes from 20 s on, when the jump at the inlet has spread; exact balance until then.
    run.advance_to(20.0).expect("forwards");
    let (middle, first) = total(&mut run);
    assert!(middle > before);
    let (mut inflow, mut last) = (0.0, first);
    for i in 1..=60 {
        run.advance_to(20.0 + f64::from(2 * i - 1))
            .expect("forwards");
        let (_, half) = total(&mut run);
        run.advance_to(20.0 + f64::from(2 * i)).expect("forwards");
        let (_, end) = total(&mut run);
        inflow += (last + 4.0 * half + end) / 3.0;
        last = end;
    }
    let (after, _) = total(&mut run);
    let error = (after - middle - inflow).abs() / inflow;
    assert!(error < 1e-4, "{error:e}");
}

#[test]
fn it_converges_at_second_order_in_space_and_in_time() {
    // Means over pairs of cells: those of a coarse grid, to second order and better than the error.
    let coarsen = |u: &[f64], times: u32| {
        let mut u = u.to_vec();
        for _ in 0..times {
            u = u.chunks(2).map(|p| 0.5 * (p[0] + p[1])).collect();
        }
        u
    };
    let solutions = [32, 64, 128, 256].map(|n| run(n, &front(n), 200.0, 1.0).state().to_vec());
    let errors: Vec<f64> = (0..3)
        .map(|i| relative_error(&coarsen(&solutions[i + 1], 1), &solutions[i]))
        .collect();
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((1.8..2.3).contains(&order), "space: {errors:?}");
    }
    let start = front(64);
    let reference = run(64, &start, 200.0, 0.3125).state().to_vec();
    let errors = [20.0, 10.0, 5.0]
        .map(|step| relative_error(run(64, &start, 200.0, step).state(), &reference));
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((1.8..2.4).contains(&order), "time: {errors:?}");
    }
}

#[test]
fn the_implicit_and_the_explicit_stepper_agree_on_the_published_set_up() {
    let start = [0.13; 64];
    let implicit = run(64, &start, 500.0, 0.5);
    let mut explicit = start;
    let report =
        dormand_prince(&mut equation(64), &mut explicit, 500.0, [1e-7, 1e-9]).expect("valid");
    assert!(report.finished);
    let error = relative_error(implicit.state(), &explicit);
    assert!(error < 1e-4, "{error:e}, {report:?}");
    // Nothing leaves the range of inlet and start.
    let state = implicit.state();
    assert!(state.iter().all(|u| (0.0..1.0).contains(u)), "{state:?}");
}

#[test]
fn vector_jacobian_products_are_the_derivatives() {
    assert_vjps(&mut equation(12), &front(12), 5.0);
    let report = run(12, &front(12), 100.0, 50.0).health();
    assert_eq!(report.steps, 2);
}

#[test]
fn what_cannot_be_solved_is_told() {
    let mut run = LineRun::new(equation(8), &[f64::MAX; 8], 10.0).expect("finite");
    run.advance_to(10.0).expect("forwards");
    let health = run.health();
    assert!(
        health.unconverged == 1 || health.failure.is_some(),
        "{health:?}"
    );
}

#[test]
fn bad_input_is_refused_by_name() {
    let refused = |parameters: SorptionParameters, part: &str| {
        let result = DiffusionSorption::new(parameters, 8);
        assert!(
            result.is_err_and(|e| e.to_string().contains(part)),
            "{part}"
        );
    };
    let default = SorptionParameters::default;
    refused(
        SorptionParameters {
            porosity: 1.0,
            ..default()
        },
        "porosity: 1",
    );
    refused(
        SorptionParameters {
            diffusivity: -1.0,
            ..default()
        },
        "diffusivity",
    );
    refused(
        SorptionParameters {
            freundlich_exponent: 1.5,
            ..default()
        },
        "exponent",
    );
    refused(
        SorptionParameters {
            inlet: f64::NAN,
            ..default()
        },
        "inlet",
    );
    assert!(DiffusionSorption::new(default(), 0).is_err());
    assert!(equation(8).boundary_fluxes(&[0.0; 7]).is_err());
}
