//! Preconditioners and search directions: approximate inverses, with what may be relied on.

use super::{Nullspace, SolveReport, vector};

/// What a preconditioner promises; [`Krylov::solve`](super::Krylov::solve) picks the method by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties {
    /// `apply` is a linear map.
    pub linear: bool,
    /// That map is symmetric and positive definite (on the range of the operator, when that is
    /// singular).
    pub symmetric_positive_definite: bool,
    /// The map is the same at every iteration.
    pub constant: bool,
}

impl Properties {
    /// A fixed symmetric positive definite matrix: plain conjugate gradients may be used.
    pub const SPD: Self = Self {
        linear: true,
        symmetric_positive_definite: true,
        constant: true,
    };
    /// Nothing is promised.
    pub const NONE: Self = Self {
        linear: false,
        symmetric_positive_definite: false,
        constant: false,
    };
}

/// An approximate inverse M^-1 of an operator.
pub trait Preconditioner {
    /// Number of rows and columns.
    fn dim(&self) -> usize;

    /// What may be relied on.
    fn properties(&self) -> Properties {
        Properties::SPD
    }

    /// `z = M^-1 r`. `z` is overwritten and may hold anything. Allocates nothing.
    fn apply(&mut self, r: &[f64], z: &mut [f64]);

    /// `z = M^-1 r`, returning `r . z`.
    fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        self.apply(r, z);
        vector::dot(r, z)
    }

    /// Whether z needs no projection on singular components when r is balanced there: a constant in
    /// it does no harm, and the map stays symmetric between balanced vectors.
    fn keeps_balance(&self) -> bool {
        false
    }

    /// Bytes that one application reads and writes at least, as
    /// [`LinearOperator::apply_bytes`](super::LinearOperator::apply_bytes) counts them.
    fn apply_bytes(&self) -> Option<usize> {
        None
    }

    /// Whether `z = r`: methods then skip the copy.
    fn is_identity(&self) -> bool {
        false
    }
}

/// No preconditioner: `z = r`.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    dim: usize,
}

impl Identity {
    /// The identity on vectors of `dim` entries.
    pub fn new(dim: usize) -> Self {
        Self { dim }
    }
}

impl Preconditioner for Identity {
    fn dim(&self) -> usize {
        self.dim
    }
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        vector::copy(r, z);
    }
    fn is_identity(&self) -> bool {
        true
    }
    fn apply_bytes(&self) -> Option<usize> {
        Some(0)
    }
}

/// Where to look for the solution next, given the residual: what a network learns.
///
/// Any map will do. [`Krylov::conjugate_directions`](super::Krylov::conjugate_directions) makes its
/// values conjugate, finds the step length, and falls back to the residual where a direction is of
/// no use.
pub trait SearchDirection {
    /// Writes a direction for `residual` (b - A x, not normalised) to `out`, which may hold
    /// anything.
    fn direction(&mut self, residual: &[f64], out: &mut [f64]);
}

/// A preconditioner as a search direction.
pub(crate) struct Preconditioned<'a>(pub &'a mut dyn Preconditioner);

impl SearchDirection for Preconditioned<'_> {
    fn direction(&mut self, residual: &[f64], out: &mut [f64]) {
        self.0.apply(residual, out);
    }
}

/// `z = M^-1 r` between projections, returning `r . z`. With the identity z is left alone: use r.
pub(super) fn precondition(
    m: &mut dyn Preconditioner,
    nullspace: Option<&Nullspace>,
    r: &mut [f64],
    z: &mut [f64],
    report: &mut SolveReport,
) -> f64 {
    if m.is_identity() {
        return vector::norm_squared(r);
    }
    report.preconditioner_applications += 1;
    match nullspace.filter(|n| !n.is_empty() && !m.keeps_balance()) {
        None => m.apply_dot(r, z),
        Some(nullspace) => {
            nullspace.project(r);
            m.apply(r, z);
            nullspace.project(z);
            vector::dot(r, z)
        }
    }
}
