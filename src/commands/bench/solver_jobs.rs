//! What `karman bench solvers` runs: each solver against exact solutions and published flows, and its cost.

use std::time::Instant;

use karman_solvers::{
    CylinderWake, FlowBoundary, FlowScalar, FlowSolver, Side, Simulation, Solid, SolverError,
    StepControl, WorkPoint, cylinder_wake, darcy_accuracy, lid_driven_cavity, line_accuracy,
    sorption_accuracy, taylor_green_error, vorticity_accuracy, vorticity_cost,
};
use serde::Serialize;

use crate::commands::number::{number, percent};

const FLOW: &str = "Navier-Stokes, MAC grid";

/// A group of runs that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Job {
    TaylorGreen,
    Cavity,
    Cylinder,
    Channel,
    FlowCost,
    Smoke,
    Vorticity,
    Lines,
    Sorption,
    Darcy,
}

/// Sizes of the runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Cells along a side of the cavity.
    pub(super) cavity: usize,
    /// Cells across the cylinder.
    pub(super) diameter: usize,
    /// Cells along a side of the flows whose cost is taken.
    pub(super) flow: usize,
    /// Cells along a side of the smoke.
    pub(super) smoke: usize,
}

/// What a run cost, and how accurate it was.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Work {
    pub(super) solver: &'static str,
    pub(super) case: String,
    pub(super) cells: usize,
    pub(super) steps: usize,
    pub(super) seconds: f64,
    /// Of these, seconds of the Poisson solves, where they were taken apart.
    pub(super) poisson_seconds: Option<f64>,
    /// Relative error, and against what.
    pub(super) error: Option<f64>,
    pub(super) against: Option<&'static str>,
}

impl Work {
    /// Headings of [`columns`](Self::columns).
    pub(super) const HEAD: [&'static str; 9] = [
        "solver",
        "case",
        "cells",
        "steps",
        "seconds",
        "M cell-steps/s",
        "Poisson",
        "beside Poisson",
        "error",
    ];

    /// What is shown of it: million cells and steps in a second, with the Poisson solves and without, among others.
    pub(super) fn columns(&self) -> [String; 9] {
        let rate = |seconds: f64| 1e-6 * (self.cells * self.steps) as f64 / seconds;
        let poisson = self.poisson_seconds;
        [
            self.solver.to_owned(),
            self.case.clone(),
            self.cells.to_string(),
            self.steps.to_string(),
            number(self.seconds, 3),
            number(rate(self.seconds), 3),
            percent(poisson.map(|poisson| poisson / self.seconds), 2),
            number(poisson.map(|poisson| rate(self.seconds - poisson)), 3),
            number(self.error, 3),
        ]
    }
}

/// A number that has to lie in a range.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Check {
    pub(super) case: String,
    pub(super) quantity: String,
    pub(super) found: f64,
    pub(super) range: [f64; 2],
    pub(super) source: &'static str,
    pub(super) holds: bool,
}

/// Time, drag and lift coefficients of a wake.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Wake {
    pub(super) case: String,
    pub(super) history: Vec<[f64; 3]>,
}

/// What was found so far.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Findings {
    pub(super) checks: Vec<Check>,
    pub(super) work: Vec<Work>,
    pub(super) wakes: Vec<Wake>,
}

impl Findings {
    /// Adds what `job` finds. `progress` gets the share of a long run that is done.
    ///
    /// # Errors
    /// A run that broke down.
    pub(super) fn run(
        &mut self,
        job: Job,
        sizes: &Sizes,
        progress: impl FnMut(f64),
    ) -> Result<(), SolverError> {
        match job {
            Job::TaylorGreen => self.taylor_green(),
            Job::Cavity => self.cavity(sizes.cavity),
            Job::Cylinder => self.cylinder(CylinderWake::Wide, sizes.diameter, progress),
            Job::Channel => self.cylinder(CylinderWake::Channel, sizes.diameter, progress),
            Job::FlowCost => self.flow_cost(sizes.flow),
            Job::Smoke => self.smoke(sizes.smoke),
            Job::Vorticity => self
                .points(vorticity_cost(&[128, 256, 512], 20))
                .and_then(|()| self.points(vorticity_accuracy())),
            Job::Lines => self.points(line_accuracy()),
            Job::Sorption => self.points(sorption_accuracy(&[64, 128, 256, 512])),
            Job::Darcy => self.points(darcy_accuracy(&[33, 65, 129, 257])),
        }
    }

