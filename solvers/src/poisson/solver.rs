//! The solver that simulation codes call: set up once, solve every time step.

use std::time::Instant;

use super::{
    Cell, FlagGrid, FlagStencil, Method, Multigrid, PoissonSolverBuilder,
    iterate::iterate,
    mask::{is_masked, mask, masked},
    parts::Parts,
};
use crate::{
    SolverError,
    linear::{Krylov, SolveOptions, SolveReport, Start, iteration_bytes, refinement_bytes},
};

/// Solves A x = b on a [`FlagGrid`], A being its negative Laplacian.
///
/// Vectors run over all cells. Entries of b in cells that are not fluid are ignored; those of x are set to
/// zero. On a component of fluid that touches no air the solution with mean zero is returned.
///
/// ```
/// use karman_solvers::{FlagGrid, PoissonSolver, Side};
///
/// // a box of 32 x 32 cells, open at the top
/// let grid = FlagGrid::all_fluid([32, 32, 1])?.spacing([0.1; 3])?.open(Side::YMax)?;
/// let mut solver = PoissonSolver::builder(&grid).rtol(1e-8).build()?;
/// let divergence = vec![1.0; grid.len()];
/// let mut pressure = vec![0.0; grid.len()];
/// let report = solver.solve(&divergence, &mut pressure)?;
/// assert!(report.converged());
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct PoissonSolver {
    pub(super) grid: FlagGrid,
    pub(super) parts: Parts,
    pub(super) krylov: Krylov,
    /// b with zeros where there is no fluid, if it has others there.
    pub(super) rhs: Vec<f64>,
    pub(super) options: SolveOptions,
    pub(super) method: Method,
    pub(super) choice: String,
    pub(super) setup_seconds: f64,
    pub(super) update_seconds: f64,
    pub(super) pool: Option<rayon::ThreadPool>,
}

/// What an update changed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UpdateReport {
    /// Cells that are now something else than before.
    pub changed_cells: usize,
    /// Cells of the finest level that were worked on: some ten for each changed one, with multigrid.
    /// Other methods are set up again.
    pub recomputed_cells: usize,
    /// Whether the components of the fluid had to be found again, which takes a pass over all cells:
    /// where cells of air, or the last link between two regions, came or went.
    pub components_found_again: bool,
    /// Seconds that it took.
    pub seconds: f64,
}

impl PoissonSolver {
    /// Starts to set up a solver for `grid`.
    pub fn builder(grid: &FlagGrid) -> PoissonSolverBuilder {
        PoissonSolverBuilder::new(grid)
    }

    /// Solves A x = b. Allocates nothing. x is the first guess where [`Start`] says so.
    ///
    /// Not to converge is no error: the report says so.
    ///
    /// # Errors
    /// Vectors of a wrong length, a value of b in a fluid cell that is not finite.
    pub fn solve(&mut self, b: &[f64], x: &mut [f64]) -> Result<&SolveReport, SolverError> {
        let n = self.grid.len();
        for (what, length) in [("b", b.len()), ("x", x.len())] {
            if length != n {
                let problem = format!(
                    "{length} values for {:?}, that is {n} cells",
                    self.grid.dims()
                );
                return Err(SolverError::Argument { what, problem });
            }
        }
        let Self {
            grid,
            parts,
            krylov,
            rhs,
            options,
            pool,
            ..
        } = self;
        in_pool(pool.as_ref(), || {
            let b = match is_masked(grid.flags(), b)? {
                true => b,
                false => masked(grid.flags(), b, rhs),
            };
            if options.start != Start::Zero {
                mask(grid.flags(), x);
            }
            iterate(parts, krylov, b, x, options);
            if !krylov.report().converged() {
                // the first guess may be what it was
                mask(grid.flags(), x);
            }
            Ok(())
        })?;
        let report = self.krylov.report_mut();
        report.setup_seconds = self.setup_seconds;
        report.update_seconds = self.update_seconds;
        Ok(self.krylov.report())
    }

