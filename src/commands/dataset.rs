//! `karman dataset`: look at a data set, split it, cache it.

mod cache;
mod info;
mod split;
mod trajectories;

use super::error::CommandError;
use super::{Context, Run};

/// Look at a folder of cases, split it into parts, or cache it
///
/// A data set is a folder in the format of AirfRANS: manifest.json, and NAME/NAME_internal.vtu and
/// NAME/NAME_aerofoil.vtp for each case. docs/src/data-format.md says more. `info` also takes a set of
/// trajectories that `karman generate` made.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Dataset {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  karman dataset info datasets/sample/mini-airfrans
  karman dataset split my-cases --test 0.2 -o my-cases/manifest.json
  karman dataset cache /data/AirfRANS";

#[derive(clap::Subcommand)]
enum Action {
    Info(info::Info),
    Split(split::SplitArgs),
    Cache(cache::CacheArgs),
}

impl Run for Dataset {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        match self.action {
            Action::Info(args) => args.run(context),
            Action::Split(args) => args.run(context),
            Action::Cache(args) => args.run(context),
        }
    }
}

/// What is odd about a data set, one thing a line; `all` is whether every case was looked at.
fn odd(lines: &[String], all: bool) -> String {
    if !lines.is_empty() {
        return format!("odd:\n  {}\n", lines.join("\n  "));
    }
    let looked = if all {
        "every case was read"
    } else {
        "--all reads every case"
    };
    format!("nothing odd was found ({looked})\n")
}
