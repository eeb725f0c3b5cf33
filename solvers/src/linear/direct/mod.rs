//! Sparse Cholesky factorisation by faer: the reference that the iterative methods are held to.
//!
//! Y. Chen, T. A. Davis, W. W. Hager, S. Rajamanickam, "Algorithm 887: CHOLMOD", ACM Trans. Math.
//! Softw. 35 (2008), is the kind of method: elimination order (approximate minimum degree, or the
//! caller's), symbolic analysis, supernodes, dense kernels on all threads.
//!
//! A singular semidefinite matrix (a closed box) may be factored too: an unknown whose pivot
//! vanishes is fixed at zero, which gives a solution of every compatible system. Symmetric
//! indefinite matrices, which need pivots, are a matter of `lu.rs`.

#[cfg(test)]
mod tests;
mod triangle;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::ldlt::factor::{LdltError, LdltRegularization};
use faer::linalg::cholesky::llt::factor::{LltError, LltRegularization};
use faer::mat::MatMut;
use faer::sparse::linalg::cholesky::{LdltRef, LltRef, SymbolicCholesky, SymbolicCholeskyRaw};
use faer::{Conj, Par, Side};

use super::csr::Csr;
use super::{CsrOperator, Preconditioner, vector};
use crate::SolverError;
use triangle::LowerTriangle;

/// Pivots at or below this share of their diagonal entry vanish, for a singular matrix,
const VANISHING: f64 = 1e-11;
/// or at this many roundings a row, where that is more: on large matrices they add up.
const ROUNDINGS_A_ROW: f64 = 16.0;
/// What stands for such a pivot: fixes the unknown at zero.
const FIXED: f64 = 1e40;

/// Factors below this many entries are computed by one thread.
const PARALLEL_FROM: usize = 1 << 20;

/// The factor of A = L L^T or L D L^T, which applies A^-1 exactly.
///
/// As a [`Preconditioner`] conjugate gradients take one iteration, or two where rounding asks for
/// one of refinement.
pub struct SparseCholesky {
    symbolic: SymbolicCholesky<usize>,
    values: Vec<f64>,
    scratch: MemBuffer,
    definiteness: Definiteness,
    /// What L D L^T is scaled by on both sides, so that its diagonal is one; empty for L L^T.
    scaling: Vec<f64>,
    vanishing: f64,
    /// Rows whose pivot vanished.
    vanished: Vec<usize>,
}

/// What the matrix is allowed to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Definiteness {
    /// Positive definite: A = L L^T.
    #[default]
    Positive,
    /// Positive semidefinite: unknowns whose pivot vanishes are fixed at zero.
    Semidefinite,
}

/// What to factor, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct CholeskyOptions<'a> {
    /// The order of elimination, row by row; none: approximate minimum degree.
    pub ordering: Option<&'a [usize]>,
    /// What the matrix is allowed to be.
    pub definiteness: Definiteness,
    /// Refuse a factor above this many bytes; none: three quarters of the memory that is free now.
    pub memory_limit: Option<usize>,
}

impl SparseCholesky {
    /// Factors a symmetric positive definite matrix, of which the lower triangle is read.
    ///
    /// # Errors
    /// A matrix that is not positive definite, and a factor that does not fit in memory.
    pub fn new(matrix: &CsrOperator) -> Result<Self, SolverError> {
        Self::with_options(matrix, &CholeskyOptions::default())
    }

    /// Factors with an order of elimination of one's own, a memory limit, or vanishing pivots.
    ///
    /// # Errors
    /// An ordering that is not a permutation, a matrix that is not positive (semi)definite, and a
    /// factor that does not fit in memory.
    pub fn with_options(
        matrix: &CsrOperator,
        options: &CholeskyOptions,
    ) -> Result<Self, SolverError> {
        let rounding = ROUNDINGS_A_ROW * matrix.matrix().rows() as f64 * f64::EPSILON;
        Self::factor(matrix.matrix(), options, VANISHING.max(rounding))
    }

