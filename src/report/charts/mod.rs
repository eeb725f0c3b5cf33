//! The charts of a report, each a [`Picture`](super::picture::Picture).

mod chord;
mod distance;
mod dots;
mod drag;
mod friction;
mod layer;
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
pub use friction::FrictionChart;
pub use layer::LayerChart;
pub use lines::{LinesChart, Series};
pub use look::Look;
pub use methods::MethodsChart;
pub use pressure::PressureChart;
pub use scatter::{Coefficient, ScatterChart};
pub use training::TrainingChart;

use super::case_picture::CaseRole;
use super::plot::{Key, Mark};
use super::profiles::ErrorByChord;
use super::style::{BLUE, ORANGE, pale};

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

/// Widths of true and predicted lines along the wall: the thin one lies on the wide one.
const TRUTH_WIDTH: f64 = 5.0;
const PREDICTION_WIDTH: f64 = 1.6;

/// Legend of truth and prediction on both sides of the airfoil.
fn side_keys() -> [Key; 4] {
    let (truth, prediction) = (Mark::Line(TRUTH_WIDTH), Mark::Line(PREDICTION_WIDTH));
    [
        Key::new("Upper, true", pale(BLUE, 0.35), truth),
        Key::new("predicted", BLUE, prediction),
        Key::new("Lower, true", pale(ORANGE, 0.35), truth),
        Key::new("predicted", ORANGE, prediction),
    ]
}

/// A value for each chord bin as a line of steps.
fn steps(values: &[f64]) -> Vec<(f64, f64)> {
    let edges = ErrorByChord::edges();
    let flat = |(pair, value): (&[f64], &f64)| [(pair[0], *value), (pair[1], *value)];
    edges.windows(2).zip(values).flat_map(flat).collect()
}
