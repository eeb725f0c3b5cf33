//! Set-up and one solve by multigrid on the cases of the bench, on two threads, and how much of the memory's
//! bandwidth a cycle makes use of:
//! `cargo run --release -p karman-solvers --example poisson_speed [cells along a side] [case,..]`.

use std::time::Instant;

use karman_solvers::{
    FlagGrid, FlagStencil, Method, Multigrid, PoissonCase, PoissonCaseKind, PoissonSolver,
    Preconditioner, Side, SolverError, stream_triad,
};

/// Set-ups, solves and cycles; the quickest of each counts.
const REPEATS: usize = 9;
const THREADS: usize = 2;

fn main() -> Result<(), SolverError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let pool = pool.expect("threads can be started");
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(128);
    let only = arguments.next().unwrap_or_default();
    let triad = stream_triad(512 << 20, THREADS)?.bytes_per_second;
    println!(
        "{size}^3, {THREADS} threads, to 1e-6: milliseconds; STREAM triad {:.1} GB/s",
        1e-9 * triad
    );
    for kind in PoissonCaseKind::ALL {
        if only.is_empty() || only.split(',').any(|name| name == kind.name()) {
            pool.install(|| measure(kind, size, triad))?;
        }
    }
    Ok(())
}

fn measure(kind: PoissonCaseKind, size: usize, triad: f64) -> Result<(), SolverError> {
    let case = PoissonCase::new(kind, [size; 3], 1)?;
    let grid = FlagGrid::new(case.dims, &case.flags)?.spacing(case.spacing)?;
    let open = Side::ALL.into_iter().zip(case.open).filter(|side| side.1);
    let grid = open.map(|s| s.0).try_fold(grid, FlagGrid::open)?;
    let mut x = vec![0.0; grid.len()];
    let [mut setup, mut solve, mut both, mut cycle] = [f64::INFINITY; 4];
    let mut iterations = 0;
    for _ in 0..REPEATS {
        let clock = Instant::now();
        let builder = PoissonSolver::builder(&grid).method(Method::Multigrid);
        let mut solver = builder.build()?;
        let set_up = clock.elapsed().as_secs_f64();
        let report = solver.solve(&case.rhs, &mut x)?;
        let total = clock.elapsed().as_secs_f64();
        assert!(report.converged(), "{report}");
        iterations = report.iterations;
        setup = setup.min(set_up);
        solve = solve.min(total - set_up);
        both = both.min(total);
    }
    let mut multigrid = Multigrid::new(&FlagStencil::new(&grid))?;
    for _ in 0..REPEATS {
        let clock = Instant::now();
        multigrid.apply(&case.rhs, &mut x);
        cycle = cycle.min(clock.elapsed().as_secs_f64());
    }
    println!(
        "{:9} set-up {:6.1}  solve {:6.1}  together {:6.1}  iterations {iterations:2}  cycle {:5.2}, {:.2} of the triad",
        kind.name(),
        1e3 * setup,
        1e3 * solve,
        1e3 * both,
        1e3 * cycle,
        multigrid.cycle_bytes() as f64 / cycle / triad,
    );
    Ok(())
}
