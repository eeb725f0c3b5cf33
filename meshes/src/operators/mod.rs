//! Differential operators and integrals on meshes.

mod boundary;
mod gradient;
mod line_integral;
mod locate;
mod measure;
mod shape;
mod slopes;
mod topology;
mod vector;

pub use boundary::{BoundaryFace, boundary_edges, boundary_faces, boundary_loops};
pub use gradient::{GradientRule, nodal_gradient, nodal_gradient_with};
pub use line_integral::{line_integral, line_segments, segment_lengths};
pub use locate::{Located, PointLocator};
pub use measure::{cell_centroids, cell_measures};

use crate::MeshError;

/// An operator's complaint about its input.
fn invalid(operator: &'static str, problem: String) -> MeshError {
    MeshError::Operator { operator, problem }
}
