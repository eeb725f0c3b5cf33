//! `manifest.json`: which cases belong to which part.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use crate::DatasetError;
use crate::files::write_atomically;

/// File name of the manifest in the root of a data set.
pub const MANIFEST_NAME: &str = "manifest.json";

/// A manifest: parts by name, each a list of case names.
///
/// Any keys and any case names are allowed. A part that ends in `_train` makes a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    path: PathBuf,
    parts: BTreeMap<String, Vec<String>>,
}

/// Something to train on and what to test it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Name, for example "scarce".
    pub name: String,
    /// Name of the part to train on, for example "scarce_train".
    pub train: String,
    /// Name of the part to validate on, where the manifest has one ("scarce_val").
    pub validation: Option<String>,
    /// Name of the part to test on, for example "full_test".
    pub test: Option<String>,
}

impl Manifest {
    /// Reads `ROOT/manifest.json` and checks what can be checked without the cases.
    ///
    /// # Errors
    /// No manifest; not an object of lists of names; a name twice in a part; a name that is not a
    /// plain folder name; a case both in the train and in the test part of a task.
    pub fn read(root: &Path) -> Result<Self, DatasetError> {
        let path = root.join(MANIFEST_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(DatasetError::ManifestAbsent {
                    root: root.to_path_buf(),
                    hint: hint_at(root),
                });
            }
            Err(e) => return Err(DatasetError::io("read", &path)(e)),
        };
        Self::parse(&path, &text)
    }

    /// A manifest of these parts, which would lie at `path`.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn from_parts(
        path: impl Into<PathBuf>,
        parts: BTreeMap<String, Vec<String>>,
    ) -> Result<Self, DatasetError> {
        let manifest = Self {
            path: path.into(),
            parts,
        };
        manifest.check()?;
        Ok(manifest)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, DatasetError> {
        let wrong = |problem: String| DatasetError::Manifest {
            path: path.to_path_buf(),
            problem,
        };
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| wrong(format!("not valid JSON: {e}")))?;
        let serde_json::Value::Object(map) = value else {
            return Err(wrong("must be an object of lists of case names".into()));
        };
        let mut parts = BTreeMap::new();
        for (key, value) in map {
            let names: Vec<String> = serde_json::from_value(value)
                .map_err(|e| wrong(format!("part \"{key}\" is not a list of case names: {e}")))?;
            parts.insert(key, names);
        }
        Self::from_parts(path, parts)
    }

    fn check(&self) -> Result<(), DatasetError> {
        let wrong = |problem: String| DatasetError::Manifest {
            path: self.path.clone(),
            problem,
        };
        if self.parts.is_empty() {
            return Err(wrong("holds no parts".into()));
        }
        for (part, names) in &self.parts {
            if let Some(name) = names.iter().find(|n| !is_folder_name(n)) {
                return Err(wrong(format!(
                    "part \"{part}\": \"{name}\" is not a plain folder name"
                )));
            }
            let mut seen = HashSet::new();
            let twice: Vec<&String> = names.iter().filter(|n| !seen.insert(*n)).collect();
            if let Some(first) = twice.first() {
                return Err(wrong(format!(
                    "part \"{part}\": {} names come more than once, for example \"{first}\"",
                    twice.len()
                )));
            }
        }
        match self.leak() {
            Some(problem) => Err(wrong(problem)),
            None => Ok(()),
        }
    }

    /// A case that a task both trains and tests on.
    fn leak(&self) -> Option<String> {
        for task in self.tasks() {
            let train: HashSet<&String> = self.parts[&task.train].iter().collect();
            for other in task.validation.iter().chain(&task.test) {
                let shared: Vec<_> = self.parts[other]
                    .iter()
                    .filter(|n| train.contains(n))
                    .collect();
                if let Some(first) = shared.first() {
                    return Some(format!(
                        "{} cases are both in \"{}\" and in \"{other}\", for example \"{first}\"",
                        shared.len(),
                        task.train
                    ));
                }
            }
        }
        None
    }

    /// Where the manifest lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All parts by name, as they stand in the file.
    pub fn parts(&self) -> &BTreeMap<String, Vec<String>> {
        &self.parts
    }

    /// The tasks, by name. A task without a test part of its own is tested on `full_test`, as
    /// AirfRANS's `scarce` is, where none of its cases is in there.
    pub fn tasks(&self) -> Vec<Task> {
        let known = |part: String| self.parts.contains_key(&part).then_some(part);
        self.parts
            .keys()
            .filter_map(|key| key.strip_suffix("_train").map(|name| (name, key)))
            .map(|(name, train)| Task {
                name: name.to_string(),
                train: train.clone(),
                validation: known(format!("{name}_val"))
                    .or_else(|| known(format!("{name}_validation"))),
                test: known(format!("{name}_test")).or_else(|| self.shared_test(name, train)),
            })
            .collect()
    }

    fn shared_test(&self, name: &str, train: &str) -> Option<String> {
        let test = self.parts.get("full_test")?;
        let train: HashSet<&String> = self.parts[train].iter().collect();
        // AirfRANS's own task keeps the pairing even if it leaks: the check must then speak up.
        let fits = name == "scarce" || !test.iter().any(|n| train.contains(n));
        fits.then(|| "full_test".to_string())
    }

    /// The task of this name.
    ///
    /// # Errors
    /// [`DatasetError::UnknownPart`], which lists the tasks there are.
    pub fn task(&self, name: &str) -> Result<Task, DatasetError> {
        let tasks = self.tasks();
        let known = tasks.iter().map(|t| t.name.clone()).collect();
        tasks
            .into_iter()
            .find(|t| t.name == name)
            .ok_or_else(|| DatasetError::UnknownPart {
                name: name.to_string(),
                known,
            })
    }

    /// The case names of a part. A task's test part may be asked for by the task's name even where
    /// it is borrowed: `scarce_test` gives `full_test`.
    ///
    /// # Errors
    /// [`DatasetError::UnknownPart`], or a part that is empty.
    pub fn cases(&self, part: &str) -> Result<&[String], DatasetError> {
        let borrowed = || {
            let task = self.task(part.strip_suffix("_test")?).ok()?;
            self.parts.get(&task.test?)
        };
        let names = self.parts.get(part).or_else(borrowed);
        match names {
            None => Err(DatasetError::UnknownPart {
                name: part.to_string(),
                known: self.parts.keys().cloned().collect(),
            }),
            Some(names) if names.is_empty() => Err(DatasetError::Manifest {
                path: self.path.clone(),
                problem: format!("part \"{part}\" is empty"),
            }),
            Some(names) => Ok(names),
        }
    }

    /// All distinct case names, sorted.
    pub fn all_cases(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.parts.values().flatten().collect();
        names.into_iter().cloned().collect()
    }

    /// The same manifest without the cases for which `keep` is false.
    pub(super) fn retain(mut self, keep: impl Fn(&str) -> bool) -> Self {
        for names in self.parts.values_mut() {
            names.retain(|name| keep(name));
        }
        self
    }

    /// Writes the manifest to its path, by way of a temporary name.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self) -> Result<(), DatasetError> {
        let text =
            serde_json::to_string_pretty(&self.parts).map_err(|e| DatasetError::Manifest {
                path: self.path.clone(),
                problem: e.to_string(),
            })?;
        write_atomically(&self.path, text.as_bytes())
    }
}

