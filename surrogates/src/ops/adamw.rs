//! One AdamW step of one parameter, with value clipping of the gradient and a running average of
//! the weights, in one pass over memory.
//!
//! Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv 1711.05101. In
//! the form of PyTorch: epsilon is added to the bias-corrected root.

use burn::{
    Tensor,
    backend::{Backend, Dispatch, ExtensionType, Flex, backend_extension, tensor::FloatTensor},
    tensor::{Device, TensorData, s},
};

use super::cpu::adamw as cpu;

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

/// The numbers of a step on a device: what every parameter's update reads, so that a recorded
/// step can be replayed with other numbers.
#[derive(Clone, Debug)]
pub(crate) struct StepNumbers(Tensor<1>);

impl StepNumbers {
    /// How many there are.
    pub(crate) const COUNT: usize = 10;
    /// Where `grad_scale` stands.
    const GRAD_SCALE: usize = 7;

    /// Wraps the values of [`AdamwStep::values`].
    pub(crate) fn from_tensor(values: Tensor<1>) -> Self {
        Self(values)
    }

    /// Sends `step` to `device`.
    pub(crate) fn new(step: AdamwStep, device: &Device) -> Self {
        let data = TensorData::new(step.values().to_vec(), [Self::COUNT]);
        Self(Tensor::from_data(data, device))
    }

    /// What [`from_tensor`](Self::from_tensor) takes.
    pub(crate) fn into_tensor(self) -> Tensor<1> {
        self.0
    }

    /// The same with gradients multiplied by `scale`, one number on the device.
    pub(crate) fn with_grad_scale(self, scale: Tensor<1>) -> Self {
        let at = Self::GRAD_SCALE;
        Self(self.0.slice_assign(s![at..at + 1], scale))
    }
}

impl AdamwStep {
    /// In the order in which kernels read them.
    pub(crate) fn values(self) -> [f32; StepNumbers::COUNT] {
        [
            self.lr,
            self.beta_1,
            self.beta_2,
            self.epsilon,
            self.weight_decay,
            self.correction_1,
            self.correction_2,
            self.grad_scale,
            self.clip,
            self.ema_decay,
        ]
    }

    /// Reads back what [`values`](Self::values) gave.
    pub(super) fn from_values(values: &[f32]) -> Self {
        Self {
            lr: values[0],
            beta_1: values[1],
            beta_2: values[2],
            epsilon: values[3],
            weight_decay: values[4],
            correction_1: values[5],
            correction_2: values[6],
            grad_scale: values[7],
            clip: values[8],
            ema_decay: values[9],
        }
    }
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
#[extension_type(fusion: cfg(feature = "fusion"))]
pub(super) struct BackendState<B: Backend> {
    pub value: FloatTensor<B>,
    pub first: FloatTensor<B>,
    pub second: FloatTensor<B>,
    pub average: FloatTensor<B>,
}

/// Advances `state` by one step. Memory that nobody else holds is reused.
pub(crate) fn adamw<const D: usize>(
    state: AdamwState<D>,
    grad: Tensor<D>,
    numbers: &StepNumbers,
) -> AdamwState<D> {
    let numbers = numbers.0.clone().into_dispatch();
    let state = BackendState {
        value: state.value.into_dispatch(),
        first: state.first.into_dispatch(),
        second: state.second.into_dispatch(),
        average: state.average.into_dispatch(),
    };
    let state = <Dispatch as Adamw>::adamw(state, grad.into_dispatch(), numbers);
    AdamwState {
        value: Tensor::from_dispatch(state.value),
        first: Tensor::from_dispatch(state.first),
        second: Tensor::from_dispatch(state.second),
        average: Tensor::from_dispatch(state.average),
    }
}

/// The step, routed at run time to the tensors' backend.
#[backend_extension(Flex, Cube: cfg(feature = "cube"), Fusion: cfg(feature = "fusion"))]
pub(super) trait Adamw: Backend {
    /// See [`adamw`]; `numbers` are those of [`StepNumbers`].
    #[fusion(meta = |state, _, _| state.clone())]
    fn adamw(
        #[extension_type] state: BackendState<Self>,
        grad: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> BackendState<Self>;
}

impl Adamw for Flex {
    fn adamw(
        state: BackendState<Self>,
        grad: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> BackendState<Self> {
        cpu::step(state, grad, numbers)
    }
}

#[cfg(feature = "cube")]
impl Adamw for burn_cubecl::CubeBackend {
    fn adamw(
        state: BackendState<Self>,
        grad: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> BackendState<Self> {
        super::cube::adamw::step(state, grad, numbers)
    }
}
