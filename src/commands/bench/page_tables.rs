//! Tables of the report.

use karman_solvers::{MovingSolidCase, PoissonCaseKind};

use super::page::{View, plain, power};
use super::page_charts;
use super::row::{MovingRow, Outcome, SolveRow};
use super::summary::methods;
use crate::commands::number::{bytes, number};
use crate::report::{Block, SheetCell, SheetRow, SheetTable};

/// Solves of the table of the fastest.
const SOLVES: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];

/// Set-up and one solve: methods against cases, the best of each case marked.
pub(super) fn totals(view: &View, size: usize) -> Vec<Block> {
    let plan = view.plan;
    let best: Vec<Option<f64>> = plan
        .cases
        .iter()
        .map(|case| least(view, size, *case))
        .collect();
    let row = |(method, peer): (&str, bool)| SheetRow {
        name: method.to_owned(),
        ours: !peer,
        cells: plan
            .cases
            .iter()
            .zip(&best)
            .map(|(case, best)| {
                total(
                    view.find(size, *case, (method, peer), view.tolerance),
                    *best,
                )
            })
            .collect(),
    };
    let names = plan.cases.iter().map(|case| case.name().to_owned());
    let table = SheetTable {
        caption: format!("Seconds of set-up and one solve at {size} cells a side"),
        head: std::iter::once("Method".to_owned()).chain(names).collect(),
        rows: methods(plan).map(row).collect(),
    };
    let note = format!(
        "Seconds of set-up and one solve to {}; in small print the iterations. The least of each case is marked. Our own methods are shaded.",
        power(view.tolerance)
    );
    vec![Block::Table(table), Block::Note(note)]
}

fn least(view: &View, size: usize, case: PoissonCaseKind) -> Option<f64> {
    let rows = methods(view.plan).filter_map(|m| view.find(size, case, m, view.tolerance));
    rows.filter_map(|row| row.total(1.0)).min_by(f64::total_cmp)
}

/// Time of a row, or in a word what became of it.
fn total(row: Option<&SolveRow>, best: Option<f64>) -> SheetCell {
    let Some(row) = row else {
        return SheetCell::default();
    };
    let Some(seconds) = row.total(1.0) else {
        return fault(row);
    };
    SheetCell {
        text: number(seconds, 2),
        best: best == Some(seconds),
        fault: false,
        detail: row
            .iterations
            .map_or(String::new(), |count| count.to_string()),
    }
}

fn fault(row: &SolveRow) -> SheetCell {
    let word = match row.outcome {
        Outcome::Converged => "",
        Outcome::Missed => "missed",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
        Outcome::TimeLimit => "too long",
    };
    SheetCell {
        fault: row.outcome != Outcome::Refused,
        ..SheetCell::plain(word)
    }
}

