//! Errors of this crate.

use std::path::PathBuf;

use karman_datasets::DatasetError;
use karman_meshes::MeshError;

/// What can go wrong in training, loading and predicting. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurrogateError {
    /// Wrong data.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A wrong mesh or mesh file.
    #[error(transparent)]
    Mesh(#[from] MeshError),
    /// A file or folder that cannot be read or written.
    #[error("{path}: {source}; {mend}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
        /// What to do.
        mend: &'static str,
    },
    /// A setting that makes no sense.
    #[error("setting {name}: {problem}")]
    Config {
        /// The setting, as a TOML path.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A checkpoint that does not fit this program or this configuration.
    #[error("checkpoint {path}: {problem}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A device that is not there.
    #[error("device {name}: {problem}")]
    Device {
        /// The name asked for.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Training went wrong.
    #[error("training: {0}")]
    Training(String),
    /// Too little data for what was asked.
    #[error("{what}: {problem}")]
    Data {
        /// What was asked.
        what: &'static str,
        /// Why the data does not serve, and what would.
        problem: String,
    },
}

impl SurrogateError {
    /// An I/O error at `path`.
    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error, mend: &'static str) -> Self {
        Self::Io {
            path: path.into(),
            source,
            mend,
        }
    }

    /// A wrong setting.
    pub(crate) fn config(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Config {
            name: name.into(),
            problem: problem.into(),
        }
    }
}
