//! Blocked `x W + t`, with or without a ReLU, and its gradients on the CPU.

#![allow(unsafe_code)]

use gemm::{Parallelism, gemm};
use rayon::prelude::*;

use super::{CpuTensor, Real, tensor, uninitialised, values, vectorised};

/// Rows multiplied at a time: large enough for the product to run at full speed, small enough
/// for a block of 256 columns to stay in the second-level cache.
const BLOCK_ROWS: usize = 256;

/// Partial sums of the weight gradient. Fixed, so that the result does not depend on the number
/// of threads.
const CHUNKS: usize = 8;

/// A dense matrix by address and strides.
#[derive(Clone, Copy)]
struct View<'a, T> {
    data: &'a [T],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> View<'a, T> {
    fn row_major(data: &'a [T], rows: usize, cols: usize) -> Self {
        assert!(data.len() >= rows * cols, "matrix view out of bounds");
        Self {
            data,
            rows,
            cols,
            row_stride: cols,
            col_stride: 1,
        }
    }

    fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }
}

/// `out = a b`, or `out += a b`, on one thread. `out` is row-major and may hold anything when it
/// is overwritten.
fn multiply<T: Real>(out: &mut [T], a: View<'_, T>, b: View<'_, T>, accumulate: bool) {
    assert_eq!(a.cols, b.rows, "inner dimensions");
    assert!(out.len() >= a.rows * b.cols, "output too small");
    // SAFETY: `View` checked that every index below rows x cols lies inside its slice, the output
    // holds rows x cols elements, and it cannot alias the inputs because it is borrowed mutably.
    unsafe {
        gemm(
            a.rows,
            b.cols,
            a.cols,
            out.as_mut_ptr(),
            1,
            b.cols as isize,
            accumulate,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Sizes shared by both passes.
#[derive(Clone, Copy)]
struct Sizes {
    cases: usize,
    points: usize,
    inputs: usize,
    outputs: usize,
    weights: usize,
}

impl Sizes {
    fn new(x: &CpuTensor, weight: &CpuTensor) -> Self {
        let (x, w) = (x.layout().shape(), weight.layout().shape());
        Self {
            cases: x[0],
            points: x[1],
            inputs: x[2],
            outputs: w[2],
            weights: w[0],
        }
    }

    /// Row blocks `(case, first row, rows)`; a block never crosses from one case to the next.
    fn blocks(&self) -> Vec<(usize, usize, usize)> {
        (0..self.cases)
            .flat_map(|case| {
                (0..self.points).step_by(BLOCK_ROWS).map(move |first| {
                    let rows = BLOCK_ROWS.min(self.points - first);
                    (case, case * self.points + first, rows)
                })
            })
            .collect()
    }

    fn weight<'a, T>(&self, weight: &'a [T], case: usize) -> View<'a, T> {
        let size = self.inputs * self.outputs;
        let first = if self.weights == 1 { 0 } else { case * size };
        View::row_major(&weight[first..first + size], self.inputs, self.outputs)
    }
}

/// Splits `data` into consecutive mutable pieces of the given lengths.
fn split_lengths<T>(mut data: &mut [T], lengths: impl Iterator<Item = usize>) -> Vec<&mut [T]> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (head, tail) = data.split_at_mut(length);
        pieces.push(head);
        data = tail;
    }
    pieces
}

/// `x W + t`, clipped at zero when `relu`; shapes as in [`affine_relu`](crate::affine_relu).
pub(in crate::ops) fn forward<T: Real>(
    x: CpuTensor,
    weight: CpuTensor,
    shift: CpuTensor,
    relu: bool,
) -> CpuTensor {
    let (x, weight, shift) = (
        x.to_contiguous(),
        weight.to_contiguous(),
        shift.to_contiguous(),
    );
    let sizes = Sizes::new(&x, &weight);
    let (xs, ws, ts) = (values::<T>(&x), values::<T>(&weight), values::<T>(&shift));
    let n = sizes.outputs;
    let blocks = sizes.blocks();
    let mut out = uninitialised::<T>(sizes.cases * sizes.points * n);
    split_lengths(&mut out, blocks.iter().map(|b| b.2 * n))
        .into_par_iter()
        .zip(&blocks)
        .for_each(|(out, &(case, first, rows))| {
            let x = View::row_major(&xs[first * sizes.inputs..], rows, sizes.inputs);
            multiply(out, x, sizes.weight(ws, case), false);
            let t = &ts[case * n..(case + 1) * n];
            vectorised(|| {
                if relu {
                    shift_rows::<T, true>(out, t);
                } else {
                    shift_rows::<T, false>(out, t);
                }
            });
        });
    tensor(out, [sizes.cases, sizes.points, n])
}

/// `row + t` in place for each row, clipped at zero when `RELU`.
#[inline(always)]
fn shift_rows<T: Real, const RELU: bool>(rows: &mut [T], t: &[T]) {
    for row in rows.chunks_exact_mut(t.len()) {
        for (value, &t) in row.iter_mut().zip(t) {
            let sum = *value + t;
            *value = if !RELU || sum > T::ZERO { sum } else { T::ZERO };
        }
    }
}

/// What one chunk of rows adds to the gradients of weight and shift.
struct Partial<T> {
    weight: Vec<T>,
    shift: Vec<T>,
}

