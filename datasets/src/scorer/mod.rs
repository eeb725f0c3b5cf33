//! Scores predicted flow fields: errors of fields, forces, friction, boundary layers and ranks.
//!
//! ```text
//! FlowFields            U, p, nut at the nodes of a case: from a sample, a model, or a .vtu
//! FieldStatistics       scale of each variable, from the train part
//! Wall                  the airfoil's contour, its nodes in the mesh, its normals
//! WallState             pressure and friction on it -> Forces, DragBreakdown, CpCurve
//! Comparison            truth beside prediction -> CaseScore (score_case does both)
//! summarise             CaseScore of every case -> ScoreSummary
//! score_predictions     a folder of NAME.vtu by any program -> ScoreReport
//! ```
//!
//! Definitions follow Bonnet et al., "AirfRANS", NeurIPS 2022 Datasets and Benchmarks,
//! arXiv:2212.07564, and its package airfrans 0.1.5.1, whose force coefficients are reproduced to 5e-7.
//! Departures from code that is in use elsewhere:
//!
//! 1. upper and lower side by the order of the contour, not by the sign of normals or a camber line
//!    that only NACA names have;
//! 2. coefficients of determination with the truth in the denominator;
//! 3. predictions are z-scored with the train part's statistics, never with their own;
//! 4. relative errors leave out references of zero, and count what is left ([`summarise`]).

mod boundary_layer;
mod breakdown;
mod cp;
mod fields;
mod forces;
mod predictions;
mod rank;
mod score;
mod statistics;
mod summary;
mod wall;
mod wall_law;
mod wall_shear;

#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod testing;

pub use boundary_layer::{Profile, ProfileFields, ProfileOptions, boundary_layer_profiles};
pub use breakdown::{DragBreakdown, DragRegion, DragSegment};
pub use cp::{CpCurve, CpPoint, cp_curve};
pub use fields::FlowFields;
pub use forces::{
    ForceOptions, Forces, Friction, NormalRule, SegmentForce, WallState, forces_of, forces_with,
};
pub use predictions::{ScoreReport, read_prediction, score_predictions};
pub use rank::spearman;
pub use score::{
    CaseScore, Comparison, ForcePair, ProfileError, WallErrors, WallLawForces, score_case,
};
pub use statistics::{FieldStatistics, PerVariable};
pub use summary::{
    CoefficientScore, ForceScores, RegionScore, ScoreSummary, StationScore, ZERO_COEFFICIENT,
    summarise,
};
pub use wall::{Side, Wall};
pub use wall_law::{WallHeight, WallLaw, WallProfile, wall_law_shear};
pub use wall_shear::wall_shear;
