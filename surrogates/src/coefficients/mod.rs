//! Regression of force coefficients on what is known of a case before any field is computed.

mod blend;
mod dense;
mod descriptor;
mod features;
mod gaussian_process;
mod kernel;
mod kernel_ridge;
mod model;
mod predictor;
mod store;
#[cfg(test)]
pub(crate) mod testing;
mod thin_airfoil;

pub use kernel_ridge::KernelRidge;
pub use model::{CoefficientModel, CoefficientPrediction};
pub use predictor::{CoefficientEstimate, CoefficientPredictor};
pub use thin_airfoil::ThinAirfoil;

pub(crate) use dense::Cholesky;
pub(crate) use descriptor::{Descriptor, mean_and_std};