    /// Changes cells: `(index, what it is now)`. With multigrid this costs in proportion to their number, and
    /// the coarse levels' share of a set-up. The method stays what it is.
    ///
    /// # Errors
    /// An index outside of the grid: nothing has changed then. An operator that cannot be factorised.
    pub fn update(&mut self, changes: &[(usize, Cell)]) -> Result<UpdateReport, SolverError> {
        let clock = Instant::now();
        let n = self.grid.len();
        if let Some((index, _)) = changes.iter().find(|c| c.0 >= n) {
            let problem = format!("index {index} in a grid of {n} cells");
            return Err(SolverError::Argument {
                what: "changed cells",
                problem,
            });
        }
        let mut report = UpdateReport::default();
        let mut connected = true;
        let mut cells = Vec::new();
        for &(index, cell) in changes {
            let before = self.grid.cell(index);
            if before == cell {
                continue;
            }
            connected = connected && self.parts.follow(&self.grid, index, cell);
            self.grid.set(index, cell);
            report.changed_cells += 1;
            cells.extend(self.grid.with_neighbours(index));
        }
        if report.changed_cells > 0 {
            cells.sort_unstable();
            cells.dedup();
            let Self {
                grid,
                parts,
                method,
                pool,
                ..
            } = self;
            report.components_found_again = !connected;
            report.recomputed_cells = in_pool(pool.as_ref(), || {
                parts.update(grid, *method, &cells, connected)
            })?;
            self.take_notes();
        }
        report.seconds = clock.elapsed().as_secs_f64();
        self.update_seconds = report.seconds;
        Ok(report)
    }

    /// Solves for `count` right-hand sides, one after the other in `b` and in `x`. `each` gets the number
    /// and the report of every one.
    ///
    /// # Errors
    /// As [`solve`](Self::solve), which those before the error have gone through.
    pub fn solve_batch(
        &mut self,
        b: &[f64],
        x: &mut [f64],
        count: usize,
        mut each: impl FnMut(usize, &SolveReport),
    ) -> Result<(), SolverError> {
        let n = self.grid.len();
        for (what, length) in [("b", b.len()), ("x", x.len())] {
            if count.checked_mul(n) != Some(length) {
                let problem = format!("{length} values for {count} vectors of {n} cells");
                return Err(SolverError::Argument { what, problem });
            }
        }
        for (i, (b, x)) in b.chunks_exact(n).zip(x.chunks_exact_mut(n)).enumerate() {
            each(i, self.solve(b, x)?);
        }
        Ok(())
    }

    /// What the report is to say of the set-up.
    pub(super) fn take_notes(&mut self) {
        let note = self.parts.preconditioner.note();
        self.krylov.report_mut().notes = std::iter::once(self.choice.clone()).chain(note).collect();
    }

    /// The report of the last solve.
    pub fn report(&self) -> &SolveReport {
        self.krylov.report()
    }

    /// The grid as it is now.
    pub fn grid(&self) -> &FlagGrid {
        &self.grid
    }

    /// The operator A.
    pub fn operator(&self) -> &FlagStencil {
        &self.parts.stencil
    }

    /// The method in use, never [`Method::Auto`].
    pub fn method(&self) -> Method {
        self.method
    }

    /// The method in use and why.
    pub fn choice(&self) -> &str {
        &self.choice
    }

    /// Bytes held: grid, operator, preconditioner and the vectors of the iteration.
    pub fn memory_bytes(&self) -> usize {
        let stencil = self.parts.stencil.memory_bytes();
        let vectors = self.krylov.memory_bytes() + 8 * self.rhs.len();
        self.grid.len() + stencil + self.parts.preconditioner.memory_bytes() + vectors
    }

    /// The multigrid hierarchy, where that is the method.
    pub fn multigrid(&self) -> Option<&Multigrid> {
        self.parts.preconditioner.multigrid()
    }

    /// Bytes that one multigrid cycle reads and writes at least.
    pub fn cycle_bytes(&self) -> Option<usize> {
        self.multigrid().map(Multigrid::cycle_bytes)
    }

    /// Bytes that one iteration reads and writes at least, every pass over an array counted once: over
    /// the time of an iteration that is the bandwidth which the method makes use of.
    pub fn iteration_bytes(&self) -> Option<usize> {
        if let Some(bytes) = self.multigrid().and_then(Multigrid::inner_bytes) {
            return Some(bytes);
        }
        let singular = self.parts.nullspace.as_ref().is_some_and(|n| !n.is_empty());
        let Parts {
            stencil,
            preconditioner,
            ..
        } = &self.parts;
        let map = preconditioner.map_ref();
        match preconditioner.is_exact() {
            true => refinement_bytes(stencil, map, singular),
            false => iteration_bytes(stencil, map, singular),
        }
    }

    /// Options of the iteration.
    pub fn options_mut(&mut self) -> &mut SolveOptions {
        &mut self.options
    }
}

