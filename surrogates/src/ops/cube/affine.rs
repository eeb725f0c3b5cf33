//! `x W + t` on CubeCL: burn's matrix product, and one pass for everything around it.

use burn::{
    backend::ops::FloatTensorOps,
    tensor::{DType, Shape},
};
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, ir::ElemType, prelude::*},
    kernel::{
        cast,
        matmul::{MatmulStrategy, matmul},
    },
    ops::reshape,
    tensor::CubeTensor,
};

use super::{accumulator, elem, empty_like, flat, lanes, rows, sum_rows::sum_rows};

/// Rows that one unit adds up before the second stage of a sum over points.
const ROWS_PER_UNIT: usize = 16;

/// Rows at least in a piece of a weight gradient.
const MIN_PIECE: usize = 256;

/// Pieces at most. A product of 256 columns with 256 columns fills four of a GPU's hundred or so
/// multiprocessors however many rows it sums over; cut into pieces it fills all of them.
const MAX_PIECES: usize = 64;

/// Products of at least so many multiplications are tuned: kernels are tried when a shape is first
/// seen, which takes seconds. For smaller ones the first that fits will do.
const TUNED_FROM: usize = 1 << 24;

/// `x W + t`, clipped at zero when `relu`; shapes and precision as in
/// [`affine_relu`](crate::affine_relu) and [`affine`](crate::affine).
pub(in crate::ops) fn forward(
    x: CubeTensor,
    weight: CubeTensor,
    shift: CubeTensor,
    relu: bool,
) -> CubeTensor {
    let [cases, points, _] = x.meta.shape().dims::<3>();
    let [_, _, outputs] = weight.meta.shape().dims::<3>();
    let dtype = if relu { x.dtype } else { weight.dtype };
    let weight = cast(weight, x.dtype);
    let product = product(merged(x, &weight), weight, dtype);
    let product = reshape(product, Shape::new([cases, points, outputs]));
    add_shift(product, rows(shift), relu)
}

/// The gradient behind the ReLU, in the precision of the activations, and its sums over the
/// points of each case `[cases, outputs]`, in that of the weights.
pub(in crate::ops) struct Masked {
    pub(in crate::ops) values: CubeTensor,
    pub(in crate::ops) sums: CubeTensor,
}

/// Masks `grad` where the ReLU was closed, that is where its output `y` is zero.
pub(in crate::ops) fn masked(
    activations: DType,
    weights: DType,
    y: CubeTensor,
    grad: CubeTensor,
    relu: bool,
) -> Masked {
    let (y, grad) = (rows(y), rows(grad));
    let [cases, points, outputs] = grad.meta.shape().dims::<3>();
    let sum_dtype = accumulator(weights);
    let values = empty_like(&grad, [cases, points, outputs], activations);
    let parts = points.div_ceil(ROWS_PER_UNIT);
    let partial = empty_like(&grad, [cases, parts, outputs], sum_dtype);
    let vector = lanes(outputs);
    let columns = outputs / vector;
    let units = cases * parts * columns;
    if units > 0 {
        let client = grad.client.clone();
        let (count, dim) = flat(&client, units);
        let types = [
            elem(y.dtype),
            elem(grad.dtype),
            elem(activations),
            elem(sum_dtype),
        ];
        // SAFETY: a unit below `units` names a case, a part and a column of vectors; it reads and
        // writes rows of its part below `points` only, and all buffers hold `cases x points` rows
        // (`partial` `cases x parts`) of `columns` vectors. Other units return.
        unsafe {
            mask_and_sum::launch_unchecked(
                &client,
                count,
                dim,
                vector,
                y.into_buffer_arg(),
                grad.into_buffer_arg(),
                values.clone().into_buffer_arg(),
                partial.clone().into_buffer_arg(),
                points,
                parts,
                units,
                columns,
                relu,
                ROWS_PER_UNIT,
                types,
            );
        }
    }
    Masked {
        values,
        sums: sum_rows(partial),
    }
}

/// `g W^T`, in the precision of `g`.
pub(in crate::ops) fn input_gradient(weight: &CubeTensor, masked: CubeTensor) -> CubeTensor {
    let [cases, points, _] = masked.meta.shape().dims::<3>();
    let [_, inputs, _] = weight.meta.shape().dims::<3>();
    let dtype = masked.dtype;
    let weight = CubeBackend::float_swap_dims(cast(weight.clone(), dtype), 1, 2);
    let gradient = product(merged(masked, &weight), weight, dtype);
    reshape(gradient, Shape::new([cases, points, inputs]))
}

/// `x^T g` in the precision of the weight, over all points, or over those of each case where each
/// has its own weight.
pub(in crate::ops) fn weight_gradient(
    x: CubeTensor,
    weight: &CubeTensor,
    masked: CubeTensor,
) -> CubeTensor {
    let [weights, inputs, outputs] = weight.meta.shape().dims::<3>();
    let [cases, points, _] = x.meta.shape().dims::<3>();
    let rows_of_weight = cases * points / weights;
    let pieces = pieces(rows_of_weight);
    let cut = [weights * pieces, rows_of_weight / pieces];
    let x = reshape(rows(x), Shape::new([cut[0], cut[1], inputs]));
    let g = reshape(rows(masked), Shape::new([cut[0], cut[1], outputs]));
    let x = CubeBackend::float_swap_dims(x, 1, 2);
    let parts = product(x, g, weight.dtype);
    let parts = reshape(parts, Shape::new([weights, pieces, inputs * outputs]));
    let total = if pieces == 1 { parts } else { sum_rows(parts) };
    reshape(total, Shape::new([weights, inputs, outputs]))
}

