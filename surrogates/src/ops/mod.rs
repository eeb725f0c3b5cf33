//! Differentiable operators that neural fields spend their time in.
//!
//! Each operator is a burn backend extension: one fused kernel for the CPU (`flex`), and a
//! hand-written backward pass. The public functions work on plain [`Tensor`]s.

mod adamw;
mod affine_relu;
mod fourier;
mod kernels;

pub(crate) use adamw::{AdamwState, AdamwStep, adamw};
pub use affine_relu::affine_relu;
pub use fourier::fourier_features;

#[cfg(test)]
mod tests;
