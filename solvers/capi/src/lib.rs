//! The C ABI of the Karman solvers: `karman.h`, `libkarman.so`, `libkarman.a`.
//!
//! The header `include/karman.h` is made from this crate by cbindgen; a test compares them. What C
//! and Fortran programs see is documented there and in the book ("From C and Fortran").
//!
//! How the border is kept:
//! 1. A handle is a number in the shape of a pointer. It is looked up, never followed, and no number
//!    is given twice: a destroyed, made-up or null handle is noticed.
//! 2. Every pointer is checked for null and alignment, every length against the grid, and inputs
//!    against outputs for overlap, before memory is touched.
//! 3. Every function runs under `catch_unwind`; a panic becomes a status.
//! 4. A solver is locked during a call: threads that share one wait for each other.

mod create;
mod handles;
mod inspect;
mod memory;
mod options;
mod report;
mod solve;
mod status;

pub use create::{
    karman_default_options, karman_poisson_create, karman_poisson_destroy,
    karman_poisson_set_face_weights, karman_poisson_set_flags, karman_poisson_update_cells,
};
pub use handles::KarmanPoisson;
pub use inspect::{
    karman_last_error, karman_poisson_history, karman_poisson_report, karman_poisson_report_text,
    karman_poisson_size, karman_version,
};
pub use options::{KarmanCell, KarmanMethod, KarmanOptions, KarmanSide, KarmanStart};
pub use report::KarmanReport;
pub use solve::{
    karman_poisson_apply, karman_poisson_set_iterations, karman_poisson_set_start,
    karman_poisson_set_tolerance, karman_poisson_solve, karman_poisson_solve_batch,
};
pub use status::KarmanStatus;
