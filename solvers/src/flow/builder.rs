//! The description of a flow.

use super::boundary::{FlowBoundary, check};
use super::domain::{Domain, Fluid};
use super::geometry::Geometry;
use super::layout::{Layout, places};
use super::outflow::Outflow;
use super::projection::Projection;
use super::scalar::{ScalarBoundary, Transport};
use super::sides::Sides;
use super::solid::Solid;
use super::solver::{FlowSolver, ScalarFields};
use crate::checks::{finite, not_negative};
use crate::{Health, Side, SolverError};

/// Cells of an axis at least.
const FEWEST: usize = 4;
/// The relative divergence that a projection may leave.
const RTOL: f64 = 1e-6;
/// Net inflow over the sum of what enters and leaves that counts as rounding, and the projection removes.
const BALANCED: f64 = 1e-9;

/// How long steps are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepControl {
    /// As long as the Courant number `dt sum |u| / h` allows, at most 1.2, and friction, diffusion, and a bounded scalar too.
    Courant(f64),
    /// At most this long (s), whatever the flow does.
    Fixed(f64),
}

impl Default for StepControl {
    fn default() -> Self {
        Self::Courant(0.8)
    }
}

/// A scalar carried by the flow: a temperature, or a concentration.
#[derive(Clone, Debug)]
pub struct FlowScalar {
    /// Its diffusivity (m^2/s).
    pub diffusivity: f64,
    /// What the sides do to it, in the order of [`Side::ALL`]; at an inflow an insulated side lets in zero.
    pub boundaries: [ScalarBoundary; 6],
    /// Acceleration of the fluid per unit of the scalar (m/s^2 over its unit), by Boussinesq.
    pub buoyancy: [f64; 3],
    /// The scalar that does not accelerate it.
    pub reference: f64,
    /// What is added in each cell, x fastest, in a second; empty: nothing.
    pub source: Vec<f64>,
}

impl Default for FlowScalar {
    fn default() -> Self {
        Self {
            diffusivity: 0.0,
            boundaries: [(); 6].map(|()| ScalarBoundary::Insulated),
            buoyancy: [0.0; 3],
            reference: 0.0,
            source: Vec::new(),
        }
    }
}

/// Describes a [`FlowSolver`].
#[derive(Clone, Debug)]
pub struct FlowBuilder {
    cells: [usize; 3],
    spacing: [f64; 3],
    corner: [f64; 3],
    viscosity: f64,
    body_force: [f64; 3],
    boundaries: [FlowBoundary; 6],
    solids: Vec<Solid>,
    flags: Vec<bool>,
    scalar: Option<FlowScalar>,
    control: StepControl,
    rtol: f64,
}

impl FlowBuilder {
    pub(super) fn new(cells: [usize; 3], spacing: [f64; 3]) -> Self {
        Self {
            cells,
            spacing,
            corner: [0.0; 3],
            viscosity: 0.0,
            body_force: [0.0; 3],
            boundaries: [(); 6].map(|()| FlowBoundary::WALL),
            solids: Vec::new(),
            flags: Vec::new(),
            scalar: None,
            control: StepControl::default(),
            rtol: RTOL,
        }
    }

    /// Where the grid begins (m): the low corner of its first cell; the origin unless set.
    #[must_use]
    pub fn corner(mut self, corner: [f64; 3]) -> Self {
        self.corner = corner;
        self
    }

    /// Kinematic viscosity (m^2/s); zero unless set.
    #[must_use]
    pub fn viscosity(mut self, viscosity: f64) -> Self {
        self.viscosity = viscosity;
        self
    }

    /// Force per mass on all of the fluid (m/s^2).
    #[must_use]
    pub fn body_force(mut self, force: [f64; 3]) -> Self {
        self.body_force = force;
        self
    }

    /// What a side does; a wall at rest unless set. In 2D the sides in z are not used.
    #[must_use]
    pub fn boundary(mut self, side: Side, boundary: FlowBoundary) -> Self {
        self.boundaries[side as usize] = boundary;
        self
    }

