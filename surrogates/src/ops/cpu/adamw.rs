//! AdamW on the CPU.

use burn::backend::Flex;
use rayon::prelude::*;

use super::{CpuTensor, values, vectorised};
use crate::ops::adamw::{AdamwStep, BackendState};

/// Values updated by one task.
const CHUNK: usize = 1 << 14;

/// One step; see [`crate::ops::adamw`]. Memory is reused where nobody else holds it.
pub(in crate::ops) fn step(
    state: BackendState<Flex>,
    grad: CpuTensor,
    numbers: CpuTensor,
) -> BackendState<Flex> {
    let numbers = numbers.to_contiguous();
    let step = AdamwStep::from_values(values::<f32>(&numbers));
    let mut state = BackendState::<Flex> {
        value: state.value.to_contiguous(),
        first: state.first.to_contiguous(),
        second: state.second.to_contiguous(),
        average: state.average.to_contiguous(),
    };
    let grad = grad.to_contiguous();
    let gs = values::<f32>(&grad);
    state
        .value
        .storage_mut::<f32>()
        .par_chunks_mut(CHUNK)
        .zip(state.first.storage_mut::<f32>().par_chunks_mut(CHUNK))
        .zip(state.second.storage_mut::<f32>().par_chunks_mut(CHUNK))
        .zip(state.average.storage_mut::<f32>().par_chunks_mut(CHUNK))
        .zip(gs.par_chunks(CHUNK))
        .for_each(|((((value, first), second), average), grad)| {
            vectorised(|| update(value, first, second, average, grad, step));
        });
    state
}

#[inline(always)]
fn update(
    value: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    average: &mut [f32],
    grad: &[f32],
    s: AdamwStep,
) {
    let decay = 1.0 - s.lr * s.weight_decay;
    let rate = s.lr / s.correction_1;
    let root = 1.0 / s.correction_2.sqrt();
    let states = value.iter_mut().zip(first).zip(second).zip(average);
    for ((((value, m), v), average), &g) in states.zip(grad) {
        let g = (g * s.grad_scale).clamp(-s.clip, s.clip);
        *m += (1.0 - s.beta_1) * (g - *m);
        *v = s.beta_2 * *v + (1.0 - s.beta_2) * g * g;
        *value = *value * decay - rate * *m / (v.sqrt() * root + s.epsilon);
        *average = s.ema_decay * *average + (1.0 - s.ema_decay) * *value;
    }
}
