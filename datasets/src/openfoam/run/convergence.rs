//! When a run is done: residuals are small and the forces have stopped moving.

use serde::{Deserialize, Serialize};

use super::log::{FoamIteration, RESIDUALS};
use crate::Forces;

/// Lift coefficient below which its drift is measured against this one.
const SMALL_LIFT: f64 = 0.1;
/// A coefficient beyond which a run has certainly diverged.
const ABSURD: f64 = 1e3;

/// When a run counts as converged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConvergenceRule {
    /// Iterations over which the forces must keep still.
    pub window: usize,
    /// Iterations that are run whatever the forces do.
    pub min_iterations: usize,
    /// How much the lift coefficient may range over the window, over its value (at least 0.1).
    pub lift_drift: f64,
    /// How much the drag coefficient may range over the window, over its value.
    pub drag_drift: f64,
    /// The largest initial residual of the last iteration.
    pub residual: f64,
}

impl Default for ConvergenceRule {
    /// Lift within 0.02 % and drag within 0.05 % over 100 iterations, residuals below 1e-4: that
    /// of Uy is scaled by Uy, and stays above 1e-5 at a symmetric section at 0 degrees.
    fn default() -> Self {
        Self {
            window: 100,
            min_iterations: 200,
            lift_drift: 2e-4,
            drag_drift: 5e-4,
            residual: 1e-4,
        }
    }
}

/// What a rule makes of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It has converged.
    Converged,
    /// Not yet, for this reason.
    NotYet(String),
    /// Its values are of no use, for this reason.
    Diverged(String),
}

impl ConvergenceRule {
    /// How far lift and drag range over the last iterations of the window (or what there is of it).
    pub fn ranges(&self, history: &[FoamIteration]) -> [f64; 2] {
        let recent = &history[history.len().saturating_sub(self.window.max(1))..];
        let range = |of: fn(&Forces) -> f64| {
            let values = recent.iter().filter_map(|i| i.forces.as_ref().map(of));
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            high - low
        };
        [range(|f| f.cl), range(|f| f.cd)]
    }

    /// Judges a run by its iterations.
    pub fn judge(&self, history: &[FoamIteration]) -> Judgement {
        let Some(last) = history.last() else {
            return Judgement::NotYet("no iteration was made".into());
        };
        let Some(forces) = last.forces else {
            return Judgement::NotYet("no force coefficients were printed".into());
        };
        for (name, value) in [("C_L", forces.cl), ("C_D", forces.cd)] {
            if !value.is_finite() || value.abs() > ABSURD {
                let reason = format!("{name} is {value} at iteration {}", last.number);
                return Judgement::Diverged(reason);
            }
        }
        if history.len() < self.min_iterations.max(self.window) {
            let reason = format!("only {} iterations were made", history.len());
            return Judgement::NotYet(reason);
        }
        for (name, &residual) in RESIDUALS.iter().zip(&last.residuals) {
            // An equation whose residual is not printed has not been solved.
            if residual.is_nan() || residual > self.residual {
                return Judgement::NotYet(format!(
                    "the residual of {name} is {residual:.1e}, {:.1e} is wanted",
                    self.residual
                ));
            }
        }
        let [lift, drag] = self.ranges(history);
        let allowed = [
            (
                "C_L",
                lift,
                self.lift_drift * forces.cl.abs().max(SMALL_LIFT),
            ),
            ("C_D", drag, self.drag_drift * forces.cd.abs()),
        ];
        for (name, range, most) in allowed {
            if range.is_nan() || range > most {
                return Judgement::NotYet(format!(
                    "{name} ranges over {range:.1e} in {} iterations, {most:.1e} is allowed",
                    self.window
                ));
            }
        }
        Judgement::Converged
    }
}
