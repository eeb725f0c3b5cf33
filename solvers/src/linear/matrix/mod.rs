//! Any sparse symmetric matrix: looked at, and solved by what suits it or refused with the reason.

mod method;
mod profile;
#[cfg(test)]
mod tests;

use std::time::Instant;

use sprs::CsMat;

use super::direct::{CholeskyOptions, Definiteness};
use super::{
    CsrOperator, IncompleteCholesky, Jacobi, Krylov, LinearOperator, Nullspace, Preconditioner,
    Reason, SmoothedAggregation, SolveOptions, SolveReport, SparseCholesky, SparseLu, Status,
};
use crate::SolverError;
pub use method::MatrixMethod;
use profile::Profile;

/// Residuals that a report keeps at most.
const HISTORY: usize = 10_000;
/// `Auto` factors matrices of at most this many rows,
const MOST_ROWS_FACTORED: usize = 300_000;
/// if the factor has at most this many bytes.
const MOST_BYTES_FACTORED: usize = 320 << 20;
/// `Auto` factors indefinite matrices of at most this many rows.
const MOST_ROWS_PIVOTED: usize = 20_000;
/// The name of MINRES without factors.
const PLAIN_MINRES: &str = "MINRES with the diagonal";
/// ||A v|| over ||A|| ||v|| at which v is a null vector.
const NULL_VECTOR: f64 = 1e-9;
/// Null vectors are looked for when there are at most this many.
const MOST_NULL_VECTORS: usize = 64;

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

