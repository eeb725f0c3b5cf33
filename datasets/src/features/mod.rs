//! Model rows from points and an airfoil, and from a sample.

mod case_table;
mod inputs;
mod prediction_case;

#[cfg(test)]
mod tests;

pub use case_table::CaseTable;
pub use inputs::PointInputs;
pub use prediction_case::{
    AirfoilOutline, PredictionCase, PredictionRequest, Similarity, TrainingReach, find_airfoil,
};
