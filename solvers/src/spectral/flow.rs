//! A two-dimensional flow on a periodic rectangle, followed in time.

use rustdct::num_complex::Complex64;

use super::budget::{self, VorticityBudget};
use super::vorticity::VorticityEquation;
use crate::checks::{check_lengths, finite, no_such_field, positive};
use crate::evolution::{March, march};
use crate::{FieldInfo, Health, Simulation, SolverError};

/// Steps after which the speed of the flow is looked at again.
const STEPS_BETWEEN: usize = 8;

/// A solution of the [`VorticityEquation`], followed in time.
///
/// Fields: `vorticity` (1/s) and `velocity` (m/s, 2 components), at the points x = i Lx / nx, y = j Ly / ny.
pub struct VorticityFlow {
    equation: VorticityEquation,
    spectrum: Vec<Complex64>,
    time: f64,
    longest: f64,
    courant: f64,
    health: Health,
    /// The limit that the speed sets, and the steps since it was found.
    limit: f64,
    since: usize,
    vorticity: Vec<f64>,
    velocity: Vec<f64>,
}

impl VorticityFlow {
    /// A flow that starts from a vorticity (`[y][x]`, 1/s) at time 0 and takes steps of at most `longest` seconds
    /// and of a Courant number of at most 0.5.
    ///
    /// # Errors
    /// A vorticity of a wrong length or with a value that is not finite, a step that is not positive.
    pub fn new(
        equation: VorticityEquation,
        vorticity: &[f64],
        longest: f64,
    ) -> Result<Self, SolverError> {
        let points = equation.dims().iter().product();
        check_lengths(points, &[("initial vorticity", vorticity)])?;
        finite("initial vorticity", vorticity)?;
        positive("longest step", longest)?;
        let mut flow = Self {
            spectrum: vec![Complex64::default(); equation.advection.plane.modes()],
            equation,
            time: 0.0,
            longest,
            courant: 0.5,
            health: Health::default(),
            limit: 0.0,
            since: STEPS_BETWEEN,
            vorticity: vorticity.to_vec(),
            velocity: vec![0.0; 2 * points],
        };
        let advection = &mut flow.equation.advection;
        advection.spectrum_of(vorticity, &mut flow.spectrum);
        flow.refresh();
        Ok(flow)
    }

    /// Sets the largest Courant number, dt max(|u| / dx + |v| / dy). The scheme is stable up to 1.3.
    ///
    /// # Errors
    /// A number that is not positive.
    pub fn courant(mut self, courant: f64) -> Result<Self, SolverError> {
        positive("Courant number", courant)?;
        self.courant = courant;
        Ok(self)
    }

    /// The equation that is solved.
    pub fn equation(&mut self) -> &mut VorticityEquation {
        &mut self.equation
    }

    /// Energy, enstrophy and what changes them, at present.
    pub fn budget(&self) -> VorticityBudget {
        budget::budget(&self.equation, &self.spectrum)
    }

    /// The energy (m²/s²) by wave number: entry n holds the waves of length about L / n, L being the longer side,
    /// more exactly those with |k| L / 2 pi nearest to n. The sum is the energy.
    pub fn energy_spectrum(&self) -> Vec<f64> {
        budget::energy_spectrum(&self.equation, &self.spectrum)
    }

    /// Brings the fields on the points up to date.
    fn refresh(&mut self) {
        let advection = &mut self.equation.advection;
        advection.field_of(&self.spectrum, &mut self.vorticity);
        let n = self.vorticity.len();
        let (mut u, mut v) = (vec![0.0; n], vec![0.0; n]);
        let fields = [&mut u[..], &mut v[..]];
        advection.velocity(&self.spectrum, fields);
        for (pair, (u, v)) in self.velocity.chunks_exact_mut(2).zip(u.iter().zip(&v)) {
            pair.copy_from_slice(&[*u, *v]);
        }
    }

    /// The step at which the Courant number is 1.
    fn crossing_time(&mut self) -> f64 {
        let n = self.vorticity.len();
        let (u, v) = self.velocity.split_at_mut(n);
        self.equation.advection.velocity(&self.spectrum, [u, v]);
        let (dims, lengths) = (self.equation.dims(), self.equation.lengths());
        let rates = [0, 1].map(|axis| dims[axis] as f64 / lengths[axis]);
        let speeds = u.iter().zip(v.iter());
        let fastest = speeds.map(|(u, v)| rates[0] * u.abs() + rates[1] * v.abs());
        1.0 / fastest.fold(0.0, f64::max)
    }
}

impl March for VorticityFlow {
    fn clock(&mut self) -> &mut f64 {
        &mut self.time
    }

    fn longest(&self) -> f64 {
        self.longest
    }

    fn stable(&mut self) -> f64 {
        if self.since >= STEPS_BETWEEN {
            self.limit = self.courant * self.crossing_time();
            self.since = 0;
        }
        self.limit
    }

    fn take(&mut self, dt: f64) -> Result<bool, SolverError> {
        self.equation.step_spectrum(&mut self.spectrum, dt);
        self.health.steps += 1;
        self.since += 1;
        let sum: Complex64 = self.spectrum.iter().sum();
        if !sum.re.is_finite() || !sum.im.is_finite() {
            let from = self.time;
            self.health.failure = Some(format!(
                "the vorticity is not finite after a step of {dt:.3e} s from {from:.6e} s"
            ));
        }
        Ok(self.health.failure.is_none())
    }
}

impl Simulation for VorticityFlow {
    fn shape(&self) -> Vec<usize> {
        let [nx, ny] = self.equation.dims();
        vec![ny, nx]
    }

    fn spacing(&self) -> Vec<f64> {
        let ([nx, ny], [lx, ly]) = (self.equation.dims(), self.equation.lengths());
        vec![ly / ny as f64, lx / nx as f64]
    }

    fn origin(&self) -> Vec<f64> {
        vec![0.0; 2]
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let field = |name, components, unit| FieldInfo {
            name,
            components,
            unit,
        };
        vec![field("vorticity", 1, "1/s"), field("velocity", 2, "m/s")]
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn advance_to(&mut self, time: f64) -> Result<(), SolverError> {
        if self.health.failure.is_some() {
            return Ok(());
        }
        // What the limit is does not depend on where a run was stopped and went on.
        self.since = STEPS_BETWEEN;
        march(self, time)?;
        self.refresh();
        Ok(())
    }

    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError> {
        let values = match name {
            "vorticity" => &self.vorticity,
            "velocity" => &self.velocity,
            _ => return Err(no_such_field(name, &self.fields())),
        };
        check_lengths(values.len(), &[("out", out)])?;
        out.copy_from_slice(values);
        Ok(())
    }

    fn health(&self) -> Health {
        self.health.clone()
    }
}