    fn points(&mut self, points: Result<Vec<WorkPoint>, SolverError>) -> Result<(), SolverError> {
        self.work.extend(points?.into_iter().map(|point| Work {
            solver: point.solver,
            case: point.case.to_owned(),
            cells: point.cells,
            steps: point.steps,
            seconds: point.seconds,
            poisson_seconds: None,
            error: point.error.map(|(error, _)| error),
            against: point.error.map(|(_, against)| against),
        }));
        Ok(())
    }

    fn check(
        &mut self,
        (case, quantity): (&str, &str),
        found: f64,
        range: [f64; 2],
        source: &'static str,
    ) {
        self.checks.push(Check {
            case: case.to_owned(),
            quantity: quantity.to_owned(),
            found,
            range,
            source,
            holds: (range[0]..=range[1]).contains(&found),
        });
    }

    fn taylor_green(&mut self) -> Result<(), SolverError> {
        let mut errors = Vec::new();
        for n in [16, 32, 64, 128] {
            let (clock, steps) = (Instant::now(), 4 * n);
            let error = taylor_green_error(n, steps)?;
            self.points(Ok(vec![WorkPoint {
                solver: FLOW,
                case: "Taylor-Green vortices, carried along",
                cells: n * n,
                steps,
                seconds: clock.elapsed().as_secs_f64(),
                error: Some((error, "exact solution")),
            }]))?;
            errors.push(error);
        }
        let order = (errors[2] / errors[3]).log2();
        let name = ("Taylor-Green vortices", "order of accuracy, 64² to 128²");
        self.check(name, order, [1.9, 2.1], "exact solution");
        Ok(())
    }

    fn cavity(&mut self, cells: usize) -> Result<(), SolverError> {
        for reynolds in [100.0, 400.0, 1000.0] {
            let clock = Instant::now();
            let report = lid_driven_cavity(cells, reynolds)?;
            let case = format!("lid-driven cavity, Re {reynolds}, {cells}²");
            for extremum in report.extrema {
                let source = "Ghia, Ghia and Shin 1982, 2 %";
                let range = about(extremum.reference, 0.02);
                self.check((&case, extremum.name), extremum.found, range, source);
                if let Some(spectral) = extremum.spectral {
                    let source = "Botella and Peyret 1998 (spectral), 1 %";
                    let name = format!("{}, on the whole line", extremum.name);
                    let found = extremum.found_extremum;
                    self.check((&case, &name), found, about(spectral, 0.01), source);
                }
            }
            let seconds = clock.elapsed().as_secs_f64();
            self.points(Ok(vec![WorkPoint {
                solver: FLOW,
                case: "lid-driven cavity until it is steady",
                cells: cells * cells,
                steps: report.steps,
                seconds,
                error: None,
            }]))?;
        }
        Ok(())
    }

    fn cylinder(
        &mut self,
        wake: CylinderWake,
        diameter: usize,
        progress: impl FnMut(f64),
    ) -> Result<(), SolverError> {
        let clock = Instant::now();
        let report = cylinder_wake(wake, diameter, progress)?;
        let reference = wake.reference();
        let (name, quantity, drag, source) = match wake {
            CylinderWake::Wide => (
                "cylinder, Re 100, blockage 3.3 %",
                "mean drag coefficient",
                report.drag_mean,
                "Park, Kwon and Choi 1998 (1.33), 5 %",
            ),
            CylinderWake::Channel => (
                "cylinder in a channel, Re 100, blockage 24 %",
                "largest drag coefficient",
                report.drag_max,
                "Schäfer and Turek 1996, 2D-2, 5 %",
            ),
        };
        let range = [0.95 * reference.drag[0], 1.05 * reference.drag[1]];
        let case = format!("{name}, {diameter} cells across");
        self.check((&case, quantity), drag, range, source);
        let source = match wake {
            CylinderWake::Wide => "Park, Kwon and Choi 1998 (0.165)",
            CylinderWake::Channel => "Schäfer and Turek 1996, 2D-2",
        };
        let number = (case.as_str(), "Strouhal number");
        self.check(number, report.strouhal, reference.strouhal, source);
        self.points(Ok(vec![WorkPoint {
            solver: FLOW,
            case: name,
            cells: report.cells,
            steps: report.steps,
            seconds: clock.elapsed().as_secs_f64(),
            error: None,
        }]))?;
        self.wakes.push(Wake {
            case,
            history: report.history,
        });
        Ok(())
    }

