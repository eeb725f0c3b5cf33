//! What is written down about a run beside its results.

use karman_datasets::FieldStatistics;
use serde::{Deserialize, Serialize};

/// How a run was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Program and version.
    pub version: String,
    /// Device, in words.
    pub device: String,
    /// Cases trained on.
    pub train: Vec<String>,
    /// Cases held out of training for validation.
    pub validation: Vec<String>,
    /// The manifest's part that train and validation cases come from.
    pub train_part: String,
    /// The manifest's part to test on.
    pub test_part: String,
    /// Statistics of all nodes of the whole train part, by which scores are scaled. Absent from
    /// runs that an earlier version made.
    #[serde(default)]
    pub statistics: Option<FieldStatistics>,
    /// Weights of all members together.
    pub parameters: usize,
    /// Seconds of training, all members together.
    pub train_seconds: f64,
    /// Seconds of training of each baseline network.
    pub baseline_seconds: Vec<(String, f64)>,
    /// Peak resident memory, bytes.
    pub peak_memory_bytes: u64,
    /// Unix time of the end of training, s.
    pub finished: u64,
}

/// Peak resident memory of this process in bytes; 0 where the system does not tell.
pub fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kib| kib.parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}
