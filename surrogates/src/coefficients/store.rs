//! JSON files with a kind and a version.

use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{SurrogateError, files};

/// Raised when old files can no longer be read.
const VERSION: u32 = 2;

#[derive(Serialize)]
struct Written<'a, T> {
    kind: &'a str,
    version: u32,
    content: &'a T,
}

#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u32,
}

#[derive(Deserialize)]
struct Content<T> {
    content: T,
}

/// Writes `content` as JSON, whole or not at all.
pub(crate) fn save<T: Serialize>(
    path: &Path,
    kind: &str,
    content: &T,
) -> Result<(), SurrogateError> {
    let written = Written {
        kind,
        version: VERSION,
        content,
    };
    let json = serde_json::to_vec(&written)
        .map_err(|error| wrong(path, format!("cannot be encoded: {error}")))?;
    files::write_atomic(path, &json)
}

/// Reads what [`save`] wrote under the same kind.
pub(crate) fn load<T: DeserializeOwned>(path: &Path, kind: &str) -> Result<T, SurrogateError> {
    let text = std::fs::read_to_string(path).map_err(|source| {
        SurrogateError::io(
            path,
            source,
            "give a file that karman wrote in a training run",
        )
    })?;
    let head: Head = serde_json::from_str(&text)
        .map_err(|error| wrong(path, format!("is no {kind} file of karman ({error})")))?;
    if head.kind != kind {
        let problem = format!("holds \"{}\", not \"{kind}\"; give another file", head.kind);
        return Err(wrong(path, problem));
    }
    if head.version != VERSION {
        let problem = format!(
            "has version {}, this program reads {VERSION}; train again or use the karman that \
             made it",
            head.version
        );
        return Err(wrong(path, problem));
    }
    let content: Content<T> = serde_json::from_str(&text).map_err(|error| {
        wrong(
            path,
            format!("is damaged ({error}); train again or restore it from a copy"),
        )
    })?;
    Ok(content.content)
}

/// A file whose arrays do not fit one another.
pub(crate) fn wrong_shapes(path: &Path) -> SurrogateError {
    let problem = "is damaged (arrays of different lengths); train again or restore it from a copy";
    wrong(path, problem.into())
}

fn wrong(path: &Path, problem: String) -> SurrogateError {
    SurrogateError::Checkpoint {
        path: path.to_path_buf(),
        problem,
    }
}
