//! Options as C sees them.

use karman_solvers::{Imbalance, Method, Side, SolveOptions, Start};

use crate::status::Failure;

/// What a cell is.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KarmanCell {
    /// No flux passes its faces (Neumann).
    Solid = 0,
    /// An unknown.
    Fluid = 1,
    /// The pressure is zero at its centre (Dirichlet).
    Air = 2,
}

/// Sides of the domain, to be added up. A side that is not open is a solid wall; an open one has air
/// behind it.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KarmanSide {
    /// x = 0.
    XMin = 1,
    /// x = nx hx.
    XMax = 2,
    /// y = 0.
    YMin = 4,
    /// y = ny hy.
    YMax = 8,
    /// z = 0.
    ZMin = 16,
    /// z = nz hz.
    ZMax = 32,
}

/// How to solve.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KarmanMethod {
    /// Chosen from the problem; the report's text says what and why.
    Auto = 0,
    /// Conjugate gradients without a preconditioner.
    Cg = 1,
    /// Conjugate gradients with the diagonal.
    Jacobi = 2,
    /// Conjugate gradients with an incomplete Cholesky factorisation without fill.
    IncompleteCholesky = 3,
    /// The same with row sums kept.
    ModifiedIncompleteCholesky = 4,
    /// Conjugate gradients with a multigrid V-cycle.
    Multigrid = 5,
    /// Conjugate gradients with cosine and sine transforms; one iteration in an empty box.
    Fourier = 6,
    /// Conjugate gradients with smoothed-aggregation algebraic multigrid.
    Amg = 7,
    /// Sparse Cholesky factorisation.
    Cholesky = 8,
}

/// The number of each method, and back.
const METHODS: [(KarmanMethod, Method); 9] = [
    (KarmanMethod::Auto, Method::Auto),
    (KarmanMethod::Cg, Method::Cg),
    (KarmanMethod::Jacobi, Method::Jacobi),
    (KarmanMethod::IncompleteCholesky, Method::IncompleteCholesky),
    (
        KarmanMethod::ModifiedIncompleteCholesky,
        Method::ModifiedIncompleteCholesky,
    ),
    (KarmanMethod::Multigrid, Method::Multigrid),
    (KarmanMethod::Fourier, Method::Fourier),
    (KarmanMethod::Amg, Method::Amg),
    (KarmanMethod::Cholesky, Method::Cholesky),
];

/// The number of a method.
pub(crate) fn number_of(method: Method) -> i32 {
    let found = METHODS.iter().find(|pair| pair.1 == method);
    found.map_or(-1, |pair| pair.0 as i32)
}

/// The first guess of a solve.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KarmanStart {
    /// Zero; what x holds is not read.
    Zero = 0,
    /// What x holds: the pressure of the last step, say.
    Given = 1,
    /// What x holds, scaled so that its residual is smallest: never worse than zero.
    Scaled = 2,
}

/// The guess of a number.
pub(crate) fn start(number: i32) -> Result<Start, Failure> {
    match number {
        n if n == KarmanStart::Zero as i32 => Ok(Start::Zero),
        n if n == KarmanStart::Given as i32 => Ok(Start::Given),
        n if n == KarmanStart::Scaled as i32 => Ok(Start::Scaled),
        other => Err(Failure::argument(format!(
            "start {other} is none of KARMAN_START_ZERO, _GIVEN, _SCALED"
        ))),
    }
}

/// Options of a solver. Fill them by karman_default_options(), then change what you need.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KarmanOptions {
    /// A karman_method. Default: KARMAN_METHOD_AUTO.
    pub method: i32,
    /// A karman_start. Default: KARMAN_START_ZERO.
    pub start: i32,
    /// Stop at ||b - A x|| <= max(rtol ||b||, atol), on the true residual. Default: 1e-6.
    pub rtol: f64,
    /// The absolute part of the same, in the unit of b. Default: 0.
    pub atol: f64,
    /// Share of ||b|| that may lie along the constants of parts of the fluid that touch no air. Up to
    /// this it is removed before solving; above it the status is KARMAN_STATUS_INCOMPATIBLE. 0 refuses
    /// anything, 1 always removes it. Default: 1e-6.
    pub imbalance: f64,
    /// Iterations at most. Default: 1000.
    pub max_iterations: i64,
    /// How often the same cells will be solved for, which KARMAN_METHOD_AUTO asks for: a factor pays only
    /// when it is used often. Default: 1.
    pub expected_solves: i64,
    /// Threads of this solver; 0: those of the process, shared by all solvers (the environment
    /// variable RAYON_NUM_THREADS, else all cores). Default: 0.
    pub threads: i32,
}

impl Default for KarmanOptions {
    fn default() -> Self {
        let default = SolveOptions::default();
        Self {
            method: KarmanMethod::Auto as i32,
            start: KarmanStart::Zero as i32,
            rtol: default.rtol,
            atol: default.atol,
            imbalance: match default.imbalance {
                Imbalance::ProjectBelow(share) => share,
                Imbalance::Project => 1.0,
            },
            max_iterations: default.max_iterations as i64,
            expected_solves: 1,
            threads: 0,
        }
    }
}

impl KarmanOptions {
    pub(crate) fn method(&self) -> Result<Method, Failure> {
        let found = METHODS.iter().find(|pair| pair.0 as i32 == self.method);
        found
            .map(|pair| pair.1)
            .ok_or_else(|| Failure::argument(format!("method {} is no karman_method", self.method)))
    }

    /// `None` for the threads of the process.
    pub(crate) fn threads(&self) -> Result<Option<usize>, Failure> {
        match self.threads {
            0 => Ok(None),
            n @ 1..=1024 => Ok(Some(n as usize)),
            other => Err(Failure::argument(format!(
                "threads {other}: 0, or from 1 to 1024"
            ))),
        }
    }

    pub(crate) fn solve_options(&self) -> Result<SolveOptions, Failure> {
        tolerance(self.rtol, self.atol)?;
        Ok(SolveOptions {
            rtol: self.rtol,
            atol: self.atol,
            max_iterations: count("max_iterations", self.max_iterations)?,
            start: start(self.start)?,
            imbalance: match self.imbalance {
                1.0 => Imbalance::Project,
                share @ 0.0..1.0 => Imbalance::ProjectBelow(share),
                other => {
                    return Err(Failure::argument(format!("imbalance {other}: from 0 to 1")));
                }
            },
            ..SolveOptions::default()
        })
    }
}

/// Refuses tolerances that no solve can use.
pub(crate) fn tolerance(rtol: f64, atol: f64) -> Result<(), Failure> {
    let sound = |v: f64| v.is_finite() && v >= 0.0;
    if sound(rtol) && sound(atol) && rtol.max(atol) > 0.0 {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "rtol {rtol}, atol {atol}: finite, not negative, one of them above 0"
    )))
}

/// Refuses negative numbers of iterations or solves.
pub(crate) fn count(what: &str, number: i64) -> Result<usize, Failure> {
    usize::try_from(number).map_err(|_| Failure::argument(format!("{what} {number}: 0 or more")))
}

/// The sides of added-up KARMAN_SIDE numbers.
pub(crate) fn sides(bits: i32) -> Result<Vec<Side>, Failure> {
    if !(0..64).contains(&bits) {
        return Err(Failure::argument(format!(
            "open_sides {bits} is no sum of KARMAN_SIDE numbers"
        )));
    }
    let open = |side: &Side| bits >> (*side as i32) & 1 == 1;
    Ok(Side::ALL.into_iter().filter(open).collect())
}
