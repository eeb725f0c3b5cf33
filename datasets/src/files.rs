//! Files that are either the old one or the new one, whatever happens while they are written.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::DatasetError;

/// The file that is locked while somebody works in a folder.
pub(crate) const LOCK: &str = ".lock";

/// Locks a file in `folder` for as long as the result lives, at most as long as the process. `set` is
/// what the lock is for, which messages name.
///
/// # Errors
/// Another process that works there, a folder that cannot be written.
pub(crate) fn lock(folder: &Path, set: &Path) -> Result<File, DatasetError> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(DatasetError::io("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatasetError::trajectories(
            set,
            "is being worked in by another process; wait for it or stop it",
        )),
        Err(TryLockError::Error(error)) => Err(DatasetError::io("lock", &path)(error)),
    }
}

/// A temporary name beside `path`, different for each process and call.
pub(crate) fn temporary_beside(path: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}.tmp", std::process::id()))
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
