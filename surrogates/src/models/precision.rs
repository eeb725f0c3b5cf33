//! The precision that hidden layers work in.

use burn::{
    Tensor,
    tensor::{DType, Device},
};
use serde::{Deserialize, Serialize};

use crate::SurrogateError;

/// Precision of the hidden activations and the products between them. Weights, their gradients
/// and updates, sums, inputs, outputs and the loss are f32 in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Single precision; a GPU's products may round their factors to TF32.
    #[default]
    F32,
    /// bfloat16: half the memory and faster products on GPUs that have them, at 8 bits of
    /// significance. On the CPU it is slower, and there for comparison.
    Bf16,
}

impl Precision {
    /// The name in tables and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// `x` in the type of activations.
    pub(crate) fn activations(self, x: Tensor<3>) -> Tensor<3> {
        match self {
            Self::F32 => x,
            Self::Bf16 => x.cast(DType::BF16),
        }
    }

    /// Checks that `device` has the type.
    ///
    /// # Errors
    /// A device without bf16.
    pub(crate) fn check(self, device: &Device) -> Result<(), SurrogateError> {
        if self == Self::Bf16 && !device.supports_dtype(DType::BF16) {
            return Err(SurrogateError::config(
                "training.precision",
                "bf16 is not supported by this device; use f32",
            ));
        }
        Ok(())
    }
}

impl std::str::FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            _ => Err(format!("\"{text}\" is not known; use f32 or bf16")),
        }
    }
}
