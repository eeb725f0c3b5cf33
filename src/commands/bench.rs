//! `karman bench`: methods against each other, on this machine.

mod child;
mod job;
mod machine;
mod moving;
mod npz;
mod page;
mod page_bandwidth;
mod page_charts;
mod page_tables;
mod parity;
mod peers;
mod poisson;
mod residual;
mod results;
mod row;
mod solver_jobs;
mod solver_page;
mod solvers;
mod summary;
mod train;
mod work;

use super::error::CommandError;
use super::{Context, Run};

/// Measure methods against strong baselines on this machine, and write a report
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Bench {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  karman bench poisson --sizes 64
  karman bench poisson --sizes 128 --peers target/peers-poisson/bin/python -o runs/poisson
  karman bench solvers --only cavity,cylinder
  karman bench parity --device cuda:0
  karman bench train --device cuda:0 --steps 300";

#[derive(clap::Subcommand)]
enum Action {
    Poisson(poisson::Poisson),
    Solvers(solvers::Solvers),
    Parity(parity::Parity),
    Train(train::Train),
    #[command(name = "poisson-work", hide = true)]
    Work(work::Work),
}

impl Run for Bench {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        match self.action {
            Action::Poisson(args) => args.run(context),
            Action::Solvers(args) => args.run(context),
            Action::Parity(args) => args.run(context),
            Action::Train(args) => args.run(context),
            Action::Work(args) => args.run(context),
        }
    }
}
