//! When to stop, where to start, and what to do with a right-hand side that has no solution.

/// Options of one solve. `SolveOptions::default()` asks for 1e-6 of ||b|| from x = 0.
#[derive(Debug, Clone, PartialEq)]
pub struct SolveOptions {
    /// Stop at `||b - A x|| <= max(rtol ||b||, atol)`, on the true residual.
    pub rtol: f64,
    /// The absolute part of the same, in the unit of b.
    pub atol: f64,
    /// Iterations at most.
    pub max_iterations: usize,
    /// Give up as diverged above this many times the larger of ||b|| and the residual at the start.
    pub divergence: f64,
    /// Give up after this many iterations without a new smallest residual; 0: never.
    pub stagnation: usize,
    /// The first guess.
    pub start: Start,
    /// What to do when b has a part that no A x can reach.
    pub imbalance: Imbalance,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self {
            rtol: 1e-6,
            atol: 0.0,
            max_iterations: 1000,
            divergence: 1e5,
            stagnation: 500,
            start: Start::Zero,
            imbalance: Imbalance::ProjectBelow(1e-6),
        }
    }
}

impl SolveOptions {
    /// The defaults with another relative tolerance.
    #[must_use]
    pub fn with_rtol(rtol: f64) -> Self {
        Self {
            rtol,
            ..Self::default()
        }
    }
}

/// The first guess. The tolerance refers to ||b|| with each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// x = 0; what x holds is not read.
    #[default]
    Zero,
    /// What x holds.
    Given,
    /// What x holds, times the factor that makes the residual smallest (Hegedus), so that it is
    /// never larger than from zero. Costs no product with A.
    Scaled,
}

/// What to do when the right-hand side is not balanced on a singular component: its sum there is
/// not zero, so no x solves the system.
///
/// The imbalance is the norm of b's part along the constants of the singular components over ||b||.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Imbalance {
    /// Remove that part when it is at most this; else the status is
    /// [`Status::Incompatible`](super::Status::Incompatible). `ProjectBelow(0.0)` refuses anything.
    ProjectBelow(f64),
    /// Always remove it: least squares.
    Project,
}
