//! Validation against published flows, for the bench; quick parts are tests.

mod cavity;
mod cylinder;
mod ghia;
mod taylor_green;

pub use cavity::{CavityExtremum, CavityReport, lid_driven_cavity};
pub use cylinder::{CylinderReference, CylinderReport, CylinderWake, cylinder_wake};
pub use taylor_green::taylor_green_error;
