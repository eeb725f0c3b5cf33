//! What a solve did: the answer to "is x good, and where did the time go".

use std::fmt;

use serde::Serialize;

/// How a solve ended. Only [`Converged`](Self::Converged) means that x is as good as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// The true residual is at or below the tolerance.
    Converged,
    /// Not within the iterations allowed; x is the last iterate.
    #[default]
    MaxIterations,
    /// The residual grew beyond the limit.
    Diverged,
    /// The residual does not fall any more: the tolerance is below what the arithmetic can reach,
    /// or the preconditioner does not fit the operator.
    Stagnated,
    /// The method cannot go on; [`SolveReport::reason`] says why.
    Breakdown,
    /// No x solves the system: b is not balanced on a singular component.
    Incompatible,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::MaxIterations => "not converged (iteration limit)",
            Self::Diverged => "diverged",
            Self::Stagnated => "stagnated",
            Self::Breakdown => "broke down",
            Self::Incompatible => "incompatible right-hand side",
        })
    }
}

/// Why a solve ended without convergence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// `p . A p <= 0` for a direction p: the operator is not positive definite.
    OperatorNotPositive {
        /// `p . A p / p . p`.
        curvature: f64,
    },
    /// `r . M^-1 r <= 0`: the preconditioner is not positive definite.
    PreconditionerNotPositive {
        /// `r . M^-1 r / r . r`.
        curvature: f64,
    },
    /// A search direction, and the residual in its place, at a right angle to the residual.
    UselessDirection {
        /// Of the angle between direction and residual.
        cosine: f64,
    },
    /// A length that does not fit.
    Shape {
        /// Of what.
        what: &'static str,
        /// The number of unknowns that memory was made for.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A NaN or an infinity.
    NotFinite {
        /// Where it was met.
        what: &'static str,
    },
    /// b is so small or large that squares of its entries leave the range of f64.
    Scale {
        /// Largest magnitude of b.
        largest: f64,
    },
    /// The residual computed from x does not fall any more where the recurrence's does.
    AttainableAccuracy,
    /// No new smallest residual in this many iterations.
    NoProgress {
        /// The iterations.
        iterations: usize,
    },
    /// b is not balanced on a singular component.
    Imbalance {
        /// Label of the component with the largest share.
        component: u32,
        /// Sum of b over it.
        sum: f64,
    },
    /// b is not orthogonal to a null vector of A.
    NullVector {
        /// b times the unit null vector with the largest share.
        product: f64,
    },
    /// The residual is as small as it gets for a singular matrix: what is left is in its nullspace.
    LeastSquares {
        /// `||A r|| / (||A|| ||r||)`.
        gradient: f64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Self::OperatorNotPositive { curvature } => write!(
                f,
                "the matrix is not positive definite: p.Ap / p.p = {curvature:.3e} for a search \
                 direction; use MINRES for symmetric indefinite systems"
            ),
            Self::PreconditionerNotPositive { curvature } => write!(
                f,
                "the preconditioner is not positive definite: r.z / r.r = {curvature:.3e}"
            ),
            Self::UselessDirection { cosine } => write!(
                f,
                "the search direction is of no use: cosine {cosine:.1e} with the residual"
            ),
            Self::Shape {
                what,
                expected,
                found,
            } => write!(f, "{what} has {found} entries instead of {expected}"),
            Self::NotFinite { what } => write!(f, "{what} holds NaN or infinite values"),
            Self::Scale { largest } => write!(
                f,
                "the largest entry of b is {largest:.3e}: its square leaves the range of f64; \
                 scale the system"
            ),
            Self::AttainableAccuracy => f.write_str(
                "the true residual does not fall any more: the tolerance is below what f64 reaches \
                 for this matrix",
            ),
            Self::NoProgress { iterations } => {
                write!(f, "no new smallest residual in {iterations} iterations")
            }
            Self::Imbalance { component, sum } => write!(
                f,
                "b sums to {sum:.3e} over component {component}, which has no fixed value: no \
                 solution; balance b, or ask for the projection"
            ),
            Self::NullVector { product } => write!(
                f,
                "the matrix is singular and b has a part along its nullspace ({product:.3e}): no \
                 solution; take that part out, or ask for the projection"
            ),
            Self::LeastSquares { gradient } => write!(
                f,
                "the matrix is singular and b has a part that it cannot reach \
                 (||A r|| / ||A|| ||r|| = {gradient:.1e}): x is a least-squares solution"
            ),
        }
    }
}

