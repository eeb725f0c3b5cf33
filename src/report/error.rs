//! What can go wrong while a report is written.

use std::path::PathBuf;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Lists inside the report data do not fit together.
    #[error("report data of case `{case}`: {what}; {mend}")]
    Shape {
        /// Name of the case.
        case: String,
        /// The list and its length or index.
        what: String,
        /// What to do about it.
        mend: &'static str,
    },
    /// A file or folder of the report could not be written.
    #[error("cannot write {path}: {source}; check that the folder exists, is writable and has space", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A picture could not be drawn or encoded (a fault of the program, not of the data).
    #[error("cannot draw the picture `{picture}`: {what}; please report this")]
    Draw {
        /// Name of the picture.
        picture: String,
        /// What the drawing library said.
        what: String,
    },
}
