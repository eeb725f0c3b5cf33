//! Files that are either whole or not there.

use std::io::Write;
use std::path::Path;

use crate::SurrogateError;

/// Writes `bytes` to a temporary name beside `path`, syncs and renames: whoever reads `path` sees
/// the old file or the new one, never half of it.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), SurrogateError> {
    let mend = "check free space and write permission; the previous file is untouched";
    let folder = path.parent().unwrap_or(Path::new("."));
    let result = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    });
    result.map_err(|source| SurrogateError::io(path, source, mend))
}

/// Writes a value as readable JSON, in one piece.
pub(crate) fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), SurrogateError> {
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
    let text =
        std::fs::read(path).map_err(|source| SurrogateError::io(path, source, mend))?;
    serde_json::from_slice(&text).map_err(|error| SurrogateError::Checkpoint {
        path: path.to_path_buf(),
        problem: format!("{error}; it is damaged or of another version of karman"),
    })
}