/// What a solve did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SolveReport {
    /// How it ended.
    pub status: Status,
    /// Why, when it did not converge.
    pub reason: Option<Reason>,
    /// The method that ran.
    pub method: &'static str,
    /// Number of unknowns.
    pub unknowns: usize,
    /// Iterations done.
    pub iterations: usize,
    /// `||b||`, after the projection where one was made.
    pub rhs_norm: f64,
    /// `||b - A x||` that was asked for.
    pub target: f64,
    /// `||b - A x||` at the start.
    pub residual_start: f64,
    /// `||b - A x||` at the end, computed from x in f64.
    pub residual: f64,
    /// `||b - A x||` by the method's recurrence, at every [`history_stride`](Self::history_stride)th
    /// iteration from the start on.
    pub history: Vec<f64>,
    /// Iterations between entries of the history: doubled whenever the room is used up.
    pub history_stride: usize,
    /// Products with A, that for the final residual included.
    pub operator_applications: usize,
    /// Applications of the preconditioner or search direction.
    pub preconditioner_applications: usize,
    /// How often the recurrence was restarted from the true residual.
    pub restarts: usize,
    /// Directions that were of no use and were replaced by the residual.
    pub fallbacks: usize,
    /// Norm of b's part along the constants of singular components, over ||b||.
    pub imbalance: f64,
    /// Whether that part was removed.
    pub projected: bool,
    /// Seconds of set-up, once per matrix.
    pub setup_seconds: f64,
    /// Seconds of the last update after a change of the matrix.
    pub update_seconds: f64,
    /// Seconds of this solve.
    pub solve_seconds: f64,
    /// Remarks from set-up: shifts, fallbacks, choices.
    pub notes: Vec<String>,
}

impl SolveReport {
    /// Whether x is as good as asked.
    pub fn converged(&self) -> bool {
        self.status == Status::Converged
    }

    /// `||b - A x|| / ||b||`; 0 when b = 0.
    pub fn relative_residual(&self) -> f64 {
        if self.residual == 0.0 {
            0.0
        } else {
            self.residual / self.rhs_norm
        }
    }

    /// Decimal digits by which one iteration lowers the residual, on average.
    pub fn digits_per_iteration(&self) -> f64 {
        if self.iterations == 0 || self.residual <= 0.0 {
            return 0.0;
        }
        (self.residual_start / self.residual).log10() / self.iterations as f64
    }

    /// Clears for a new solve, keeping memory, set-up and notes.
    pub(crate) fn begin(&mut self, method: &'static str, unknowns: usize) {
        self.status = Status::MaxIterations;
        self.reason = None;
        self.method = method;
        self.unknowns = unknowns;
        self.iterations = 0;
        self.rhs_norm = 0.0;
        self.target = 0.0;
        self.residual_start = 0.0;
        self.residual = 0.0;
        self.history.clear();
        self.history_stride = 1;
        self.operator_applications = 0;
        self.preconditioner_applications = 0;
        self.restarts = 0;
        self.fallbacks = 0;
        self.imbalance = 0.0;
        self.projected = false;
        self.solve_seconds = 0.0;
    }

