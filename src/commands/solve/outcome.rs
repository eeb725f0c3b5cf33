//! What a solve came to: the exit code, and the picture of its history.

use std::path::Path;

use karman_solvers::{SolveReport, Status};

use crate::commands::error::CommandError;
use crate::report::{LinesChart, Look, Series, write_chart};

/// Success, or why x does not solve the system as asked.
pub(super) fn verdict(
    report: &SolveReport,
    incompatible: &'static str,
) -> Result<(), CommandError> {
    let help = match report.status {
        Status::Converged => return Ok(()),
        Status::MaxIterations => "--max-iterations allows more of them",
        Status::Stagnated => "a larger --tol can be reached",
        Status::Incompatible => incompatible,
        _ => "the report above says more; another --method may do",
    };
    let reached = match report.status {
        Status::Incompatible => String::new(),
        _ => format!(
            ": ||b - A x|| is {:.2e} of ||b||",
            report.relative_residual()
        ),
    };
    Err(CommandError::input(format!("{}{reached}", report.status)).help(help))
}

/// Refuses pictures that cannot be drawn, before the work.
pub(super) fn check_plot(path: Option<&Path>) -> Result<(), CommandError> {
    let Some(path) = path else { return Ok(()) };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg" | "png") => Ok(()),
        _ => Err(CommandError::input(format!(
            "{}: pictures are .svg or .png",
            path.display()
        ))),
    }
}

/// Draws the residuals over the iterations, and the tolerance.
pub(super) fn plot(report: &SolveReport, path: &Path) -> Result<(), CommandError> {
    let scale = if report.rhs_norm > 0.0 {
        report.rhs_norm
    } else {
        1.0
    };
    let at = |(i, residual): (usize, &f64)| ((i * report.history_stride) as f64, residual / scale);
    let mut points: Vec<(f64, f64)> = report.history.iter().enumerate().map(at).collect();
    // The recurrence's last residual gives way to the true one.
    let end = (report.iterations as f64, report.residual / scale);
    points.retain(|point| point.0 < end.0);
    points.push(end);
    // A logarithmic axis has no place for zero.
    points.retain(|point| point.1 > 0.0);
    let target = report.target / scale;
    let asked = [(0.0, target), (end.0.max(1.0), target)];
    let chart = LinesChart {
        name: "convergence".to_owned(),
        alt: format!(
            "Residual over {} iterations of {}: {}.",
            report.iterations, report.method, report.status
        ),
        x: "iteration".to_owned(),
        // The norm bars of mathematics are not in the bundled font.
        y: "residual / norm of b".to_owned(),
        log: (false, true),
        series: vec![
            Series {
                label: report.method.to_owned(),
                look: Look {
                    color: 1,
                    open: false,
                },
                marked: points.len() <= 60,
                points,
            },
            Series {
                label: "asked for".to_owned(),
                look: Look {
                    color: 6,
                    open: true,
                },
                points: asked.into_iter().filter(|point| point.1 > 0.0).collect(),
                marked: false,
            },
        ],
    };
    Ok(write_chart(&chart, path)?)
}