/// A name that stays inside the root when it is joined to it.
fn is_folder_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0'])
}

/// What a person who pointed at the wrong folder may have meant.
fn hint_at(root: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(root) else {
        return ", which is not a folder that can be listed".into();
    };
    let folders: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.is_dir())
        .collect();
    match folders.iter().find(|f| f.join(MANIFEST_NAME).is_file()) {
        Some(folder) => format!(" (there is one in {})", folder.display()),
        None => {
            let cases = folders
                .iter()
                .filter(|f| super::dataset::is_case_folder(f))
                .count();
            format!(" ({cases} case folders are there)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, DatasetError> {
        Manifest::parse(Path::new("root/manifest.json"), text)
    }

    fn fails_with(text: &str, expected: &[&str]) {
        let message = parse(text).unwrap_err().to_string();
        for part in expected.iter().chain(&["manifest.json"]) {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    }

    #[test]
    fn tasks_and_borrowed_test_parts() {
        let manifest = parse(
            r#"{"full_train": ["a", "b"], "full_test": ["c"], "scarce_train": ["a"],
                "aoa_train": ["a", "c"], "aoa_test": ["b"], "wide_train": ["c"], "notes": ["b"],
                "small_train": ["b"], "small_val": ["a"]}"#,
        )
        .unwrap();
        assert_eq!(
            manifest.task("scarce").unwrap().test.as_deref(),
            Some("full_test")
        );
        assert_eq!(
            manifest.task("aoa").unwrap().test.as_deref(),
            Some("aoa_test")
        );
        assert_eq!(
            manifest.task("wide").unwrap().test,
            None,
            "c is in full_test"
        );
        assert_eq!(
            manifest.task("small").unwrap().validation.as_deref(),
            Some("small_val")
        );
        assert_eq!(manifest.cases("scarce_test").unwrap(), ["c"]);
        assert_eq!(manifest.cases("notes").unwrap(), ["b"]);
        assert_eq!(manifest.all_cases(), ["a", "b", "c"]);
        let message = manifest.cases("full_tset").unwrap_err().to_string();
        assert!(message.contains("full_test"), "{message}");
        assert!(manifest.task("notes").is_err());
    }

    #[test]
    fn bad_manifests_name_the_fault() {
        fails_with("{", &["not valid JSON"]);
        fails_with("[]", &["must be an object"]);
        fails_with("{}", &["no parts"]);
        fails_with(
            r#"{"full_train": ["a", 3]}"#,
            &["full_train", "list of case names"],
        );
        fails_with(
            r#"{"full_train": "a"}"#,
            &["full_train", "list of case names"],
        );
        fails_with(
            r#"{"full_train": ["a", "b", "a"]}"#,
            &["more than once", "\"a\""],
        );
        fails_with(r#"{"full_train": ["../a"]}"#, &["plain folder name"]);
        fails_with(
            r#"{"full_train": ["a"], "full_test": ["a"]}"#,
            &["both in", "\"a\""],
        );
        fails_with(
            r#"{"scarce_train": ["a"], "full_test": ["a"]}"#,
            &["both in", "scarce_train"],
        );
    }

    #[test]
    fn empty_parts_fail_when_asked_for() {
        let manifest = parse(r#"{"full_train": ["a"], "full_test": []}"#).unwrap();
        let message = manifest.cases("full_test").unwrap_err().to_string();
        assert!(message.contains("\"full_test\" is empty"), "{message}");
    }

    #[test]
    fn absent_manifest_says_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let message = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("0 case folders"), "{message}");
        std::fs::create_dir(folder.path().join("Dataset")).unwrap();
        std::fs::write(folder.path().join("Dataset/manifest.json"), "{}").unwrap();
        let message = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("there is one in") && message.contains("Dataset"),
            "{message}"
        );
        let message = Manifest::read(Path::new("/nowhere"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("not a folder"), "{message}");
    }

    #[test]
    fn written_manifests_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(MANIFEST_NAME);
        let parts = BTreeMap::from([("full_train".to_string(), vec!["a".to_string()])]);
        let manifest = Manifest::from_parts(&path, parts).unwrap();
        manifest.write().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    }
}
