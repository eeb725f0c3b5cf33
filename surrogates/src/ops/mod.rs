//! Differentiable operators that neural fields spend their time in.
//!
//! Each operator is a burn backend extension with a hand-written backward pass: one fused kernel
//! for the CPU (`cpu`), and kernels around burn's matrix product for GPUs (`cube`). The public
//! functions work on plain [`Tensor`](burn::Tensor)s.

mod adamw;
mod affine;
mod cpu;
#[cfg(feature = "cube")]
mod cube;
mod fourier;

pub(crate) use adamw::{AdamwState, AdamwStep, StepNumbers, adamw};
pub use affine::{affine, affine_relu};
pub use fourier::fourier_features;

#[cfg(test)]
mod tests;
