//! Sparse Cholesky factorisation by faer: the reference that the iterative methods are held to.
//!
//! Y. Chen, T. A. Davis, W. W. Hager, S. Rajamanickam, "Algorithm 887: CHOLMOD", ACM Trans. Math.
//! Softw. 35 (2008), is the kind of method: elimination order (approximate minimum degree, or the
//! caller's), symbolic analysis, supernodes, dense kernels on all threads.
//!
//! A singular semidefinite matrix (a closed box) may be factored too: an unknown whose pivot
//! vanishes is fixed at zero, which gives a solution of every compatible system.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltError, LltRegularization};
use faer::mat::MatMut;
use faer::perm::PermRef;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, Par, Side};

use super::csr::Csr;
use super::{CsrOperator, Preconditioner, vector};
use crate::SolverError;

/// Pivots at or below this share of the largest diagonal entry vanish, for a singular matrix.
const VANISHING: f64 = 1e-11;
/// What stands for such a pivot, over the largest diagonal entry: fixes the unknown at zero.
const FIXED: f64 = 1e40;

/// The factor L of A = L L^T, which applies A^-1 exactly.
///
/// As a [`Preconditioner`] conjugate gradients take one iteration, or two where rounding asks for
/// one of refinement.
pub struct SparseCholesky {
    symbolic: SymbolicCholesky<usize>,
    values: Vec<f64>,
    scratch: MemBuffer,
    /// Pivots at or below this share of the largest diagonal entry are fixed.
    vanishing: Option<f64>,
}

/// What to factor, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct CholeskyOptions<'a> {
    /// The order of elimination, row by row; none: approximate minimum degree.
    pub ordering: Option<&'a [usize]>,
    /// Fix unknowns whose pivot vanishes at zero instead of refusing the matrix. A negative pivot
    /// counts as one that vanishes: an indefinite matrix is not noticed here, but by the residual.
    pub semidefinite: bool,
    /// Refuse a factor above this; none: three quarters of the memory that is free now.
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
        Self::factor(matrix.matrix(), options, VANISHING)
    }

    /// With another share of the largest diagonal entry at which pivots vanish.
    pub(crate) fn factor(
        matrix: &Csr<f64>,
        options: &CholeskyOptions,
        vanishing: f64,
    ) -> Result<Self, SolverError> {
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
        let par = parallelism();
        let request = symbolic.solve_in_place_scratch::<f64>(1, par);
        let mut cholesky = Self {
            values: vec![0.0; symbolic.len_val()],
            scratch: memory(request)?,
            symbolic,
            vanishing: options.semidefinite.then_some(vanishing),
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
        let par = parallelism();
        let regularization = match self.vanishing {
            Some(vanishing) => LltRegularization {
                dynamic_regularization_epsilon: vanishing * lower.largest,
                dynamic_regularization_delta: FIXED * lower.largest,
            },
            None => LltRegularization::default(),
        };
        let params = Default::default();
        let request = self
            .symbolic
            .factorize_numeric_llt_scratch::<f64>(par, params);
        let mut scratch = memory(request)?;
        let result = self.symbolic.factorize_numeric_llt(
            &mut self.values,
            lower.view(),
            Side::Upper,
            regularization,
            par,
            MemStack::new(&mut scratch),
            params,
        );
        match result {
            Ok(_) => Ok(()),
            Err(LltError::NonPositivePivot { index }) => {
                // Pivots are counted from one.
                let place = index.saturating_sub(1);
                let order = self.symbolic.perm();
                let row = order.and_then(|p| p.arrays().0.get(place).copied());
                Err(SolverError::NotPositiveDefinite {
                    what: "sparse Cholesky",
                    row: row.unwrap_or(place),
                })
            }
        }
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
        LltRef::new(&self.symbolic, &self.values).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(x, n, 1),
            parallelism(),
            MemStack::new(&mut self.scratch),
        );
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
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        vector::copy(r, z);
        self.solve_in_place(z);
    }
}

