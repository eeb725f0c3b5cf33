//! Against exact solutions.

use crate::{FlowBoundary, FlowSolver, Side, Simulation, Solid};

/// Flow driven through a channel, with walls as sides, as flagged cells, and as a solid whose surface cuts cells.
#[test]
fn channel_flow_is_a_parabola() {
    let (n, width) = (16, 1.0);
    let exact = |y: f64| 0.5 * y * (width - y);
    let profile = |build: &dyn Fn(f64) -> FlowSolver, offset: f64, h: f64| {
        let mut flow = build(h);
        flow.advance_to(1.5).unwrap();
        let state = flow.state();
        let rows = flow.shape()[0];
        let error = |j: usize| {
            let y = (j as f64 + 0.5) * h - offset;
            let inside = (0.0..width).contains(&y);
            let u = state.velocity.x[j * 5 + 2];
            (u - if inside { exact(y) } else { 0.0 }).abs()
        };
        (0..rows).map(error).fold(0.0, f64::max)
    };
    let builder = |rows: usize, h: f64| {
        FlowSolver::builder([4, rows, 1], [h, h, 1.0])
            .viscosity(1.0)
            .body_force([1.0, 0.0, 0.0])
            .periodic(0)
    };
    let sides = |h: f64| builder(n, h).build().unwrap();
    assert!(profile(&sides, 0.0, width / n as f64) < 0.002);
    let flags = |h: f64| {
        let rows = n + 4;
        let solid = (0..4 * rows).map(|c| c / 4 < 2 || c / 4 >= n + 2);
        builder(rows, h)
            .solid_cells(solid.collect())
            .build()
            .unwrap()
    };
    let h = width / n as f64;
    assert!(profile(&flags, 2.0 * h, h) < 0.002);
    // Walls at 0.23 and 0.71 of a cell.
    let h = width / (n as f64 + 0.48);
    let offset = 2.23 * h;
    let solid = |h: f64| {
        let below = Solid::cuboid([-1.0, -1.0, -1.0], [9.0, offset, 1.0]);
        let above = Solid::cuboid([-1.0, offset + width, -1.0], [9.0, 9.0, 1.0]);
        builder(n + 5, h).solid(below).solid(above).build().unwrap()
    };
    assert!(profile(&solid, offset, h) < 0.002);
}

/// Stokes' first problem: a lid set in motion, and friction alone.
#[test]
fn a_moving_wall_drags_the_fluid() {
    let n = 16;
    let h = 1.0 / n as f64;
    let lid = FlowBoundary::NoSlip {
        velocity: [1.0, 0.0, 0.0],
    };
    let mut flow = FlowSolver::builder([4, n, 1], [h, h, 1.0])
        .viscosity(0.1)
        .periodic(0)
        .boundary(Side::YMax, lid)
        .build()
        .unwrap();
    flow.advance_to(15.0).unwrap();
    let state = flow.state();
    for j in 0..n {
        let exact = (j as f64 + 0.5) * h;
        assert!((state.velocity.x[j * 5 + 1] - exact).abs() < 1e-6);
    }
}

/// What enters as a parabola leaves as one, in 2D and 3D, along each axis and in both directions.
#[test]
fn a_developed_flow_passes_through() {
    for (axis, backwards, depth) in [(0, false, 1), (1, true, 1), (2, false, 8), (0, true, 8)] {
        let across = (axis + 1) % if depth == 1 { 2 } else { 3 };
        let mut cells = [8, 8, depth];
        cells[axis] = 12;
        let h = 0.125;
        let sign = if backwards { -1.0 } else { 1.0 };
        let parabola = move |p: [f64; 3]| {
            let mut velocity = [0.0; 3];
            velocity[axis] = sign * 4.0 * p[across] * (1.0 - p[across]);
            velocity
        };
        let [inlet, outlet] = if backwards { [1, 0] } else { [0, 1] };
        let mut builder = FlowSolver::builder(cells, [h; 3])
            .viscosity(0.1)
            .boundary(Side::ALL[2 * axis + inlet], FlowBoundary::inflow(parabola))
            .boundary(Side::ALL[2 * axis + outlet], FlowBoundary::Outflow);
        for side in Side::ALL {
            if side.axis() != axis && side.axis() != across {
                builder = builder.boundary(side, FlowBoundary::FreeSlip);
            }
        }
        let mut flow = builder.build().unwrap();
        flow.set_velocity(parabola).unwrap();
        flow.advance_to(4.0).unwrap();
        assert_eq!(flow.health().unconverged, 0);
        let dimension = if depth == 1 { 2 } else { 3 };
        let mut velocity = vec![0.0; dimension * cells.iter().product::<usize>()];
        flow.read("velocity", &mut velocity).unwrap();
        for (cell, velocity) in velocity.chunks_exact(dimension).enumerate() {
            let place = [
                cell % cells[0],
                cell / cells[0] % cells[1],
                cell / (cells[0] * cells[1]),
            ];
            let exact = parabola(place.map(|i| (i as f64 + 0.5) * h))[axis];
            assert!((velocity[axis] - exact).abs() < 0.02, "{axis} {cell}");
        }
    }
}
