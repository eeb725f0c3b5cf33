//! `karman bench solvers`: the reference solvers against exact solutions and published flows.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::machine;
use super::solver_jobs::{Findings, Job, Sizes, Work};
use super::solver_page;
use crate::commands::error::CommandError;
use crate::commands::number::{bytes, number};
use crate::commands::table::Table;
use crate::commands::{Context, Run, system};

/// Reference solvers: accuracy against exact solutions and published flows, and what a step costs
///
/// Orders of accuracy, the lid-driven cavity of Ghia, Ghia and Shin, wakes of cylinders, error against cost of
/// every solver, and cells and steps in a second. All of it takes about a quarter of an hour on two cores. Writes
/// DIR/report.html; what is there so far is in the file of --json at any time.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Solvers {
    /// Only these [default: all]
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    only: Vec<Job>,
    /// Cells along a side of the lid-driven cavity; even
    #[arg(long, value_name = "N", default_value_t = 128)]
    cavity_cells: usize,
    /// Cells across the cylinders
    #[arg(long, value_name = "N", default_value_t = 16)]
    diameter_cells: usize,
    /// Cells along a side of the plane flows whose cost is taken
    #[arg(long, value_name = "N", default_value_t = 512)]
    flow_cells: usize,
    /// Cells along a side of the plume in three dimensions
    #[arg(long, value_name = "N", default_value_t = 128)]
    smoke_cells: usize,
    /// Folder of the report
    #[arg(long, short, value_name = "DIR", default_value = "runs/bench-solvers")]
    output: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  karman bench solvers --only taylor-green,lines
  karman bench solvers --only cavity --cavity-cells 64
  karman bench solvers --threads 2 --json solvers.json";

/// The result.
#[derive(Serialize)]
pub(super) struct Results {
    /// Processor, cores and caches.
    pub(super) machine: String,
    /// Threads of every run.
    pub(super) threads: usize,
    #[serde(flatten)]
    pub(super) findings: Findings,
    /// The most memory that the program held, bytes.
    pub(super) peak_memory: Option<u64>,
}

impl Run for Solvers {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let sizes = Sizes {
            cavity: self.cavity_cells,
            diameter: self.diameter_cells,
            flow: self.flow_cells,
            smoke: self.smoke_cells,
        };
        std::fs::create_dir_all(&self.output).map_err(CommandError::io("make", &self.output))?;
        let mut results = Results {
            machine: machine::description(),
            threads: rayon::current_num_threads(),
            findings: Findings::default(),
            peak_memory: None,
        };
        for job in self.jobs() {
            let name = job.to_possible_value();
            let name = name.as_ref().map_or("run", |name| name.get_name());
            let counter = context.progress().start(name, 100);
            let mut done = 0;
            results.findings.run(job, &sizes, |share| {
                while done < (100.0 * share) as usize {
                    counter.advance();
                    done += 1;
                }
            })?;
            (done..100).for_each(|_| counter.advance());
            counter.finish();
            results.peak_memory = system::own_memory("VmHWM");
            context.output.keep(&results)?;
        }
        let page = solver_page::write(&self.output, &results)?;
        context.output.show(&results, || text(&results))?;
        context.note(format!("report: {}", page.display()));
        Ok(())
    }
}

impl Solvers {
    fn jobs(&self) -> Vec<Job> {
        let all = Job::value_variants();
        let wanted = |job: &&Job| self.only.is_empty() || self.only.contains(job);
        all.iter().filter(wanted).copied().collect()
    }
}

fn text(results: &Results) -> String {
    let Findings { checks, work, .. } = &results.findings;
    let mut text = format!("{}, {} threads\n", results.machine, results.threads);
    if !checks.is_empty() {
        let head = ["case", "quantity", "found", "wanted", ""];
        let mut table = Table::new(head).text_columns(2);
        for check in checks {
            let [low, high] = check.range.map(|limit| number(limit, 4));
            let verdict = if check.holds { "holds" } else { "FAILS" };
            table.row([
                check.case.clone(),
                check.quantity.clone(),
                number(check.found, 4),
                format!("{low} to {high}"),
                verdict.to_owned(),
            ]);
        }
        text += &format!("\n{table}");
    }
    let mut table = Table::new(Work::HEAD).text_columns(2);
    for row in work {
        table.row(row.columns());
    }
    if !table.is_empty() {
        text += &format!("\n{table}");
    }
    match results.peak_memory {
        Some(peak) => format!("{text}\npeak memory {}", bytes(peak)),
        None => text,
    }
}
