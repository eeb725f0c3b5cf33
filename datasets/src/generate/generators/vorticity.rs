//! Two-dimensional flow on a periodic square from Gaussian random fields, decaying or forced:
//! [`VorticityFlow`].
//!
//! The defaults of the start are those of Z. Li et al., "Fourier neural operator for parametric partial
//! differential equations", ICLR 2021, arXiv:2010.08895, section 5.3; with `forcing = "diagonal"` and
//! `forcing_amplitude = 0.1` so is the flow.

use karman_solvers::{
    FieldBoundary, GaussianField, SolverError, VorticityEquation, VorticityFlow, VorticityForcing,
};
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator};

/// What drives the flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Forcing {
    /// Nothing.
    #[default]
    None,
    /// The force (a sin(2 pi n y / L), 0), m/s².
    Kolmogorov,
    /// The source of vorticity a (sin 2 pi s + cos 2 pi s), s = (x + y) / L, 1/s².
    Diagonal,
}

/// Settings of `kind = "vorticity"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Vorticity {
    /// Points along each axis.
    points: usize,
    /// Side of the square, m.
    length: f64,
    /// Kinematic viscosity, m²/s.
    viscosity: f64,
    /// Linear drag, 1/s.
    drag: f64,
    forcing: Forcing,
    /// a of the forcing.
    forcing_amplitude: f64,
    /// n of the forcing `kolmogorov`.
    forcing_waves: usize,
    /// The start has the covariance sigma² (-lap + tau²)^-alpha: decay of its spectrum, ..
    alpha: f64,
    /// .. wave number where the decay sets in, 1/m, ..
    tau: f64,
    /// .. and amplitude.
    sigma: f64,
    /// Longest time step, s.
    longest_step: f64,
    /// Largest Courant number.
    courant: f64,
}

impl Default for Vorticity {
    fn default() -> Self {
        Self {
            points: 128,
            length: 1.0,
            viscosity: 1e-3,
            drag: 0.0,
            forcing: Forcing::None,
            forcing_amplitude: 0.1,
            forcing_waves: 4,
            alpha: 2.5,
            tau: 7.0,
            sigma: 7f64.powf(1.5),
            longest_step: 0.05,
            courant: 0.5,
        }
    }
}

impl Generator for Vorticity {
    fn solver(&self) -> &'static str {
        "VorticityFlow: pseudo-spectral, ETDRK4"
    }

    fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
        let (dims, lengths) = ([self.points; 2], [self.length; 2]);
        let forcing = match self.forcing {
            Forcing::None => VorticityForcing::None,
            Forcing::Kolmogorov => VorticityForcing::Kolmogorov {
                amplitude: self.forcing_amplitude,
                wave_number: self.forcing_waves,
            },
            Forcing::Diagonal => VorticityForcing::Diagonal {
                amplitude: self.forcing_amplitude,
            },
        };
        let field = GaussianField::new(FieldBoundary::Periodic, self.alpha, self.tau, self.sigma)?;
        let start = field.sample_plane(dims, lengths, seed)?;
        let equation = VorticityEquation::new(dims, lengths, self.viscosity)?
            .with_drag(self.drag)?
            .with_forcing(&forcing)?;
        let flow = VorticityFlow::new(equation, &start, self.longest_step)?;
        Ok(CaseStart {
            simulation: Box::new(flow.courant(self.courant)?),
            statics: Vec::new(),
        })
    }
}
