//! What a bench writes down: one JSON object a line, appended as results come in.

use serde::{Deserialize, Serialize};

/// A line of `rows.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Record {
    /// One method on one case to one tolerance.
    Solve(SolveRow),
    /// One step of the moving-solid sequence.
    Moving(MovingRow),
    /// The machine's memory bandwidth.
    Triad(TriadRow),
}

/// The problem of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Problem {
    /// Name of the case.
    pub case: String,
    /// 2 or 3.
    pub dimension: usize,
    /// Cells along each axis.
    pub size: usize,
    /// Seed of the case.
    pub seed: u64,
}

/// Who solved it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Solver {
    /// Name of the method.
    pub method: String,
    /// Whether it is somebody else's.
    pub peer: bool,
    /// Threads (or MPI ranks) that it was given.
    pub threads: usize,
}

/// How a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The true residual is at or below the tolerance (a hundredth more is granted, for the rounding of
    /// the sums).
    Converged,
    /// The method ended, its true residual is above the tolerance.
    Missed,
    /// The method said that it does not take the problem.
    Refused,
    /// The method ended with an error or a crash.
    Failed,
    /// Stopped at the time limit.
    TimeLimit,
}

/// One method on one case to one tolerance. Times in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SolveRow {
    #[serde(flatten)]
    pub problem: Problem,
    #[serde(flatten)]
    pub solver: Solver,
    /// Relative tolerance on the residual.
    pub tolerance: f64,
    pub outcome: Outcome,
    /// Fluid cells.
    pub unknowns: usize,
    #[serde(default)]
    pub iterations: Option<usize>,
    /// ‖b − A x‖ / ‖b‖ in f64, recomputed outside of the method.
    #[serde(default)]
    pub residual: Option<f64>,
    /// Peers: from flags to their own matrix. Not part of any comparison. Our own methods begin with the flags.
    #[serde(default)]
    pub assembly_seconds: Option<f64>,
    #[serde(default)]
    pub setup_seconds: Option<f64>,
    #[serde(default)]
    pub solve_seconds: Option<f64>,
    /// Peak of the process, or of all ranks together.
    #[serde(default)]
    pub peak_bytes: Option<u64>,
    /// The peak less what was in use before the method began.
    #[serde(default)]
    pub method_bytes: Option<u64>,
    /// Ours: bytes that an iteration reads and writes at least, counted from its arrays.
    #[serde(default)]
    pub iteration_bytes: Option<u64>,
    /// Multigrid: bytes that a cycle moves, counted from its arrays.
    #[serde(default)]
    pub cycle_bytes: Option<u64>,
    /// Multigrid: seconds of a cycle, measured alone.
    #[serde(default)]
    pub cycle_seconds: Option<f64>,
    /// Settings, choices, reasons.
    #[serde(default)]
    pub note: String,
}

impl SolveRow {
    /// A row without numbers.
    pub(super) fn empty(
        problem: &Problem,
        solver: &Solver,
        tolerance: f64,
        unknowns: usize,
        outcome: Outcome,
    ) -> Self {
        Self {
            problem: problem.clone(),
            solver: solver.clone(),
            tolerance,
            outcome,
            unknowns,
            iterations: None,
            residual: None,
            assembly_seconds: None,
            setup_seconds: None,
            solve_seconds: None,
            peak_bytes: None,
            method_bytes: None,
            iteration_bytes: None,
            cycle_bytes: None,
            cycle_seconds: None,
            note: String::new(),
        }
    }

    /// Set-up and `solves` solves; `None` unless the row converged.
    pub(super) fn total(&self, solves: f64) -> Option<f64> {
        (self.outcome == Outcome::Converged)
            .then_some(self.setup_seconds? + solves * self.solve_seconds?)
    }

    /// Bytes a second that the iterations of the solve moved at least.
    pub(super) fn bandwidth(&self) -> Option<f64> {
        let moved =
            self.iteration_bytes? as f64 * self.iterations.filter(|count| *count > 0)? as f64;
        Some(moved / self.solve_seconds.filter(|seconds| *seconds > 0.0)?)
    }
}

/// A step of the moving-solid sequence. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MovingRow {
    #[serde(flatten)]
    pub problem: Problem,
    #[serde(flatten)]
    pub solver: Solver,
    pub tolerance: f64,
    pub outcome: Outcome,
    /// From 0.
    pub step: usize,
    /// Cells whose flag changed.
    pub changed: usize,
    /// `update` with those cells; set-up in step 0.
    pub update_seconds: f64,
    /// Solve from the last step's solution.
    pub solve_seconds: f64,
    pub iterations: usize,
    pub residual: f64,
    /// A new set-up in the place of `update`, and a solve from zero.
    pub fresh_setup_seconds: f64,
    pub fresh_solve_seconds: f64,
    pub fresh_iterations: usize,
}

/// The STREAM triad over arrays of a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TriadRow {
    pub threads: usize,
    /// Three arrays together.
    pub bytes: usize,
    pub bytes_per_second: f64,
}
