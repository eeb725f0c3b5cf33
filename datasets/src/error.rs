//! The one error type of the crate.
//!
//! A message names the case, the file, the array and the index it speaks of, and says what to do
//! where that is not obvious: the reader of these messages has a folder of somebody else's files.

use std::path::PathBuf;

/// What can go wrong when data sets are read, cached, split or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: "read", "write", "list".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },

    /// The data set's root holds no manifest.
    #[error(
        "no manifest.json in {}{hint}. It lists the case names of each part, for example \
         {{\"full_train\": [\"CASE_1\", ..], \"full_test\": [..]}}; `karman dataset split` writes one",
        root.display()
    )]
    ManifestAbsent {
        /// The folder that was looked at.
        root: PathBuf,
        /// What was found there instead, as a clause that follows the path; may be empty.
        hint: String,
    },

    /// The manifest is not what it must be.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and the mend.
        problem: String,
    },

    /// The manifest names cases that are not on disk.
    #[error(
        "{} names {count} of {total} cases that have no folder beside it: {}. Restore them or take \
         them out of the manifest; or put it elsewhere, and `karman dataset split {folder} -o {}` \
         writes one of the cases that are there",
        path.display(), some_of(names, *count), path.display(),
        folder = path.parent().unwrap_or(path).display()
    )]
    AbsentCases {
        /// The manifest.
        path: PathBuf,
        /// How many are absent.
        count: usize,
        /// How many distinct cases the manifest names.
        total: usize,
        /// The first few of the absent ones.
        names: Vec<String>,
    },

    /// A part of the data set was asked for that the manifest does not have.
    #[error("no part or task \"{name}\" in the manifest; it has: {}", known.join(", "))]
    UnknownPart {
        /// What was asked for.
        name: String,
        /// What is there.
        known: Vec<String>,
    },

    /// A case was asked for that is not in the data set.
    #[error("no case \"{name}\" in {}{}", place.display(), closest.as_ref().map(|c| format!("; did you mean \"{c}\"?")).unwrap_or_default())]
    UnknownCase {
        /// What was asked for.
        name: String,
        /// The data set or cache.
        place: PathBuf,
        /// A case of nearly that name.
        closest: Option<String>,
    },

    /// Speed and angle of attack of a case are not known.
    #[error(
        "case {case}: speed and angle of attack are not known: {problem}. Either name the folder \
         airFoil2D_SST_{{speed}}_{{angle}}_.., or add {{\"{case}\": {{\"speed\": 50.0, \"aoa\": 4.0}}}} \
         (m/s, degrees) to conditions.json beside manifest.json"
    )]
    Conditions {
        /// The case.
        case: String,
        /// Why the name and the files did not tell.
        problem: String,
    },

    /// A mesh file of a case could not be read or written.
    #[error("case {case}: {source}")]
    Mesh {
        /// The case.
        case: String,
        /// The reader's reason, which names the file.
        source: karman_meshes::MeshError,
    },

    /// A reference flow could not be computed.
    #[error("{what}: no inviscid flow: {source}")]
    Solver {
        /// What it was wanted for.
        what: String,
        /// The solver's reason.
        source: karman_solvers::SolverError,
    },

    /// The content of a case is not usable.
    #[error("case {case}: {place}: {problem}")]
    Case {
        /// The case.
        case: String,
        /// The file, boundary or array that is meant.
        place: String,
        /// What is wrong, and the mend.
        problem: String,
    },

    /// An array of a case is not there.
    #[error(
        "case {case}: {place} has no point array \"{name}\"; it has: {}",
        if available.is_empty() { "none".to_string() } else { available.join(", ") }
    )]
    MissingField {
        /// The case.
        case: String,
        /// The file or boundary.
        place: String,
        /// The array that was looked for.
        name: String,
        /// The arrays that are there.
        available: Vec<String>,
    },

    /// An array of a case holds a value that is not a finite number.
    #[error(
        "case {case}: {place}: array \"{name}\" is {value} at index {index}, component {component}. \
         A diverged solution? Take the case out of the manifest or compute it again"
    )]
    NotFinite {
        /// The case.
        case: String,
        /// The file or boundary.
        place: String,
        /// The array.
        name: String,
        /// Node index.
        index: usize,
        /// Component of the array.
        component: usize,
        /// The value as read.
        value: f64,
    },

    /// A named column is not in a table, cache or normaliser.
    #[error("no column \"{name}\"; there are: {}", available.join(", "))]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// What is there.
        available: Vec<String>,
    },

    /// Two things that must be of the same size are not.
    #[error("{what}: expected {expected}, got {found}")]
    Size {
        /// What was measured.
        what: String,
        /// The size that was needed.
        expected: usize,
        /// The size that came.
        found: usize,
    },

    /// An argument has a value that cannot be worked with.
    #[error("{what}: {problem}")]
    Argument {
        /// The argument.
        what: &'static str,
        /// What is wrong, and what is allowed.
        problem: String,
    },

    /// A file of arrays as a whole cannot be worked with.
    #[error("{} {problem}", path.display())]
    ArrayFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, as a clause that follows the path.
        problem: String,
    },

    /// An array in a file cannot be worked with.
    #[error("{}: {name} {problem}", path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// Which array, as a person would name it.
        name: String,
        /// What is wrong, as a clause that follows the name.
        problem: String,
    },

    /// A setting of a configuration makes no sense.
    #[error("{place}: {problem}")]
    Config {
        /// The file, or the setting as a dotted path.
        place: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },

    /// A folder of trajectories, or of airfoils in the making, cannot be worked with.
    #[error("{} {problem}", path.display())]
    Trajectories {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and the mend, as a clause that follows the path.
        problem: String,
    },

    /// No OpenFOAM is installed.
    #[error(
        "no simpleFoam in the PATH, in WM_PROJECT_DIR or under /usr/lib/openfoam and /opt: install \
         OpenFOAM (Debian and Ubuntu: `apt install openfoam`; others: openfoam.com), or source its \
         etc/bashrc"
    )]
    NoOpenFoam,

    /// A file of OpenFOAM's cannot be worked with.
    #[error("{}: {problem}", path.display())]
    OpenFoamFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },

    /// A cache file is damaged or is not a cache.
    #[error("cache {}: {problem}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, and the mend.
        problem: String,
    },
}

