//! `x W + t` with a shift `t` for each case of the batch, with or without a ReLU: the layer of a
//! modulated neural field.
//!
//! Unfused, the product, the bias, the modulation and the ReLU are four passes over an array
//! that does not fit the cache, and they cost as much as the product itself. On the CPU a block
//! of rows is multiplied, shifted and clipped while it is still in the cache, and the backward
//! pass masks, multiplies and reduces block by block in the same way. On a GPU everything but
//! the products is one pass each way.
//!
//! Activations may be in bf16: weights and shifts stay in f32, products are accumulated in f32.

use burn::{
    Tensor,
    backend::{
        Backend, Dispatch, Flex, backend_extension, ops::FloatTensorOps, tensor::FloatTensor,
    },
    tensor::{DType, FloatDType},
};
use burn_autodiff::{
    Autodiff,
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};

use super::cpu::affine as cpu;
#[cfg(feature = "cube")]
use super::cube::affine as cube;

/// Computes `ReLU(x W + t)`, in the precision of `x`.
///
/// # Shapes
///
/// - `x`: `[cases, points, inputs]`
/// - `weight`: `[1, inputs, outputs]`, or `[cases, inputs, outputs]` where every case has its own
/// - `shift`: `[cases, outputs]`
/// - output: `[cases, points, outputs]`
///
/// # Panics
///
/// Panics if the shapes do not fit together; the message names them.
pub fn affine_relu(x: Tensor<3>, weight: Tensor<3>, shift: Tensor<2>) -> Tensor<3> {
    dispatch(x, weight, shift, true)
}

/// Computes `x W + t`, in the precision of the weight. Shapes and panics as in [`affine_relu`].
pub fn affine(x: Tensor<3>, weight: Tensor<3>, shift: Tensor<2>) -> Tensor<3> {
    dispatch(x, weight, shift, false)
}

fn dispatch(x: Tensor<3>, weight: Tensor<3>, shift: Tensor<2>, relu: bool) -> Tensor<3> {
    let [cases, points, inputs] = x.dims();
    let [weights, weight_inputs, outputs] = weight.dims();
    let [shifts, shift_outputs] = shift.dims();
    assert!(
        (weights == 1 || weights == cases)
            && shifts == cases
            && weight_inputs == inputs
            && shift_outputs == outputs,
        "affine: x [{cases}, {points}, {inputs}] needs a weight [1 or {cases}, {inputs}, n] \
         and a shift [{cases}, n], got [{weights}, {weight_inputs}, {outputs}] and \
         [{shifts}, {shift_outputs}]"
    );
    Tensor::from_dispatch(<Dispatch as Affine>::affine(
        x.into_dispatch(),
        weight.into_dispatch(),
        shift.into_dispatch(),
        relu,
    ))
}

/// The forward pass, routed at run time to the tensor's backend.
#[backend_extension(
    Flex,
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "fusion"),
    Autodiff
)]
pub(super) trait Affine: Backend {
    /// See [`affine_relu`] and [`affine`].
    #[fusion(meta = metadata::forward)]
    fn affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self>;
}

