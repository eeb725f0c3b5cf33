//! Linear systems: operators, preconditioners, Krylov methods, and what they report.

mod amg;
mod cg;
mod conjugate_directions;
mod csr;
mod direct;
mod eigen;
mod flexible_cg;
mod incomplete_cholesky;
mod inner_cg;
mod jacobi;
mod krylov;
mod lu;
mod matrix;
mod minres;
mod nested_dissection;
mod nullspace;
mod operator;
mod options;
mod preconditioner;
mod refinement;
mod report;
mod schedule;
mod stopping;
#[cfg(test)]
mod testing;
pub(crate) mod vector;

pub(crate) use cg::iteration_bytes;
pub(crate) use inner_cg::InnerIteration;
pub(crate) use refinement::refinement_bytes;

pub use amg::{AmgOptions, SmoothedAggregation};
pub use csr::CsrOperator;
pub use direct::{CholeskyOptions, Definiteness, SparseCholesky};
pub use eigen::{EigenOptions, Eigenpair, smallest_eigenpair};
pub use incomplete_cholesky::IncompleteCholesky;
pub use jacobi::Jacobi;
pub use krylov::Krylov;
pub use lu::SparseLu;
pub use matrix::{MatrixMethod, MatrixSolver, Spectrum};
pub use nested_dissection::nested_dissection;
pub use nullspace::Nullspace;
pub use operator::{FnOperator, LinearOperator};
pub use options::{Imbalance, SolveOptions, Start};
pub use preconditioner::{Identity, Preconditioner, Properties, SearchDirection};
pub use report::{Reason, SolveReport, Status};
