//! The finest level where all faces of an axis have the same coupling: everything but grids with face
//! weights, or with spacings too different for all axes to be coarsened.
//!
//! It is where most of the time goes, and memory's bandwidth is what limits it. So:
//! 1. A cell is one byte: which of its faces are open. Couplings and diagonals follow from it.
//! 2. Non-fluid cells hold zeros, so that sums over neighbours need no test.
//! 3. All that happens on the level before the coarse correction is one pass over planes of cells
//!    ([`descend`](Uniform::descend)), all that happens after it another one ([`ascend`](Uniform::ascend)):
//!    the steps of the cycle follow each other at a distance of a plane, with what lies between
//!    them in the second-level cache. Threads take slabs of planes, and repeat their neighbours' work on
//!    the planes next to their own.
//! 4. What the sweeps before the correction made is not kept: it is computed again, since the guess is zero.
//! 5. The vectors of conjugate gradients live here too ([`iteration`]), in single precision and by colour.
//!
//! A 2D grid is one of nx x 1 x ny cells here, whose planes are rows.

mod ascend;
mod descend;
mod iteration;
mod rows;

use rayon::prelude::*;

use super::super::{codes, stencil::FlagStencil};
use super::coarsen::{Coarsening, ISOTROPY};
use super::graph::{Graph, StencilGraph};
use super::interpolation::Interpolation;
use super::level::{BLACK, Layout, Places, RED};
use super::sparse_rows::SparseRows;
use rows::{Fine, Shape, inner_byte};

/// Cells of a slab, about.
const SLAB_CELLS: usize = 1 << 18;
/// Planes of a slab, at least.
const SLAB_PLANES: usize = 16;

/// A cell whose correction takes a row of its own; see [`Uniform::irregular`].
const IRREGULAR: u8 = 1 << 6;

/// The finest level. Everything is per colour; see [`Layout`] for the order.
#[derive(Debug)]
pub(super) struct Uniform {
    /// Of the grid as planes.
    pub layout: Layout,
    shape: Shape,
    scales: [f32; 3],
    /// Bit s: the face on side s is open, that is leads to fluid or air; where the two are fluid and air
    /// or air and solid, only their number is told. 0 where there is no node. [`IRREGULAR`].
    sides: [Vec<u8>; 2],
    /// By row; see [`rows::Sides::inner`].
    regular: [Vec<u8>; 2],
    /// The solution of a cycle.
    pub x: [Vec<f32>; 2],
    /// Its right-hand side: the residual.
    pub b: [Vec<f32>; 2],
    /// Direction of conjugate gradients, half-rows with a zero at both ends.
    p: [Vec<f32>; 2],
    /// Correction of conjugate gradients.
    e: [Vec<f32>; 2],
    /// Whether there is one that has not been added to x.
    has_correction: bool,
    /// Weights of red nodes next to air, or where extra coarse nodes take part; columns are coarse
    /// entries, [`BLACK_COLUMN`] is added to those of black ones.
    irregular: SparseRows,
    slabs: Vec<Slab>,
    /// Zeros, a plane.
    zeros: Vec<f32>,
}

/// Marks columns of [`Uniform::irregular`] that are black.
const BLACK_COLUMN: u32 = 1 << 31;

/// What one task works with.
#[derive(Debug)]
struct Slab {
    planes: [usize; 2],
    /// Three planes of red and of black nodes.
    red: Vec<f32>,
    black: Vec<f32>,
    /// Three coarse planes.
    coarse: Vec<f32>,
    /// A half-row.
    row: Vec<f32>,
    /// Rows of the slab among the irregular ones, and their residuals.
    irregular: [usize; 2],
    residual: Vec<f32>,
    /// Its part of a sum over all cells.
    sum: f64,
}

