//! `karman solve matrix`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use karman_meshes::write_file_atomically;
use karman_solvers::{
    Imbalance, LinearOperator, MatrixFile, MatrixMethod, MatrixSolver, SolveOptions, SolveReport,
};
use serde::Serialize;

use super::outcome::{check_plot, plot, verdict};
use super::tolerance;
use crate::commands::error::CommandError;
use crate::commands::{Context, Run};

/// Solve A x = b for a sparse symmetric matrix from a file
///
/// Files: Matrix Market (.mtx), MATLAB up to v7 (.mat), or lines of `row column value` of the lower
/// triangle. Without B the right-hand side is A times a vector that is known (entry i is cos(i), counted
/// from 0), and how far off x is gets printed.
///
/// A matrix that cannot be solved is refused with the reason.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Matrix {
    /// The matrix
    #[arg(value_name = "A")]
    matrix: PathBuf,
    /// The right-hand side: one column
    #[arg(value_name = "B")]
    rhs: Option<PathBuf>,
    /// Name of the matrix in a .mat file with several
    #[arg(long, value_name = "NAME")]
    matrix_name: Option<String>,
    /// Name of the right-hand side in a .mat file; without B, in that of the matrix
    #[arg(long, value_name = "NAME")]
    rhs_name: Option<String>,
    /// How to solve: auto, cg, ic, amg, cholesky, minres
    #[arg(long, default_value_t = MatrixMethod::Auto)]
    method: MatrixMethod,
    /// Stop when ||b - A x|| is this share of ||b||
    #[arg(long, value_name = "TOL", default_value = "1e-8", value_parser = tolerance)]
    tol: f64,
    /// Give up after so many iterations
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    max_iterations: usize,
    /// Remove from b what no x can reach, however large: least squares for a singular matrix
    #[arg(long)]
    project: bool,
    /// Draw the residual over the iterations (.svg, .png)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Where x goes, as Matrix Market
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  karman solve matrix stiffness.mtx load.mtx -o displacement.mtx
  karman solve matrix poisson.mat --rhs-name b --tol 1e-10 --plot history.png
  karman solve matrix stiffness.mtx --method ic --json report.json

Exit codes: 0 converged, 1 not converged, refused or wrong input, 2 wrong usage.";

/// The result as JSON.
#[derive(Serialize)]
struct Solved<'a> {
    matrix: &'a Path,
    rows: usize,
    entries: usize,
    /// What the matrix is, what was chosen and why.
    choice: &'a str,
    threads: usize,
    converged: bool,
    relative_residual: f64,
    /// Largest difference between x and the vector that b was made from.
    largest_error: Option<f64>,
    report: &'a SolveReport,
    /// Remarks on the file.
    notes: &'a [String],
    output: Option<&'a PathBuf>,
}

impl Run for Matrix {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        check_plot(self.plot.as_deref())?;
        let file = MatrixFile::read(&self.matrix)?;
        let matrix = file.matrix(self.matrix_name.as_deref())?;
        let named = |error| CommandError::input(format!("{}: {error}", self.matrix.display()));
        let mut solver = MatrixSolver::new(&matrix, self.method).map_err(named)?;
        let (b, made) = self.right_side(&file, &solver)?;
        let mut x = vec![0.0; b.len()];
        let options = SolveOptions {
            rtol: self.tol,
            max_iterations: self.max_iterations,
            imbalance: match self.project {
                true => Imbalance::Project,
                false => SolveOptions::default().imbalance,
            },
            ..SolveOptions::default()
        };
        solver.solve(&b, &mut x, &options)?;
        if let Some(path) = &self.output {
            write_vector(path, &x)?;
        } else if !made {
            context.note("x is not kept; -o FILE writes it");
        }
        if let Some(path) = &self.plot {
            plot(solver.report(), path)?;
        }
        let off = |error: f64, (i, x): (usize, &f64)| error.max((x - known(i)).abs());
        let solved = Solved {
            matrix: &self.matrix,
            rows: matrix.rows(),
            entries: matrix.nnz(),
            choice: solver.choice(),
            threads: rayon::current_num_threads(),
            converged: solver.report().converged(),
            relative_residual: solver.report().relative_residual(),
            // On a singular matrix x is right without being that vector.
            largest_error: (made && solver.nullspace().is_none())
                .then(|| x.iter().enumerate().fold(0.0, off)),
            report: solver.report(),
            notes: &file.notes,
            output: self.output.as_ref(),
        };
        context.output.show(&solved, || self.text(&solved, made))?;
        verdict(
            solver.report(),
            "the matrix is singular and b has a part along its null vectors; --project removes it",
        )
    }
}

impl Matrix {
    /// b, and whether it was made here.
    fn right_side(
        &self,
        file: &MatrixFile,
        solver: &MatrixSolver,
    ) -> Result<(Vec<f64>, bool), CommandError> {
        let rows = solver.operator().dim();
        let name = self.rhs_name.as_deref();
        let (path, b) = match (&self.rhs, name) {
            (Some(path), _) => (path, MatrixFile::read(path)?.vector(name)?),
            (None, Some(_)) => (&self.matrix, file.vector(name)?),
            (None, None) => {
                let mut b = vec![0.0; rows];
                let known: Vec<f64> = (0..rows).map(known).collect();
                solver.operator().apply(&known, &mut b);
                return Ok((b, true));
            }
        };
        if b.len() != rows {
            return Err(CommandError::input(format!(
                "{}: {} entries for a matrix of {rows} rows",
                path.display(),
                b.len()
            )));
        }
        Ok((b, false))
    }

    fn text(&self, solved: &Solved, made: bool) -> String {
        let mut text = format!("{}: {}\n", self.matrix.display(), solved.choice);
        for note in solved.notes {
            text += &format!("  note         {note}\n");
        }
        if made {
            text += "b is A times the vector with entries cos(i)\n";
        }
        text += &solved.report.to_string();
        if let Some(error) = solved.largest_error {
            text += &format!("\n  error        {error:.2e}, the largest |x_i - cos(i)|");
        }
        for path in [&self.output, &self.plot].into_iter().flatten() {
            text += &format!("\nwrote {}", path.display());
        }
        text
    }
}

/// Entry i of the solution where b is made here. It is no null vector of matrices that people have.
fn known(i: usize) -> f64 {
    (i as f64).cos()
}

/// Writes a vector as a Matrix Market array of one column.
fn write_vector(path: &Path, x: &[f64]) -> Result<(), CommandError> {
    let mut text = format!("%%MatrixMarket matrix array real general\n{} 1\n", x.len());
    for value in x {
        // Seventeen digits: reads back as the same number. Writing to a string does not fail.
        let _ = writeln!(text, "{value:.16e}");
    }
    Ok(write_file_atomically(path, text.as_bytes())?)
}
