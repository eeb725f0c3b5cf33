//! Vector-Jacobian products against central differences.

use super::balances::busy_channel;
use super::{noise, noise_field};
use crate::{
    FaceField, FlowBoundary, FlowScalar, FlowSolver, FlowState, ScalarBoundary, Side, Simulation,
    Solid,
};

/// So small that limiters hardly meet their kinks.
const STEP: f64 = 1e-6;

/// Heated flow in 3D, one axis joined, past a ball.
fn heated_box() -> FlowSolver {
    let mut boundaries = [(); 6].map(|()| ScalarBoundary::Insulated);
    boundaries[Side::YMin as usize] = ScalarBoundary::value(1.0);
    boundaries[Side::XMin as usize] = ScalarBoundary::value(0.3);
    FlowSolver::builder([10, 8, 6], [0.1, 0.11, 0.12])
        .viscosity(0.01)
        .rtol(1e-13)
        .periodic(2)
        .boundary(Side::XMin, FlowBoundary::inflow(|p| [1.0, 0.0, 0.3 * p[1]]))
        .boundary(Side::XMax, FlowBoundary::Outflow)
        .solid(Solid::ball([0.45, 0.4, 0.33], 0.17))
        .scalar(FlowScalar {
            diffusivity: 0.004,
            boundaries,
            buoyancy: [0.0, 3.0, 0.5],
            reference: 0.2,
            source: Vec::new(),
        })
        .build()
        .unwrap()
}

/// A joined box without solids: exact solutions by transforms.
fn joined_box() -> FlowSolver {
    FlowSolver::builder([9, 8, 1], [0.1, 0.12, 1.0])
        .viscosity(0.01)
        .rtol(1e-12)
        .periodic(0)
        .periodic(1)
        .build()
        .unwrap()
}

fn flows() -> [(FlowSolver, [usize; 3]); 3] {
    [
        (busy_channel(1e-13), [24, 16, 1]),
        (heated_box(), [10, 8, 6]),
        (joined_box(), [9, 8, 1]),
    ]
}

fn state(flow: &FlowSolver, cells: [usize; 3], seed: u64) -> FlowState {
    let scalar = flow.state().scalar.len();
    FlowState {
        velocity: noise_field(cells, seed),
        scalar: noise(scalar, seed + 5),
    }
}

