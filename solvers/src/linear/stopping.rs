//! When an iteration has to end.

use super::{Reason, SolveOptions, SolveReport, Status};

/// A residual is a new smallest one when it is below this share of the last.
pub(super) const PROGRESS: f64 = 0.999;

/// What the stopping rules look at.
pub(super) struct Watch {
    pub target: f64,
    limit: f64,
    stagnation: usize,
    pub max_iterations: usize,
    smallest: f64,
    smallest_at: usize,
    /// True residual at the last restart.
    pub verified: f64,
}

/// What to do after an iteration.
pub(super) enum Next {
    /// Iterate.
    Continue,
    /// The recurrence is at the target: compute the true residual.
    Verify,
    /// Give up.
    Stop(Status, Option<Reason>),
}

impl Watch {
    /// For a system with this ||b||, residual at the start and target.
    pub(super) fn new(options: &SolveOptions, norm: f64, residual: f64, target: f64) -> Self {
        Self {
            target,
            limit: options.divergence * residual.max(norm),
            stagnation: options.stagnation,
            max_iterations: options.max_iterations,
            smallest: residual,
            smallest_at: 0,
            verified: residual,
        }
    }

    /// Judges the recurrence's residual norm after an iteration.
    pub(super) fn observe(&mut self, residual: f64, report: &mut SolveReport) -> Next {
        report.record(residual);
        if !residual.is_finite() {
            return Next::Stop(Status::Diverged, Some(Reason::NotFinite { what: "r" }));
        }
        if residual <= self.target {
            return Next::Verify;
        }
        if residual > self.limit {
            return Next::Stop(Status::Diverged, None);
        }
        if report.iterations >= self.max_iterations {
            return Next::Stop(Status::MaxIterations, None);
        }
        if residual < PROGRESS * self.smallest {
            self.smallest = residual;
            self.smallest_at = report.iterations;
        } else if self.stagnation > 0 && report.iterations - self.smallest_at >= self.stagnation {
            let iterations = self.stagnation;
            return Next::Stop(Status::Stagnated, Some(Reason::NoProgress { iterations }));
        }
        Next::Continue
    }
}
