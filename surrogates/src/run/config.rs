//! The configuration file of `karman train`.

use std::path::{Path, PathBuf};

use karman_datasets::{apply_setting, explained_toml_error};
use serde::{Deserialize, Serialize};

use crate::{FeatureConfig, ModelConfig, SurrogateError, TrainingConfig};

/// Everything that defines a run. Every field has a default but the path of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Heading of the report.
    #[serde(default = "default_title")]
    pub title: String,
    /// Run folder; relative to the working directory.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// What to train on.
    pub data: DataConfig,
    /// What the model sees.
    #[serde(default)]
    pub features: FeatureConfig,
    /// The network.
    #[serde(default)]
    pub model: ModelConfig,
    /// How it is trained.
    #[serde(default)]
    pub training: TrainingConfig,
    /// Several networks instead of one.
    #[serde(default)]
    pub ensemble: EnsembleConfig,
    /// Intervals of coefficients.
    #[serde(default)]
    pub uncertainty: UncertaintyConfig,
    /// Networks trained beside the surrogate with the same settings, for the report's table.
    #[serde(default)]
    pub baselines: Vec<BaselineConfig>,
}

fn default_title() -> String {
    "Karman surrogate".to_string()
}

/// What to train on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Folder with `manifest.json` and the cases; relative to the configuration file.
    pub path: PathBuf,
    /// Task of the manifest: `full`, `scarce`, `reynolds`, `aoa`, or one of your own.
    #[serde(default = "default_task")]
    pub task: String,
    /// Folder of the cache, relative to the configuration file; chosen from the data's path where
    /// not given.
    #[serde(default)]
    pub cache: Option<PathBuf>,
}

fn default_task() -> String {
    "full".to_string()
}

/// Several networks that differ in their seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnsembleConfig {
    /// Number of networks; their mean is the prediction and their spread is stored beside it.
    pub members: usize,
}

impl Default for EnsembleConfig {
    fn default() -> Self {
        Self { members: 1 }
    }
}

/// Intervals of coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UncertaintyConfig {
    /// Share of cases whose true coefficients the intervals should contain.
    pub coverage: f64,
}

impl Default for UncertaintyConfig {
    fn default() -> Self {
        Self { coverage: 0.9 }
    }
}

/// A network trained for comparison with the run's own training settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineConfig {
    /// The network.
    #[serde(flatten)]
    pub model: ModelConfig,
}

impl RunConfig {
    /// Reads a TOML file, with `key=value` settings laid over it. Keys are dotted paths such as
    /// `training.epochs`; values are TOML, and bare words are taken as strings.
    ///
    /// # Errors
    /// An absent file, wrong TOML, unknown keys (the message lists the known ones, and the nearest), or values that
    /// make no sense.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self, SurrogateError> {
        let text = std::fs::read_to_string(path).map_err(|source| {
            SurrogateError::io(path, source, "give a configuration file, see examples/")
        })?;
        let wrong = |problem: String| SurrogateError::config(path.display().to_string(), problem);
        let mut table: toml::Table =
            toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        for setting in settings {
            apply_setting(&mut table, setting)
                .map_err(|problem| SurrogateError::config(format!("--set {setting}"), problem))?;
        }
        let mut config: Self = table
            .try_into()
            .map_err(|error| wrong(explained_toml_error(&error)))?;
        // Absolute, so that the configuration stored with a run can be used from anywhere.
        let folder = path.parent().unwrap_or(Path::new("."));
        for place in std::iter::once(&mut config.data.path).chain(&mut config.data.cache) {
            *place = std::path::absolute(folder.join(&*place))
                .map_err(|source| SurrogateError::io(&*place, source, "give an absolute path"))?;
        }
        config.check()?;
        Ok(config)
    }

    /// Checks what the type system does not.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), SurrogateError> {
        self.training.check()?;
        if self.ensemble.members == 0 {
            return Err(SurrogateError::config(
                "ensemble.members",
                "must be at least 1",
            ));
        }
        if !(self.uncertainty.coverage > 0.0 && self.uncertainty.coverage < 1.0) {
            return Err(SurrogateError::config(
                "uncertainty.coverage",
                "must lie between 0 and 1, for example 0.9",
            ));
        }
        if self.features.inputs.is_empty() {
            return Err(SurrogateError::config(
                "features.inputs",
                "needs at least one column",
            ));
        }
        self.model.check()?;
        for (index, baseline) in self.baselines.iter().enumerate() {
            baseline.model.check()?;
            let kind = baseline.model.name();
            if self.baselines[..index]
                .iter()
                .any(|b| b.model.name() == kind)
            {
                return Err(SurrogateError::config(
                    "baselines",
                    format!("{kind} comes more than once"),
                ));
            }
        }
        Ok(())
    }

    /// The run folder: what `output` says, or `runs/` and the name of the configuration file.
    pub fn folder(&self, path: &Path) -> PathBuf {
        self.output.clone().unwrap_or_else(|| {
            Path::new("runs").join(path.file_stem().unwrap_or_else(|| "run".as_ref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, settings: &[&str]) -> Result<RunConfig, SurrogateError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("run.toml");
        std::fs::write(&path, text).expect("a writable folder");
        let settings: Vec<String> = settings.iter().map(|s| s.to_string()).collect();
        RunConfig::read(&path, &settings)
    }

    #[test]
    fn defaults_and_settings() {
        let text = "[data]\npath = \"/d\"\n[model]\nkind = \"mario\"\nwidth = 64\n";
        let config = read(
            text,
            &[
                "training.epochs=7",
                "data.task=scarce",
                "model.scales=[1.0]",
            ],
        )
        .expect("a good configuration");
        assert_eq!(config.training.epochs, 7);
        assert_eq!(config.data.task, "scarce");
        let ModelConfig::Mario(model) = config.model else {
            panic!("kind is mario");
        };
        assert_eq!((model.width, model.scales), (64, vec![1.0]));
    }

    #[test]
    fn a_stored_configuration_reads_back_the_same() {
        let config = read(
            "[data]\npath = \"/d\"\n[[baselines]]\nkind = \"mlp\"\n",
            &["training.schedule={kind=\"plateau\"}"],
        )
        .expect("a good configuration");
        let text = toml::to_string(&config).expect("TOML");
        assert_eq!(read(&text, &[]).expect("the same again"), config);
    }

    #[test]
    fn the_examples_are_good_configurations() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/mini-airfrans");
        let files = std::fs::read_dir(folder).expect("the examples");
        let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        assert!(files.len() >= 5, "{files:?}");
        for path in files {
            RunConfig::read(&path, &[]).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
    }

    #[test]
    fn wrong_keys_and_values_are_told() {
        for (text, setting, expected) in [
            (
                "[data]\npath = \"/d\"",
                "training.epoch=7",
                "did you mean `epochs`",
            ),
            (
                "[data]\npath = \"/d\"\n[model]\nkind = \"mario\"",
                "model.widht=7",
                "did you mean `width`",
            ),
            ("[data]\npath = \"/d\"", "training.epochs=0", "at least 1"),
            ("[data]\npath = \"/d\"", "epochs", "key=value"),
            ("[data]\npath = \"/d\"", "title.a=1", "title"),
            ("[data]\n", "title=a", "path"),
            ("[data", "title=a", "run.toml"),
        ] {
            let error = read(text, &[setting]).expect_err("a wrong configuration");
            let message = error.to_string();
            assert!(message.contains(expected), "{setting}: {message}");
        }
    }
}
