//! `karman mesh`: look at mesh files and convert them.

mod airfoil;
mod convert;
mod info;

use super::error::CommandError;
use super::{Context, Run};

/// Look at mesh files, or convert them between encodings and formats
///
/// Reads VTK XML files (.vtu, .vtp) as VTK, ParaView, pyvista and meshio write them, Gmsh meshes
/// (.msh), SU2 meshes (.su2) and binary solutions (.dat), and airfoil coordinates (.dat).
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Mesh {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  karman mesh info case_internal.vtu
  karman mesh convert case_internal.vtu small.vtu --encoding raw --compression lzma";

#[derive(clap::Subcommand)]
enum Action {
    Info(info::Info),
    Convert(convert::Convert),
}

impl Run for Mesh {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        match self.action {
            Action::Info(args) => args.run(context),
            Action::Convert(args) => args.run(context),
        }
    }
}