    /// Joins both sides of an axis (0, 1, 2 for x, y, z).
    #[must_use]
    pub fn periodic(mut self, axis: usize) -> Self {
        for side in Side::ALL.into_iter().filter(|side| side.axis() == axis) {
            self.boundaries[side as usize] = FlowBoundary::Periodic;
        }
        self
    }

    /// Puts a solid in.
    #[must_use]
    pub fn solid(mut self, solid: Solid) -> Self {
        self.solids.push(solid);
        self
    }

    /// Makes cells solid: one flag per cell, x fastest. Walls run along the faces of these cells.
    #[must_use]
    pub fn solid_cells(mut self, flags: Vec<bool>) -> Self {
        self.flags = flags;
        self
    }

    /// Adds a scalar.
    #[must_use]
    pub fn scalar(mut self, scalar: FlowScalar) -> Self {
        self.scalar = Some(scalar);
        self
    }

    /// How long steps are: Courant number 0.8 unless set.
    #[must_use]
    pub fn step(mut self, control: StepControl) -> Self {
        self.control = control;
        self
    }

    /// The divergence that a projection may leave, over that which it finds: 1e-6 unless set.
    #[must_use]
    pub fn rtol(mut self, rtol: f64) -> Self {
        self.rtol = rtol;
        self
    }

    /// Sets the solver up: fluid at rest but for what sides and solids impose, and a scalar of zero.
    ///
    /// # Errors
    /// Numbers out of range, sides that do not fit together, a wrong number of flags, solids that leave no fluid, inflows
    /// without an outflow that do not balance.
    pub fn build(self) -> Result<FlowSolver, SolverError> {
        self.check_numbers()?;
        let dimension = if self.cells[2] == 1 { 2 } else { 3 };
        let periodic = check(&self.boundaries, dimension)?;
        let layout = Layout::new(self.cells, self.spacing, periodic);
        let flagged = match self.flags.is_empty() {
            true => vec![false; layout.cell_count()],
            false => self.flags.clone(),
        };
        let sides = Sides::new(layout, self.boundaries.clone(), self.corner);
        if let Some(side) = sides.not_finite() {
            let problem = format!("the velocity given at {side} is not finite everywhere");
            return Err(refusal("boundary", problem));
        }
        let geometry = Geometry::new(layout, self.corner, self.solids.clone(), flagged);
        let projection = Projection::new(layout, &geometry, self.rtol)?;
        let transport = self.transport(layout, &sides)?;
        let mut velocity = layout.faces();
        sides.write_across(&mut velocity);
        geometry.write_closed(&mut velocity);
        let outflow = Outflow::new(layout, &sides, &geometry, &velocity);
        check_balance(&layout, &outflow, &sides)?;
        let scalar = transport.as_ref().map(|transport| {
            let mut now = vec![0.0; layout.len()];
            transport.fill(&mut now);
            ScalarFields {
                euler: now.clone(),
                half: now.clone(),
                now,
            }
        });
        let mut solver = FlowSolver {
            domain: Domain {
                layout,
                sides,
                geometry,
                outflow,
                fluid: self.fluid(),
                transport,
            },
            projection,
            corner: self.corner,
            stages: [velocity.clone(), velocity.clone()],
            velocity,
            scalar,
            time: 0.0,
            control: self.control,
            health: Health::default(),
            seconds: 0.0,
        };
        solver.settle()?;
        Ok(solver)
    }

    fn fluid(&self) -> Fluid {
        let scalar = self.scalar.as_ref();
        Fluid {
            viscosity: self.viscosity,
            body_force: self.body_force,
            buoyancy: scalar.map_or([0.0; 3], |s| s.buoyancy),
            reference: scalar.map_or(0.0, |s| s.reference),
        }
    }

