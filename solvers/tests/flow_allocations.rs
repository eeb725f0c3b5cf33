//! A step of `FlowSolver` allocates nothing: counted by the allocator, over all threads.

mod counting;

use counting::allocations;
use karman_solvers::{FlowBoundary, FlowScalar, FlowSolver, Side, Solid};

#[test]
fn a_step_allocates_nothing() {
    let scalar = FlowScalar {
        diffusivity: 1e-3,
        buoyancy: [0.0, 1.0, 0.0],
        ..FlowScalar::default()
    };
    let builder = |cells| {
        FlowSolver::builder(cells, [0.05; 3])
            .viscosity(1e-3)
            .scalar(scalar.clone())
    };
    let channel = builder([48, 40, 1])
        .boundary(Side::XMin, FlowBoundary::inflow(|_| [1.0, 0.0, 0.0]))
        .boundary(Side::XMax, FlowBoundary::Outflow)
        .solid(Solid::disc([0.6, 1.0], 0.2));
    let joined = builder([24, 20, 16]).periodic(0).periodic(2);
    let past_ball = builder([16, 12, 12])
        .periodic(0)
        .body_force([1.0, 0.0, 0.0])
        .solid(Solid::ball([0.4, 0.3, 0.3], 0.1));
    for builder in [channel, joined, past_ball] {
        let mut flow = builder.build().expect("valid");
        // A thread pool makes its queues on first use.
        flow.step(1e-3).expect("valid");
        let (_, count) = allocations(|| flow.step(1e-3).expect("valid"));
        assert_eq!(count, 0, "{}", flow.pressure_method());
    }
}