fn shifted(state: &FlowState, factor: f64, direction: &FlowState) -> FlowState {
    let add = |a: &[f64], b: &[f64]| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a + factor * b).collect()
    };
    FlowState {
        velocity: FaceField {
            x: add(&state.velocity.x, &direction.velocity.x),
            y: add(&state.velocity.y, &direction.velocity.y),
            z: add(&state.velocity.z, &direction.velocity.z),
        },
        scalar: add(&state.scalar, &direction.scalar),
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product(a: &FlowState, b: &FlowState) -> f64 {
    a.velocity.dot(&b.velocity) + dot(&a.scalar, &b.scalar)
}

/// Compares directional derivatives along several directions: relative error and cosine.
fn compare(what: &str, exact: &[f64], differences: &[f64]) {
    let error: Vec<f64> = exact.iter().zip(differences).map(|(a, b)| a - b).collect();
    let relative = (dot(&error, &error) / dot(differences, differences)).sqrt();
    let lengths = (dot(exact, exact) * dot(differences, differences)).sqrt();
    let cosine = dot(exact, differences) / lengths;
    assert!(cosine > 0.999, "{what}: cosine {cosine}");
    assert!(relative < 1e-5, "{what}: relative error {relative:e}");
}

/// Does to every coordinate of a state what a test of the whole gradient needs: unit vectors, spread over the arrays.
fn directions(flow: &FlowSolver, cells: [usize; 3]) -> Vec<FlowState> {
    let mut all: Vec<FlowState> = (0..8)
        .map(|seed| state(flow, cells, 100 + 10 * seed))
        .collect();
    let zero = shifted(&all[0], -1.0, &all[0]);
    for share in [0.13, 0.37, 0.52, 0.81] {
        for part in 0..4 {
            let mut unit = zero.clone();
            let FlowState { velocity, scalar } = &mut unit;
            let array = [&mut velocity.x, &mut velocity.y, &mut velocity.z, scalar];
            let Some(array) = array.into_iter().nth(part).filter(|a| !a.is_empty()) else {
                continue;
            };
            let at = (share * array.len() as f64) as usize;
            array[at] = 1.0;
            all.push(unit);
        }
    }
    all
}

#[test]
fn the_step_has_its_adjoint() {
    for (mut flow, cells) in flows() {
        let dt = 0.02;
        let start = state(&flow, cells, 1);
        let cotangent = state(&flow, cells, 2);
        let gradient = flow.step_vjp(&start, dt, &cotangent).unwrap();
        let mut exact = Vec::new();
        let mut differences = Vec::new();
        for direction in directions(&flow, cells) {
            let mut end = |factor: f64| {
                flow.set_state(&shifted(&start, factor, &direction))
                    .unwrap();
                flow.step(dt).unwrap();
                masked(&flow, cells, product(&flow.state(), &cotangent), &cotangent)
            };
            differences.push((end(STEP) - end(-STEP)) / (2.0 * STEP));
            exact.push(product(&gradient, &direction));
        }
        compare("step", &exact, &differences);
        assert!(flow.health().unconverged == 0);
    }
}

/// The product without the copies on the last faces of joined axes.
fn masked(flow: &FlowSolver, cells: [usize; 3], product: f64, cotangent: &FlowState) -> f64 {
    product
        - copies(
            &flow.state().velocity,
            &cotangent.velocity,
            cells,
            joined(flow),
        )
}

fn joined(flow: &FlowSolver) -> [bool; 3] {
    flow.layout().periodic
}

fn copies(a: &FaceField, b: &FaceField, [nx, ny, nz]: [usize; 3], joined: [bool; 3]) -> f64 {
    let mut sum = 0.0;
    if joined[0] {
        let last = (0..ny * nz).map(|r| r * (nx + 1) + nx);
        sum += last.map(|c| a.x[c] * b.x[c]).sum::<f64>();
    }
    if joined[1] {
        let last = (0..nx * nz).map(|r| (r / nx * (ny + 1) + ny) * nx + r % nx);
        sum += last.map(|c| a.y[c] * b.y[c]).sum::<f64>();
    }
    if joined[2] && nz > 1 {
        sum += dot(&a.z[nx * ny * nz..], &b.z[nx * ny * nz..]);
    }
    sum
}

#[test]
fn the_projection_has_its_adjoint() {
    for (mut flow, cells) in flows() {
        let (start, cotangent) = (noise_field(cells, 4), noise_field(cells, 8));
        let gradient = flow.project_vjp(&cotangent).unwrap();
        let mut exact = Vec::new();
        let mut differences = Vec::new();
        let joined = joined(&flow);
        for seed in 0..6 {
            let direction = noise_field(cells, 50 + seed);
            let wrap = |velocity: &FaceField| FlowState {
                velocity: velocity.clone(),
                scalar: Vec::new(),
            };
            let mut end = |factor: f64| {
                let at = shifted(&wrap(&start), factor, &wrap(&direction)).velocity;
                let found = flow.project(&at).unwrap();
                found.dot(&cotangent) - copies(&found, &cotangent, cells, joined)
            };
            differences.push((end(STEP) - end(-STEP)) / (2.0 * STEP));
            exact.push(gradient.dot(&direction));
        }
        compare("projection", &exact, &differences);
    }
}

#[test]
fn residuals_have_their_adjoints() {
    for (flow, cells) in flows() {
        let dt = 0.03;
        let (before, after) = (state(&flow, cells, 11), state(&flow, cells, 12));
        let count = cells.iter().product();
        let pressure = noise(count, 13);
        let on_faces = noise_field(cells, 14);
        let found = flow
            .momentum_residual_vjp(&before, &after, dt, &on_faces)
            .unwrap();
        let momentum = |a: &FlowState, b: &FlowState, p: &[f64]| {
            let residual = flow.momentum_residual(a, b, p, dt).unwrap();
            residual.dot(&on_faces)
        };
        let (mut exact, mut differences) = (Vec::new(), Vec::new());
        for (seed, direction) in directions(&flow, cells).into_iter().enumerate() {
            let moved = |state: &FlowState, factor| shifted(state, factor, &direction);
            let half = |f: f64| momentum(&moved(&before, f), &after, &pressure);
            differences.push((half(STEP) - half(-STEP)) / (2.0 * STEP));
            exact.push(product(&found.before, &direction));
            let half = |f: f64| momentum(&before, &moved(&after, f), &pressure);
            differences.push((half(STEP) - half(-STEP)) / (2.0 * STEP));
            exact.push(product(&found.after, &direction));
            let push = noise(count, 200 + seed as u64);
            let half = |f: f64| {
                let p: Vec<f64> = pressure.iter().zip(&push).map(|(p, q)| p + f * q).collect();
                momentum(&before, &after, &p)
            };
            differences.push((half(STEP) - half(-STEP)) / (2.0 * STEP));
            exact.push(dot(&found.pressure, &push));
        }
        compare("momentum residual", &exact, &differences);
        let weights = noise(count, 15);
        let gradient = flow.divergence_vjp(&weights).unwrap();
        let (mut exact, mut differences) = (Vec::new(), Vec::new());
        for direction in directions(&flow, cells) {
            let half = |f: f64| {
                let at = shifted(&before, f, &direction).velocity;
                dot(&flow.divergence(&at).unwrap(), &weights)
            };
            differences.push((half(STEP) - half(-STEP)) / (2.0 * STEP));
            exact.push(gradient.dot(&direction.velocity));
        }
        compare("divergence", &exact, &differences);
    }
}

#[test]
fn the_scalar_residual_has_its_adjoint() {
    let (flow, cells) = (heated_box(), [10, 8, 6]);
    let dt = 0.03;
    let (before, after) = (state(&flow, cells, 21), state(&flow, cells, 22));
    let weights = noise(480, 23);
    let found = flow
        .scalar_residual_vjp(&before, &after, dt, &weights)
        .unwrap();
    let residual =
        |a: &FlowState, b: &FlowState| dot(&flow.scalar_residual(a, b, dt).unwrap(), &weights);
    let (mut exact, mut differences) = (Vec::new(), Vec::new());
    // Steps so small that no limiter meets its kink.
    let step = 1e-7;
    for direction in directions(&flow, cells) {
        let moved = |state: &FlowState, factor| shifted(state, factor, &direction);
        let half = |f: f64| residual(&moved(&before, f), &after);
        differences.push((half(step) - half(-step)) / (2.0 * step));
        exact.push(product(&found.before, &direction));
        let half = |f: f64| residual(&before, &moved(&after, f));
        differences.push((half(step) - half(-step)) / (2.0 * step));
        exact.push(product(&found.after, &direction));
    }
    compare("scalar residual", &exact, &differences);
}

/// Two states of the solver and the pressure between them satisfy the midpoint rule to second order.
#[test]
fn residuals_of_steps_fall_with_the_square_of_the_step() {
    let mut flow = busy_channel(1e-11);
    flow.advance_to(0.3).unwrap();
    let start = flow.state();
    let sizes = [0.02, 0.01, 0.005].map(|dt| {
        flow.set_state(&start).unwrap();
        flow.step(dt).unwrap();
        let residual = flow.momentum_residual(&start, &flow.state(), &flow.pressure(), dt);
        let residual = residual.unwrap();
        residual.dot(&residual).sqrt()
    });
    for pair in sizes.windows(2) {
        assert!((pair[0] / pair[1]).log2() > 1.8, "{sizes:?}");
    }
}
