//! Equations for one quantity on a periodic interval.

use rustdct::num_complex::Complex64;

use crate::SolverError;
use crate::checks::{finite, not_negative};

/// An equation for u(x, t) on a periodic interval, with the parameters in SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeriodicEquation {
    /// u_t + c u_x = 0.
    Advection {
        /// c (m/s).
        speed: f64,
    },
    /// u_t + u u_x = nu u_xx, u in m/s.
    Burgers {
        /// nu (m²/s).
        viscosity: f64,
    },
    /// u_t = D u_xx + r (u - u³), u without unit.
    AllenCahn {
        /// D (m²/s).
        diffusivity: f64,
        /// r (1/s).
        reaction: f64,
    },
    /// Korteweg and de Vries: u_t + a u u_x + b u_xxx = 0, u in m/s.
    Kdv {
        /// a.
        nonlinearity: f64,
        /// b (m³/s).
        dispersion: f64,
    },
}

/// What is not linear in an equation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Term {
    None,
    /// -(a u² / 2)_x
    Flux(f64),
    /// -r u³
    Reaction(f64),
}

impl PeriodicEquation {
    /// Its name in messages and tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Advection { .. } => "advection",
            Self::Burgers { .. } => "Burgers",
            Self::AllenCahn { .. } => "Allen-Cahn",
            Self::Kdv { .. } => "KdV",
        }
    }

    pub(super) fn check(&self) -> Result<(), SolverError> {
        match *self {
            Self::Advection { speed } => finite("speed", &[speed]),
            Self::Burgers { viscosity } => not_negative("viscosity", viscosity),
            Self::AllenCahn {
                diffusivity,
                reaction,
            } => {
                not_negative("diffusivity", diffusivity)?;
                finite("reaction", &[reaction])
            }
            Self::Kdv {
                nonlinearity,
                dispersion,
            } => {
                finite("nonlinearity", &[nonlinearity])?;
                finite("dispersion", &[dispersion])
            }
        }
    }

    /// What the linear part does to e^{i k x}.
    pub(super) fn symbol(&self, k: f64) -> Complex64 {
        match *self {
            Self::Advection { speed } => Complex64::new(0.0, -speed * k),
            Self::Burgers { viscosity } => Complex64::new(-viscosity * k * k, 0.0),
            Self::AllenCahn {
                diffusivity,
                reaction,
            } => Complex64::new(reaction - diffusivity * k * k, 0.0),
            Self::Kdv { dispersion, .. } => Complex64::new(0.0, dispersion * k * k * k),
        }
    }

    pub(super) fn term(&self) -> Term {
        match *self {
            Self::Advection { .. } => Term::None,
            Self::Burgers { .. } => Term::Flux(1.0),
            Self::Kdv { nonlinearity, .. } => Term::Flux(nonlinearity),
            Self::AllenCahn { reaction, .. } => Term::Reaction(reaction),
        }
    }

    /// The largest wave number that `n` points hold without aliases from the product of as many factors as
    /// there are.
    pub(super) fn cut(&self, n: usize) -> usize {
        match self.term() {
            Term::None => (n - 1) / 2,
            Term::Flux(_) => (n - 1) / 3,
            Term::Reaction(_) => (n - 1) / 4,
        }
    }

    /// The unit of u.
    pub(super) fn unit(&self) -> &'static str {
        match self {
            Self::Advection { .. } | Self::AllenCahn { .. } => "1",
            Self::Burgers { .. } | Self::Kdv { .. } => "m/s",
        }
    }
}
