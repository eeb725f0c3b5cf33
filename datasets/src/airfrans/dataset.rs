//! A folder of cases with a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::case::{case_files, load_case};
use super::conditions::{self, Conditions};
use super::manifest::{Manifest, Task};
use crate::closest::closest;
use crate::{DatasetError, Sample};

/// Absent cases that an error lists by name.
const LISTED: usize = 5;

/// An AirfRANS-style data set: `manifest.json` and one folder per case.
///
/// Opening reads the manifest and lists the folders; no case is read before it is asked for.
#[derive(Debug, Clone)]
pub struct AirfransDataset {
    root: PathBuf,
    manifest: Manifest,
    conditions: BTreeMap<String, Conditions>,
    folders: BTreeSet<String>,
    unlisted: Vec<String>,
    warnings: Vec<String>,
}

impl AirfransDataset {
    /// Opens the data set at `root`.
    ///
    /// # Errors
    /// A manifest that is absent or wrong (see [`Manifest::read`]), or that names cases which have
    /// no folder.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let dataset = Self::list(root.as_ref())?;
        let all = dataset.manifest.all_cases();
        let absent = dataset.absent(&all);
        if absent.is_empty() {
            return Ok(dataset);
        }
        Err(DatasetError::AbsentCases {
            path: dataset.manifest.path().to_path_buf(),
            count: absent.len(),
            total: all.len(),
            names: absent.into_iter().take(LISTED).collect(),
        })
    }

    /// As [`AirfransDataset::open`], but cases that have no folder are left out of all parts, with
    /// a warning. For a part of a large data set.
    ///
    /// # Errors
    /// A manifest that is absent or wrong, or of whose cases none is there.
    pub fn open_partial(root: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let mut dataset = Self::list(root.as_ref())?;
        let all = dataset.manifest.all_cases();
        let absent = dataset.absent(&all);
        if absent.is_empty() {
            return Ok(dataset);
        }
        if absent.len() == all.len() {
            return Err(DatasetError::AbsentCases {
                path: dataset.manifest.path().to_path_buf(),
                count: absent.len(),
                total: all.len(),
                names: absent.into_iter().take(LISTED).collect(),
            });
        }
        dataset.warnings.push(format!(
            "{} of {} cases in the manifest have no folder and were left out, for example {}",
            absent.len(),
            all.len(),
            absent[0]
        ));
        let there = dataset.folders.clone();
        dataset.manifest = dataset.manifest.retain(|name| there.contains(name));
        Ok(dataset)
    }

    fn list(root: &Path) -> Result<Self, DatasetError> {
        let manifest = Manifest::read(root)?;
        let folders: BTreeSet<String> = scan_cases(root)?.into_iter().collect();
        let listed: BTreeSet<String> = manifest.all_cases().into_iter().collect();
        let unlisted: Vec<String> = folders.difference(&listed).cloned().collect();
        let mut warnings = Vec::new();
        if let Some(first) = unlisted.first() {
            warnings.push(format!(
                "{} case folders are in no part of the manifest, for example {first}",
                unlisted.len()
            ));
        }
        for (part, names) in manifest.parts() {
            if names.is_empty() {
                warnings.push(format!("part \"{part}\" of the manifest is empty"));
            }
        }
        Ok(Self {
            root: root.to_path_buf(),
            conditions: conditions::read_conditions(root)?,
            manifest,
            folders,
            unlisted,
            warnings,
        })
    }

    fn absent(&self, names: &[String]) -> Vec<String> {
        let absent = names.iter().filter(|name| !self.folders.contains(*name));
        absent.cloned().collect()
    }

    /// The folder that was opened.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The tasks of the manifest: full, scarce, reynolds, aoa, or whatever it defines.
    pub fn tasks(&self) -> Vec<Task> {
        self.manifest.tasks()
    }

    /// The case names of a part, for example "full_train"; "scarce_test" gives "full_test".
    ///
    /// # Errors
    /// As [`Manifest::cases`].
    pub fn cases(&self, part: &str) -> Result<Vec<String>, DatasetError> {
        self.manifest.cases(part).map(<[String]>::to_vec)
    }

    /// All cases that the manifest names, sorted.
    pub fn all_cases(&self) -> Vec<String> {
        self.manifest.all_cases()
    }

    /// Case folders that are in no part of the manifest, sorted.
    pub fn unlisted(&self) -> &[String] {
        &self.unlisted
    }

    /// What is odd about the data set but no error: folders that the manifest does not name, cases
    /// left out, empty parts.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Speed, angle and viscosity of a case, where `conditions.json` or the name tells them
    /// without a look at the files.
    pub fn conditions(&self, name: &str) -> Option<Conditions> {
        let listed = self.conditions.get(name).copied();
        listed.or_else(|| conditions::from_name(name))
    }

    /// The files of a case that are there.
    pub fn case_files(&self, name: &str) -> Vec<PathBuf> {
        let files = case_files(&self.root, name);
        files.into_iter().filter(|path| path.is_file()).collect()
    }

    /// Loads a case, whether the manifest names it or not.
    ///
    /// # Errors
    /// [`DatasetError::UnknownCase`] when there is no such folder; whatever is wrong with its
    /// files: absent, truncated, without a needed array, empty, with a value that is not finite;
    /// [`DatasetError::Conditions`] when its speed and angle are not known.
    pub fn load(&self, name: &str) -> Result<Sample, DatasetError> {
        if !self.folders.contains(name) {
            return Err(DatasetError::UnknownCase {
                name: name.to_string(),
                place: self.root.clone(),
                closest: closest(name, &self.folders),
            });
        }
        load_case(&self.root, name, self.conditions(name))
    }
}

/// The case folders under `root`, sorted: those that hold `NAME_internal.vtu`. For making a
/// manifest where there is none.
///
/// # Errors
/// A folder that cannot be listed.
pub fn scan_cases(root: &Path) -> Result<Vec<String>, DatasetError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root).map_err(DatasetError::io("list", root))? {
        let path = entry.map_err(DatasetError::io("list", root))?.path();
        if let Some(name) = path.file_name().and_then(|n| n.to_str())
            && is_case_folder(&path)
        {
            names.push(name.to_string());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a folder holds one of the files that a case is made of. One is enough: a case with a
/// file missing is a case with a fault, and says so when it is loaded.
pub(super) fn is_case_folder(path: &Path) -> bool {
    let (Some(root), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return false;
    };
    case_files(root, name).iter().any(|file| file.is_file())
}
