//! `karman bench poisson-work` (hidden): one of our methods on one case, in a process of its own, so that its
//! peak memory is its own and a crash stays with it. Prints rows as lines of JSON.

use std::time::{Duration, Instant};

use karman_solvers::{
    FlagGrid, FlagStencil, Method, Multigrid, PoissonCase, PoissonCaseKind, PoissonSolver,
    Preconditioner, Side, SolveOptions, SolveReport, Status,
};

use super::child::print_json;
use super::peers::reached;
use super::residual::relative_residual;
use super::row::{Outcome, Problem, Record, SolveRow, Solver};
use super::{job::Job, job::Task, moving};
use crate::commands::error::CommandError;
use crate::commands::system::own_memory;
use crate::commands::{Context, Run};

/// Set-up and solves are repeated this often at most; the median counts.
const REPEATS: usize = 3;
/// Nothing is repeated once it has taken this long.
const PATIENCE: Duration = Duration::from_secs(4);
/// Multigrid cycles that are timed at least, and for how long.
const CYCLES: usize = 5;
const CYCLE_TIME: Duration = Duration::from_millis(300);

/// One method on one case.
#[derive(clap::Args)]
pub(super) struct Work {
    #[arg(long)]
    case: PoissonCaseKind,
    #[arg(long)]
    size: usize,
    #[arg(long)]
    dimension: usize,
    #[arg(long)]
    seed: u64,
    #[arg(long)]
    method: String,
    #[arg(long, value_delimiter = ',')]
    tolerances: Vec<f64>,
    #[arg(long = "on-threads")]
    on_threads: usize,
    /// The moving-solid sequence instead of single solves
    #[arg(long)]
    sequence: bool,
}

impl Run for Work {
    fn run(self, _: &Context) -> Result<(), CommandError> {
        let problem = Problem {
            case: self.case.name().to_owned(),
            dimension: self.dimension,
            size: self.size,
            seed: self.seed,
        };
        let solver = Solver {
            method: self.method.clone(),
            peer: false,
            threads: self.on_threads,
        };
        let task = if self.sequence {
            Task::Moving
        } else {
            Task::Solve
        };
        let job = Job {
            task,
            problem,
            solver,
            tolerances: self.tolerances,
        };
        let method: Method = job.solver.method.parse()?;
        match task {
            Task::Moving => moving::run(&job, method),
            Task::Solve => solve(&job, self.case, method),
        }
    }
}

/// The cells of a case along x, y, z.
pub(super) fn dims(problem: &Problem) -> [usize; 3] {
    let n = problem.size;
    [n, n, if problem.dimension == 2 { 1 } else { n }]
}

/// The grid of a case, as a caller would make it.
pub(super) fn grid(case: &PoissonCase) -> Result<FlagGrid, CommandError> {
    let mut grid = FlagGrid::new(case.dims, &case.flags)?.spacing(case.spacing)?;
    for side in Side::ALL {
        if case.open[side as usize] {
            grid = grid.open(side)?;
        }
    }
    Ok(grid)
}

fn solve(job: &Job, kind: PoissonCaseKind, method: Method) -> Result<(), CommandError> {
    let case = PoissonCase::new(kind, dims(&job.problem), job.problem.seed)?;
    let grid = grid(&case)?;
    let mut x = vec![0.0; case.rhs.len()];
    let before = reset_peak();
    let mut rows = Vec::new();
    for tolerance in &job.tolerances {
        rows.push(tolerance_row(
            job, &case, &grid, method, *tolerance, &mut x,
        )?);
    }
    // The peak is that of the method, whatever the tolerance.
    let peak = own_memory("VmHWM").unwrap_or(0);
    let cycle = match method {
        Method::Multigrid => cycle(&grid, &case.rhs, job.solver.threads),
        _ => None,
    };
    for mut row in rows {
        row.peak_bytes = Some(peak);
        row.method_bytes = Some(peak.saturating_sub(before));
        (row.cycle_bytes, row.cycle_seconds) = cycle.unzip();
        print_json(&Record::Solve(row))?;
    }
    Ok(())
}

