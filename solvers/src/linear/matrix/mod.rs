//! Any sparse symmetric matrix: looked at, and solved by what suits it or refused with the reason.

mod build;
mod method;
mod profile;
#[cfg(test)]
mod tests;

use std::time::Instant;

use sprs::CsMat;

use super::{
    CsrOperator, Krylov, LinearOperator, Nullspace, Preconditioner, Reason, SolveOptions,
    SolveReport, Status,
};
use crate::SolverError;
use build::{PLAIN_MINRES, absolute_jacobi, build};
pub use method::MatrixMethod;
use profile::Profile;

/// Residuals that a report keeps at most.
const HISTORY: usize = 10_000;
/// What is known of the eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spectrum {
    /// All are positive.
    Positive,
    /// None is negative, and this many are zero.
    Semidefinite(usize),
    /// Some are negative.
    Indefinite,
    /// The matrix was not factored: positive (or zero on closed components) if the solve converges.
    Unknown,
}

/// Solves A x = b for a sparse symmetric matrix.
///
/// `Auto` factors what is small enough: by Cholesky a definite or semidefinite matrix, whose null
/// vectors are then known; by LU with pivots an indefinite one. What is large goes to smoothed
/// aggregation, or to MINRES when a diagonal entry is not positive; so does what turns out to be
/// indefinite, or singular and indefinite, in the course of the solve.
///
/// ```
/// use karman_solvers::{MatrixMethod, MatrixSolver, SolveOptions};
///
/// let matrix = sprs::CsMat::new((2, 2), vec![0, 2, 4], vec![0, 1, 0, 1], vec![2.0, -1.0, -1.0, 2.0]);
/// let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto)?;
/// let mut x = [0.0; 2];
/// let report = solver.solve(&[1.0, 0.0], &mut x, &SolveOptions::with_rtol(1e-12))?;
/// assert!(report.converged() && (x[0] - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct MatrixSolver {
    operator: CsrOperator,
    preconditioner: Box<dyn Preconditioner + Send>,
    krylov: Krylov,
    nullspace: Option<Nullspace>,
    spectrum: Spectrum,
    driver: Driver,
    /// `Auto` may turn to MINRES.
    may_turn: bool,
    name: &'static str,
    choice: String,
}

/// The iteration that is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    ConjugateGradients,
    Minres,
    Refinement,
}

impl MatrixSolver {
    /// Looks at the matrix and sets the method up.
    ///
    /// # Errors
    /// A matrix that is not square, not symmetric or holds NaN, and one that the method asked for
    /// cannot do: with the reason.
    pub fn new(matrix: &CsMat<f64>, method: MatrixMethod) -> Result<Self, SolverError> {
        let clock = Instant::now();
        let operator = CsrOperator::new(matrix)?;
        if operator.dim() == 0 {
            return Err(SolverError::Argument {
                what: "matrix",
                problem: "no rows".into(),
            });
        }
        let profile = Profile::of(operator.matrix())?;
        let built = build(&operator, profile, method)?;
        let mut krylov = Krylov::new(operator.dim(), HISTORY);
        if built.driver == Driver::Minres {
            krylov = krylov.with_minres();
        }
        let report = krylov.report_mut();
        report.setup_seconds = clock.elapsed().as_secs_f64();
        report.notes.extend(built.note);
        Ok(Self {
            operator,
            preconditioner: built.preconditioner,
            krylov,
            nullspace: built.nullspace,
            spectrum: built.spectrum,
            driver: built.driver,
            may_turn: method == MatrixMethod::Auto,
            name: built.name,
            choice: built.choice,
        })
    }

    /// Solves A x = b; x is the first guess where the options say so.
    ///
    /// # Errors
    /// Wrong lengths, and NaN in b.
    pub fn solve(
        &mut self,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> Result<&SolveReport, SolverError> {
        let n = self.operator.dim();
        for (what, length) in [("b", b.len()), ("x", x.len())] {
            if length != n {
                return Err(SolverError::Argument {
                    what,
                    problem: format!("{length} entries for a matrix of {n} rows"),
                });
            }
        }
        if let Some(at) = b.iter().position(|b| !b.is_finite()) {
            return Err(SolverError::Argument {
                what: "b",
                problem: format!("entry {at} is {}", b[at]),
            });
        }
        self.run(b, x, options);
        if self.may_turn && self.should_turn() {
            self.turn_to_minres();
            self.run(b, x, options);
        }
        Ok(self.krylov.report())
    }

    /// Whether the matrix is not what was thought, so that MINRES has to do.
    fn should_turn(&self) -> bool {
        let report = self.krylov.report();
        match self.driver {
            Driver::ConjugateGradients => {
                matches!(report.reason, Some(Reason::OperatorNotPositive { .. }))
            }
            // Singular: no factors to go by.
            Driver::Refinement => !report.converged() && report.status != Status::MaxIterations,
            Driver::Minres => false,
        }
    }

    fn run(&mut self, b: &[f64], x: &mut [f64], options: &SolveOptions) {
        let (a, m) = (&self.operator, self.preconditioner.as_mut());
        let nullspace = self.nullspace.as_ref();
        match self.driver {
            Driver::ConjugateGradients => self.krylov.solve(a, m, nullspace, b, x, options),
            Driver::Minres => self.krylov.minres(a, m, nullspace, b, x, options),
            Driver::Refinement => self.krylov.refinement(a, m, nullspace, b, x, options),
        };
        self.krylov.report_mut().method = self.name;
    }

    /// MINRES from now on.
    fn turn_to_minres(&mut self) {
        let why = match self.driver {
            Driver::Refinement => "singular",
            _ => "indefinite",
        };
        self.preconditioner = Box::new(absolute_jacobi(&self.operator));
        self.driver = Driver::Minres;
        self.spectrum = Spectrum::Indefinite;
        self.name = PLAIN_MINRES;
        let note = format!("the matrix proved {why}: turned to {PLAIN_MINRES}");
        self.choice = format!("{}; {note}", self.choice);
        self.krylov.report_mut().notes.push(note);
    }

    /// What the matrix is, what was chosen and why, in a sentence.
    pub fn choice(&self) -> &str {
        &self.choice
    }

    /// What is known of the eigenvalues.
    pub fn spectrum(&self) -> Spectrum {
        self.spectrum
    }

    /// The nullspace that was found, if any.
    pub fn nullspace(&self) -> Option<&Nullspace> {
        self.nullspace.as_ref()
    }

    /// The matrix as an operator.
    pub fn operator(&self) -> &CsrOperator {
        &self.operator
    }

    /// The preconditioner, for methods of one's own.
    pub fn preconditioner(&mut self) -> &mut dyn Preconditioner {
        self.preconditioner.as_mut()
    }

    /// The report of the last solve.
    pub fn report(&self) -> &SolveReport {
        self.krylov.report()
    }
}

impl std::fmt::Debug for MatrixSolver {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("MatrixSolver")
            .field("choice", &self.choice)
            .field("spectrum", &self.spectrum)
            .finish_non_exhaustive()
    }
}