/// A preconditioner and what came with it.
struct Built {
    preconditioner: Box<dyn Preconditioner + Send>,
    nullspace: Option<Nullspace>,
    spectrum: Spectrum,
    driver: Driver,
    name: &'static str,
    choice: String,
    note: Option<String>,
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

/// Sets up the method asked for.
fn build(
    operator: &CsrOperator,
    profile: Profile,
    method: MatrixMethod,
) -> Result<Built, SolverError> {
    match method {
        MatrixMethod::Auto => automatic(operator, profile),
        MatrixMethod::Cg => {
            let jacobi = Jacobi::new(operator)?;
            let name = "conjugate gradients with the diagonal";
            Ok(iterative(profile, Box::new(jacobi), name, None))
        }
        MatrixMethod::IncompleteCholesky => {
            let (factor, name) = if profile.m_matrix {
                (
                    IncompleteCholesky::modified(operator)?,
                    "MIC(0) conjugate gradients",
                )
            } else {
                (
                    IncompleteCholesky::new(operator)?,
                    "IC(0) conjugate gradients",
                )
            };
            let note = factor.note();
            Ok(iterative(profile, Box::new(factor), name, note))
        }
        MatrixMethod::Amg => {
            let amg = SmoothedAggregation::new(operator)?;
            let name = "smoothed aggregation conjugate gradients";
            Ok(iterative(profile, Box::new(amg), name, None))
        }
        MatrixMethod::Cholesky => definite(operator, &profile, None),
        MatrixMethod::Minres => Ok(minres(operator, profile)),
    }
}

/// The choice of `Auto`.
fn automatic(operator: &CsrOperator, profile: Profile) -> Result<Built, SolverError> {
    if profile.rows <= MOST_ROWS_FACTORED {
        match definite(operator, &profile, Some(MOST_BYTES_FACTORED)) {
            Err(SolverError::NotPositiveDefinite { .. }) => {
                return Ok(indefinite(operator, profile));
            }
            Err(SolverError::Memory { .. }) => {}
            other => return other,
        }
    }
    if !profile.positive_diagonal {
        return Ok(minres(operator, profile));
    }
    let amg = SmoothedAggregation::new(operator)?;
    let name = "smoothed aggregation conjugate gradients";
    Ok(iterative(profile, Box::new(amg), name, None))
}

/// A method that takes the matrix as it comes.
fn iterative(
    profile: Profile,
    preconditioner: Box<dyn Preconditioner + Send>,
    name: &'static str,
    note: Option<String>,
) -> Built {
    let closed = match profile.closed {
        0 => String::new(),
        count => format!(", {count} closed components"),
    };
    Built {
        choice: format!("{}{closed}: {name}", size(&profile)),
        preconditioner,
        nullspace: profile.nullspace,
        spectrum: Spectrum::Unknown,
        driver: Driver::ConjugateGradients,
        name,
        note,
    }
}

/// MINRES with the magnitudes of the diagonal.
fn minres(operator: &CsrOperator, profile: Profile) -> Built {
    let jacobi = Box::new(absolute_jacobi(operator));
    Built {
        driver: Driver::Minres,
        ..iterative(profile, jacobi, PLAIN_MINRES, None)
    }
}

/// LU of an indefinite matrix, MINRES when that is large.
fn indefinite(operator: &CsrOperator, profile: Profile) -> Built {
    let factors = (profile.rows <= MOST_ROWS_PIVOTED).then(|| SparseLu::new(operator));
    let built = match factors {
        Some(Ok(lu)) => Built {
            driver: Driver::Refinement,
            ..iterative(profile, Box::new(lu), "sparse LU", None)
        },
        _ => minres(operator, profile),
    };
    Built {
        choice: built
            .choice
            .replacen("symmetric,", "symmetric indefinite,", 1),
        spectrum: Spectrum::Indefinite,
        ..built
    }
}

/// Cholesky of a definite or semidefinite matrix.
fn definite(
    operator: &CsrOperator,
    profile: &Profile,
    memory_limit: Option<usize>,
) -> Result<Built, SolverError> {
    let options = CholeskyOptions {
        definiteness: Definiteness::Semidefinite,
        memory_limit,
        ..CholeskyOptions::default()
    };
    let mut factor = SparseCholesky::with_options(operator, &options)?;
    let zero = factor.vanished().len();
    let nullspace = match zero {
        0 => None,
        1..=MOST_NULL_VECTORS => Some(null_vectors(operator, &mut factor)?),
        // Too many to hold: those that are constants at least.
        _ => profile.nullspace.clone(),
    };
    let (spectrum, kind) = match zero {
        0 => (Spectrum::Positive, "positive definite".to_owned()),
        _ => (
            Spectrum::Semidefinite(zero),
            format!("positive semidefinite with nullity {zero}"),
        ),
    };
    let entries = factor.factor_entries();
    let name = "sparse Cholesky";
    Ok(Built {
        choice: format!(
            "{}, {kind}: {name}, {entries} entries in the factor",
            size(profile)
        ),
        preconditioner: Box::new(factor),
        nullspace,
        spectrum,
        driver: Driver::ConjugateGradients,
        name,
        note: None,
    })
}

fn size(profile: &Profile) -> String {
    format!(
        "symmetric, {} rows, {} entries",
        profile.rows, profile.entries
    )
}

/// For each unknown that the factor fixes: one there, and what the rest then has to be.
fn null_vectors(
    operator: &CsrOperator,
    factor: &mut SparseCholesky,
) -> Result<Nullspace, SolverError> {
    let n = operator.dim();
    let mut vectors = Vec::new();
    let mut product = vec![0.0; n];
    for row in factor.vanished().to_vec() {
        let mut v = vec![0.0; n];
        v[row] = 1.0;
        operator.apply(&v, &mut product);
        factor.solve_in_place(&mut product);
        for (v, p) in v.iter_mut().zip(&product) {
            *v -= p;
        }
        operator.apply(&v, &mut product);
        let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let largest = operator
            .diagonal()
            .iter()
            .fold(0.0, |m: f64, d| m.max(d.abs()));
        if norm(&product) > NULL_VECTOR * largest * norm(&v) {
            // A pivot that vanished in a matrix that is not singular: not semidefinite either.
            return Err(SolverError::NotPositiveDefinite {
                what: "sparse Cholesky",
                row,
            });
        }
        vectors.push(v);
    }
    Nullspace::from_vectors(n, &vectors)
}

/// The magnitudes of the diagonal, with one for zero.
fn absolute_jacobi(operator: &CsrOperator) -> Jacobi {
    let magnitudes = operator
        .diagonal()
        .into_iter()
        .map(|d| if d == 0.0 { 1.0 } else { d.abs() });
    Jacobi::from_positive(magnitudes.collect())
}
