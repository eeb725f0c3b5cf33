//! A solid on its way through a flow: fifty Poisson problems, each a little different from the last.
//!
//! What a simulation code brings: from step to step some hundred cells change their flag, and the right-hand side
//! changes slowly, so that the last pressure is a good first guess.

use std::f64::consts::TAU;

use super::flow::{Waves, normalise, subtract_fluxes};
use super::shapes::{Canvas, open_sides};
use super::{PoissonCase, PoissonCaseKind, SOLID, check, random};
use crate::SolverError;

/// Radius of the sphere against the shortest side of the domain.
const RADIUS: f64 = 0.12;
/// Share of its orbit that the sphere runs through in all steps.
const SHARE: f64 = 0.6;
/// Periods by which the waves of the flow move in all steps.
const DRIFT: f64 = 0.5;
/// Greatest speed of each wave, in domain sides a step.
const SPEED: f64 = 0.004;

/// A sphere (2D: a disc) that moves through a box which is open on top, in [`MovingSolidCase::STEPS`] steps.
///
/// The right-hand side is the negative divergence of a velocity field that is the sphere's own velocity on its faces
/// and a few slowly drifting long waves elsewhere.
pub struct MovingSolidCase {
    case: PoissonCase,
    waves: [Waves; 3],
    step: usize,
}

impl MovingSolidCase {
    /// Steps of the sequence, the first included.
    pub const STEPS: usize = 50;

    /// The first step on a grid of `dims` cells (nz = 1: 2D).
    ///
    /// # Errors
    /// [`SolverError::Argument`] when an axis in use has fewer than 8 cells.
    pub fn new(dims: [usize; 3], seed: u64) -> Result<Self, SolverError> {
        check(dims)?;
        let kind = PoissonCaseKind::MovingSolid;
        let mut rng = random(kind, seed);
        let case = PoissonCase {
            kind,
            dims,
            spacing: [1.0 / dims.into_iter().max().unwrap_or(1) as f64; 3],
            flags: flags(dims, 0),
            rhs: Vec::new(),
            open: open_sides(kind, dims),
        };
        let waves = std::array::from_fn(|_| Waves::random(dims, &mut rng));
        let mut moving = Self {
            case,
            waves,
            step: 0,
        };
        moving.set_right_hand_side();
        Ok(moving)
    }

    /// The problem of this step.
    pub fn case(&self) -> &PoissonCase {
        &self.case
    }

    /// The problem of this step, alone.
    pub fn into_case(self) -> PoissonCase {
        self.case
    }

    /// The step, from 0.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Goes on by a step; returns the cells that changed with their new flag, or `None` after the last step.
    pub fn advance(&mut self) -> Option<Vec<(usize, u8)>> {
        if self.step + 1 >= Self::STEPS {
            return None;
        }
        self.step += 1;
        let flags = flags(self.case.dims, self.step);
        let old = std::mem::replace(&mut self.case.flags, flags);
        let pairs = old.iter().zip(&self.case.flags).enumerate();
        let changes = pairs.filter_map(|(cell, (old, new))| (old != new).then_some((cell, *new)));
        let changes = changes.collect();
        self.set_right_hand_side();
        Some(changes)
    }

    fn set_right_hand_side(&mut self) {
        let time = self.step as f64 / Self::STEPS as f64;
        for waves in &mut self.waves {
            waves.shift(DRIFT * time);
        }
        let (here, next) = (center(self.step), center(self.step + 1));
        let mut rhs = vec![0.0; self.case.flags.len()];
        subtract_fluxes(&self.case, &mut rhs, |face| match face.open {
            true => SPEED * self.waves[face.axis].at(face.at),
            false if face.inside => next[face.axis] - here[face.axis],
            false => 0.0,
        });
        normalise(&self.case, &mut rhs);
        self.case.rhs = rhs;
    }
}

/// Centre of the sphere in a step, as fractions of the domain.
fn center(step: usize) -> [f64; 3] {
    let turn = TAU * SHARE * step as f64 / MovingSolidCase::STEPS as f64;
    [
        0.5 + 0.22 * turn.cos(),
        0.46 + 0.22 * turn.sin(),
        0.5 + 0.1 * (2.0 * turn).sin(),
    ]
}

fn flags(dims: [usize; 3], step: usize) -> Vec<u8> {
    let mut canvas = Canvas::new(dims);
    let (place, radius) = (canvas.place(center(step)), RADIUS * canvas.shortest());
    canvas.ball(SOLID, place, radius);
    canvas.flags
}
