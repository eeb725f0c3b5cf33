//! What a solver sets up from the flags, and how it follows their changes.

use super::{
    Cell, FlagGrid, FlagStencil, Method, components::Components,
    preconditioners::PoissonPreconditioner,
};
use crate::{SolverError, linear::Nullspace};

/// What depends on the flags.
pub(super) struct Parts {
    pub stencil: FlagStencil,
    components: Components,
    pub nullspace: Option<Nullspace>,
    pub preconditioner: PoissonPreconditioner,
}

impl Parts {
    pub fn new(grid: &FlagGrid, method: Method) -> Result<Self, SolverError> {
        let stencil = FlagStencil::new(grid);
        let (components, nullspace) = Components::find(&stencil);
        Ok(Self {
            nullspace,
            preconditioner: PoissonPreconditioner::new(method, grid, &stencil, &components)?,
            stencil,
            components,
        })
    }

    /// Follows the change of a cell, which `grid` does not have yet, in components and nullspace. False:
    /// they have to be found again.
    pub fn follow(&mut self, grid: &FlagGrid, index: usize, cell: Cell) -> bool {
        let before = self.components.labels[index];
        let followed = self.components.change(grid, index, cell);
        if followed && let Some(nullspace) = &mut self.nullspace {
            nullspace.remove(index as u32, before);
            nullspace.insert(index as u32, self.components.labels[index]);
        }
        followed
    }

    /// Follows changes at `cells`, which include the neighbours of changed ones; returns how many cells of the
    /// finest level were worked on.
    pub fn update(
        &mut self,
        grid: &FlagGrid,
        method: Method,
        cells: &[usize],
        connected: bool,
    ) -> Result<usize, SolverError> {
        self.stencil.refresh(grid, cells);
        if !connected {
            (self.components, self.nullspace) = Components::find(&self.stencil);
        }
        let Self {
            stencil,
            components,
            preconditioner,
            ..
        } = self;
        if let PoissonPreconditioner::Multigrid(multigrid) = preconditioner {
            return multigrid.update(stencil, cells);
        }
        *preconditioner = PoissonPreconditioner::new(method, grid, stencil, components)?;
        Ok(grid.len())
    }
}
