//! Linear operators: what a Krylov method needs to know of a matrix.

use super::vector;

/// A square real matrix of which only products with vectors are known.
///
/// Symmetry is the caller's promise; what a method needs is said at the method.
pub trait LinearOperator: Sync {
    /// Number of rows and columns.
    fn dim(&self) -> usize;

    /// `y = A x`. Both have [`dim`](Self::dim) entries; `y` is overwritten and may hold anything.
    fn apply(&self, x: &[f64], y: &mut [f64]);

    /// `y = A x`, returning `x . y`. Operators that have `x` at hand while they make `y` save a
    /// pass over both.
    fn apply_dot(&self, x: &[f64], y: &mut [f64]) -> f64 {
        self.apply(x, y);
        vector::dot(x, y)
    }

    /// Bytes that one product reads and writes at least, every array counted once; `None`: not known.
    /// What of it caches keep is no matter: that is for a comparison with the machine's bandwidth.
    fn apply_bytes(&self) -> Option<usize> {
        None
    }

    /// `r = b - A x`, returning `r . r`.
    fn residual(&self, b: &[f64], x: &[f64], r: &mut [f64]) -> f64 {
        self.apply(x, r);
        vector::subtract_from(b, r)
    }
}

/// An operator from a closure `(x, y)` that sets `y = A x`.
#[derive(Debug, Clone)]
pub struct FnOperator<F> {
    dim: usize,
    apply: F,
}

impl<F: Fn(&[f64], &mut [f64]) + Sync> FnOperator<F> {
    /// The operator on vectors of `dim` entries.
    pub fn new(dim: usize, apply: F) -> Self {
        Self { dim, apply }
    }
}

impl<F: Fn(&[f64], &mut [f64]) + Sync> LinearOperator for FnOperator<F> {
    fn dim(&self) -> usize {
        self.dim
    }
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        (self.apply)(x, y);
    }
}
