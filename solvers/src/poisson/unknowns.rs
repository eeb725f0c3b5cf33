//! The fluid cells as the unknowns of a sparse matrix, for methods that want one.

use super::{FlagStencil, components::Components};
use crate::{
    SolverError,
    linear::{CsrOperator, Preconditioner, Properties},
};

/// The fluid cells that are coupled to something, in the order of the grid.
#[derive(Clone, Debug)]
pub(super) struct Unknowns {
    pub cells: Vec<u32>,
}

impl Unknowns {
    pub fn new(stencil: &FlagStencil) -> Self {
        let cells = (0..stencil.len()).filter(|&cell| stencil.diagonal(cell) > 0.0);
        Self {
            cells: cells.map(|cell| cell as u32).collect(),
        }
    }

    /// The operator on these cells as a sparse matrix.
    pub fn matrix(&self, stencil: &FlagStencil) -> Result<CsrOperator, SolverError> {
        self.matrix_with(stencil, |_| false)
    }

    /// The same, made regular: the first cell of each singular component is coupled to p = 0. A solution
    /// for a balanced right-hand side is zero there, and solves the singular system too.
    pub fn regular_matrix(
        &self,
        stencil: &FlagStencil,
        components: &Components,
    ) -> Result<CsrOperator, SolverError> {
        let mut first = vec![None; components.singular.len()];
        for &cell in &self.cells {
            first[components.labels[cell as usize] as usize].get_or_insert(cell);
        }
        self.matrix_with(stencil, |cell| {
            let label = components.labels[cell as usize] as usize;
            components.singular[label] && first[label] == Some(cell)
        })
    }

    /// With the diagonal of some cells doubled.
    fn matrix_with(
        &self,
        stencil: &FlagStencil,
        doubled: impl Fn(u32) -> bool,
    ) -> Result<CsrOperator, SolverError> {
        let mut number = vec![u32::MAX; stencil.len()];
        for (row, &cell) in self.cells.iter().enumerate() {
            number[cell as usize] = row as u32;
        }
        let n = self.cells.len();
        let mut offsets = Vec::with_capacity(n + 1);
        let mut columns = Vec::with_capacity(7 * n);
        let mut values = Vec::with_capacity(7 * n);
        offsets.push(0);
        for &cell in &self.cells {
            let factor = if doubled(cell) { 2.0 } else { 1.0 };
            let cell = cell as usize;
            let [lower, higher] = stencil.neighbours_of(cell);
            for (other, coupling) in lower.into_iter().flatten() {
                columns.push(number[other]);
                values.push(-coupling);
            }
            columns.push(number[cell]);
            values.push(factor * stencil.diagonal(cell));
            for (other, coupling) in higher.into_iter().flatten() {
                columns.push(number[other]);
                values.push(-coupling);
            }
            offsets.push(columns.len() as u32);
        }
        CsrOperator::from_rows(offsets, columns, values)
    }

    /// The place of each cell in an order of all cells, as an order of the unknowns.
    pub fn order(&self, cells: &[usize]) -> Vec<usize> {
        let unknowns = cells
            .iter()
            .map(|&cell| self.cells.binary_search(&(cell as u32)));
        unknowns.flatten().collect()
    }
}

/// A preconditioner for the unknowns, on vectors over all cells.
pub(super) struct OnUnknowns<P> {
    inner: P,
    unknowns: Unknowns,
    cells: usize,
    r: Vec<f64>,
    z: Vec<f64>,
}

impl<P> OnUnknowns<P> {
    pub fn new(inner: P, unknowns: Unknowns, cells: usize) -> Self {
        let n = unknowns.cells.len();
        Self {
            inner,
            unknowns,
            cells,
            r: vec![0.0; n],
            z: vec![0.0; n],
        }
    }
}

impl<P: Preconditioner> Preconditioner for OnUnknowns<P> {
    fn dim(&self) -> usize {
        self.cells
    }

    fn properties(&self) -> Properties {
        self.inner.properties()
    }

    fn apply_bytes(&self) -> Option<usize> {
        // In and out: the cells' numbers and a value, read and written; z cleared.
        let copies = 2 * (4 + 2 * 8) * self.unknowns.cells.len() + 8 * self.cells;
        Some(self.inner.apply_bytes()? + copies)
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        for (value, &cell) in self.r.iter_mut().zip(&self.unknowns.cells) {
            *value = r[cell as usize];
        }
        self.inner.apply(&self.r, &mut self.z);
        z.fill(0.0);
        for (&value, &cell) in self.z.iter().zip(&self.unknowns.cells) {
            z[cell as usize] = value;
        }
    }
}
