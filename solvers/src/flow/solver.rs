//! The solver, its state, and how it goes from one step to the next.

use std::time::Instant;

use super::domain::Domain;
use super::layout::{Faces, Layout};
use super::projection::{Projection, crossing_rate};
use super::state::{FlowState, cells_from, cells_into, faces_from, faces_into};
use super::{FlowBuilder, StepControl};
use crate::{Health, SolverError};

/// Solves the incompressible Navier-Stokes equations on a MAC grid, in two or three dimensions.
///
/// Second order in space and time: central differences that conserve momentum and kinetic energy, three-stage Runge-Kutta
/// steps with a projection at each stage. The book writes out the discretisation.
///
/// ```
/// use karman_solvers::{FlowBoundary, FlowSolver, Side, Simulation, Solid};
///
/// // a disc of 10 cm in a channel of 40 cm, at 1 m/s
/// let mut flow = FlowSolver::builder([64, 32, 1], [0.0125; 3])
///     .viscosity(1e-3)
///     .boundary(Side::XMin, FlowBoundary::inflow(|_| [1.0, 0.0, 0.0]))
///     .boundary(Side::XMax, FlowBoundary::Outflow)
///     .solid(Solid::disc([0.2, 0.2], 0.05))
///     .build()?;
/// flow.advance_to(0.05)?;
/// let drag = flow.force()[0];
/// assert!(flow.health().unconverged == 0 && drag > 0.0);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct FlowSolver {
    pub(super) domain: Domain,
    pub(super) projection: Projection,
    pub(super) corner: [f64; 3],
    /// With ghosts, at `time`.
    pub(super) velocity: Faces,
    pub(super) scalar: Option<ScalarFields>,
    /// Velocities of stages.
    pub(super) stages: [Faces; 2],
    pub(super) time: f64,
    pub(super) control: StepControl,
    pub(super) health: Health,
    pub(super) seconds: f64,
}

/// The scalar and room for its steps; padded, with ghosts.
pub(super) struct ScalarFields {
    /// At the present time.
    pub now: Vec<f64>,
    /// After Euler's step.
    pub euler: Vec<f64>,
    /// The mean of both: half a step on.
    pub half: Vec<f64>,
}

/// Where the time of a [`FlowSolver`] went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FlowTimings {
    /// Steps taken.
    pub steps: usize,
    /// Seconds of all steps.
    pub seconds: f64,
    /// Of these, seconds of the Poisson solves.
    pub poisson_seconds: f64,
    /// Poisson solves.
    pub poisson_solves: usize,
    /// Their iterations; exact solutions by transforms count none.
    pub poisson_iterations: usize,
}

impl FlowSolver {
    /// Starts to describe a flow on a grid of `[nx, ny, nz]` cells (nz = 1 in 2D) of this spacing (m). Sides are walls
    /// at rest unless set.
    pub fn builder(cells: [usize; 3], spacing: [f64; 3]) -> FlowBuilder {
        FlowBuilder::new(cells, spacing)
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.domain.layout
    }

    /// Sets the velocity (m/s) by a function of position (m), and makes it free of divergence.
    ///
    /// # Errors
    /// A velocity that is not finite.
    pub fn set_velocity(
        &mut self,
        velocity: impl Fn([f64; 3]) -> [f64; 3],
    ) -> Result<(), SolverError> {
        let layout = self.domain.layout;
        for axis in layout.axes() {
            for place in super::layout::places(layout.all_faces(axis)) {
                let position = layout.position(place, Some(axis));
                let at = [0, 1, 2].map(|a| position[a] + self.corner[a]);
                let value = velocity(at)[axis];
                if !value.is_finite() {
                    return Err(SolverError::Argument {
                        what: "velocity",
                        problem: format!("{value} at {at:?}: all must be finite"),
                    });
                }
                self.velocity[axis][layout.index(place)] = value;
            }
        }
        self.settle()
    }

    /// Makes the present velocity comply with sides and solids and free of divergence.
    pub(super) fn settle(&mut self) -> Result<(), SolverError> {
        let Self {
            domain,
            projection,
            velocity,
            ..
        } = self;
        domain.impose(velocity);
        domain.outflow.balance(velocity);
        domain.sides.fill(velocity);
        let kept = (projection.pressure.clone(), projection.work);
        projection.pressure.fill(0.0);
        let done = projection.project(&domain.geometry, velocity, 1.0);
        (projection.pressure, projection.work) = kept;
        done?;
        domain.sides.fill(velocity);
        Ok(())
    }

    /// Sets the scalar by a function of position (m).
    ///
    /// # Errors
    /// A value that is not finite; a flow without a scalar.
    pub fn set_scalar(&mut self, scalar: impl Fn([f64; 3]) -> f64) -> Result<(), SolverError> {
        let layout = self.domain.layout;
        let values: Vec<f64> = super::layout::places(layout.all_cells())
            .map(|place| {
                let position = layout.position(place, None);
                scalar([0, 1, 2].map(|a| position[a] + self.corner[a]))
            })
            .collect();
        self.take_scalar(&values)
    }

    fn take_scalar(&mut self, values: &[f64]) -> Result<(), SolverError> {
        let layout = self.domain.layout;
        let (Some(fields), Some(transport)) = (&mut self.scalar, &self.domain.transport) else {
            return Err(SolverError::Argument {
                what: "scalar",
                problem: "the flow has none: ask for one in the builder".into(),
            });
        };
        cells_into(&layout, "scalar", values, &mut fields.now)?;
        transport.fill(&mut fields.now);
        Ok(())
    }

