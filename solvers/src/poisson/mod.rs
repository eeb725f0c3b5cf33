//! The Poisson equation on flag grids.

mod builder;
mod cases;
mod cell;
mod codes;
mod components;
mod fourier;
mod grid;
mod iterate;
mod mask;
mod method;
mod multigrid;
mod parts;
mod preconditioners;
mod rows;
mod solver;
mod stencil;
mod unknowns;

pub use builder::PoissonSolverBuilder;
pub use cases::{MovingSolidCase, PoissonCase, PoissonCaseKind};
pub use cell::{Cell, Side};
pub use fourier::BoxSolver;
pub use grid::FlagGrid;
pub use method::Method;
pub use multigrid::Multigrid;
pub use solver::{PoissonSolver, UpdateReport};
pub use stencil::FlagStencil;
