//! An equation on an interval, followed in time.

use crate::checks::{check_lengths, finite, no_such_field, positive};
use crate::evolution::{March, march};
use crate::{Evolution, FieldInfo, Health, Simulation, SolverError};

/// An [`Evolution`] of one quantity on the equal cells of an interval.
pub trait LineEquation: Evolution + Send {
    /// Size of a cell (m).
    fn spacing(&self) -> f64;

    /// Centre of the first cell (m).
    fn origin(&self) -> f64;

    /// The quantity.
    fn field(&self) -> FieldInfo;

    /// The longest step that is stable from a state (s); infinity where there is no limit.
    fn stable_step(&self, _state: &[f64]) -> f64 {
        f64::INFINITY
    }

    /// The residual that the inner solves of the last step left, over their tolerance; 0 where there are none.
    fn last_residual(&self) -> f64 {
        0.0
    }
}

/// A solution of a [`LineEquation`], followed in time.
pub struct LineRun<E> {
    equation: E,
    state: Vec<f64>,
    time: f64,
    longest: f64,
    health: Health,
}

impl<E: LineEquation> LineRun<E> {
    /// Starts from `state` at time 0, and takes steps of at most `longest` seconds and of what is stable.
    ///
    /// # Errors
    /// A state of a wrong length or with a value that is not finite, a step that is not positive.
    pub fn new(equation: E, state: &[f64], longest: f64) -> Result<Self, SolverError> {
        equation.check(&[("initial state", state)])?;
        finite("initial state", state)?;
        positive("longest step", longest)?;
        Ok(Self {
            equation,
            state: state.to_vec(),
            time: 0.0,
            longest,
            health: Health::default(),
        })
    }

    /// The state reached.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// The equation.
    pub fn equation(&mut self) -> &mut E {
        &mut self.equation
    }
}

impl<E: LineEquation> March for LineRun<E> {
    fn clock(&mut self) -> &mut f64 {
        &mut self.time
    }

    fn longest(&self) -> f64 {
        self.longest
    }

    fn stable(&mut self) -> f64 {
        self.equation.stable_step(&self.state)
    }

    fn take(&mut self, dt: f64) -> Result<bool, SolverError> {
        self.equation.step(&mut self.state, dt)?;
        let (health, residual) = (&mut self.health, self.equation.last_residual());
        health.steps += 1;
        health.worst_residual = health.worst_residual.max(residual);
        health.unconverged += usize::from(residual > 1.0 || residual.is_nan());
        if self.state.iter().any(|u| !u.is_finite()) {
            let (name, from) = (self.equation.field().name, self.time);
            health.failure = Some(format!(
                "{name} is not finite after a step of {dt:.3e} s from {from:.6e} s"
            ));
        }
        Ok(health.failure.is_none())
    }
}

impl<E: LineEquation> Simulation for LineRun<E> {
    fn shape(&self) -> Vec<usize> {
        vec![self.equation.unknowns()]
    }

    fn spacing(&self) -> Vec<f64> {
        vec![self.equation.spacing()]
    }

    fn origin(&self) -> Vec<f64> {
        vec![self.equation.origin()]
    }

    fn fields(&self) -> Vec<FieldInfo> {
        vec![self.equation.field()]
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn advance_to(&mut self, time: f64) -> Result<(), SolverError> {
        if self.health.failure.is_some() {
            return Ok(());
        }
        march(self, time)
    }

    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError> {
        if name != self.equation.field().name {
            return Err(no_such_field(name, &self.fields()));
        }
        check_lengths(self.state.len(), &[("out", out)])?;
        out.copy_from_slice(&self.state);
        Ok(())
    }

    fn health(&self) -> Health {
        self.health.clone()
    }
}
