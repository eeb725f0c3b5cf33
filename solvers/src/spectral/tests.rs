//! The vorticity equation against exact flows, its balances, its orders and its gradients.

use std::f64::consts::PI;

use super::*;
use crate::evolution::testing::{assert_vjps, noise, relative_error};
use crate::{Evolution, Simulation};

const SQUARE: [f64; 2] = [2.0 * PI; 2];

/// A function of x and y on the points.
fn field(dims: [usize; 2], lengths: [f64; 2], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let [nx, ny] = dims;
    let point = |p: usize| {
        let x = lengths[0] * (p % nx) as f64 / nx as f64;
        f(x, lengths[1] * (p / nx) as f64 / ny as f64)
    };
    (0..nx * ny).map(point).collect()
}

fn equation(n: usize, viscosity: f64) -> VorticityEquation {
    VorticityEquation::new([n, n], SQUARE, viscosity).expect("valid")
}

/// A few large vortices without symmetry.
fn vortices(n: usize) -> Vec<f64> {
    field([n, n], SQUARE, |x, y| {
        (x + 0.3).sin() * (2.0 * y).cos() + 0.7 * (2.0 * x - y + 1.0).sin() + 0.5 * (y - 0.2).cos()
    })
}

fn largest(a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}

fn read(flow: &VorticityFlow, name: &str, components: usize) -> Vec<f64> {
    let mut out = vec![0.0; components * flow.shape().iter().product::<usize>()];
    flow.read(name, &mut out).expect("a field");
    out
}

#[test]
fn taylor_green_vortices_decay_exactly() {
    // On a rectangle, with velocities: psi = sin(kx x) sin(ky y) e^(-nu k² t).
    let (dims, lengths, viscosity) = ([24, 20], [3.0, 2.0], 0.02);
    let k = [2.0 * PI / 3.0 * 2.0, PI * 1.0];
    let square = k[0] * k[0] + k[1] * k[1];
    let start = field(dims, lengths, |x, y| {
        square * (k[0] * x).sin() * (k[1] * y).sin()
    });
    let equation = VorticityEquation::new(dims, lengths, viscosity).expect("valid");
    let mut flow = VorticityFlow::new(equation, &start, 0.01).expect("valid");
    flow.advance_to(1.0).expect("forwards");
    let factor = f64::exp(-viscosity * square);
    let u = field(dims, lengths, |x, y| {
        k[1] * factor * (k[0] * x).sin() * (k[1] * y).cos()
    });
    let v = field(dims, lengths, |x, y| {
        -k[0] * factor * (k[0] * x).cos() * (k[1] * y).sin()
    });
    let velocity = read(&flow, "velocity", 2);
    let both = |axis: usize| -> Vec<f64> { velocity.chunks(2).map(|p| p[axis]).collect() };
    assert!(largest(&both(0), &u) < 1e-12 && largest(&both(1), &v) < 1e-12);
    let vorticity: Vec<f64> = start.iter().map(|w| factor * w).collect();
    assert!(largest(&read(&flow, "vorticity", 1), &vorticity) < 1e-11);
    assert_eq!(flow.time(), 1.0);
    assert!(flow.health().failure.is_none() && flow.health().steps >= 100);
}

#[test]
fn waves_of_one_length_decay_without_interaction() {
    // Every term of the advection is of the size of the waves; only their sum vanishes.
    let start = field([32, 32], SQUARE, |x, y| {
        (3.0 * x + 4.0 * y).cos() + 0.5 * (5.0 * x).sin() - 0.8 * (4.0 * x - 3.0 * y).sin()
    });
    let mut state = start.clone();
    let mut equation = equation(32, 0.01);
    for _ in 0..20 {
        equation.step(&mut state, 0.05).expect("valid");
    }
    let factor = f64::exp(-0.01 * 25.0);
    let exact: Vec<f64> = start.iter().map(|w| factor * w).collect();
    assert!(largest(&state, &exact) < 1e-12);
}

