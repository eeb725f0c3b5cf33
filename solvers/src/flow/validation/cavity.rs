//! The lid-driven cavity against the tables of Ghia, Ghia and Shin, and the extrema of Botella and Peyret.

use super::ghia::{BOTELLA_PEYRET, GHIA, GHIA_X, GHIA_Y, GhiaColumn};
use crate::{FlowBoundary, FlowSolver, Side, Simulation, SolverError};

/// The flow counts as steady when no velocity changes by more than this in a unit of time.
const STEADY: f64 = 1e-5;
/// Units of time at most.
const LONGEST: usize = 200;
/// Places at which a line is looked at for its extrema.
const SAMPLES: usize = 4096;

/// An extremum of a velocity on a centre line of the cavity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CavityExtremum {
    /// `u_min`, `v_max` or `v_min`.
    pub name: &'static str,
    /// The tabulated extremum.
    pub reference: f64,
    /// The velocity found at the place of the tabulated extremum, over that of the lid.
    pub found: f64,
    /// The extremum found on the line.
    pub found_extremum: f64,
    /// The extremum by the spectral method of Botella and Peyret (1998), at Re = 100 and 1000.
    pub spectral: Option<f64>,
}

/// What a run of the lid-driven cavity found.
#[derive(Clone, Debug, PartialEq)]
pub struct CavityReport {
    /// Lid speed times width over viscosity.
    pub reynolds: f64,
    /// Cells along each axis.
    pub cells: usize,
    /// Time at which the flow was steady, in widths over the speed of the lid; none if it was not.
    pub steady_at: Option<f64>,
    /// Steps taken.
    pub steps: usize,
    /// The three extrema.
    pub extrema: [CavityExtremum; 3],
    /// The largest difference from any entry of both columns, over the speed of the lid, but for the misprint.
    pub worst_difference: f64,
}

impl CavityReport {
    /// The largest relative difference from a tabulated extremum, at its place.
    pub fn worst_error(&self) -> f64 {
        let error = |e: &CavityExtremum| (e.found / e.reference - 1.0).abs();
        self.extrema.iter().map(error).fold(0.0, f64::max)
    }

    /// The largest relative difference of an extremum from that of the spectral method, where there is one.
    pub fn worst_spectral_error(&self) -> Option<f64> {
        let error = |e: &CavityExtremum| Some((e.found_extremum / e.spectral? - 1.0).abs());
        self.extrema.iter().filter_map(error).reduce(f64::max)
    }
}

/// Runs the lid-driven cavity on `cells` x `cells` cells until it is steady, and compares centre lines with Ghia, Ghia and
/// Shin (1982) at Re = 100, 400 or 1000.
///
/// # Errors
/// Another Reynolds number, an odd number of cells or too few.
pub fn lid_driven_cavity(cells: usize, reynolds: f64) -> Result<CavityReport, SolverError> {
    let column = GHIA.iter().find(|column| column.reynolds == reynolds);
    let column = column.ok_or_else(|| SolverError::Argument {
        what: "Reynolds number",
        problem: format!("{reynolds}: the tables here have 100, 400 and 1000"),
    })?;
    if cells % 2 == 1 || cells < 8 {
        return Err(SolverError::Argument {
            what: "cells",
            problem: format!("{cells}: an even number, at least 8, has faces on the centre lines"),
        });
    }
    let h = 1.0 / cells as f64;
    let lid = FlowBoundary::NoSlip {
        velocity: [1.0, 0.0, 0.0],
    };
    let mut flow = FlowSolver::builder([cells, cells, 1], [h; 3])
        .viscosity(1.0 / reynolds)
        .boundary(Side::YMax, lid)
        .build()?;
    let steady_at = run_until_steady(&mut flow)?;
    Ok(compare(&flow, column, cells, steady_at))
}

fn run_until_steady(flow: &mut FlowSolver) -> Result<Option<f64>, SolverError> {
    let mut last = flow.state().velocity;
    for time in 1..=LONGEST {
        flow.advance_to(time as f64)?;
        let now = flow.state().velocity;
        let pairs = now.components().into_iter().zip(last.components());
        let changes = pairs
            .flat_map(|(a, b)| a.iter().zip(b))
            .map(|(a, b)| (a - b).abs());
        if changes.fold(0.0, f64::max) < STEADY {
            return Ok(Some(time as f64));
        }
        last = now;
    }
    Ok(None)
}

