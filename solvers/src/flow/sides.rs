//! Ghost values behind the sides of the domain, and the transpose of filling them in.
//!
//! Behind a joined side lies the other end. Behind a side along which the velocity is given, the ghost is the mirror image
//! about that velocity, so that the mean of the two is what is given and friction sees the wall where it is; along a
//! side that the fluid slips on, or leaves by, the ghost is the value inside. Velocities across a side lie on
//! it and need no ghost.

use super::boundary::FlowBoundary;
use super::layout::{Faces, Layout};
use crate::Side;

/// The sides of a domain, with the velocities given on them.
pub(super) struct Sides {
    layout: Layout,
    boundaries: [FlowBoundary; 6],
    /// For each side and component, over the side's plane with ghosts; empty where nothing is given.
    given: [[Vec<f64>; 3]; 6],
}

impl Sides {
    pub fn new(layout: Layout, boundaries: [FlowBoundary; 6], corner: [f64; 3]) -> Self {
        let given = Side::ALL.map(|side| {
            let boundary = &boundaries[side as usize];
            [0, 1, 2].map(|component| {
                let holds = boundary.holds_along() && side.axis() < layout.dimension();
                if !holds || component >= layout.dimension() {
                    return Vec::new();
                }
                let points = plane_points(&layout, side, component);
                let at = |p: [f64; 3]| [0, 1, 2].map(|a| p[a] + corner[a]);
                points
                    .map(|p| boundary.velocity(at(p))[component])
                    .collect()
            })
        });
        Self {
            layout,
            boundaries,
            given,
        }
    }

    /// What a side does.
    pub fn boundary(&self, side: Side) -> &FlowBoundary {
        &self.boundaries[side as usize]
    }

    /// The sides of this kind.
    pub fn outflows(&self) -> impl Iterator<Item = Side> {
        let sides = &Side::ALL[..2 * self.layout.dimension()];
        sides
            .iter()
            .copied()
            .filter(|side| matches!(self.boundary(*side), FlowBoundary::Outflow))
    }

    /// A value that is not finite among those given, if there is one: its side.
    pub fn not_finite(&self) -> Option<Side> {
        let bad = |side: &Side| {
            let given = &self.given[*side as usize];
            given.iter().flatten().any(|v| !v.is_finite())
        };
        Side::ALL.into_iter().find(bad)
    }

    /// The largest rate `sum |u| / h` at which given velocities cross cells.
    pub fn crossing_rate(&self) -> f64 {
        let largest = |values: &[f64]| values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let rate = |side: &[Vec<f64>; 3]| -> f64 {
            self.layout
                .axes()
                .map(|a| largest(&side[a]) / self.layout.spacing[a])
                .sum()
        };
        self.given.iter().map(rate).fold(0.0, f64::max)
    }

    /// Writes the velocities across the sides that are given: those of walls and inflows.
    pub fn write_across(&self, velocity: &mut Faces) {
        for side in &Side::ALL[..2 * self.layout.dimension()] {
            let axis = side.axis();
            if self.layout.periodic[axis] || matches!(self.boundary(*side), FlowBoundary::Outflow) {
                continue;
            }
            let face = self.layout.ends(axis)[usize::from(side.is_high())];
            let offset = face * self.layout.strides[axis];
            let given = &self.given[*side as usize][axis];
            for (number, base) in plane(&self.layout, axis) {
                velocity[axis][base + offset] = given.get(number).copied().unwrap_or(0.0);
            }
        }
    }

    /// Fills in the ghosts, and the last faces of joined axes.
    pub fn fill(&self, velocity: &mut Faces) {
        for axis in self.layout.axes() {
            for component in self.layout.axes() {
                let values = &mut velocity[component];
                if self.layout.periodic[axis] {
                    join(&self.layout, axis, 1, values);
                } else if component != axis {
                    self.fill_along(axis, component, values);
                }
            }
        }
    }

    fn fill_along(&self, axis: usize, component: usize, values: &mut [f64]) {
        for side in [Side::ALL[2 * axis], Side::ALL[2 * axis + 1]] {
            let [ghost, inside] = self.ghost(side);
            let given = &self.given[side as usize][component];
            for (number, base) in plane(&self.layout, axis) {
                let value = values[base + inside];
                values[base + ghost] = match given.get(number) {
                    Some(given) => 2.0 * given - value,
                    None => value,
                };
            }
        }
    }

