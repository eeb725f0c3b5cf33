//! MARIO: a modulated neural field with multi-scale Fourier features.
//!
//! Catalani, Bertrand, Fesquet, Michel et al., "Towards scalable surrogate models based on Neural
//! Fields for large scale aerodynamic simulations", arXiv 2505.14704.

mod field;
mod latent;
mod model;

pub use field::{ModulatedField, ModulatedFieldConfig, Modulation};
pub(crate) use latent::SdfLatentState;
pub use latent::{LatentMethod, SdfLatent, SdfLatentConfig};
pub use model::{Mario, MarioConfig};
