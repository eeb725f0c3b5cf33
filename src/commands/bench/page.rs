//! The report of a bench as a page.

use std::path::{Path, PathBuf};

use karman_solvers::PoissonCaseKind;

use super::job::Plan;
use super::peers::Available;
use super::row::{MovingRow, Record, SolveRow};
use super::summary::{Best, belongs, best, solves};
use super::{machine, page_bandwidth, page_charts as charts, page_tables as tables};
use crate::commands::error::CommandError;
use crate::commands::run_facts::date_time;
use crate::report::{Block, Part, Sheet, Tone, write_sheet};

/// What the parts of a page are made from.
pub(super) struct View<'a> {
    pub(super) plan: &'a Plan,
    pub(super) records: &'a [Record],
    /// The tolerance of summaries.
    pub(super) tolerance: f64,
}

impl<'a> View<'a> {
    /// Single solves of the plan.
    pub(super) fn solves(&self) -> impl Iterator<Item = &'a SolveRow> {
        solves(self.plan, self.records)
    }

    /// Steps of the moving-solid sequence.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a MovingRow> {
        let plan = self.plan;
        self.records.iter().filter_map(move |record| match record {
            Record::Moving(row) if belongs(plan, &row.problem, &row.solver) => Some(row),
            _ => None,
        })
    }

    /// The row of a method on a case.
    pub(super) fn find(
        &self,
        size: usize,
        case: PoissonCaseKind,
        method: (&str, bool),
        tolerance: f64,
    ) -> Option<&'a SolveRow> {
        let problem = self.plan.problem(size, case);
        super::summary::find(self.plan, self.records, &problem, method, tolerance)
    }

    /// Size and dimension: `128^3`, as a label.
    pub(super) fn size_label(&self, size: usize) -> String {
        format!("{size}^{}", self.plan.dimension)
    }
}

/// Writes `report.html`; returns its path.
pub(super) fn write(
    folder: &Path,
    plan: &Plan,
    peers: &[Available],
    records: &[Record],
) -> Result<PathBuf, CommandError> {
    let view = View {
        plan,
        records,
        tolerance: plan.sequence_tolerance(),
    };
    Ok(write_sheet(&sheet(&view, peers), folder)?)
}

