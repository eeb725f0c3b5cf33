//! What is known about a cached case, and the key that tells whether it is up to date.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::{AirfransDataset, CaseInfo, ColumnStatistics, DatasetError, point_columns};

/// One cached case, as it stands in the index and in its own file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Everything that the rows depend on; see [`key`].
    pub(super) key: String,
    /// The descriptor.
    pub(super) info: CaseInfo,
    /// Statistics of each column over all rows.
    pub(super) statistics: Vec<ColumnStatistics>,
    /// Hash of the bytes of the rows, in hexadecimal (JSON numbers have no 64 bits).
    pub(super) rows_hash: String,
    /// Places in the case's file.
    pub(super) places: Places,
}

/// Where the arrays lie in a case's file, in bytes, and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Places {
    pub(super) file_size: u64,
    pub(super) rows: u64,
    pub(super) order: u64,
    pub(super) outline: u64,
    /// Points of the outline.
    pub(super) n_outline: usize,
}

/// Everything that the cached rows of a case depend on, as text.
pub(super) fn key(dataset: &AirfransDataset, name: &str) -> Result<String, DatasetError> {
    let columns: Vec<&str> = point_columns().map(|c| c.name).collect();
    let endian = if cfg!(target_endian = "little") {
        "le"
    } else {
        "be"
    };
    let mut key = format!("karman-cache {VERSION} {endian}; {}", columns.join(" "));
    // Conditions that the case's own files tell are covered by their sizes and times.
    if let Some(c) = dataset.conditions(name) {
        key += &format!("; {} {} {}", c.speed, c.aoa, c.nu);
    }
    for path in dataset.case_files(name) {
        key += &format!("; {}", stamp(&path)?);
    }
    Ok(key)
}

/// Name, size and modification time of a file.
fn stamp(path: &Path) -> Result<String, DatasetError> {
    let metadata = std::fs::metadata(path).map_err(DatasetError::io("look at", path))?;
    // Systems without modification times are left with the size.
    let time = metadata
        .modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let time = time.unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!(
        "{name} {} {}.{:09}",
        metadata.len(),
        time.as_secs(),
        time.subsec_nanos()
    ))
}