impl DatasetError {
    /// For `map_err`: an [`DatasetError::Io`] from what was tried and on which path.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// A [`DatasetError::Config`].
    pub(crate) fn config(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Config {
            place: place.into(),
            problem: problem.into(),
        }
    }

    /// A [`DatasetError::Trajectories`].
    pub(crate) fn trajectories(path: impl Into<PathBuf>, problem: impl Into<String>) -> Self {
        Self::Trajectories {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// For `map_err`: a [`DatasetError::Mesh`] of a case.
    pub(crate) fn mesh(case: impl Into<String>) -> impl FnOnce(karman_meshes::MeshError) -> Self {
        let case = case.into();
        move |source| Self::Mesh { case, source }
    }

    /// For `map_err`: a [`DatasetError::Solver`] from what the flow was wanted for.
    pub(crate) fn solver(
        what: impl Into<String>,
    ) -> impl FnOnce(karman_solvers::SolverError) -> Self {
        let what = what.into();
        move |source| Self::Solver { what, source }
    }

    /// A [`DatasetError::Case`].
    pub(crate) fn case(
        case: impl Into<String>,
        place: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self::Case {
            case: case.into(),
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// "a, b, c and 7 more"
fn some_of(names: &[String], count: usize) -> String {
    let listed = names.join(", ");
    match count.saturating_sub(names.len()) {
        0 => listed,
        rest => format!("{listed} and {rest} more"),
    }
}
