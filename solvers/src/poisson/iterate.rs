//! The iteration of a Poisson solver: in single precision first where the method has it, then in double.
//!
//! docs/decisions/single-precision-cg.md says why.

use super::parts::Parts;
use crate::linear::{Krylov, Reason, SolveOptions, SolveReport, Start, Status};

/// Iterations in single precision at most. Smooth domains need fewer. In mazes the smallest eigenvalues are so
/// small that single precision loses p . A p, and more iterations there than in double precision would follow.
const SINGLE: usize = 10;

/// Solves by the method that is set up.
pub(super) fn iterate(
    parts: &mut Parts,
    krylov: &mut Krylov,
    b: &[f64],
    x: &mut [f64],
    options: &SolveOptions,
) {
    match parts.preconditioner.inner() {
        Some(inner) => {
            let few = SolveOptions {
                max_iterations: options.max_iterations.min(SINGLE),
                ..options.clone()
            };
            let (stencil, nullspace) = (&parts.stencil, parts.nullspace.as_ref());
            krylov.inner_pcg(stencil, inner, nullspace, b, x, &few);
            if may_go_on(krylov.report()) {
                go_on(parts, krylov, b, x, options);
            }
        }
        None => iterate_in_double(parts, krylov, b, x, options),
    }
    let indefinite = matches!(
        krylov.report().reason,
        Some(Reason::PreconditionerNotPositive { .. })
    );
    if indefinite && parts.preconditioner.make_safe() {
        go_on(parts, krylov, b, x, options);
        let note = "the W-cycle is not positive definite here; V-cycles from now on";
        krylov.report_mut().notes.push(note.into());
    }
}

/// Whether more exact arithmetic may help.
fn may_go_on(report: &SolveReport) -> bool {
    use Status::{Breakdown, Diverged, MaxIterations, Stagnated};
    let status = report.status;
    matches!(status, MaxIterations | Diverged | Stagnated | Breakdown)
}

/// Goes on in double precision from the x that there is, with the iterations that are left, and makes one report
/// of both parts.
fn go_on(parts: &mut Parts, krylov: &mut Krylov, b: &[f64], x: &mut [f64], options: &SolveOptions) {
    let first = krylov.report();
    let left = options.max_iterations.saturating_sub(first.iterations);
    if left == 0 {
        return;
    }
    let options = SolveOptions {
        start: Start::Given,
        max_iterations: left,
        ..options.clone()
    };
    let counts = [
        first.iterations,
        first.operator_applications,
        first.preconditioner_applications,
    ];
    let (seconds, start) = (first.solve_seconds, first.residual_start);
    iterate_in_double(parts, krylov, b, x, &options);
    let report = krylov.report_mut();
    report.iterations += counts[0];
    report.operator_applications += counts[1];
    report.preconditioner_applications += counts[2];
    report.solve_seconds += seconds;
    report.residual_start = start;
}

fn iterate_in_double(
    parts: &mut Parts,
    krylov: &mut Krylov,
    b: &[f64],
    x: &mut [f64],
    options: &SolveOptions,
) {
    let (stencil, nullspace) = (&parts.stencil, parts.nullspace.as_ref());
    let is_exact = parts.preconditioner.is_exact();
    let preconditioner = parts.preconditioner.map();
    if is_exact {
        krylov.refinement(stencil, preconditioner, nullspace, b, x, options);
    } else {
        krylov.solve(stencil, preconditioner, nullspace, b, x, options);
    }
}
