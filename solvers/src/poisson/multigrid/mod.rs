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
mod inner;
mod interpolation;
mod level;
mod pieces;
mod relax;
mod sparse_rows;
mod transfer;
mod uniform;

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
use graph::{Graph, GridGraph, StencilGraph};
use level::{Layout, Level};
use transfer::Transfer;
use uniform::Uniform;

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
    finest: Finest,
    /// The levels below, but for the finest itself where it is [`Finest::General`].
    levels: Vec<Level>,
    transfers: Vec<Transfer>,
    bottom: Bottom,
    convert: Convert,
    visits: usize,
    /// How the finest level was coarsened, if it was.
    step: Option<Coarsening>,
}

/// The finest level.
#[derive(Debug)]
enum Finest {
    Uniform(Box<Uniform>),
    /// The first of `levels`.
    General(GridGraph),
}

impl Multigrid {
    /// Builds the hierarchy for an operator.
    ///
    /// # Errors
    /// A coarsest operator that cannot be factorised, which takes extremely uneven face weights.
    pub fn new(stencil: &FlagStencil) -> Result<Self, SolverError> {
        // couplings near 1 suit single precision
        let unit = stencil.largest_coupling();
        let graph = StencilGraph::new(stencil, unit);
        let mut multigrid = Self {
            finest: Finest::General(GridGraph::default()),
            levels: Vec::new(),
            transfers: Vec::new(),
            bottom: Bottom::default(),
            convert: Convert::new(unit),
            visits: W_CYCLE,
            step: None,
        };
        if let Some(factors) = Uniform::factors(stencil).filter(|_| graph.present() > BOTTOM_NODES)
        {
            let step = Coarsening::of_stencil(&graph, factors);
            multigrid.finest = Finest::Uniform(Box::new(Uniform::new(&graph, &step)));
            multigrid.step = Some(step);
        } else {
            let graph = GridGraph::from_stencil(stencil, unit);
            multigrid.levels.push(Level::new(&graph));
            if graph.present() > BOTTOM_NODES {
                let step = Coarsening::new(&graph);
                multigrid.transfers.push(Transfer::new(&graph, &step));
                multigrid.step = Some(step);
            }
            multigrid.finest = Finest::General(graph);
        }
        multigrid.build_coarse_levels()?;
        Ok(multigrid)
    }

    /// Builds everything below the finest level and its transfer.
    fn build_coarse_levels(&mut self) -> Result<(), SolverError> {
        let kept = match self.finest {
            Finest::Uniform(_) => 0,
            Finest::General(_) => 1,
        };
        self.levels.truncate(kept);
        self.transfers.truncate(kept);
        let Some(step) = &self.step else {
            if let Finest::General(graph) = &self.finest {
                self.bottom = Bottom::new(graph)?;
            }
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
        let mut count = cells.len();
        match (&mut self.finest, &mut self.step) {
            (Finest::Uniform(finest), Some(step)) => {
                let graph = StencilGraph::new(stencil, self.convert.unit());
                count += step.update(&graph, cells).len();
                finest.refresh(&graph, cells, step);
            }
            (Finest::General(graph), step) => {
                graph.refresh(stencil, self.convert.unit(), cells);
                self.levels[0].refresh(graph, cells);
                if let Some(step) = step {
                    let touched = step.update(graph, cells);
                    self.transfers[0].update(graph, step, &touched);
                    count += touched.len();
                }
            }
            (Finest::Uniform(_), None) => {}
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
        match self.finest {
            Finest::Uniform(_) => 1 + self.levels.len(),
            Finest::General(_) => self.levels.len(),
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let levels: usize = self.levels.iter().map(Level::memory_bytes).sum();
        let transfers: usize = self.transfers.iter().map(Transfer::memory_bytes).sum();
        let finest = match &self.finest {
            Finest::Uniform(finest) => finest.memory_bytes(),
            Finest::General(graph) => graph.memory_bytes(),
        };
        let step = self
            .step
            .as_ref()
            .map_or(0, |s| 4 * s.parent.len() + s.coarse.memory_bytes());
        finest + levels + transfers + self.bottom.memory_bytes() + step
    }

    /// Bytes that one application reads and writes at least, every pass over an array counted once.
    pub fn cycle_bytes(&self) -> usize {
        let cells = self.dim();
        // r and the right-hand side; the solution, r and z
        let convert = cells * (8 + 4) + cells * (4 + 8 + 8);
        convert + self.level_bytes()
    }

    /// The same without what the conversion takes.
    fn level_bytes(&self) -> usize {
        let (mut visits, mut sum) = match &self.finest {
            Finest::Uniform(finest) => (self.visits(0), finest.cycle_bytes()),
            Finest::General(_) => (1, 0),
        };
        for (l, (level, transfer)) in self.levels.iter().zip(&self.transfers).enumerate() {
            sum += visits * (level.cycle_bytes() + transfer.bytes());
            visits *= self.visits(l + 1);
        }
        sum
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

    /// A cycle on the finest level's right-hand side; returns their product where that level knows it.
    fn run(&mut self) -> f64 {
        let Finest::Uniform(finest) = &mut self.finest else {
            self.cycle(0, 0);
            return f64::NAN;
        };
        finest.descend(&mut self.levels[0]);
        for visit in 0..self.visits(0) {
            self.cycle(0, visit);
        }
        match &mut self.finest {
            Finest::Uniform(finest) => finest.ascend(&self.levels[0]),
            Finest::General(_) => f64::NAN,
        }
    }

    /// Sets the right-hand side of the finest level; returns its largest absolute value.
    fn load(&mut self, r: &[f64]) -> f64 {
        let (layout, b) = match &mut self.finest {
            Finest::Uniform(finest) => (finest.layout, finest.b.each_mut().map(|b| &mut b[..])),
            Finest::General(_) => {
                let level = &mut self.levels[0];
                let layout = level.layout;
                (layout, level.b.each_mut().map(|b| layout.entries_of(b)))
            }
        };
        self.convert.load(r, layout, b)
    }

    /// Solves approximately: z = M^-1 r; returns r . z.
    fn solve(&mut self, r: &[f64], z: &mut [f64]) -> f64 {
        let mut largest = self.load(r);
        if !self.convert.fits(largest) {
            self.convert.rescale(largest);
            largest = self.load(r);
        }
        if largest == 0.0 || !largest.is_finite() {
            z.fill(largest);
            return largest;
        }
        self.run();
        match &self.finest {
            Finest::Uniform(finest) => {
                let x = finest.x.each_ref().map(|x| &x[..]);
                self.convert.unload(x, finest.layout, r, z)
            }
            Finest::General(_) => {
                let level = &self.levels[0];
                let Layout { pad, .. } = level.layout;
                let end = pad + level.layout.entries();
                let x = level.x.each_ref().map(|x| &x[pad..end]);
                self.convert.unload(x, level.layout, r, z)
            }
        }
    }
}

impl Preconditioner for Multigrid {
    fn dim(&self) -> usize {
        let layout = match &self.finest {
            Finest::Uniform(finest) => finest.layout,
            Finest::General(_) => self.levels[0].layout,
        };
        layout.dims.iter().product()
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
