//! `manifest.json` of a folder of trajectories: its cases, what became of each, and the parts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::layout::{Attributes, TrajectoryField, TrajectoryGrid};
use crate::closest::closest;
use crate::files::write_atomically;
use crate::{DatasetError, MANIFEST_NAME};

/// Value of `format`.
const FORMAT: &str = "karman-trajectories";
/// Version of the manifest; a reader takes this one only.
const VERSION: u32 = 1;

/// The configuration that a set was made by, in its folder.
pub(crate) const CONFIG_NAME: &str = "config.toml";
/// The folder of the cases, in that of the set.
pub(crate) const CASES_NAME: &str = "cases";

/// The manifest of a folder of trajectories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryManifest {
    format: String,
    version: u32,
    /// What the set is, for people.
    pub title: String,
    /// Kind of the generator.
    pub generator: String,
    /// The solver behind it.
    pub solver: String,
    /// Version of the program that made the set.
    pub karman: String,
    /// A number for all settings that the cases depend on.
    pub fingerprint: String,
    /// The times stored in each case, in seconds.
    pub times: Vec<f64>,
    /// The fields that change with time.
    pub fields: Vec<TrajectoryField>,
    /// The fields that do not.
    pub statics: Vec<TrajectoryField>,
    /// The cases.
    pub cases: Vec<TrajectoryCase>,
    /// The samples that gave no case, with the reason.
    pub rejected: Vec<RejectedCase>,
    /// What is for training, validation and tests, by name.
    pub parts: BTreeMap<String, TrajectoryPart>,
    /// Cases that no part may use, since each would give something of another part away.
    pub unused: Vec<String>,
}

/// A case of a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryCase {
    /// Its name; its file is `cases/NAME.h5`.
    pub name: String,
    /// Number of its sample.
    pub sample: usize,
    /// Seed of its own random numbers.
    pub seed: u64,
    /// What distinguishes it from others.
    pub parameters: Attributes,
    /// Its cells.
    pub grid: TrajectoryGrid,
    /// A number for its static fields: equal where the geometry is equal in every bit.
    pub geometry: String,
    /// A number for all its values: equal where cases are equal in every bit.
    pub data: String,
    /// Bytes of its file.
    pub bytes: u64,
    /// A number for the bytes of its file.
    pub hash: String,
    /// Steps that the solver took.
    pub steps: usize,
    /// Steps whose inner solve missed its tolerance.
    pub unconverged: usize,
    /// Largest residual of an inner solve, over its tolerance.
    pub worst_residual: f64,
}

/// A sample that gave no case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedCase {
    /// The name it would have had.
    pub name: String,
    /// Number of the sample.
    pub sample: usize,
    /// Seed of its own random numbers.
    pub seed: u64,
    /// Its parameters.
    pub parameters: Attributes,
    /// Why it gave none.
    pub reason: String,
}

/// A part of a set: some cases, and some of their times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryPart {
    /// Names of the cases.
    pub cases: Vec<String>,
    /// Numbers of the times: from the first, up to but without the second.
    pub times: [usize; 2],
}

impl TrajectoryPart {
    /// Numbers of the times.
    pub fn times(&self) -> Range<usize> {
        self.times[0]..self.times[1]
    }
}

/// Everything of a manifest that is not a list of cases or parts.
#[derive(Clone, Debug)]
pub(crate) struct ManifestHead {
    pub(crate) title: String,
    pub(crate) generator: String,
    pub(crate) solver: String,
    pub(crate) fingerprint: String,
    pub(crate) times: Vec<f64>,
    pub(crate) fields: Vec<TrajectoryField>,
    pub(crate) statics: Vec<TrajectoryField>,
}