/// All threads of the current pool.
fn parallelism() -> Par {
    match rayon::current_num_threads() {
        0 | 1 => Par::Seq,
        threads => Par::rayon(threads),
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

/// The lower triangle by rows, which is the upper one by columns.
struct LowerTriangle {
    offsets: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
    /// Largest diagonal entry.
    largest: f64,
}

impl LowerTriangle {
    fn of(matrix: &Csr<f64>) -> Self {
        let mut lower = Self {
            offsets: Vec::with_capacity(matrix.rows() + 1),
            columns: Vec::with_capacity(matrix.entries() / 2 + matrix.rows()),
            values: Vec::with_capacity(matrix.entries() / 2 + matrix.rows()),
            largest: 0.0,
        };
        lower.offsets.push(0);
        for row in 0..matrix.rows() {
            let (columns, values) = matrix.row(row);
            for (column, value) in columns.iter().zip(values) {
                let column = *column as usize;
                if column <= row {
                    lower.columns.push(column);
                    lower.values.push(*value);
                }
                if column == row {
                    lower.largest = lower.largest.max(*value);
                }
            }
            lower.offsets.push(lower.columns.len());
        }
        lower
    }

    fn pattern(&self) -> SymbolicSparseColMatRef<'_, usize> {
        let n = self.offsets.len() - 1;
        SymbolicSparseColMatRef::new_checked(n, n, &self.offsets, None, &self.columns)
    }

    fn view(&self) -> SparseColMatRef<'_, usize, f64> {
        SparseColMatRef::new(self.pattern(), &self.values)
    }

    fn analyse(&self, ordering: Option<&[usize]>) -> Result<SymbolicCholesky<usize>, SolverError> {
        let n = self.offsets.len() - 1;
        let inverse = ordering.map(|order| inverse(order, n)).transpose()?;
        let ordering = match (ordering, &inverse) {
            (Some(order), Some(inverse)) => {
                SymmetricOrdering::Custom(PermRef::new_checked(order, inverse, n))
            }
            _ => SymmetricOrdering::Amd,
        };
        let params = CholeskySymbolicParams::default();
        factorize_symbolic_cholesky(self.pattern(), Side::Upper, ordering, params).map_err(|_| {
            SolverError::Memory {
                what: "analysis of the Cholesky factor",
                needed: 4 * size_of_val(&self.columns[..]),
                limit: crate::memory::available().unwrap_or(0),
            }
        })
    }
}

