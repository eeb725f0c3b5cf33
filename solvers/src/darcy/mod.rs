//! Darcy flow in two dimensions: -div(a grad p) = f with p = 0 at the boundary.
//!
//! Finite volumes on points or cells with the harmonic mean of the permeability at the faces (S. V. Patankar, "Numerical
//! Heat Transfer and Fluid Flow", Hemisphere (1980), section 4.2-3), solved by the [Poisson
//! solver](crate::PoissonSolver) of this crate with face weights. Second order where a is smooth, and across jumps that run
//! along faces; first order where a jump cuts cells.

mod operator;
#[cfg(test)]
mod published_tests;
#[cfg(test)]
mod signed_fields;
#[cfg(test)]
mod tests;
mod validation;

use crate::checks::{check_lengths, finite, no_such_field, positive};
use crate::{
    FieldInfo, FlagGrid, Health, PoissonSolver, Side, Simulation, SolveReport, SolverError,
};

pub use operator::{DarcyGradient, DarcyOperator};
pub use validation::darcy_accuracy;

/// The residual to solve to, over the norm of the source, unless told otherwise.
const TOLERANCE: f64 = 1e-10;

/// Where the values of a [`DarcyOperator`] lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DarcyGrid {
    /// At the centres of cells; the boundary is half a cell from the first and the last.
    Cells,
    /// At nodes, the first and the last of which lie on the boundary.
    Nodes,
}

/// A Darcy problem and its solution.
///
/// Fields are `[y][x]` over all points: `pressure`, `permeability` and `source`. Units are free: p has that of f L² / a.
///
/// ```
/// use karman_solvers::{Darcy, DarcyGrid, DarcyOperator};
///
/// // A square of permeability 1 with a source of 1: the pressure in the middle is 0.0737.
/// let operator = DarcyOperator::new(DarcyGrid::Nodes, [65, 65], [1.0, 1.0])?;
/// let mut darcy = Darcy::new(operator, vec![1.0; 65 * 65], vec![1.0; 65 * 65])?;
/// assert!(darcy.solve()?.converged());
/// assert!((darcy.pressure()[32 * 65 + 32] - 0.07367).abs() < 1e-4);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct Darcy {
    operator: DarcyOperator,
    permeability: Vec<f64>,
    source: Vec<f64>,
    pressure: Vec<f64>,
    solver: PoissonSolver,
    tolerance: f64,
    /// Right-hand side and solution at the unknowns alone.
    unknowns: [Vec<f64>; 2],
    solved: bool,
    time: f64,
    health: Health,
}

impl Darcy {
    /// A problem with a permeability and a source at every point of an operator, solved to a residual of 1e-10 of
    /// the source's norm.
    ///
    /// # Errors
    /// Fields of a wrong length or with values that are not finite, a permeability that is not positive; what
    /// [`PoissonSolver`] refuses.
    pub fn new(
        operator: DarcyOperator,
        permeability: Vec<f64>,
        source: Vec<f64>,
    ) -> Result<Self, SolverError> {
        Self::with_tolerance(operator, permeability, source, TOLERANCE)
    }

    /// The same with another tolerance. Rounding leaves about 1e-16 n² times the contrast of the permeability
    /// on n points along each axis.
    ///
    /// # Errors
    /// As [`new`](Self::new); a tolerance that is not positive.
    pub fn with_tolerance(
        operator: DarcyOperator,
        permeability: Vec<f64>,
        source: Vec<f64>,
        tolerance: f64,
    ) -> Result<Self, SolverError> {
        positive("tolerance", tolerance)?;
        let n = operator.points();
        check_lengths(n, &[("permeability", &permeability), ("source", &source)])?;
        finite("permeability", &permeability)?;
        finite("source", &source)?;
        if let Some(index) = permeability.iter().position(|&a| a <= 0.0) {
            let problem = format!(
                "{} at index {index}: it must be positive",
                permeability[index]
            );
            return Err(SolverError::Argument {
                what: "permeability",
                problem,
            });
        }
        let inside = operator.dims().map(|n| n - 2 * operator.margin());
        let [hx, hy] = operator.spacing();
        let [x, y] = operator.weights(&permeability);
        let mut grid = FlagGrid::all_fluid([inside[0], inside[1], 1])?
            .spacing([hx, hy, 1.0])?
            .face_weights(&x, &y, &[])?;
        for side in [Side::XMin, Side::XMax, Side::YMin, Side::YMax] {
            grid = grid.open(side)?;
        }
        let solver = PoissonSolver::builder(&grid).rtol(tolerance).build()?;
        Ok(Self {
            unknowns: [(); 2].map(|()| vec![0.0; grid.len()]),
            pressure: vec![0.0; n],
            operator,
            permeability,
            source,
            solver,
            tolerance,
            solved: false,
            time: 0.0,
            health: Health::default(),
        })
    }

