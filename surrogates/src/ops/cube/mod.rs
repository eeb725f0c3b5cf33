//! The operators on CubeCL runtimes: CUDA, and for tests the CPU.
//!
//! Launches are unchecked, so each kernel guards its own bounds; the argument why every index is
//! inside its buffer stands at the launch.

#![allow(unsafe_code)]

pub(super) mod adamw;
pub(super) mod affine;
pub(super) mod fourier;
mod sum_rows;

use burn::tensor::{DType, Shape};
use burn_cubecl::{
    cubecl::{ir::ElemType, prelude::*},
    kernel::into_contiguous,
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};

/// A tensor like `like` in device and client, of another shape and dtype, with memory that holds
/// anything. Row-major without gaps: left to itself, the runtime begins each row at a multiple of
/// some bytes, which these kernels do not expect.
fn empty_like(like: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), dtype)
}

/// A tensor whose rows of `columns` values can be read in vectors: row-major and, where it is a
/// view into a larger buffer, beginning at a whole vector.
fn rows(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    let start = tensor.handle.offset_start.unwrap_or(0);
    if start.is_multiple_of(16) {
        tensor
    } else {
        into_contiguous(tensor.copy())
    }
}

/// How many of `columns` neighbours a unit handles at once: at most 16 bytes of f32.
fn lanes(columns: usize) -> usize {
    [4, 2]
        .into_iter()
        .find(|n| columns.is_multiple_of(*n))
        .unwrap_or(1)
}

/// The type that sums and products of `dtype` are computed in.
fn accumulator(dtype: DType) -> DType {
    if dtype == DType::F64 {
        DType::F64
    } else {
        DType::F32
    }
}

fn elem(dtype: DType) -> ElemType {
    burn::backend::cubecl::dtype_to_storage_type(dtype)
}

/// Cubes and units for `units` independent pieces of work.
fn flat(client: &Client, units: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new(client, units);
    let count = burn_cubecl::cubecl::calculate_cube_count_elemwise(client, units, dim);
    (count, dim)
}
