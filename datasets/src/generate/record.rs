//! What became of a sample, in a file of its own: written last, so that where it is there, the case is
//! whole.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::case::path_of;
use super::sampling::Sample;
use crate::files::write_atomically;
use crate::hash::hash_file;
use crate::{DatasetError, RejectedCase, TrajectoryCase};

/// The name of the case of a sample.
pub(super) fn name_of(sample: usize) -> String {
    format!("case_{sample:05}")
}

/// What became of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// A case with files.
    Finished(TrajectoryCase),
    /// Nothing.
    Rejected(RejectedCase),
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordFile<R> {
    fingerprint: String,
    record: R,
}

impl Record {
    fn name(&self) -> &str {
        match self {
            Self::Finished(case) => &case.name,
            Self::Rejected(case) => &case.name,
        }
    }

    /// Writes `NAME.json`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, folder: &Path, fingerprint: &str) -> Result<(), DatasetError> {
        let path = path_of(folder, self.name(), "json");
        let file = RecordFile {
            fingerprint: fingerprint.into(),
            record: self,
        };
        let mut text = serde_json::to_string_pretty(&file).map_err(|error| {
            DatasetError::io("write", &path)(std::io::Error::other(error.to_string()))
        })?;
        text.push('\n');
        write_atomically(&path, text.as_bytes())
    }

    /// Reads the record of a sample, if there is one of this fingerprint whose files are there and whole.
    pub(super) fn read(folder: &Path, sample: &Sample, fingerprint: &str) -> Option<Self> {
        let name = name_of(sample.index);
        let bytes = std::fs::read(path_of(folder, &name, "json")).ok()?;
        let file: RecordFile<Self> = serde_json::from_slice(&bytes).ok()?;
        let record = file.record;
        let (index, seed) = match &record {
            Self::Finished(case) => (case.sample, case.seed),
            Self::Rejected(case) => (case.sample, case.seed),
        };
        if file.fingerprint != fingerprint || (index, seed) != (sample.index, sample.seed) {
            return None;
        }
        match &record {
            Self::Rejected(_) => Some(record),
            Self::Finished(case) => {
                let (bytes, hash) = hash_file(&path_of(folder, &name, "h5")).ok()?;
                let xdmf = path_of(folder, &name, "xdmf").is_file();
                let whole = bytes == case.bytes && format!("{hash:016x}") == case.hash;
                (whole && xdmf).then_some(record)
            }
        }
    }
}
