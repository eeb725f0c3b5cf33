//! `karman solve poisson`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use karman_datasets::{Array, check_array_path, write_array};
use karman_solvers::{
    Cell, FlagGrid, Imbalance, Method, PoissonSolver, Side, SolveOptions, SolveReport, Start,
};
use serde::Serialize;

use super::arrays::{Source, dims, same_shape};
use super::outcome::{check_plot, plot, verdict};
use super::tolerance;
use crate::commands::error::CommandError;
use crate::commands::number;
use crate::commands::{Context, Run};

/// Solve -Laplace(x) = b on a grid of solid, fluid and air cells
///
/// Flags are integers with axes z, y, x (in two dimensions y, x): 0 solid (no flux through its faces),
/// 1 fluid (an unknown), 2 air (x = 0). The sides of the domain are solid but for those of --open, which
/// have air behind them. b and x have a value per cell; b counts in fluid cells, x is 0 in others.
///
/// Files: .npy; .npz and HDF5 (.h5, .hdf5) with arrays `flags` and `rhs`, where FILE:NAME means another
/// array. x is written in the format of its extension.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Poisson {
    /// The cells: array `flags`
    #[arg(long, value_name = "FILE")]
    flags: PathBuf,
    /// The right-hand side: array `rhs` [default: that of the file of the flags]
    #[arg(long, value_name = "FILE")]
    rhs: Option<PathBuf>,
    /// Size of a cell: one number, or one for each axis
    #[arg(
        long,
        value_name = "HX,HY,HZ",
        value_delimiter = ',',
        default_value = "1"
    )]
    spacing: Vec<f64>,
    /// Sides with air behind them: x-, x+, y-, y+, z-, z+
    #[arg(long, value_name = "SIDE,..", value_delimiter = ',')]
    open: Vec<Side>,
    /// How to solve
    #[arg(long, default_value_t = Method::Auto, value_parser = methods())]
    method: Method,
    /// Stop when ||b - A x|| is this share of ||b||
    #[arg(long, value_name = "TOL", default_value = "1e-6", value_parser = tolerance)]
    tol: f64,
    /// Give up after so many iterations
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_iterations: usize,
    /// Remove from b what no x can reach, however large: the means of closed parts of the fluid
    #[arg(long)]
    project: bool,
    /// The first guess: array `x`; it is scaled to fit best
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Draw the residual over the iterations (.svg, .png)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Where x goes: array `x` (.npy, .npz, .h5)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  karman solve poisson --flags flags.npy --rhs rhs.npy --spacing 0.01 --open y+ -o pressure.npy
  karman solve poisson --flags problem.npz --tol 1e-8 --plot history.svg -o x.npz
  karman solve poisson --flags run.h5 --rhs run.h5:step_7/rhs --start last.h5 -o x.h5
  karman solve poisson --flags problem.h5 --method mic0 --threads 2 --json report.json

Exit codes: 0 converged, 1 not converged or wrong input, 2 wrong usage.";

fn methods() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name)).try_map(|name| name.parse::<Method>())
}

/// The result as JSON.
#[derive(Serialize)]
struct Solved<'a> {
    grid: GridFacts,
    method: &'static str,
    /// Why this method.
    choice: &'a str,
    threads: usize,
    memory_bytes: usize,
    converged: bool,
    relative_residual: f64,
    report: &'a SolveReport,
    output: Option<&'a PathBuf>,
}

/// What was solved on.
#[derive(Serialize)]
struct GridFacts {
    /// Cells along x, y, z.
    dims: [usize; 3],
    spacing: [f64; 3],
    open: Vec<String>,
    fluid: usize,
    solid: usize,
    air: usize,
}

impl Run for Poisson {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        check_plot(self.plot.as_deref())?;
        self.output.as_ref().map(check_array_path).transpose()?;
        let flags = Source::new(&self.flags);
        let rhs = match &self.rhs {
            Some(path) => Source::new(path),
            None => flags.sibling()?,
        };
        let cells = flags.read::<u8>("flags")?;
        let grid = self.grid(&cells, &flags)?;
        let b = rhs.read::<f64>("rhs")?;
        same_shape("rhs", &b, &rhs, &cells.shape)?;
        let mut x = self.first_guess(&cells.shape)?;
        let mut solver = PoissonSolver::builder(&grid)
            .method(self.method)
            .options(self.options())
            .build()?;
        solver.solve(&b.values, &mut x)?;
        if let Some(path) = &self.output {
            write_array(path, "x", &cells.shape, &x)?;
        } else {
            context.note("x is not kept; -o FILE writes it");
        }
        if let Some(path) = &self.plot {
            plot(solver.report(), path)?;
        }
        let solved = self.solved(&solver);
        context.output.show(&solved, || self.text(&solved))?;
        verdict(
            solver.report(),
            "make b sum to zero over each part of the fluid that touches no air, or remove what it is \
             off by with --project",
        )
    }
}

