//! The wake of a circular cylinder at Re = 100.

use std::f64::consts::PI;

use crate::{FlowBoundary, FlowSolver, Side, Simulation, Solid, SolverError};

/// Which published flow past a cylinder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CylinderWake {
    /// Uniform flow between slip walls 30 diameters apart (blockage 3.3 %), the cylinder 8 diameters behind the inflow and 16
    /// before the outflow. Drag: Park, Kwon and Choi, "Numerical solutions of flow past a circular cylinder at Reynolds numbers
    /// up to 160", KSME International Journal 12 (1998) 1200: 1.33, Strouhal number 0.165, without blockage.
    Wide,
    /// The channel of Schaefer and Turek, "Benchmark computations of laminar flow around a cylinder", Notes on Numerical Fluid
    /// Mechanics 52 (1996) 547, case 2D-2: 4.1 diameters wide (blockage 24 %), a parabola of mean 1 flows in; the largest drag
    /// is 3.22 to 3.24, the largest lift 0.99 to 1.01, the Strouhal number 0.295 to 0.305.
    Channel,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq)]
pub struct CylinderReport {
    /// The case.
    pub wake: CylinderWake,
    /// Cells across the cylinder.
    pub cells_per_diameter: usize,
    /// Cells in all.
    pub cells: usize,
    /// Shedding frequency times diameter over mean speed; NaN if nothing was shed.
    pub strouhal: f64,
    /// Drag coefficient over whole periods: its mean and its maximum.
    pub drag_mean: f64,
    /// The largest drag coefficient in these periods.
    pub drag_max: f64,
    /// The largest lift coefficient in these periods.
    pub lift_max: f64,
    /// Steps taken.
    pub steps: usize,
    /// Steps with a missed tolerance.
    pub unconverged: usize,
    /// Time, drag and lift coefficients; time in diameters over mean speed.
    pub history: Vec<[f64; 3]>,
}

/// Lengths in diameters, and the time to start looking and to end, in diameters over mean speed.
struct Setup {
    length: f64,
    width: f64,
    centre: [f64; 2],
    start: f64,
    end: f64,
}

impl CylinderWake {
    fn setup(self) -> Setup {
        match self {
            Self::Wide => Setup {
                length: 24.0,
                width: 30.0,
                centre: [8.0, 15.0],
                start: 110.0,
                end: 150.0,
            },
            Self::Channel => Setup {
                length: 22.0,
                width: 4.1,
                centre: [2.0, 2.0],
                start: 60.0,
                end: 80.0,
            },
        }
    }

    /// The drag coefficient to compare with, and the Strouhal number: their range.
    pub fn reference(self) -> CylinderReference {
        match self {
            Self::Wide => CylinderReference {
                drag: [1.33, 1.33],
                strouhal: [0.16, 0.17],
            },
            Self::Channel => CylinderReference {
                drag: [3.22, 3.24],
                strouhal: [0.295, 0.305],
            },
        }
    }
}

/// Published ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CylinderReference {
    /// Mean drag coefficient ([`CylinderWake::Wide`]) or its maximum ([`CylinderWake::Channel`]).
    pub drag: [f64; 2],
    /// Strouhal number.
    pub strouhal: [f64; 2],
}

