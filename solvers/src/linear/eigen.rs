//! The smallest eigenvalue of a symmetric positive definite operator.
//!
//! Inverse iteration: B. N. Parlett, "The Symmetric Eigenvalue Problem", SIAM (1998), ch. 4. Each
//! step solves A y = v; the error of the vector falls by the ratio of the two smallest eigenvalues,
//! that of the Rayleigh quotient by its square.

use super::{
    Krylov, LinearOperator, Nullspace, Preconditioner, SolveOptions, SolveReport, Status, vector,
};
use crate::SolverError;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EigenOptions {
    /// Stop at `||A v - lambda v|| <= rtol lambda ||v||`.
    pub rtol: f64,
    /// Steps at most.
    pub max_iterations: usize,
    /// Tolerance of the solve within a step.
    pub solve_rtol: f64,
}

impl Default for EigenOptions {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            max_iterations: 500,
            solve_rtol: 1e-10,
        }
    }
}

/// An eigenvalue and its vector.
#[derive(Debug, Clone)]
pub struct Eigenpair {
    /// The eigenvalue: the Rayleigh quotient of `vector`.
    pub value: f64,
    /// The eigenvector, of norm one.
    pub vector: Vec<f64>,
    /// `||A v - lambda v||`, a bound on the distance to the nearest eigenvalue.
    pub residual: f64,
    /// Steps done.
    pub iterations: usize,
    /// Whether the tolerance was met.
    pub status: Status,
    /// Report of the last solve.
    pub report: SolveReport,
}

/// The smallest eigenvalue of a symmetric positive definite operator, by inverse iteration with the
/// preconditioner given; with a nullspace, the smallest one but zero.
///
/// # Errors
/// An operator without unknowns, or whose size is not that of the preconditioner.
pub fn smallest_eigenpair(
    a: &dyn LinearOperator,
    m: &mut dyn Preconditioner,
    nullspace: Option<&Nullspace>,
    options: &EigenOptions,
) -> Result<Eigenpair, SolverError> {
    let n = a.dim();
    if n == 0 || m.dim() != n {
        return Err(SolverError::Argument {
            what: "smallest eigenvalue",
            problem: format!(
                "an operator of {n} rows with a preconditioner of {}",
                m.dim()
            ),
        });
    }
    let mut krylov = Krylov::new(n, 100);
    let solve = SolveOptions {
        imbalance: super::Imbalance::Project,
        ..SolveOptions::with_rtol(options.solve_rtol)
    };
    let mut pair = Eigenpair {
        value: 0.0,
        vector: start(n),
        residual: f64::INFINITY,
        iterations: 0,
        status: Status::MaxIterations,
        report: SolveReport::default(),
    };
    let (mut next, mut product) = (vec![0.0; n], vec![0.0; n]);
    normalise(&mut pair.vector, nullspace);
    for iteration in 1..=options.max_iterations {
        let report = krylov.solve(a, m, nullspace, &pair.vector, &mut next, &solve);
        let status = report.status;
        std::mem::swap(&mut pair.vector, &mut next);
        normalise(&mut pair.vector, nullspace);
        pair.value = a.apply_dot(&pair.vector, &mut product);
        vector::axpy(-pair.value, &pair.vector, &mut product);
        pair.residual = vector::norm_squared(&product).sqrt();
        pair.iterations = iteration;
        if status == Status::Breakdown || !pair.residual.is_finite() {
            pair.status = Status::Breakdown;
            break;
        }
        if pair.residual <= options.rtol * pair.value.abs() {
            pair.status = Status::Converged;
            break;
        }
    }
    pair.report = krylov.report().clone();
    Ok(pair)
}

/// A vector with parts along all eigenvectors that one is likely to meet: smooth, positive, not
/// symmetric.
fn start(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| 1.0 + 0.5 * (1.0 + 2.7 * i as f64).sin())
        .collect()
}

fn normalise(v: &mut [f64], nullspace: Option<&Nullspace>) {
    if let Some(nullspace) = nullspace {
        nullspace.project(v);
    }
    let norm = vector::norm_squared(v).sqrt();
    if norm > 0.0 {
        vector::scale(1.0 / norm, v);
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::linear::testing::*;
    use crate::{CsrOperator, Identity, IncompleteCholesky, SparseCholesky};

    #[test]
    fn of_the_laplacian_on_a_box() {
        // 4 - 2 cos(pi / (nx + 1)) - 2 cos(pi / (ny + 1)).
        let (nx, ny) = (17, 12);
        let a = laplacian_operator([nx, ny, 1], false);
        let c = |n: usize| 2.0 - 2.0 * (PI / (n as f64 + 1.0)).cos();
        let exact = c(nx) + c(ny);
        let options = EigenOptions::default();
        let preconditioners: [&mut dyn Preconditioner; 2] = [
            &mut SparseCholesky::new(&a).expect("SPD"),
            &mut IncompleteCholesky::new(&a).expect("SPD"),
        ];
        for m in preconditioners {
            let pair = smallest_eigenpair(&a, m, None, &options).expect("sizes");
            assert_eq!(pair.status, Status::Converged);
            assert!((pair.value - exact).abs() < 1e-12, "{} {exact}", pair.value);
        }
    }

    #[test]
    fn of_a_closed_box_the_first_but_zero() {
        let a = laplacian_operator([30, 7, 1], true);
        let space = Nullspace::constant(210).expect("size");
        let exact = 2.0 - 2.0 * (PI / 30.0).cos();
        let mut m = Identity::new(210);
        let pair = smallest_eigenpair(&a, &mut m, Some(&space), &EigenOptions::default());
        assert!((pair.expect("sizes").value - exact).abs() < 1e-12);
    }

    #[test]
    fn an_indefinite_matrix_breaks_down() {
        let a = CsrOperator::new(&with_spectrum(&[-1.0, 2.0, 3.0, -4.0], 1)).expect("matrix");
        let options = EigenOptions::default();
        let pair = smallest_eigenpair(&a, &mut Identity::new(4), None, &options).expect("sizes");
        assert_eq!(pair.status, Status::Breakdown);
    }
}