impl Poisson {
    fn grid(&self, cells: &Array<u8>, source: &Source) -> Result<FlagGrid, CommandError> {
        let dims = dims(&cells.shape, source)?;
        let spacing = match self.spacing[..] {
            [h] => [h; 3],
            [hx, hy] if dims[2] == 1 => [hx, hy, 1.0],
            [hx, hy, hz] => [hx, hy, hz],
            _ => {
                return Err(CommandError::input(format!(
                    "--spacing has {} numbers; 1 is needed, or 1 for each of the {} axes",
                    self.spacing.len(),
                    cells.shape.len()
                )));
            }
        };
        let named = |error| CommandError::input(format!("{source}: {error}"));
        let mut grid = FlagGrid::new(dims, &cells.values)
            .map_err(named)?
            .spacing(spacing)?;
        for side in &self.open {
            grid = grid.open(*side)?;
        }
        Ok(grid)
    }

    fn first_guess(&self, shape: &[usize]) -> Result<Vec<f64>, CommandError> {
        let Some(path) = &self.start else {
            return Ok(vec![0.0; shape.iter().product()]);
        };
        let source = Source::new(path);
        let start = source.read::<f64>("x")?;
        same_shape("the first guess", &start, &source, shape)?;
        Ok(start.values)
    }

    fn options(&self) -> SolveOptions {
        let default = SolveOptions::default();
        SolveOptions {
            rtol: self.tol,
            max_iterations: self.max_iterations,
            start: if self.start.is_some() {
                Start::Scaled
            } else {
                Start::Zero
            },
            imbalance: if self.project {
                Imbalance::Project
            } else {
                default.imbalance
            },
            ..default
        }
    }

    fn solved<'a>(&'a self, solver: &'a PoissonSolver) -> Solved<'a> {
        let grid = solver.grid();
        let number_of = |cell: Cell| grid.flags().iter().filter(|&&c| c == cell as u8).count();
        let open = Side::ALL.into_iter().filter(|side| grid.is_open(*side));
        Solved {
            grid: GridFacts {
                dims: grid.dims(),
                spacing: grid.spacing_of_axes(),
                open: open.map(|side| side.to_string()).collect(),
                fluid: number_of(Cell::Fluid),
                solid: number_of(Cell::Solid),
                air: number_of(Cell::Air),
            },
            method: solver.method().name(),
            choice: solver.choice(),
            threads: rayon::current_num_threads(),
            memory_bytes: solver.memory_bytes(),
            converged: solver.report().converged(),
            relative_residual: solver.report().relative_residual(),
            report: solver.report(),
            output: self.output.as_ref(),
        }
    }

    fn text(&self, solved: &Solved) -> String {
        let grid = &solved.grid;
        let axes = if grid.dims[2] == 1 { 2 } else { 3 };
        let join = |values: Vec<String>, by: &str| values.join(by);
        let dims = join(
            grid.dims[..axes].iter().map(usize::to_string).collect(),
            " x ",
        );
        let spacing = join(
            grid.spacing[..axes].iter().map(f64::to_string).collect(),
            ", ",
        );
        let open = match &grid.open[..] {
            [] => "all sides are walls".to_owned(),
            sides => format!("open at {}", sides.join(", ")),
        };
        let mut text = format!(
            "grid: {dims} cells of {spacing}: {} fluid, {} solid, {} air; {open}\n{}\n  memory       {}",
            grid.fluid,
            grid.solid,
            grid.air,
            solved.report,
            number::bytes(solved.memory_bytes as u64)
        );
        for path in [&self.output, &self.plot].into_iter().flatten() {
            text += &format!("\nwrote {}", path.display());
        }
        text
    }
}
