//! A run: from a configuration file to a folder with a trained surrogate, and back from it.

mod companions;
mod config;
mod evaluate;
mod facts;
mod prepare;
mod pretrained;
mod saved;
mod train;

pub use companions::{Companions, Estimate};
pub use config::{BaselineConfig, DataConfig, EnsembleConfig, RunConfig, UncertaintyConfig};
pub use evaluate::{CaseEvaluation, Evaluation, MethodScores, evaluate, flow_fields};
pub use facts::{RunFacts, peak_memory_bytes};
pub use prepare::PreparedData;
pub use pretrained::Pretrained;
pub use saved::{CasePrediction, SavedRun};
pub use train::{Stage, TrainedRun, train};