/// Gradients with respect to `x` (empty when not asked for), weight and shift.
pub(in crate::ops) fn backward<T: Real>(
    x: CpuTensor,
    weight: CpuTensor,
    y: CpuTensor,
    grad: CpuTensor,
    relu: bool,
    x_is_tracked: bool,
) -> (CpuTensor, CpuTensor, CpuTensor) {
    let (x, weight) = (x.to_contiguous(), weight.to_contiguous());
    let (y, grad) = (y.to_contiguous(), grad.to_contiguous());
    let sizes = Sizes::new(&x, &weight);
    let (xs, ws) = (values::<T>(&x), values::<T>(&weight));
    let (ys, gs) = (values::<T>(&y), values::<T>(&grad));
    let blocks = sizes.blocks();
    let rows = sizes.cases * sizes.points;
    let mut dx = uninitialised::<T>(if x_is_tracked { rows * sizes.inputs } else { 0 });
    let chunks: Vec<_> = blocks
        .chunks(blocks.len().div_ceil(CHUNKS).max(1))
        .collect();
    let dx_of = |chunk: &&[(usize, usize, usize)]| {
        let rows: usize = chunk.iter().map(|b| b.2).sum();
        if x_is_tracked { rows * sizes.inputs } else { 0 }
    };
    let partials: Vec<Partial<T>> = split_lengths(&mut dx, chunks.iter().map(dx_of))
        .into_par_iter()
        .zip(&chunks)
        .map(|(dx, chunk)| {
            let dx = x_is_tracked.then_some(dx);
            backward_chunk(&sizes, chunk, (xs, ws, ys, gs), relu, dx)
        })
        .collect();
    let (dw, dt) = sum_partials(&sizes, partials);
    let dx_points = if x_is_tracked { sizes.points } else { 0 };
    (
        tensor(dx, [sizes.cases, dx_points, sizes.inputs]),
        tensor(dw, [sizes.weights, sizes.inputs, sizes.outputs]),
        tensor(dt, [sizes.cases, sizes.outputs]),
    )
}

/// Gradients from the row blocks of one chunk; `dx` holds just the rows of the chunk.
fn backward_chunk<T: Real>(
    sizes: &Sizes,
    chunk: &[(usize, usize, usize)],
    (xs, ws, ys, gs): (&[T], &[T], &[T], &[T]),
    relu: bool,
    mut dx: Option<&mut [T]>,
) -> Partial<T> {
    let (k, n) = (sizes.inputs, sizes.outputs);
    let mut partial = Partial {
        weight: vec![T::ZERO; sizes.weights * k * n],
        shift: vec![T::ZERO; sizes.cases * n],
    };
    let mut dz = uninitialised::<T>(BLOCK_ROWS * n);
    let mut done = 0;
    for &(case, first, rows) in chunk {
        let span = first * n..(first + rows) * n;
        let shift = &mut partial.shift[case * n..(case + 1) * n];
        let (y, g) = (&ys[span.clone()], &gs[span]);
        vectorised(|| {
            if relu {
                mask_and_sum::<T, true>(&mut dz, y, g, shift);
            } else {
                mask_and_sum::<T, false>(&mut dz, y, g, shift);
            }
        });
        let dz = View::row_major(&dz, rows, n);
        let x = View::row_major(&xs[first * k..], rows, k);
        let weight_first = if sizes.weights == 1 { 0 } else { case * k * n };
        let dw = &mut partial.weight[weight_first..weight_first + k * n];
        multiply(dw, x.transposed(), dz, true);
        if let Some(dx) = dx.as_deref_mut() {
            let dx = &mut dx[done * k..(done + rows) * k];
            multiply(dx, dz, sizes.weight(ws, case).transposed(), false);
        }
        done += rows;
    }
    partial
}

/// `dz = g`, or with `MASK` 0 where `y` is not positive, and adds the rows of `dz` to `sum`.
#[inline(always)]
fn mask_and_sum<T: Real, const MASK: bool>(dz: &mut [T], y: &[T], g: &[T], sum: &mut [T]) {
    let n = sum.len();
    for ((dz, y), g) in dz
        .chunks_exact_mut(n)
        .zip(y.chunks_exact(n))
        .zip(g.chunks_exact(n))
    {
        for (((dz, &y), &g), sum) in dz.iter_mut().zip(y).zip(g).zip(sum.iter_mut()) {
            *dz = if !MASK || y > T::ZERO { g } else { T::ZERO };
            *sum += *dz;
        }
    }
}

/// Adds the chunks in order, so that rounding is the same on every run.
fn sum_partials<T: Real>(sizes: &Sizes, partials: Vec<Partial<T>>) -> (Vec<T>, Vec<T>) {
    let mut partials = partials.into_iter();
    let Some(mut total) = partials.next() else {
        let (k, n) = (sizes.inputs, sizes.outputs);
        return (
            vec![T::ZERO; sizes.weights * k * n],
            vec![T::ZERO; sizes.cases * n],
        );
    };
    for part in partials {
        for (sum, value) in total.weight.iter_mut().zip(part.weight) {
            *sum += value;
        }
        for (sum, value) in total.shift.iter_mut().zip(part.shift) {
            *sum += value;
        }
    }
    (total.weight, total.shift)
}
