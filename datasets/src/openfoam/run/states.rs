//! The states that simpleFoam leaves in a case's folder, one folder for each iteration that was written.

use std::path::{Path, PathBuf};

use crate::DatasetError;
use crate::openfoam::STOP_FILE;

/// What a state must hold for the solver to go on from it.
const NEEDED: [&str; 6] = ["U", "p", "k", "omega", "nut", "phi"];

/// The states that were written, by rising iteration; not the initial one.
pub(in crate::openfoam) fn states(case: &Path) -> Result<Vec<(usize, PathBuf)>, DatasetError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(case).map_err(DatasetError::io("list", case))? {
        let path = entry.map_err(DatasetError::io("list", case))?.path();
        let number = path.file_name().and_then(|n| n.to_str()?.parse().ok());
        if let Some(number) = number.filter(|n| *n > 0)
            && path.is_dir()
        {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Takes away what a run left: all of it, or what it did not finish writing.
pub(super) fn clear(case: &Path, all: bool) -> Result<(), DatasetError> {
    for (_, state) in states(case)? {
        if all || !is_complete(&state) {
            std::fs::remove_dir_all(&state).map_err(DatasetError::io("remove", &state))?;
        }
    }
    let stop = case.join(STOP_FILE);
    if stop.exists() {
        std::fs::remove_file(&stop).map_err(DatasetError::io("remove", &stop))?;
    }
    let records = case.join("postProcessing");
    if all && records.is_dir() {
        std::fs::remove_dir_all(&records).map_err(DatasetError::io("remove", &records))?;
    }
    Ok(())
}

/// Whether a state has all its files, with OpenFOAM's closing line in each.
pub(in crate::openfoam) fn is_complete(state: &Path) -> bool {
    NEEDED.iter().all(|name| {
        std::fs::read(state.join(name)).is_ok_and(|bytes| bytes.trim_ascii_end().ends_with(b"* //"))
    })
}
