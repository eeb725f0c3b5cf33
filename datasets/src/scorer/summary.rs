//! Means over cases.
//!
//! Errors of fields are the mean over cases of the per-case mean, so that a case counts once
//! however fine its mesh. Coefficients are compared by the mean of `|(t - p) / t|`, Spearman's
//! rank correlation over cases, and the mean absolute error.
//!
//! A reference coefficient of zero has no relative error: cases with `|t| < 1e-6` (a symmetric
//! section at zero incidence on a symmetric mesh) are left out of that mean and counted, and the
//! mean absolute error over the mean magnitude, `sum |t - p| / sum |t|`, which such a case does
//! not upset, stands beside it.

use serde::{Deserialize, Serialize};

use super::rank::spearman;
use super::score::{CaseScore, ForcePair};
use super::statistics::PerVariable;

/// Reference coefficients below this count as zero.
pub const ZERO_COEFFICIENT: f64 = 1e-6;

/// How well one coefficient is predicted over cases.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CoefficientScore {
    /// Mean over cases of `|(t - p) / t|`, as a fraction; `None` without a case whose reference is
    /// not zero.
    pub relative_error: Option<f64>,
    /// Cases in that mean.
    pub relative_cases: usize,
    /// Mean absolute error; `None` without cases.
    pub absolute_error: Option<f64>,
    /// Sum of absolute errors over the sum of reference magnitudes; `None` where that is zero.
    pub normalised_error: Option<f64>,
    /// Mean of prediction minus truth; `None` without cases.
    pub bias: Option<f64>,
    /// Spearman's rank correlation; `None` with fewer than two cases or all equal.
    pub rank: Option<f64>,
}

impl CoefficientScore {
    /// Compares predicted with reference coefficients, one pair per case.
    pub fn new(truth: &[f64], prediction: &[f64]) -> Self {
        let pairs = || truth.iter().zip(prediction);
        let relative: Vec<f64> = pairs()
            .filter(|(t, _)| t.abs() >= ZERO_COEFFICIENT)
            .map(|(t, p)| ((t - p) / t).abs())
            .collect();
        let errors: Vec<f64> = pairs().map(|(t, p)| (t - p).abs()).collect();
        let scale: f64 = pairs().map(|(t, _)| t.abs()).sum();
        let differences: Vec<f64> = pairs().map(|(t, p)| p - t).collect();
        Self {
            relative_error: mean(&relative),
            relative_cases: relative.len(),
            absolute_error: mean(&errors),
            normalised_error: (scale > 0.0).then(|| errors.iter().sum::<f64>() / scale),
            bias: mean(&differences),
            rank: spearman(truth, prediction),
        }
    }
}

/// Scores of the lift and drag coefficient and of the drag's parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ForceScores {
    /// Lift coefficient.
    pub cl: CoefficientScore,
    /// Drag coefficient.
    pub cd: CoefficientScore,
    /// Drag coefficient, part of the pressure.
    pub cd_pressure: CoefficientScore,
    /// Drag coefficient, part of the friction.
    pub cd_viscous: CoefficientScore,
}

impl ForceScores {
    fn new<'a>(pairs: impl Iterator<Item = &'a ForcePair> + Clone) -> Self {
        let score = |of: fn(&super::forces::Forces) -> f64| {
            let truth: Vec<f64> = pairs.clone().map(|pair| of(&pair.truth)).collect();
            let prediction: Vec<f64> = pairs.clone().map(|pair| of(&pair.prediction)).collect();
            CoefficientScore::new(&truth, &prediction)
        };
        Self {
            cl: score(|f| f.cl),
            cd: score(|f| f.cd),
            cd_pressure: score(|f| f.cd_pressure),
            cd_viscous: score(|f| f.cd_viscous),
        }
    }
}

/// Mean relative errors at one station of the boundary layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StationScore {
    /// Station along the chord.
    pub station: f64,
    /// Side of the airfoil.
    pub side: super::wall::Side,
    /// Velocity along the wall.
    pub tangential: Option<f64>,
    /// Turbulent viscosity.
    pub nut: Option<f64>,
}

