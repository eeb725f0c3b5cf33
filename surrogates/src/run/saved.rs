//! The folder of a trained run, opened for use.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use karman_datasets::{CaseInfo, FieldStatistics, PointTable};
use serde::{Deserialize, Serialize};

use super::{Companions, PreparedData, RunConfig, RunFacts, companions::Estimate};
use crate::{
    EpochMetrics, FieldModel, NearestCase, SurrogateError, files, read_metrics,
    uncertainty::OodVerdict,
};

pub(super) const CONFIG_FILE: &str = "config.toml";
pub(super) const FACTS_FILE: &str = "run.json";

/// Folder of one member of the ensemble.
pub(super) fn member_folder(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("member-{}", index + 1))
}

/// Folder of a baseline network.
pub(super) fn baseline_folder(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("baseline-{}", name.to_lowercase()))
}

/// Fits and stores what a run has beside its networks.
pub(super) fn fit_companions(
    config: &RunConfig,
    data: &PreparedData,
    folder: &Path,
) -> Result<(), SurrogateError> {
    Companions::fit(config, data)?.save(folder)
}

/// Everything predicted of one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CasePrediction {
    /// u_x, u_y (m/s), p (m²/s²), nu_t (m²/s) at each point, `[n, 4]`: mean over the members.
    #[serde(skip)]
    pub fields: Vec<f32>,
    /// Standard deviation over the members `[n, 4]`, where there are several.
    #[serde(skip)]
    pub spread: Option<Vec<f32>>,
    /// C_L and C_D as reported to the user, with intervals.
    pub coefficients: Option<[Estimate; 2]>,
    /// C_L and C_D of the kernel-ridge regression, for comparison.
    pub ridge: Option<[f64; 2]>,
    /// C_L and C_D of the network's own head, where it has one.
    pub head: Option<[f64; 2]>,
    /// Whether the model knows such cases.
    pub verdict: OodVerdict,
}

/// A trained run.
pub struct SavedRun {
    folder: PathBuf,
    config: RunConfig,
    facts: RunFacts,
    members: Vec<FieldModel>,
    baselines: Vec<(String, FieldModel)>,
    companions: Companions,
    nearest: Option<NearestCase>,
}

impl SavedRun {
    /// Opens the run in `folder`.
    ///
    /// # Errors
    /// A folder that holds no finished run, damaged files, files of another version.
    pub fn open(folder: &Path, device: &Device) -> Result<Self, SurrogateError> {
        let mend = "give the folder of a finished `karman train`; an interrupted run is finished \
                    with --resume";
        let config_path = folder.join(CONFIG_FILE);
        let text = std::fs::read_to_string(&config_path)
            .map_err(|source| SurrogateError::io(&config_path, source, mend))?;
        let config: RunConfig =
            toml::from_str(&text).map_err(|error| SurrogateError::Checkpoint {
                path: config_path,
                problem: error.to_string(),
            })?;
        config.check()?;
        let facts: RunFacts = files::read_json(&folder.join(FACTS_FILE), mend)?;
        let members = super::train::load_members(folder, config.ensemble.members, device)?;
        let baselines = config
            .baselines
            .iter()
            .map(|baseline| {
                let name = baseline.model.name();
                let model = FieldModel::load(&baseline_folder(folder, name), device)?;
                Ok((name.to_string(), model))
            })
            .collect::<Result<_, SurrogateError>>()?;
        Ok(Self {
            companions: Companions::load(config.uncertainty.coverage, folder)?,
            folder: folder.to_path_buf(),
            config,
            facts,
            members,
            baselines,
            nearest: None,
        })
    }

    /// The same under another name than its folder's.
    pub(super) fn known_as(mut self, name: &Path) -> Self {
        self.folder = name.to_path_buf();
        self
    }

    /// Readies the nearest-case baseline, which needs the train cases themselves.
    ///
    /// # Errors
    /// Cases that cannot be read.
    pub fn with_nearest_case(mut self, data: &PreparedData) -> Result<Self, SurrogateError> {
        self.nearest = Some(NearestCase::fit(&data.cache, &data.train)?);
        Ok(self)
    }

