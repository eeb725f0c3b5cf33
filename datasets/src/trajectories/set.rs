//! A folder of trajectories, as `karman generate` makes it, for training.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::manifest::{CASES_NAME, TrajectoryManifest, TrajectoryPart};
use super::read::{Trajectory, TrajectoryNumber};
use crate::hash::hash_file;
use crate::parallel::try_map;
use crate::{Array, ColumnStatistics, DatasetError, Normaliser, Progress};

/// A folder of trajectories with its manifest. Values are read when they are asked for; many threads may
/// ask at once.
#[derive(Clone, Debug)]
pub struct Trajectories {
    root: PathBuf,
    manifest: TrajectoryManifest,
}

/// Some times of a case that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrajectoryWindow {
    /// Place of the case in the manifest.
    pub case: usize,
    /// Numbers of the times.
    pub times: Range<usize>,
}

impl Trajectories {
    /// Opens the folder: reads its manifest and no more.
    ///
    /// # Errors
    /// No manifest, or one that makes no sense.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let root = root.as_ref().to_path_buf();
        let manifest = TrajectoryManifest::read(&root)?;
        Ok(Self { root, manifest })
    }

    /// Whether a folder holds trajectories: its manifest says so, or it is a set that is not finished.
    pub fn is_at(root: impl AsRef<Path>) -> bool {
        TrajectoryManifest::is_of_trajectories(root.as_ref())
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its cases and parts.
    pub fn manifest(&self) -> &TrajectoryManifest {
        &self.manifest
    }

    /// The part `name`.
    ///
    /// # Errors
    /// [`DatasetError::UnknownPart`].
    pub fn part(&self, name: &str) -> Result<&TrajectoryPart, DatasetError> {
        let parts = &self.manifest.parts;
        parts.get(name).ok_or_else(|| DatasetError::UnknownPart {
            name: name.into(),
            known: parts.keys().cloned().collect(),
        })
    }

    /// The file of a case.
    pub fn path(&self, case: &str) -> PathBuf {
        self.root.join(CASES_NAME).join(format!("{case}.h5"))
    }

    /// Opens the file of a case.
    ///
    /// # Errors
    /// An unknown case, a damaged file.
    pub fn trajectory(&self, case: &str) -> Result<Trajectory, DatasetError> {
        let case = self.manifest.case(case, &self.root)?;
        Trajectory::open(self.path(&case.name))
    }

    /// All windows of `length` times that follow each other in the cases of a part, none of which leaves
    /// the times of the part. A model that predicts one step ahead takes a length of two.
    ///
    /// # Errors
    /// An unknown part; a length of zero, or one that no case has.
    pub fn windows(
        &self,
        part: &str,
        length: usize,
    ) -> Result<Vec<TrajectoryWindow>, DatasetError> {
        let found = self.part(part)?;
        let times = found.times();
        if length == 0 || length > times.len() {
            return Err(DatasetError::Argument {
                what: "length of windows",
                problem: format!("{length}; part \"{part}\" has {} times", times.len()),
            });
        }
        let cases = self.manifest.cases.iter().map(|case| case.name.as_str());
        let places: HashMap<&str, usize> = cases.zip(0..).collect();
        let starts = times.start..=times.end - length;
        let mut windows = Vec::with_capacity(found.cases.len() * starts.clone().count());
        for name in &found.cases {
            // A checked manifest has every case of its parts.
            let case = places.get(name.as_str()).copied().unwrap_or_default();
            let window = |start| TrajectoryWindow {
                case,
                times: start..start + length,
            };
            windows.extend(starts.clone().map(window));
        }
        Ok(windows)
    }

    /// Reads some fields in a window: for each, `[time, (z, (y,)) x, component]`.
    ///
    /// # Errors
    /// A window or a field that is not there, damaged values.
    pub fn read<T: TrajectoryNumber>(
        &self,
        window: &TrajectoryWindow,
        fields: &[&str],
    ) -> Result<Vec<Array<T>>, DatasetError> {
        let case = self.manifest.cases.get(window.case);
        let case = case.ok_or_else(|| DatasetError::Argument {
            what: "case of a window",
            problem: format!("{} of {} cases", window.case, self.manifest.cases.len()),
        })?;
        let file = Trajectory::open(self.path(&case.name))?;
        let read = |name: &&str| file.read(name, window.times.clone());
        fields.iter().map(read).collect()
    }

    /// Statistics of every component of every field over the cases and times of one part, for
    /// normalisation: hand in `train`. Columns have the names of the components: `velocity_x`, ..
    ///
    /// # Errors
    /// An unknown part, damaged files.
    pub fn normaliser(&self, part: &str, progress: Progress) -> Result<Normaliser, DatasetError> {
        let part = self.part(part)?;
        let counter = progress.start("statistics of cases", part.cases.len() as u64);
        let of_cases = try_map(part.cases.len(), |i| {
            let statistics = self.statistics(&part.cases[i], part.times());
            counter.advance();
            statistics
        });
        counter.finish();
        let mut all: Option<Normaliser> = None;
        // In the order of the cases, whatever the order they ended in: sums depend on it.
        for columns in of_cases? {
            let columns = Normaliser::from_columns(columns);
            match &mut all {
                None => all = Some(columns),
                Some(all) => all.merge(&columns)?,
            }
        }
        Ok(all.unwrap_or_else(|| Normaliser::from_columns(Vec::new())))
    }

    fn statistics(
        &self,
        case: &str,
        times: Range<usize>,
    ) -> Result<Vec<ColumnStatistics>, DatasetError> {
        let file = Trajectory::open(self.path(case))?;
        let mut columns = Vec::new();
        for field in file.fields() {
            let names = field.component_names(file.grid().shape.len());
            let mut statistics: Vec<_> = names.into_iter().map(ColumnStatistics::new).collect();
            for time in times.clone() {
                let values = file.read::<f64>(&field.name, time..time + 1)?.values;
                for (place, value) in values.into_iter().enumerate() {
                    statistics[place % field.components].push(value);
                }
            }
            columns.extend(statistics);
        }
        Ok(columns)
    }

    /// Reads every case from end to end and compares it with the manifest: the cases that are not what
    /// was written, with the reason.
    pub fn faults(&self, progress: Progress) -> Vec<(String, DatasetError)> {
        let cases = &self.manifest.cases;
        let counter = progress.start("reading cases", cases.len() as u64);
        let looked: Result<Vec<_>, DatasetError> = try_map(cases.len(), |i| {
            let fault = self.look_at(&cases[i]).err();
            counter.advance();
            Ok(fault.map(|error| (cases[i].name.clone(), error)))
        });
        counter.finish();
        // Looking at a case does not fail: what is found is the result.
        looked.into_iter().flatten().flatten().collect()
    }

    fn look_at(&self, case: &crate::TrajectoryCase) -> Result<(), DatasetError> {
        let path = self.path(&case.name);
        let (bytes, hash) = hash_file(&path)?;
        if bytes != case.bytes || format!("{hash:016x}") != case.hash {
            let problem =
                "is not the file that the manifest speaks of: it was changed or damaged; \
                           delete it, and `karman generate` makes it again"
                    .to_string();
            return Err(DatasetError::ArrayFile { path, problem });
        }
        Trajectory::open(&path)?.verify()
    }
}
