//! Training: optimiser, schedule, loop, and the state that makes a run resumable.

mod config;
mod head;
mod optimiser;
mod replay;
mod run;
mod schedule;
mod state;
mod step;
mod throughput;
mod trainer;

pub use config::TrainingConfig;
pub use optimiser::Optimiser;
pub use schedule::Schedule;
pub use throughput::{StepBench, StepRate};
pub use trainer::{EpochMetrics, StopReason, Trainer, TrainingObserver, TrainingOutcome};
