//! Pseudo-spectral solvers on periodic domains, and random fields.

mod budget;
mod etdrk4;
mod flow;
mod forcing;
mod line;
mod plane;
mod random_field;
#[cfg(test)]
mod tests;
mod validation;
mod vorticity;

pub use budget::VorticityBudget;
pub(crate) use etdrk4::{Etdrk4, Nonlinear};
pub use flow::VorticityFlow;
pub use forcing::VorticityForcing;
pub(crate) use line::Line;
pub use random_field::{FieldBoundary, GaussianField};
pub use validation::{vorticity_accuracy, vorticity_cost};
pub use vorticity::VorticityEquation;
