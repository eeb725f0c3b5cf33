//! Data of a run: the data set, its cache, and the three parts.

use karman_datasets::{AirfransDataset, Cache, FieldStatistics, Progress, Task, split_validation};

use super::RunConfig;
use crate::SurrogateError;

/// An open data set, cached, with the cases of a run.
pub struct PreparedData {
    /// The data set.
    pub dataset: AirfransDataset,
    /// Its cache: the model rows of all cases.
    pub cache: Cache,
    /// The manifest's task.
    pub task: Task,
    /// Cases to train on: places in the cache.
    pub train: Vec<usize>,
    /// Cases held out of the train part.
    pub validation: Vec<usize>,
}

impl PreparedData {
    /// Opens the data set of a configuration and builds its cache where it is missing or stale.
    ///
    /// # Errors
    /// An absent or wrong data set; too few cases for the validation share.
    pub fn open(config: &RunConfig, progress: Progress) -> Result<Self, SurrogateError> {
        let dataset = AirfransDataset::open(&config.data.path)?;
        let task = dataset.manifest().task(&config.data.task)?;
        let folder = match &config.data.cache {
            Some(folder) => folder.clone(),
            None => Cache::default_folder(&config.data.path),
        };
        let cache = Cache::open_or_build(&dataset, folder, progress)?;
        let names = dataset.cases(&task.train)?;
        let training = &config.training;
        let (train, validation) = if let Some(part) = &task.validation {
            (names, dataset.cases(part)?)
        } else if training.validation > 0.0 {
            let split = split_validation(&names, training.validation, training.seed)?;
            (split.train, split.validation)
        } else {
            (names, Vec::new())
        };
        Ok(Self {
            train: cache.positions(&train)?,
            validation: cache.positions(&validation)?,
            dataset,
            cache,
            task,
        })
    }

    /// Statistics of all nodes of the whole train part, by which scores are scaled: the same for
    /// every method, whatever it holds out.
    ///
    /// # Errors
    /// A cache that cannot be read.
    pub fn score_statistics(&self) -> Result<FieldStatistics, SurrogateError> {
        let names = self.dataset.cases(&self.task.train)?;
        let cases = self.cache.positions(&names)?;
        Ok(FieldStatistics::from_normaliser(
            &self.cache.normaliser(&cases)?,
        )?)
    }
}
