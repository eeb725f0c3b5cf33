//! Scores predicted flow fields: errors of fields, forces, friction, boundary layers and ranks.

mod fields;
mod forces;
mod rank;
mod statistics;
mod wall;
mod wall_law;
mod wall_shear;

pub use fields::FlowFields;
pub use forces::{
    ForceOptions, Forces, Friction, NormalRule, SegmentForce, WallState, forces_of, forces_with,
};
pub use rank::spearman;
pub use statistics::{FieldStatistics, PerVariable};
pub use wall::{Side, Wall};
pub use wall_law::{WallHeight, WallLaw, WallProfile, wall_law_shear};
pub use wall_shear::wall_shear;
