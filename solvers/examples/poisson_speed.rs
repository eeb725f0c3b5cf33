//! Set-up and one solve by multigrid on the cases of the bench, on two threads:
//! `cargo run --release -p karman-solvers --example poisson_speed [cells along a side] [case,..]`.

use std::time::Instant;

use karman_solvers::{
    FlagGrid, Method, PoissonCase, PoissonCaseKind, PoissonSolver, Side, SolverError,
};

/// Set-ups and solves; the quickest of each counts.
const REPEATS: usize = 7;

fn main() -> Result<(), SolverError> {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(128);
    let only = arguments.next().unwrap_or_default();
    println!("{size}^3, 2 threads, to 1e-6: milliseconds");
    for kind in PoissonCaseKind::ALL {
        if !only.is_empty() && !only.split(',').any(|name| name == kind.name()) {
            continue;
        }
        let case = PoissonCase::new(kind, [size; 3], 1)?;
        let grid = FlagGrid::new(case.dims, &case.flags)?.spacing(case.spacing)?;
        let open = Side::ALL.into_iter().zip(case.open).filter(|side| side.1);
        let grid = open.map(|s| s.0).try_fold(grid, FlagGrid::open)?;
        let mut x = vec![0.0; grid.len()];
        let (mut setup, mut solve, mut both) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        let (mut iterations, mut cycle) = (0, 0);
        for _ in 0..REPEATS {
            let clock = Instant::now();
            let builder = PoissonSolver::builder(&grid).method(Method::Multigrid);
            let mut solver = builder.threads(2).build()?;
            let set_up = clock.elapsed().as_secs_f64();
            let report = solver.solve(&case.rhs, &mut x)?;
            assert!(report.converged(), "{report}");
            iterations = report.iterations;
            let total = clock.elapsed().as_secs_f64();
            setup = setup.min(set_up);
            solve = solve.min(total - set_up);
            both = both.min(total);
            cycle = solver.cycle_bytes().unwrap_or(0);
        }
        println!(
            "{:9} set-up {:6.1}  solve {:6.1}  together {:6.1}  iterations {iterations:2}  cycle {} MB",
            kind.name(),
            1e3 * setup,
            1e3 * solve,
            1e3 * both,
            cycle >> 20,
        );
    }
    Ok(())
}
