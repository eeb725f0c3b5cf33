//! `karman solve`: linear systems from files.

mod arrays;
mod matrix;

mod outcome;
mod poisson;

use super::error::CommandError;
use super::{Context, Run};

/// Solve a Poisson problem on a flag grid, or a sparse linear system, from files
///
/// Both print what was done and how good the solution is, on the true residual. The exit code is 0
/// only when the solution is as good as asked.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Solve {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  karman solve poisson --flags flags.npy --rhs rhs.npy --spacing 0.01 --open y+ -o pressure.npy
  karman solve matrix A.mtx b.mtx -o x.mtx";

#[derive(clap::Subcommand)]
enum Action {
    Poisson(poisson::Poisson),
    Matrix(matrix::Matrix),
}

impl Run for Solve {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        match self.action {
            Action::Poisson(args) => args.run(context),
            Action::Matrix(args) => args.run(context),
        }
    }
}

/// A tolerance on the command line.
fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("a number between 0 and 1, like 1e-6".to_owned()),
    }
}