/// The largest number of equal pieces of at least [`MIN_PIECE`] rows, [`MAX_PIECES`] at most.
fn pieces(rows: usize) -> usize {
    (1..=MAX_PIECES)
        .rev()
        .find(|n| rows.is_multiple_of(*n) && rows / n >= MIN_PIECE)
        .unwrap_or(1)
}

/// One matrix of all rows where all cases share a weight.
fn merged(x: CubeTensor, weight: &CubeTensor) -> CubeTensor {
    let [cases, points, width] = x.meta.shape().dims::<3>();
    if weight.meta.shape()[0] == 1 {
        reshape(rows(x), Shape::new([1, cases * points, width]))
    } else {
        x
    }
}

/// `a b` for `a: [batch, n, k]` and `b: [batch or 1, k, m]`, in memory without gaps.
fn product(a: CubeTensor, b: CubeTensor, dtype: DType) -> CubeTensor {
    let [batch, rows, _] = a.meta.shape().dims::<3>();
    let [_, _, columns] = b.meta.shape().dims::<3>();
    let out = || Some(empty_like(&a, [batch, rows, columns], dtype));
    if a.meta.num_elements() * columns < TUNED_FROM
        && let Ok(product) = matmul(a.clone(), b.clone(), out(), MatmulStrategy::Cube, dtype)
    {
        return product;
    }
    let out = out();
    matmul(a, b, out, MatmulStrategy::Autotune, dtype)
        .unwrap_or_else(|error| panic!("affine: no matrix product for these shapes: {error:?}"))
}

/// `z + t` in place, clipped at zero when `relu`.
fn add_shift(z: CubeTensor, shift: CubeTensor, relu: bool) -> CubeTensor {
    let [cases, points, outputs] = z.meta.shape().dims::<3>();
    let vector = lanes(outputs);
    let columns = outputs / vector;
    let units = cases * points * columns;
    if units > 0 {
        let client = z.client.clone();
        let (count, dim) = flat(&client, units);
        let types = [elem(z.dtype), elem(shift.dtype)];
        // SAFETY: units at or beyond `units`, the number of vectors in `z`, return; the others
        // touch their own vector, and the shift of a case below `cases`.
        unsafe {
            shift_rows::launch_unchecked(
                &client,
                count,
                dim,
                vector,
                z.clone().into_buffer_arg(),
                shift.into_buffer_arg(),
                points,
                units,
                columns,
                relu,
                types,
            );
        }
    }
    z
}

#[cube(launch_unchecked)]
fn shift_rows<F: Float, A: Float, N: Size>(
    z: &mut [Vector<F, N>],
    shift: &[Vector<A, N>],
    points: usize,
    units: usize,
    #[comptime] columns: usize,
    #[comptime] relu: bool,
    #[define(F, A)] _types: [ElemType; 2],
) {
    if ABSOLUTE_POS >= units {
        terminate!();
    }
    let column = ABSOLUTE_POS % columns;
    let case = ABSOLUTE_POS / columns / points;
    let sum = Vector::<A, N>::cast_from(z[ABSOLUTE_POS]) + shift[case * columns + column];
    if comptime![relu] {
        let zero = Vector::<A, N>::new(A::from_int(0));
        z[ABSOLUTE_POS] = Vector::cast_from(max(sum, zero));
    } else {
        z[ABSOLUTE_POS] = Vector::cast_from(sum);
    }
}

#[cube(launch_unchecked)]
fn mask_and_sum<Y: Float, G: Float, V: Float, A: Float, N: Size>(
    y: &[Vector<Y, N>],
    grad: &[Vector<G, N>],
    values: &mut [Vector<V, N>],
    partial: &mut [Vector<A, N>],
    points: usize,
    parts: usize,
    units: usize,
    #[comptime] columns: usize,
    #[comptime] relu: bool,
    #[comptime] rows_per_unit: usize,
    #[define(Y, G, V, A)] _types: [ElemType; 4],
) {
    if ABSOLUTE_POS >= units {
        terminate!();
    }
    let column = ABSOLUTE_POS % columns;
    let part = ABSOLUTE_POS / columns % parts;
    let case = ABSOLUTE_POS / columns / parts;
    let first = part * rows_per_unit;
    let zero = Vector::<A, N>::new(A::from_int(0));
    let mut sum = zero;
    for step in 0..rows_per_unit {
        let row = first + step;
        if row < points {
            let at = (case * points + row) * columns + column;
            let mut g = Vector::<A, N>::cast_from(grad[at]);
            if comptime![relu] {
                let open = Vector::<A, N>::cast_from(y[at]).greater_than(&zero);
                g = select_many(open, g, zero);
            }
            values[at] = Vector::cast_from(g);
            sum += g;
        }
    }
    partial[ABSOLUTE_POS] = sum;
}
