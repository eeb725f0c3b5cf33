//! The report of `karman bench solvers`.

use std::path::{Path, PathBuf};

use super::solver_jobs::{Check, Findings, Wake, Work};
use super::solvers::Results;
use crate::commands::error::CommandError;
use crate::commands::number::{bytes, number};
use crate::report::{
    Block, Chart, LinesChart, Look, Part, Series, Sheet, SheetCell, SheetRow, SheetTable, Tone,
    write_sheet,
};

/// Writes `report.html` into `folder`; returns its path.
pub(super) fn write(folder: &Path, results: &Results) -> Result<PathBuf, CommandError> {
    Ok(write_sheet(&sheet(results), folder)?)
}

fn sheet(results: &Results) -> Sheet {
    let findings = &results.findings;
    Sheet {
        title: "Reference solvers".to_owned(),
        lead: "Exact solutions and published flows against what the solvers find, and what a step costs on this machine.".to_owned(),
        facts: vec![
            ("machine", results.machine.clone()),
            ("threads", results.threads.to_string()),
            ("peak memory", results.peak_memory.map(bytes).unwrap_or_default()),
            ("program", env!("CARGO_PKG_VERSION").to_owned()),
        ],
        parts: vec![
            part("checks", "Against published results", checks(&findings.checks)),
            part("wakes", "Wakes", wakes(&findings.wakes)),
            part("accuracy", "Error against cost", accuracy(&findings.work)),
            part("cost", "Every run", cost(findings)),
        ],
    }
}

fn part(id: &str, title: &str, blocks: Vec<Block>) -> Part {
    Part {
        id: id.to_owned(),
        title: title.to_owned(),
        blocks,
    }
}

fn checks(checks: &[Check]) -> Vec<Block> {
    if checks.is_empty() {
        return Vec::new();
    }
    let failed = checks.iter().filter(|check| !check.holds).count();
    let finding = match failed {
        0 => (Tone::Good, format!("All {} hold.", checks.len())),
        n => (Tone::Bad, format!("{n} of {} do not hold.", checks.len())),
    };
    let row = |check: &Check| SheetRow {
        name: check.case.clone(),
        ours: false,
        cells: vec![
            SheetCell::plain(check.quantity.clone()),
            SheetCell {
                fault: !check.holds,
                ..SheetCell::plain(number(check.found, 4))
            },
            SheetCell {
                detail: check.source.to_owned(),
                ..SheetCell::plain(format!(
                    "{} to {}",
                    number(check.range[0], 4),
                    number(check.range[1], 4)
                ))
            },
        ],
    };
    vec![
        Block::Finding(finding.0, finding.1),
        Block::Table(SheetTable {
            caption: "What was found and what was wanted".to_owned(),
            head: ["case", "quantity", "found", "wanted"]
                .map(str::to_owned)
                .to_vec(),
            rows: checks.iter().map(row).collect(),
        }),
    ]
}

fn wakes(wakes: &[Wake]) -> Vec<Block> {
    let charts: Vec<_> = wakes.iter().enumerate().map(wake).collect();
    if charts.is_empty() {
        return Vec::new();
    }
    vec![Block::Charts(charts)]
}

fn wake((place, wake): (usize, &Wake)) -> (Chart, String) {
    let series = |label: &str, color, k: usize| Series {
        label: label.to_owned(),
        look: Look { color, open: false },
        points: wake.history.iter().map(|row| (row[0], row[k])).collect(),
        marked: false,
    };
    let chart = LinesChart {
        name: format!("wake-{place}"),
        alt: format!("Drag and lift coefficients over time, {}", wake.case),
        x: "Time (diameters over mean speed)".to_owned(),
        y: "Coefficient".to_owned(),
        log: (false, false),
        series: vec![series("drag", 0, 1), series("lift", 1, 2)],
    };
    (Chart::Lines(chart), capital(&wake.case))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A chart for each case that was run at several costs.
fn accuracy(work: &[Work]) -> Vec<Block> {
    let mut cases: Vec<&str> = Vec::new();
    for row in work.iter().filter(|row| row.error.is_some()) {
        if !cases.contains(&row.case.as_str()) {
            cases.push(&row.case);
        }
    }
    let charts = cases.into_iter().enumerate().map(|(place, case)| {
        let rows = || work.iter().filter(|row| row.case == case);
        let mut solvers: Vec<&str> = rows().map(|row| row.solver).collect();
        solvers.dedup();
        let series = solvers.iter().enumerate().map(|(color, solver)| Series {
            label: (*solver).to_owned(),
            look: Look { color, open: false },
            points: (rows().filter(|row| row.solver == *solver))
                .filter_map(|row| Some((row.seconds, row.error?)))
                .collect(),
            marked: true,
        });
        let against = rows().find_map(|row| row.against).unwrap_or_default();
        let chart = LinesChart {
            name: format!("accuracy-{place}"),
            alt: format!("Error over seconds, {case}"),
            x: "Seconds".to_owned(),
            y: "Relative error".to_owned(),
            log: (true, true),
            series: series.collect(),
        };
        let caption = format!("{}; against: {against}.", capital(case));
        (Chart::Lines(chart), caption)
    });
    let charts: Vec<_> = charts.collect();
    if charts.is_empty() {
        return Vec::new();
    }
    vec![Block::Charts(charts)]
}

fn cost(findings: &Findings) -> Vec<Block> {
    let row = |row: &Work| {
        let [name, cells @ ..] = row.columns();
        SheetRow {
            name,
            ours: false,
            cells: cells.map(SheetCell::plain).to_vec(),
        }
    };
    if findings.work.is_empty() {
        return Vec::new();
    }
    vec![Block::Table(SheetTable {
        caption: "Cost and error of every run".to_owned(),
        head: Work::HEAD.map(str::to_owned).to_vec(),
        rows: findings.work.iter().map(row).collect(),
    })]
}