/// The backward pass on a concrete backend. `y` is the output of the forward pass, `grad` the
/// gradient with respect to it.
#[backend_extension(Flex, Cube: cfg(feature = "cube"), Fusion: cfg(feature = "fusion"))]
pub(super) trait AffineBackward: Backend {
    /// Gradients of weight and shift.
    #[fusion(meta = metadata::backward_parameters)]
    fn affine_backward_parameters(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Gradients of `x`, weight and shift.
    #[fusion(meta = metadata::backward)]
    fn affine_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Shapes and dtypes of the outputs, for the lazy backend.
#[cfg(feature = "fusion")]
mod metadata {
    use burn::backend::fusion::custom::TensorSpec;

    pub(super) fn forward(
        x: &TensorSpec,
        weight: &TensorSpec,
        _shift: &TensorSpec,
        relu: &bool,
    ) -> TensorSpec {
        let shape = [x.shape[0], x.shape[1], weight.shape[2]];
        TensorSpec::new(shape.into(), if *relu { x.dtype } else { weight.dtype })
    }

    pub(super) fn backward_parameters(
        x: &TensorSpec,
        weight: &TensorSpec,
        _y: &TensorSpec,
        _grad: &TensorSpec,
        _relu: &bool,
    ) -> (TensorSpec, TensorSpec) {
        let shift = [x.shape[0], weight.shape[2]];
        let shift = TensorSpec::new(shift.into(), weight.dtype);
        (weight.clone(), shift)
    }

    pub(super) fn backward(
        x: &TensorSpec,
        weight: &TensorSpec,
        y: &TensorSpec,
        grad: &TensorSpec,
        relu: &bool,
    ) -> (TensorSpec, TensorSpec, TensorSpec) {
        let (weight, shift) = backward_parameters(x, weight, y, grad, relu);
        (x.clone(), weight, shift)
    }
}

impl Affine for Flex {
    fn affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        match x.dtype() {
            DType::F32 => cpu::forward::<f32>(x, weight, shift, relu),
            DType::F64 => cpu::forward::<f64>(x, weight, shift, relu),
            DType::BF16 => {
                let y = cpu::forward::<f32>(wide(x), weight, shift, relu);
                if relu { narrow(y) } else { y }
            }
            dtype => panic!("affine: {dtype:?} is not supported on the CPU, use f32, f64 or bf16"),
        }
    }
}

/// bf16 on the CPU is a storage format: values are rounded to it, and computed with in f32.
fn wide(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    Flex::float_cast(x, FloatDType::F32)
}

fn narrow(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    Flex::float_cast(x, FloatDType::BF16)
}

impl AffineBackward for Flex {
    fn affine_backward_parameters(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (_, weight, shift) = match x.dtype() {
            DType::F32 => cpu::backward::<f32>(x, weight, y, grad, relu, false),
            DType::F64 => cpu::backward::<f64>(x, weight, y, grad, relu, false),
            _ => {
                let (x, y, grad) = (wide(x), wide(y), wide(grad));
                cpu::backward::<f32>(x, weight, y, grad, relu, false)
            }
        };
        (weight, shift)
    }

    fn affine_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let dtype = x.dtype();
        let (x, weight, shift) = match dtype {
            DType::F32 => cpu::backward::<f32>(x, weight, y, grad, relu, true),
            DType::F64 => cpu::backward::<f64>(x, weight, y, grad, relu, true),
            _ => {
                let (x, y, grad) = (wide(x), wide(y), wide(grad));
                cpu::backward::<f32>(x, weight, y, grad, relu, true)
            }
        };
        let x = if dtype == DType::BF16 { narrow(x) } else { x };
        (x, weight, shift)
    }
}

#[cfg(feature = "cube")]
impl Affine for burn_cubecl::CubeBackend {
    fn affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        cube::forward(x, weight, shift, relu)
    }
}

#[cfg(feature = "cube")]
impl AffineBackward for burn_cubecl::CubeBackend {
    fn affine_backward_parameters(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let masked = cube::masked(x.dtype, weight.dtype, y, grad, relu);
        (
            cube::weight_gradient(x, &weight, masked.values),
            masked.sums,
        )
    }

    fn affine_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let masked = cube::masked(x.dtype, weight.dtype, y, grad, relu);
        let x_gradient = cube::input_gradient(&weight, masked.values.clone());
        (
            x_gradient,
            cube::weight_gradient(x, &weight, masked.values),
            masked.sums,
        )
    }
}

impl<B: Backend + Affine + AffineBackward, C: CheckpointStrategy> Affine for Autodiff<B, C> {
    fn affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Step;

        impl<B: Backend + AffineBackward> Backward<B, 3> for Step {
            type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, bool);

            fn backward(
                self,
                ops: Ops<Self::State, 3>,
                grads: &mut Gradients,
                _checkpointer: &mut Checkpointer,
            ) {
                let (x, weight, y, relu) = ops.state;
                let [x_node, weight_node, shift_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let (x_grad, weight_grad, shift_grad) = if x_node.is_some() {
                    let (x, weight, shift) = B::affine_backward(x, weight, y, grad, relu);
                    (Some(x), weight, shift)
                } else {
                    let (weight, shift) = B::affine_backward_parameters(x, weight, y, grad, relu);
                    (None, weight, shift)
                };
                for (node, grad) in [
                    (x_node, x_grad),
                    (weight_node, Some(weight_grad)),
                    (shift_node, Some(shift_grad)),
                ] {
                    if let (Some(node), Some(grad)) = (node, grad) {
                        grads.register::<B>(node.id, grad);
                    }
                }
            }
        }

        let nodes = [x.node(), weight.node(), shift.node()];
        let x = x.into_primitive();
        let weight = weight.into_primitive();
        let y = B::affine(x.clone(), weight.clone(), shift.into_primitive(), relu);
        match Step.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight, y.clone(), relu), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
