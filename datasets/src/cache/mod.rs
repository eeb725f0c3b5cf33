//! The tables of all cases on disk, so that the second start is immediate and random subsets are
//! read without the rest.
//!
//! # Layout
//!
//! A cache is a folder: one HDF5 file per case, and `index.json`, which repeats what is small
//! (descriptors, statistics, places), so that a second start opens nothing but that.
//!
//! Why a file per case and not one file for all: HDF5 is not safe against being killed in the
//! middle of a write (a file that grows case by case can become unreadable as a whole), while a
//! file that is written to a temporary name, synced and renamed is either there or not. So an
//! interrupted build loses nothing that was finished, a changed case is rebuilt alone, cases can be
//! added later, two processes may build at once, and there is nothing to compact.
//!
//! # Random subsets
//!
//! The rows of a case are stored in a seeded random permutation, uncompressed, row-major, in single
//! precision. So any contiguous block of rows is a uniformly random subset, and a batch is one
//! contiguous read. `order` keeps the node that each row belongs to. Contiguous HDF5 data lies at a
//! fixed place in its file, and that place is in the index: so rows are read with plain positioned
//! reads, in parallel, past the HDF5 library and its global lock. Other programs read the same
//! files with any HDF5 library: `h5py.File("NAME.h5")["rows"]`.
//!
//! The entry of a case (descriptor, statistics, places, key) stands both in the index and, with a
//! hash, in the user block of the case's file, in front of the HDF5 data. So a lost index is made
//! again from the case files; and the HDF5 library, which damaged files are known to crash, only
//! ever writes here.
//!
//! # Staleness
//!
//! Each case carries a key made of the format version, the columns, the conditions, and the sizes
//! and modification times of its source files. A case whose key differs, or whose cache file is
//! absent or of another size, is built again.

mod build;
mod case_file;
mod entry;
mod index;
mod read;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::closest::closest;
use crate::{CaseInfo, DatasetError, Normaliser, Progress};
use entry::Entry;

pub use build::BuildReport;
pub use read::RowOrder;

/// Version of the layout and of what the columns mean; a cache of another version is rebuilt.
const VERSION: u32 = 3;

/// The cached cases of a data set.
///
/// Reads may be made from many threads at once.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    columns: Vec<String>,
    entries: Vec<Entry>,
    cases: Vec<CaseInfo>,
    by_name: HashMap<String, usize>,
    report: BuildReport,
}

impl Cache {
    /// Opens a cache as it lies, without a look at the data it was made from.
    ///
    /// # Errors
    /// A folder that is no cache, or a damaged index.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let folder = folder.as_ref();
        let entries = index::read(folder)?.ok_or_else(|| DatasetError::Cache {
            path: folder.to_path_buf(),
            problem: "is no cache, or one of another version; build it from the data set".into(),
        })?;
        let entries: Vec<Entry> = entries.into_values().collect();
        Ok(Self::of(folder, entries, BuildReport::default()))
    }

    fn of(folder: &Path, entries: Vec<Entry>, report: BuildReport) -> Self {
        let name = |e: &Entry| e.info.name.clone();
        Self {
            folder: folder.to_path_buf(),
            columns: crate::point_columns().map(|c| c.name.to_string()).collect(),
            cases: entries.iter().map(|e| e.info.clone()).collect(),
            by_name: entries.iter().map(name).zip(0..).collect(),
            entries,
            report,
        }
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names of the columns of every row, in order; see [`point_columns`](crate::point_columns).
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The descriptors of all cases. Their places are the case numbers of the other functions.
    pub fn cases(&self) -> &[CaseInfo] {
        &self.cases
    }

    /// How many cases were built and how many were there already when this cache was opened.
    pub fn report(&self) -> &BuildReport {
        &self.report
    }

    /// The number of the case `name`.
    ///
    /// # Errors
    /// [`DatasetError::UnknownCase`].
    pub fn position(&self, name: &str) -> Result<usize, DatasetError> {
        self.by_name
            .get(name)
            .copied()
            .ok_or_else(|| DatasetError::UnknownCase {
                name: name.to_string(),
                place: self.folder.clone(),
                closest: closest(name, self.by_name.keys()),
            })
    }

    /// The numbers of several cases, in the order of `names`.
    ///
    /// # Errors
    /// [`DatasetError::UnknownCase`].
    pub fn positions(&self, names: &[String]) -> Result<Vec<usize>, DatasetError> {
        names.iter().map(|name| self.position(name)).collect()
    }

    /// The pooled statistics of all nodes of some cases, from those stored with each case: no rows
    /// are read. Hand in the train part only.
    ///
    /// # Errors
    /// A case number out of range.
    pub fn normaliser(&self, cases: &[usize]) -> Result<Normaliser, DatasetError> {
        let mut pooled = Normaliser::new(&self.columns);
        for &case in cases {
            let statistics = self.entry(case)?.statistics.clone();
            pooled.merge(&Normaliser::from_columns(statistics))?;
        }
        Ok(pooled)
    }

    fn entry(&self, case: usize) -> Result<&Entry, DatasetError> {
        self.entries
            .get(case)
            .ok_or_else(|| DatasetError::Argument {
                what: "case number",
                problem: format!("{case} of {} cached cases", self.entries.len()),
            })
    }

    /// A folder for the cache of the data set at `root`, outside of it, because data sets are often
    /// read-only or shared: `$KARMAN_CACHE_DIR`, else `$XDG_CACHE_HOME/karman`, else
    /// `~/.cache/karman`, else the system's folder for temporary files; in it a name made of the
    /// last part of `root` and a hash of the whole.
    pub fn default_folder(root: impl AsRef<Path>) -> PathBuf {
        let set = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let base = set("KARMAN_CACHE_DIR")
            .or_else(|| set("XDG_CACHE_HOME").map(|p| p.join("karman")))
            .or_else(|| set("HOME").map(|p| p.join(".cache/karman")))
            .unwrap_or_else(|| std::env::temp_dir().join("karman"));
        let root = root.as_ref();
        let absolute = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let name = absolute
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let hash = crate::hash::hash(absolute.to_string_lossy().as_bytes());
        base.join(format!("{name}-{hash:016x}"))
    }

    /// Opens the cache of all cases that the manifest of `dataset` names, and builds what is absent
    /// or stale.
    ///
    /// # Errors
    /// A case that cannot be loaded, a folder that cannot be written or holds something else.
    pub fn open_or_build(
        dataset: &crate::AirfransDataset,
        folder: impl AsRef<Path>,
        progress: Progress,
    ) -> Result<Self, DatasetError> {
        Self::open_or_build_cases(dataset, &dataset.all_cases(), folder, progress)
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;