    /// The run folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration, complete.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// How the run was made.
    pub fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// Statistics by which scores of this run are scaled, whatever data it is scored on: those of
    /// all nodes of the whole train part it was made from. (Of a run that an earlier version made,
    /// those of the cases its first network was trained on, without the held-out ones.)
    pub fn score_statistics(&self) -> FieldStatistics {
        self.facts.statistics.unwrap_or_else(|| {
            let columns = self.members[0].encoder().physical();
            FieldStatistics {
                mean: columns.each_ref().map(|column| column.mean),
                std: columns.each_ref().map(|column| column.std()),
            }
        })
    }

    /// The networks of the ensemble.
    pub fn members(&self) -> &[FieldModel] {
        &self.members
    }

    /// Coefficient models, intervals and the out-of-distribution detector.
    pub fn companions(&self) -> &Companions {
        &self.companions
    }

    /// The training log of each member.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn metrics(&self) -> Result<Vec<Vec<EpochMetrics>>, SurrogateError> {
        (0..self.members.len())
            .map(|index| read_metrics(&member_folder(&self.folder, index)))
            .collect()
    }

    /// Names of the methods that predict fields: the surrogate, then the baselines.
    pub fn method_names(&self) -> Vec<String> {
        let surrogate = match self.members.len() {
            1 => self.config.model.name().to_string(),
            n => format!("{} ({n} members)", self.config.model.name()),
        };
        let nearest = self.nearest.as_ref().map(|_| "nearest case".to_string());
        let baselines = self.baselines.iter().map(|(name, _)| name.clone());
        std::iter::once(surrogate)
            .chain(nearest)
            .chain(baselines)
            .collect()
    }

    /// Predicts a case at the rows of `table`.
    ///
    /// # Errors
    /// A table or case without what the model was trained on.
    pub fn predict(
        &self,
        info: &CaseInfo,
        table: &PointTable,
    ) -> Result<CasePrediction, SurrogateError> {
        let predictions = self
            .members
            .iter()
            .map(|member| member.predict(info, table))
            .collect::<Result<Vec<_>, _>>()?;
        let heads: Vec<[f64; 2]> = predictions.iter().filter_map(|p| p.coefficients).collect();
        let head = (!heads.is_empty())
            .then(|| [0, 1].map(|i| heads.iter().map(|h| h[i]).sum::<f64>() / heads.len() as f64));
        let fields: Vec<Vec<f32>> = predictions.into_iter().map(|p| p.fields).collect();
        let (mean, spread) = mean_and_spread(fields);
        Ok(CasePrediction {
            fields: mean,
            spread,
            coefficients: self.companions.estimate(info)?,
            ridge: self.companions.ridge(info)?,
            head,
            verdict: self.companions.verdict(info)?,
        })
    }

    /// The fields `[n, 4]` that baseline `index` predicts, counted from the first baseline.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    ///
    /// # Panics
    /// Panics if there is no such baseline; see [`method_names`](Self::method_names).
    pub fn predict_baseline(
        &self,
        data: &PreparedData,
        index: usize,
        info: &CaseInfo,
        table: &PointTable,
    ) -> Result<Vec<f32>, SurrogateError> {
        match (&self.nearest, index) {
            (Some(nearest), 0) => nearest.predict(&data.cache, info, table),
            (nearest, index) => {
                let place = index - usize::from(nearest.is_some());
                Ok(self.baselines[place].1.predict(info, table)?.fields)
            }
        }
    }
}

/// Mean over the members and, where there are several, their standard deviation.
fn mean_and_spread(mut fields: Vec<Vec<f32>>) -> (Vec<f32>, Option<Vec<f32>>) {
    if fields.len() == 1 {
        return (fields.remove(0), None);
    }
    let (mean, spread) = crate::uncertainty::mean_and_std(&fields);
    (mean, Some(spread))
}
