//! How far a result may be off.
//!
//! A product of matrices whose entries are rounded with unit roundoff u has a relative error (in the
//! Euclidean norm) of 0.4 u to 0.8 u, since the roundings of many terms average out. Over the
//! eight or so products of a network, forward or backward, that grows to about 2 u; 4 u are
//! allowed. u is 2^-11 for TF32 and 2^-8 for bf16, whose activations are rounded when they are stored as
//! well (8 u). In true f32 u is 2^-24, and 1e-4 leaves room for sums of 10^5 terms and for the
//! phases of Fourier features.
//!
//! A gradient through a ReLU is discontinuous: where rounding moves a unit across its kink, an
//! entry of the sum comes or goes. About a share u of the units does so, which changes a
//! gradient that is a sum over many units by about sqrt(u) of its norm: 2e-2 with TF32, 6e-2 with
//! bf16, whatever the kernel, and several times that for the worst parameter of a small
//! network. (In f64 with operands rounded to 11 and 8 bits, six layers of 256: 3e-2 to 5e-2, and 9e-2;
//! on the CPU in bf16 up to 0.17.) What is allowed there, 0.1 and 0.3, still tells a wrong gradient from a
//! right one. How exact a gradient is, the cases whose units are kept away from their kinks tell.

use super::Precision;
use crate::device::{F32Matmul, MatmulProbe};

/// What rounding does to a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sensitivity {
    /// No product of matrices is in it.
    Elementwise,
    /// It follows from products of matrices without jumps.
    Products,
    /// It jumps where a rounded number crosses a threshold.
    Jumps,
    /// It is the outcome of several steps of training.
    Training,
}

/// Unit roundoff of TF32.
const TF32: f64 = 1.0 / 2048.0;
/// Unit roundoff of bf16.
const BF16: f64 = 1.0 / 256.0;

/// The relative error that is allowed. A device whose products could not be looked at is measured
/// as one with full f32.
pub(super) fn of(precision: Precision, matmul: &MatmulProbe, sensitivity: Sensitivity) -> f64 {
    use Sensitivity::{Elementwise, Jumps, Products, Training};
    let tf32 = matmul.kind == Some(F32Matmul::Tf32);
    match (precision, sensitivity) {
        (Precision::Bf16, Elementwise | Products) => 8.0 * BF16,
        (Precision::Bf16, Jumps) => 0.3,
        (Precision::Bf16, Training) => 0.02,
        (Precision::F32, Elementwise) => 1e-4,
        (Precision::F32, Products) if tf32 => 4.0 * TF32,
        (Precision::F32, Jumps) if tf32 => 0.1,
        (Precision::F32, Training) if tf32 => 0.01,
        (Precision::F32, Products | Jumps) => 1e-4,
        // Adam divides by the size of a gradient, so that entries of nothing but rounding errors
        // move weights as far as others do.
        (Precision::F32, Training) => 1e-3,
    }
}
