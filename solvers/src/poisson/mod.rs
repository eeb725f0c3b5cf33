//! The Poisson equation on flag grids.

mod cases;
mod codes;
mod components;
mod fourier;
mod grid;
mod method;
mod multigrid;
mod preconditioners;
mod rows;
mod solver;
mod stencil;
mod unknowns;

pub use cases::{MovingSolidCase, PoissonCase, PoissonCaseKind};
pub use fourier::BoxSolver;
pub use grid::{Cell, FlagGrid, Side};
pub use method::Method;
pub use multigrid::Multigrid;
pub use solver::{PoissonSolver, PoissonSolverBuilder, UpdateReport};
pub use stencil::FlagStencil;