    /// With another share of their diagonal entry at which pivots vanish.
    pub(crate) fn factor(
        matrix: &Csr<f64>,
        options: &CholeskyOptions,
        vanishing: f64,
    ) -> Result<Self, SolverError> {
        if matrix.rows() == 0 {
            return Err(SolverError::Argument {
                what: "sparse Cholesky",
                problem: "a matrix without rows".into(),
            });
        }
        let lower = LowerTriangle::of(matrix);
        let symbolic = lower.analyse(options.ordering)?;
        let bytes = symbolic.len_val().saturating_mul(size_of::<f64>());
        let limit = options
            .memory_limit
            .or_else(|| crate::memory::available().map(|free| free / 4 * 3));
        if let Some(limit) = limit.filter(|limit| bytes > *limit) {
            return Err(SolverError::Memory {
                what: "the Cholesky factor",
                needed: bytes,
                limit,
            });
        }
        let request = symbolic.solve_in_place_scratch::<f64>(1, Par::Seq);
        let mut cholesky = Self {
            values: vec![0.0; symbolic.len_val()],
            scratch: memory(request)?,
            symbolic,
            definiteness: options.definiteness,
            scaling: Vec::new(),
            vanishing,
            vanished: Vec::new(),
        };
        cholesky.refactor_lower(&lower)?;
        Ok(cholesky)
    }

    /// Factors a matrix with the same pattern and other values, without a new analysis.
    ///
    /// # Errors
    /// Another size, or a matrix that is not positive (semi)definite.
    pub fn refactor(&mut self, matrix: &CsrOperator) -> Result<(), SolverError> {
        let rows = matrix.matrix().rows();
        if rows != self.symbolic.nrows() {
            return Err(SolverError::Argument {
                what: "sparse Cholesky",
                problem: format!(
                    "the new matrix has {rows} rows, the one that was analysed {}",
                    self.symbolic.nrows()
                ),
            });
        }
        self.refactor_lower(&LowerTriangle::of(matrix.matrix()))
    }

    fn refactor_lower(&mut self, lower: &LowerTriangle) -> Result<(), SolverError> {
        match self.definiteness {
            Definiteness::Positive => self.factor_llt(lower),
            Definiteness::Semidefinite => self.factor_ldlt(lower),
        }
    }

    fn factor_llt(&mut self, lower: &LowerTriangle) -> Result<(), SolverError> {
        let (par, params) = (parallelism(self.values.len()), Default::default());
        let mut scratch = memory(
            self.symbolic
                .factorize_numeric_llt_scratch::<f64>(par, params),
        )?;
        let result = self.symbolic.factorize_numeric_llt(
            &mut self.values,
            lower.view(),
            Side::Upper,
            LltRegularization::default(),
            par,
            MemStack::new(&mut scratch),
            params,
        );
        match result {
            Ok(_) => Ok(()),
            // Pivots are counted from one.
            Err(LltError::NonPositivePivot { index }) => Err(self.not_positive(index - 1)),
        }
    }

    /// The regularisation of faer's L L^T leaves the old entry on the diagonal (0.24.4); that of
    /// its L D L^T is right.
    fn factor_ldlt(&mut self, lower: &LowerTriangle) -> Result<(), SolverError> {
        let (par, params) = (parallelism(self.values.len()), Default::default());
        let mut scratch = memory(
            self.symbolic
                .factorize_numeric_ldlt_scratch::<f64>(par, params),
        )?;
        let regularization = LdltRegularization {
            dynamic_regularization_signs: None,
            dynamic_regularization_epsilon: self.vanishing,
            dynamic_regularization_delta: FIXED,
        };
        self.scaling = lower.scaling();
        let lower = lower.scaled(&self.scaling);
        let result = self.symbolic.factorize_numeric_ldlt(
            &mut self.values,
            lower.view(),
            Side::Upper,
            regularization,
            par,
            MemStack::new(&mut scratch),
            params,
        );
        if let Err(LdltError::ZeroPivot { index }) = result {
            return Err(self.not_positive(index - 1));
        }
        self.vanished.clear();
        let order = self.symbolic.perm().map(|perm| perm.arrays().0);
        for (place, at) in pivot_places(&self.symbolic).enumerate() {
            let pivot = self.values[at];
            if pivot.abs() == FIXED {
                self.vanished
                    .push(order.map_or(place, |order| order[place]));
            } else if pivot < 0.0 {
                return Err(self.not_positive(place));
            }
        }
        Ok(())
    }

