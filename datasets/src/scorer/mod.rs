//! Scores predicted flow fields: errors of fields, forces, friction, boundary layers and ranks.

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
