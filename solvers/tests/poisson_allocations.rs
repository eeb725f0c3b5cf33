//! `PoissonSolver::solve` allocates nothing: counted by the allocator, over all threads.

mod counting;

use counting::allocations;
use karman_solvers::{FlagGrid, Method, PoissonCase, PoissonSolver, Side};

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
                let solve = || solver.solve(&case.rhs, &mut x).expect("valid").converged();
                let (converged, count) = allocations(solve);
                assert!(converged);
                count
            });
            assert_eq!(fewest.min(), Some(0), "{} {method}", case.name());
        }
    }
}
