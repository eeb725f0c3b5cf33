//! The scalar: bounded, conserved, of second order.

use std::f64::consts::TAU;

use crate::{
    FlowBoundary, FlowScalar, FlowSolver, ScalarBoundary, Side, Simulation, Solid, SolidMotion,
    StepControl,
};

fn read(flow: &FlowSolver) -> Vec<f64> {
    let mut values = vec![0.0; flow.shape().iter().product()];
    flow.read("scalar", &mut values).unwrap();
    values
}

/// A blob, and how far it is from itself carried once around.
fn carried_error(n: usize) -> f64 {
    let h = 1.0 / n as f64;
    let mut flow = FlowSolver::builder([n, n, 1], [h, h, 1.0])
        .periodic(0)
        .periodic(1)
        .scalar(FlowScalar::default())
        .build()
        .unwrap();
    flow.set_velocity(|_| [1.0, 0.5, 0.0]).unwrap();
    let blob = |x: f64, y: f64| 2.0 + (TAU * x).sin() * (TAU * y).cos();
    flow.set_scalar(|[x, y, _]| blob(x, y)).unwrap();
    flow.advance_to(0.5).unwrap();
    let error = |(c, v): (usize, &f64)| {
        let [x, y] = [c % n, c / n].map(|i| (i as f64 + 0.5) * h);
        (v - blob(x - 0.5, y - 0.25)).abs()
    };
    read(&flow).iter().enumerate().map(error).sum::<f64>() * h * h
}

#[test]
fn a_smooth_scalar_is_carried_with_second_order() {
    let errors = [32, 64, 128].map(carried_error);
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1]).log2() > 1.7, "{errors:?}");
    }
}

#[test]
fn what_is_carried_stays_within_its_bounds_and_whole() {
    let n = 40;
    let h = 1.0 / n as f64;
    let mut flow = FlowSolver::builder([n, n, 1], [h, h, 1.0])
        .rtol(1e-11)
        .step(StepControl::Courant(1.2))
        .solid(Solid::disc([0.5, 0.4], 0.15))
        .scalar(FlowScalar {
            buoyancy: [0.0, 5.0, 0.0],
            ..FlowScalar::default()
        })
        .build()
        .unwrap();
    let block = |x: f64, y: f64| f64::from((0.2..0.7).contains(&x) && (0.05..0.2).contains(&y));
    flow.set_scalar(|[x, y, _]| block(x, y)).unwrap();
    let start: f64 = read(&flow).iter().sum();
    flow.advance_to(2.0).unwrap();
    let end = read(&flow);
    assert!(flow.kinetic_energy() > 1e-3);
    let sum: f64 = end.iter().sum();
    assert!((sum - start).abs() < 1e-9 * start, "{start} {sum}");
    assert!(end.iter().all(|v| (-1e-9..=1.0 + 1e-9).contains(v)));
}

#[test]
fn a_constant_stays_one_beside_a_moving_solid() {
    let n = 32;
    let h = 1.0 / n as f64;
    let disc = Solid::disc([0.3, 0.5], 0.15).moving(|t| SolidMotion {
        displacement: [0.5 * t, 0.0, 0.0],
        velocity: [0.5, 0.0, 0.0],
    });
    let mut flow = FlowSolver::builder([n, n, 1], [h, h, 1.0])
        .viscosity(0.01)
        .rtol(1e-12)
        .solid(disc)
        .scalar(FlowScalar::default())
        .build()
        .unwrap();
    flow.set_scalar(|_| 3.0).unwrap();
    flow.advance_to(0.6).unwrap();
    assert_eq!(flow.health().unconverged, 0);
    let solid = flow.solid_cells();
    let values = read(&flow);
    let off = values.iter().zip(solid).filter(|(_, solid)| !solid);
    let off = off
        .map(|(value, _)| (value - 3.0).abs())
        .fold(0.0, f64::max);
    assert!(off < 1e-7, "{off:e}");
    // It pushes the fluid along.
    assert!(flow.force()[0] < 0.0 && flow.kinetic_energy() > 0.01);
}

#[test]
fn heat_is_conducted_between_walls() {
    let n = 16;
    let h = 1.0 / n as f64;
    let mut boundaries = [(); 6].map(|()| ScalarBoundary::Insulated);
    boundaries[Side::YMin as usize] = ScalarBoundary::value(1.0);
    boundaries[Side::YMax as usize] = ScalarBoundary::value(-1.0);
    let mut flow = FlowSolver::builder([4, n, 1], [h, h, 1.0])
        .viscosity(1.0)
        .periodic(0)
        .scalar(FlowScalar {
            diffusivity: 1.0,
            boundaries,
            ..FlowScalar::default()
        })
        .build()
        .unwrap();
    flow.advance_to(3.0).unwrap();
    for (c, v) in read(&flow).iter().enumerate() {
        let exact = 1.0 - 2.0 * ((c / 4) as f64 + 0.5) * h;
        assert!((v - exact).abs() < 1e-9, "{v} {exact}");
    }
}

#[test]
fn what_flows_in_carries_its_scalar_through() {
    let mut boundaries = [(); 6].map(|()| ScalarBoundary::Insulated);
    boundaries[Side::XMin as usize] = ScalarBoundary::value(2.0);
    let mut flow = FlowSolver::builder([16, 8, 1], [0.1, 0.1, 1.0])
        .boundary(Side::XMin, FlowBoundary::inflow(|_| [1.0, 0.0, 0.0]))
        .boundary(Side::XMax, FlowBoundary::Outflow)
        .boundary(Side::YMin, FlowBoundary::FreeSlip)
        .boundary(Side::YMax, FlowBoundary::FreeSlip)
        .scalar(FlowScalar {
            boundaries,
            ..FlowScalar::default()
        })
        .build()
        .unwrap();
    flow.advance_to(6.0).unwrap();
    assert!(read(&flow).iter().all(|v| (v - 2.0).abs() < 1e-6));
}
