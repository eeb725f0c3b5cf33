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

/// FNV-1a over 64-bit words: not cryptographic, but it finds damage.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, word: u64| {
        // The rotation brings the high bits of a word to where the multiplication spreads them.
        (hash ^ word)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(29)
    };
    let words = bytes.chunks_exact(8);
    let tail = words
        .remainder()
        .iter()
        .fold(0, |word, b| word << 8 | u64::from(*b));
    let start = step(0xcbf2_9ce4_8422_2325, bytes.len() as u64);
    let body = words.fold(start, |hash, word| {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        step(hash, u64::from_le_bytes(eight))
    });
    step(body, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_changes_the_hash() {
        let bytes: Vec<u8> = (0..77).collect();
        let whole = hash(&bytes);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(hash(&flipped), whole, "bit {bit}");
        }
        assert_ne!(hash(&bytes[..76]), whole);
    }
}
