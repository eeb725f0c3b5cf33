//! The Poisson equation on flag grids.

mod cases;

pub use cases::{MovingSolidCase, PoissonCase, PoissonCaseKind};
