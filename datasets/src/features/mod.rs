//! Model rows from points and an airfoil, and from a sample.

mod case_table;
mod inputs;

#[cfg(test)]
mod tests;

pub use case_table::CaseTable;
pub use inputs::PointInputs;
