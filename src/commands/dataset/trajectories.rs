//! `karman dataset info` on a folder of trajectories.

use std::collections::BTreeMap;
use std::path::PathBuf;

use karman_datasets::{Progress, Trajectories, TrajectoryCase, TrajectoryField};
use serde::Serialize;

use super::odd;
use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::number::{bytes, count, number};
use crate::commands::table::Table;

/// What a folder of trajectories holds.
#[derive(Serialize)]
struct Summary {
    root: PathBuf,
    title: String,
    generator: String,
    solver: String,
    karman: String,
    n_cases: usize,
    bytes: u64,
    /// Cells along each axis of the first case, slowest first.
    shape: Vec<usize>,
    n_times: usize,
    /// First and last time, s.
    times: [f64; 2],
    fields: Vec<TrajectoryField>,
    statics: Vec<TrajectoryField>,
    /// Lowest and highest value of each parameter that is a number.
    parameters: BTreeMap<String, [f64; 2]>,
    parts: Vec<Part>,
    unused: Vec<String>,
    rejected: Vec<Fault>,
    /// Cases that are not what was written, with the reason.
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Part {
    name: String,
    n_cases: usize,
    /// Numbers of the times: from the first, up to but without the second.
    times: [usize; 2],
}

#[derive(Serialize)]
struct Fault {
    case: String,
    problem: String,
}

/// Shows what the folder holds; with `all`, reads every case, and fails when one is damaged.
pub(super) fn show(context: &Context, set: &Trajectories, all: bool) -> Result<(), CommandError> {
    let faults = match all {
        true => faults(set, context.progress()),
        false => Vec::new(),
    };
    let summary = Summary::of(set, faults);
    context.output.show(&summary, || summary.text(all))?;
    match summary.faults.first() {
        None => Ok(()),
        Some(first) => Err(CommandError::input(format!(
            "{} of {} cannot be used, the first: {}",
            summary.faults.len(),
            count(summary.n_cases, "case"),
            first.problem
        ))),
    }
}

fn faults(set: &Trajectories, progress: Progress) -> Vec<Fault> {
    let fault = |(case, error): (String, karman_datasets::DatasetError)| Fault {
        case,
        problem: error.to_string(),
    };
    set.faults(progress).into_iter().map(fault).collect()
}

/// Lowest and highest value of each parameter that is a number.
fn ranges(cases: &[TrajectoryCase]) -> BTreeMap<String, [f64; 2]> {
    let mut ranges: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for (name, value) in cases.iter().flat_map(|case| &case.parameters) {
        if let Some(value) = value.as_f64() {
            let [low, high] = ranges.entry(name.clone()).or_insert([value; 2]);
            (*low, *high) = (low.min(value), high.max(value));
        }
    }
    ranges
}

impl Summary {
    fn of(set: &Trajectories, faults: Vec<Fault>) -> Self {
        let manifest = set.manifest();
        let part = |(name, part): (&String, &karman_datasets::TrajectoryPart)| Part {
            name: name.clone(),
            n_cases: part.cases.len(),
            times: part.times,
        };
        let rejected = |case: &karman_datasets::RejectedCase| Fault {
            case: case.name.clone(),
            problem: case.reason.clone(),
        };
        let ends = [manifest.times.first(), manifest.times.last()];
        Self {
            root: set.root().to_path_buf(),
            title: manifest.title.clone(),
            generator: manifest.generator.clone(),
            solver: manifest.solver.clone(),
            karman: manifest.karman.clone(),
            n_cases: manifest.cases.len(),
            bytes: manifest.cases.iter().map(|case| case.bytes).sum(),
            shape: manifest
                .cases
                .first()
                .map_or(Vec::new(), |case| case.grid.shape.clone()),
            n_times: manifest.times.len(),
            times: ends.map(|time| time.copied().unwrap_or_default()),
            fields: manifest.fields.clone(),
            statics: manifest.statics.clone(),
            parameters: ranges(&manifest.cases),
            parts: manifest.parts.iter().map(part).collect(),
            unused: manifest.unused.clone(),
            rejected: manifest.rejected.iter().map(rejected).collect(),
            faults,
        }
    }

    fn text(&self, all: bool) -> String {
        let mut text = format!(
            "{}: {}, {}\n",
            self.root.display(),
            count(self.n_cases, "case"),
            bytes(self.bytes)
        );
        if !self.title.is_empty() {
            text += &format!("{}\n", self.title);
        }
        let cells: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        text += &format!(
            "made by {} ({}), karman {}\n{} cells, {} from {} to {} s\n\n",
            self.generator,
            self.solver,
            self.karman,
            cells.join(" x "),
            count(self.n_times, "time"),
            number(self.times[0], 4),
            number(self.times[1], 4),
        );
        text += &format!("{}\n{}\n", self.fields_table(), self.parts_table());
        if !self.parameters.is_empty() {
            text += &format!("{}\n", self.parameters_table());
        }
        text + &self.oddities(all)
    }

    fn fields_table(&self) -> String {
        let mut table = Table::new(["field", "unit", "changes", "components"]).text_columns(3);
        let fields = self.fields.iter().map(|field| (field, "with time"));
        for (field, changes) in fields.chain(self.statics.iter().map(|field| (field, "never"))) {
            let components = field.components.to_string();
            table.row([&field.name[..], &field.unit, changes, &components]);
        }
        table.to_string()
    }

    fn parts_table(&self) -> String {
        let mut table = Table::new(["part", "cases", "first time", "times"]);
        for part in &self.parts {
            let [from, to] = part.times;
            table.row([
                part.name.clone(),
                part.n_cases.to_string(),
                from.to_string(),
                (to - from).to_string(),
            ]);
        }
        table.to_string()
    }

    fn parameters_table(&self) -> String {
        let mut table = Table::new(["parameter", "lowest", "highest"]);
        for (name, [low, high]) in &self.parameters {
            table.row([name.clone(), number(*low, 4), number(*high, 4)]);
        }
        table.to_string()
    }

    fn oddities(&self, all: bool) -> String {
        let mut lines = Vec::new();
        for rejected in &self.rejected {
            lines.push(format!(
                "{} was rejected: {}",
                rejected.case, rejected.problem
            ));
        }
        if !self.unused.is_empty() {
            lines.push(format!(
                "in no part, since each would give something of another part away: {}",
                self.unused.join(", ")
            ));
        }
        lines.extend(self.faults.iter().map(|fault| fault.problem.clone()));
        odd(&lines, all)
    }
}