/// Mean magnitude of the drag errors of one region of the airfoil.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RegionScore {
    /// The side.
    pub side: super::wall::Side,
    /// The region, in chords.
    pub chord: [f64; 2],
    /// Mean over cases of the magnitude of the error in pressure drag.
    pub pressure_error: f64,
    /// Mean over cases of that error with its sign: what of it is a bias.
    pub pressure_bias: f64,
    /// Mean over cases of the magnitude of the error in friction drag.
    pub viscous_error: f64,
}

/// Scores over all cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreSummary {
    /// Number of cases.
    pub cases: usize,
    /// Mean over cases of the MSE of the z-scored variables off the wall; `None` without cases.
    pub volume_mse: Option<PerVariable>,
    /// The same on the wall, where only `p` counts.
    pub surface_mse: Option<PerVariable>,
    /// Mean over cases of the coefficient of determination, where it is defined.
    pub volume_r_squared: PerVariable<Option<f64>>,
    /// Force coefficients by AirfRANS's definition.
    pub forces: ForceScores,
    /// Force coefficients with the friction of a law of the wall, [`WallLaw::OFF_WALL`](super::wall_law::WallLaw::OFF_WALL),
    /// in truth and prediction.
    pub wall_law: ForceScores,
    /// Mean relative error of the pressure on the wall.
    pub surface_pressure: Option<f64>,
    /// Mean relative error of the wall shear stress.
    pub wall_shear: Option<f64>,
    /// Boundary-layer profiles, by station and side.
    pub boundary_layer: Vec<StationScore>,
    /// Where the error of the drag comes from, by region and side.
    pub drag_regions: Vec<RegionScore>,
    /// Mean of (sum of magnitudes of the pressure drag's contributions) / |pressure drag|: how
    /// much relative errors of pressure are amplified in the pressure drag.
    pub pressure_drag_cancellation: Option<f64>,
}

/// Means over the scores of cases.
pub fn summarise(scores: &[CaseScore]) -> ScoreSummary {
    let variables = |of: fn(&CaseScore) -> PerVariable| {
        let mean_of = |k: usize| {
            mean(
                &scores
                    .iter()
                    .map(|s| of(s).to_array()[k])
                    .collect::<Vec<_>>(),
            )
        };
        let all = [mean_of(0)?, mean_of(1)?, mean_of(2)?, mean_of(3)?];
        Some(PerVariable::from_array(all))
    };
    let some =
        |of: fn(&CaseScore) -> Option<f64>| mean(&scores.iter().filter_map(of).collect::<Vec<_>>());
    ScoreSummary {
        cases: scores.len(),
        volume_mse: variables(|s| s.volume_mse),
        surface_mse: variables(|s| s.surface_mse),
        volume_r_squared: PerVariable::from_array([
            some(|s| s.volume_r_squared.u_x),
            some(|s| s.volume_r_squared.u_y),
            some(|s| s.volume_r_squared.p),
            some(|s| s.volume_r_squared.nu_t),
        ]),
        forces: ForceScores::new(scores.iter().map(|s| &s.forces)),
        wall_law: ForceScores::new(scores.iter().map(|s| &s.wall_law.forces)),
        surface_pressure: some(|s| s.wall.pressure),
        wall_shear: some(|s| s.wall.shear),
        boundary_layer: stations(scores),
        drag_regions: regions(scores),
        pressure_drag_cancellation: some(|s| {
            let drag = s.forces.truth.cd_pressure.abs();
            (drag >= ZERO_COEFFICIENT).then(|| s.pressure_drag_magnitude / drag)
        }),
    }
}

fn stations(scores: &[CaseScore]) -> Vec<StationScore> {
    let Some(longest) = scores.iter().max_by_key(|s| s.boundary_layer.len()) else {
        return Vec::new();
    };
    let at = |station: f64, side| {
        let all = move |s: &CaseScore| {
            s.boundary_layer
                .iter()
                .find(|p| p.station == station && p.side == side)
                .copied()
        };
        scores.iter().filter_map(all).collect::<Vec<_>>()
    };
    let score = |p: &super::score::ProfileError| {
        let found = at(p.station, p.side);
        StationScore {
            station: p.station,
            side: p.side,
            tangential: mean(
                &found
                    .iter()
                    .filter_map(|p| p.tangential)
                    .collect::<Vec<_>>(),
            ),
            nut: mean(&found.iter().filter_map(|p| p.nut).collect::<Vec<_>>()),
        }
    };
    longest.boundary_layer.iter().map(score).collect()
}

