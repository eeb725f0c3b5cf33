//! The report as C sees it.

use karman_solvers::{PoissonSolver, SolveReport};

use crate::options::number_of;
use crate::status::KarmanStatus;

/// What the last solve did. Norms are Euclidean, over fluid cells.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KarmanReport {
    /// How it ended: a karman_status that is not negative.
    pub status: i32,
    /// The karman_method in use, never KARMAN_METHOD_AUTO.
    pub method: i32,
    /// Number of cells of the grid, fluid or not.
    pub unknowns: i64,
    /// Iterations done.
    pub iterations: i64,
    /// Products with A.
    pub operator_applications: i64,
    /// Applications of the preconditioner.
    pub preconditioner_applications: i64,
    /// Entries of karman_poisson_history.
    pub history_length: i64,
    /// Iterations between two entries of karman_poisson_history.
    pub history_stride: i64,
    /// ||b||, after the imbalance was removed.
    pub rhs_norm: f64,
    /// ||b - A x|| that was asked for.
    pub target: f64,
    /// ||b - A x|| at the start.
    pub residual_start: f64,
    /// ||b - A x|| at the end, computed from x.
    pub residual: f64,
    /// residual / rhs_norm; 0 when b = 0.
    pub relative_residual: f64,
    /// Share of ||b|| along the constants of parts of the fluid that touch no air.
    pub imbalance: f64,
    /// Seconds of set-up.
    pub setup_seconds: f64,
    /// Seconds of the last change of cells.
    pub update_seconds: f64,
    /// Seconds of the solve.
    pub solve_seconds: f64,
}

impl KarmanReport {
    pub(crate) fn of(solver: &PoissonSolver) -> Self {
        Self::new(solver.report(), number_of(solver.method()))
    }

    fn new(report: &SolveReport, method: i32) -> Self {
        Self {
            status: KarmanStatus::from(report.status) as i32,
            method,
            unknowns: report.unknowns as i64,
            iterations: report.iterations as i64,
            operator_applications: report.operator_applications as i64,
            preconditioner_applications: report.preconditioner_applications as i64,
            history_length: report.history.len() as i64,
            history_stride: report.history_stride as i64,
            rhs_norm: report.rhs_norm,
            target: report.target,
            residual_start: report.residual_start,
            residual: report.residual,
            relative_residual: report.relative_residual(),
            imbalance: report.imbalance,
            setup_seconds: report.setup_seconds,
            update_seconds: report.update_seconds,
            solve_seconds: report.solve_seconds,
        }
    }
}
