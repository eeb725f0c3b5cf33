//! CPU kernels behind the operators.

#![allow(unsafe_code)]

pub(super) mod adamw;
pub(super) mod affine;
pub(super) mod fourier;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Element, Flex};
use burn::tensor::{Shape, TensorData};

/// The tensor type of the CPU backend.
pub(super) type CpuTensor = FloatTensor<Flex>;

/// Floating-point types the kernels are compiled for.
pub(super) trait Real:
    Element + bytemuck::Pod + std::ops::AddAssign + std::ops::Add<Output = Self> + PartialOrd
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

/// The values of a tensor, in row-major order.
pub(super) fn values<T: Real>(tensor: &CpuTensor) -> &[T] {
    tensor
        .as_slice::<T>()
        .expect("the caller made the tensor contiguous and matched its dtype")
}

/// A tensor that owns `data`.
pub(super) fn tensor<T: Real>(data: Vec<T>, shape: impl Into<Shape>) -> CpuTensor {
    CpuTensor::from_data(TensorData::new(data, shape))
}

/// Runs `work` compiled for the widest vectors that the machine has. No operation is fused or
/// reordered, so the result is the same on every machine.
#[inline(always)]
fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// A vector of `length` elements whose contents are unspecified until written: a kernel that
/// overwrites every element need not pay for clearing megabytes first.
fn uninitialised<T: Real>(length: usize) -> Vec<T> {
    let mut data: Vec<T> = Vec::with_capacity(length);
    // SAFETY: every bit pattern is a valid `f32` or `f64`, the capacity was just reserved, and
    // every caller writes each element before anything reads it.
    #[allow(clippy::uninit_vec)]
    unsafe {
        data.set_len(length);
    }
    data
}
