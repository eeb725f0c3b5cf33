//! The folder of a set: whose it is, and who works in it.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::config::GenerateConfig;
use crate::files::{LOCK, lock, remove_leftovers, write_atomically};
use crate::trajectories::{CASES_NAME, CONFIG_NAME};
use crate::{DatasetError, MANIFEST_NAME};

/// A folder that this process works in. The lock ends with the process, however it ends.
#[derive(Debug)]
pub(super) struct SetFolder {
    /// The folder of the cases.
    pub(super) cases: PathBuf,
    _lock: File,
}

impl SetFolder {
    /// Makes a folder that is absent or empty a set, or goes on with one.
    ///
    /// # Errors
    /// A folder with other files, or one that was begun with other settings; another process that works
    /// in it.
    pub(super) fn claim(root: &Path, config: &GenerateConfig) -> Result<Self, DatasetError> {
        let cases = root.join(CASES_NAME);
        std::fs::create_dir_all(root).map_err(DatasetError::io("create", root))?;
        let begun = || root.join(CONFIG_NAME).exists();
        if !begun() {
            refuse_others(root)?;
        }
        let lock = lock(root)?.ok_or_else(|| {
            let problem = "is being worked in by another process; wait for it or stop it";
            DatasetError::trajectories(root, problem)
        })?;
        // Looked at again: another process may have begun it meanwhile.
        if begun()
            && let Err(difference) = compare(root, config)
        {
            begin_again(root, &cases, difference)?;
        }
        write_config(root, config)?;
        std::fs::create_dir_all(&cases).map_err(DatasetError::io("create", &cases))?;
        // Nobody else works here: what has a temporary name was left by a process that was killed.
        for folder in [root, &cases] {
            remove_leftovers(folder)?;
        }
        Ok(Self { cases, _lock: lock })
    }
}

/// # Errors
/// A folder that holds something: a slip in a path must not fill somebody's folder.
fn refuse_others(root: &Path) -> Result<(), DatasetError> {
    let entries = std::fs::read_dir(root).map_err(DatasetError::io("list", root))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A process that was killed before it wrote the configuration leaves these.
        if name != LOCK && !name.ends_with(".tmp") {
            let problem =
                format!("holds {name} and no {CONFIG_NAME}; give an empty folder or a new name");
            return Err(DatasetError::trajectories(root, problem));
        }
    }
    Ok(())
}

/// # Errors
/// A configuration that makes other cases than those that are there.
fn compare(root: &Path, config: &GenerateConfig) -> Result<(), DatasetError> {
    let path = root.join(CONFIG_NAME);
    let mend = "give another --output for the new settings, or delete the folder to begin again";
    let text = std::fs::read_to_string(&path).map_err(DatasetError::io("read", &path))?;
    let (head, text) = text.split_once('\n').unwrap_or_default();
    let version = head.rsplit(' ').next().unwrap_or_default();
    if version != env!("CARGO_PKG_VERSION") {
        let problem = format!(
            "was begun by version {version} of karman, this is {}: the numbers may differ; {mend}",
            env!("CARGO_PKG_VERSION")
        );
        return Err(DatasetError::trajectories(root, problem));
    }
    let stored = GenerateConfig::parse(text, &path.display().to_string(), &[])?;
    match stored.difference(config) {
        None => Ok(()),
        Some((key, was, is)) => {
            let problem = format!("was begun with {key} = {was}, now it is {is}; {mend}");
            Err(DatasetError::trajectories(root, problem))
        }
    }
}

/// Where no case is there yet, nothing is lost: a slip in the first configuration is no reason to make
/// people delete folders.
///
/// # Errors
/// `difference`, where there are cases.
fn begin_again(root: &Path, cases: &Path, difference: DatasetError) -> Result<(), DatasetError> {
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(cases).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("h5") => return Err(difference),
            Some("json" | "xdmf") => names.push(path),
            _ => {}
        }
    }
    names.push(root.join(MANIFEST_NAME));
    for path in names.iter().filter(|path| path.exists()) {
        std::fs::remove_file(path).map_err(DatasetError::io("remove", path))?;
    }
    Ok(())
}

fn write_config(root: &Path, config: &GenerateConfig) -> Result<(), DatasetError> {
    let path = root.join(CONFIG_NAME);
    // The folder is where it is: its name is no part of the set.
    let stored = GenerateConfig {
        output: None,
        ..config.clone()
    };
    let text = toml::to_string_pretty(&stored).map_err(|error| {
        DatasetError::config("the configuration", format!("cannot be written: {error}"))
    })?;
    let head = format!(
        "# What the cases were made by: karman {}",
        env!("CARGO_PKG_VERSION")
    );
    write_atomically(&path, format!("{head}\n{text}").as_bytes())
}