/// Runs a cylinder wake at Re = 100 with so many cells across the cylinder, and measures drag, lift and shedding frequency.
///
/// `progress` gets the share of the run that is done.
///
/// # Errors
/// Fewer than 4 cells across the cylinder, or a run that broke down.
pub fn cylinder_wake(
    wake: CylinderWake,
    cells_per_diameter: usize,
    mut progress: impl FnMut(f64),
) -> Result<CylinderReport, SolverError> {
    let setup = wake.setup();
    let mut flow = describe(wake, &setup, cells_per_diameter)?;
    let mut history = Vec::new();
    let interval = 0.05;
    let samples = (setup.end / interval) as usize;
    for sample in 1..=samples {
        flow.advance_to(sample as f64 * interval)?;
        if let Some(failure) = flow.health().failure {
            return Err(SolverError::Singular {
                what: "cylinder wake",
                problem: failure,
            });
        }
        let [x, y, _] = flow.force();
        history.push([flow.time(), 2.0 * x, 2.0 * y]);
        progress(sample as f64 / samples as f64);
    }
    let looked_at: Vec<[f64; 3]> = (history.iter().copied())
        .filter(|h| h[0] >= setup.start)
        .collect();
    let (strouhal, periods) = shedding(&looked_at);
    let largest = |k: usize| {
        periods
            .iter()
            .map(|h| h[k])
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let drag_mean = periods.iter().map(|h| h[1]).sum::<f64>() / periods.len() as f64;
    Ok(CylinderReport {
        wake,
        cells_per_diameter,
        cells: flow.shape().iter().product(),
        strouhal,
        drag_mean,
        drag_max: largest(1),
        lift_max: largest(2),
        steps: flow.health().steps,
        unconverged: flow.health().unconverged,
        history,
    })
}

/// Lengths in diameters, speeds over the mean speed.
fn describe(wake: CylinderWake, setup: &Setup, n: usize) -> Result<FlowSolver, SolverError> {
    if n < 4 {
        return Err(SolverError::Argument {
            what: "cells per diameter",
            problem: format!("{n}: at least 4"),
        });
    }
    let cells = [setup.length, setup.width].map(|l| (l * n as f64).round() as usize);
    let spacing = [
        setup.length / cells[0] as f64,
        setup.width / cells[1] as f64,
        1.0,
    ];
    let width = setup.width;
    let [x, y] = setup.centre;
    let builder = FlowSolver::builder([cells[0], cells[1], 1], spacing)
        .viscosity(0.01)
        .solid(Solid::disc([x, y], 0.5))
        .boundary(Side::XMax, FlowBoundary::Outflow);
    let inflow = move |p: [f64; 3]| match wake {
        CylinderWake::Wide => [1.0, 0.0, 0.0],
        CylinderWake::Channel => {
            let s = p[1] / width;
            [6.0 * s * (1.0 - s), 0.0, 0.0]
        }
    };
    let builder = builder.boundary(Side::XMin, FlowBoundary::inflow(inflow));
    let builder = match wake {
        CylinderWake::Wide => builder
            .boundary(Side::YMin, FlowBoundary::FreeSlip)
            .boundary(Side::YMax, FlowBoundary::FreeSlip),
        CylinderWake::Channel => builder,
    };
    let mut flow = builder.build()?;
    // A push to one side behind the cylinder, from which the vortices grow.
    flow.set_velocity(move |p| {
        let bump = (-(p[0] - x - 1.5).powi(2) - (p[1] - y).powi(2)).exp();
        let [u, _, _] = inflow(p);
        [u, 0.5 * bump * (PI * p[1] / width).sin(), 0.0]
    })?;
    Ok(flow)
}

/// The Strouhal number from where the lift passes through its mean upwards, and the history of whole periods.
fn shedding(history: &[[f64; 3]]) -> (f64, &[[f64; 3]]) {
    let mean = history.iter().map(|h| h[2]).sum::<f64>() / history.len() as f64;
    let crossings: Vec<(usize, f64)> = (history.windows(2).enumerate())
        .filter(|(_, pair)| pair[0][2] < mean && pair[1][2] >= mean)
        .map(|(i, pair)| {
            let share = (mean - pair[0][2]) / (pair[1][2] - pair[0][2]);
            (i, pair[0][0] + share * (pair[1][0] - pair[0][0]))
        })
        .collect();
    match (crossings.first(), crossings.last()) {
        (Some(first), Some(last)) if crossings.len() > 1 => {
            let periods = (crossings.len() - 1) as f64;
            let strouhal = periods / (last.1 - first.1);
            (strouhal, &history[first.0 + 1..=last.0])
        }
        _ => (f64::NAN, history),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequency_and_whole_periods_are_found() {
        let history: Vec<[f64; 3]> = (0..1000)
            .map(|i| {
                let t = 0.05 * i as f64;
                let phase = 2.0 * PI * 0.17 * t;
                [
                    t,
                    1.3 + 0.01 * (2.0 * phase).cos(),
                    0.02 + 0.3 * phase.sin(),
                ]
            })
            .collect();
        let (strouhal, periods) = shedding(&history);
        assert!((strouhal - 0.17).abs() < 1e-3, "{strouhal}");
        let mean = periods.iter().map(|h| h[1]).sum::<f64>() / periods.len() as f64;
        assert!((mean - 1.3).abs() < 1e-3);
        assert!(shedding(&history[..20]).0.is_nan());
    }

    /// Vortices and drag are a bench; here only that the cylinder is dragged along, and roughly as it should.
    #[test]
    fn a_coarse_cylinder_has_drag() {
        let setup = CylinderWake::Channel.setup();
        let mut flow = describe(CylinderWake::Channel, &setup, 8).unwrap();
        flow.advance_to(4.0).unwrap();
        let drag = 2.0 * flow.force()[0];
        assert!((2.5..4.5).contains(&drag), "{drag}");
        assert!(describe(CylinderWake::Wide, &setup, 2).is_err());
    }
}
