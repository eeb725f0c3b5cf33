//! Regression of force coefficients on what is known of a case before any field is computed.

mod dense;
mod descriptor;
mod features;
mod gaussian_process;
mod kernel;
mod kernel_ridge;
mod model;
mod store;
mod thin_airfoil;

pub use kernel::Kernel;
pub use kernel_ridge::KernelRidge;
pub use model::{CoefficientModel, CoefficientPrediction};
pub use thin_airfoil::ThinAirfoil;