/// The inverse of a permutation of 0..n.
fn inverse(order: &[usize], n: usize) -> Result<Vec<usize>, SolverError> {
    let wrong = |problem: String| SolverError::Argument {
        what: "ordering",
        problem,
    };
    if order.len() != n {
        return Err(wrong(format!("{} entries for {n} rows", order.len())));
    }
    let mut inverse = vec![usize::MAX; n];
    for (place, row) in order.iter().enumerate() {
        match inverse.get_mut(*row) {
            Some(slot) if *slot == usize::MAX => *slot = place,
            Some(_) => return Err(wrong(format!("row {row} is listed twice"))),
            None => return Err(wrong(format!("row {row} of a matrix of {n} rows"))),
        }
    }
    Ok(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::testing::*;
    use crate::{Krylov, LinearOperator, Nullspace, SolveOptions, nested_dissection};

    #[test]
    fn solves_as_the_dense_solver_does_in_any_order() {
        for shape in [[9, 8, 1], [7, 6, 5]] {
            let matrix = laplacian(shape, false);
            let a = CsrOperator::new(&matrix).expect("matrix");
            let n = matrix.rows();
            let b = random(n, 1);
            let exact = dense_solve(&matrix, &b);
            let dissected = nested_dissection(shape);
            let backwards: Vec<usize> = (0..n).rev().collect();
            for ordering in [None, Some(&dissected[..]), Some(&backwards[..])] {
                let options = CholeskyOptions {
                    ordering,
                    ..CholeskyOptions::default()
                };
                let mut cholesky = SparseCholesky::with_options(&a, &options).expect("SPD");
                let mut x = b.clone();
                cholesky.solve_in_place(&mut x);
                assert!(difference(&x, &exact) < 1e-12);
            }
        }
    }

    #[test]
    fn dissection_needs_less_than_the_natural_order() {
        let shape = [40, 40, 1];
        let a = laplacian_operator(shape, false);
        let entries = |order: &[usize]| {
            let options = CholeskyOptions {
                ordering: Some(order),
                ..CholeskyOptions::default()
            };
            let factor = SparseCholesky::with_options(&a, &options).expect("SPD");
            factor.factor_entries()
        };
        let natural: Vec<usize> = (0..1600).collect();
        assert!(2 * entries(&nested_dissection(shape)) < entries(&natural));
    }

    #[test]
    fn as_a_preconditioner_one_iteration_does() {
        let a = laplacian_operator([30, 20, 10], false);
        let b = random(a.dim(), 2);
        let mut x = vec![0.0; b.len()];
        let mut cholesky = SparseCholesky::new(&a).expect("SPD");
        let mut krylov = Krylov::new(b.len(), 10);
        let options = SolveOptions::with_rtol(1e-12);
        let report = krylov.solve(&a, &mut cholesky, None, &b, &mut x, &options);
        assert!(report.converged() && report.iterations == 1, "{report}");
    }

    #[test]
    fn a_closed_box_by_fixing_an_unknown() {
        let a = laplacian_operator([20, 15, 3], true);
        let n = a.dim();
        let space = Nullspace::constant(n).expect("size");
        let mut b = random(n, 3);
        space.project(&mut b);
        let options = CholeskyOptions {
            semidefinite: true,
            ..CholeskyOptions::default()
        };
        let mut cholesky = SparseCholesky::with_options(&a, &options).expect("semidefinite");
        let mut x = vec![0.0; n];
        let mut krylov = Krylov::new(n, 10);
        let options = SolveOptions::with_rtol(1e-11);
        let report = krylov.pcg(&a, &mut cholesky, Some(&space), &b, &mut x, &options);
        assert!(report.converged() && report.iterations <= 2, "{report}");
    }

    #[test]
    fn refuses_with_the_reason() {
        let mut eigenvalues = vec![1.0; 20];
        eigenvalues[7] = -0.5;
        let a = CsrOperator::new(&with_spectrum(&eigenvalues, 4)).expect("matrix");
        let error = SparseCholesky::new(&a).expect_err("indefinite").to_string();
        assert!(error.contains("not positive definite"), "{error}");

        let a = laplacian_operator([20, 20, 1], false);
        let with = |ordering: &[usize], memory_limit| {
            let options = CholeskyOptions {
                ordering: Some(ordering),
                memory_limit,
                ..CholeskyOptions::default()
            };
            SparseCholesky::with_options(&a, &options).map(|_| ())
        };
        let mut order: Vec<usize> = (0..400).collect();
        let error = with(&order, Some(1000))
            .expect_err("1000 bytes")
            .to_string();
        assert!(error.contains("1000"), "{error}");
        order[5] = 6;
        let error = with(&order, None).expect_err("6 twice").to_string();
        assert!(error.contains("row 6"), "{error}");
        assert!(with(&order[1..], None).is_err());
    }

    #[test]
    fn new_values_without_a_new_analysis() {
        let matrix = laplacian([10, 10, 1], false);
        let doubled = matrix.map(|v| 2.0 * v);
        let mut cholesky =
            SparseCholesky::new(&CsrOperator::new(&matrix).expect("matrix")).expect("SPD");
        cholesky
            .refactor(&CsrOperator::new(&doubled).expect("matrix"))
            .expect("SPD");
        let b = random(100, 5);
        let mut x = b.clone();
        cholesky.solve_in_place(&mut x);
        assert!(difference(&x, &dense_solve(&doubled, &b)) < 1e-12);
        assert!(
            cholesky
                .refactor(&laplacian_operator([9, 9, 1], false))
                .is_err()
        );
    }
}
