//! `ReLU(x W + t)` with a shift `t` for each case of the batch: the layer of a modulated
//! neural field, in one pass over memory.
//!
//! Unfused, the product, the bias, the modulation and the ReLU are four passes over an array
//! that does not fit the cache, and on a CPU they cost as much as the product itself. Here a
//! block of rows is multiplied, shifted and clipped while it is still in the cache, and the
//! backward pass masks, multiplies and reduces block by block in the same way.

use burn::{
    Tensor,
    backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor},
    tensor::DType,
};
use burn_autodiff::{
    Autodiff,
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};

use super::kernels::affine_relu as cpu;

/// Computes `ReLU(x W + t)`.
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
    let [cases, points, inputs] = x.dims();
    let [weights, weight_inputs, outputs] = weight.dims();
    let [shifts, shift_outputs] = shift.dims();
    assert!(
        (weights == 1 || weights == cases)
            && shifts == cases
            && weight_inputs == inputs
            && shift_outputs == outputs,
        "affine_relu: x [{cases}, {points}, {inputs}] needs a weight [1 or {cases}, {inputs}, n] \
         and a shift [{cases}, n], got [{weights}, {weight_inputs}, {outputs}] and \
         [{shifts}, {shift_outputs}]"
    );
    Tensor::from_dispatch(<Dispatch as AffineRelu>::affine_relu(
        x.into_dispatch(),
        weight.into_dispatch(),
        shift.into_dispatch(),
    ))
}

/// The forward pass, routed at run time to the tensor's backend.
#[backend_extension(Flex, Autodiff)]
pub(super) trait AffineRelu: Backend {
    /// See [`affine_relu`].
    fn affine_relu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// Gradients of the three inputs; `None` where nobody asked.
pub(super) struct AffineReluGrads<B: Backend> {
    x: Option<FloatTensor<B>>,
    weight: FloatTensor<B>,
    shift: FloatTensor<B>,
}

/// The backward pass on a concrete backend.
pub(super) trait AffineReluBackward: AffineRelu {
    /// `y` is the output of the forward pass, `grad` the gradient with respect to it.
    fn affine_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        x_is_tracked: bool,
    ) -> AffineReluGrads<Self>;
}

impl AffineRelu for Flex {
    fn affine_relu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        match x.dtype() {
            DType::F32 => cpu::forward::<f32>(x, weight, shift),
            DType::F64 => cpu::forward::<f64>(x, weight, shift),
            dtype => panic!("affine_relu: {dtype:?} is not supported on the CPU, use f32 or f64"),
        }
    }
}

impl AffineReluBackward for Flex {
    fn affine_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        x_is_tracked: bool,
    ) -> AffineReluGrads<Self> {
        let (x, weight, shift) = match x.dtype() {
            DType::F32 => cpu::backward::<f32>(x, weight, y, grad, x_is_tracked),
            _ => cpu::backward::<f64>(x, weight, y, grad, x_is_tracked),
        };
        AffineReluGrads { x, weight, shift }
    }
}

impl<B: Backend + AffineReluBackward, C: CheckpointStrategy> AffineRelu for Autodiff<B, C> {
    fn affine_relu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Step;

        impl<B: Backend + AffineReluBackward> Backward<B, 3> for Step {
            type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

            fn backward(
                self,
                ops: Ops<Self::State, 3>,
                grads: &mut Gradients,
                _checkpointer: &mut Checkpointer,
            ) {
                let (x, weight, y) = ops.state;
                let [x_node, weight_node, shift_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let result = B::affine_relu_backward(x, weight, y, grad, x_node.is_some());
                for (node, grad) in [
                    (x_node, result.x),
                    (weight_node, Some(result.weight)),
                    (shift_node, Some(result.shift)),
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
        let y = B::affine_relu(x.clone(), weight.clone(), shift.into_primitive());
        match Step.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight, y.clone()), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
