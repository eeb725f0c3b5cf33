//! Sparse LU factorisation with partial pivoting by faer, for symmetric indefinite matrices.
//!
//! J. W. Demmel, S. C. Eisenstat, J. R. Gilbert, X. S. Li, J. W. H. Liu, "A supernodal approach to
//! sparse partial pivoting", SIAM J. Matrix Anal. Appl. 20 (1999), is the kind of method. Symmetry
//! brings nothing here: pivots must be free to move.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::mat::MatMut;
use faer::sparse::linalg::LuError;
use faer::sparse::linalg::lu::{LuRef, NumericLu, SymbolicLu, factorize_symbolic_lu};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, Par};

use super::{CsrOperator, Preconditioner, Properties, vector};
use crate::SolverError;

/// P A Q = L U as a preconditioner that is exact but for rounding: for
/// [`Krylov::refinement`](super::Krylov::refinement).
pub struct SparseLu {
    symbolic: SymbolicLu<usize>,
    numeric: NumericLu<usize, f64>,
    scratch: MemBuffer,
}

impl SparseLu {
    /// Factors a symmetric matrix.
    ///
    /// # Errors
    /// A matrix whose pattern alone makes it singular; lack of memory. One that is singular by its
    /// values shows when the solve does not converge.
    pub fn new(matrix: &CsrOperator) -> Result<Self, SolverError> {
        let matrix = matrix.matrix();
        let n = matrix.rows();
        if n == 0 {
            return Err(SolverError::Argument {
                what: "sparse LU",
                problem: "a matrix without rows".into(),
            });
        }
        // By rows is by columns, as it is symmetric.
        let offsets: Vec<usize> = matrix.offsets().iter().map(|v| *v as usize).collect();
        let indices: Vec<usize> = matrix.indices().iter().map(|v| *v as usize).collect();
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &offsets, None, &indices);
        let lack = |needed| SolverError::Memory {
            what: "the LU factors",
            needed,
            limit: crate::memory::available().unwrap_or(0),
        };
        let symbolic = factorize_symbolic_lu(pattern, Default::default())
            .map_err(|_| lack(8 * indices.len()))?;
        let params = Default::default();
        let request = symbolic.factorize_numeric_lu_scratch::<f64>(Par::Seq, params);
        let mut scratch = MemBuffer::try_new(request).map_err(|_| lack(request.size_bytes()))?;
        let mut numeric = NumericLu::new();
        let result = symbolic.factorize_numeric_lu(
            &mut numeric,
            SparseColMatRef::new(pattern, matrix.values()),
            Par::Seq,
            MemStack::new(&mut scratch),
            params,
        );
        match result.map(|_| ()) {
            Ok(()) => {}
            Err(LuError::SymbolicSingular { index }) => {
                return Err(SolverError::Singular {
                    what: "the matrix",
                    problem: format!("no pivot is left for column {index} of the elimination"),
                });
            }
            Err(LuError::Generic(_)) => return Err(lack(8 * indices.len())),
        }
        let request = symbolic.solve_in_place_scratch::<f64>(1, Par::Seq);
        Ok(Self {
            scratch: MemBuffer::try_new(request).map_err(|_| lack(request.size_bytes()))?,
            symbolic,
            numeric,
        })
    }
}

impl Preconditioner for SparseLu {
    fn dim(&self) -> usize {
        self.symbolic.nrows()
    }

    fn properties(&self) -> Properties {
        Properties {
            symmetric_positive_definite: false,
            ..Properties::SPD
        }
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        vector::copy(r, z);
        let n = z.len();
        LuRef::new_unchecked(&self.symbolic, &self.numeric).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(z, n, 1),
            Par::Seq,
            MemStack::new(&mut self.scratch),
        );
    }
}

impl std::fmt::Debug for SparseLu {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("SparseLu")
            .field("rows", &self.symbolic.nrows())
            .finish_non_exhaustive()
    }
}
