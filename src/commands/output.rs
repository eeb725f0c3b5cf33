//! Where results go: text for people, JSON for programs.

use std::io::Write;
use std::path::{Path, PathBuf};

use karman_meshes::write_file_atomically;
use serde::Serialize;

use super::error::CommandError;

/// The two forms of a result: text on the standard output, and JSON where `--json` asks for it.
#[derive(Debug)]
pub(super) struct Output {
    json: Option<PathBuf>,
}

impl Output {
    /// With the value of `--json`.
    pub(super) fn new(json: Option<PathBuf>) -> Self {
        Self { json }
    }

    /// Shows a result: `text` on the standard output, `value` as JSON in the file of `--json`; with
    /// `--json -` the JSON takes the place of the text. Numbers that JSON does not have (NaN,
    /// infinities) become `null`.
    ///
    /// # Errors
    /// A file that cannot be written; a standard output that nobody reads any more.
    pub(super) fn show<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        if self.json.as_deref() == Some(Path::new("-")) {
            return print(&json(value)?);
        }
        self.keep(value)?;
        print(&text())
    }

    /// Writes what there is of a result so far into the file of `--json`, if there is one: a long command
    /// that is ended early has then lost nothing that was finished.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn keep<T: Serialize>(&self, value: &T) -> Result<(), CommandError> {
        let Some(path) = self.json.as_deref().filter(|path| *path != Path::new("-")) else {
            return Ok(());
        };
        let mut json = json(value)?;
        json.push('\n');
        Ok(write_file_atomically(path, json.as_bytes())?)
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, CommandError> {
    serde_json::to_string_pretty(value).map_err(|error| {
        CommandError::input(format!("the result cannot be written as JSON: {error}"))
    })
}

/// Prints text and a line break, if it has none, to the standard output.
fn print(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = write!(out, "{text}{end}").and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => CommandError::OutputClosed,
        _ => CommandError::io("write", "the standard output")(error),
    })
}

/// A line on the standard error stream. Unlike `eprintln!` it does not mind a closed stream.
pub(super) fn to_stderr(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
