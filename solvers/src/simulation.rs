//! What every time-dependent reference solver offers to those who drive it: the sweeps that make data, the
//! benches, the examples.

use crate::SolverError;

/// A field that a [`Simulation`] gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its name in files, for example `velocity`.
    pub name: &'static str,
    /// Numbers in each cell: 1 for a scalar, the dimension for a vector.
    pub components: usize,
    /// Its unit, for example `m/s`; `1` where it has none.
    pub unit: &'static str,
}

/// How well a [`Simulation`] has been solved so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// Steps taken.
    pub steps: usize,
    /// Steps whose inner solve missed its tolerance.
    pub unconverged: usize,
    /// The largest residual that the inner solves left, over its tolerance: at most 1 in a sound run.
    pub worst_residual: f64,
    /// Why the results are of no use (values that are not finite, a step that became too small), if they are.
    pub failure: Option<String>,
}

/// A PDE solved forward in time on a uniform grid.
///
/// A stationary problem is one whose [`advance_to`](Simulation::advance_to) solves it at once.
pub trait Simulation: Send {
    /// Cells along each axis, slowest first: `[z, y, x]`, `[y, x]` or `[x]`.
    fn shape(&self) -> Vec<usize>;

    /// Size of a cell along each axis, in the order of [`shape`](Simulation::shape), in metres.
    fn spacing(&self) -> Vec<f64>;

    /// The centre of the first cell, in the same order, in metres.
    fn origin(&self) -> Vec<f64>;

    /// What can be read, in the order in which files hold it.
    fn fields(&self) -> Vec<FieldInfo>;

    /// The time reached, in seconds.
    fn time(&self) -> f64;

    /// Goes on to exactly `time`, in as many steps as stability asks for.
    ///
    /// What cannot be solved is no error: [`health`](Simulation::health) says so.
    ///
    /// # Errors
    /// A time before the present one, or one that is not finite.
    fn advance_to(&mut self, time: f64) -> Result<(), SolverError>;

    /// Writes a field at the cells' centres into `out`: cells as in [`shape`](Simulation::shape), components
    /// last.
    ///
    /// # Errors
    /// A name that is not among [`fields`](Simulation::fields), an `out` of another length.
    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError>;

    /// How well the steps so far were solved.
    fn health(&self) -> Health;
}
