//! Which method for which matrix, and its set-up.

use super::profile::Profile;
use super::{Driver, MatrixMethod, Spectrum};
use crate::SolverError;
use crate::linear::direct::{CholeskyOptions, Definiteness};
use crate::linear::{
    CsrOperator, IncompleteCholesky, Jacobi, LinearOperator, Nullspace, Preconditioner,
    SmoothedAggregation, SparseCholesky, SparseLu,
};

/// `Auto` factors matrices of at most this many rows,
const MOST_ROWS_FACTORED: usize = 300_000;
/// if the factor has at most this many bytes.
const MOST_BYTES_FACTORED: usize = 320 << 20;
/// `Auto` factors indefinite matrices of at most this many rows.
const MOST_ROWS_PIVOTED: usize = 20_000;
/// The name of MINRES without factors.
pub(super) const PLAIN_MINRES: &str = "MINRES with the diagonal";
/// ||A v|| over ||A|| ||v|| at which v is a null vector.
const NULL_VECTOR: f64 = 1e-9;
/// Null vectors are looked for when there are at most this many.
const MOST_NULL_VECTORS: usize = 64;

/// A preconditioner and what came with it.
pub(super) struct Built {
    pub preconditioner: Box<dyn Preconditioner + Send>,
    pub nullspace: Option<Nullspace>,
    pub spectrum: Spectrum,
    pub driver: Driver,
    pub name: &'static str,
    pub choice: String,
    pub note: Option<String>,
}

/// Sets up the method asked for.
pub(super) fn build(
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
pub(super) fn absolute_jacobi(operator: &CsrOperator) -> Jacobi {
    let magnitudes = operator
        .diagonal()
        .into_iter()
        .map(|d| if d == 0.0 { 1.0 } else { d.abs() });
    Jacobi::from_positive(magnitudes.collect())
}
