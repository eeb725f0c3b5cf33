//! A step of `FlowSolver` allocates nothing: counted by the allocator, over all threads.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use karman_solvers::{FlowBoundary, FlowScalar, FlowSolver, Side, Solid};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are those of `System`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are those of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The one test of this program: another one at the same time would be counted too.
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
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        flow.step(1e-3).expect("valid");
        let count = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert_eq!(count, 0, "{}", flow.pressure_method());
    }
}
