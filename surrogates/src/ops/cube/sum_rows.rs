//! Sums over rows, in a fixed order: the same on every run.

use burn_cubecl::{
    cubecl::{self, ir::ElemType, prelude::*},
    tensor::CubeTensor,
};

use super::{elem, empty_like, rows};

/// Columns and row lanes of a cube: a warp reads neighbouring columns.
const COLUMNS: u32 = 32;
const ROW_LANES: u32 = 8;

/// `[batch, rows, columns]` to `[batch, columns]`, in f32 or f64.
pub(super) fn sum_rows(tensor: CubeTensor) -> CubeTensor {
    let tensor = rows(tensor);
    let [batch, n_rows, columns] = tensor.meta.shape().dims::<3>();
    let sums = empty_like(&tensor, [batch, columns], tensor.dtype);
    if batch * columns == 0 {
        return sums;
    }
    let client = tensor.client.clone();
    let dim = cube_dim(client.properties().hardware.max_units_per_cube);
    let blocks = columns.div_ceil(dim.x as usize);
    let count = CubeCount::Static(blocks as u32, batch as u32, 1);
    let dtype = elem(tensor.dtype);
    // SAFETY: columns at or beyond `columns` are left out, rows are below `n_rows`, and the cubes'
    // second index is below `batch`: every index lies in `batch x n_rows x columns` values.
    unsafe {
        sum_rows_kernel::launch_unchecked(
            &client,
            count,
            dim,
            tensor.into_buffer_arg(),
            sums.clone().into_buffer_arg(),
            n_rows,
            columns,
            dim.x as usize,
            dim.y as usize,
            dtype,
        );
    }
    sums
}

/// As large as the device allows; a CPU's cube has as many units as cores.
fn cube_dim(max_units: u32) -> CubeDim {
    let x = COLUMNS.min(max_units);
    CubeDim::new_2d(x, ROW_LANES.min(max_units / x).max(1))
}

#[cube(launch_unchecked)]
fn sum_rows_kernel<F: Float>(
    input: &[F],
    output: &mut [F],
    n_rows: usize,
    n_columns: usize,
    #[comptime] width: usize,
    #[comptime] row_lanes: usize,
    #[define(F)] _dtype: ElemType,
) {
    let lane = UNIT_POS_Y as usize;
    let in_block = UNIT_POS_X as usize;
    let column = CUBE_POS_X as usize * width + in_block;
    let batch = CUBE_POS_Y as usize;
    let mut sum = F::from_int(0);
    if column < n_columns {
        let mut row = lane;
        while row < n_rows {
            sum += input[(batch * n_rows + row) * n_columns + column];
            row += row_lanes;
        }
    }
    if comptime![row_lanes == 1] {
        if column < n_columns {
            output[batch * n_columns + column] = sum;
        }
    } else {
        let mut shared = Shared::<[F]>::new_slice(comptime![width * row_lanes]);
        shared[lane * width + in_block] = sum;
        sync_cube();
        if lane == 0 && column < n_columns {
            let mut total = F::from_int(0);
            #[unroll]
            for other in 0..row_lanes {
                total += shared[other * width + in_block];
            }
            output[batch * n_columns + column] = total;
        }
    }
}
