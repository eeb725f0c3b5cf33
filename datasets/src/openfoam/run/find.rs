//! Where simpleFoam is, and what its environment must be.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::DatasetError;

/// The solver's program.
const PROGRAM: &str = "simpleFoam";
/// Debian's package keeps OpenFOAM's settings here and its programs in the PATH.
const DEBIAN: &str = "/usr/share/openfoam";
/// Folders that hold one OpenFOAM each, where the ESI packages and source builds are put.
const HOMES: [&str; 3] = ["/usr/lib/openfoam", "/opt", "/opt/OpenFOAM"];

/// An installed simpleFoam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoamSolver {
    launch: Launch,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Launch {
    /// A program that runs as it is, perhaps with the place of the settings.
    Direct {
        program: PathBuf,
        settings: Option<PathBuf>,
    },
    /// A program that is given to another one.
    #[cfg(test)]
    Through { program: PathBuf, script: PathBuf },
    /// A program that needs the environment of its project's `etc/bashrc`.
    Sourced { project: PathBuf },
}

impl FoamSolver {
    /// Looks for simpleFoam: in the PATH (which Debian's package and a sourced `etc/bashrc` lead to), in
    /// `WM_PROJECT_DIR`, and where packages put it; there the newest is taken.
    ///
    /// # Errors
    /// None found: says how to install it.
    pub fn find() -> Result<Self, DatasetError> {
        let variable = |name| std::env::var_os(name);
        Self::find_in(
            variable("PATH").as_deref(),
            variable("WM_PROJECT_DIR").map(PathBuf::from),
            &HOMES.map(PathBuf::from),
        )
    }

    /// A program that takes simpleFoam's options, for example of another version.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self {
            launch: Launch::Direct {
                program: program.into(),
                settings: None,
            },
        }
    }

    /// A script that `program` is to run.
    #[cfg(test)]
    pub(in crate::openfoam) fn through(program: &str, script: PathBuf) -> Self {
        let program = program.into();
        Self {
            launch: Launch::Through { program, script },
        }
    }

    pub(super) fn find_in(
        path: Option<&OsStr>,
        project: Option<PathBuf>,
        homes: &[PathBuf],
    ) -> Result<Self, DatasetError> {
        let folders = path.map(std::env::split_paths).into_iter().flatten();
        if let Some(program) = folders.map(|f| f.join(PROGRAM)).find(|p| p.is_file()) {
            let debian = Path::new(DEBIAN);
            let settings = (project.is_none() && debian.join("etc/controlDict").is_file())
                .then(|| debian.to_path_buf());
            let launch = Launch::Direct { program, settings };
            return Ok(Self { launch });
        }
        let installed = homes.iter().flat_map(|home| {
            let mut found: Vec<PathBuf> = std::fs::read_dir(home)
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| is_openfoam(path))
                .collect();
            found.sort();
            found.into_iter().rev()
        });
        let project = project.into_iter().chain(installed).find(|p| is_built(p));
        match project {
            Some(project) => Ok(Self {
                launch: Launch::Sourced { project },
            }),
            None => Err(DatasetError::NoOpenFoam),
        }
    }

    /// What is run, for messages and records.
    pub fn program(&self) -> &Path {
        match &self.launch {
            Launch::Direct { program, .. } => program,
            #[cfg(test)]
            Launch::Through { program, .. } => program,
            Launch::Sourced { project } => project,
        }
    }

    /// The command that runs the solver on a case.
    pub(super) fn command(&self, case: &Path) -> Command {
        let mut command = match &self.launch {
            Launch::Direct { program, settings } => {
                let mut command = Command::new(program);
                if let Some(settings) = settings {
                    command.env("WM_PROJECT_DIR", settings);
                }
                command
            }
            #[cfg(test)]
            Launch::Through { program, script } => {
                let mut command = Command::new(program);
                command.arg(script);
                command
            }
            // `exec` keeps the process number, so that killing it kills the solver.
            Launch::Sourced { project } => {
                let mut command = Command::new("bash");
                let script = ". \"$0/etc/bashrc\" >/dev/null 2>&1; exec simpleFoam \"$@\"";
                command.args(["-c", script]).arg(project);
                command
            }
        };
        command.arg("-case").arg(case);
        command
    }
}

/// Whether a folder's name is that of an OpenFOAM, such as `openfoam2312` or `OpenFOAM-v2312`.
fn is_openfoam(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.to_lowercase().starts_with("openfoam")
}

/// Whether a project has a compiled simpleFoam and the script that sets its environment.
fn is_built(project: &Path) -> bool {
    let platforms = std::fs::read_dir(project.join("platforms"));
    let mut platforms = platforms.into_iter().flatten().flatten();
    project.join("etc/bashrc").is_file()
        && platforms.any(|entry| entry.path().join("bin").join(PROGRAM).is_file())
}
