//! Linear solvers for simulation codes, and reference solvers for the flows that surrogates learn.
//!
//! [`PoissonSolver`] solves Poisson problems on grids of solid, fluid and air cells, [`MatrixSolver`] any
//! sparse symmetric system, [`Krylov`] whatever has a [`LinearOperator`]. The book of the repository
//! writes the discretisation out and says which method to take.
//!
//! [`VorticityFlow`] is the flow on a periodic plane, [`LineRun`] an equation in one dimension, [`Darcy`] a porous
//! medium. They implement [`Simulation`], and give derivatives of residuals, steps and solutions ([`Evolution`]).
//!
//! [`PanelFlow`] is the inviscid incompressible flow past an airfoil by vortex panels: milliseconds
//! per airfoil, and the velocity at any point outside.
//!
//! [`FlowSolver`] is incompressible viscous flow on a MAC grid in two and three dimensions, with adjoints.
//!
//! ```
//! use karman_meshes::{NacaTrailingEdge, naca4};
//! use karman_solvers::PanelFlow;
//!
//! let airfoil = naca4(2.0, 4.0, 12.0, 100, NacaTrailingEdge::Closed)?;
//! let flow = PanelFlow::new(&airfoil)?.at(4f64.to_radians());
//! let ahead = flow.velocity_at(&[[-0.5, 0.0]])[0];
//! assert!(flow.lift_coefficient() > 0.7 && ahead[0] < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checks;
mod darcy;
mod error;
mod evolution;
mod flow;
mod formats;
mod linear;
mod memory;
mod one_dimensional;
mod panel;
mod poisson;
mod simulation;
mod spectral;
mod stream;
mod work_point;

pub use darcy::{Darcy, DarcyGradient, DarcyGrid, DarcyOperator, darcy_accuracy};
pub use error::SolverError;
pub use evolution::Evolution;
pub use flow::{
    CavityExtremum, CavityReport, CylinderReference, CylinderReport, CylinderWake, FaceField,
    FlowBoundary, FlowBuilder, FlowScalar, FlowSolver, FlowState, FlowTimings, ResidualCotangents,
    ScalarBoundary, ScalarProfile, Solid, SolidMotion, StepControl, Velocity, cylinder_wake,
    lid_driven_cavity, taylor_green_error,
};
pub use formats::{FileArray, MatrixFile};
pub use linear::{
    AmgOptions, CholeskyOptions, CsrOperator, Definiteness, EigenOptions, Eigenpair, FnOperator,
    Identity, Imbalance, IncompleteCholesky, Jacobi, Krylov, LinearOperator, MatrixMethod,
    MatrixSolver, Nullspace, Preconditioner, Properties, Reason, SearchDirection,
    SmoothedAggregation, SolveOptions, SolveReport, SparseCholesky, SparseLu, Spectrum, Start,
    Status, nested_dissection, smallest_eigenpair,
};
pub use one_dimensional::{
    AdaptiveReport, DiffusionSorption, FiniteVolumeLine, LineEquation, LineFlux, LineRun,
    PeriodicEquation, SorptionParameters, SpectralLine, dormand_prince, line_accuracy,
    sorption_accuracy,
};
pub use panel::{PanelFlow, PanelSolution};
pub use poisson::{
    Cell, FlagGrid, FlagStencil, Method, MovingSolidCase, Multigrid, PoissonCase, PoissonCaseKind,
    PoissonSolver, PoissonSolverBuilder, Side, UpdateReport,
};
pub use simulation::{FieldInfo, Health, Simulation};
pub use spectral::{
    FieldBoundary, GaussianField, VorticityBudget, VorticityEquation, VorticityFlow,
    VorticityForcing, vorticity_accuracy, vorticity_cost,
};
pub use stream::{StreamTriad, stream_triad};
pub use work_point::WorkPoint;

/// The programs of the book compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/poisson/from-rust.md")]
struct FromRust;

/// See [`FromRust`].
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/solvers/spectral.md")]
struct Spectral;

/// See [`FromRust`].
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/solvers/one-dimensional.md")]
struct OneDimensional;

/// See [`FromRust`].
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/solvers/darcy.md")]
struct DarcyFlow;

/// So does the one of the book's page on flows.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/solvers/flow.md")]
struct FlowPage;
