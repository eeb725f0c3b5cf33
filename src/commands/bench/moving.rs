//! The moving-solid sequence: what `update` and a good first guess are worth, step by step.

use std::time::Instant;

use karman_solvers::{
    Cell, Method, MovingSolidCase, PoissonCase, PoissonSolver, SolveReport, Start,
};

use super::child::print_json;
use super::job::Job;
use super::peers::reached;
use super::residual::relative_residual;
use super::row::{MovingRow, Record};
use super::work::{dims, grid, options};
use crate::commands::error::CommandError;

/// Runs the sequence; prints a row for each step.
pub(super) fn run(job: &Job, method: Method) -> Result<(), CommandError> {
    for tolerance in &job.tolerances {
        sequence(job, method, *tolerance)?;
    }
    Ok(())
}

fn sequence(job: &Job, method: Method, tolerance: f64) -> Result<(), CommandError> {
    let mut moving = MovingSolidCase::new(dims(&job.problem), job.problem.seed)?;
    let build = |case: &PoissonCase, start: Start| -> Result<PoissonSolver, CommandError> {
        let solver = PoissonSolver::builder(&grid(case)?)
            .method(method)
            .options(options(method, tolerance))
            .threads(job.solver.threads)
            .start(start)
            .build()?;
        Ok(solver)
    };
    let begun = Instant::now();
    let mut solver = build(moving.case(), Start::Scaled)?;
    let mut update_seconds = begun.elapsed().as_secs_f64();
    let (mut x, mut changed) = (vec![0.0; moving.case().rhs.len()], 0);
    loop {
        let case = moving.case();
        let (report, solve_seconds) = solve(&mut solver, case, &mut x)?;
        let residual = relative_residual(case, &x);
        let begun = Instant::now();
        let mut fresh = build(case, Start::Zero)?;
        let fresh_setup_seconds = begun.elapsed().as_secs_f64();
        let mut from_zero = vec![0.0; x.len()];
        let (cold, fresh_solve_seconds) = solve(&mut fresh, case, &mut from_zero)?;
        print_json(&Record::Moving(MovingRow {
            problem: job.problem.clone(),
            solver: job.solver.clone(),
            tolerance,
            outcome: reached(Some(residual), tolerance),
            step: moving.step(),
            changed,
            update_seconds,
            solve_seconds,
            iterations: report.iterations,
            residual,
            fresh_setup_seconds,
            fresh_solve_seconds,
            fresh_iterations: cold.iterations,
        }))?;
        let Some(changes) = moving.advance() else {
            return Ok(());
        };
        let changes = cells(&changes)?;
        changed = changes.len();
        let begun = Instant::now();
        solver.update(&changes)?;
        update_seconds = begun.elapsed().as_secs_f64();
    }
}

fn solve(
    solver: &mut PoissonSolver,
    case: &PoissonCase,
    x: &mut [f64],
) -> Result<(SolveReport, f64), CommandError> {
    let begun = Instant::now();
    let report = solver.solve(&case.rhs, x)?.clone();
    Ok((report, begun.elapsed().as_secs_f64()))
}

fn cells(changes: &[(usize, u8)]) -> Result<Vec<(usize, Cell)>, CommandError> {
    let cell = |(index, flag): &(usize, u8)| {
        let cell = Cell::try_from(*flag);
        let unknown =
            |flag| CommandError::input(format!("cell {index} has the unknown flag {flag}"));
        Ok((*index, cell.map_err(unknown)?))
    };
    changes.iter().map(cell).collect()
}
