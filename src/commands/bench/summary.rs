//! The results in short: text for a terminal, JSON for programs.

use serde::Serialize;

use super::job::Plan;
use super::row::{Outcome, Problem, Record, SolveRow, Solver};
use crate::commands::number::number;
use crate::commands::table::Table;

/// Everything that the rows of this plan hold, and the best of it.
#[derive(Serialize)]
pub(super) struct Value<'a> {
    /// Rows that belong to the plan.
    rows: Vec<&'a Record>,
    /// For each problem the fastest of our methods and of the peers at the plan's middle tolerance.
    best: Vec<Best>,
}

/// The fastest on a problem: set-up and one solve.
#[derive(Serialize)]
pub(super) struct Best {
    #[serde(flatten)]
    pub(super) problem: Problem,
    pub(super) tolerance: f64,
    pub(super) ours: Option<Fastest>,
    pub(super) peer: Option<Fastest>,
}

/// A method and its seconds.
#[derive(Clone, Serialize)]
pub(super) struct Fastest {
    pub(super) method: String,
    pub(super) seconds: f64,
}

/// Single solves that belong to a plan.
pub(super) fn solves<'a>(
    plan: &'a Plan,
    records: &'a [Record],
) -> impl Iterator<Item = &'a SolveRow> {
    records.iter().filter_map(move |record| match record {
        Record::Solve(row) if belongs(plan, &row.problem, &row.solver) => Some(row),
        _ => None,
    })
}

/// Whether a row was asked for by this plan: a folder may hold those of others.
pub(super) fn belongs(plan: &Plan, problem: &Problem, solver: &Solver) -> bool {
    let methods = if solver.peer {
        &plan.peers
    } else {
        &plan.methods
    };
    problem.dimension == plan.dimension
        && problem.seed == plan.seed
        && plan.sizes.contains(&problem.size)
        && plan.cases.iter().any(|case| case.name() == problem.case)
        && solver.threads == plan.threads
        && methods.contains(&solver.method)
}

/// The row of a method on a problem.
pub(super) fn find<'a>(
    plan: &'a Plan,
    records: &'a [Record],
    problem: &Problem,
    (method, peer): (&str, bool),
    tolerance: f64,
) -> Option<&'a SolveRow> {
    solves(plan, records).find(|row| {
        row.problem == *problem
            && row.solver.method == method
            && row.solver.peer == peer
            && row.tolerance == tolerance
    })
}

/// All methods of a plan, ours first.
pub(super) fn methods(plan: &Plan) -> impl Iterator<Item = (&str, bool)> {
    let own = plan.methods.iter().map(|method| (method.as_str(), false));
    own.chain(plan.peers.iter().map(|method| (method.as_str(), true)))
}

/// The fastest of our methods and of the peers on a problem.
pub(super) fn best(plan: &Plan, records: &[Record], problem: &Problem) -> Best {
    let tolerance = plan.sequence_tolerance();
    let fastest = |peer: bool| {
        let rows = solves(plan, records).filter(|row| {
            row.problem == *problem && row.solver.peer == peer && row.tolerance == tolerance
        });
        let timed = rows.filter_map(|row| {
            let seconds = row.total(1.0)?;
            let method = row.solver.method.clone();
            Some(Fastest { method, seconds })
        });
        timed.min_by(|a, b| a.seconds.total_cmp(&b.seconds))
    };
    Best {
        problem: problem.clone(),
        tolerance,
        ours: fastest(false),
        peer: fastest(true),
    }
}

/// The JSON of a bench.
pub(super) fn value<'a>(plan: &Plan, records: &'a [Record]) -> Value<'a> {
    let kept = |record: &&Record| match record {
        Record::Solve(row) => belongs(plan, &row.problem, &row.solver),
        Record::Moving(row) => belongs(plan, &row.problem, &row.solver),
        Record::Triad(row) => row.threads == plan.threads,
    };
    let problems = plan.sizes.iter().flat_map(|size| {
        let problem = |case| plan.problem(*size, case);
        plan.cases.iter().copied().map(problem)
    });
    Value {
        rows: records.iter().filter(kept).collect(),
        best: problems
            .map(|problem| best(plan, records, &problem))
            .collect(),
    }
}

/// One table for each size: set-up and one solve, and iterations.
pub(super) fn text(plan: &Plan, records: &[Record]) -> String {
    let tolerance = plan.sequence_tolerance();
    let mut text = String::new();
    for size in &plan.sizes {
        text += &format!(
            "{size}^{}, residual to {tolerance:e}, {} threads: seconds of set-up + one solve (iterations)\n\n",
            plan.dimension, plan.threads
        );
        let names = plan.cases.iter().map(|case| case.name().to_owned());
        let mut table = Table::new(std::iter::once("method".to_owned()).chain(names));
        for method in methods(plan) {
            let cell = |case| {
                let problem = plan.problem(*size, case);
                cell(find(plan, records, &problem, method, tolerance))
            };
            let cells = plan.cases.iter().map(|case| cell(*case));
            let name = if method.1 {
                format!("{} (peer)", method.0)
            } else {
                method.0.to_owned()
            };
            table.row(std::iter::once(name).chain(cells));
        }
        text += &table.to_string();
        text.push('\n');
    }
    text
}

fn cell(row: Option<&SolveRow>) -> String {
    let Some(row) = row else {
        return "-".to_owned();
    };
    match row.outcome {
        Outcome::Converged => format!(
            "{} ({})",
            number(row.total(1.0), 2),
            row.iterations.unwrap_or(0)
        ),
        Outcome::Missed => "missed".to_owned(),
        Outcome::Refused => "refused".to_owned(),
        Outcome::Failed => "failed".to_owned(),
        Outcome::TimeLimit => "too long".to_owned(),
    }
}