/// psi = A(x) B(y) with A = e^(sin x), B = e^(cos y): all waves, and derivatives in closed form.
fn analytic_tendency(x: f64, y: f64, viscosity: f64) -> [f64; 2] {
    let (s, c) = x.sin_cos();
    let a = s.exp();
    let a = [
        a,
        c * a,
        (c * c - s) * a,
        (c * c * c - 3.0 * s * c - c) * a,
        (c.powi(4) - 6.0 * s * c * c - 4.0 * c * c + 3.0 * s * s + s) * a,
    ];
    // B(y) = A(y + pi/2)
    let (s, c) = (y + PI / 2.0).sin_cos();
    let b = s.exp();
    let b = [
        b,
        c * b,
        (c * c - s) * b,
        (c * c * c - 3.0 * s * c - c) * b,
        (c.powi(4) - 6.0 * s * c * c - 4.0 * c * c + 3.0 * s * s + s) * b,
    ];
    let vorticity = -(a[2] * b[0] + a[0] * b[2]);
    let w_x = -(a[3] * b[0] + a[1] * b[2]);
    let w_y = -(a[2] * b[1] + a[0] * b[3]);
    let laplacian = -(a[4] * b[0] + 2.0 * a[2] * b[2] + a[0] * b[4]);
    let (u, v) = (a[0] * b[1], -a[1] * b[0]);
    [vorticity, viscosity * laplacian - u * w_x - v * w_y]
}

#[test]
fn the_error_in_space_falls_faster_than_any_power() {
    let errors = [12, 24, 48].map(|n| {
        let [start, exact] =
            [0, 1].map(|i| field([n, n], SQUARE, |x, y| analytic_tendency(x, y, 0.05)[i]));
        let mut found = start.clone();
        equation(n, 0.05)
            .tendency(&start, &mut found)
            .expect("valid");
        relative_error(&found, &exact)
    });
    // Each doubling of the points squares the error, more or less, down to rounding.
    assert!(errors[0] > 1e-2, "{errors:?}");
    assert!(
        errors[1] < errors[0] / 100.0 && errors[2] < errors[1] / 1000.0,
        "{errors:?}"
    );
}

fn run(n: usize, viscosity: f64, steps: usize, time: f64) -> Vec<f64> {
    let mut equation = equation(n, viscosity);
    let mut state = vortices(n);
    for _ in 0..steps {
        equation
            .step(&mut state, time / steps as f64)
            .expect("valid");
    }
    state
}

#[test]
fn it_is_of_fourth_order_in_time() {
    let reference = run(32, 0.02, 320, 2.0);
    let errors = [10, 20, 40].map(|steps| relative_error(&run(32, 0.02, steps, 2.0), &reference));
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((3.7..4.5).contains(&order), "{errors:?}");
    }
}

#[test]
fn without_viscosity_energy_and_enstrophy_stay() {
    // The bound of the book: 1e-3 (dt W)^4 t W for relative changes over t seconds, W being the largest vorticity.
    let start = vortices(32);
    let largest = start.iter().fold(0.0, |m: f64, w| m.max(w.abs()));
    let drift = |steps: usize| {
        let dt = 4.0 / steps as f64;
        let mut flow = VorticityFlow::new(equation(32, 0.0), &start, dt)
            .and_then(|f| f.courant(100.0))
            .expect("valid");
        let before = flow.budget();
        flow.advance_to(4.0).expect("forwards");
        assert_eq!(flow.health().steps, steps);
        let after = flow.budget();
        let bound = 1e-3 * (dt * largest).powi(4) * 4.0 * largest;
        let drifts = [
            after.energy / before.energy - 1.0,
            after.enstrophy / before.enstrophy - 1.0,
        ];
        assert!(
            drifts.iter().all(|d| d.abs() < bound),
            "{drifts:?} {bound:e}"
        );
        drifts
    };
    let drifts = [20, 40, 80].map(drift);
    for pair in drifts.windows(2) {
        let ratio = pair[0][1] / pair[1][1];
        assert!(ratio > 14.0, "{drifts:?}");
    }
}

#[test]
fn energy_and_enstrophy_balance_with_forcing_viscosity_and_drag() {
    let forcing = VorticityForcing::Kolmogorov {
        amplitude: 0.4,
        wave_number: 3,
    };
    let equation = equation(32, 0.03).with_drag(0.05).expect("valid");
    let equation = equation.with_forcing(&forcing).expect("valid");
    let mut flow = VorticityFlow::new(equation, &vortices(32), 1e-3).expect("valid");
    flow.advance_to(0.5).expect("forwards");
    // Rates against differences over 2 h, with the error of the third derivative.
    let h = 2e-3;
    let before = flow.budget();
    flow.advance_to(0.5 + h).expect("forwards");
    let middle = flow.budget();
    flow.advance_to(0.5 + 2.0 * h).expect("forwards");
    let after = flow.budget();
    let rate = (after.energy - before.energy) / (2.0 * h);
    assert!(
        (rate / middle.energy_rate - 1.0).abs() < 1e-5,
        "{rate} {middle:?}"
    );
    let rate = (after.enstrophy - before.enstrophy) / (2.0 * h);
    assert!(
        (rate / middle.enstrophy_rate - 1.0).abs() < 1e-5,
        "{rate} {middle:?}"
    );
    let spectrum = flow.energy_spectrum();
    assert!((spectrum.iter().sum::<f64>() / after.energy - 1.0).abs() < 1e-12);
    assert!(after.energy_input != 0.0);
}

