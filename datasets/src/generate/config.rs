//! The configuration file of a sweep.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::generators::{Generator, generator};
use super::parameter::ParameterRange;
use super::sampling::{Sample, Sampler, SamplingConfig};
use super::set_config::table;
use super::splits::SplitsConfig;
use super::times::TimesConfig;
use crate::hash::hash;
use crate::settings::{explained_toml_error, first_difference};
use crate::{DatasetError, Precision};

/// Everything that defines a set of trajectories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateConfig {
    /// What the set is, for people.
    #[serde(default)]
    pub title: String,
    /// Folder of the set, relative to the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// The solver, `kind`, and its settings that are the same in all cases.
    pub generator: toml::Table,
    /// Settings of the generator that differ from case to case.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterRange>,
    /// How the parameters are drawn.
    pub sampling: SamplingConfig,
    /// The times stored; stationary problems have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<TimesConfig>,
    /// How fields are stored.
    #[serde(default)]
    pub store: StoreConfig,
    /// When a case is of no use.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// What is for training, validation and tests.
    #[serde(default)]
    pub splits: SplitsConfig,
}

/// How fields are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// `single` or `double`.
    pub precision: Precision,
    /// Effort of deflate, 0 (not compressed) to 9.
    pub compression: u8,
    /// The fields that are stored; all where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            precision: Precision::Single,
            compression: 4,
            fields: None,
        }
    }
}

/// When a case is rejected. Cases with values that are not finite always are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Largest share of steps whose inner solve missed its tolerance.
    pub unconverged: f64,
    /// Largest residual of an inner solve, over its tolerance.
    pub residual: f64,
    /// Largest magnitude of a value, by field.
    pub largest: BTreeMap<String, f64>,
    /// Whether a rejected case is replaced by the next sample.
    pub replace: bool,
    /// Samples drawn at most where cases are replaced, as a multiple of the count.
    pub attempts: f64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            unconverged: 0.0,
            residual: 1.0,
            largest: BTreeMap::new(),
            replace: false,
            attempts: 2.0,
        }
    }
}

impl GenerateConfig {
    /// Reads a TOML file, with `key=value` settings laid over it. Keys are dotted paths such as
    /// `sampling.count`; values are TOML, and bare words are taken as texts.
    ///
    /// # Errors
    /// An absent file, wrong TOML, unknown keys (the message suggests the nearest), or values that make
    /// no sense.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self, DatasetError> {
        let text = std::fs::read_to_string(path).map_err(DatasetError::io("read", path))?;
        Self::parse(&text, &path.display().to_string(), settings)
    }

    /// As [`read`](Self::read), from text that is called `place` in messages.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(text: &str, place: &str, settings: &[String]) -> Result<Self, DatasetError> {
        Self::from_table(table(text, place, settings)?, place)
    }

    /// From a table that was read from `place`.
    pub(super) fn from_table(table: toml::Table, place: &str) -> Result<Self, DatasetError> {
        let mut config: Self = table
            .try_into()
            .map_err(|error| DatasetError::config(place, explained_toml_error(&error)))?;
        config.prepare().map_err(|error| match error {
            DatasetError::Config { place: at, problem } => {
                DatasetError::config(format!("{place}: {at}"), problem)
            }
            other => other,
        })?;
        Ok(config)
    }

    /// Reads what cannot be told from the types, checks it, and fills in the generator's defaults.
    pub(super) fn prepare(&mut self) -> Result<Prepared, DatasetError> {
        let setting = |(place, problem): (String, String)| DatasetError::config(place, problem);
        let sampler = Sampler::new(&self.sampling, &self.parameters).map_err(setting)?;
        let case = self.generator_of(&sampler.sample(0))?;
        let times = match &self.times {
            Some(times) => times.list().map_err(setting)?,
            None if case.is_stationary() => vec![0.0],
            None => {
                let problem = "is needed: a section [times] with end and snapshots";
                return Err(DatasetError::config("times", problem));
            }
        };
        if case.is_stationary() && times.len() > 1 {
            let problem = "this generator solves for a stationary state; leave the times out";
            return Err(DatasetError::config("times", problem));
        }
        self.check_numbers().map_err(setting)?;
        self.splits
            .check(&self.parameters, &times)
            .map_err(setting)?;
        let mut fixed = case.settings();
        fixed.retain(|key, _| !self.parameters.contains_key(key));
        let kind = self.generator.get("kind").cloned();
        fixed.extend(kind.map(|kind| ("kind".to_string(), kind)));
        self.generator = fixed;
        Ok(Prepared { sampler, times })
    }

    fn check_numbers(&self) -> Result<(), (String, String)> {
        let wrong = |place: &str, problem: String| Err((place.to_string(), problem));
        let limits = &self.limits;
        if self.store.compression > 9 {
            let problem = format!("{}; 0 to 9 are possible", self.store.compression);
            return wrong("store.compression", problem);
        }
        if self.store.fields.as_ref().is_some_and(Vec::is_empty) {
            return wrong("store.fields", "[] stores nothing; leave it out".into());
        }
        if !(0.0..=1.0).contains(&limits.unconverged) {
            let problem = format!("{} is no share between 0 and 1", limits.unconverged);
            return wrong("limits.unconverged", problem);
        }
        if !(limits.residual.is_finite() && limits.residual >= 0.0) {
            return wrong("limits.residual", "must be finite and not negative".into());
        }
        if !(1.0..=1000.0).contains(&limits.attempts) {
            let problem = format!(
                "{}; 1 to 1000 times the count are possible",
                limits.attempts
            );
            return wrong("limits.attempts", problem);
        }
        let positive = |most: &f64| *most > 0.0;
        match limits.largest.iter().find(|(_, most)| !positive(most)) {
            Some((field, _)) => wrong(
                &format!("limits.largest.{field}"),
                "must be positive".into(),
            ),
            None => Ok(()),
        }
    }

    /// The generator with the parameters of a sample.
    pub(super) fn generator_of(&self, sample: &Sample) -> Result<Box<dyn Generator>, DatasetError> {
        let mut table = self.generator.clone();
        let kind = table.remove("kind");
        let kind = kind.as_ref().and_then(|kind| kind.as_str());
        if self.parameters.contains_key("kind") {
            let problem = "one set has one kind of cases; make another set";
            return Err(DatasetError::config("parameters.kind", problem));
        }
        table.extend(sample.parameters.clone());
        generator(kind, table)
    }

    /// A number for all that the cases depend on.
    pub(super) fn fingerprint(&self) -> String {
        let text = self.identity().to_string();
        format!("{:016x}", hash(text.as_bytes()))
    }

    /// All that the cases depend on: not the title, the folder or the splits.
    fn identity(&self) -> serde_json::Value {
        serde_json::json!({
            "karman": env!("CARGO_PKG_VERSION"),
            "generator": self.generator,
            "parameters": self.parameters,
            "sampling": self.sampling,
            "times": self.times,
            "store": self.store,
            "limits": self.limits,
        })
    }

    /// The first setting in which the cases of two configurations differ: its key, and both values.
    pub(super) fn difference(&self, other: &Self) -> Option<(String, String, String)> {
        first_difference(&self.identity(), &other.identity())
    }
}

/// What is worked out from a configuration.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) sampler: Sampler,
    pub(super) times: Vec<f64>,
}