fn regions(scores: &[CaseScore]) -> Vec<RegionScore> {
    let Some(longest) = scores.iter().max_by_key(|s| s.drag_regions.len()) else {
        return Vec::new();
    };
    let score = |region: &super::breakdown::DragRegion| {
        let same =
            |r: &&super::breakdown::DragRegion| r.side == region.side && r.chord == region.chord;
        let found: Vec<_> = scores
            .iter()
            .filter_map(|s| s.drag_regions.iter().find(same))
            .collect();
        let mean_of = |of: fn(&super::breakdown::DragRegion) -> f64| {
            // A region that some cases do not have (the base) adds nothing there.
            found.iter().map(|r| of(r)).sum::<f64>() / scores.len() as f64
        };
        RegionScore {
            side: region.side,
            chord: region.chord,
            pressure_error: mean_of(|r| r.pressure_error.abs()),
            pressure_bias: mean_of(|r| r.pressure_error),
            viscous_error: mean_of(|r| r.viscous_error.abs()),
        }
    };
    longest.drag_regions.iter().map(score).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_by_hand() {
        let score = CoefficientScore::new(&[1.0, -2.0, 4.0], &[1.1, -1.0, 5.0]);
        let close =
            |found: Option<f64>, exact: f64| assert!((found.unwrap() - exact).abs() < 1e-15);
        close(score.relative_error, (0.1 + 0.5 + 0.25) / 3.0);
        close(score.absolute_error, 2.1 / 3.0);
        close(score.normalised_error, 2.1 / 7.0);
        close(score.bias, 2.1 / 3.0);
        close(score.rank, 1.0);
        assert_eq!(score.relative_cases, 3);
    }

    /// A symmetric section at zero incidence does not turn the mean into infinity.
    #[test]
    fn zero_references_are_left_out_and_counted() {
        let score = CoefficientScore::new(&[0.0, 1e-9, 2.0], &[0.5, 0.5, 1.0]);
        assert_eq!((score.relative_error, score.relative_cases), (Some(0.5), 1));
        assert!((score.absolute_error.unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert!((score.normalised_error.unwrap() - 1.0).abs() < 1e-8);
        let none = CoefficientScore::new(&[0.0, 0.0], &[1.0, 2.0]);
        assert_eq!(
            (none.relative_error, none.normalised_error, none.rank),
            (None, None, None)
        );
        assert_eq!(CoefficientScore::new(&[], &[]), CoefficientScore::default());
    }

    #[test]
    fn cases_count_once() {
        use crate::scorer::testing::{Case, section};
        use crate::{FieldStatistics, FlowFields, score_case};
        let unit = FieldStatistics {
            mean: [0.0; 4],
            std: [1.0; 4],
        };
        let score = |m: usize, error: f64| {
            let sample = Case::new(section(m)).sample(|[x, y]| ([0.0; 2], 1.0 + x - y, 0.0));
            let mut prediction = FlowFields::from_sample(&sample).unwrap();
            prediction.pressure.iter_mut().for_each(|p| *p += error);
            score_case(&sample, &prediction, &unit).unwrap()
        };
        // Nine times the nodes, a third of the error: each case counts once all the same.
        let scores = [score(10, 3.0), score(90, 1.0)];
        let summary = summarise(&scores);
        assert_eq!(summary.cases, 2);
        let p = summary.volume_mse.unwrap().p;
        assert!((p - 5.0).abs() < 1e-6, "{p}");
        assert!((summary.surface_mse.unwrap().p - 5.0).abs() < 1e-6);
        let bias: f64 = summary.drag_regions.iter().map(|r| r.pressure_bias).sum();
        assert!((bias - summary.forces.cd_pressure.bias.unwrap()).abs() < 1e-12);
        assert!(summary.pressure_drag_cancellation.unwrap() >= 1.0);
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(
            serde_json::from_str::<ScoreSummary>(&text).unwrap(),
            summary
        );
    }

    #[test]
    fn no_cases_no_numbers() {
        let summary = summarise(&[]);
        assert_eq!(
            (summary.cases, summary.volume_mse, summary.forces.cl.rank),
            (0, None, None)
        );
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(
            serde_json::from_str::<ScoreSummary>(&text).unwrap(),
            summary
        );
    }
}
