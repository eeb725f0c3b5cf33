//! A configuration file of `karman generate`, whatever it makes.

use std::path::{Path, PathBuf};

use super::config::GenerateConfig;
use crate::settings::{apply_setting, explained_toml_error};
use crate::{AirfoilSweep, DatasetError};

/// The kind of generator that makes airfoil cases.
pub(super) const AIRFOILS: &str = "airfoils";

/// What `karman generate` makes, by `generator.kind`.
#[derive(Clone, Debug, PartialEq)]
pub enum SetConfig {
    /// Trajectories with the reference solvers.
    Trajectories(Box<GenerateConfig>),
    /// Airfoil cases in AirfRANS's layout with OpenFOAM.
    Airfoils(Box<AirfoilSweep>),
}

impl SetConfig {
    /// Reads a TOML file, with `key=value` settings laid over it. Keys are dotted paths such as
    /// `sampling.count`; values are TOML, and bare words are taken as texts.
    ///
    /// # Errors
    /// An absent file, wrong TOML, unknown keys (the message suggests the nearest), or values that make
    /// no sense.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self, DatasetError> {
        let text = std::fs::read_to_string(path).map_err(DatasetError::io("read", path))?;
        let place = path.display().to_string();
        let table = table(&text, &place, settings)?;
        let kind = table.get("generator").and_then(|table| table.get("kind"));
        if kind.and_then(|kind| kind.as_str()) != Some(AIRFOILS) {
            let config = GenerateConfig::from_table(table, &place)?;
            return Ok(Self::Trajectories(Box::new(config)));
        }
        let sweep: AirfoilSweep = table
            .try_into()
            .map_err(|error| DatasetError::config(place, explained_toml_error(&error)))?;
        sweep.check()?;
        Ok(Self::Airfoils(Box::new(sweep)))
    }

    /// The folder of the set: what `output` says, or `runs/` and the name of the configuration file.
    pub fn folder(&self, path: &Path) -> PathBuf {
        let output = match self {
            Self::Trajectories(config) => &config.output,
            Self::Airfoils(sweep) => &sweep.output,
        };
        output.clone().unwrap_or_else(|| {
            Path::new("runs").join(path.file_stem().unwrap_or_else(|| "set".as_ref()))
        })
    }
}

/// The table of a configuration, with settings laid over it.
pub(super) fn table(
    text: &str,
    place: &str,
    settings: &[String],
) -> Result<toml::Table, DatasetError> {
    let mut table: toml::Table = toml::from_str(text)
        .map_err(|error| DatasetError::config(place, explained_toml_error(&error)))?;
    for setting in settings {
        apply_setting(&mut table, setting)
            .map_err(|problem| DatasetError::config(format!("--set {setting}"), problem))?;
    }
    Ok(table)
}
