//! Burgers, Allen-Cahn and Korteweg-de Vries on a periodic interval from random smooth starts:
//! [`SpectralLine`].

use karman_solvers::{LineRun, PeriodicEquation, SolverError, SpectralLine};
use serde::{Deserialize, Serialize};

use super::profiles::profile;
use super::{CaseStart, Generator};

/// The solver of all three.
const SOLVER: &str = "SpectralLine: Fourier, ETDRK4";

/// What the three have in common.
struct Line {
    points: usize,
    length: f64,
    waves: usize,
    amplitude: f64,
    longest_step: f64,
}

impl Line {
    fn start(&self, equation: PeriodicEquation, seed: u64) -> Result<CaseStart, SolverError> {
        let start = profile(seed, self.points, self.waves, self.amplitude)?;
        let line = SpectralLine::new(equation, self.points, 0.0, self.length)?;
        Ok(CaseStart {
            simulation: Box::new(LineRun::new(line, &start, self.longest_step)?),
            statics: Vec::new(),
        })
    }
}

/// The settings of one equation: those of the line and its own.
macro_rules! line_settings {
    (
        $(#[$doc:meta])* $name:ident,
        line: { $($line:ident: $line_value:expr),* $(,)? },
        own: { $($(#[$own_doc:meta])* $own:ident: $own_value:expr),* $(,)? },
        equation: $equation:expr $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name {
            /// Points of the period.
            points: usize,
            /// The period, m.
            length: f64,
            /// Waves in the start.
            waves: usize,
            /// Root mean square of the start.
            amplitude: f64,
            /// Longest time step, s.
            longest_step: f64,
            $($(#[$own_doc])* $own: f64),*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($line: $line_value,)* $($own: $own_value),* }
            }
        }

        impl Generator for $name {
            fn solver(&self) -> &'static str {
                SOLVER
            }

            fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
                let line = Line {
                    points: self.points,
                    length: self.length,
                    waves: self.waves,
                    amplitude: self.amplitude,
                    longest_step: self.longest_step,
                };
                let equation: fn(&Self) -> PeriodicEquation = $equation;
                line.start(equation(self), seed)
            }
        }
    };
}

line_settings! {
    /// Settings of `kind = "burgers"`: u_t + u u_x = nu u_xx.
    Burgers,
    line: { points: 512, length: 2.0, waves: 4, amplitude: 0.5, longest_step: 1e-3 },
    own: {
        /// nu, m²/s.
        viscosity: 0.01,
    },
    equation: |settings| PeriodicEquation::Burgers {
        viscosity: settings.viscosity,
    },
}

line_settings! {
    /// Settings of `kind = "allen_cahn"`: u_t = D u_xx + r (u - u³).
    AllenCahn,
    line: { points: 512, length: 2.0, waves: 6, amplitude: 0.5, longest_step: 1e-3 },
    own: {
        /// D, m²/s.
        diffusivity: 1e-4,
        /// r, 1/s.
        reaction: 5.0,
    },
    equation: |settings| PeriodicEquation::AllenCahn {
        diffusivity: settings.diffusivity,
        reaction: settings.reaction,
    },
}

line_settings! {
    /// Settings of `kind = "kdv"`: u_t + a u u_x + b u_xxx = 0.
    Kdv,
    line: { points: 512, length: 2.0, waves: 3, amplitude: 0.7, longest_step: 1e-4 },
    own: {
        /// a.
        nonlinearity: 1.0,
        /// b, m³/s.
        dispersion: 0.0025,
    },
    equation: |settings| PeriodicEquation::Kdv {
        nonlinearity: settings.nonlinearity,
        dispersion: settings.dispersion,
    },
}
