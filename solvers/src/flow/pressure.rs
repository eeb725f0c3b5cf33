//! Who solves for the pressure: by the sides and solids of the domain.

use sprs::{CsMat, TriMat};

use super::geometry::Geometry;
use super::layout::{Layout, places};
use crate::linear::Preconditioner;
use crate::poisson::BoxSolver;
use crate::{
    Cell, FlagGrid, Imbalance, MatrixMethod, MatrixSolver, Method, PoissonSolver, SolveOptions,
    SolveReport, SolverError, Start,
};

/// Solves that a factor may count on when the geometry stays.
const MANY_SOLVES: usize = 10_000;

/// Solves A p = b, A being the negative Laplacian of the fluid with no slope of p at walls and sides.
pub(super) enum PressureSolver {
    /// No joined sides.
    Grid(Box<PoissonSolver>),
    /// Joined sides and no solids: exact, by transforms.
    Box(Box<BoxSolver>),
    /// Joined sides and solids.
    Matrix(Box<FluidMatrix>),
}

/// How a solve went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    pub converged: bool,
    /// Residual over tolerance.
    pub residual: f64,
    pub iterations: usize,
}

impl PressureSolver {
    pub fn new(layout: &Layout, geometry: &Geometry, rtol: f64) -> Result<Self, SolverError> {
        let grid = flag_grid(layout, geometry)?;
        if grid.fluid_cells() == 0 {
            return Err(SolverError::Argument {
                what: "solids",
                problem: "no cell is left to the fluid".into(),
            });
        }
        let options = options(rtol);
        if !layout.periodic.contains(&true) {
            let method = match geometry.moves() {
                true => Method::Multigrid,
                false => Method::Auto,
            };
            let builder = PoissonSolver::builder(&grid).options(options);
            let solver = builder
                .method(method)
                .expected_solves(MANY_SOLVES)
                .build()?;
            return Ok(Self::Grid(Box::new(solver)));
        }
        if !geometry.has_solids() && !geometry.moves() {
            let fluid = vec![true; grid.len()];
            let solver = BoxSolver::with_periodic(&grid, layout.periodic, fluid);
            return Ok(Self::Box(Box::new(solver)));
        }
        let matrix = FluidMatrix::new(layout, geometry, options)?;
        Ok(Self::Matrix(Box::new(matrix)))
    }

    /// Follows the solids.
    pub fn update(&mut self, layout: &Layout, geometry: &Geometry) -> Result<(), SolverError> {
        match self {
            Self::Grid(solver) => {
                let cell = |c: usize| match geometry.is_solid(c) {
                    true => Cell::Solid,
                    false => Cell::Fluid,
                };
                let changes: Vec<(usize, Cell)> = (0..layout.cell_count())
                    .filter(|c| solver.grid().cell(*c) != cell(*c))
                    .map(|c| (c, cell(c)))
                    .collect();
                solver.update(&changes)?;
            }
            Self::Box(_) => {}
            Self::Matrix(matrix) => {
                **matrix = FluidMatrix::new(layout, geometry, options_of(matrix))?
            }
        }
        Ok(())
    }

    /// Solves from what p holds; allocates nothing. None: the solver does not know its residual.
    pub fn solve(&mut self, b: &[f64], p: &mut [f64]) -> Result<Option<Outcome>, SolverError> {
        match self {
            Self::Grid(solver) => Ok(Some(outcome(solver.solve(b, p)?))),
            Self::Box(solver) => {
                solver.apply(b, p);
                Ok(None)
            }
            Self::Matrix(matrix) => Ok(Some(matrix.solve(b, p)?)),
        }
    }

    /// The method, in a few words.
    pub fn choice(&self) -> &str {
        match self {
            Self::Grid(solver) => solver.choice(),
            Self::Box(_) => "transforms solve the box with joined sides exactly",
            Self::Matrix(matrix) => matrix.solver.choice(),
        }
    }
}

fn options(rtol: f64) -> SolveOptions {
    SolveOptions {
        rtol,
        start: Start::Scaled,
        imbalance: Imbalance::Project,
        ..SolveOptions::default()
    }
}

fn options_of(matrix: &FluidMatrix) -> SolveOptions {
    matrix.options.clone()
}

fn outcome(report: &SolveReport) -> Outcome {
    let residual = match report.residual == 0.0 {
        true => 0.0,
        false => report.residual / report.target,
    };
    Outcome {
        converged: report.converged(),
        residual,
        iterations: report.iterations,
    }
}

/// The cells as flags; spacing in z counts only in 3D.
fn flag_grid(layout: &Layout, geometry: &Geometry) -> Result<FlagGrid, SolverError> {
    let cells = 0..layout.cell_count();
    let flags: Vec<u8> = cells.map(|c| u8::from(!geometry.is_solid(c))).collect();
    FlagGrid::new(layout.cells, &flags)?.spacing(layout.spacing)
}

/// The system of the fluid cells as a matrix.
pub(super) struct FluidMatrix {
    solver: MatrixSolver,
    options: SolveOptions,
    /// Cells of the unknowns.
    cells: Vec<usize>,
    b: Vec<f64>,
    x: Vec<f64>,
}

impl FluidMatrix {
    fn new(
        layout: &Layout,
        geometry: &Geometry,
        options: SolveOptions,
    ) -> Result<Self, SolverError> {
        let fluid = (0..layout.cell_count()).filter(|c| !geometry.is_solid(*c));
        let cells: Vec<usize> = fluid.collect();
        let matrix = matrix(layout, geometry, &cells);
        Ok(Self {
            solver: MatrixSolver::new(&matrix, MatrixMethod::Auto)?,
            options,
            b: vec![0.0; cells.len()],
            x: vec![0.0; cells.len()],
            cells,
        })
    }

    fn solve(&mut self, b: &[f64], p: &mut [f64]) -> Result<Outcome, SolverError> {
        for ((own_b, own_x), cell) in self.b.iter_mut().zip(&mut self.x).zip(&self.cells) {
            (*own_b, *own_x) = (b[*cell], p[*cell]);
        }
        let report = self.solver.solve(&self.b, &mut self.x, &self.options)?;
        let outcome = outcome(report);
        p.fill(0.0);
        for (x, cell) in self.x.iter().zip(&self.cells) {
            p[*cell] = *x;
        }
        Ok(outcome)
    }
}

fn matrix(layout: &Layout, geometry: &Geometry, cells: &[usize]) -> CsMat<f64> {
    let mut unknowns = vec![usize::MAX; layout.cell_count()];
    for (number, cell) in cells.iter().enumerate() {
        unknowns[*cell] = number;
    }
    let mut entries = TriMat::with_capacity((cells.len(), cells.len()), 7 * cells.len());
    for place in places(layout.all_cells()) {
        let row = unknowns[layout.cell(place)];
        if row == usize::MAX {
            continue;
        }
        for axis in layout.axes() {
            let scale = 1.0 / layout.spacing[axis].powi(2);
            for near in [-1, 1].map(|step| layout.near(place, axis, step)) {
                let near = near.map(|place| layout.cell(place));
                if let Some(near) = near.filter(|cell| !geometry.is_solid(*cell)) {
                    entries.add_triplet(row, row, scale);
                    entries.add_triplet(row, unknowns[near], -scale);
                }
            }
        }
    }
    entries.to_csr()
}
