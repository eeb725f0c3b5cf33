//! AdamW on CubeCL, in place.

use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

use super::{flat, lanes, rows};
use crate::ops::adamw::BackendState;

/// One step; see [`crate::ops::adamw`]. Memory is reused where nobody else holds it.
pub(in crate::ops) fn step(
    state: BackendState<CubeBackend>,
    grad: CubeTensor,
    numbers: CubeTensor,
) -> BackendState<CubeBackend> {
    let state = BackendState::<CubeBackend> {
        value: own(state.value),
        first: own(state.first),
        second: own(state.second),
        average: own(state.average),
    };
    let (grad, numbers) = (rows(grad), rows(numbers));
    let n = state.value.meta.num_elements();
    let vector = lanes(n);
    let units = n / vector;
    if units > 0 {
        let client = grad.client.clone();
        let (count, dim) = flat(&client, units);
        // SAFETY: units at or beyond `units`, the number of vectors in each buffer, return; the
        // others touch their own vector. `numbers` holds `StepNumbers::COUNT` values.
        unsafe {
            update::launch_unchecked(
                &client,
                count,
                dim,
                vector,
                state.value.clone().into_buffer_arg(),
                state.first.clone().into_buffer_arg(),
                state.second.clone().into_buffer_arg(),
                state.average.clone().into_buffer_arg(),
                grad.into_buffer_arg(),
                numbers.into_buffer_arg(),
                units,
            );
        }
    }
    state
}

/// A tensor whose memory nobody else holds.
fn own(tensor: CubeTensor) -> CubeTensor {
    let tensor = rows(tensor);
    if tensor.can_mut() {
        tensor
    } else {
        rows(tensor.copy())
    }
}

/// `numbers` as in `AdamwStep::values`.
#[cube(launch_unchecked)]
fn update<N: Size>(
    value: &mut [Vector<f32, N>],
    first: &mut [Vector<f32, N>],
    second: &mut [Vector<f32, N>],
    average: &mut [Vector<f32, N>],
    grad: &[Vector<f32, N>],
    numbers: &[f32],
    units: usize,
) {
    if ABSOLUTE_POS >= units {
        terminate!();
    }
    let lr = numbers[0];
    let beta_1 = numbers[1];
    let beta_2 = numbers[2];
    let epsilon = Vector::<f32, N>::new(numbers[3]);
    let decay = Vector::<f32, N>::new(1.0 - lr * numbers[4]);
    let rate = Vector::<f32, N>::new(lr / numbers[5]);
    let root = Vector::<f32, N>::new(1.0 / numbers[6].sqrt());
    let grad_scale = Vector::<f32, N>::new(numbers[7]);
    let clip = Vector::<f32, N>::new(numbers[8]);
    let ema_decay = Vector::<f32, N>::new(numbers[9]);
    let ema_new = Vector::<f32, N>::new(1.0 - numbers[9]);

    let scaled = grad[ABSOLUTE_POS] * grad_scale;
    let g = min(max(scaled, Vector::<f32, N>::new(0.0) - clip), clip);
    let old_first = first[ABSOLUTE_POS];
    let m = old_first + Vector::<f32, N>::new(1.0 - beta_1) * (g - old_first);
    let v = Vector::<f32, N>::new(beta_2) * second[ABSOLUTE_POS]
        + Vector::<f32, N>::new(1.0 - beta_2) * g * g;
    let w = value[ABSOLUTE_POS] * decay - rate * m / (v.sqrt() * root + epsilon);
    first[ABSOLUTE_POS] = m;
    second[ABSOLUTE_POS] = v;
    value[ABSOLUTE_POS] = w;
    average[ABSOLUTE_POS] = ema_decay * average[ABSOLUTE_POS] + ema_new * w;
}