    /// Names the row of a pivot that is not positive.
    fn not_positive(&self, place: usize) -> SolverError {
        let order = self.symbolic.perm();
        let row = order.and_then(|p| p.arrays().0.get(place).copied());
        SolverError::NotPositiveDefinite {
            what: "sparse Cholesky",
            row: row.unwrap_or(place),
        }
    }

    /// Rows whose pivot vanished; a semidefinite factor fixes their unknowns at zero.
    pub fn vanished(&self) -> &[usize] {
        &self.vanished
    }

    /// Entries of the factor that are stored, zeros within supernodes included.
    pub fn factor_entries(&self) -> usize {
        self.values.len()
    }

    /// Bytes held by the factor.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    /// `x = A^-1 x`.
    pub fn solve_in_place(&mut self, x: &mut [f64]) {
        let n = self.symbolic.nrows();
        assert_eq!(x.len(), n, "x has a value per row");
        let scale = |x: &mut [f64]| x.iter_mut().zip(&self.scaling).for_each(|(x, s)| *x *= s);
        scale(x);
        let right = MatMut::from_column_major_slice_mut(x, n, 1);
        let (par, stack) = (Par::Seq, MemStack::new(&mut self.scratch));
        match self.definiteness {
            Definiteness::Positive => LltRef::new(&self.symbolic, &self.values)
                .solve_in_place_with_conj(Conj::No, right, par, stack),
            Definiteness::Semidefinite => {
                LdltRef::new(&self.symbolic, &self.values).solve_in_place_with_conj(
                    Conj::No,
                    right,
                    par,
                    stack,
                );
            }
        }
        scale(x);
    }
}

/// Where the pivots of L D L^T are among its values, in the order of elimination.
fn pivot_places(symbolic: &SymbolicCholesky<usize>) -> Box<dyn Iterator<Item = usize> + '_> {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Simplicial(simplicial) => {
            Box::new(simplicial.col_ptr()[..simplicial.nrows()].iter().copied())
        }
        // A supernode is a dense block of its columns.
        SymbolicCholeskyRaw::Supernodal(supernodal) => {
            let (begins, ends) = (supernodal.supernode_begin(), supernodal.supernode_end());
            let starts = supernodal.col_ptr_for_val();
            Box::new((0..supernodal.n_supernodes()).flat_map(move |s| {
                let columns = ends[s] - begins[s];
                let rows = (starts[s + 1] - starts[s])
                    .checked_div(columns)
                    .unwrap_or(0);
                (0..columns).map(move |i| starts[s] + i * (rows + 1))
            }))
        }
    }
}

impl std::fmt::Debug for SparseCholesky {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("SparseCholesky")
            .field("rows", &self.symbolic.nrows())
            .field("factor_entries", &self.values.len())
            .finish_non_exhaustive()
    }
}

impl Preconditioner for SparseCholesky {
    fn dim(&self) -> usize {
        self.symbolic.nrows()
    }
    fn apply_bytes(&self) -> Option<usize> {
        // the factor forward and backward; r; z written, then changed by either
        Some(2 * self.memory_bytes() + 6 * 8 * self.dim())
    }
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        vector::copy(r, z);
        self.solve_in_place(z);
    }
}

/// All threads of the current pool for a factor that is worth it. (faer's threads wait for each
/// other by spinning: with little to do, or on a busy machine, they cost more than they bring. A
/// solve with one right-hand side always takes one thread.)
fn parallelism(entries: usize) -> Par {
    match rayon::current_num_threads() {
        threads if threads > 1 && entries >= PARALLEL_FROM => Par::rayon(threads),
        _ => Par::Seq,
    }
}

/// Memory of this layout.
fn memory(request: faer::dyn_stack::StackReq) -> Result<MemBuffer, SolverError> {
    MemBuffer::try_new(request).map_err(|_| SolverError::Memory {
        what: "work space of the Cholesky factorisation",
        needed: request.size_bytes(),
        limit: crate::memory::available().unwrap_or(0),
    })
}
