//! Diffusion with sorption in a soil column: [`DiffusionSorption`].
//!
//! The defaults are the set-up of M. Takamoto et al., "PDEBench: an extensive benchmark for scientific
//! machine learning", NeurIPS 2022, arXiv:2210.07182: a column of 1 m that starts at one concentration
//! and is fed at x = 0.

use karman_solvers::{DiffusionSorption, LineRun, SolverError, SorptionParameters};
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator, refused};

/// Settings of `kind = "diffusion_sorption"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sorption {
    /// Cells of the column.
    cells: usize,
    /// Concentration at the start.
    initial: f64,
    /// Longest time step, s.
    longest_step: f64,
    /// D, m²/s.
    diffusivity: f64,
    /// phi.
    porosity: f64,
    /// rho_s, kg/m³.
    density: f64,
    /// k of Freundlich's isotherm.
    freundlich_parameter: f64,
    /// n_f of Freundlich's isotherm.
    freundlich_exponent: f64,
    /// Concentration at x = 0.
    inlet: f64,
    /// Length of the column, m.
    length: f64,
}

impl Default for Sorption {
    fn default() -> Self {
        let published = SorptionParameters::default();
        Self {
            cells: 1024,
            initial: 0.1,
            longest_step: 0.5,
            diffusivity: published.diffusivity,
            porosity: published.porosity,
            density: published.density,
            freundlich_parameter: published.freundlich_parameter,
            freundlich_exponent: published.freundlich_exponent,
            inlet: published.inlet,
            length: published.length,
        }
    }
}

impl Generator for Sorption {
    fn solver(&self) -> &'static str {
        "DiffusionSorption: finite volumes, implicit"
    }

    fn start(&self, _seed: u64) -> Result<CaseStart, SolverError> {
        if !(self.initial.is_finite() && self.initial >= 0.0) {
            let problem = format!("{}: a concentration is not negative", self.initial);
            return Err(refused("initial", problem));
        }
        let parameters = SorptionParameters {
            diffusivity: self.diffusivity,
            porosity: self.porosity,
            density: self.density,
            freundlich_parameter: self.freundlich_parameter,
            freundlich_exponent: self.freundlich_exponent,
            inlet: self.inlet,
            length: self.length,
        };
        let equation = DiffusionSorption::new(parameters, self.cells)?;
        let start = vec![self.initial; self.cells];
        Ok(CaseStart {
            simulation: Box::new(LineRun::new(equation, &start, self.longest_step)?),
            statics: Vec::new(),
        })
    }
}
