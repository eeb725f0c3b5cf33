//! The solver as a [`Simulation`], and the length of its steps.

use super::layout::{Layout, places};
use super::projection::crossing_rate;
use super::rows::larger;
use super::solver::FlowSolver;
use super::{StepControl, forces};
use crate::{FieldInfo, Health, Simulation, SolverError};

/// Friction and diffusion: the largest `eigenvalue dt` of a step; stages are stable to 2.5.
const MOST_FRICTION: f64 = 2.0;
/// Share of the longest step that keeps the scalar bounded: the velocity changes within a step.
const SCALAR_SAFETY: f64 = 0.9;
/// Steps shorter than this share of the time reached are the end of a run.
const SHORTEST: f64 = 1e-13;

impl FlowSolver {
    /// The longest step that the control allows now (s); infinite in a fluid at rest that nothing moves,
    /// NaN where a velocity is not finite.
    pub fn longest_step(&self) -> f64 {
        let Self { domain, .. } = self;
        let rate = crossing_rate(&domain.layout, &self.velocity);
        let rate = larger(rate, domain.sides.crossing_rate());
        // f64::min passes over NaN.
        if rate.is_nan() {
            return f64::NAN;
        }
        let courant = match self.control {
            StepControl::Fixed(dt) => return dt,
            StepControl::Courant(number) => number,
        };
        let friction = domain.fluid.viscosity * domain.geometry.friction_bound;
        let mut dt = (courant / rate)
            .min(MOST_FRICTION / friction)
            .min(courant * self.fall_time());
        if let Some(transport) = &domain.transport {
            let scale = |a: usize| 1.0 / domain.layout.spacing[a].powi(2);
            let spread: f64 = domain.layout.axes().map(scale).sum();
            let rate = 2.0 * rate + 2.0 * transport.diffusivity * spread;
            dt = dt.min(SCALAR_SAFETY / rate);
        }
        dt
    }

    /// The time in which forces carry the fluid across a cell from rest.
    fn fall_time(&self) -> f64 {
        let Self { domain, scalar, .. } = self;
        let fluid = &domain.fluid;
        let excess = scalar.as_ref().map_or(0.0, |fields| {
            let distance = |m: f64, v: &f64| m.max((v - fluid.reference).abs());
            fields.now.iter().fold(0.0, distance)
        });
        let axis = |a: usize| {
            let force = fluid.body_force[a].abs() + fluid.buoyancy[a].abs() * excess;
            (domain.layout.spacing[a] / force).sqrt()
        };
        domain.layout.axes().map(axis).fold(f64::INFINITY, f64::min)
    }
}

impl Simulation for FlowSolver {
    fn shape(&self) -> Vec<usize> {
        reversed(self.layout(), |axis| self.layout().cells[axis])
    }

    fn spacing(&self) -> Vec<f64> {
        reversed(self.layout(), |axis| self.layout().spacing[axis])
    }

    fn origin(&self) -> Vec<f64> {
        let middle = |axis: usize| self.corner[axis] + 0.5 * self.layout().spacing[axis];
        reversed(self.layout(), middle)
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let field = |name, components, unit| FieldInfo {
            name,
            components,
            unit,
        };
        let dimension = self.layout().dimension();
        let mut fields = vec![
            field("velocity", dimension, "m/s"),
            field("pressure", 1, "m^2/s^2"),
        ];
        if dimension == 2 {
            fields.push(field("vorticity", 1, "1/s"));
        }
        if self.scalar.is_some() {
            fields.push(field("scalar", 1, "1"));
        }
        fields
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn advance_to(&mut self, time: f64) -> Result<(), SolverError> {
        if !(time.is_finite() && time >= self.time) {
            return Err(SolverError::Argument {
                what: "time",
                problem: format!("{time} s, but the flow is at {} s", self.time),
            });
        }
        while self.time < time && self.health.failure.is_none() {
            let left = time - self.time;
            let longest = self.longest_step();
            if longest.is_nan() {
                self.fail("the velocity is not finite any more");
            } else if longest < left && longest < SHORTEST * (self.time.abs() + left) {
                self.fail(&format!("steps became too short ({longest:e} s)"));
            } else {
                // Of equal length, so that none is left over at the end.
                let steps = (left / longest * (1.0 - 1e-12)).ceil().max(1.0);
                self.take_step(left / steps);
                if steps == 1.0 {
                    self.time = time;
                }
            }
        }
        Ok(())
    }

    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError> {
        let field = self.fields().into_iter().find(|field| field.name == name);
        let Some(field) = field else {
            let fields = self.fields();
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            return Err(SolverError::Argument {
                what: "field",
                problem: format!("\"{name}\" is none of {}", names.join(", ")),
            });
        };
        let length = field.components * self.layout().cell_count();
        if out.len() != length {
            return Err(SolverError::Argument {
                what: "out",
                problem: format!("{} values for {name}, that is {length}", out.len()),
            });
        }
        match name {
            "velocity" => self.read_velocity(out),
            "vorticity" => self.read_vorticity(out),
            "scalar" => self.read_scalar(out),
            _ => out.copy_from_slice(&self.pressure()),
        }
        Ok(())
    }

    fn health(&self) -> Health {
        self.health.clone()
    }
}

impl FlowSolver {
    fn fail(&mut self, problem: &str) {
        self.health.failure = Some(format!("at {:e} s: {problem}", self.time));
    }

    /// The means of the faces of each cell.
    fn read_velocity(&self, out: &mut [f64]) {
        let layout = self.layout();
        let dimension = layout.dimension();
        for place in places(layout.all_cells()) {
            let (index, cell) = (layout.index(place), layout.cell(place));
            for axis in layout.axes() {
                let values = &self.velocity[axis];
                out[cell * dimension + axis] =
                    0.5 * (values[index] + values[index + layout.strides[axis]]);
            }
        }
    }

    /// The means of the vorticities at the corners of each cell; zero in solids.
    fn read_vorticity(&self, out: &mut [f64]) {
        let layout = self.layout();
        let [hx, hy, _] = layout.spacing;
        let stride = layout.strides[1];
        let [u, v, _] = &self.velocity;
        let corner = |c: usize| (v[c] - v[c - 1]) / hx - (u[c] - u[c - stride]) / hy;
        for place in places(layout.all_cells()) {
            let (c, cell) = (layout.index(place), layout.cell(place));
            let corners = [c, c + 1, c + stride, c + stride + 1];
            out[cell] = match self.domain.geometry.is_solid(cell) {
                true => 0.0,
                false => 0.25 * corners.map(corner).iter().sum::<f64>(),
            };
        }
    }

    /// The scalar; zero in solids.
    fn read_scalar(&self, out: &mut [f64]) {
        let layout = self.layout();
        if let Some(fields) = &self.scalar {
            for place in places(layout.all_cells()) {
                let cell = layout.cell(place);
                out[cell] = match self.domain.geometry.is_solid(cell) {
                    true => 0.0,
                    false => fields.now[layout.index(place)],
                };
            }
        }
    }

    /// The force of the fluid on all solids over the fluid's density (m^4/s^2; in 2D m^3/s^2, for a depth of one metre), from
    /// the present velocity and the pressure in the middle of the last step.
    ///
    /// It is what the momentum of the grid's fluid loses to closed faces, to rounding.
    pub fn force(&self) -> [f64; 3] {
        forces::on_solids(&self.domain, &self.velocity, &self.projection.pressure)
    }
}

/// Values of the axes, slowest first.
fn reversed<T>(layout: &Layout, value: impl Fn(usize) -> T) -> Vec<T> {
    layout.axes().rev().map(value).collect()
}
