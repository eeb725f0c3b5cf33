//! A limit on what a file unpacks to.

use crate::{MeshError, ReadOptions};

/// The decoded size that any file may have.
const FREE_BYTES: u64 = 64 << 20;
/// Beyond [`FREE_BYTES`], decoded bytes per byte of file. Real files reach 30 or so, when fields
/// are constant over large parts of a mesh.
const MAX_RATIO: u64 = 100;

/// The limit on decoded bytes of a file of `file_bytes`.
pub(super) fn limit(options: &ReadOptions, file_bytes: usize) -> u64 {
    options.max_decoded_bytes.unwrap_or_else(|| {
        (file_bytes as u64)
            .saturating_mul(MAX_RATIO)
            .saturating_add(FREE_BYTES)
    })
}

/// Counts what is decoded beyond the size of the file: memory that a few bytes could ask for.
#[derive(Debug)]
pub(super) struct Budget {
    used: u64,
    limit: u64,
}

impl Budget {
    pub fn new(options: &ReadOptions, file_bytes: usize) -> Self {
        Self {
            used: 0,
            limit: limit(options, file_bytes),
        }
    }

    /// Takes `count` values of `size` bytes, or says that the file claims too much.
    pub fn take(
        &mut self,
        count: usize,
        size: usize,
        file: &str,
        place: &str,
    ) -> Result<(), MeshError> {
        let bytes = (count as u64).saturating_mul(size as u64);
        self.used = self.used.saturating_add(bytes);
        if self.used <= self.limit {
            return Ok(());
        }
        Err(MeshError::TooLarge {
            file: file.to_owned(),
            place: place.to_owned(),
            claimed: self.used,
            limit: self.limit,
        })
    }
}
