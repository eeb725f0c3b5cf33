//! One AdamW step of one parameter, with value clipping of the gradient and a running average of
//! the weights, in one pass over memory.
//!
//! Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv 1711.05101. In
//! the form of PyTorch: epsilon is added to the bias-corrected root.

use burn::{
    Tensor,
    backend::{Backend, Dispatch, ExtensionType, Flex, backend_extension, tensor::FloatTensor},
};

use super::kernels::adamw as cpu;

/// The numbers of one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamwStep {
    /// Learning rate.
    pub lr: f32,
    /// Decay of the first moment.
    pub beta_1: f32,
    /// Decay of the second moment.
    pub beta_2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// `1 - beta_1^t`.
    pub correction_1: f32,
    /// `1 - beta_2^t`.
    pub correction_2: f32,
    /// Gradients are multiplied by this, then clipped to `±clip`.
    pub grad_scale: f32,
    /// Largest absolute value of a gradient entry; infinite to switch clipping off.
    pub clip: f32,
    /// Weight of the running average's past.
    pub ema_decay: f32,
}

/// A parameter with its optimiser state, all of one shape.
#[derive(Clone, Debug)]
pub(crate) struct AdamwState<const D: usize> {
    /// The weights.
    pub value: Tensor<D>,
    /// First moment.
    pub first: Tensor<D>,
    /// Second moment.
    pub second: Tensor<D>,
    /// Running average of the weights.
    pub average: Tensor<D>,
}

/// The same as tensors of one backend: what goes into a step, and what comes out of it.
#[derive(ExtensionType)]
pub(super) struct BackendState<B: Backend> {
    pub value: FloatTensor<B>,
    pub first: FloatTensor<B>,
    pub second: FloatTensor<B>,
    pub average: FloatTensor<B>,
}

/// Advances `state` by one step.
pub(crate) fn adamw<const D: usize>(
    state: AdamwState<D>,
    grad: Tensor<D>,
    step: AdamwStep,
) -> AdamwState<D> {
    let state = BackendState {
        value: state.value.into_dispatch(),
        first: state.first.into_dispatch(),
        second: state.second.into_dispatch(),
        average: state.average.into_dispatch(),
    };
    let state = <Dispatch as Adamw>::adamw(state, grad.into_dispatch(), step);
    AdamwState {
        value: Tensor::from_dispatch(state.value),
        first: Tensor::from_dispatch(state.first),
        second: Tensor::from_dispatch(state.second),
        average: Tensor::from_dispatch(state.average),
    }
}

/// The step, routed at run time to the tensors' backend.
#[backend_extension(Flex)]
pub(super) trait Adamw: Backend {
    /// See [`adamw`].
    fn adamw(
        #[extension_type] state: BackendState<Self>,
        grad: FloatTensor<Self>,
        step: AdamwStep,
    ) -> BackendState<Self>;
}

impl Adamw for Flex {
    fn adamw(
        state: BackendState<Self>,
        grad: FloatTensor<Self>,
        step: AdamwStep,
    ) -> BackendState<Self> {
        cpu::step(state, grad, step)
    }
}
