//! The equations on the grid: what a step, a residual and their transposes are made of.

use super::geometry::Geometry;
use super::layout::{Faces, Layout};
use super::momentum::{add_rate_vjp, rate_row};
use super::outflow::Outflow;
use super::rows::for_rows;
use super::scalar::Transport;
use super::sides::Sides;

/// Constants of the fluid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fluid {
    /// Kinematic viscosity (m^2/s).
    pub viscosity: f64,
    /// Force per mass (m/s^2).
    pub body_force: [f64; 3],
    /// Force per mass and unit of the scalar above the reference.
    pub buoyancy: [f64; 3],
    /// The scalar at which there is no buoyancy.
    pub reference: f64,
}

/// Grid, sides, solids and fluid.
pub(super) struct Domain {
    pub layout: Layout,
    pub sides: Sides,
    pub geometry: Geometry,
    pub outflow: Outflow,
    pub fluid: Fluid,
    pub transport: Option<Transport>,
}

impl Domain {
    /// `into = start + dt * rate(at, scalar)` on all faces that are not given. `at` and `scalar` have their ghosts; those of
    /// `into` are not filled in.
    pub fn advance(
        &self,
        start: &Faces,
        at: &Faces,
        scalar: Option<&[f64]>,
        dt: f64,
        into: &mut Faces,
    ) {
        let layout = &self.layout;
        for component in layout.axes() {
            let (start, open) = (&start[component], &self.geometry.open[component]);
            let faces = layout.inner_faces(component);
            for_rows(layout, &mut into[component], faces, |first, row| {
                rate_row(layout, at, self.fluid.viscosity, component, first, row);
                self.add_forces(component, scalar, first, row);
                let (start, open) = (&start[first..][..row.len()], &open[first..][..row.len()]);
                for i in 0..row.len() {
                    row[i] = start[i] + dt * open[i] * row[i];
                }
            });
        }
        let friction = dt * self.fluid.viscosity;
        self.geometry.add_wall_friction(at, friction, into);
        self.outflow.advance(start, at, dt, into);
    }

    /// Adds body force and buoyancy to the rates of a row.
    #[inline(always)]
    fn add_forces(&self, component: usize, scalar: Option<&[f64]>, first: usize, row: &mut [f64]) {
        let force = self.fluid.body_force[component];
        let buoyancy = self.fluid.buoyancy[component];
        let n = row.len();
        match scalar {
            Some(scalar) if buoyancy != 0.0 => {
                let here = &scalar[first..][..n];
                let before = &scalar[first - self.layout.strides[component]..][..n];
                let constant = force - buoyancy * self.fluid.reference;
                for i in 0..n {
                    row[i] += constant + 0.5 * buoyancy * (here[i] + before[i]);
                }
            }
            _ if force != 0.0 => row.iter_mut().for_each(|rate| *rate += force),
            _ => {}
        }
    }

    /// The transpose of [`advance`](Self::advance): adds to the cotangents of `start`, `at` and `scalar`. `cotangent` belongs to
    /// its result, is zero on given faces and ghosts, and is balanced at the outflow on return; `rates` is room.
    pub fn advance_vjp(
        &self,
        at: &Faces,
        dt: f64,
        cotangent: &mut Faces,
        rates: &mut Faces,
        into: (&mut Faces, &mut Faces, Option<&mut [f64]>),
    ) {
        let layout = &self.layout;
        let (to_start, to_at, to_scalar) = into;
        self.outflow.balance_vjp(cotangent);
        for component in layout.axes() {
            let open = &self.geometry.open[component];
            let faces = layout.inner_faces(component);
            let from = &cotangent[component];
            rates[component].fill(0.0);
            for_rows(
                layout,
                &mut rates[component],
                faces.clone(),
                |first, row| {
                    let (from, open) = (&from[first..][..row.len()], &open[first..][..row.len()]);
                    for i in 0..row.len() {
                        row[i] = dt * open[i] * from[i];
                    }
                },
            );
            for_rows(layout, &mut to_start[component], faces, |first, row| {
                for (value, from) in row.iter_mut().zip(&from[first..]) {
                    *value += from;
                }
            });
        }
        self.outflow.advance_vjp(cotangent, dt, to_start, to_at);
        let viscosity = self.fluid.viscosity;
        add_rate_vjp(layout, at, viscosity, rates, to_at);
        self.geometry.add_wall_friction_vjp(rates, viscosity, to_at);
        if let Some(to_scalar) = to_scalar {
            self.add_buoyancy_vjp(rates, to_scalar);
        }
    }

    fn add_buoyancy_vjp(&self, rates: &Faces, to_scalar: &mut [f64]) {
        for component in self.layout.axes() {
            let factor = 0.5 * self.fluid.buoyancy[component];
            if factor == 0.0 {
                continue;
            }
            let stride = self.layout.strides[component];
            let rates = &rates[component];
            let cells = self.layout.cells_and_ghosts();
            for_rows(&self.layout, to_scalar, cells, |first, row| {
                let n = row.len();
                let (low, high) = (&rates[first..][..n], &rates[first + stride..][..n]);
                for i in 0..n {
                    row[i] += factor * (low[i] + high[i]);
                }
            });
        }
    }

    /// Sets everything to zero that is no unknown: ghosts, faces on sides but for the outflow, closed faces.
    pub fn keep_unknowns(&self, values: &mut Faces) {
        let held = self.outflow.take(values);
        for component in self.layout.axes() {
            let inner = self.layout.inner_faces(component);
            let open = &self.geometry.open[component];
            let all = self.layout.padded.map(|n| 0..n);
            for_rows(&self.layout, &mut values[component], all, |start, row| {
                let [_, y, z] = self.layout.place(start);
                if !inner[1].contains(&y) || !inner[2].contains(&z) {
                    row.fill(0.0);
                    return;
                }
                for (x, value) in row.iter_mut().enumerate() {
                    if !inner[0].contains(&x) || open[start + x] == 0.0 {
                        *value = 0.0;
                    }
                }
            });
        }
        self.outflow.put(&held, values);
    }

    /// Writes the given velocities: on the sides and on closed faces.
    pub fn impose(&self, velocity: &mut Faces) {
        self.sides.write_across(velocity);
        self.geometry.write_closed(velocity);
    }
}
