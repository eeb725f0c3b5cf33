//! Sets of trajectories from a configuration: parameters are drawn, cases computed, checked and split.
//!
//! A sweep can be killed at any moment. Each case is written under a temporary name, renamed, and then
//! recorded in a file of its own; a second call keeps what is recorded and whole, removes what has a
//! temporary name, computes the rest, and ends with the same bytes as if nothing had happened.

mod case;
mod config;
mod folder;
mod generators;
mod parameter;
mod record;
mod sampling;
mod set_config;
mod sobol;
mod splits;
mod sweep;
mod times;

#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod example_tests;
#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod sweep_tests;

pub use config::{GenerateConfig, LimitsConfig, StoreConfig};
pub use generators::generator_kinds;
pub use parameter::ParameterRange;
pub use sampling::{SamplingConfig, SamplingMethod};
pub use set_config::SetConfig;
pub use splits::{HeldOut, SplitBy, SplitsConfig};
pub use sweep::{SweepReport, generate};
pub use times::TimesConfig;