/// The fastest of ours and of the peers for some numbers of solves.
pub(super) fn fastest_by_solves(view: &View, size: usize) -> SheetTable {
    let fastest = |case: PoissonCaseKind, peer: bool, solves: f64| {
        let rows = methods(view.plan).filter(|m| m.1 == peer && m.0 != "auto");
        let rows = rows.filter_map(|m| view.find(size, case, m, view.tolerance));
        let timed = rows.filter_map(|row| Some((row.total(solves)?, row)));
        timed.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let cell = |found: Option<(f64, &SolveRow)>| {
        found.map_or(SheetCell::default(), |(seconds, row)| SheetCell {
            detail: number(seconds, 2) + " s",
            ..SheetCell::plain(row.solver.method.clone())
        })
    };
    let row = |case: &PoissonCaseKind| {
        let each = |solves: &f64| [false, true].map(|peer| cell(fastest(*case, peer, *solves)));
        SheetRow {
            name: case.name().to_owned(),
            ours: false,
            cells: SOLVES.iter().flat_map(each).collect(),
        }
    };
    let heads = SOLVES.iter().flat_map(|n| {
        let s = if *n > 1.0 { "s" } else { "" };
        [format!("{n} solve{s}, ours"), "others".to_owned()]
    });
    SheetTable {
        caption: "The fastest method for a number of solves".to_owned(),
        head: std::iter::once("Case".to_owned()).chain(heads).collect(),
        rows: view.plan.cases.iter().map(row).collect(),
    }
}

/// For each size and case a table to open: all tolerances, residuals, memory.
pub(super) fn details(view: &View) -> Vec<Block> {
    let mut blocks = Vec::new();
    for size in view.plan.sizes.iter().rev() {
        for case in &view.plan.cases {
            let table = detail(view, *size, *case);
            let rows = view
                .solves()
                .find(|row| row.problem.size == *size && row.problem.case == case.name());
            if let Some(row) = rows {
                let cells = row.unknowns;
                let title = format!(
                    "{case}, {}: {} ({cells} unknowns)",
                    view.size_label(*size),
                    case.description()
                );
                blocks.push(Block::Fold(title, vec![Block::Table(table)]));
            }
        }
    }
    blocks
}

fn detail(view: &View, size: usize, case: PoissonCaseKind) -> SheetTable {
    let tolerances = &view.plan.tolerances;
    let row = |(method, peer): (&str, bool)| {
        let found = |tol: &f64| view.find(size, case, (method, peer), *tol);
        let any = tolerances.iter().find_map(found)?;
        let seconds =
            |value: Option<f64>| SheetCell::plain(value.map_or(String::new(), |s| number(s, 3)));
        let mut cells = vec![seconds(any.assembly_seconds), seconds(any.setup_seconds)];
        cells.extend(tolerances.iter().map(|tol| solve_cell(found(tol))));
        let last = tolerances.iter().rev().find_map(|tol| found(tol)?.residual);
        cells.push(SheetCell::plain(last.map_or(String::new(), scientific)));
        let memory = any.method_bytes.map_or(String::new(), bytes);
        cells.push(SheetCell::plain(memory));
        Some(SheetRow {
            name: method.to_owned(),
            ours: !peer,
            cells,
        })
    };
    let mut head = vec![
        "Method".to_owned(),
        "assembly (s)".to_owned(),
        "set-up (s)".to_owned(),
    ];
    head.extend(
        tolerances
            .iter()
            .map(|tol| format!("solve to {} (s)", power(*tol))),
    );
    head.extend(["residual".to_owned(), "memory".to_owned()]);
    SheetTable {
        caption: format!("All methods on {case}, {size} cells a side"),
        head,
        rows: methods(view.plan).filter_map(row).collect(),
    }
}

fn solve_cell(row: Option<&SolveRow>) -> SheetCell {
    match row {
        Some(row) if row.outcome == Outcome::Converged => SheetCell {
            detail: row
                .iterations
                .map_or(String::new(), |count| count.to_string()),
            ..SheetCell::plain(number(row.solve_seconds, 3))
        },
        Some(row) => fault(row),
        None => SheetCell::default(),
    }
}

/// `3.2·10^{−9}`.
fn scientific(value: f64) -> String {
    let text = format!("{value:.1e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            format!("{mantissa}·10^{{{}}}", exponent.replace('-', "\u{2212}"))
        }
        None => text,
    }
}

