//! Building what is absent or stale.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::entry::{Entry, key};
use super::{Cache, case_file, index};
use crate::parallel::try_map;
use crate::{AirfransDataset, CaseTable, DatasetError, Progress};

/// Leftovers of killed builds are removed when they are older than this: a younger one may belong
/// to a process that is at work.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// What opening a cache took.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BuildReport {
    /// Cases that were up to date.
    pub reused: usize,
    /// Cases that were built because there was nothing usable of them.
    pub built: usize,
    /// Cases that were built again because their source, or the format, has changed.
    pub stale: usize,
    /// The whole time, s.
    pub seconds: f64,
}

impl Cache {
    /// As [`Cache::open_or_build`], for some of the cases; the numbers of the cases follow the
    /// order of `names`. Other cases that the folder holds stay there.
    ///
    /// # Errors
    /// A case that cannot be loaded; a folder that cannot be written or holds something else. What
    /// was built before the failure is kept.
    pub fn open_or_build_cases(
        dataset: &AirfransDataset,
        names: &[String],
        folder: impl AsRef<Path>,
        progress: Progress,
    ) -> Result<Self, DatasetError> {
        let (begun, folder) = (Instant::now(), folder.as_ref());
        index::claim(folder)?;
        // A damaged index is no loss: the case files hold everything that is in it.
        let mut known = index::read(folder).ok().flatten().unwrap_or_default();
        let mut report = BuildReport::default();
        let mut missing = Vec::new();
        let mut adopted = false;
        for name in names {
            let key = key(dataset, name)?;
            match state(folder, name, &key, &known) {
                State::Current => report.reused += 1,
                State::Adopted(entry) => {
                    report.reused += 1;
                    adopted = true;
                    known.insert(name.clone(), *entry);
                }
                State::Stale => {
                    report.stale += 1;
                    missing.push((name, key));
                }
                State::Absent => {
                    report.built += 1;
                    missing.push((name, key));
                }
            }
        }
        if !missing.is_empty() {
            remove_leftovers(folder);
            for entry in build(dataset, folder, &missing, progress)? {
                known.insert(entry.info.name.clone(), entry);
            }
        }
        let entries = names
            .iter()
            .filter_map(|name| known.get(name).cloned())
            .collect();
        if adopted || !missing.is_empty() {
            index::write(folder, known)?;
        }
        report.seconds = begun.elapsed().as_secs_f64();
        Ok(Self::of(folder, entries, report))
    }
}

enum State {
    /// In the index, up to date, and its file has the size it should have.
    Current,
    /// Not in the index, but the file is whole and up to date: an earlier build was interrupted.
    Adopted(Box<Entry>),
    /// There, but of another key.
    Stale,
    /// Not there, or not usable.
    Absent,
}

fn state(folder: &Path, name: &str, key: &str, known: &BTreeMap<String, Entry>) -> State {
    let path = case_path(folder, name);
    let Ok(metadata) = std::fs::metadata(&path) else {
        return State::Absent;
    };
    if let Some(entry) = known.get(name) {
        if entry.key != key {
            return State::Stale;
        }
        if entry.places.file_size == metadata.len() {
            return State::Current;
        }
    }
    match case_file::read_entry(&path) {
        Some(entry) if entry.key == key => State::Adopted(Box::new(entry)),
        Some(_) => State::Stale,
        None => State::Absent,
    }
}

fn build(
    dataset: &AirfransDataset,
    folder: &Path,
    missing: &[(&String, String)],
    progress: Progress,
) -> Result<Vec<Entry>, DatasetError> {
    let counter = progress.start("caching cases", missing.len() as u64);
    let entries = try_map(missing.len(), |i| {
        let (name, key) = &missing[i];
        let case = CaseTable::from_sample(&dataset.load(name)?)?;
        let entry = case_file::write(&case_path(folder, name), key.clone(), &case)?;
        counter.advance();
        Ok(entry)
    });
    counter.finish();
    entries
}

/// The cache file of a case.
pub(super) fn case_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.h5"))
}

/// Removes temporary files of builds that were killed. What cannot be removed is only untidy.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let temporary = entry.file_name().to_string_lossy().ends_with(".tmp");
        let age = entry
            .metadata()
            .and_then(|m| m.modified())
            .ok()
            .and_then(|t| t.elapsed().ok());
        if temporary && age.is_some_and(|age| age > LEFTOVER_AGE) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
