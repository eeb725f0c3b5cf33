//! `karman dataset info`: what a data set holds, and what is odd about it.

use std::path::PathBuf;

use karman_datasets::{AirfransDataset, DatasetError, Progress, Trajectories};
use rayon::prelude::*;
use serde::Serialize;

use super::{odd, trajectories};
use crate::commands::error::CommandError;
use crate::commands::number::{count, number};
use crate::commands::table::Table;
use crate::commands::{Context, Run};

/// Show what a data set holds: parts, tasks, conditions, arrays, and what is odd about it
///
/// Without --all the manifest, the case folders and the first case are looked at. With --all every
/// case is read and checked, and the exit code is 1 when one is not usable.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Info {
    /// The folder with manifest.json
    path: PathBuf,
    /// Read and check every case
    #[arg(long)]
    all: bool,
}

const EXAMPLES: &str = "\
Examples:
  karman dataset info datasets/sample/mini-airfrans
  karman dataset info /data/AirfRANS --all --json airfrans.json
  karman dataset info /data/wakes";

/// Cases in memory at most.
const ROUND: usize = 16;

/// What a data set holds.
#[derive(Serialize)]
struct Summary {
    root: PathBuf,
    n_cases: usize,
    parts: Vec<Part>,
    tasks: Vec<TaskRow>,
    /// Sizes of the cases that were read.
    cases: Vec<CaseRow>,
    /// Cases that cannot be used, with the reason.
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

/// A part of the manifest.
#[derive(Serialize)]
struct Part {
    name: String,
    n_cases: usize,
    /// Lowest and highest inlet speed, m/s, of the cases whose name or conditions.json tells it.
    speed: Option<[f64; 2]>,
    /// Lowest and highest angle of attack, degrees.
    aoa: Option<[f64; 2]>,
    /// Lowest and highest Reynolds number on a chord of 1 m.
    reynolds: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct TaskRow {
    name: String,
    train: String,
    validation: Option<String>,
    test: Option<String>,
}

/// A case that was read.
#[derive(Serialize)]
struct CaseRow {
    name: String,
    speed: f64,
    aoa: f64,
    n_points: usize,
    n_cells: usize,
    n_wall_points: usize,
    arrays: Vec<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Fault {
    case: String,
    problem: String,
}

impl Run for Info {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        if Trajectories::is_at(&self.path) {
            return trajectories::show(context, &Trajectories::open(&self.path)?, self.all);
        }
        let dataset = AirfransDataset::open(&self.path)?;
        let mut names = dataset.all_cases();
        if !self.all {
            names.truncate(1);
        }
        let progress = match self.all {
            true => context.progress(),
            false => Progress::Hidden,
        };
        let (cases, faults) = read_cases(&dataset, &names, progress);
        let summary = Summary {
            root: self.path.clone(),
            n_cases: dataset.all_cases().len(),
            parts: parts(&dataset),
            tasks: tasks(&dataset),
            cases,
            faults,
            warnings: dataset.warnings().to_vec(),
        };
        context.output.show(&summary, || summary.text(self.all))?;
        match summary.faults.first() {
            None => Ok(()),
            Some(first) => Err(CommandError::input(format!(
                "{} of {} cannot be used, the first: {}",
                summary.faults.len(),
                count(names.len(), "case"),
                first.problem
            ))),
        }
    }
}

/// Reads cases; those that cannot be used come back with the reason.
fn read_cases(
    dataset: &AirfransDataset,
    names: &[String],
    progress: Progress,
) -> (Vec<CaseRow>, Vec<Fault>) {
    let counter = progress.start("reading cases", names.len() as u64);
    let read = |name: &String| {
        let case = dataset.load(name).and_then(case_row);
        counter.advance();
        case.map_err(|error| Fault {
            case: name.clone(),
            problem: error.to_string(),
        })
    };
    let (mut cases, mut faults) = (Vec::new(), Vec::new());
    // In rounds, so that no more cases are in memory than there are threads.
    for round in names.chunks(rayon::current_num_threads().clamp(1, ROUND)) {
        let results: Vec<_> = round.par_iter().map(read).collect();
        for result in results {
            match result {
                Ok(case) => cases.push(case),
                Err(fault) => faults.push(fault),
            }
        }
    }
    counter.finish();
    (cases, faults)
}

fn case_row(sample: karman_datasets::Sample) -> Result<CaseRow, DatasetError> {
    Ok(CaseRow {
        speed: sample.global("speed")?,
        aoa: sample.global("aoa")?,
        n_points: sample.mesh.n_points(),
        n_cells: sample.mesh.n_cells(),
        n_wall_points: sample.boundary("aerofoil")?.mesh.n_points(),
        arrays: sample.fields.iter().map(|f| f.name().to_owned()).collect(),
        notes: sample.provenance.notes,
        name: sample.name,
    })
}

fn parts(dataset: &AirfransDataset) -> Vec<Part> {
    let part = |(name, names): (&String, &Vec<String>)| {
        let known: Vec<_> = names.iter().filter_map(|n| dataset.conditions(n)).collect();
        Part {
            name: name.clone(),
            n_cases: names.len(),
            speed: range(known.iter().map(|c| c.speed)),
            aoa: range(known.iter().map(|c| c.aoa)),
            reynolds: range(known.iter().map(|c| c.speed / c.nu)),
        }
    };
    dataset.manifest().parts().iter().map(part).collect()
}

fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.fold(None, |found, value| match found {
        None => Some([value; 2]),
        Some([low, high]) => Some([low.min(value), high.max(value)]),
    })
}

fn tasks(dataset: &AirfransDataset) -> Vec<TaskRow> {
    let row = |task: karman_datasets::Task| TaskRow {
        name: task.name,
        train: task.train,
        validation: task.validation,
        test: task.test,
    };
    dataset.tasks().into_iter().map(row).collect()
}

impl Summary {
    fn text(&self, all: bool) -> String {
        let mut text = format!(
            "{}: {}\n\n",
            self.root.display(),
            count(self.n_cases, "case")
        );
        text += &self.parts_table();
        text += "\n";
        text += &self.tasks_table();
        if all {
            text += &self.cases_table();
        } else if let Some(case) = self.cases.first() {
            text += &format!(
                "\nfirst case  {}\n  {} points ({} on the airfoil), {} cells, arrays: {}\n",
                case.name,
                case.n_points,
                case.n_wall_points,
                case.n_cells,
                case.arrays.join(", ")
            );
        }
        text + &self.oddities(all)
    }

