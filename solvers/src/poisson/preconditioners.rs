//! What each method puts before conjugate gradients.

use super::{
    BoxSolver, FlagGrid, FlagStencil, Method, Multigrid,
    components::Components,
    unknowns::{OnUnknowns, Unknowns},
};
use crate::{
    SolverError,
    linear::{
        CholeskyOptions, Identity, IncompleteCholesky, InnerIteration, Jacobi, Preconditioner,
        SmoothedAggregation, SparseCholesky, nested_dissection,
    },
};

/// The preconditioner of a method.
pub(super) enum PoissonPreconditioner {
    /// Kept apart, because it can be updated.
    Multigrid(Box<Multigrid>),
    /// Any other.
    Other {
        map: Box<dyn Preconditioner + Send>,
        memory_bytes: usize,
        note: Option<String>,
    },
    /// Transforms of a box without obstacles: the operator's inverse.
    EmptyBox(Box<BoxSolver>),
}

impl PoissonPreconditioner {
    /// Sets up the preconditioner of `method`.
    pub fn new(
        method: Method,
        grid: &FlagGrid,
        stencil: &FlagStencil,
        components: &Components,
    ) -> Result<Self, SolverError> {
        let n = grid.len();
        if (0..n).all(|cell| stencil.diagonal(cell) == 0.0) {
            let note = "there is nothing to solve for";
            return Ok(Self::other(Identity::new(n), 0, Some(note.into())));
        }
        Ok(match method {
            Method::Auto | Method::Multigrid => Self::Multigrid(Box::new(Multigrid::new(stencil)?)),
            Method::Cg => Self::other(Identity::new(n), 0, None),
            Method::Jacobi => {
                let diagonal = (0..n).map(|cell| stencil.diagonal(cell));
                let diagonal: Vec<f64> = diagonal.map(|d| if d > 0.0 { d } else { 1.0 }).collect();
                Self::other(Jacobi::from_diagonal(&diagonal)?, 8 * n, None)
            }
            Method::Fourier if grid.is_empty_box() => {
                Self::EmptyBox(Box::new(BoxSolver::new(grid)))
            }
            Method::Fourier => {
                let map = BoxSolver::new(grid);
                let bytes = map.memory_bytes();
                Self::other(map, bytes, None)
            }
            Method::IncompleteCholesky | Method::ModifiedIncompleteCholesky => {
                let unknowns = Unknowns::new(stencil);
                let matrix = unknowns.matrix(stencil)?;
                let factor = match method {
                    Method::IncompleteCholesky => IncompleteCholesky::new(&matrix)?,
                    _ => IncompleteCholesky::modified(&matrix)?,
                };
                let (bytes, note) = (factor.memory_bytes(), factor.note());
                Self::on_unknowns(factor, unknowns, n, bytes, note)
            }
            Method::Amg => {
                let unknowns = Unknowns::new(stencil);
                let map = SmoothedAggregation::new(&unknowns.matrix(stencil)?)?;
                let bytes = map.memory_bytes();
                let note = format!(
                    "{} levels, operator complexity {:.2}",
                    map.level_sizes().len(),
                    map.operator_complexity()
                );
                Self::on_unknowns(map, unknowns, n, bytes, Some(note))
            }
            Method::Cholesky => {
                let unknowns = Unknowns::new(stencil);
                let order = unknowns.order(&nested_dissection(grid.dims()));
                let options = CholeskyOptions {
                    ordering: Some(&order),
                    ..CholeskyOptions::default()
                };
                let matrix = unknowns.regular_matrix(stencil, components)?;
                let factor = SparseCholesky::with_options(&matrix, &options)?;
                let bytes = factor.memory_bytes();
                Self::on_unknowns(factor, unknowns, n, bytes, None)
            }
        })
    }

    fn other(
        map: impl Preconditioner + Send + 'static,
        memory_bytes: usize,
        note: Option<String>,
    ) -> Self {
        Self::Other {
            map: Box::new(map),
            memory_bytes,
            note,
        }
    }

    fn on_unknowns(
        map: impl Preconditioner + Send + 'static,
        unknowns: Unknowns,
        cells: usize,
        memory_bytes: usize,
        note: Option<String>,
    ) -> Self {
        let copies = 20 * unknowns.cells.len();
        Self::other(
            OnUnknowns::new(map, unknowns, cells),
            memory_bytes + copies,
            note,
        )
    }

    /// As a preconditioner.
    pub fn map(&mut self) -> &mut dyn Preconditioner {
        match self {
            Self::Multigrid(multigrid) => multigrid.as_mut(),
            Self::Other { map, .. } => map.as_mut(),
            Self::EmptyBox(solver) => solver.as_mut(),
        }
    }

    /// Whether it is the operator's inverse but for rounding: refinement then takes fewer passes over fewer vectors
    /// than conjugate gradients.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::EmptyBox(_))
    }

    /// What runs conjugate gradients by itself, if it does.
    pub fn inner(&mut self) -> Option<&mut dyn InnerIteration> {
        match self {
            Self::Multigrid(multigrid) => multigrid.inner(),
            Self::Other { .. } | Self::EmptyBox(_) => None,
        }
    }

    /// The same, to look at.
    pub fn map_ref(&self) -> &dyn Preconditioner {
        match self {
            Self::Multigrid(multigrid) => multigrid.as_ref(),
            Self::Other { map, .. } => map.as_ref(),
            Self::EmptyBox(solver) => solver.as_ref(),
        }
    }

    /// Makes a map that turned out not to be positive so; false if that is not possible.
    pub fn make_safe(&mut self) -> bool {
        match self {
            Self::Multigrid(multigrid) => multigrid.use_v_cycle(),
            Self::Other { .. } | Self::EmptyBox(_) => false,
        }
    }

    /// The multigrid hierarchy, if that is what it is.
    pub fn multigrid(&self) -> Option<&Multigrid> {
        match self {
            Self::Multigrid(multigrid) => Some(multigrid),
            Self::Other { .. } | Self::EmptyBox(_) => None,
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Multigrid(multigrid) => multigrid.memory_bytes(),
            Self::Other { memory_bytes, .. } => *memory_bytes,
            Self::EmptyBox(solver) => solver.memory_bytes(),
        }
    }

    /// What there is to say about it.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Multigrid(multigrid) => Some(format!("{} levels", multigrid.levels())),
            Self::Other { note, .. } => note.clone(),
            Self::EmptyBox(_) => None,
        }
    }
}
