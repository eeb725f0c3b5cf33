//! The adjoints of the projection and of a whole step.
//!
//! The step is a chain of maps that are linear but for products of velocities, and each has its transpose beside it; a
//! projection on a MAC grid is its own adjoint, one solve of the same system. The stages are computed again rather than
//! kept. Given velocities (sides, solids) are constants: cotangents of theirs are zero.

use super::domain::Domain;
use super::layout::Faces;
use super::solver::FlowSolver;
use super::state::{FaceField, FlowState, cells_from, cells_into, faces_from, faces_into};
use super::step::{STAGES, average, stage};
use crate::SolverError;

/// A state in padded arrays; the scalar is empty without one.
pub(super) struct Padded {
    pub velocity: Faces,
    pub scalar: Vec<f64>,
}

impl Padded {
    pub fn zeros(domain: &Domain) -> Self {
        let cells = match domain.transport {
            Some(_) => domain.layout.len(),
            None => 0,
        };
        Self {
            velocity: domain.layout.faces(),
            scalar: vec![0.0; cells],
        }
    }

    /// A state with given velocities and ghosts.
    pub fn state(domain: &Domain, state: &FlowState) -> Result<Self, SolverError> {
        let mut padded = Self::unknowns(domain, "state", state)?;
        domain.impose(&mut padded.velocity);
        domain.sides.fill(&mut padded.velocity);
        if let Some(transport) = &domain.transport {
            transport.fill(&mut padded.scalar);
        }
        Ok(padded)
    }

    /// A cotangent: unknowns alone.
    pub fn cotangent(domain: &Domain, cotangent: &FlowState) -> Result<Self, SolverError> {
        let mut padded = Self::unknowns(domain, "cotangent", cotangent)?;
        domain.keep_unknowns(&mut padded.velocity);
        Ok(padded)
    }

    fn unknowns(
        domain: &Domain,
        what: &'static str,
        state: &FlowState,
    ) -> Result<Self, SolverError> {
        let mut padded = Self::zeros(domain);
        faces_into(&domain.layout, what, &state.velocity, &mut padded.velocity)?;
        if !padded.scalar.is_empty() {
            cells_into(&domain.layout, what, &state.scalar, &mut padded.scalar)?;
        }
        Ok(padded)
    }

    /// From the cotangent of values with ghosts to that of the unknowns.
    pub fn fold(&mut self, domain: &Domain) {
        domain.sides.fold(&mut self.velocity);
        domain.keep_unknowns(&mut self.velocity);
        if let Some(transport) = &domain.transport {
            transport.fold(&mut self.scalar);
        }
    }

    /// Adds `factor` times another one.
    pub fn add(&mut self, factor: f64, other: &Self) {
        for (into, from) in self.velocity.iter_mut().zip(&other.velocity) {
            add(into, factor, from);
        }
        add(&mut self.scalar, factor, &other.scalar);
    }

    pub fn into_state(self, domain: &Domain) -> FlowState {
        let scalar = match self.scalar.is_empty() {
            true => Vec::new(),
            false => cells_from(&domain.layout, &self.scalar),
        };
        FlowState {
            velocity: faces_from(&domain.layout, &self.velocity),
            scalar,
        }
    }
}

/// `into += factor * from`.
pub(super) fn add(into: &mut [f64], factor: f64, from: &[f64]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into += factor * from;
    }
}

/// The states that a step goes through.
struct Trace {
    start: Padded,
    /// Velocities after the three stages.
    stages: [Faces; 3],
    /// The scalar after Euler's step.
    euler: Vec<f64>,
}

impl FlowSolver {
    /// The velocity nearest to `velocity` that is free of divergence and complies with sides and solids. The solver's own
    /// state stays.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite.
    pub fn project(&mut self, velocity: &FaceField) -> Result<FaceField, SolverError> {
        let Self {
            domain, projection, ..
        } = self;
        let mut faces = domain.layout.faces();
        faces_into(&domain.layout, "velocity", velocity, &mut faces)?;
        domain.impose(&mut faces);
        domain.outflow.balance(&mut faces);
        domain.sides.fill(&mut faces);
        let kept = (projection.pressure.clone(), projection.work);
        let done = projection.project(&domain.geometry, &mut faces, 1.0);
        (projection.pressure, projection.work) = kept;
        done?;
        domain.sides.fill(&mut faces);
        Ok(faces_from(&domain.layout, &faces))
    }

    /// The vector-Jacobian product of [`project`](Self::project): from a cotangent of the result to that of the argument.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite.
    pub fn project_vjp(&mut self, cotangent: &FaceField) -> Result<FaceField, SolverError> {
        let Self {
            domain, projection, ..
        } = self;
        let mut faces = domain.layout.faces();
        faces_into(&domain.layout, "cotangent", cotangent, &mut faces)?;
        domain.keep_unknowns(&mut faces);
        projection.adjoint(&domain.geometry, &domain.outflow, &mut faces)?;
        domain.outflow.balance_vjp(&mut faces);
        Ok(faces_from(&domain.layout, &faces))
    }

