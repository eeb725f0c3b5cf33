//! The charts of a report, each a [`Picture`](super::picture::Picture).

mod chord;
mod distance;
mod dots;
mod drag;
mod lines;
mod look;
mod methods;
mod pressure;
mod scatter;
mod training;

pub use chord::ChordChart;
pub use distance::DistanceChart;
pub use dots::{DotSeries, DotsChart};
pub use drag::DragChart;
pub use lines::{LinesChart, Series};
pub use look::Look;
pub use methods::MethodsChart;
pub use pressure::PressureChart;
pub use scatter::{Coefficient, ScatterChart};
pub use training::TrainingChart;

use super::case_picture::CaseRole;
use super::profiles::ErrorByChord;

/// Symbols of the four fields, with subscript marks.
pub const FIELD_NAMES: [&str; 4] = ["u_x", "u_y", "p", "ν_t"];

/// Word for a role, used in file names and sentences.
pub fn role_name(role: CaseRole) -> &'static str {
    match role {
        CaseRole::Best => "best",
        CaseRole::Median => "median",
        CaseRole::Worst => "worst",
    }
}

/// A value for each chord bin as a line of steps.
fn steps(values: &[f64]) -> Vec<(f64, f64)> {
    let edges = ErrorByChord::edges();
    let flat = |(pair, value): (&[f64], &f64)| [(pair[0], *value), (pair[1], *value)];
    edges.windows(2).zip(values).flat_map(flat).collect()
}