impl Uniform {
    /// How the grid of a stencil is coarsened, if it can be one of these.
    pub fn factors(stencil: &FlagStencil) -> Option<[usize; 3]> {
        let scales = stencil.scales();
        let axes = if stencil.dims()[2] == 1 { 2 } else { 3 };
        let strongest = scales.into_iter().fold(0.0, f64::max);
        let even = scales[..axes]
            .iter()
            .all(|s| s * f64::from(ISOTROPY) >= strongest);
        let suits = !stencil.is_weighted() && even && stencil.dims()[..axes].iter().all(|&n| n > 1);
        suits.then_some([2, 2, if axes == 2 { 1 } else { 2 }])
    }

    pub fn new(graph: &StencilGraph<'_>, step: &Coarsening) -> Self {
        let stencil = graph.stencil;
        let [nx, ny, nz] = stencil.dims();
        let flat = nz == 1;
        let layout = Layout::new(if flat { [nx, 1, ny] } else { [nx, ny, nz] });
        let shape = Shape::new(layout.dims);
        let [sx, sy, sz] = graph.scales;
        let entries = layout.entries();
        let vectors = || [(); 2].map(|()| vec![0.0f32; entries]);
        let mut level = Self {
            layout,
            shape,
            scales: if flat { [sx, 0.0, sy] } else { [sx, sy, sz] },
            sides: [(); 2].map(|()| vec![0; entries]),
            regular: [(); 2].map(|()| vec![0; layout.rows()]),
            x: vectors(),
            b: vectors(),
            p: [(); 2].map(|()| vec![0.0; shape.plane * shape.planes]),
            e: vectors(),
            has_correction: false,
            irregular: SparseRows::default(),
            slabs: Vec::new(),
            zeros: vec![0.0; shape.plane],
        };
        for colour in [RED, BLACK] {
            let rows = level.sides[colour].par_chunks_mut(layout.half).enumerate();
            rows.for_each(|(row, sides)| {
                let first = layout.parity(row) ^ colour;
                let cells = (first..nx).step_by(2).map(|i| row * nx + i);
                for (sides, cell) in sides.iter_mut().zip(cells) {
                    *sides = sides_of(stencil.code(cell), flat);
                }
            });
        }
        level.make_slabs();
        level.take_irregular(graph, step);
        let Self { sides, regular, .. } = &mut level;
        for (sides, regular) in sides.iter().zip(regular) {
            let rows = regular.par_iter_mut().zip(sides.par_chunks(layout.half));
            rows.for_each(|(regular, sides)| *regular = inner_byte(sides));
        }
        level
    }

    fn make_slabs(&mut self) {
        let shape = self.shape;
        let cells = shape.half * 2 * shape.rows;
        let planes = (SLAB_CELLS / cells).max(SLAB_PLANES).next_multiple_of(2);
        let first = (0..shape.planes).step_by(planes);
        self.slabs = first
            .map(|first| Slab {
                planes: [first, (first + planes).min(shape.planes)],
                red: vec![0.0; 3 * shape.plane],
                black: vec![0.0; 3 * shape.plane],
                coarse: vec![0.0; 3 * shape.coarse_plane],
                row: vec![0.0; shape.half],
                irregular: [0; 2],
                residual: Vec::new(),
                sum: 0.0,
            })
            .collect();
    }

    /// Follows a change of the stencil at `cells`.
    pub fn refresh(&mut self, graph: &StencilGraph<'_>, cells: &[usize], step: &Coarsening) {
        let flat = graph.dims()[2] == 1;
        let mut changed: Vec<(usize, usize)> = (self.irregular.entries.iter())
            .map(|&entry| (RED, entry as usize))
            .collect();
        for &cell in cells {
            let (colour, entry) = self.layout.place(cell);
            self.sides[colour][entry] = sides_of(graph.stencil.code(cell), flat);
            changed.push((colour, entry));
        }
        self.take_irregular(graph, step);
        changed.extend(
            self.irregular
                .entries
                .iter()
                .map(|&entry| (RED, entry as usize)),
        );
        let half = self.layout.half;
        for (colour, entry) in changed {
            let row = entry / half;
            self.regular[colour][row] = inner_byte(&self.sides[colour][row * half..][..half]);
        }
    }

