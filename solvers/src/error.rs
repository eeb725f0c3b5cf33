//! The one error type of the crate.

use std::path::PathBuf;

use karman_meshes::MeshError;

/// Why a solver cannot work on its input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SolverError {
    /// An argument has a value that cannot be worked with.
    #[error("{what}: {problem}")]
    Argument {
        /// The argument.
        what: &'static str,
        /// What is wrong, and what is allowed.
        problem: String,
    },

    /// The geometry cannot be made into what the solver needs.
    #[error("{what}: {source}")]
    Geometry {
        /// What was to be made of it.
        what: &'static str,
        /// The reason.
        source: MeshError,
    },

    /// A system of equations has no usable solution.
    #[error("{what} has no solution: {problem}")]
    Singular {
        /// The system.
        what: &'static str,
        /// What is wrong with it, and what to look at.
        problem: String,
    },

    /// A matrix that is not symmetric.
    #[error(
        "the matrix is not symmetric: entry ({row}, {column}) is {value:e}, ({column}, {row}) is \
         {mirrored:e}; only symmetric systems can be solved here"
    )]
    NotSymmetric {
        /// Row of the entry that differs most from its mirror, counted from zero.
        row: usize,
        /// Its column.
        column: usize,
        /// Its value.
        value: f64,
        /// The value of its mirror.
        mirrored: f64,
    },

    /// A method that needs a positive definite matrix met another.
    #[error(
        "{what}: the matrix is not positive definite (pivot of row {row}); use MINRES for a \
         symmetric indefinite matrix"
    )]
    NotPositiveDefinite {
        /// The method.
        what: &'static str,
        /// The row, counted from zero, at which it was noticed.
        row: usize,
    },

    /// A method needs more memory than there is.
    #[error("{what} needs {needed} bytes, but {limit} may be used; use an iterative method")]
    Memory {
        /// What the memory is for.
        what: &'static str,
        /// Bytes needed.
        needed: usize,
        /// Bytes that may be used.
        limit: usize,
    },

    /// A file cannot be read.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The reason.
        source: std::io::Error,
    },

    /// A file does not hold what it should.
    #[error("{}, {place}: {problem}", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// The line, byte or array.
        place: String,
        /// What is wrong there.
        problem: String,
    },
}