fn compare(
    flow: &FlowSolver,
    column: &GhiaColumn,
    n: usize,
    steady_at: Option<f64>,
) -> CavityReport {
    let velocity = flow.state().velocity;
    let middle = n / 2;
    let u: Vec<f64> = (0..n).map(|j| velocity.x[j * (n + 1) + middle]).collect();
    let v: Vec<f64> = (0..n).map(|i| velocity.y[middle * n + i]).collect();
    let found_u = GHIA_Y.map(|y| between_centres(&u, 1.0, y));
    let found_v = GHIA_X.map(|x| between_centres(&v, 0.0, x));
    let spectral = BOTELLA_PEYRET.iter().find(|(re, _)| *re == column.reynolds);
    let pick = |number: usize, table: &[f64; 17], line: &[f64], found: &[f64; 17], sign: f64| {
        let inner = 1..16;
        let place = inner.max_by(|a, b| (sign * table[*a]).total_cmp(&(sign * table[*b])));
        let place = place.unwrap_or(1);
        let samples = (1..SAMPLES).map(|k| between_centres(line, 0.0, k as f64 / SAMPLES as f64));
        CavityExtremum {
            name: ["u_min", "v_max", "v_min"][number],
            reference: table[place],
            found: found[place],
            found_extremum: sign * samples.map(|v| sign * v).fold(f64::NEG_INFINITY, f64::max),
            spectral: spectral.map(|(_, extrema)| extrema[number]),
        }
    };
    let differences = (column.u.iter().zip(&found_u)).chain(column.v.iter().zip(&found_v));
    let sound = differences.filter(|(table, _)| **table != -0.23827);
    CavityReport {
        reynolds: column.reynolds,
        cells: n,
        steady_at,
        steps: flow.health().steps,
        extrema: [
            pick(0, &column.u, &u, &found_u, -1.0),
            pick(1, &column.v, &v, &found_v, 1.0),
            pick(2, &column.v, &v, &found_v, -1.0),
        ],
        worst_difference: sound.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max),
    }
}

/// Cubic interpolation between the centres of cells on [0, 1]; on the walls what is given there (`high` at 1).
fn between_centres(values: &[f64], high: f64, at: f64) -> f64 {
    let n = values.len();
    if at <= 0.0 || at >= 1.0 {
        return if at <= 0.0 { 0.0 } else { high };
    }
    let position = at * n as f64 - 0.5;
    let first = (position.floor() as isize - 1).clamp(0, n as isize - 4) as usize;
    let t = position - first as f64;
    let weight = |k: usize| -> f64 {
        let others = (0..4).filter(|m| *m != k);
        others
            .map(|m| (t - m as f64) / (k as f64 - m as f64))
            .product()
    };
    (0..4).map(|k| weight(k) * values[first + k]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubics_are_interpolated_exactly() {
        let cubic = |x: f64| 1.0 + x * (2.0 - x * (3.0 - 4.0 * x));
        let values: Vec<f64> = (0..10).map(|i| cubic((i as f64 + 0.5) * 0.1)).collect();
        for x in [0.02, 0.31, 0.5, 0.99] {
            assert!((between_centres(&values, 0.0, x) - cubic(x)).abs() < 1e-12);
        }
        assert_eq!(between_centres(&values, 7.0, 1.0), 7.0);
    }

    /// The bench runs 128 cells and all three Reynolds numbers.
    #[test]
    fn a_coarse_cavity_is_near_the_table() {
        let report = lid_driven_cavity(32, 100.0).unwrap();
        assert!(report.steady_at.is_some());
        assert!(report.worst_error() < 0.04, "{report:?}");
        assert!(report.worst_difference < 0.02, "{report:?}");
        assert!(report.worst_spectral_error().unwrap() < 0.04, "{report:?}");
    }

    #[test]
    fn other_cavities_are_refused() {
        assert!(lid_driven_cavity(32, 200.0).is_err());
        assert!(lid_driven_cavity(33, 100.0).is_err());
    }
}
