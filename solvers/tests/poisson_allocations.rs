//! `PoissonSolver::solve` allocates nothing: counted by the allocator, over all threads.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use karman_solvers::{FlagGrid, Method, PoissonCase, PoissonSolver, Side};

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
fn solving_allocates_nothing() {
    for case in PoissonCase::all(32, 3, 0).expect("valid") {
        let grid = FlagGrid::new(case.dims, &case.flags).and_then(|g| g.spacing(case.spacing));
        let open = Side::ALL.into_iter().zip(case.open).filter(|s| s.1);
        let grid = open.fold(grid.expect("valid"), |g, (s, _)| g.open(s).expect("valid"));
        for method in Method::ALL {
            let builder = PoissonSolver::builder(&grid).method(method).threads(2);
            let mut solver = builder.max_iterations(2000).build().expect("valid");
            let mut x = vec![0.0; grid.len()];
            // A thread pool makes its queues on first use.
            assert!(solver.solve(&case.rhs, &mut x).expect("valid").converged());
            // A pool's queue takes a block of memory for every 63 calls from outside, so not in all of these.
            let fewest = (0..3).map(|_| {
                let before = ALLOCATIONS.load(Ordering::Relaxed);
                assert!(solver.solve(&case.rhs, &mut x).expect("valid").converged());
                ALLOCATIONS.load(Ordering::Relaxed) - before
            });
            assert_eq!(fewest.min(), Some(0), "{} {method}", case.name());
        }
    }
}
