//! `index.json`, and the mark of a folder that is a cache.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::VERSION;
use super::entry::Entry;
use crate::DatasetError;
use crate::files::write_atomically;

const INDEX: &str = "index.json";
/// The mark that backup programs know; see <https://bford.info/cachedir/>.
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # Cached cases of a karman data set. It may be deleted at any time; it is then built again.\n";

#[derive(Serialize, Deserialize)]
struct Index {
    format: String,
    version: u32,
    entries: BTreeMap<String, Entry>,
}

const FORMAT: &str = "karman-cache";

/// The entries by case name; `None` when there is no index, or one of another version or format.
///
/// # Errors
/// An index that cannot be read or parsed.
pub(super) fn read(folder: &Path) -> Result<Option<BTreeMap<String, Entry>>, DatasetError> {
    let path = folder.join(INDEX);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(DatasetError::io("read", &path)(e)),
    };
    // The version is looked at first: the rest may have another shape in another version.
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let damaged = |e: serde_json::Error| DatasetError::Cache {
        path: path.clone(),
        problem: format!("is damaged ({e}); delete it, and it is made again from the case files"),
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(damaged)?;
    if head.format != FORMAT || head.version != VERSION {
        return Ok(None);
    }
    let index: Index = serde_json::from_slice(&bytes).map_err(damaged)?;
    Ok(Some(index.entries))
}

/// Writes the index, by way of a temporary name.
pub(super) fn write(folder: &Path, entries: BTreeMap<String, Entry>) -> Result<(), DatasetError> {
    let path = folder.join(INDEX);
    let index = Index {
        format: FORMAT.into(),
        version: VERSION,
        entries,
    };
    let bytes = serde_json::to_vec(&index).map_err(|e| DatasetError::Cache {
        path: path.clone(),
        problem: format!("cannot be written: {e}"),
    })?;
    write_atomically(&path, &bytes)
}

/// Makes the folder a cache, if it is not one yet: only a folder that is absent or empty becomes
/// one, so that a slip in a path does not fill somebody's data folder.
pub(super) fn claim(folder: &Path) -> Result<(), DatasetError> {
    if folder.join(TAG).is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(DatasetError::io("create", folder))?;
    let mut entries = std::fs::read_dir(folder).map_err(DatasetError::io("list", folder))?;
    if let Some(Ok(entry)) = entries.next() {
        return Err(DatasetError::Cache {
            path: folder.to_path_buf(),
            problem: format!(
                "is not a cache: it holds {}; give an empty folder or a new name",
                entry.file_name().to_string_lossy()
            ),
        });
    }
    write_atomically(&folder.join(TAG), TAG_TEXT.as_bytes())
}
