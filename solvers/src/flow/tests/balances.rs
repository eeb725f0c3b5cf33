//! Balances: volume, momentum, energy.

use super::{largest, noise_field};
use crate::{FlowBoundary, FlowSolver, FlowState, Side, Simulation, Solid, StepControl};

/// A flow past two solids, with every kind of side that 2D can have at once.
pub(super) fn busy_channel(rtol: f64) -> FlowSolver {
    FlowSolver::builder([24, 16, 1], [0.1, 0.08, 1.0])
        .viscosity(0.02)
        .rtol(rtol)
        .boundary(
            Side::XMin,
            FlowBoundary::inflow(|p| [1.0 + 0.2 * p[1], 0.1, 0.0]),
        )
        .boundary(Side::XMax, FlowBoundary::Outflow)
        .boundary(Side::YMin, FlowBoundary::FreeSlip)
        .solid(Solid::disc([0.83, 0.61], 0.22))
        .build()
        .unwrap()
}

#[test]
fn divergence_is_left_at_the_tolerance() {
    for rtol in [1e-4, 1e-9] {
        let mut flow = busy_channel(rtol);
        let field = noise_field([24, 16, 1], 3);
        let before = largest(&flow.divergence(&field).unwrap());
        let projected = flow.project(&field).unwrap();
        let after = largest(&flow.divergence(&projected).unwrap());
        assert!(after < 40.0 * rtol * before, "{rtol} {before} {after}");
        flow.advance_to(0.2).unwrap();
        let health = flow.health();
        assert_eq!((health.unconverged, health.failure), (0, None));
        assert!(health.worst_residual <= 1.0);
    }
}

#[test]
fn what_is_projected_stays() {
    let mut flow = busy_channel(1e-12);
    let once = flow.project(&noise_field([24, 16, 1], 5)).unwrap();
    let twice = flow.project(&once).unwrap();
    for (once, twice) in once.components().iter().zip(twice.components()) {
        for (a, b) in once.iter().zip(twice) {
            assert!((a - b).abs() < 1e-9);
        }
    }
}

/// Momentum that the fluid loses is the force on the solids, to rounding, at any velocity and pressure.
#[test]
fn the_force_on_a_solid_is_what_the_fluid_loses() {
    let cells = [20, 18, 1];
    let h = 0.05;
    let mut flow = FlowSolver::builder(cells, [h, 0.04, 1.0])
        .viscosity(0.03)
        .periodic(0)
        .periodic(1)
        .solid(Solid::disc([0.5, 0.35], 0.17))
        .solid_cells((0..360).map(|c| c % 20 < 3 && c / 20 < 4).collect())
        .build()
        .unwrap();
    let state = FlowState {
        velocity: noise_field(cells, 7),
        scalar: Vec::new(),
    };
    let pressure = super::noise(360, 9);
    flow.set_state(&state).unwrap();
    flow.set_pressure(&pressure).unwrap();
    let force = flow.force();
    let dt = 1e-3;
    let residual = flow
        .momentum_residual(&state, &state, &pressure, dt)
        .unwrap();
    let tolerance = 1e-12 * residual.dot(&residual);
    for (force, lost) in force.iter().zip(residual.components()).take(2) {
        // The last faces of joined axes hold zero.
        let loss: f64 = lost.iter().sum::<f64>() * h * 0.04;
        assert!((force - loss).abs() < tolerance, "{force} {loss}");
    }
}

fn inviscid(n: usize, courant: f64) -> (f64, f64) {
    let h = 1.0 / n as f64;
    let mut flow = FlowSolver::builder([n, n, 1], [h, h, 1.0])
        .periodic(0)
        .periodic(1)
        .rtol(1e-10)
        .step(StepControl::Fixed(courant * h / 3.0))
        .build()
        .unwrap();
    let tau = std::f64::consts::TAU;
    flow.set_velocity(|[x, y, _]| {
        let u = (tau * y).sin() + 0.5 * (2.0 * tau * (x + y)).sin();
        let v = (tau * (x + 0.1)).sin() - 0.5 * (2.0 * tau * (x + y)).sin();
        [u, v, 0.0]
    })
    .unwrap();
    let start = flow.kinetic_energy();
    flow.advance_to(1.0).unwrap();
    (start, flow.kinetic_energy())
}

/// Without friction energy changes by the error in time alone, of third order in the step, and falls.
#[test]
fn energy_does_not_grow_without_friction() {
    let changes = [1.0, 0.5, 0.25].map(|courant| {
        let (start, end) = inviscid(32, courant);
        (end - start) / start
    });
    assert!(
        changes.iter().all(|c| *c < 1e-6 && *c > -1e-2),
        "{changes:?}"
    );
    let order = (changes[0] / changes[1]).log2();
    assert!(order > 1.9, "{changes:?}");
}

#[test]
fn free_slip_walls_keep_energy() {
    let mut flow = FlowSolver::builder([16, 16, 16], [1.0 / 16.0; 3])
        .step(StepControl::Courant(0.3))
        .boundary(Side::XMin, FlowBoundary::FreeSlip)
        .boundary(Side::XMax, FlowBoundary::FreeSlip)
        .build()
        .unwrap();
    flow.set_velocity(|[x, y, z]| [(3.0 * y).sin() * z, (2.0 * x).cos(), x * y])
        .unwrap();
    let start = flow.kinetic_energy();
    flow.advance_to(1.0).unwrap();
    let change = flow.kinetic_energy() / start - 1.0;
    assert!(change.abs() < 1e-3, "{change}");
}
