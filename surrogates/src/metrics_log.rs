//! `metrics.jsonl`: one JSON object a line, one line an epoch.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{SurrogateError, files, training::EpochMetrics};

const FILE: &str = "metrics.jsonl";
const MEND: &str = "check free space and write permission, then go on with --resume";

/// An open log.
pub(crate) struct MetricsLog {
    path: PathBuf,
    file: File,
}

impl MetricsLog {
    /// Opens the log of a run that has finished `epochs` epochs: later lines, written after the
    /// last saved state, are dropped, since those epochs will be run again.
    pub(crate) fn open(folder: &Path, epochs: usize) -> Result<Self, SurrogateError> {
        let path = folder.join(FILE);
        let kept: String = read_metrics(folder)?
            .iter()
            .filter(|metrics| metrics.epoch <= epochs)
            .filter_map(|metrics| serde_json::to_string(metrics).ok())
            .map(|line| line + "\n")
            .collect();
        files::write_atomic(&path, kept.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|source| SurrogateError::io(&path, source, MEND))?;
        Ok(Self { path, file })
    }

    /// Appends a line.
    pub(crate) fn append(&mut self, metrics: &EpochMetrics) -> Result<(), SurrogateError> {
        let line = serde_json::to_string(metrics).unwrap_or_default() + "\n";
        self.file
            .write_all(line.as_bytes())
            .map_err(|source| SurrogateError::io(&self.path, source, MEND))
    }
}

/// The metrics of a run folder; none where there is no log. A half-written last line is ignored.
///
/// # Errors
/// A log that cannot be read.
pub fn read_metrics(folder: &Path) -> Result<Vec<EpochMetrics>, SurrogateError> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SurrogateError::io(path, error, "check its permissions")),
    };
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}
