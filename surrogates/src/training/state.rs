//! Everything a run needs to go on as if it had never stopped, in one file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::Optimiser;
use crate::{SurrogateError, models::Network, parameters::NamedArrays};

const STATE_FILE: &str = "state.safetensors";
const PROGRESS_KEY: &str = "progress";

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunProgress {
    /// Finished epochs.
    pub epoch: usize,
    /// Finished steps.
    pub steps: u64,
    /// Best validation score so far and its epoch.
    pub best: Option<(f64, usize)>,
    /// Evaluations since the best one.
    pub stale: usize,
    /// Drops of a plateau schedule.
    pub drops: usize,
    /// Evaluations since the last drop or improvement.
    pub since_drop: usize,
    /// Seconds of training so far, over all sessions.
    pub seconds: f64,
    /// The settings the run was started with, as JSON; a resumed run must have the same.
    pub settings: String,
}

/// A run that can go on.
pub(crate) struct RunState {
    pub progress: RunProgress,
    /// `None` only while the optimiser holds it.
    pub network: Option<Network>,
    pub optimiser: Optimiser,
}

/// The state file of a run folder.
pub(crate) fn state_path(folder: &Path) -> PathBuf {
    folder.join(STATE_FILE)
}

impl RunState {
    /// Writes the state in one piece.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), SurrogateError> {
        let path = state_path(folder);
        let mut arrays = NamedArrays::default();
        if let Some(network) = &self.network {
            arrays.extend("weights/", NamedArrays::of(network));
        }
        arrays.extend("optimiser/", self.optimiser.export());
        let progress =
            serde_json::to_string(&self.progress).map_err(|error| SurrogateError::Checkpoint {
                path: path.clone(),
                problem: format!("cannot be encoded: {error}"),
            })?;
        arrays.save(&path, HashMap::from([(PROGRESS_KEY.to_string(), progress)]))
    }

    /// Reads the state into a freshly built network.
    ///
    /// # Errors
    /// An absent or damaged file, or one of a run with other settings.
    pub(crate) fn load(
        folder: &Path,
        network: Network,
        settings: &str,
        device: &Device,
    ) -> Result<Self, SurrogateError> {
        let path = state_path(folder);
        let (arrays, metadata) = NamedArrays::load(&path)?;
        let wrong = |problem: &str| SurrogateError::Checkpoint {
            path: path.clone(),
            problem: problem.to_string(),
        };
        let progress: RunProgress = metadata
            .get(PROGRESS_KEY)
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| wrong("holds no training progress; start again without --resume"))?;
        if progress.settings != settings {
            return Err(wrong(
                "belongs to a run with other settings or data; give the same configuration, or \
                 train into another folder",
            ));
        }
        let network = arrays.with_prefix("weights/").load_into(network, &path)?;
        let optimiser =
            Optimiser::import(progress.steps, &arrays.with_prefix("optimiser/"), device);
        Ok(Self {
            progress,
            network: Some(network),
            optimiser,
        })
    }
}
