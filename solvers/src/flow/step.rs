//! One step in time.
//!
//! Three stages u_k = P(u_n + a_k dt F(u_(k-1))), a = 1/3, 1/2, 1, with a projection P each: the scheme of Jameson, Schmidt and
//! Turkel (AIAA paper 81-1259, 1981), of second order and of third for linear problems, stable to Courant numbers of
//! sqrt(3) without friction and to 2.5 on the negative real axis. Of the scheme's three vectors none is older than a step,
//! so that a step is a function of the state alone.
//!
//! The scalar takes Heun's step with the velocities at both ends, whose first half gives the buoyancy in the middle, which the
//! last stage uses.
//!
//! Departures:
//! 1. Every stage is projected; so each has a pressure, the last one's being that in the middle of the step.
//! 2. Solids that move are at the end of the step in all its stages: first order in time beside them.

use super::domain::Domain;
use super::layout::{Faces, places};
use super::outflow::Outflow;
use super::projection::Projection;
use super::solver::FlowSolver;
use crate::SolverError;

/// The share of the step that each stage covers.
pub(super) const STAGES: [f64; 3] = [1.0 / 3.0, 0.5, 1.0];

/// One stage: `into` from `start` with the rate at `at`, ghosts filled in.
pub(super) fn stage(
    domain: &Domain,
    projection: &mut Projection,
    start: &Faces,
    at: &Faces,
    scalar: Option<&[f64]>,
    dt: f64,
    into: &mut Faces,
) -> Result<(), SolverError> {
    domain.advance(start, at, scalar, dt, into);
    domain.sides.fill(into);
    projection.project(&domain.geometry, into, dt)?;
    domain.sides.fill(into);
    Ok(())
}

impl FlowSolver {
    pub(super) fn try_step(&mut self, dt: f64) -> Result<(), SolverError> {
        if self.domain.geometry.moves() {
            self.move_solids(self.time + dt)?;
        }
        self.predict_scalar(dt);
        let Self {
            domain,
            projection,
            velocity,
            scalar,
            stages: [first, second],
            ..
        } = self;
        let now = scalar.as_ref().map(|s| &*s.now);
        let half = scalar.as_ref().map(|s| &*s.half);
        let [a, b, c] = STAGES.map(|share| share * dt);
        stage(domain, projection, velocity, velocity, now, a, first)?;
        stage(domain, projection, velocity, first, now, b, second)?;
        stage(domain, projection, velocity, second, half, c, first)?;
        std::mem::swap(velocity, first);
        self.correct_scalar(dt);
        Ok(())
    }

    /// Euler's step of the scalar, and the middle between its ends.
    fn predict_scalar(&mut self, dt: f64) {
        let (Some(fields), Some(transport)) = (&mut self.scalar, &self.domain.transport) else {
            return;
        };
        let geometry = &self.domain.geometry;
        fields.euler.copy_from_slice(&fields.now);
        transport.add(geometry, &self.velocity, &fields.now, dt, &mut fields.euler);
        transport.fill(&mut fields.euler);
        average(&fields.now, &fields.euler, &mut fields.half);
        transport.fill(&mut fields.half);
    }

    /// The second half of Heun's step, with the new velocity.
    fn correct_scalar(&mut self, dt: f64) {
        let (Some(fields), Some(transport)) = (&mut self.scalar, &self.domain.transport) else {
            return;
        };
        let geometry = &self.domain.geometry;
        let half_step = 0.5 * dt;
        transport.add(
            geometry,
            &self.velocity,
            &fields.euler,
            half_step,
            &mut fields.half,
        );
        transport.fill(&mut fields.half);
        std::mem::swap(&mut fields.now, &mut fields.half);
    }

    /// Moves the solids to where they are at a time, with all that follows from it.
    pub(super) fn move_solids(&mut self, time: f64) -> Result<(), SolverError> {
        if !self.domain.geometry.moves() {
            return Ok(());
        }
        self.domain.geometry.set_time(time);
        self.projection.update(&self.domain.geometry)?;
        let [first, second] = &mut self.stages;
        for velocity in [&mut self.velocity, first, second] {
            self.domain.impose(velocity);
        }
        let Domain {
            layout,
            sides,
            geometry,
            outflow,
            ..
        } = &mut self.domain;
        *outflow = Outflow::new(*layout, sides, geometry, &self.velocity);
        // The scalar's first step needs a velocity without divergence between the solids as they are now.
        self.settle()?;
        self.fill_uncovered();
        Ok(())
    }

    /// Gives cells that a solid laid open the mean scalar of the fluid around them.
    fn fill_uncovered(&mut self) {
        let (Some(fields), Some(transport)) = (&mut self.scalar, &self.domain.transport) else {
            return;
        };
        let layout = self.domain.layout;
        let geometry = &self.domain.geometry;
        for place in places(layout.all_cells()) {
            if !geometry.was_uncovered(layout.cell(place)) {
                continue;
            }
            let near = layout
                .axes()
                .flat_map(|axis| [-1, 1].map(|step| layout.near(place, axis, step)));
            let known = near.flatten().filter(|place| {
                let cell = layout.cell(*place);
                !geometry.is_solid(cell) && !geometry.was_uncovered(cell)
            });
            let (sum, count) = known.fold((0.0, 0), |(sum, count), place| {
                (sum + fields.now[layout.index(place)], count + 1)
            });
            if count > 0 {
                fields.now[layout.index(place)] = sum / f64::from(count);
            }
        }
        transport.fill(&mut fields.now);
    }
}

/// `out = (a + b) / 2`.
pub(super) fn average(a: &[f64], b: &[f64], out: &mut [f64]) {
    use rayon::prelude::*;
    const CHUNK: usize = 1 << 14;
    (out.par_chunks_mut(CHUNK).zip(a.par_chunks(CHUNK)))
        .zip(b.par_chunks(CHUNK))
        .for_each(|((out, a), b)| {
            for i in 0..out.len() {
                out[i] = 0.5 * (a[i] + b[i]);
            }
        });
}