impl TrajectoryManifest {
    /// A manifest without parts.
    pub(crate) fn new(
        head: ManifestHead,
        cases: Vec<TrajectoryCase>,
        rejected: Vec<RejectedCase>,
    ) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            title: head.title,
            generator: head.generator,
            solver: head.solver,
            karman: env!("CARGO_PKG_VERSION").into(),
            fingerprint: head.fingerprint,
            times: head.times,
            fields: head.fields,
            statics: head.statics,
            cases,
            rejected,
            parts: BTreeMap::new(),
            unused: Vec::new(),
        }
    }

    /// Whether the manifest of a folder says that it holds trajectories; where there is none, whether the
    /// folder is a set that is not finished.
    pub(super) fn is_of_trajectories(root: &Path) -> bool {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let Ok(bytes) = std::fs::read(root.join(MANIFEST_NAME)) else {
            return root.join(CONFIG_NAME).is_file() && root.join(CASES_NAME).is_dir();
        };
        serde_json::from_slice::<Head>(&bytes).is_ok_and(|head| head.format == FORMAT)
    }

    /// Reads the manifest of a folder, and checks it.
    ///
    /// # Errors
    /// No manifest, one of another format or version, or one that makes no sense: a part with an unknown
    /// case, or two parts that share a time of a case.
    pub(super) fn read(root: &Path) -> Result<Self, DatasetError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let path = root.join(MANIFEST_NAME);
        let wrong = |problem: String| DatasetError::Manifest {
            path: path.clone(),
            problem,
        };
        if root.is_dir() && !path.exists() {
            let problem = "has no manifest.json, which is written when all cases are there: let \
                           `karman generate` go on with it";
            return Err(DatasetError::trajectories(root, problem));
        }
        let bytes = std::fs::read(&path).map_err(DatasetError::io("read", &path))?;
        // The format is looked at first: the rest may have another shape in another one.
        let head: Head = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("is no manifest of trajectories: {error}")))?;
        if (head.format.as_str(), head.version) != (FORMAT, VERSION) {
            return Err(wrong(format!(
                "is of the format {}, version {}; {FORMAT}, version {VERSION}, is read here",
                head.format, head.version
            )));
        }
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("is damaged: {error}")))?;
        manifest.check().map_err(wrong)?;
        Ok(manifest)
    }

    /// Writes the manifest of a folder.
    pub(crate) fn write(&self, root: &Path) -> Result<(), DatasetError> {
        let path = root.join(MANIFEST_NAME);
        let wrong = |problem: String| DatasetError::Manifest {
            path: path.clone(),
            problem,
        };
        self.check().map_err(wrong)?;
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| wrong(format!("cannot be written: {error}")))?;
        text.push('\n');
        write_atomically(&path, text.as_bytes())
    }

    /// The case `name`.
    ///
    /// # Errors
    /// [`DatasetError::UnknownCase`].
    pub(crate) fn case(&self, name: &str, root: &Path) -> Result<&TrajectoryCase, DatasetError> {
        let found = self.cases.iter().find(|case| case.name == name);
        found.ok_or_else(|| {
            let names: Vec<String> = self.cases.iter().map(|case| case.name.clone()).collect();
            DatasetError::UnknownCase {
                name: name.into(),
                place: root.into(),
                closest: closest(name, &names),
            }
        })
    }

    /// Whether the parts make sense: their cases and times are there, and no two of them share a time of
    /// a case.
    fn check(&self) -> Result<(), String> {
        let mut uses: BTreeMap<&str, Vec<(&str, Range<usize>)>> = BTreeMap::new();
        for case in &self.cases {
            if uses.insert(&case.name, Vec::new()).is_some() {
                return Err(format!("the case {} comes twice", case.name));
            }
        }
        for (name, part) in &self.parts {
            let times = part.times();
            if times.is_empty() || times.end > self.times.len() {
                return Err(format!(
                    "part \"{name}\" has the times {times:?} of {}",
                    self.times.len()
                ));
            }
            for case in &part.cases {
                let Some(others) = uses.get_mut(case.as_str()) else {
                    return Err(format!(
                        "part \"{name}\" has the case {case}, which is not there"
                    ));
                };
                let shares =
                    |other: &Range<usize>| other.start < times.end && times.start < other.end;
                if let Some((other, _)) = others.iter().find(|(_, other)| shares(other)) {
                    return Err(format!(
                        "parts \"{other}\" and \"{name}\" share times of the case {case}: what is \
                         trained on must not be tested on"
                    ));
                }
                others.push((name, times.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A manifest of cases `a`, `b`, .. with ten times.
    pub(in crate::trajectories) fn manifest(names: &[&str]) -> TrajectoryManifest {
        let case = |(sample, name): (usize, &&str)| TrajectoryCase {
            name: (*name).into(),
            sample,
            seed: 1,
            parameters: Attributes::new(),
            grid: TrajectoryGrid {
                shape: vec![4],
                spacing: vec![1.0],
                origin: vec![0.5],
            },
            geometry: "0".into(),
            data: name.to_string(),
            bytes: 0,
            hash: "0".into(),
            steps: 1,
            unconverged: 0,
            worst_residual: 0.0,
        };
        let head = ManifestHead {
            title: "test".into(),
            generator: "none".into(),
            solver: "none".into(),
            fingerprint: "0".into(),
            times: (0..10).map(f64::from).collect(),
            fields: Vec::new(),
            statics: Vec::new(),
        };
        let cases = names.iter().enumerate().map(case).collect();
        TrajectoryManifest::new(head, cases, Vec::new())
    }

    fn with(parts: &[(&str, &[&str], [usize; 2])]) -> Result<(), String> {
        let mut manifest = manifest(&["a", "b"]);
        for (name, cases, times) in parts {
            let cases = cases.iter().map(|case| case.to_string()).collect();
            let part = TrajectoryPart {
                cases,
                times: *times,
            };
            manifest.parts.insert(name.to_string(), part);
        }
        manifest.check()
    }

    #[test]
    fn leaks_are_told() {
        with(&[("train", &["a"], [0, 10]), ("test", &["b"], [0, 10])]).unwrap();
        with(&[("train", &["a", "b"], [0, 7]), ("later", &["b"], [7, 10])]).unwrap();
        let told = |parts: &[(&str, &[&str], [usize; 2])], words: &str| {
            let problem = with(parts).unwrap_err();
            assert!(problem.contains(words), "{words}: {problem}");
        };
        told(
            &[("train", &["a", "b"], [0, 7]), ("test", &["b"], [6, 10])],
            "share times of the case b",
        );
        told(&[("train", &["a", "a"], [0, 7])], "share times");
        told(&[("train", &["c"], [0, 7])], "not there");
        told(&[("train", &["a"], [0, 11])], "times");
        told(&[("train", &["a"], [3, 3])], "times");
    }

    #[test]
    fn a_manifest_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = manifest(&["a", "b"]);
        manifest.write(folder.path()).unwrap();
        assert_eq!(TrajectoryManifest::read(folder.path()).unwrap(), manifest);
        assert!(TrajectoryManifest::is_of_trajectories(folder.path()));
        let path = folder.path().join(MANIFEST_NAME);
        for (text, words) in [
            ("{\"full_train\": []}", "no manifest of trajectories"),
            (
                "{\"format\": \"karman-trajectories\", \"version\": 9}",
                "version 9",
            ),
            (
                "{\"format\": \"karman-trajectories\", \"version\": 1}",
                "damaged",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = TrajectoryManifest::read(folder.path())
                .unwrap_err()
                .to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
        std::fs::remove_file(&path).unwrap();
        let error = TrajectoryManifest::read(folder.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains("karman generate"), "{error}");
        assert!(!TrajectoryManifest::is_of_trajectories(folder.path()));
    }
}
