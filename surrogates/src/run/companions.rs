//! What a run has beside its networks: models of the force coefficients with their intervals, and
//! a detector of cases that are unlike the train cases.

use karman_datasets::CaseInfo;
use serde::{Deserialize, Serialize};

use super::{PreparedData, RunConfig};
use crate::{SurrogateError, uncertainty::OodVerdict};

/// A value with an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The models beside the networks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Companions {}

impl Companions {
    pub(super) fn fit(_config: &RunConfig, _data: &PreparedData) -> Result<Self, SurrogateError> {
        Ok(Self {})
    }
    pub(super) fn estimate(&self, _info: &CaseInfo) -> Result<Option<[Estimate; 2]>, SurrogateError> {
        Ok(None)
    }
    pub(super) fn ridge(&self, _info: &CaseInfo) -> Result<Option<[f64; 2]>, SurrogateError> {
        Ok(None)
    }
    pub(super) fn verdict(&self, _info: &CaseInfo) -> OodVerdict {
        OodVerdict::default()
    }
}