    /// Finds the red nodes with rows of their own: those next to air or to odd nodes, and odd ones.
    fn take_irregular(&mut self, graph: &StencilGraph<'_>, step: &Coarsening) {
        let rule = Interpolation { fine: graph, step };
        let places = Places::new(Layout::new(step.coarse.dims), &step.coarse);
        for &entry in &self.irregular.entries {
            self.sides[RED][entry as usize] &= !IRREGULAR;
        }
        let mut cells = graph.beside_air();
        let beyond = step.odd.iter().flat_map(|o| rule.outward_cells(o.node));
        cells.extend(step.odd.iter().map(|o| o.node).chain(beyond));
        cells.sort_unstable();
        cells.dedup();
        cells.retain(|&cell| {
            let (colour, entry) = self.layout.place(cell);
            colour == RED && self.sides[RED][entry] != 0
        });
        let rows: Vec<Vec<(usize, f32)>> = cells.par_iter().map(|&cell| rule.row(cell)).collect();
        self.irregular = SparseRows::default();
        for (&cell, row) in cells.iter().zip(&rows) {
            let entry = self.layout.place(cell).1;
            self.sides[RED][entry] |= IRREGULAR;
            let row = row.iter().map(|&(node, weight)| {
                let (colour, entry) = places.of(node);
                let mark = if colour == BLACK { BLACK_COLUMN } else { 0 };
                (entry | mark as usize, weight)
            });
            self.irregular.push(entry, row);
        }
        let per_plane = self.shape.half * self.shape.rows;
        for slab in &mut self.slabs {
            slab.irregular = slab.planes.map(|k| {
                self.irregular
                    .entries
                    .partition_point(|&e| (e as usize) < k * per_plane)
            });
            let [first, end] = slab.irregular;
            slab.residual.resize(end - first, 0.0);
        }
    }

    /// What passes read.
    fn fine(&self) -> Fine<'_> {
        Fine {
            shape: self.shape,
            scales: self.scales,
            sides: self.sides.each_ref().map(|s| &s[..]),
            regular: self.regular.each_ref().map(|s| &s[..]),
            b: self.b.each_ref().map(|b| &b[..]),
            zeros: &self.zeros,
            irregular: &self.irregular,
        }
    }

    pub fn memory_bytes(&self) -> usize {
        let entries = self.layout.entries();
        let slab = |s: &Slab| s.red.len() + s.black.len() + s.coarse.len() + s.residual.len();
        let slabs: usize = self.slabs.iter().map(slab).sum();
        2 * entries * (1 + 3 * 4) + 8 * self.p[RED].len() + self.irregular.bytes() + 4 * slabs
    }

    /// Bytes that the two passes of an iteration of conjugate gradients read and write at least.
    pub fn iteration_bytes(&self) -> usize {
        let cells = 2 * self.layout.entries();
        // sides, x and p, p written; sides and p, b and e, both written
        (1 + 3 * 4 + 1 + 5 * 4) * cells
    }

    /// Bytes that a cycle's passes over the level read and write at least.
    pub fn cycle_bytes(&self) -> usize {
        let cells = 2 * self.layout.entries();
        // sides and b, twice; x written
        2 * (1 + 4) * cells + 4 * cells + 2 * self.irregular.bytes()
    }
}

/// The byte of a cell with this code of the stencil.
fn sides_of(code: u16, flat: bool) -> u8 {
    let mut sides = 0;
    for axis in 0..3 {
        let fluid = (code >> (2 * axis) & 3) as u8;
        let pair = match (codes::open(code, axis), fluid) {
            (2, _) => 3,
            (1, 0) => 1,
            (_, fluid) => fluid,
        };
        sides |= pair << (2 * if flat && axis == 1 { 2 } else { axis });
    }
    sides
}