    /// What steps cost in a periodic box, in a box with walls, and with a solid in it.
    fn flow_cost(&mut self, n: usize) -> Result<(), SolverError> {
        let h = 1.0 / n as f64;
        let builder = || FlowSolver::builder([n, n, 1], [h; 3]).viscosity(1e-3);
        let lid = FlowBoundary::NoSlip {
            velocity: [1.0, 0.0, 0.0],
        };
        let walls = || builder().boundary(Side::YMax, lid.clone());
        let flows = [
            ("periodic box", builder().periodic(0).periodic(1)),
            ("box with a lid", walls()),
            (
                "box with a lid and a disc",
                walls().solid(Solid::disc([0.5, 0.5], 0.2)),
            ),
        ];
        for (name, builder) in flows {
            let mut flow = builder.step(StepControl::Fixed(0.5 * h)).build()?;
            let wave = std::f64::consts::TAU;
            flow.set_velocity(|[x, y, _]| {
                let (x, y) = (wave * x, wave * y);
                [x.cos() * y.sin(), -x.sin() * y.cos(), 0.0]
            })?;
            self.steps(format!("{name}, {n}²"), flow, 20)?;
        }
        Ok(())
    }

    /// A hundred steps of a plume of smoke past a ball, in three dimensions.
    fn smoke(&mut self, n: usize) -> Result<(), SolverError> {
        let h = 1.0 / n as f64;
        let cell = |i: usize| (i as f64 + 0.5) * h;
        let source = (0..n * n * n).map(|c| {
            let (x, y, z) = (cell(c % n), cell(c / n % n), cell(c / n / n));
            f64::from(u8::from(
                (x - 0.5).hypot(z - 0.5) < 0.1 && (0.05..0.15).contains(&y),
            ))
        });
        let scalar = FlowScalar {
            diffusivity: 1e-5,
            buoyancy: [0.0, 1.0, 0.0],
            source: source.collect(),
            ..FlowScalar::default()
        };
        let flow = FlowSolver::builder([n; 3], [h; 3])
            .viscosity(1e-5)
            .scalar(scalar)
            .solid(Solid::ball([0.5, 0.5, 0.5], 0.12))
            .boundary(Side::YMax, FlowBoundary::Outflow)
            .step(StepControl::Fixed(0.5 * h))
            .build()?;
        self.steps(format!("smoke past a ball, {n}³"), flow, 100)
    }

    fn steps(
        &mut self,
        case: String,
        mut flow: FlowSolver,
        steps: usize,
    ) -> Result<(), SolverError> {
        // The first step touches the memory for the first time.
        let dt = 0.5 * flow.spacing()[0];
        flow.advance_to(dt)?;
        let before = flow.timings();
        flow.advance_to((1 + steps) as f64 * dt)?;
        let after = flow.timings();
        let cells: usize = flow.shape().iter().product();
        self.work.push(Work {
            solver: FLOW,
            case,
            cells,
            steps: after.steps - before.steps,
            seconds: after.seconds - before.seconds,
            poisson_seconds: Some(after.poisson_seconds - before.poisson_seconds),
            error: None,
            against: None,
        });
        Ok(())
    }
}

/// The range of `share` on both sides of a value.
fn about(value: f64, share: f64) -> [f64; 2] {
    let (a, b) = ((1.0 - share) * value, (1.0 + share) * value);
    [a.min(b), a.max(b)]
}
