//! Files that are either the old one or the new one, whatever happens while they are written.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::DatasetError;

/// A temporary name beside `path`, different for each process and call.
pub(crate) fn temporary_beside(path: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}.tmp", std::process::id()))
}

/// The file that is locked while somebody works in a folder.
pub(crate) const LOCK: &str = ".lock";

/// Locks a folder for as long as the file is open, in this process or in one that got it; none where somebody else
/// works there.
pub(crate) fn lock(folder: &Path) -> Result<Option<File>, DatasetError> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(DatasetError::io("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(DatasetError::io("lock", &path)(error)),
    }
}

/// Removes the temporary files of processes that were killed; nobody else may be working in the folder.
pub(crate) fn remove_leftovers(folder: &Path) -> Result<(), DatasetError> {
    let entries = std::fs::read_dir(folder).map_err(DatasetError::io("list", folder))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(".tmp") {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(DatasetError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Writes `bytes` to a temporary name, syncs, and renames onto `path`.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    let temporary = temporary_beside(path);
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(DatasetError::io("write", &temporary));
    let result = written.and_then(|()| sync_and_rename(&temporary, path));
    if result.is_err() {
        // The failure above is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

/// Makes a finished temporary file durable and gives it its name.
pub(crate) fn sync_and_rename(temporary: &Path, path: &Path) -> Result<(), DatasetError> {
    File::options()
        .write(true)
        .open(temporary)
        .and_then(|file| file.sync_all())
        .map_err(DatasetError::io("sync", temporary))?;
    std::fs::rename(temporary, path).map_err(DatasetError::io("rename to", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_one_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn failure_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let message = write_atomically(&folder.path().join("absent/a.json"), b"x")
            .unwrap_err()
            .to_string();
        assert!(message.contains("cannot write"), "{message}");
    }
}