#[test]
fn a_forced_flow_at_rest_is_kolmogorovs() {
    // u = (a / (nu k²)) sin(k y) once it is steady, here with k = 2.
    let forcing = VorticityForcing::Kolmogorov {
        amplitude: 0.3,
        wave_number: 2,
    };
    let equation = equation(16, 1.0).with_forcing(&forcing).expect("valid");
    let mut flow = VorticityFlow::new(equation, &[0.0; 256], 0.25).expect("valid");
    flow.advance_to(10.0).expect("forwards");
    let u = field([16, 16], SQUARE, |_, y| 0.3 / 4.0 * (2.0 * y).sin());
    let velocity = read(&flow, "velocity", 2);
    let found: Vec<f64> = velocity.chunks(2).map(|p| p[0]).collect();
    assert!(largest(&found, &u) < 1e-13);
}

#[test]
fn vector_jacobian_products_are_the_derivatives() {
    let forcing = VorticityForcing::Diagonal { amplitude: 0.1 };
    let equation = VorticityEquation::new([10, 8], [2.0, 1.5], 0.01).expect("valid");
    let mut equation = equation.with_forcing(&forcing).expect("valid");
    let state = noise(80, 5);
    assert_vjps(&mut equation, &state, 0.05);
}

#[test]
fn the_courant_number_limits_steps_and_restarts_change_nothing() {
    let start = vortices(32);
    let run = |stops: &[f64]| {
        let mut flow = VorticityFlow::new(equation(32, 1e-3), &start, 1.0).expect("valid");
        for stop in stops {
            flow.advance_to(*stop).expect("forwards");
        }
        flow
    };
    let flow = run(&[1.0, 2.0]);
    // The fastest fluid moves at about 1.3 m/s; a cell is 0.2 m wide.
    assert!(
        (16..60).contains(&flow.health().steps),
        "{:?}",
        flow.health()
    );
    let again = run(&[1.0, 1.0, 2.0]);
    assert_eq!(read(&flow, "vorticity", 1), read(&again, "vorticity", 1));
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    // More points than one thread works on alone.
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let mut equation = equation(80, 1e-3);
            let mut state = vortices(80);
            for _ in 0..3 {
                equation.step(&mut state, 0.05).expect("valid");
            }
            state
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn a_flow_that_blows_up_says_so() {
    let start: Vec<f64> = noise(1024, 3).iter().map(|w| 1e3 * w).collect();
    let flow = VorticityFlow::new(equation(32, 0.0), &start, 1.0).and_then(|f| f.courant(1e3));
    let mut flow = flow.expect("valid");
    flow.advance_to(400.0).expect("forwards");
    assert!(flow.health().failure.is_some_and(|f| f.contains("finite")));
    assert!(flow.time() < 400.0);
}

#[test]
fn bad_input_is_refused_by_name() {
    let refused = |result: Result<VorticityEquation, crate::SolverError>, part: &str| {
        assert!(
            result.is_err_and(|e| e.to_string().contains(part)),
            "{part}"
        );
    };
    refused(VorticityEquation::new([3, 16], SQUARE, 0.1), "[3, 16]");
    refused(VorticityEquation::new([16, 16], [1.0, 0.0], 0.1), "lengths");
    refused(VorticityEquation::new([16, 16], SQUARE, -0.1), "viscosity");
    refused(equation(16, 0.1).with_drag(f64::NAN), "drag");
    let high = VorticityForcing::Kolmogorov {
        amplitude: 1.0,
        wave_number: 6,
    };
    refused(equation(16, 0.1).with_forcing(&high), "1 to 5");
    let short = VorticityForcing::Field(vec![0.0; 3]);
    refused(equation(16, 0.1).with_forcing(&short), "256");
    assert!(VorticityFlow::new(equation(16, 0.1), &[f64::NAN; 256], 0.1).is_err());
    assert!(VorticityFlow::new(equation(16, 0.1), &[0.0; 256], 0.0).is_err());
    let flow = VorticityFlow::new(equation(16, 0.1), &[0.0; 256], 0.1).expect("valid");
    assert!(flow.read("pressure", &mut [0.0; 256]).is_err_and(|e| {
        e.to_string() == "field: \"pressure\" is not one of vorticity, velocity"
    }));
    assert!(flow.read("velocity", &mut [0.0; 256]).is_err());
}