pub(super) fn in_pool<R: Send>(
    pool: Option<&rayon::ThreadPool>,
    work: impl FnOnce() -> R + Send,
) -> R {
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poisson::Side;

    fn bytes_a_cell(method: Method, open: bool) -> f64 {
        let n = 32;
        let mut grid = FlagGrid::all_fluid([n; 3]).expect("valid");
        if open {
            grid = grid.open(Side::ZMax).expect("valid");
        }
        let solver = PoissonSolver::builder(&grid).method(method).build();
        let bytes = solver.expect("valid").iteration_bytes().expect("counted");
        bytes as f64 / grid.len() as f64
    }

    #[test]
    fn bytes_of_an_iteration_are_counted_for_every_method() {
        // codes, p, q; p and z; x, r; r . r
        let cg = 18.0 + 9.0 * 8.0 + 8.0;
        assert_eq!(bytes_a_cell(Method::Cg, true), cg);
        assert_eq!(bytes_a_cell(Method::Jacobi, true), cg - 8.0 + 24.0);
        // two projections and a product more, where there is a nullspace
        assert_eq!(bytes_a_cell(Method::Jacobi, false), cg - 8.0 + 24.0 + 64.0);
        for method in Method::ALL {
            let bytes = bytes_a_cell(method, true);
            // at least what conjugate gradients move, and the preconditioner's r and z; with multigrid in
            // single precision: x, p twice, p, b twice and e twice, and what is around a cell
            let least = match method {
                Method::Cg => cg,
                Method::Multigrid => 8.0 * 4.0 + 2.0,
                _ => cg + 8.0,
            };
            assert!((least..1e5).contains(&bytes), "{method}: {bytes}");
        }
        // the fill of a complete factor
        assert!(
            bytes_a_cell(Method::Cholesky, true) > bytes_a_cell(Method::IncompleteCholesky, true)
        );
        let cycle = bytes_a_cell(Method::Multigrid, true) - (8.0 * 4.0 + 2.0);
        // b twice, x, what is around a cell twice; and the coarser levels
        assert!(cycle > 3.0 * 4.0 + 2.0, "{cycle}");
    }

    #[test]
    fn transforms_are_refined_where_they_are_exact() {
        let grid = FlagGrid::all_fluid([12, 10, 8]).expect("valid");
        let builder = PoissonSolver::builder(&grid).method(Method::Fourier);
        let mut solver = builder.rtol(1e-10).build().expect("valid");
        let mut b: Vec<f64> = (0..grid.len()).map(|i| (0.7 * i as f64).sin()).collect();
        let mut x = vec![0.0; b.len()];
        for (obstacle, method) in [
            (None, "iterative refinement"),
            (Some(500), "conjugate gradients"),
        ] {
            let changes: Vec<_> = obstacle
                .map(|cell| (cell, Cell::Solid))
                .into_iter()
                .collect();
            solver.update(&changes).expect("inside");
            obstacle.into_iter().for_each(|cell| b[cell] = 0.0);
            let mean = b.iter().sum::<f64>() / (b.len() - changes.len()) as f64;
            let fluid = (0..b.len()).filter(|cell| Some(*cell) != obstacle);
            fluid.for_each(|cell| b[cell] -= mean);
            let report = solver.solve(&b, &mut x).expect("valid");
            assert!(
                report.converged() && report.method.ends_with(method),
                "{report}"
            );
            assert_eq!(report.iterations == 1, obstacle.is_none());
        }
    }

    /// A factor of a singular matrix does not depend on what rounding makes of its last pivot.
    #[test]
    fn a_closed_box_by_a_factor() {
        let n = 40;
        let grid = FlagGrid::all_fluid([n; 3]).expect("valid");
        let mut b: Vec<f64> = (0..grid.len()).map(|i| (0.7 * i as f64).sin()).collect();
        let mean = b.iter().sum::<f64>() / b.len() as f64;
        b.iter_mut().for_each(|b| *b -= mean);
        let builder = PoissonSolver::builder(&grid).method(Method::Cholesky);
        let mut solver = builder.rtol(1e-9).build().expect("regular");
        let mut x = vec![0.0; b.len()];
        let report = solver.solve(&b, &mut x).expect("valid");
        assert!(report.converged() && report.iterations <= 2, "{report}");
        assert!(x.iter().sum::<f64>().abs() < 1e-6 * x.len() as f64);
    }
}
