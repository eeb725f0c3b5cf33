//! Neural surrogates for flows, and what belongs to them: meshes, data sets, scores.
//!
//! This crate is a front door: it holds the program `karman` and hands on the crates below it.
//!
//! | module | what is in it |
//! |---|---|
//! | [`meshes`] | meshes, fields, VTK files, airfoils, distances, gradients |
//! | [`solvers`] | Poisson solvers on flag grids, sparse linear solvers, the vortex-panel flow past an airfoil |
//! | [`datasets`] | AirfRANS-style data sets, caches, splits, normalisation, the scorer |
//! | [`surrogates`] | MARIO and its baselines, training, checkpoints, prediction |
//!
//! Each can be used without those below it in this table: `meshes`, `solvers` and
//! `datasets` compile in seconds.
//!
//! # Example
//!
//! An airfoil, and how far a point is from it:
//!
//! ```
//! use karman::meshes::{NacaTrailingEdge, naca4};
//!
//! let airfoil = naca4(0.0, 0.0, 12.0, 200, NacaTrailingEdge::Closed)?;
//! let ahead = airfoil.signed_distance([-1.0, 0.0]);
//! assert!((ahead - 1.0).abs() < 1e-6);
//! # Ok::<(), karman::meshes::MeshError>(())
//! ```

pub use karman_datasets as datasets;
pub use karman_meshes as meshes;
pub use karman_solvers as solvers;
pub use karman_surrogates as surrogates;
