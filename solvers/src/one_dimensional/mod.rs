//! Equations in one dimension.

mod diffusion_sorption;
mod dormand_prince;
mod equation;
mod exact;
mod finite_volume;
mod run;
mod spectral;
#[cfg(test)]
mod tests;
mod tridiagonal;
mod validation;

pub use diffusion_sorption::{DiffusionSorption, SorptionParameters};
pub use dormand_prince::{AdaptiveReport, dormand_prince};
pub use equation::PeriodicEquation;
pub use finite_volume::{FiniteVolumeLine, LineFlux};
pub use run::{LineEquation, LineRun};
pub use spectral::SpectralLine;
pub use validation::{line_accuracy, sorption_accuracy};