    /// The vector-Jacobian product of [`step`](Self::step): from a cotangent of the state after a step of `dt` from `start` to
    /// that of `start`. Solids stand, with the velocity they have now. The solver's own state stays.
    ///
    /// The limiter of the scalar's advection has kinks: there the slope of one side is taken.
    ///
    /// # Errors
    /// Wrong lengths, values that are not finite.
    pub fn step_vjp(
        &mut self,
        start: &FlowState,
        dt: f64,
        cotangent: &FlowState,
    ) -> Result<FlowState, SolverError> {
        let start = Padded::state(&self.domain, start)?;
        let cotangent = Padded::cotangent(&self.domain, cotangent)?;
        let kept = (self.projection.pressure.clone(), self.projection.work);
        let done = self
            .trace(start, dt)
            .and_then(|trace| self.trace_back(&trace, dt, cotangent));
        (self.projection.pressure, self.projection.work) = kept;
        Ok(done?.into_state(&self.domain))
    }

    /// Computes the stages of a step.
    fn trace(&mut self, start: Padded, dt: f64) -> Result<Trace, SolverError> {
        let Self {
            domain, projection, ..
        } = self;
        let mut stages = [(); 3].map(|()| start.velocity.clone());
        let (mut euler, mut half) = (start.scalar.clone(), start.scalar.clone());
        if let Some(transport) = &domain.transport {
            let Padded { velocity, scalar } = &start;
            transport.add(&domain.geometry, velocity, scalar, dt, &mut euler);
            transport.fill(&mut euler);
            average(scalar, &euler, &mut half);
            transport.fill(&mut half);
        }
        let scalars = domain
            .transport
            .as_ref()
            .map(|_| [&start.scalar[..], &half]);
        let [now, half] = [0, 1].map(|k| scalars.map(|s| s[k]));
        let [a, b, c] = STAGES.map(|share| share * dt);
        let (first, second) = (&start.velocity, now);
        let [one, two, three] = &mut stages;
        stage(domain, projection, first, first, second, a, one)?;
        stage(domain, projection, first, one, second, b, two)?;
        stage(domain, projection, first, two, half, c, three)?;
        Ok(Trace {
            start,
            stages,
            euler,
        })
    }

    fn trace_back(
        &mut self,
        trace: &Trace,
        dt: f64,
        mut cotangent: Padded,
    ) -> Result<Padded, SolverError> {
        let mut to_start = Padded::zeros(&self.domain);
        // The second half of Heun's step.
        let mut to_euler = Padded::zeros(&self.domain);
        if let Some(transport) = &self.domain.transport {
            let at = (&trace.stages[2], &trace.euler[..]);
            let into = (&mut to_euler.velocity, &mut to_euler.scalar[..]);
            let geometry = &self.domain.geometry;
            transport.add_vjp(geometry, at, 0.5 * dt, &cotangent.scalar, into);
            to_euler.fold(&self.domain);
            for (into, from) in cotangent.velocity.iter_mut().zip(&mut to_euler.velocity) {
                add(into, 1.0, from);
                from.fill(0.0);
            }
        }
        let [first, second, _] = &trace.stages;
        let at = [&trace.start.velocity, first, second];
        let mut to_half = std::mem::take(&mut cotangent.scalar);
        let mut velocity = cotangent.velocity;
        for number in (0..3).rev() {
            let mut to_at = Padded::zeros(&self.domain);
            let share = STAGES[number] * dt;
            self.stage_vjp(
                at[number],
                share,
                &mut velocity,
                &mut to_start.velocity,
                &mut to_at,
            )?;
            match number {
                2 => add(&mut to_half, 1.0, &to_at.scalar),
                _ => add(&mut to_start.scalar, 1.0, &to_at.scalar),
            }
            velocity = to_at.velocity;
        }
        for (into, from) in to_start.velocity.iter_mut().zip(&velocity) {
            add(into, 1.0, from);
        }
        if let Some(transport) = &self.domain.transport {
            // The middle, and Euler's step.
            add(&mut to_start.scalar, 0.5, &to_half);
            add(&mut to_euler.scalar, 0.5, &to_half);
            add(&mut to_start.scalar, 1.0, &to_euler.scalar);
            let mut into = Padded::zeros(&self.domain);
            let at = (&trace.start.velocity, &trace.start.scalar[..]);
            let parts = (&mut into.velocity, &mut into.scalar[..]);
            transport.add_vjp(&self.domain.geometry, at, dt, &to_euler.scalar, parts);
            into.fold(&self.domain);
            to_start.add(1.0, &into);
        }
        Ok(to_start)
    }

    /// The transpose of a stage: adds to the cotangent of its start, and gives that of the velocity and scalar whose rate
    /// it takes.
    fn stage_vjp(
        &mut self,
        at: &Faces,
        dt: f64,
        cotangent: &mut Faces,
        to_start: &mut Faces,
        to_at: &mut Padded,
    ) -> Result<(), SolverError> {
        let Self {
            domain, projection, ..
        } = self;
        projection.adjoint(&domain.geometry, &domain.outflow, cotangent)?;
        let mut rates = domain.layout.faces();
        let Padded { velocity, scalar } = to_at;
        let to_scalar = domain.transport.as_ref().map(|_| &mut scalar[..]);
        let into = (to_start, velocity, to_scalar);
        domain.advance_vjp(at, dt, cotangent, &mut rates, into);
        to_at.fold(domain);
        Ok(())
    }
}
