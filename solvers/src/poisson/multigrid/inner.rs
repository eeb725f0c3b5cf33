//! Conjugate gradients on the vectors of the finest level.

use super::uniform::Uniform;
use super::{Finest, Multigrid};
use crate::linear::InnerIteration;

impl Multigrid {
    /// Conjugate gradients on the finest level's own vectors, where it can do that.
    pub(in crate::poisson) fn inner(&mut self) -> Option<&mut dyn InnerIteration> {
        match self.finest {
            Finest::Uniform(_) => Some(self),
            Finest::General(_) => None,
        }
    }

    /// Bytes that one iteration of these reads and writes at least, every pass over an array counted once.
    pub(in crate::poisson) fn inner_bytes(&self) -> Option<usize> {
        match &self.finest {
            Finest::Uniform(finest) => Some(finest.iteration_bytes() + self.level_bytes()),
            Finest::General(_) => None,
        }
    }

    fn uniform(&mut self) -> Option<&mut Uniform> {
        match &mut self.finest {
            Finest::Uniform(finest) => Some(finest),
            Finest::General(_) => None,
        }
    }
}

/// Of a hierarchy whose [`inner`](Multigrid::inner) there is; others answer with NaN, which ends an iteration.
impl InnerIteration for Multigrid {
    fn begin(&mut self, residual: &[f64], norm: f64) {
        // values near 1
        self.convert.rescale(norm / (residual.len() as f64).sqrt());
        Multigrid::load(self, residual);
        if let Some(finest) = self.uniform() {
            finest.begin();
        }
    }

    fn load(&mut self, residual: &[f64]) {
        Multigrid::load(self, residual);
    }

    fn precondition(&mut self) -> f64 {
        self.run()
    }

    fn direction(&mut self, beta: f64) -> f64 {
        let finest = self.uniform();
        finest.map_or(f64::NAN, |finest| finest.direction(beta as f32))
    }

    fn step(&mut self, alpha: f64) -> f64 {
        let scale = self.convert.scale();
        let finest = self.uniform();
        finest.map_or(f64::NAN, |finest| finest.step(alpha as f32)) / (scale * scale)
    }

    fn add_correction(&mut self, x: &mut [f64]) {
        let back = self.convert.back();
        if let Some(finest) = self.uniform() {
            finest.add_correction(back, x);
        }
    }
}