    fn parts_table(&self) -> String {
        let mut table = Table::new(["part", "cases", "speed m/s", "angle deg", "Reynolds"]);
        for part in &self.parts {
            let show = |range: Option<[f64; 2]>, digits| match range {
                None => "-".to_owned(),
                Some([low, high]) => format!("{} to {}", number(low, digits), number(high, digits)),
            };
            table.row([
                part.name.clone(),
                part.n_cases.to_string(),
                show(part.speed, 3),
                show(part.aoa, 3),
                show(part.reynolds, 2),
            ]);
        }
        table.to_string()
    }

    fn tasks_table(&self) -> String {
        if self.tasks.is_empty() {
            return "no task: no part of the manifest ends in _train\n".to_owned();
        }
        let mut table = Table::new(["task", "train", "validation", "test"]).text_columns(4);
        for task in &self.tasks {
            let name = |part: &Option<String>, none: &str| part.clone().unwrap_or(none.to_owned());
            table.row([
                task.name.clone(),
                task.train.clone(),
                name(&task.validation, "held out of train"),
                name(&task.test, "none"),
            ]);
        }
        table.to_string()
    }

    fn cases_table(&self) -> String {
        let mut table = Table::new(["case", "speed m/s", "angle deg", "points", "on airfoil"]);
        for case in &self.cases {
            table.row([
                case.name.clone(),
                number(case.speed, 4),
                number(case.aoa, 4),
                case.n_points.to_string(),
                case.n_wall_points.to_string(),
            ]);
        }
        format!("\n{table}")
    }

    fn oddities(&self, all: bool) -> String {
        let mut lines = self.warnings.clone();
        for case in &self.cases {
            lines.extend(
                case.notes
                    .iter()
                    .map(|note| format!("{}: {note}", case.name)),
            );
        }
        lines.extend(self.faults.iter().map(|fault| fault.problem.clone()));
        format!("\n{}", odd(&lines, all))
    }
}
