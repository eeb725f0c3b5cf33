//! Sides where what arrives leaves.
//!
//! The velocity across the side is carried out at the mean speed of the outflow (Orlanski, "A simple boundary condition for
//! unbounded hyperbolic flows", Journal of Computational Physics 21 (1976) 251, with one speed for all faces), then
//! corrected by the same amount on all faces so that the volume is balanced. Both are linear, so their adjoint is
//! their transpose.

use super::geometry::Geometry;
use super::layout::{Faces, Layout, places};
use super::sides::Sides;
use crate::Side;

/// A face through which the fluid leaves.
#[derive(Clone, Copy, Debug)]
struct OutflowFace {
    axis: usize,
    /// Index of the face.
    index: usize,
    /// Index of the next face inwards.
    inside: usize,
    /// Number of the cell inside, among cells alone.
    cell: usize,
    /// 1 where the side is a high one, -1 where it is a low one.
    sign: f64,
}

/// The faces of all outflow sides that are not closed by solids.
pub(super) struct Outflow {
    layout: Layout,
    faces: Vec<OutflowFace>,
    /// Area of all of them (m^2).
    area: f64,
    /// What enters through the other sides (m^3/s).
    inflow: f64,
}

impl Outflow {
    /// `velocity` holds what is given on the other sides.
    pub fn new(layout: Layout, sides: &Sides, geometry: &Geometry, velocity: &Faces) -> Self {
        let mut outflow = Self {
            layout,
            faces: Vec::new(),
            area: 0.0,
            inflow: 0.0,
        };
        let leaving: Vec<Side> = sides.outflows().collect();
        for side in &Side::ALL[..2 * layout.dimension()] {
            if layout.periodic[side.axis()] {
                continue;
            }
            let area = layout.area(side.axis());
            for face in side_faces(&layout, *side) {
                if geometry.open[face.axis][face.index] == 0.0 {
                    continue;
                }
                if leaving.contains(side) {
                    outflow.faces.push(face);
                    outflow.area += area;
                } else {
                    outflow.inflow -= face.sign * area * velocity[face.axis][face.index];
                }
            }
        }
        outflow
    }

    /// Whether no side is an outflow, and the cells' net inflow then (m^3/s).
    pub fn imbalance_without(&self) -> Option<f64> {
        self.faces.is_empty().then_some(self.inflow)
    }

    /// The mean speed outwards (m/s).
    fn speed(&self) -> f64 {
        match self.area > 0.0 {
            true => (self.inflow / self.area).max(0.0),
            false => 0.0,
        }
    }

    /// Numbers of the cells at the outflow.
    pub fn cells(&self) -> impl Iterator<Item = usize> {
        self.faces.iter().map(|face| face.cell)
    }

    /// Sets the faces to those of `start` carried on for `dt` with the slopes of `at`, and balances them.
    pub fn advance(&self, start: &Faces, at: &Faces, dt: f64, into: &mut Faces) {
        for face in &self.faces {
            let at = &at[face.axis];
            let step = self.carry(face, dt) * (at[face.index] - at[face.inside]);
            into[face.axis][face.index] = start[face.axis][face.index] - step;
        }
        self.balance(into);
    }

    /// `speed dt / h`.
    fn carry(&self, face: &OutflowFace, dt: f64) -> f64 {
        self.speed() * dt / self.layout.spacing[face.axis]
    }

    /// Corrects all faces evenly, so that as much leaves as enters.
    pub fn balance(&self, velocity: &mut Faces) {
        if self.faces.is_empty() {
            return;
        }
        let leaves = |face: &OutflowFace| {
            face.sign * self.layout.area(face.axis) * velocity[face.axis][face.index]
        };
        let leaving: f64 = self.faces.iter().map(leaves).sum();
        let correction = (self.inflow - leaving) / self.area;
        for face in &self.faces {
            velocity[face.axis][face.index] += face.sign * correction;
        }
    }

    /// The transpose of [`balance`](Self::balance), in place.
    pub fn balance_vjp(&self, cotangent: &mut Faces) {
        if self.faces.is_empty() {
            return;
        }
        let of = |face: &OutflowFace| face.sign * cotangent[face.axis][face.index];
        let sum: f64 = self.faces.iter().map(of).sum();
        for face in &self.faces {
            let share = face.sign * self.layout.area(face.axis) / self.area;
            cotangent[face.axis][face.index] -= share * sum;
        }
    }

    /// The transpose of [`advance`](Self::advance) but for its balance: adds to the cotangents of `start` and `at`.
    pub fn advance_vjp(&self, cotangent: &Faces, dt: f64, start: &mut Faces, at: &mut Faces) {
        for face in &self.faces {
            let value = cotangent[face.axis][face.index];
            start[face.axis][face.index] += value;
            let step = self.carry(face, dt) * value;
            at[face.axis][face.index] -= step;
            at[face.axis][face.inside] += step;
        }
    }

    /// Takes the values on the faces, which become zero.
    pub fn take(&self, values: &mut Faces) -> Vec<f64> {
        let take = |face: &OutflowFace| std::mem::take(&mut values[face.axis][face.index]);
        self.faces.iter().map(take).collect()
    }

    /// Puts back what [`take`](Self::take) took.
    pub fn put(&self, taken: &[f64], values: &mut Faces) {
        for (face, value) in self.faces.iter().zip(taken) {
            values[face.axis][face.index] = *value;
        }
    }

    /// Adds the transpose of the divergence on the faces.
    pub fn add_divergence_vjp(&self, cells: &[f64], into: &mut Faces) {
        for face in &self.faces {
            let h = self.layout.spacing[face.axis];
            into[face.axis][face.index] += face.sign * cells[face.cell] / h;
        }
    }
}

/// All faces of a side.
fn side_faces(layout: &Layout, side: Side) -> impl Iterator<Item = OutflowFace> {
    let layout = *layout;
    let axis = side.axis();
    let [first, end] = layout.ends(axis);
    let high = side.is_high();
    let (on_side, cell) = if high { (end, end - 1) } else { (first, first) };
    let mut box_of_cells = layout.all_cells();
    box_of_cells[axis] = cell..cell + 1;
    places(box_of_cells).map(move |place| {
        let mut face = place;
        face[axis] = on_side;
        let index = layout.index(face);
        let stride = layout.strides[axis];
        OutflowFace {
            axis,
            index,
            inside: if high { index - stride } else { index + stride },
            cell: layout.cell(place),
            sign: if high { 1.0 } else { -1.0 },
        }
    })
}
