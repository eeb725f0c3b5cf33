//! Neural surrogates, their training and evaluation.
mod init;
mod mario;
mod ops;
pub use mario::{ModulatedField, ModulatedFieldConfig, Modulation};
pub use ops::{affine_relu, fourier_features};
