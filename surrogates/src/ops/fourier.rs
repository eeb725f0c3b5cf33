//! Random Fourier features `[sin(2 pi x B^T), cos(2 pi x B^T), x]` at one or more scales.
//!
//! Tancik et al., "Fourier Features Let Networks Learn High Frequency Functions in Low
//! Dimensional Domains", NeurIPS 2020, arXiv 2006.10739.

use burn::{
    Tensor,
    backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor},
    tensor::{DType, Slice},
};
use burn_autodiff::{
    Autodiff,
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind, unary},
};

use super::cpu::fourier as cpu;

/// Computes `[sin(2 pi x B^T), cos(2 pi x B^T), x, 0]` for each scale's `B`, with as many zeros
/// as make `width` columns: products run faster over whole vectors. The frequencies are constants:
/// the gradient reaches `x` only.
///
/// # Shapes
///
/// - `x`: `[cases, points, inputs]`
/// - `frequencies` (`B`): `[scales, n_freq, inputs]`
/// - output: `[cases, scales points, width]`, all points of the first scale first
///
/// # Panics
///
/// Panics if the last axes differ, or if `width` is less than `2 n_freq + inputs`.
pub fn fourier_features(x: Tensor<3>, frequencies: Tensor<3>, width: usize) -> Tensor<3> {
    let [_, _, inputs] = x.dims();
    let [_, n_freq, columns] = frequencies.dims();
    assert!(
        inputs == columns && 2 * n_freq + inputs <= width,
        "fourier_features: x has {inputs} columns and the frequencies {columns}; {n_freq} \
         frequencies need a width of {}, got {width}",
        2 * n_freq + inputs
    );
    Tensor::from_dispatch(<Dispatch as FourierFeatures>::fourier_features(
        x.into_dispatch(),
        frequencies.into_dispatch(),
        width,
    ))
}

/// The forward pass, routed at run time to the tensor's backend.
#[backend_extension(
    Flex,
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "fusion"),
    Autodiff
)]
pub(super) trait FourierFeatures: Backend {
    /// See [`fourier_features`].
    #[fusion(meta = output_spec)]
    fn fourier_features(
        x: FloatTensor<Self>,
        frequencies: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self>;
}

impl FourierFeatures for Flex {
    fn fourier_features(
        x: FloatTensor<Self>,
        frequencies: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        match x.dtype() {
            DType::F32 => cpu::forward::<f32>(x, frequencies, width),
            DType::F64 => cpu::forward::<f64>(x, frequencies, width),
            dtype => {
                panic!("fourier_features: {dtype:?} is not supported on the CPU, use f32 or f64")
            }
        }
    }
}

#[cfg(feature = "cube")]
impl FourierFeatures for burn_cubecl::CubeBackend {
    fn fourier_features(
        x: FloatTensor<Self>,
        frequencies: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        super::cube::fourier::forward(x, frequencies, width)
    }
}

/// Shape and dtype of the output, for the lazy backend.
#[cfg(feature = "fusion")]
fn output_spec(
    x: &burn::backend::fusion::custom::TensorSpec,
    frequencies: &burn::backend::fusion::custom::TensorSpec,
    width: &usize,
) -> burn::backend::fusion::custom::TensorSpec {
    let shape = [x.shape[0], frequencies.shape[0] * x.shape[1], *width];
    burn::backend::fusion::custom::TensorSpec::new(shape.into(), x.dtype)
}

impl<B: Backend + FourierFeatures, C: CheckpointStrategy> FourierFeatures for Autodiff<B, C> {
    fn fourier_features(
        x: FloatTensor<Self>,
        frequencies: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Step;

        impl<B: Backend + FourierFeatures> Backward<B, 1> for Step {
            type State = (FloatTensor<B>, FloatTensor<B>);

            fn backward(
                self,
                ops: Ops<Self::State, 1>,
                grads: &mut Gradients,
                _checkpointer: &mut Checkpointer,
            ) {
                unary::<B, _>(ops.parents, ops.node, grads, |grad| {
                    let (frequencies, y) = ops.state;
                    input_gradient::<B>(frequencies, y, grad)
                });
            }
        }

        let node = x.node();
        let frequencies = frequencies.into_primitive();
        let y = B::fourier_features(x.into_primitive(), frequencies.clone(), width);
        match Step.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((frequencies, y.clone()), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}

/// `2 pi (g_sin cos - g_cos sin) B + g_x`, summed over the scales, with sine and cosine read back
/// from the output `y`.
fn input_gradient<B: Backend>(
    frequencies: FloatTensor<B>,
    y: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> FloatTensor<B> {
    let (shape, b) = (y.shape(), frequencies.shape());
    let (scales, n_freq, inputs) = (b[0], b[1], b[2]);
    let (cases, points) = (shape[0], shape[1] / scales);
    let by_scale = [cases, scales, points, shape[2]];
    let y = B::float_reshape(y, by_scale.into());
    let grad = B::float_reshape(grad, by_scale.into());
    let columns = |tensor: FloatTensor<B>, from: usize, to: usize| {
        let whole = by_scale[..3].iter().map(|&n| Slice::from(0..n));
        let slices: Vec<_> = whole.chain([Slice::from(from..to)]).collect();
        B::float_slice(tensor, &slices)
    };
    let sine = columns(y.clone(), 0, n_freq);
    let cosine = columns(y, n_freq, 2 * n_freq);
    let grad_sine = columns(grad.clone(), 0, n_freq);
    let grad_cosine = columns(grad.clone(), n_freq, 2 * n_freq);
    let phase = B::float_sub(
        B::float_mul(grad_sine, cosine),
        B::float_mul(grad_cosine, sine),
    );
    let phase = B::float_mul_scalar(phase, (2.0 * std::f64::consts::PI).into());
    let frequencies = B::float_reshape(frequencies, [1, scales, n_freq, inputs].into());
    let frequencies = B::float_expand(frequencies, [cases, scales, n_freq, inputs].into());
    let total = B::float_add(
        B::float_matmul(phase, frequencies),
        columns(grad, 2 * n_freq, 2 * n_freq + inputs),
    );
    let total = B::float_sum_dim(total, 1);
    B::float_reshape(total, [cases, points, inputs].into())
}
