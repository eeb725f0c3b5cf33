//! The methods that a [`PoissonSolver`](super::PoissonSolver) can use.

use crate::SolverError;

/// How to solve a Poisson problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// Chosen from the size, the flags and the sides; [`PoissonSolver::choice`](super::PoissonSolver::choice) says what
    /// was chosen and why.
    #[default]
    Auto,
    /// Conjugate gradients without a preconditioner.
    Cg,
    /// Conjugate gradients, diagonal preconditioner.
    Jacobi,
    /// Conjugate gradients, incomplete Cholesky factorisation without fill.
    IncompleteCholesky,
    /// The same with row sums kept.
    ModifiedIncompleteCholesky,
    /// Conjugate gradients, one multigrid W-cycle.
    Multigrid,
    /// Conjugate gradients, exact solution of the empty box by cosine and sine transforms.
    Fourier,
    /// Conjugate gradients, smoothed-aggregation algebraic multigrid.
    Amg,
    /// Sparse Cholesky factorisation in a nested-dissection order.
    Cholesky,
}

impl Method {
    /// All methods, `Auto` first.
    pub const ALL: [Self; 9] = [
        Self::Auto,
        Self::Cg,
        Self::Jacobi,
        Self::IncompleteCholesky,
        Self::ModifiedIncompleteCholesky,
        Self::Multigrid,
        Self::Fourier,
        Self::Amg,
        Self::Cholesky,
    ];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cg => "cg",
            Self::Jacobi => "jacobi",
            Self::IncompleteCholesky => "ic0",
            Self::ModifiedIncompleteCholesky => "mic0",
            Self::Multigrid => "multigrid",
            Self::Fourier => "dct",
            Self::Amg => "amg",
            Self::Cholesky => "cholesky",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Method {
    type Err = SolverError;

    fn from_str(text: &str) -> Result<Self, SolverError> {
        Self::ALL
            .into_iter()
            .find(|m| m.name() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                SolverError::Argument {
                    what: "method",
                    problem: format!("\"{text}\" is not one of {names}"),
                }
            })
    }
}
