//! CPU kernels behind the operators.

pub(super) mod adamw;
pub(super) mod affine_relu;
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