    /// The present state.
    pub fn state(&self) -> FlowState {
        let layout = self.layout();
        FlowState {
            velocity: faces_from(layout, &self.velocity),
            scalar: match &self.scalar {
                Some(fields) => cells_from(layout, &fields.now),
                None => Vec::new(),
            },
        }
    }

    /// Takes over a state as it is. What it holds on faces whose velocity is given is not read. With the
    /// [`pressure`](Self::set_pressure) and the [`time`](Self::set_time) too, the solver goes on as the one whose
    /// [`state`](Self::state) it is, to the tolerance of the projection.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite.
    pub fn set_state(&mut self, state: &FlowState) -> Result<(), SolverError> {
        let layout = self.domain.layout;
        faces_into(&layout, "velocity", &state.velocity, &mut self.velocity)?;
        self.domain.impose(&mut self.velocity);
        self.domain.sides.fill(&mut self.velocity);
        match self.scalar.is_some() || !state.scalar.is_empty() {
            true => self.take_scalar(&state.scalar),
            false => Ok(()),
        }
    }

    /// Sets the time (s), and moves solids to where they are then.
    ///
    /// # Errors
    /// A time that is not finite; solids that leave no fluid.
    pub fn set_time(&mut self, time: f64) -> Result<(), SolverError> {
        if !time.is_finite() {
            return Err(SolverError::Argument {
                what: "time",
                problem: format!("{time} is not finite"),
            });
        }
        self.time = time;
        self.move_solids(time)
    }

    /// The kinematic pressure of each cell (m^2/s^2), in the middle of the last step: its mean over the cells at the outflow is
    /// zero, or that over the fluid where nothing leaves; zero in solids.
    pub fn pressure(&self) -> Vec<f64> {
        let reference = self.pressure_reference();
        let fluid = |c: usize| f64::from(!self.domain.geometry.is_solid(c));
        let pressure = self.projection.pressure.iter().enumerate();
        pressure.map(|(c, p)| fluid(c) * (p - reference)).collect()
    }

    pub(super) fn pressure_reference(&self) -> f64 {
        let pressure = &self.projection.pressure;
        let mean = |cells: &mut dyn Iterator<Item = usize>| {
            let (sum, count) = cells.fold((0.0, 0), |(sum, n), c| (sum + pressure[c], n + 1));
            if count == 0 { 0.0 } else { sum / count as f64 }
        };
        let geometry = &self.domain.geometry;
        match self.domain.outflow.imbalance_without() {
            None => mean(&mut self.domain.outflow.cells()),
            Some(_) => mean(&mut (0..pressure.len()).filter(|c| !geometry.is_solid(*c))),
        }
    }

    /// Sets the pressure from which the next solve starts.
    ///
    /// # Errors
    /// A wrong length, a value that is not finite.
    pub fn set_pressure(&mut self, pressure: &[f64]) -> Result<(), SolverError> {
        let mut checked = vec![0.0; self.layout().len()];
        cells_into(self.layout(), "pressure", pressure, &mut checked)?;
        for (cell, (own, given)) in self
            .projection
            .pressure
            .iter_mut()
            .zip(pressure)
            .enumerate()
        {
            let fluid = !self.domain.geometry.is_solid(cell);
            *own = if fluid { *given } else { 0.0 };
        }
        Ok(())
    }

    /// How the pressure is solved for, and why so.
    pub fn pressure_method(&self) -> &str {
        self.projection.choice()
    }

    /// Whether each cell, x fastest, is solid now.
    pub fn solid_cells(&self) -> Vec<bool> {
        let cells = 0..self.layout().cell_count();
        cells.map(|c| self.domain.geometry.is_solid(c)).collect()
    }

    /// Where the time went.
    pub fn timings(&self) -> FlowTimings {
        FlowTimings {
            steps: self.health.steps,
            seconds: self.seconds,
            poisson_seconds: self.projection.work.seconds,
            poisson_solves: self.projection.work.solves,
            poisson_iterations: self.projection.work.iterations,
        }
    }

    /// The kinetic energy of the fluid over its density: the sum of u^2 / 2 over its faces, each standing for a cell's volume
    /// (m^5/s^2, in 2D for a depth of one metre).
    pub fn kinetic_energy(&self) -> f64 {
        let layout = self.layout();
        let mut sum = 0.0;
        for axis in layout.axes() {
            let open = &self.domain.geometry.open[axis];
            for place in super::layout::places(layout.all_faces(axis)) {
                let face = layout.index(place);
                sum += open[face] * self.velocity[axis][face].powi(2);
            }
        }
        0.5 * layout.volume() * sum
    }

    /// The largest Courant number `dt sum |u| / h` of a step of this length.
    pub fn courant_number(&self, dt: f64) -> f64 {
        dt * crossing_rate(self.layout(), &self.velocity)
    }

    /// Takes one step of this length (s), whatever stability says.
    ///
    /// # Errors
    /// A length that is not positive and finite.
    pub fn step(&mut self, dt: f64) -> Result<(), SolverError> {
        if !(dt.is_finite() && dt > 0.0) {
            return Err(SolverError::Argument {
                what: "time step",
                problem: format!("{dt} is not a positive number"),
            });
        }
        self.take_step(dt);
        Ok(())
    }

    /// Takes a step and books it.
    pub(super) fn take_step(&mut self, dt: f64) {
        let clock = Instant::now();
        self.projection.work.missed = 0;
        if let Err(error) = self.try_step(dt) {
            self.health.failure = Some(format!("at {:e} s: {error}", self.time));
        }
        self.time += dt;
        let work = &self.projection.work;
        self.health.steps += 1;
        self.health.unconverged += usize::from(work.missed > 0);
        self.health.worst_residual = self.health.worst_residual.max(work.worst_residual);
        self.seconds += clock.elapsed().as_secs_f64();
    }
}
