//! Geometric multigrid for flag grids, as a symmetric positive preconditioner.
//!
//! A W-cycle with one red-black Gauss-Seidel sweep before the coarse correction and one black-red
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
mod interpolation;
mod level;
mod pieces;
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
use coarsen::Coarsening;
use convert::Convert;
use graph::GridGraph;
use level::Level;
use transfer::Transfer;

/// The coarsest level has at most this many nodes.
const BOTTOM_NODES: usize = 256;

/// Corrections that a level gets from the next coarser one: two, a W-cycle. Coarse levels
/// cost little, and on mazes it keeps the number of iterations from growing with the grid.
///
/// A V-cycle is positive definite whatever the coarse operators are; a W-cycle is as long as no coarse
/// correction overshoots by a factor of two. Where one does, see [`Multigrid::use_v_cycle`].
const W_CYCLE: usize = 2;
const V_CYCLE: usize = 1;

/// One W-cycle as a preconditioner.
#[derive(Debug)]
pub struct Multigrid {
    levels: Vec<Level>,
    transfers: Vec<Transfer>,
    bottom: Bottom,
    convert: Convert,
    visits: usize,
    finest: Finest,
}

/// What an update of the finest level needs.
#[derive(Debug)]
struct Finest {
    graph: GridGraph,
    /// How it was coarsened, if it was.
    step: Option<Coarsening>,
}

impl Multigrid {
    /// Builds the hierarchy for an operator.
    ///
    /// # Errors
    /// A coarsest operator that cannot be factorised, which takes extremely uneven face weights.
    pub fn new(stencil: &FlagStencil) -> Result<Self, SolverError> {
        // couplings near 1 suit single precision
        let unit = stencil.largest_coupling();
        let graph = GridGraph::from_stencil(stencil, unit);
        let step = (graph.present() > BOTTOM_NODES).then(|| Coarsening::new(&graph));
        let mut transfers = Vec::new();
        if let Some(step) = &step {
            transfers.push(Transfer::new(&graph, step));
        }
        let mut multigrid = Self {
            levels: vec![Level::new(&graph)],
            transfers,
            bottom: Bottom::default(),
            convert: Convert::new(unit),
            visits: W_CYCLE,
            finest: Finest { graph, step },
        };
        multigrid.build_coarse_levels()?;
        Ok(multigrid)
    }

    /// Builds everything below the finest level and its transfer.
    fn build_coarse_levels(&mut self) -> Result<(), SolverError> {
        self.levels.truncate(1);
        self.transfers.truncate(1);
        let Some(step) = &self.finest.step else {
            self.bottom = Bottom::new(&self.finest.graph)?;
            return Ok(());
        };
        self.levels.push(Level::new(&step.coarse));
        let mut steps: Vec<Coarsening> = Vec::new();
        loop {
            let graph = steps.last().map_or(&step.coarse, |s| &s.coarse);
            if graph.present() <= BOTTOM_NODES {
                self.bottom = Bottom::new(graph)?;
                return Ok(());
            }
            let next = Coarsening::new(graph);
            self.transfers.push(Transfer::new(graph, &next));
            self.levels.push(Level::new(&next.coarse));
            steps.push(next);
        }
    }

    /// Follows a change of the stencil at `cells`. On the finest level this costs in proportion to their
    /// number; the coarser levels, which are small, are built again. Returns how many cells of
    /// the finest level were worked on.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(super) fn update(
        &mut self,
        stencil: &FlagStencil,
        cells: &[usize],
    ) -> Result<usize, SolverError> {
        let Finest { graph, step } = &mut self.finest;
        graph.refresh(stencil, self.convert.unit(), cells);
        self.levels[0].refresh(graph, cells);
        let mut count = cells.len();
        if let Some(step) = step {
            let touched = step.update(graph, cells);
            self.transfers[0].update(graph, step, &touched);
            count += touched.len();
        }
        self.build_coarse_levels()?;
        Ok(count)
    }

    /// Changes to a V-cycle, which is always positive definite. False if it is one already.
    pub fn use_v_cycle(&mut self) -> bool {
        std::mem::replace(&mut self.visits, V_CYCLE) != V_CYCLE
    }

    /// Number of levels.
    pub fn levels(&self) -> usize {
        self.levels.len()
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let levels: usize = self.levels.iter().map(Level::memory_bytes).sum();
        let transfers: usize = self.transfers.iter().map(Transfer::memory_bytes).sum();
        let Finest { graph, step } = &self.finest;
        let step = step
            .as_ref()
            .map_or(0, |s| 4 * s.parent.len() + s.coarse.memory_bytes());
        levels + transfers + self.bottom.memory_bytes() + graph.memory_bytes() + step
    }

    /// Bytes that one application reads and writes at least, every pass over an array counted once.
    pub fn cycle_bytes(&self) -> usize {
        let top = self.levels[0].layout;
        let cells: usize = top.dims.iter().product();
        // r and the right-hand side; the solution, r and z
        let convert = cells * (8 + 4) + cells * (4 + 8 + 8);
        let mut visits = 1;
        let levels = self.levels.iter().zip(&self.transfers);
        let inner = levels.enumerate().map(|(l, (level, transfer))| {
            visits *= self.visits(l);
            visits * (level.cycle_bytes() + transfer.bytes())
        });
        convert + inner.sum::<usize>()
    }

    /// Improves `x` of a level; on the first visit it is taken to be zero.
    fn cycle(&mut self, l: usize, visit: usize) {
        let Some(transfer) = self.transfers.get_mut(l) else {
            return self.bottom.solve(&mut self.levels[l]);
        };
        let (fine, coarse) = pair(&mut self.levels, l);
        match visit {
            0 => fine.relax_red_from_zero(),
            _ => fine.relax_red(),
        }
        fine.relax_black();
        fine.red_residual();
        transfer.restrict(fine, coarse);
        for visit in 0..self.visits(l + 1) {
            self.cycle(l + 1, visit);
        }
        let (fine, coarse) = pair(&mut self.levels, l);
        self.transfers[l].interpolate(coarse, fine);
        fine.relax_black();
        fine.relax_red();
    }

    /// How often a level is solved for within one solution of the level above it.
    fn visits(&self, l: usize) -> usize {
        if l == self.transfers.len() {
            1
        } else {
            self.visits
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
        self.cycle(0, 0);
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

    fn apply_bytes(&self) -> Option<usize> {
        Some(self.cycle_bytes())
    }

    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        self.solve(r, z);
    }

    fn apply_dot(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        self.solve(r, z)
    }
}

/// A level and the next coarser one.
fn pair(levels: &mut [Level], l: usize) -> (&mut Level, &mut Level) {
    let (fine, coarse) = levels[l..].split_at_mut(1);
    (&mut fine[0], &mut coarse[0])
}
