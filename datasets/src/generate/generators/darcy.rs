//! Darcy flow through two materials that a Gaussian random field separates: [`Darcy`].
//!
//! The defaults are the set-up of Z. Li et al., "Fourier neural operator for parametric partial
//! differential equations", ICLR 2021, arXiv:2010.08895, section 5.2: the field has the covariance
//! (-lap + 9)^-2 with no slope at the boundary, the permeability is 12 where it is positive and 3 where
//! not, the source is 1, and the pressure is 0 at the boundary.

use karman_solvers::{Darcy, DarcyGrid, DarcyOperator, FieldBoundary, GaussianField, SolverError};
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator};
use crate::{StaticField, TrajectoryField};

/// Settings of `kind = "darcy"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DarcyFlow {
    /// Points along each axis, the first and the last on the boundary.
    points: usize,
    /// Side of the square, m.
    length: f64,
    /// Permeability where the random field is negative, and where it is positive.
    low: f64,
    high: f64,
    /// Source, the same everywhere.
    source: f64,
    /// The random field has the covariance (-lap + tau²)^-alpha; tau in 1/m.
    alpha: f64,
    tau: f64,
}

impl Default for DarcyFlow {
    fn default() -> Self {
        Self {
            points: 65,
            length: 1.0,
            low: 3.0,
            high: 12.0,
            source: 1.0,
            alpha: 2.0,
            tau: 3.0,
        }
    }
}

impl Generator for DarcyFlow {
    fn solver(&self) -> &'static str {
        "Darcy: finite volumes, Poisson solver"
    }

    fn is_stationary(&self) -> bool {
        true
    }

    fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
        let (dims, lengths) = ([self.points; 2], [self.length; 2]);
        let operator = DarcyOperator::new(DarcyGrid::Nodes, dims, lengths)?;
        let field = GaussianField::new(FieldBoundary::Neumann, self.alpha, self.tau, 1.0)?;
        let material = |value: f64| if value >= 0.0 { self.high } else { self.low };
        let field = field.sample_plane(dims, lengths, seed)?;
        let permeability: Vec<f64> = field.into_iter().map(material).collect();
        let source = vec![self.source; permeability.len()];
        let fixed = |name: &str, values: &[f64]| StaticField {
            field: TrajectoryField {
                name: name.into(),
                components: 1,
                unit: "1".into(),
            },
            values: values.to_vec(),
        };
        Ok(CaseStart {
            statics: vec![
                fixed("permeability", &permeability),
                fixed("source", &source),
            ],
            simulation: Box::new(Darcy::new(operator, permeability, source)?),
        })
    }
}
