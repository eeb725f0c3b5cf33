//! A single chart as a file of its own.

use std::path::Path;

use super::charts::LinesChart;
use super::error::ReportError;
use super::picture::{png_file, svg_file};
use super::write::write_file;

/// Writes a chart as SVG or, where the extension is `png`, as PNG; by way of a temporary name.
///
/// # Errors
/// A chart that cannot be drawn, a file that cannot be written.
pub fn write_chart(chart: &LinesChart, path: &Path) -> Result<(), ReportError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => write_file(path, &png_file(chart)?),
        _ => write_file(path, svg_file(chart)?.as_bytes()),
    }
}
