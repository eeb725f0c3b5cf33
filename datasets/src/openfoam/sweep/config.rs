//! The configuration of a sweep over airfoils.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::DatasetError;
use crate::openfoam::{ConvergenceRule, FoamControls, FoamGrid, WallTreatment};

/// Everything that defines a set of airfoil cases. All but the kind has a default, which is AirfRANS's where
/// the paper tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirfoilSweep {
    /// What the set is, for people.
    #[serde(default)]
    pub title: String,
    /// Folder of the set, relative to the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// The kind of the sweep.
    pub generator: AirfoilGenerator,
    /// How many cases, from which seed.
    #[serde(default)]
    pub sampling: AirfoilSampling,
    /// Between which values speed, angle and digits are drawn.
    #[serde(default)]
    pub ranges: AirfoilRanges,
    /// The grids.
    #[serde(default)]
    pub grid: FoamGrid,
    /// The wall.
    #[serde(default)]
    pub wall: WallTreatment,
    /// The solver's controls.
    #[serde(default)]
    pub controls: FoamControls,
    /// When a case is accepted.
    #[serde(default)]
    pub convergence: ConvergenceRule,
    /// What a case may cost.
    #[serde(default)]
    pub limits: AirfoilLimits,
    /// What is for training and what for tests.
    #[serde(default)]
    pub splits: AirfoilSplits,
}

/// `kind = "airfoils"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AirfoilGenerator {
    /// Airfoils with OpenFOAM.
    Airfoils,
}

/// How many cases, from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AirfoilSampling {
    /// Samples drawn; rejected ones are not replaced.
    pub count: usize,
    /// Seed of the samples and of the splits. A larger count keeps the samples of a smaller one.
    pub seed: u64,
}

impl Default for AirfoilSampling {
    fn default() -> Self {
        Self { count: 20, seed: 1 }
    }
}

/// A family of NACA sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NacaFamily {
    /// 4 digits.
    Naca4,
    /// 5 digits.
    Naca5,
}

/// Between which values speed, angle and digits are drawn, uniformly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AirfoilRanges {
    /// The families, which take turns.
    pub families: Vec<NacaFamily>,
    /// Reynolds number of the chord.
    pub reynolds: [f64; 2],
    /// Angle of attack, degrees.
    pub angle: [f64; 2],
    /// XX of both families, per cent of the chord.
    pub thickness: [f64; 2],
    /// M of the 4-digit family, per cent of the chord.
    pub max_camber: [f64; 2],
    /// P of the 4-digit family, tenths of the chord; below 1.5 it becomes 0.
    pub camber_position: [f64; 2],
    /// L of the 5-digit family, in units of 0.15.
    pub lift: [f64; 2],
    /// P of the 5-digit family, twentieths of the chord.
    pub lift_position: [f64; 2],
}

impl Default for AirfoilRanges {
    /// AirfRANS's: Bonnet et al., NeurIPS 2022, appendix, and its generator.
    fn default() -> Self {
        Self {
            families: vec![NacaFamily::Naca4, NacaFamily::Naca5],
            reynolds: [2e6, 6e6],
            angle: [-5.0, 15.0],
            thickness: [5.0, 20.0],
            max_camber: [0.0, 7.0],
            camber_position: [0.0, 7.0],
            lift: [0.0, 4.0],
            lift_position: [3.0, 8.0],
        }
    }
}

/// What a case may cost, and how many run at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AirfoilLimits {
    /// Computing time of a case, s.
    pub seconds: f64,
    /// Cases at once, each on one core.
    pub workers: usize,
    /// Whether OpenFOAM's folders of all cases are kept in `.sweep`.
    pub keep_cases: bool,
}

impl Default for AirfoilLimits {
    fn default() -> Self {
        Self {
            seconds: 1800.0,
            workers: 1,
            keep_cases: false,
        }
    }
}

/// What is for training and what for tests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AirfoilSplits {
    /// Part of the cases that the task "full" tests on.
    pub test: f64,
    /// Part of the training cases of "full" that "scarce" trains on.
    pub scarce: f64,
    /// Reynolds numbers that "reynolds" trains between; it tests outside.
    pub reynolds: [f64; 2],
    /// Angles that "aoa" trains between; it tests outside.
    pub angle: [f64; 2],
    /// Thicknesses that "thickness" trains between; it tests outside.
    pub thickness: [f64; 2],
}

impl Default for AirfoilSplits {
    /// AirfRANS's; "thickness" is a split by geometry besides.
    fn default() -> Self {
        Self {
            test: 0.2,
            scarce: 0.25,
            reynolds: [3e6, 5e6],
            angle: [-2.5, 12.5],
            thickness: [8.0, 17.0],
        }
    }
}

impl AirfoilSweep {
    /// AirfRANS's ranges on the usual grid.
    pub fn new(count: usize, seed: u64) -> Self {
        Self {
            title: String::new(),
            output: None,
            generator: AirfoilGenerator::Airfoils,
            sampling: AirfoilSampling { count, seed },
            ranges: AirfoilRanges::default(),
            grid: FoamGrid::default(),
            wall: WallTreatment::default(),
            controls: FoamControls::default(),
            convergence: ConvergenceRule::default(),
            limits: AirfoilLimits::default(),
            splits: AirfoilSplits::default(),
        }
    }

    /// Checks what the types do not tell.
    ///
    /// # Errors
    /// A value without sense; the message names the setting and what is allowed.
    pub fn check(&self) -> Result<(), DatasetError> {
        let ranges = &self.ranges;
        let within = [
            ("ranges.reynolds", ranges.reynolds, 1e4, 1e8),
            ("ranges.angle", ranges.angle, -30.0, 30.0),
            ("ranges.thickness", ranges.thickness, 1.0, 40.0),
            ("ranges.max_camber", ranges.max_camber, 0.0, 10.0),
            ("ranges.camber_position", ranges.camber_position, 0.0, 9.0),
            ("ranges.lift", ranges.lift, 0.0, 10.0),
            ("ranges.lift_position", ranges.lift_position, 0.5, 8.4),
        ];
        for (name, [low, high], least, most) in within {
            if !(least <= low && low <= high && high <= most) {
                let problem = format!("is [{low}, {high}]; rising, from {least} to {most}");
                return Err(wrong(name, problem));
            }
        }
        if ranges.families.is_empty() {
            return Err(wrong(
                "ranges.families",
                "is empty: naca4, naca5 or both".into(),
            ));
        }
        for (name, value) in [
            ("sampling.count", self.sampling.count),
            ("limits.workers", self.limits.workers),
            ("convergence.window", self.convergence.window),
        ] {
            if value == 0 {
                return Err(wrong(name, "is 0; at least 1".into()));
            }
        }
        let positive = [
            ("limits.seconds", self.limits.seconds, f64::MAX),
            ("convergence.lift_drift", self.convergence.lift_drift, 1.0),
            ("convergence.drag_drift", self.convergence.drag_drift, 1.0),
            ("convergence.residual", self.convergence.residual, 1.0),
        ];
        for (name, value, most) in positive {
            if !(value > 0.0 && value <= most) {
                return Err(wrong(
                    name,
                    format!("is {value}; above 0 and up to {most:?}"),
                ));
            }
        }
        for (name, value) in [
            ("splits.test", self.splits.test),
            ("splits.scarce", self.splits.scarce),
        ] {
            if !(0.0..1.0).contains(&value) {
                return Err(wrong(name, format!("is {value}; from 0 to below 1")));
            }
        }
        Ok(())
    }
}

fn wrong(what: &'static str, problem: String) -> DatasetError {
    DatasetError::Argument { what, problem }
}
