//! Errors of the commands, and how they are shown.

use std::error::Error;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use karman_datasets::DatasetError;
use karman_meshes::MeshError;
use karman_solvers::SolverError;
use karman_surrogates::SurrogateError;

use super::output::to_stderr;
use crate::report::ReportError;

/// Why a command ended without success. Exit code 1, but for [`CommandError::OutputClosed`].
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// A mesh or mesh file.
    #[error(transparent)]
    Mesh(#[from] MeshError),
    /// A data set.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A model, a run, training.
    #[error(transparent)]
    Surrogate(#[from] SurrogateError),
    /// A solver.
    #[error(transparent)]
    Solver(#[from] SolverError),
    /// A report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A file that the command itself reads or writes.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Input that makes no sense; clap cannot know.
    #[error("{problem}")]
    Input {
        /// What is wrong.
        problem: String,
        /// What to do about it, as a sentence without a full stop.
        help: Option<String>,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// Nobody reads the standard output any more (`karman .. | head`): no error.
    #[error("the output was closed")]
    OutputClosed,
}

impl CommandError {
    /// Wrong input.
    pub(super) fn input(problem: impl Into<String>) -> Self {
        Self::Input {
            problem: problem.into(),
            help: None,
        }
    }

    /// Adds what to do to an error about input; others say it themselves.
    pub(super) fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Input { problem, .. } => Self::Input {
                problem,
                help: Some(text.into()),
            },
            other => other,
        }
    }

    /// For `map_err`: what was tried, and on which path.
    pub(super) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Writes the error to the standard error stream: as a framed message on a terminal, as plain
    /// lines otherwise or where `NO_COLOR` is set.
    pub(super) fn show(&self) {
        let shown = Shown::of(self);
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if plain || !std::io::stderr().is_terminal() {
            to_stderr(&shown.plain());
        } else {
            // miette's `Debug` is its graphical report.
            to_stderr(&format!("{:?}", miette::Report::new(shown)));
        }
    }
}

/// An error as text. Messages of this workspace name their causes already, so a cause is listed
/// only where the lines before do not hold it.
#[derive(Debug)]
struct Shown {
    message: String,
    help: Option<String>,
}

impl Shown {
    fn of(error: &CommandError) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(found) = cause {
            let text = found.to_string();
            if !message.contains(&text) {
                message += ": ";
                message += &text;
            }
            cause = found.source();
        }
        let help = match error {
            CommandError::Input { help, .. } => help.clone(),
            _ => None,
        };
        Self { message, help }
    }

    fn plain(&self) -> String {
        let help = self.help.as_ref();
        let help = help.map(|text| format!("\nhelp: {text}"));
        format!("error: {}{}", self.message, help.unwrap_or_default())
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Shown {}

impl miette::Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let text = self.help.as_ref()?;
        Some(Box::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let source = std::io::Error::other("disk on fire");
        let error = CommandError::io("read", "a.json")(source);
        assert_eq!(
            Shown::of(&error).plain(),
            "error: cannot read a.json: disk on fire"
        );
    }

    #[test]
    fn help_follows_the_message() {
        let error = CommandError::input("no cases").help("give a folder with cases");
        assert_eq!(
            Shown::of(&error).plain(),
            "error: no cases\nhelp: give a folder with cases"
        );
        let report = format!("{:?}", miette::Report::new(Shown::of(&error)));
        assert!(
            report.contains("no cases") && report.contains("give a folder"),
            "{report}"
        );
    }
}
