//! A generator for tests: a wave that runs around a periodic strip, with an exact solution, and that can
//! be told to fail.

use std::f64::consts::TAU;

use karman_solvers::{FieldInfo, Health, Simulation, SolverError};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator};
use crate::{StaticField, TrajectoryField};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::generate) struct TestWave {
    /// Cells along x.
    #[serde(default = "cells")]
    cells: usize,
    /// m/s.
    speed: f64,
    /// Number of the mask.
    #[serde(default)]
    mask: i64,
    /// Cases with a speed above this one have a NaN.
    #[serde(default = "never")]
    breaks_above: f64,
    /// Cases with a speed above this one cannot be set up.
    #[serde(default = "never")]
    refused_above: f64,
    /// Milliseconds that each time takes.
    #[serde(default)]
    milliseconds: u64,
}

fn cells() -> usize {
    24
}

fn never() -> f64 {
    1e300
}

impl Generator for TestWave {
    fn solver(&self) -> &'static str {
        "exact wave"
    }

    fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
        if self.speed > self.refused_above {
            return Err(SolverError::Argument {
                what: "speed",
                problem: format!("{} is refused", self.speed),
            });
        }
        let mask = |i: usize| f64::from(u8::from(i as i64 % 5 == self.mask));
        Ok(CaseStart {
            statics: vec![StaticField {
                field: TrajectoryField {
                    name: "solid".into(),
                    components: 1,
                    unit: "1".into(),
                },
                values: (0..2 * self.cells).map(mask).collect(),
            }],
            simulation: Box::new(Wave {
                settings: self.clone(),
                phase: ChaCha8Rng::seed_from_u64(seed).random_range(0.0..TAU),
                time: 0.0,
                steps: 0,
            }),
        })
    }
}

struct Wave {
    settings: TestWave,
    phase: f64,
    time: f64,
    steps: usize,
}

impl Simulation for Wave {
    fn shape(&self) -> Vec<usize> {
        vec![2, self.settings.cells]
    }

    fn spacing(&self) -> Vec<f64> {
        vec![1.0 / self.settings.cells as f64; 2]
    }

    fn origin(&self) -> Vec<f64> {
        vec![0.5 / self.settings.cells as f64; 2]
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let field = |name, components, unit| FieldInfo {
            name,
            components,
            unit,
        };
        vec![field("height", 1, "m"), field("velocity", 2, "m/s")]
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn advance_to(&mut self, time: f64) -> Result<(), SolverError> {
        let wait = self.settings.milliseconds;
        std::thread::sleep(std::time::Duration::from_millis(wait));
        self.steps += 3;
        self.time = time;
        Ok(())
    }

    fn read(&self, name: &str, out: &mut [f64]) -> Result<(), SolverError> {
        let components = if name == "height" { 1 } else { 2 };
        let speed = self.settings.speed;
        for (place, value) in out.iter_mut().enumerate() {
            let i = place / components % self.settings.cells;
            let x = (i as f64 + 0.5) / self.settings.cells as f64;
            *value = (TAU * (x - speed * self.time) + self.phase + place as f64).sin();
        }
        if speed > self.settings.breaks_above && self.time > 0.0 {
            out[3] = f64::NAN;
        }
        Ok(())
    }

    fn health(&self) -> Health {
        Health {
            steps: self.steps,
            worst_residual: 0.5,
            ..Health::default()
        }
    }
}
