//! Random Fourier features `[sin(2 pi x B^T), cos(2 pi x B^T), x]`.
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

use super::kernels::fourier as cpu;

/// Computes `[sin(2 pi x B^T), cos(2 pi x B^T), x]`. The frequencies are constants: the gradient
/// reaches `x` only.
///
/// # Shapes
///
/// - `x`: `[cases, points, inputs]`
/// - `frequencies` (`B`): `[n_freq, inputs]`
/// - output: `[cases, points, 2 n_freq + inputs]`
///
/// # Panics
///
/// Panics if the last axes differ.
pub fn fourier_features(x: Tensor<3>, frequencies: Tensor<2>) -> Tensor<3> {
    let [_, _, inputs] = x.dims();
    let [_, width] = frequencies.dims();
    assert!(
        inputs == width,
        "fourier_features: x has {inputs} columns and the frequencies {width}"
    );
    Tensor::from_dispatch(<Dispatch as FourierFeatures>::fourier_features(
        x.into_dispatch(),
        frequencies.into_dispatch(),
    ))
}

/// The forward pass, routed at run time to the tensor's backend.
#[backend_extension(Flex, Autodiff)]
pub(super) trait FourierFeatures: Backend {
    /// See [`fourier_features`].
    fn fourier_features(x: FloatTensor<Self>, frequencies: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl FourierFeatures for Flex {
    fn fourier_features(x: FloatTensor<Self>, frequencies: FloatTensor<Self>) -> FloatTensor<Self> {
        match x.dtype() {
            DType::F32 => cpu::forward::<f32>(x, frequencies),
            DType::F64 => cpu::forward::<f64>(x, frequencies),
            dtype => {
                panic!("fourier_features: {dtype:?} is not supported on the CPU, use f32 or f64")
            }
        }
    }
}

impl<B: Backend + FourierFeatures, C: CheckpointStrategy> FourierFeatures for Autodiff<B, C> {
    fn fourier_features(x: FloatTensor<Self>, frequencies: FloatTensor<Self>) -> FloatTensor<Self> {
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
        let y = B::fourier_features(x.into_primitive(), frequencies.clone());
        match Step.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((frequencies, y.clone()), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}

/// `2 pi (g_sin cos - g_cos sin) B + g_x`, with sine and cosine read back from the output `y`.
fn input_gradient<B: Backend>(
    frequencies: FloatTensor<B>,
    y: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> FloatTensor<B> {
    let shape = y.shape();
    let (cases, points, width) = (shape[0], shape[1], shape[2]);
    let n_freq = frequencies.shape()[0];
    let columns = |tensor: FloatTensor<B>, from: usize, to: usize| {
        let slices = [
            Slice::from(0..cases),
            Slice::from(0..points),
            Slice::from(from..to),
        ];
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
    let inputs = width - 2 * n_freq;
    let frequencies = B::float_reshape(frequencies, [1, n_freq, inputs].into());
    let frequencies = B::float_expand(frequencies, [cases, n_freq, inputs].into());
    B::float_add(
        B::float_matmul(phase, frequencies),
        columns(grad, 2 * n_freq, width),
    )
}
