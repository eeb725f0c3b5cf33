//! Geometric multigrid for flag grids, as a symmetric positive preconditioner.
//!
//! A V-cycle with one red-black Gauss-Seidel sweep before the coarse correction and one black-red
//! sweep after it, linear interpolation that respects walls, restriction as its transpose, coarse
//! operators rediscretised as conductances between the connected pieces of fluid, and an exact
//! solution at the bottom; in single precision, whatever the scale of the right-hand side.
//!
//! A. McAdams, E. Sifakis, J. Teran, "A parallel multigrid Poisson solver for fluids simulation on
//! large grids", SCA 2010. Departures:
//! 1. They mark a coarse cell as fluid or not by the flags inside it, so thin walls and gaps are lost
//!    and boundary bands need extra smoothing. Here coarse nodes are connected pieces of
//!    fluid ([`coarsen`]), with couplings from the open parts of faces.
//! 2. Red-black Gauss-Seidel in place of damped Jacobi, on arrays kept by colour.
//! 3. Interpolation on the simplex of four block centres (4 points) in place of trilinear (8 points).

mod bottom;
mod coarsen;
mod convert;
mod graph;
mod level;
mod relax;
mod transfer;

#[cfg(test)]
mod tests;

use super::stencil::FlagStencil;
use crate::{
    SolverError,
    linear::{Preconditioner, Properties},
};
use bottom::Bottom;
use coarsen::coarsen;
use convert::Convert;
use graph::GridGraph;
use level::Level;
use transfer::Transfer;

/// The coarsest level has at most this many nodes.
const BOTTOM_NODES: usize = 256;

/// Sweeps of a level before and after its coarse correction.
#[derive(Clone, Copy, Debug)]
struct Sweeps {
    finest: usize,
    coarser: usize,
}

/// One V-cycle as a preconditioner.
#[derive(Debug)]
pub struct Multigrid {
    levels: Vec<Level>,
    transfers: Vec<Transfer>,
    bottom: Bottom,
    sweeps: Sweeps,
    convert: Convert,
}

impl Multigrid {
    /// Builds the hierarchy for an operator.
    ///
    /// # Errors
    /// A coarsest operator that cannot be factorised, which takes extremely uneven face weights.
    pub fn new(stencil: &FlagStencil) -> Result<Self, SolverError> {
        // couplings near 1 suit single precision
        let unit = stencil.largest_coupling();
        let mut graph = GridGraph::from_stencil(stencil, unit);
        let mut levels = vec![Level::new(&graph)];
        let mut transfers = Vec::new();
        while graph.present() > BOTTOM_NODES {
            let step = coarsen(&graph);
            transfers.push(Transfer::new(&graph, &step));
            graph = step.coarse;
            levels.push(Level::new(&graph));
        }
        Ok(Self {
            levels,
            transfers,
            bottom: Bottom::new(&graph)?,
            sweeps: Sweeps {
                finest: 1,
                coarser: 1,
            },
            convert: Convert::new(unit),
        })
    }

    /// Number of levels.
    pub fn levels(&self) -> usize {
        self.levels.len()
    }

    #[doc(hidden)]
    pub fn describe(&self) -> String {
        self.levels
            .iter()
            .map(|l| {
                format!(
                    "{:?}+{}",
                    l.layout.dims,
                    l.x[0].len() + l.x[1].len() - 2 * l.layout.padded()
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let levels: usize = self.levels.iter().map(Level::memory_bytes).sum();
        let transfers: usize = self.transfers.iter().map(Transfer::memory_bytes).sum();
        levels + transfers + self.bottom.memory_bytes()
    }

    /// Bytes that one application reads and writes at least, every pass over an array counted.
    pub fn cycle_bytes(&self) -> usize {
        let top = self.levels[0].layout;
        let cells: usize = top.dims.iter().product();
        let convert = cells * (8 + 8 + 4 + 4 + 8);
        let inner =
            self.levels
                .iter()
                .zip(&self.transfers)
                .enumerate()
                .map(|(l, (level, transfer))| {
                    let sweeps = if l == 0 {
                        self.sweeps.finest
                    } else {
                        self.sweeps.coarser
                    };
                    let from_zero = 12 * level.layout.entries();
                    let residual = level.sweep_bytes() + 4 * level.layout.entries();
                    from_zero + (4 * sweeps - 1) * level.sweep_bytes() + residual + transfer.bytes()
                });
        convert + inner.sum::<usize>()
    }

    fn cycle(&mut self) {
        let last = self.levels.len() - 1;
        for (l, transfer) in self.transfers.iter_mut().enumerate() {
            let (fine, coarse) = self.levels[l..].split_at_mut(1);
            let sweeps = if l == 0 {
                self.sweeps.finest
            } else {
                self.sweeps.coarser
            };
            fine[0].relax_red_from_zero();
            fine[0].relax_black();
            for _ in 1..sweeps {
                fine[0].relax_red();
                fine[0].relax_black();
            }
            fine[0].red_residual();
            transfer.restrict(&fine[0], &mut coarse[0]);
        }
        self.bottom.solve(&mut self.levels[last]);
        for (l, transfer) in self.transfers.iter_mut().enumerate().rev() {
            let (fine, coarse) = self.levels[l..].split_at_mut(1);
            let sweeps = if l == 0 {
                self.sweeps.finest
            } else {
                self.sweeps.coarser
            };
            transfer.interpolate(&coarse[0], &mut fine[0]);
            for _ in 0..sweeps {
                fine[0].relax_black();
                fine[0].relax_red();
            }
        }
    }

    /// Solves approximately: z = M^-1 r; returns r . z.
    fn solve(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        let mut largest = self.convert.load(r, &mut self.levels[0]);
        if !self.convert.fits(largest) {
            self.convert.rescale(largest);
            largest = self.convert.load(r, &mut self.levels[0]);
        }
        if largest == 0.0 || !largest.is_finite() {
            z.fill(largest);
            return largest;
        }
        if self.transfers.is_empty() {
            self.bottom.solve(&mut self.levels[0]);
        } else {
            self.cycle();
        }
        self.convert.unload(&self.levels[0], r, z)
    }
}

impl Preconditioner for Multigrid {
    fn dim(&self) -> usize {
        self.levels[0].layout.dims.iter().product()
    }

    fn properties(&self) -> Properties {
        Properties::SPD
    }

    fn keeps_balance(&self) -> bool {
        true
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        self.solve(r, z);
    }

    fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        self.solve(r, z)
    }
}
