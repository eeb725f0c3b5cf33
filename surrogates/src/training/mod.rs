//! Training: optimiser, schedule, loop, and the state that makes a run resumable.

mod config;
mod head;
mod optimiser;
mod run;
mod schedule;
mod state;
mod trainer;

pub use config::TrainingConfig;
pub use optimiser::Optimiser;
pub use schedule::Schedule;
pub use trainer::{EpochMetrics, StopReason, Trainer, TrainingObserver, TrainingOutcome};
