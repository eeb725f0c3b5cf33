//! What became of a sample, as it is kept in files. Times are left out: a repeated sweep gives the same bytes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sampling::AirfoilSample;
use crate::files::write_atomically;
use crate::openfoam::{FoamOutcome, FoamRunReport, MeshQuality};
use crate::{Conditions, DatasetError, Forces};

/// What became of a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AirfoilRecord {
    /// Name of the case.
    pub name: String,
    /// Its place in the sweep.
    pub sample: usize,
    /// The digits of the section.
    pub naca: Vec<f64>,
    /// Speed, angle and viscosity.
    pub conditions: Conditions,
    /// Why it was rejected, if it was.
    pub rejected: Option<String>,
    /// OpenFOAM's version.
    pub openfoam: String,
    /// The mesh.
    pub mesh: Option<MeshQuality>,
    /// Iterations made.
    pub iterations: usize,
    /// OpenFOAM's force coefficients.
    pub forces: Option<Forces>,
    /// The coefficients that the scorer computes from the files.
    pub file_forces: Option<Forces>,
    /// How far C_L and C_D ranged over the last iterations.
    pub ranges: Option<[f64; 2]>,
    /// Initial residuals of the last iteration: Ux, Uy, p, omega, k.
    pub residuals: [Option<f64>; 5],
    /// Least, largest and mean y+.
    pub y_plus: Option<[f64; 3]>,
}

impl AirfoilRecord {
    pub(super) fn new(sample: &AirfoilSample) -> Self {
        Self {
            name: sample.name(),
            sample: sample.index,
            naca: sample.digits.clone(),
            conditions: sample.conditions,
            rejected: None,
            openfoam: String::new(),
            mesh: None,
            iterations: 0,
            forces: None,
            file_forces: None,
            ranges: None,
            residuals: [None; 5],
            y_plus: None,
        }
    }

    /// Takes over what a run found, and rejects the sample if it did not converge.
    pub(super) fn take(&mut self, report: FoamRunReport) {
        self.rejected = match report.outcome {
            FoamOutcome::Converged => None,
            FoamOutcome::Unconverged(reason) => {
                let all = report.iterations;
                Some(format!("not converged after {all} iterations: {reason}"))
            }
            FoamOutcome::Diverged(reason) => Some(format!("diverged: {reason}")),
            FoamOutcome::TimeLimit => Some("the time limit was reached".into()),
            FoamOutcome::Interrupted => Some("interrupted".into()),
        };
        self.openfoam = report.version;
        self.iterations = report.iterations;
        // What is not a number has no place in JSON.
        let finite = |f: &Forces| f.cl.is_finite() && f.cd.is_finite();
        self.forces = report.forces.filter(finite);
        self.ranges = Some(report.ranges).filter(|r| r.iter().all(|v| v.is_finite()));
        self.residuals = report.residuals.map(|r| Some(r).filter(|r| r.is_finite()));
        self.y_plus = report.y_plus;
    }

    /// Reads the record of a sample; `None` where there is none that can be used.
    pub(super) fn read(path: &Path, sample: &AirfoilSample) -> Option<Self> {
        let text = std::fs::read(path).ok()?;
        let record: Self = serde_json::from_slice(&text).ok()?;
        (record.name == sample.name()).then_some(record)
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), DatasetError> {
        write_json(path, self)
    }
}

/// Writes a value as JSON, by way of a temporary name.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DatasetError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| DatasetError::Manifest {
        path: path.to_path_buf(),
        problem: error.to_string(),
    })?;
    write_atomically(path, text.as_bytes())
}
