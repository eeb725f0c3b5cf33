//! The report of a run: one self-contained HTML page with tables, curves and
//! field pictures, and the same pictures as files.
//!
//! A command fills in [`ReportData`] and calls [`write_report`]. The module
//! knows nothing of models and meshes, and is the only user of plotters.

mod axis;
mod canvas;
mod case_picture;
mod charts;
mod clip;
mod colormap;
mod data;
mod encode;
mod error;
mod fields;
mod figure;
mod frames;
mod layer;
mod nullable;
mod page;
mod picture;
mod plot;
mod profiles;
mod raster;
mod richtext;
mod sheet;
mod style;
mod wall;
mod write;

pub use case_picture::{CasePicture, CaseRole, best_median_worst, fan_triangles};
pub use charts::{DotSeries, DotsChart, LinesChart, Look, Series};
pub use data::{
    Accuracy, CaseCoefficient, CaseRow, CoefficientRow, CoefficientStats, MethodKind, MethodRow,
    ReportData, RunFacts, TrainingCurve, TrainingRow, Verdict,
};
pub use error::ReportError;
pub use figure::write_chart;
pub use frames::Frames;
pub use layer::{LayerCurve, LayerProfile, WallLayer};
pub use profiles::{ErrorByChord, ErrorByDistance};
pub use sheet::{Block, Chart, Part, Sheet, SheetCell, SheetRow, SheetTable, Tone, write_sheet};
pub use wall::WallCurve;
pub use write::{ReportFiles, write_report};

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
