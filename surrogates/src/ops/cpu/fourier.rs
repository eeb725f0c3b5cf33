//! Fourier features on the CPU.

use rayon::prelude::*;

use super::{CpuTensor, Real, tensor, uninitialised, values, vectorised};

/// Points handled by one task.
const CHUNK_POINTS: usize = 256;

/// Sine of a phase given in turns, in a form that compilers vectorise.
pub(in crate::ops) trait SinTurns: Real + std::ops::Mul<Output = Self> {
    /// `sin(2 pi turns)`.
    fn sin_turns(self) -> Self;
    /// A quarter of a turn, which makes a cosine of a sine.
    const QUARTER: Self;
}

impl SinTurns for f32 {
    const QUARTER: Self = 0.25;

    /// The odd Taylor polynomial of degree 13 after folding to a quarter turn: error below
    /// 3e-7 plus the rounding of the phase itself.
    #[inline(always)]
    fn sin_turns(self) -> f32 {
        // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer without a branch.
        const ROUND: f32 = 12_582_912.0;
        let turn = self - ((self + ROUND) - ROUND);
        let folded = if turn > 0.25 {
            0.5 - turn
        } else if turn < -0.25 {
            -0.5 - turn
        } else {
            turn
        };
        let phase = folded * std::f32::consts::TAU;
        let s = phase * phase;
        let series = 1.0
            + s * (-1.666_666_7e-1
                + s * (8.333_333e-3
                    + s * (-1.984_127e-4
                        + s * (2.755_731_9e-6 + s * (-2.505_210_8e-8 + s * 1.605_904_4e-10)))));
        phase * series
    }
}

impl SinTurns for f64 {
    const QUARTER: Self = 0.25;

    #[inline(always)]
    fn sin_turns(self) -> f64 {
        ((self - self.round()) * std::f64::consts::TAU).sin()
    }
}

/// `[sin(2 pi x B^T), cos(2 pi x B^T), x, 0]` at each scale; shapes as in
/// [`fourier_features`](crate::fourier_features).
pub(in crate::ops) fn forward<T: SinTurns>(
    x: CpuTensor,
    frequencies: CpuTensor,
    width: usize,
) -> CpuTensor {
    let (x, frequencies) = (x.to_contiguous(), frequencies.to_contiguous());
    let (x_shape, b_shape) = (x.layout().shape(), frequencies.layout().shape());
    let (cases, points, inputs) = (x_shape[0], x_shape[1], x_shape[2]);
    let (scales, n_freq) = (b_shape[0], b_shape[1]);
    let by_input: Vec<Vec<T>> = values::<T>(&frequencies)
        .chunks_exact((n_freq * inputs).max(1))
        .map(|scale| transposed(scale, n_freq, inputs))
        .collect();
    let xs = values::<T>(&x);
    let mut out = uninitialised::<T>(cases * scales * points * width);
    // Tasks: pieces of one scale of one case, with the points they are made of.
    out.par_chunks_mut((points * width).max(1))
        .enumerate()
        .flat_map(|(block, out)| {
            let (case, scale) = (block / scales, block % scales);
            let xs = &xs[case * points * inputs..(case + 1) * points * inputs];
            let xs = xs.par_chunks(CHUNK_POINTS * inputs);
            let by_input = &by_input[scale];
            out.par_chunks_mut(CHUNK_POINTS * width)
                .zip(xs)
                .map(move |(out, xs)| (out, xs, by_input))
        })
        .for_each(|(out, xs, by_input)| {
            vectorised(|| {
                for (row, x) in out.chunks_exact_mut(width).zip(xs.chunks_exact(inputs)) {
                    features(row, x, by_input, n_freq);
                }
            });
        });
    tensor(out, [cases, scales * points, width])
}

/// One row of features.
#[inline(always)]
fn features<T: SinTurns>(row: &mut [T], x: &[T], by_input: &[T], n_freq: usize) {
    let (sine, rest) = row.split_at_mut(n_freq);
    let (cosine, rest) = rest.split_at_mut(n_freq);
    let (raw, padding) = rest.split_at_mut(x.len());
    raw.copy_from_slice(x);
    padding.fill(T::ZERO);
    sine.fill(T::ZERO);
    for (frequencies, &x) in by_input.chunks_exact(n_freq).zip(x) {
        for (sum, &frequency) in sine.iter_mut().zip(frequencies) {
            *sum += frequency * x;
        }
    }
    for (sine, cosine) in sine.iter_mut().zip(cosine) {
        let turns = *sine;
        *sine = turns.sin_turns();
        *cosine = (turns + T::QUARTER).sin_turns();
    }
}

/// `[rows, cols]` to `[cols, rows]`.
fn transposed<T: Real>(matrix: &[T], rows: usize, cols: usize) -> Vec<T> {
    (0..cols)
        .flat_map(|col| (0..rows).map(move |row| matrix[row * cols + col]))
        .collect()
}
