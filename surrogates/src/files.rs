//! Files that are either whole or not there.

use std::path::Path;

use karman_meshes::{MeshError, write_file_atomically};

use crate::SurrogateError;

/// Writes `bytes` so that whoever reads `path` sees the old file or the new one, never half of it.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), SurrogateError> {
    write_file_atomically(path, bytes).map_err(|error| match error {
        MeshError::Io { source, .. } => SurrogateError::io(
            path,
            source,
            "check free space and write permission; the previous file is untouched",
        ),
        other => other.into(),
    })
}

/// Writes a value as readable JSON, in one piece.
pub(crate) fn write_json<T: serde::Serialize>(
    path: &Path,
    value: &T,
) -> Result<(), SurrogateError> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| SurrogateError::Checkpoint {
        path: path.to_path_buf(),
        problem: format!("cannot be encoded: {error}"),
    })?;
    write_atomic(path, &json)
}

/// Reads a JSON file. `mend` says where such a file comes from.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(
    path: &Path,
    mend: &'static str,
) -> Result<T, SurrogateError> {
    let text = std::fs::read(path).map_err(|source| SurrogateError::io(path, source, mend))?;
    serde_json::from_slice(&text).map_err(|error| SurrogateError::Checkpoint {
        path: path.to_path_buf(),
        problem: format!("{error}; it is damaged or of another version of karman"),
    })
}
