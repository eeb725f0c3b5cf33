//! Runs simpleFoam on a case, watches it, and judges what it found.

mod convergence;
mod find;
mod log;
mod process;
mod states;
mod tie;

pub use convergence::{ConvergenceRule, Judgement};
pub use find::FoamSolver;
pub use log::{FoamIteration, FoamLog, RESIDUALS};
pub use process::{FoamOutcome, FoamRun, FoamRunReport};
pub(super) use states::{is_complete, states};

#[cfg(test)]
mod tests;
