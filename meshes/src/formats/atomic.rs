//! Writes files so that they appear complete or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::MeshError;

/// Writes `bytes` to `path`: under a temporary name in the same folder, synced, then renamed.
///
/// A crash, a kill or a full disk at any moment leaves the former file untouched.
///
/// # Errors
/// [`MeshError::Io`]; the temporary file is removed.
pub fn write_file_atomically(path: &Path, bytes: &[u8]) -> Result<(), MeshError> {
    let temporary = temporary_name(path);
    write_and_rename(&temporary, path, bytes).map_err(|source| {
        // The first error is the one worth telling.
        let _ = fs::remove_file(&temporary);
        MeshError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        }
    })
}

fn write_and_rename(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    // The rename itself is durable once the folder is synced; not every system allows that.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// A name beside `path` that no other thread or process uses.
fn temporary_name(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}.tmp", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_file_atomically(&path, b"one").unwrap();
        write_file_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_names_the_file_and_cleans_up() {
        let folder = tempfile::tempdir().unwrap();
        // A folder in the way makes the rename fail after the temporary file was written.
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        let error = write_file_atomically(&path, b"one").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