/// The moving-solid sequence: means a step, and the chart.
pub(super) fn moving(view: &View) -> Vec<Block> {
    let mut blocks = Vec::new();
    for size in view.plan.sizes.iter().rev() {
        let rows: Vec<SheetRow> = methods(view.plan)
            .filter_map(|m| sequence(view, *size, m))
            .collect();
        if rows.iter().all(|row| !row.ours) {
            continue;
        }
        blocks.push(Block::Heading(view.size_label(*size)));
        let head = [
            "Method",
            "steps",
            "update (ms)",
            "solve (ms)",
            "iterations",
            "set-up anew (ms)",
            "solve from zero (ms)",
            "iterations",
            "50 steps (s)",
        ];
        blocks.push(Block::Table(SheetTable {
            caption: "Means over the steps of the moving-solid sequence".to_owned(),
            head: head.map(str::to_owned).to_vec(),
            rows,
        }));
        if let Some(chart) = page_charts::steps(view, *size) {
            let text = "Strong: update and solve from the last pressure. Thin (“anew”): set-up and solve from zero.";
            blocks.push(Block::Charts(vec![(chart, text.to_owned())]));
        }
    }
    if !blocks.is_empty() {
        let text = format!(
            "A sphere moves through a box that is open on top, 50 steps; some cells change their flag in each and the right-hand side drifts. Each step is solved to {} twice: after `update` from the last pressure, and after a new set-up from zero. Other projects' solvers set up anew: 50 times their set-up and solve of the first step.",
            power(view.tolerance)
        );
        blocks.insert(0, Block::Text(text));
    }
    blocks
}

fn sequence(view: &View, size: usize, (method, peer): (&str, bool)) -> Option<SheetRow> {
    let ms = |seconds: f64| SheetCell::plain(number(1e3 * seconds, 3));
    let plain_number = |value: f64| SheetCell::plain(number(value, 3));
    let steps = MovingSolidCase::STEPS as f64;
    if peer {
        let row = view.find(
            size,
            PoissonCaseKind::MovingSolid,
            (method, true),
            view.tolerance,
        )?;
        let total = row.total(1.0)?;
        let mut cells = vec![SheetCell::default(); 4];
        cells.extend([ms(row.setup_seconds?), ms(row.solve_seconds?)]);
        cells.extend([
            plain_number(row.iterations? as f64),
            plain_number(steps * total),
        ]);
        return Some(SheetRow {
            name: method.to_owned(),
            ours: false,
            cells,
        });
    }
    let of_method = |row: &&MovingRow| row.problem.size == size && row.solver.method == method;
    // The first step is a set-up like any other.
    let rows: Vec<&MovingRow> = view
        .steps()
        .filter(of_method)
        .filter(|row| row.step > 0)
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mean = |value: fn(&MovingRow) -> f64| {
        rows.iter().map(|row| value(row)).sum::<f64>() / rows.len() as f64
    };
    let step = mean(|row| row.update_seconds + row.solve_seconds);
    let missed = rows.iter().any(|row| row.outcome != Outcome::Converged);
    Some(SheetRow {
        name: method.to_owned(),
        ours: true,
        cells: vec![
            SheetCell {
                fault: missed || rows.len() + 1 < MovingSolidCase::STEPS,
                ..SheetCell::plain((rows.len() + 1).to_string())
            },
            ms(mean(|row| row.update_seconds)),
            ms(mean(|row| row.solve_seconds)),
            plain_number(mean(|row| row.iterations as f64)),
            ms(mean(|row| row.fresh_setup_seconds)),
            ms(mean(|row| row.fresh_solve_seconds)),
            plain_number(mean(|row| row.fresh_iterations as f64)),
            plain_number(steps * step),
        ],
    })
}

/// Everything that did not converge, with the reason.
pub(super) fn failures(view: &View) -> Vec<Block> {
    let failed = view
        .solves()
        .filter(|row| row.outcome != Outcome::Converged);
    let rows = failed.map(|row| {
        let what = fault(row);
        let residual = row.residual.map_or(String::new(), scientific);
        SheetRow {
            name: format!(
                "{}, {} {}, {}",
                row.solver.method,
                row.problem.case,
                view.size_label(row.problem.size),
                power(row.tolerance)
            ),
            ours: !row.solver.peer,
            cells: vec![
                what,
                SheetCell::plain(residual),
                SheetCell::plain(plain(&row.note)),
            ],
        }
    });
    let rows: Vec<SheetRow> = rows.collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let table = SheetTable {
        caption: "What did not converge".to_owned(),
        head: ["Method and case", "", "residual", "reason"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    };
    vec![Block::Fold(
        "What did not converge, and why".to_owned(),
        vec![Block::Table(table)],
    )]
}