    /// Records the residual at `iterations`; thins the history out when its room is used up.
    pub(crate) fn record(&mut self, residual: f64) {
        if !self.iterations.is_multiple_of(self.history_stride) {
            return;
        }
        if self.history.len() == self.history.capacity() {
            if self.history.len() < 2 {
                return;
            }
            let mut keep = false;
            self.history.retain(|_| {
                keep = !keep;
                keep
            });
            self.history_stride *= 2;
            if !self.iterations.is_multiple_of(self.history_stride) {
                return;
            }
        }
        self.history.push(residual);
    }
}

impl fmt::Display for SolveReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.method, self.status)?;
        let plural = if self.iterations == 1 { "" } else { "s" };
        writeln!(f, " after {} iteration{plural}", self.iterations)?;
        if let Some(reason) = &self.reason {
            writeln!(f, "  because      {reason}")?;
        }
        writeln!(
            f,
            "  residual     {:.2e} -> {:.2e}  ({:.2e} of ||b|| = {:.2e}, asked for {:.2e})",
            self.residual_start,
            self.residual,
            self.relative_residual(),
            self.rhs_norm,
            self.target
        )?;
        if self.imbalance > 0.0 {
            let done = if self.projected { ", removed" } else { "" };
            writeln!(f, "  imbalance    {:.2e} of ||b||{done}", self.imbalance)?;
        }
        write!(
            f,
            "  work         {} products with A, {} preconditioner applications",
            self.operator_applications, self.preconditioner_applications
        )?;
        if self.restarts > 0 {
            write!(f, ", {} restarts", self.restarts)?;
        }
        if self.fallbacks > 0 {
            write!(
                f,
                ", {} directions replaced by the residual",
                self.fallbacks
            )?;
        }
        write!(f, "\n  time         solve {}", seconds(self.solve_seconds))?;
        if self.setup_seconds > 0.0 {
            write!(f, ", set-up {}", seconds(self.setup_seconds))?;
        }
        if self.update_seconds > 0.0 {
            write!(f, ", update {}", seconds(self.update_seconds))?;
        }
        let rate = self.unknowns as f64 / self.solve_seconds / 1e6;
        if rate.is_finite() && rate > 0.0 {
            write!(f, "  ({} unknowns, {rate:.2} M/s)", self.unknowns)?;
        }
        for note in &self.notes {
            write!(f, "\n  note         {note}")?;
        }
        Ok(())
    }
}

/// A time as a person writes it.
fn seconds(time: f64) -> String {
    if time >= 1.0 {
        format!("{time:.2} s")
    } else if time >= 1e-3 {
        format!("{:.1} ms", time * 1e3)
    } else {
        format!("{:.0} us", time * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_history_is_thinned_and_never_grows() {
        let mut report = SolveReport {
            history: Vec::with_capacity(8),
            ..SolveReport::default()
        };
        report.begin("test", 1);
        for iteration in 0..1000 {
            report.iterations = iteration;
            report.record(iteration as f64);
        }
        assert_eq!(report.history.capacity(), 8);
        assert!(report.history.len() > 4);
        for (i, value) in report.history.iter().enumerate() {
            assert_eq!(*value, (i * report.history_stride) as f64);
        }
    }

    #[test]
    fn reads_as_a_person_would_write() {
        let report = SolveReport {
            status: Status::Converged,
            method: "conjugate gradients",
            unknowns: 1_000_000,
            iterations: 12,
            rhs_norm: 2.0,
            target: 2e-6,
            residual_start: 2.0,
            residual: 1e-6,
            operator_applications: 13,
            preconditioner_applications: 12,
            solve_seconds: 0.25,
            setup_seconds: 0.0125,
            ..SolveReport::default()
        };
        let text = report.to_string();
        let expected = [
            "conjugate gradients: converged after 12 iterations",
            "5.00e-7 of ||b||",
            "13 products with A",
            "solve 250.0 ms, set-up 12.5 ms",
            "4.00 M/s",
        ];
        for part in expected {
            assert!(text.contains(part), "{part} not in\n{text}");
        }
    }
}