fn sheet(view: &View, peers: &[Available]) -> Sheet {
    let plan = view.plan;
    Sheet {
        title: format!("Poisson solvers on {}D flag grids", plan.dimension),
        lead: format!(
            "Negative Laplacian on a uniform grid with a flag per cell, solids as Neumann and air as Dirichlet boundary. {} of our methods and {} of other projects on {} cases, on the same machine with {} threads, each in a process of its own.",
            plan.methods.len(),
            plan.peers.len(),
            plan.cases.len(),
            plan.threads
        ),
        facts: facts(plan, peers),
        parts: vec![
            part("summary", "Set-up and one solve", summary(view)),
            part("solves", "How many solves?", solves_part(view)),
            part("moving", "A solid that moves", tables::moving(view)),
            part("details", "Every case", tables::details(view)),
            part(
                "bandwidth",
                "Memory bandwidth",
                page_bandwidth::blocks(view),
            ),
            part("notes", "How it was measured", notes(view)),
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

fn facts(plan: &Plan, peers: &[Available]) -> Vec<(&'static str, String)> {
    let sizes: Vec<String> = plan
        .sizes
        .iter()
        .map(|n| format!("{n}^{}", plan.dimension))
        .collect();
    let mut versions: Vec<&str> = peers
        .iter()
        .filter_map(|peer| peer.version.as_deref())
        .collect();
    versions.dedup();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    vec![
        ("Machine", plain(&machine::description())),
        ("Threads", plan.threads.to_string()),
        ("Grids", sizes.join(", ")),
        ("Seed of the cases", plan.seed.to_string()),
        ("Karman", env!("CARGO_PKG_VERSION").to_owned()),
        ("Peers", plain(&versions.join(", "))),
        (
            "Written",
            now.map_or(String::new(), |time| date_time(time.as_secs())),
        ),
    ]
}

/// Text from elsewhere without the marks of sub- and superscripts.
pub(super) fn plain(text: &str) -> String {
    text.replace(['_', '^'], " ")
}

/// A tolerance as a label: `10^{-6}`.
pub(super) fn power(tolerance: f64) -> String {
    let exponent = tolerance.log10();
    if (exponent - exponent.round()).abs() < 1e-9 {
        format!("10^{{\u{2212}{:.0}}}", -exponent.round())
    } else {
        format!("{tolerance:e}")
    }
}

fn summary(view: &View) -> Vec<Block> {
    let mut blocks = finding(view).into_iter().collect::<Vec<_>>();
    for size in view.plan.sizes.iter().rev() {
        blocks.push(Block::Heading(view.size_label(*size)));
        blocks.extend(tables::totals(view, *size));
        let dots = charts::totals(view, *size).map(|chart| {
            let text = "Set-up and one solve of every method that converged. Filled: ours; open: other projects'.";
            (chart, text.to_owned())
        });
        let iterations = charts::iterations(view, *size).map(|chart| {
            let text = "Iterations of the preconditioned methods. Few are not fast: what one costs differs by a factor of a hundred.";
            (chart, text.to_owned())
        });
        blocks.push(Block::Charts(dots.into_iter().chain(iterations).collect()));
    }
    if let Some(chart) = charts::growth(view) {
        let text =
            "Iterations of multigrid against the size of the grid: level is what one hopes for.";
        blocks.push(Block::Charts(vec![(chart, text.to_owned())]));
    }
    blocks
}

/// One sentence: how our fastest method does against the fastest peer, case by case at the greatest size.
fn finding(view: &View) -> Option<Block> {
    let size = *view.plan.sizes.iter().max()?;
    let problems = view
        .plan
        .cases
        .iter()
        .map(|case| view.plan.problem(size, *case));
    let all: Vec<Best> = problems
        .map(|problem| best(view.plan, view.records, &problem))
        .collect();
    let ratios: Vec<(String, f64)> = all.iter().filter_map(compared).collect();
    if ratios.is_empty() {
        return None;
    }
    let least = ratios
        .iter()
        .map(|(_, ratio)| *ratio)
        .fold(f64::INFINITY, f64::min);
    let greatest = ratios.iter().map(|(_, ratio)| *ratio).fold(0.0, f64::max);
    let tone = match (least >= 1.0, greatest >= 1.0) {
        (true, _) => Tone::Good,
        (_, true) => Tone::Mixed,
        _ => Tone::Bad,
    };
    let each: Vec<String> = ratios.into_iter().map(|(text, _)| text).collect();
    Some(Block::Finding(
        tone,
        format!(
            "{} to {}, set-up and one solve, our fastest method against the fastest other: {}.",
            view.size_label(size),
            power(view.tolerance),
            each.join("; ")
        ),
    ))
}

/// `maze 2.3 times (multigrid, amgcl)` and the ratio.
fn compared(best: &Best) -> Option<(String, f64)> {
    let (ours, peer) = (best.ours.as_ref()?, best.peer.as_ref()?);
    let ratio = peer.seconds / ours.seconds;
    let times = if ratio >= 1.0 {
        format!("{ratio:.1} times faster")
    } else {
        format!("{:.1} times slower", 1.0 / ratio)
    };
    let case = &best.problem.case;
    Some((
        format!("{case} {times} ({} against {})", ours.method, peer.method),
        ratio,
    ))
}

fn solves_part(view: &View) -> Vec<Block> {
    let Some(size) = view.plan.sizes.iter().max() else {
        return Vec::new();
    };
    let curves = view.plan.cases.iter().filter_map(|case| {
        let chart = charts::break_even(view, *size, *case)?;
        Some((chart, format!("{case}: {}.", case.description())))
    });
    let curves: Vec<_> = curves.collect();
    if curves.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "Time for one set-up and a number of solves at {}, each to {}. Where two curves cross, the dearer set-up has paid for itself.",
        view.size_label(*size),
        power(view.tolerance)
    );
    vec![
        Block::Text(text),
        Block::Table(tables::fastest_by_solves(view, *size)),
        Block::Charts(curves),
        Block::Note("Shown are the four fastest for one solve, the four fastest for a thousand, multigrid and cg.".to_owned()),
    ]
}

fn notes(view: &View) -> Vec<Block> {
    let mut blocks: Vec<Block> = NOTES
        .iter()
        .map(|text| Block::Text((*text).to_owned()))
        .collect();
    blocks.extend(tables::failures(view));
    blocks
}

const NOTES: [&str; 5] = [
    "Residual: the relative true residual ‖b − A x‖ / ‖b‖ in double precision, recomputed from the flags by one function that knows no solver (one more in Python for the peers). A method that stops above its tolerance has missed it and has no time.",
    "Times: medians of up to three runs, fewer when one takes above four seconds. Our set-up begins with the flags. That of the peers begins with their own matrix: its assembly, in the table of each case, is in no total. Our processes and the peers' get the same number of threads; PETSc and hypre run as that many MPI ranks; PyAMG and scipy's sparse products know one thread only.",
    "Right-hand side: the negative divergence of a face velocity that is zero on solids, half white noise and half long waves, so that every component without air is compatible. First guess zero.",
    "Peers: their own recommended settings, the nullspace told where they can be told; fluid cells without a neighbour are left out for them. hypre and AMGCL run with several settings on each case, and the best counts.",
    "Memory: the peak of the process (of all ranks together) above what it held before the method began, so that interpreters and the case itself do not count.",
];