    /// Offsets of the ghost behind a side and of the cell before it.
    fn ghost(&self, side: Side) -> [usize; 2] {
        let stride = self.layout.strides[side.axis()];
        let [first, end] = self.layout.ends(side.axis());
        match side.is_high() {
            false => [(first - 1) * stride, first * stride],
            true => [end * stride, (end - 1) * stride],
        }
    }

    /// The transpose of [`fill`](Self::fill): cotangents of ghosts go to the values that they are made of.
    pub fn fold(&self, cotangent: &mut Faces) {
        for axis in self.layout.axes().rev() {
            for component in self.layout.axes() {
                let values = &mut cotangent[component];
                if self.layout.periodic[axis] {
                    part(&self.layout, axis, 1, values);
                } else if component != axis {
                    self.fold_along(axis, component, values);
                }
            }
        }
    }

    fn fold_along(&self, axis: usize, component: usize, values: &mut [f64]) {
        for side in [Side::ALL[2 * axis], Side::ALL[2 * axis + 1]] {
            let [ghost, inside] = self.ghost(side);
            let sign = match self.given[side as usize][component].is_empty() {
                true => 1.0,
                false => -1.0,
            };
            for (_, base) in plane(&self.layout, axis) {
                values[base + inside] += sign * std::mem::take(&mut values[base + ghost]);
            }
        }
    }
}

/// Copies what lies at the other end of a joined axis into `layers` of ghosts.
pub(super) fn join(layout: &Layout, axis: usize, layers: usize, values: &mut [f64]) {
    let stride = layout.strides[axis];
    let [first, end] = layout.ends(axis);
    for (_, base) in plane(layout, axis) {
        for layer in 0..layers {
            values[base + (first - 1 - layer) * stride] = values[base + (end - 1 - layer) * stride];
            values[base + (end + layer) * stride] = values[base + (first + layer) * stride];
        }
    }
}

/// The transpose of [`join`].
pub(super) fn part(layout: &Layout, axis: usize, layers: usize, values: &mut [f64]) {
    let stride = layout.strides[axis];
    let [first, end] = layout.ends(axis);
    for (_, base) in plane(layout, axis) {
        for layer in 0..layers {
            let low = std::mem::take(&mut values[base + (first - 1 - layer) * stride]);
            values[base + (end - 1 - layer) * stride] += low;
            let high = std::mem::take(&mut values[base + (end + layer) * stride]);
            values[base + (first + layer) * stride] += high;
        }
    }
}

/// The lines along `axis` with ghosts: their number, and the index of their first value.
pub(super) fn plane(layout: &Layout, axis: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
    let others = [[1, 2], [0, 2], [0, 1]][axis];
    let [fast, slow] = others.map(|a| layout.padded[a]);
    let [fast_stride, slow_stride] = others.map(|a| layout.strides[a]);
    (0..fast * slow).map(move |q| (q, q % fast * fast_stride + q / fast * slow_stride))
}

/// Where the values of a component lie on a side, along the lines of [`plane`]; those of ghosts at the nearest point of
/// the side.
pub(super) fn plane_points(
    layout: &Layout,
    side: Side,
    component: usize,
) -> impl Iterator<Item = [f64; 3]> + use<> {
    let layout = *layout;
    let axis = side.axis();
    let lengths = [0, 1, 2].map(|a| layout.cells[a] as f64 * layout.spacing[a]);
    plane(&layout, axis).map(move |(_, base)| {
        let mut point = layout.position(layout.place(base), Some(component));
        for a in layout.axes() {
            point[a] = point[a].clamp(0.0, lengths[a]);
        }
        point[axis] = if side.is_high() { lengths[axis] } else { 0.0 };
        point
    })
}

/// Sets one layer of ghosts at both ends of an axis to zero.
pub(super) fn clear_ghosts(layout: &Layout, axis: usize, values: &mut [f64]) {
    let stride = layout.strides[axis];
    let [first, end] = layout.ends(axis);
    for (_, base) in plane(layout, axis) {
        values[base + (first - 1) * stride] = 0.0;
        values[base + end * stride] = 0.0;
    }
}
