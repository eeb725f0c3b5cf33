//! Incompressible Navier-Stokes on a MAC grid: see [`FlowSolver`].

mod adjoint;
mod boundary;
mod builder;
mod domain;
mod forces;
mod geometry;
mod layout;
mod momentum;
mod outflow;
mod pressure;
mod projection;
mod residual;
mod rows;
mod scalar;
mod sides;
mod simulation;
mod solid;
mod solver;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod validation;

pub use boundary::{FlowBoundary, Velocity};
pub use builder::{FlowBuilder, FlowScalar, StepControl};
pub use residual::ResidualCotangents;
pub use scalar::{ScalarBoundary, ScalarProfile};
pub use solid::{Solid, SolidMotion};
pub use solver::{FlowSolver, FlowTimings};
pub use state::{FaceField, FlowState};
pub use validation::{
    CavityExtremum, CavityReport, CylinderReference, CylinderReport, CylinderWake, cylinder_wake,
    lid_driven_cavity, taylor_green_error,
};
