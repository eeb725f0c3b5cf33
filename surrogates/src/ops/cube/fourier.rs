//! Fourier features on CubeCL.

use burn_cubecl::{
    cubecl::{self, ir::ElemType, prelude::*},
    tensor::CubeTensor,
};

use super::{elem, empty_like, flat, rows};

/// `[sin(2 pi x B^T), cos(2 pi x B^T), x, 0]` at each scale; shapes as in
/// [`fourier_features`](crate::fourier_features).
pub(in crate::ops) fn forward(x: CubeTensor, frequencies: CubeTensor, width: usize) -> CubeTensor {
    let (x, frequencies) = (rows(x), rows(frequencies));
    let [cases, points, inputs] = x.meta.shape().dims::<3>();
    let [scales, n_freq, _] = frequencies.meta.shape().dims::<3>();
    let y = empty_like(&x, [cases, scales * points, width], x.dtype);
    // A unit makes a sine and its cosine, or copies one input, or writes a zero.
    let per_row = width - n_freq;
    let units = cases * scales * points * per_row;
    if units > 0 {
        let client = x.client.clone();
        let (count, dim) = flat(&client, units);
        let dtype = elem(x.dtype);
        // SAFETY: a unit below `units` names a row of the output, and with it a case, a scale and
        // a point, and one of its frequencies or inputs; it writes in that row only.
        unsafe {
            features::launch_unchecked(
                &client,
                count,
                dim,
                x.into_buffer_arg(),
                frequencies.into_buffer_arg(),
                y.clone().into_buffer_arg(),
                points,
                scales,
                units,
                n_freq,
                inputs,
                width,
                dtype,
            );
        }
    }
    y
}

#[cube(launch_unchecked)]
fn features<F: Float>(
    x: &[F],
    frequencies: &[F],
    y: &mut [F],
    points: usize,
    scales: usize,
    units: usize,
    #[comptime] n_freq: usize,
    #[comptime] inputs: usize,
    #[comptime] width: usize,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS >= units {
        terminate!();
    }
    let per_row = comptime![width - n_freq];
    let column = ABSOLUTE_POS % per_row;
    let row = ABSOLUTE_POS / per_row;
    let block = row / points;
    let point = row % points;
    let (case, scale) = (block / scales, block % scales);
    let x_at = (case * points + point) * inputs;
    if column < n_freq {
        let b_at = (scale * n_freq + column) * inputs;
        let mut turns = F::from_int(0);
        #[unroll]
        for i in 0..inputs {
            turns += x[x_at + i] * frequencies[b_at + i];
        }
        // Folded to half a turn first: exact, and it keeps the phase where sine is accurate.
        let turn = turns - turns.round();
        let phase = turn * F::new(comptime![std::f32::consts::TAU]);
        y[row * width + column] = phase.sin();
        y[row * width + n_freq + column] = phase.cos();
    } else {
        let input = column - n_freq;
        let mut value = F::from_int(0);
        if input < inputs {
            value = x[x_at + input];
        }
        y[row * width + n_freq + column] = value;
    }
}
