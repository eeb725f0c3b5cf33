//! The wake of a circular cylinder across a channel: [`FlowSolver`] in two dimensions.
//!
//! A uniform stream enters on the left and leaves on the right. The flow starts from the stream with a
//! small random disturbance across it, so that vortices begin to shed without waiting for rounding
//! errors, and differently in each case.

use std::f64::consts::{PI, TAU};

use karman_solvers::{FlowBoundary, FlowSolver, Side, Solid, SolverError, StepControl};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator, mask, refused};

/// Waves in the disturbance.
const WAVES: usize = 6;

/// What the lower and upper side do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sides {
    /// The stream slips along them.
    #[default]
    FreeSlip,
    /// They are joined: an endless row of cylinders.
    Periodic,
}

/// Settings of `kind = "cylinder_wake"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CylinderWake {
    /// Cells along the channel and across it.
    cells_x: usize,
    cells_y: usize,
    /// Length and height of the channel, m.
    length: f64,
    height: f64,
    /// The cylinder, m.
    radius: f64,
    centre_x: f64,
    centre_y: f64,
    /// Speed of the stream, m/s.
    speed: f64,
    /// Speed times diameter over viscosity.
    reynolds: f64,
    sides: Sides,
    /// Largest speed of the disturbance over that of the stream.
    disturbance: f64,
    /// Largest Courant number.
    courant: f64,
}

impl Default for CylinderWake {
    fn default() -> Self {
        Self {
            cells_x: 256,
            cells_y: 128,
            length: 16.0,
            height: 8.0,
            radius: 0.5,
            centre_x: 4.0,
            centre_y: 4.0,
            speed: 1.0,
            reynolds: 100.0,
            sides: Sides::FreeSlip,
            disturbance: 0.1,
            courant: 0.8,
        }
    }
}

impl CylinderWake {
    fn check(&self) -> Result<(), SolverError> {
        for (what, value) in [
            ("length", self.length),
            ("height", self.height),
            ("radius", self.radius),
            ("speed", self.speed),
            ("reynolds", self.reynolds),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(refused(what, format!("{value} is not a positive number")));
            }
        }
        if !(0.0..=1.0).contains(&self.disturbance) {
            let problem = format!("{} is not between 0 and 1", self.disturbance);
            return Err(refused("disturbance", problem));
        }
        let inside =
            |centre: f64, size: f64| centre - self.radius > 0.0 && centre + self.radius < size;
        if !inside(self.centre_x, self.length) || !inside(self.centre_y, self.height) {
            let problem = format!(
                "a radius of {} m around ({}, {}) m does not lie in the channel of {} m by {} m",
                self.radius, self.centre_x, self.centre_y, self.length, self.height
            );
            return Err(refused("cylinder", problem));
        }
        Ok(())
    }

    /// The speed across the stream at a point, m/s.
    fn disturbance(&self, seed: u64) -> impl Fn([f64; 3]) -> f64 + use<> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let waves: Vec<(f64, f64)> = (1..=WAVES)
            .map(|k| (TAU * k as f64 / self.length, rng.random_range(0.0..TAU)))
            .collect();
        let (most, height) = (self.disturbance * self.speed, self.height);
        move |[x, y, _]| {
            let sum: f64 = waves.iter().map(|(k, phase)| (k * x + phase).sin()).sum();
            most * sum / WAVES as f64 * (PI * y / height).sin()
        }
    }
}

impl Generator for CylinderWake {
    fn solver(&self) -> &'static str {
        "FlowSolver: incompressible Navier-Stokes, MAC grid"
    }

    fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
        self.check()?;
        let stream = [self.speed, 0.0, 0.0];
        let spacing = [
            self.length / self.cells_x as f64,
            self.height / self.cells_y as f64,
            1.0,
        ];
        let builder = FlowSolver::builder([self.cells_x, self.cells_y, 1], spacing)
            .viscosity(2.0 * self.radius * self.speed / self.reynolds)
            .boundary(Side::XMin, FlowBoundary::inflow(move |_| stream))
            .boundary(Side::XMax, FlowBoundary::Outflow)
            .solid(Solid::disc([self.centre_x, self.centre_y], self.radius))
            .step(StepControl::Courant(self.courant));
        let builder = match self.sides {
            Sides::Periodic => builder.periodic(1),
            Sides::FreeSlip => builder
                .boundary(Side::YMin, FlowBoundary::FreeSlip)
                .boundary(Side::YMax, FlowBoundary::FreeSlip),
        };
        let mut flow = builder.build()?;
        let across = self.disturbance(seed);
        flow.set_velocity(|point| [stream[0], across(point), 0.0])?;
        Ok(CaseStart {
            statics: vec![mask("solid", &flow.solid_cells())],
            simulation: Box::new(flow),
        })
    }
}
