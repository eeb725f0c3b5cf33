//! From model rows in physical units to what networks see, and back.

mod code;
mod encoder;
mod source;
mod training_set;

pub use code::{ConditionCode, GeometryCode};
pub use encoder::{Encoder, FeatureConfig};
pub use source::{CaseSource, MemorySource};
pub use training_set::{Draw, TrainingSet, TrainingSource};