    /// The operator.
    pub fn operator(&self) -> &DarcyOperator {
        &self.operator
    }

    /// The permeability.
    pub fn permeability(&self) -> &[f64] {
        &self.permeability
    }

    /// The pressure that was found; zero before the first [`solve`](Self::solve).
    pub fn pressure(&self) -> &[f64] {
        &self.pressure
    }

    /// Solves for the pressure.
    ///
    /// # Errors
    /// As [`PoissonSolver::solve`]. Not to converge is none: the report says so.
    pub fn solve(&mut self) -> Result<SolveReport, SolverError> {
        let source = std::mem::take(&mut self.source);
        let mut pressure = std::mem::take(&mut self.pressure);
        let result = self.apply_inverse(&source, &mut pressure);
        self.source = source;
        self.pressure = pressure;
        let report = result?;
        self.solved = true;
        self.health.steps += 1;
        self.health.unconverged += usize::from(!report.converged());
        let left = report.relative_residual() / self.tolerance;
        self.health.worst_residual = self.health.worst_residual.max(left);
        if !self.pressure.iter().all(|p| p.is_finite()) {
            self.health.failure = Some("the pressure is not finite".to_owned());
        }
        Ok(report)
    }

    /// The gradients of cotangent . pressure, the pressure being that of the last [`solve`](Self::solve), with
    /// respect to the permeability and the source. One more solve with the same matrix, which is symmetric.
    ///
    /// # Errors
    /// A cotangent of a wrong length; as [`PoissonSolver::solve`]. Where that did not converge the report says so.
    pub fn solve_vjp(
        &mut self,
        cotangent: &[f64],
    ) -> Result<(DarcyGradient, SolveReport), SolverError> {
        check_lengths(self.operator.points(), &[("cotangent", cotangent)])?;
        let mut adjoint = vec![0.0; cotangent.len()];
        let report = self.apply_inverse(cotangent, &mut adjoint)?;
        // r(p, a, f) = 0: dp = -(dr/dp)^-1 (dr/da da + dr/df df).
        adjoint.iter_mut().for_each(|v| *v = -*v);
        let operator = &self.operator;
        let gradient = operator.residual_vjp(&self.pressure, &self.permeability, &adjoint)?;
        let gradient = DarcyGradient {
            pressure: cotangent.to_vec(),
            ..gradient
        };
        Ok((gradient, report))
    }

    /// Solves with a right-hand side at all points, into a field that is 0 where there are no unknowns.
    fn apply_inverse(&mut self, rhs: &[f64], out: &mut [f64]) -> Result<SolveReport, SolverError> {
        let ([nx, ny], margin) = (self.operator.dims(), self.operator.margin());
        let width = nx - 2 * margin;
        let [b, x] = &mut self.unknowns;
        for (row, y) in b.chunks_exact_mut(width).zip(margin..ny - margin) {
            row.copy_from_slice(&rhs[y * nx + margin..][..width]);
        }
        let report = self.solver.solve(b, x)?.clone();
        out.fill(0.0);
        for (row, y) in x.chunks_exact(width).zip(margin..ny - margin) {
            out[y * nx + margin..][..width].copy_from_slice(row);
        }
        Ok(report)
    }
}

impl Simulation for Darcy {
    fn shape(&self) -> Vec<usize> {
        let [nx, ny] = self.operator.dims();
        vec![ny, nx]
    }

    fn spacing(&self) -> Vec<f64> {
        let [hx, hy] = self.operator.spacing();
        vec![hy, hx]
    }

    fn origin(&self) -> Vec<f64> {
        let [x, y] = self.operator.origin();
        vec![y, x]
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let scalar = |name| FieldInfo {
            name,
            components: 1,
            unit: "1",
        };
        ["pressure", "permeability", "source"].map(scalar).to_vec()
    }

    fn time(&self) -> f64 {
        self.time
    }

    /// Solves, unless that has been done; the problem is stationary.
    fn advance_to(&mut self, time: f64) -> Result<(), SolverError> {
        if !(time >= self.time && time.is_finite()) {
            return Err(SolverError::Argument {
                what: "time",
                problem: format!("{time} s, where {} s has been reached", self.time),
            });
        }
        if !self.solved {
            self.solve()?;
        }
        self.time = time;
        Ok(())
    }

    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError> {
        let values = match name {
            "pressure" => &self.pressure,
            "permeability" => &self.permeability,
            "source" => &self.source,
            _ => return Err(no_such_field(name, &self.fields())),
        };
        check_lengths(values.len(), &[("out", out)])?;
        out.copy_from_slice(values);
        Ok(())
    }

    fn health(&self) -> Health {
        self.health.clone()
    }
}
