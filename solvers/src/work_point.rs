//! Cost and accuracy of a run, for the benches of all reference solvers.

use std::time::Instant;

use crate::{Simulation, SolverError};

/// A run of a solver: what it cost and how far it was off.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkPoint {
    /// The solver.
    pub solver: &'static str,
    /// What was solved.
    pub case: &'static str,
    /// Cells or points.
    pub cells: usize,
    /// Time steps; 1 for a stationary problem.
    pub steps: usize,
    /// Seconds of the steps, without set-up.
    pub seconds: f64,
    /// The relative L2 error at the end, and against what; none where only the cost was measured.
    pub error: Option<(f64, &'static str)>,
}

/// ||a - b|| / ||b||.
pub(crate) fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let difference: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    let size: f64 = b.iter().map(|b| b * b).sum();
    (difference / size).sqrt()
}

/// Runs to `time`: seconds and steps.
pub(crate) fn timed(run: &mut impl Simulation, time: f64) -> Result<(f64, usize), SolverError> {
    let clock = Instant::now();
    run.advance_to(time)?;
    Ok((clock.elapsed().as_secs_f64(), run.health().steps))
}
