//! `karman report`: the page of a run.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::CommandError;
use super::evaluate::{EvaluationOptions, OpenRun};
use super::report_data::report_data;
use super::{Context, Run};
use crate::report::{ReportFiles, write_report};

/// Write the report of a run: one HTML page, and its pictures as PNG and SVG files
///
/// The page needs no network and no other file: tables with baselines, training curves, fields of
/// the best, the median and the worst case, pressure on the wall, coefficients with intervals, and
/// where the error sits.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Report {
    /// Run folder of `karman train`
    run: PathBuf,
    /// Where to write report.html and pictures/ [default: the run folder]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    options: EvaluationOptions,
}

const EXAMPLES: &str = "\
Examples:
  karman report runs/quickstart
  karman report runs/mine --split aoa_test -o reports/aoa";

/// Where a report lies.
#[derive(Serialize)]
struct Written {
    html: PathBuf,
    pictures: Vec<PathBuf>,
}

impl Run for Report {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let open = self.options.open(&self.run, context)?;
        let folder = self.output.as_deref().unwrap_or(&self.run);
        let (files, _) = write(&open, folder, context)?;
        let written = Written {
            html: files.html,
            pictures: files.pictures,
        };
        context.output.show(&written, || {
            format!(
                "report: {}\n{} pictures in {}",
                written.html.display(),
                written.pictures.len(),
                folder.join("pictures").display()
            )
        })
    }
}

/// Evaluates a run and writes its report; returns the files and the text of the evaluation.
pub(super) fn write(
    open: &OpenRun,
    folder: &Path,
    context: &Context,
) -> Result<(ReportFiles, String), CommandError> {
    let (data, text) = report_data(open, context)?;
    Ok((write_report(&data, folder)?, text))
}
