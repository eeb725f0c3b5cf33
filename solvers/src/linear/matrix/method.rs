//! The methods for a sparse symmetric matrix.

use std::fmt;
use std::str::FromStr;

/// How a [`MatrixSolver`](super::MatrixSolver) solves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixMethod {
    /// By what the matrix is: see [`MatrixSolver`](super::MatrixSolver).
    #[default]
    Auto,
    /// Conjugate gradients with the diagonal as preconditioner.
    Cg,
    /// Conjugate gradients with incomplete Cholesky, modified for M-matrices.
    IncompleteCholesky,
    /// Conjugate gradients with smoothed-aggregation multigrid.
    Amg,
    /// Sparse Cholesky.
    Cholesky,
    /// MINRES, for indefinite matrices.
    Minres,
}

/// The methods and the names that they go by.
const NAMES: [(MatrixMethod, &str); 6] = [
    (MatrixMethod::Auto, "auto"),
    (MatrixMethod::Cg, "cg"),
    (MatrixMethod::IncompleteCholesky, "ic"),
    (MatrixMethod::Amg, "amg"),
    (MatrixMethod::Cholesky, "cholesky"),
    (MatrixMethod::Minres, "minres"),
];

impl fmt::Display for MatrixMethod {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let name = NAMES.iter().find(|(method, _)| method == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for MatrixMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(_, name)| *name == text);
        found.map(|(method, _)| *method).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("{text:?} is none of {}", names.join(", "))
        })
    }
}
