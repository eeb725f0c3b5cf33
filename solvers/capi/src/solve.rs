//! Solving.

#![allow(unsafe_code)]

use karman_solvers::{LinearOperator, PoissonSolver};

use crate::handles::{self, KarmanPoisson};
use crate::memory::{pair, put};
use crate::options::{count, start, tolerance};
use crate::report::KarmanReport;
use crate::status::{Failure, KarmanStatus, guarded};

/// Solves A x = b. x is the first guess too, unless the start is KARMAN_START_ZERO.
///
/// b   a value per cell; those of cells that are not fluid are ignored.
/// x   a value per cell; those of cells that are not fluid become 0. Must not overlap b.
/// n   their number, that of all cells.
///
/// Returns 0 (KARMAN_STATUS_OK) only when x is within the tolerance.
///
/// # Safety
/// `b` and `x` point to `n` values each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_solve(
    solver: *mut KarmanPoisson,
    b: *const f64,
    x: *mut f64,
    n: usize,
) -> KarmanStatus {
    guarded("karman_poisson_solve", || {
        handles::with(solver, |solver| {
            fits(solver, n)?;
            // SAFETY: the caller's promise.
            let (b, x) = unsafe { pair(["b", "x"], b, x, n)? };
            Ok(solver.solve(b, x)?.status.into())
        })
    })
}

/// Solves for `count` right-hand sides, which lie one behind the other in b, as do the solutions in
/// x: `n * count` values each, n being the number of cells.
///
/// reports   NULL, or room for `count` reports.
///
/// Returns 0 when all converged, else the status of the first that did not; the others are solved
/// nevertheless. Where b holds a NaN the status is negative, and what comes before is solved.
///
/// # Safety
/// `b` and `x` point to `n * count` values each, `reports` (unless null) to memory for `count`
/// reports.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_solve_batch(
    solver: *mut KarmanPoisson,
    b: *const f64,
    x: *mut f64,
    n: usize,
    count: usize,
    reports: *mut KarmanReport,
) -> KarmanStatus {
    guarded("karman_poisson_solve_batch", || {
        handles::with(solver, |solver| {
            fits(solver, n)?;
            if count == 0 {
                return Ok(KarmanStatus::Ok);
            }
            let total = n
                .checked_mul(count)
                .ok_or_else(|| Failure::argument(format!("count {count} of {n} values each")))?;
            // SAFETY: the caller's promise.
            let (b, x) = unsafe { pair(["b", "x"], b, x, total)? };
            let mut outcome = KarmanStatus::Ok;
            for (i, (b, x)) in b.chunks_exact(n).zip(x.chunks_exact_mut(n)).enumerate() {
                let solved = solver.solve(b, x).map(|report| report.status);
                let status = solved.map_err(|error| {
                    let mut failure = Failure::from(error);
                    failure.message = format!("right-hand side {i}: {}", failure.message);
                    failure
                })?;
                if outcome == KarmanStatus::Ok {
                    outcome = status.into();
                }
                if !reports.is_null() {
                    // SAFETY: i < count, so this is inside of the caller's array.
                    unsafe { put("reports", reports.add(i), KarmanReport::of(solver))? };
                }
            }
            Ok(outcome)
        })
    })
}

/// y = A x, over all cells; 0 in cells that are not fluid. For checking, and for methods of your own.
///
/// # Safety
/// `x` and `y` point to `n` values each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_apply(
    solver: *mut KarmanPoisson,
    x: *const f64,
    y: *mut f64,
    n: usize,
) -> KarmanStatus {
    guarded("karman_poisson_apply", || {
        handles::with(solver, |solver| {
            fits(solver, n)?;
            // SAFETY: the caller's promise.
            let (x, y) = unsafe { pair(["x", "y"], x, y, n)? };
            solver.operator().apply(x, y);
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Sets the tolerance of the next solves: ||b - A x|| <= max(rtol ||b||, atol).
#[unsafe(no_mangle)]
pub extern "C" fn karman_poisson_set_tolerance(
    solver: *mut KarmanPoisson,
    rtol: f64,
    atol: f64,
) -> KarmanStatus {
    guarded("karman_poisson_set_tolerance", || {
        handles::with(solver, |solver| {
            tolerance(rtol, atol)?;
            let options = solver.options_mut();
            (options.rtol, options.atol) = (rtol, atol);
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Sets the first guess of the next solves, a karman_start.
#[unsafe(no_mangle)]
pub extern "C" fn karman_poisson_set_start(
    solver: *mut KarmanPoisson,
    first_guess: i32,
) -> KarmanStatus {
    guarded("karman_poisson_set_start", || {
        handles::with(solver, |solver| {
            solver.options_mut().start = start(first_guess)?;
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Sets the number of iterations that the next solves may take.
#[unsafe(no_mangle)]
pub extern "C" fn karman_poisson_set_iterations(
    solver: *mut KarmanPoisson,
    max_iterations: i64,
) -> KarmanStatus {
    guarded("karman_poisson_set_iterations", || {
        handles::with(solver, |solver| {
            solver.options_mut().max_iterations = count("max_iterations", max_iterations)?;
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Refuses a length that is not the number of cells.
fn fits(solver: &PoissonSolver, n: usize) -> Result<(), Failure> {
    let cells = solver.grid().len();
    if n == cells {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "n is {n}, the grid has {cells} cells"
    )))
}