/// Bytes that a multigrid cycle moves, and its seconds when it runs alone: the best of many, as of the triad's passes.
fn cycle(grid: &FlagGrid, rhs: &[f64], threads: usize) -> Option<(u64, f64)> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .ok()?;
    pool.install(|| {
        let mut multigrid = Multigrid::new(&FlagStencil::new(grid)).ok()?;
        let mut z = vec![0.0; rhs.len()];
        let (begun, mut count, mut best) = (Instant::now(), 0, f64::INFINITY);
        while count < CYCLES || begun.elapsed() < CYCLE_TIME {
            let start = Instant::now();
            multigrid.apply(rhs, &mut z);
            best = best.min(start.elapsed().as_secs_f64());
            count += 1;
        }
        Some((multigrid.cycle_bytes() as u64, best))
    })
}

fn tolerance_row(
    job: &Job,
    case: &PoissonCase,
    grid: &FlagGrid,
    method: Method,
    tolerance: f64,
    x: &mut [f64],
) -> Result<SolveRow, CommandError> {
    let build = || {
        PoissonSolver::builder(grid)
            .method(method)
            .options(options(method, tolerance))
            .threads(job.solver.threads)
            .build()
    };
    let unknowns = case.fluid_cells();
    let (built, setup) = timed(build);
    let mut solver = match built {
        Ok(solver) => solver,
        Err(error) => {
            return Ok(SolveRow {
                note: error.to_string(),
                ..SolveRow::empty(
                    &job.problem,
                    &job.solver,
                    tolerance,
                    unknowns,
                    Outcome::Refused,
                )
            });
        }
    };
    let (report, seconds) = timed(|| {
        x.fill(0.0);
        solver.solve(&case.rhs, x).cloned()
    });
    let report = report?;
    let residual = relative_residual(case, x);
    Ok(SolveRow {
        iterations: Some(report.iterations),
        residual: residual.is_finite().then_some(residual),
        setup_seconds: Some(setup),
        solve_seconds: Some(seconds),
        iteration_bytes: solver.iteration_bytes().map(|bytes| bytes as u64),
        note: note(&report, solver.choice()),
        ..SolveRow::empty(
            &job.problem,
            &job.solver,
            tolerance,
            unknowns,
            reached(Some(residual), tolerance),
        )
    })
}

/// No method is given up early: plain conjugate gradients need an iteration for each cell along a side, and
/// on a maze for each along the way through it, most of which bring the residual down by nothing.
pub(super) fn options(method: Method, tolerance: f64) -> SolveOptions {
    SolveOptions {
        max_iterations: match method {
            Method::Cg | Method::Jacobi => 20_000,
            _ => 5_000,
        },
        stagnation: match method {
            Method::Cg | Method::Jacobi => 0,
            _ => SolveOptions::default().stagnation,
        },
        ..SolveOptions::with_rtol(tolerance)
    }
}

/// What was chosen, and how a solve ended that did not converge.
fn note(report: &SolveReport, choice: &str) -> String {
    let status = match report.status {
        Status::Converged => String::new(),
        status => status.to_string(),
    };
    let parts = [status, choice.to_owned()];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    told.join("; ")
}

/// Result of the last, and median time, of up to [`REPEATS`] runs.
fn timed<T>(mut act: impl FnMut() -> T) -> (T, f64) {
    let begun = Instant::now();
    let (mut times, mut last) = (Vec::new(), None);
    loop {
        // What the last run made is gone before the next begins: its memory must not count twice.
        drop(last.take());
        let start = Instant::now();
        let result = act();
        times.push(start.elapsed().as_secs_f64());
        if times.len() == REPEATS || begun.elapsed() > PATIENCE {
            times.sort_by(f64::total_cmp);
            return (result, times[times.len() / 2]);
        }
        last = Some(result);
    }
}

/// Sets the system's peak to what is in use now, which it returns (bytes).
fn reset_peak() -> u64 {
    // Linux only; elsewhere, or without the right, the peak includes the making of the case.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    own_memory("VmRSS").unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_work_is_repeated_and_the_median_counts() {
        let mut runs = 0;
        let (last, seconds) = timed(|| {
            runs += 1;
            let pause = if runs == 2 { 60 } else { 1 };
            std::thread::sleep(Duration::from_millis(pause));
            runs
        });
        assert_eq!(last, REPEATS);
        assert!((0.001..0.05).contains(&seconds), "{seconds}");
    }

    #[test]
    fn memory_is_known_on_linux() {
        if cfg!(target_os = "linux") {
            let before = reset_peak();
            let block = vec![1u8; 64 << 20];
            assert!(std::hint::black_box(&block).iter().all(|byte| *byte == 1));
            assert!(own_memory("VmHWM").unwrap_or(0) >= before + (48 << 20));
        }
    }
}
