//! Settings of a Poisson solver, and the choice of its method.

use std::time::Instant;

use super::{FlagGrid, Method, PoissonSolver, parts::Parts, solver::in_pool};
use crate::{
    SolverError,
    linear::{Krylov, SolveOptions, Start},
};

/// Residuals that a report keeps at most.
const HISTORY: usize = 10_000;

/// Settings of a [`PoissonSolver`].
#[derive(Clone, Debug)]
pub struct PoissonSolverBuilder {
    grid: FlagGrid,
    method: Method,
    options: SolveOptions,
    expected_solves: usize,
    threads: Option<usize>,
}

impl PoissonSolverBuilder {
    pub(super) fn new(grid: &FlagGrid) -> Self {
        Self {
            grid: grid.clone(),
            method: Method::Auto,
            options: SolveOptions::default(),
            expected_solves: 1,
            threads: None,
        }
    }

    /// The method; [`Method::Auto`] if not set.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// How often the same flags will be solved for (1), which [`Method::Auto`] asks for: a factor pays
    /// only when it is used often.
    #[must_use]
    pub fn expected_solves(mut self, solves: usize) -> Self {
        self.expected_solves = solves;
        self
    }

    /// Stop at this residual over the norm of b (1e-6).
    #[must_use]
    pub fn rtol(mut self, rtol: f64) -> Self {
        self.options.rtol = rtol;
        self
    }

    /// Iterations at most (1000).
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.options.max_iterations = max_iterations;
        self
    }

    /// The first guess: zero unless set.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.options.start = start;
        self
    }

    /// All options of the iteration at once.
    #[must_use]
    pub fn options(mut self, options: SolveOptions) -> Self {
        self.options = options;
        self
    }

    /// Threads; without this, those of the rayon pool that calls.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Sets the solver up.
    ///
    /// # Errors
    /// Options that make no sense, threads that cannot be started, a method that the grid does not
    /// allow.
    pub fn build(self) -> Result<PoissonSolver, SolverError> {
        check(&self.options)?;
        let pool = self.threads.map(thread_pool).transpose()?;
        let clock = Instant::now();
        let (method, choice) = choose(self.method, &self.grid, self.expected_solves);
        let parts = in_pool(pool.as_ref(), || Parts::new(&self.grid, method))?;
        let mut solver = PoissonSolver {
            krylov: Krylov::new(
                self.grid.len(),
                self.options.max_iterations.min(HISTORY) + 1,
            ),
            rhs: vec![0.0; self.grid.len()],
            grid: self.grid,
            parts,
            options: self.options,
            method,
            choice,
            setup_seconds: 0.0,
            update_seconds: 0.0,
            pool,
        };
        solver.take_notes();
        solver.setup_seconds = clock.elapsed().as_secs_f64();
        Ok(solver)
    }
}

/// Unknowns of a 2D grid up to which a factor is made for a single solve, and for many.
const DIRECT_AT_ONCE: usize = 64 * 64;
const DIRECT_FOR_MANY: usize = 300 * 300;
/// Solves that pay for a factor.
const MANY: usize = 10;

/// What `method` stands for on this grid, and why. The limits are where the two methods met on two cores
/// of a 2024 server (docs/src/poisson/choosing.md).
fn choose(method: Method, grid: &FlagGrid, solves: usize) -> (Method, String) {
    if method != Method::Auto {
        return (method, format!("{method}: asked for"));
    }
    let fluid = grid.fluid_cells();
    let dimension = grid.dimension();
    if grid.is_empty_box() {
        let why = "every cell is fluid, so transforms solve the box exactly";
        return (Method::Fourier, format!("dct: {why}"));
    }
    let what = format!("{fluid} unknowns in {dimension}D");
    if dimension == 2 && fluid <= DIRECT_AT_ONCE {
        return (Method::Cholesky, format!("cholesky: {what} are few"));
    }
    if dimension == 2 && fluid <= DIRECT_FOR_MANY && solves >= MANY {
        let why = format!("{what}, and {solves} solves pay for the factor");
        return (Method::Cholesky, format!("cholesky: {why}"));
    }
    let why = match grid.has_face_weights() {
        true => "faces have weights of their own",
        false => "not all cells are fluid",
    };
    (Method::Multigrid, format!("multigrid: {what}, and {why}"))
}

fn check(options: &SolveOptions) -> Result<(), SolverError> {
    let sound = |v: f64| v.is_finite() && v >= 0.0;
    if sound(options.rtol) && sound(options.atol) && options.rtol.max(options.atol) > 0.0 {
        return Ok(());
    }
    Err(SolverError::Argument {
        what: "tolerance",
        problem: format!(
            "rtol = {}, atol = {}: both must be finite and at least 0, one above 0",
            options.rtol, options.atol
        ),
    })
}

fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, SolverError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| SolverError::Argument {
        what: "threads",
        problem: format!("{threads} threads cannot be started: {error}"),
    })
}