    fn check_numbers(&self) -> Result<(), SolverError> {
        let [nx, ny, nz] = self.cells;
        if nx < FEWEST || ny < FEWEST || (nz != 1 && nz < FEWEST) {
            let problem = format!(
                "{:?}: at least {FEWEST} cells along each axis, and one in z for two dimensions",
                self.cells
            );
            return Err(refusal("cells", problem));
        }
        let count = self
            .cells
            .iter()
            .try_fold(1usize, |n, d| n.checked_mul(d + 4));
        if count.is_none_or(|n| n >= 1 << 31) {
            let problem = format!("{:?}: at most 2^31 cells are possible", self.cells);
            return Err(refusal("cells", problem));
        }
        let cells = nx * ny * nz;
        if !self.flags.is_empty() && self.flags.len() != cells {
            let problem = format!("{} flags for {cells} cells", self.flags.len());
            return Err(refusal("solid cells", problem));
        }
        let spacing = self.spacing[..if nz == 1 { 2 } else { 3 }].iter();
        if let Some(h) = spacing.copied().find(|h| !(*h > 0.0 && h.is_finite())) {
            return Err(refusal("spacing", format!("{h} is not a positive number")));
        }
        let positive = |what, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(refusal(what, format!("{value} is not a positive number"))),
        };
        match self.control {
            StepControl::Courant(number) if number > 1.2 => {
                let problem = format!("{number}: steps are stable to 1.2");
                return Err(refusal("Courant number", problem));
            }
            StepControl::Courant(number) => positive("Courant number", number)?,
            StepControl::Fixed(dt) => positive("time step", dt)?,
        }
        if !(self.rtol > 0.0 && self.rtol < 1.0) {
            return Err(refusal("rtol", format!("{}: between 0 and 1", self.rtol)));
        }
        not_negative("viscosity", self.viscosity)?;
        finite("corner", &self.corner)?;
        finite("body force", &self.body_force)
    }

    fn transport(&self, layout: Layout, sides: &Sides) -> Result<Option<Transport>, SolverError> {
        let Some(scalar) = &self.scalar else {
            return Ok(None);
        };
        not_negative("diffusivity", scalar.diffusivity)?;
        finite("buoyancy", &scalar.buoyancy)?;
        finite("reference scalar", &[scalar.reference])?;
        finite("scalar source", &scalar.source)?;
        let cells = layout.cell_count();
        let mut source = Vec::new();
        if !scalar.source.is_empty() {
            if scalar.source.len() != cells {
                let problem = format!("{} values for {cells} cells", scalar.source.len());
                return Err(refusal("scalar source", problem));
            }
            source = vec![0.0; layout.len()];
            for place in places(layout.all_cells()) {
                source[layout.index(place)] = scalar.source[layout.cell(place)];
            }
        }
        let mut boundaries = scalar.boundaries.clone();
        for side in Side::ALL {
            let boundary = &mut boundaries[side as usize];
            let enters = matches!(sides.boundary(side), FlowBoundary::Inflow(_));
            if enters && matches!(boundary, ScalarBoundary::Insulated) {
                *boundary = ScalarBoundary::value(0.0);
            }
        }
        let diffusivity = scalar.diffusivity;
        let transport =
            Transport::new(layout, sides, &boundaries, self.corner, diffusivity, source);
        match transport.not_finite() {
            None => Ok(Some(transport)),
            Some(side) => {
                let problem = format!("the scalar given at {side} is not finite everywhere");
                Err(refusal("scalar boundary", problem))
            }
        }
    }
}

/// Without an outflow what enters must leave through other inflows.
fn check_balance(layout: &Layout, outflow: &Outflow, sides: &Sides) -> Result<(), SolverError> {
    let Some(inflow) = outflow.imbalance_without() else {
        return Ok(());
    };
    let largest: f64 = layout.axes().map(|a| layout.area(a)).fold(0.0, f64::max);
    let faces = layout.cell_count() as f64;
    let scale = sides.crossing_rate() * layout.spacing.iter().copied().fold(0.0, f64::max);
    if inflow.abs() <= BALANCED * scale * largest * faces {
        return Ok(());
    }
    Err(refusal(
        "boundary",
        format!("{inflow:e} m^3/s more enter than leave, and no side is an outflow"),
    ))
}

fn refusal(what: &'static str, problem: String) -> SolverError {
    SolverError::Argument { what, problem }
}
