//! All scores of one case.

use serde::{Deserialize, Serialize};

use super::boundary_layer::{ProfileOptions, boundary_layer_profiles, relative_error};
use super::breakdown::{DragBreakdown, DragRegion, REGIONS};
use super::fields::FlowFields;
use super::forces::{Forces, Friction, NormalRule, WallState};
use super::statistics::{FieldStatistics, PerVariable, r_squared};
use super::wall::{Side, Wall};
use super::wall_law::WallLaw;
use crate::{DatasetError, Sample};

/// A true and a predicted set of force coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForcePair {
    /// Integrated from the true fields.
    pub truth: Forces,
    /// Integrated from the predicted fields.
    pub prediction: Forces,
}

/// Force coefficients with the friction of a law of the wall, which says so: they are not those of
/// AirfRANS's definition.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WallLawForces {
    /// The law of the wall and where it takes the velocity.
    pub law: WallLaw,
    /// The coefficients.
    #[serde(flatten)]
    pub forces: ForcePair,
}

/// Relative errors on the wall: the root of the integral over the contour of the squared error,
/// over that of the squared truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WallErrors {
    /// Pressure; `None` where the true pressure is zero everywhere.
    pub pressure: Option<f64>,
    /// Wall shear stress vector; `None` where the true one is zero everywhere.
    pub shear: Option<f64>,
}

/// Relative errors of one boundary-layer profile, by the same norm along the line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProfileError {
    /// Station along the chord.
    pub station: f64,
    /// Side of the airfoil.
    pub side: Side,
    /// Velocity along the wall; `None` where the true one is zero.
    pub tangential: Option<f64>,
    /// Turbulent viscosity; `None` where the true one is zero.
    pub nut: Option<f64>,
}

/// All scores of one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseScore {
    /// Name of the case.
    pub name: String,
    /// Inlet speed, m/s.
    pub speed: f64,
    /// Angle of attack, degrees.
    pub aoa: f64,
    /// Nodes off the wall.
    pub n_volume: usize,
    /// Nodes on the wall.
    pub n_surface: usize,
    /// Mean squared error of the z-scored variables over the nodes off the wall.
    pub volume_mse: PerVariable,
    /// The same over the nodes on the wall. Velocity and turbulent viscosity are zero there in
    /// truth and prediction, so only `p` counts.
    pub surface_mse: PerVariable,
    /// Coefficient of determination over the nodes off the wall, the truth in the denominator;
    /// `None` where the truth is constant.
    pub volume_r_squared: PerVariable<Option<f64>>,
    /// Force coefficients by AirfRANS's definition.
    pub forces: ForcePair,
    /// Force coefficients with the friction of a law of the wall, [`WallLaw::OFF_WALL`].
    pub wall_law: WallLawForces,
    /// Relative errors on the wall.
    pub wall: WallErrors,
    /// Relative errors of the boundary-layer profiles; empty where the lines leave the mesh.
    pub boundary_layer: Vec<ProfileError>,
    /// Where the error of the drag comes from: sums over regions of the chord.
    pub drag_regions: Vec<DragRegion>,
    /// Sum of the magnitudes of the contributions to the true pressure drag.
    pub pressure_drag_magnitude: f64,
}

/// What one case's comparison needs, once: the wall, the truth and the prediction with the wall's
/// conditions put in, and both states of the wall. For reports that plot more than the scores.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The case.
    pub sample: &'a Sample,
    /// Its wall.
    pub wall: Wall,
    /// The true fields.
    pub truth: FlowFields,
    /// The predicted fields; velocity and turbulent viscosity are zero on the wall.
    pub prediction: FlowFields,
    /// Pressure and friction of the true fields.
    pub truth_state: WallState,
    /// Pressure and friction of the predicted fields.
    pub prediction_state: WallState,
}

impl<'a> Comparison<'a> {
    /// Sets a prediction beside the truth of a sample.
    ///
    /// # Errors
    /// A prediction of another length than the mesh or with a value that is not finite; whatever
    /// [`Wall::from_sample`] and [`WallState::new`] complain about.
    pub fn new(sample: &'a Sample, prediction: &FlowFields) -> Result<Self, DatasetError> {
        prediction.check_len(&sample.name, "prediction", sample.mesh.n_points())?;
        prediction.check_finite(&sample.name, "prediction")?;
        let wall = Wall::from_sample(sample)?;
        let truth = FlowFields::from_sample(sample)?;
        let prediction = prediction.clone().with_wall_conditions(&wall);
        let state = |fields| WallState::new(sample, &wall, fields, Friction::Resolved);
        Ok(Self {
            truth_state: state(&truth)?,
            prediction_state: state(&prediction)?,
            sample,
            wall,
            truth,
            prediction,
        })
    }

    /// Contributions of every contour segment to the drag coefficient.
    pub fn drag_breakdown(&self) -> DragBreakdown {
        let rule = NormalRule::PointMean;
        DragBreakdown::new(&self.wall, &self.truth_state, &self.prediction_state, rule)
    }

    /// All scores of the case, z-scored with the train part's statistics.
    ///
    /// # Errors
    /// As [`wall_law_shear`](super::wall_law_shear).
    pub fn score(&self, statistics: &FieldStatistics) -> Result<CaseScore, DatasetError> {
        let breakdown = self.drag_breakdown();
        let surface = &self.wall.all_nodes;
        let mut on_wall = vec![false; self.truth.len()];
        surface
            .iter()
            .for_each(|&node| on_wall[node as usize] = true);
        let volume = (0..self.truth.len() as u32).filter(|&node| !on_wall[node as usize]);
        let mse = |nodes: &mut dyn Iterator<Item = u32>| {
            statistics.mean_squared_error(&self.truth, &self.prediction, nodes)
        };
        Ok(CaseScore {
            name: self.sample.name.clone(),
            speed: self.wall.speed,
            aoa: self.sample.global("aoa")?,
            n_volume: self.truth.len() - surface.len(),
            n_surface: surface.len(),
            volume_mse: mse(&mut volume.clone()),
            surface_mse: mse(&mut surface.iter().copied()),
            volume_r_squared: r_squared(&self.truth, &self.prediction, volume),
            forces: self.pair(&self.truth_state, &self.prediction_state),
            wall_law: self.wall_law(WallLaw::OFF_WALL)?,
            wall: self.wall_errors(),
            boundary_layer: self.boundary_layer_errors(),
            drag_regions: breakdown.regions(&REGIONS),
            pressure_drag_magnitude: breakdown.pressure_magnitude(),
        })
    }

    /// Force coefficients of truth and prediction with the friction of a law of the wall.
    ///
    /// # Errors
    /// As [`wall_law_shear`](super::wall_law_shear).
    pub fn wall_law(&self, law: WallLaw) -> Result<WallLawForces, DatasetError> {
        let friction = Friction::WallLaw(law);
        let state = |fields| WallState::new(self.sample, &self.wall, fields, friction);
        let forces = self.pair(&state(&self.truth)?, &state(&self.prediction)?);
        Ok(WallLawForces { law, forces })
    }

    fn pair(&self, truth: &WallState, prediction: &WallState) -> ForcePair {
        let forces = |state: &WallState| state.forces(&self.wall, NormalRule::PointMean);
        ForcePair {
            truth: forces(truth),
            prediction: forces(prediction),
        }
    }

    fn wall_errors(&self) -> WallErrors {
        let (truth, prediction) = (&self.truth_state, &self.prediction_state);
        let mut sums = [[0.0; 2]; 2];
        for (k, length) in self.wall.point_lengths().into_iter().enumerate() {
            let (p, q) = (truth.pressure[k], prediction.pressure[k]);
            let (t, u) = (truth.shear[k], prediction.shear[k]);
            sums[0][0] += length * (p - q).powi(2);
            sums[0][1] += length * p * p;
            sums[1][0] += length * ((t[0] - u[0]).powi(2) + (t[1] - u[1]).powi(2));
            sums[1][1] += length * (t[0] * t[0] + t[1] * t[1]);
        }
        let [pressure, shear] =
            sums.map(|[error, scale]| (scale > 0.0).then(|| (error / scale).sqrt()));
        WallErrors { pressure, shear }
    }

    /// Errors of the published stations. A mesh too small for the lines has none: the other
    /// scores are worth having all the same.
    fn boundary_layer_errors(&self) -> Vec<ProfileError> {
        let fields = [&self.truth, &self.prediction];
        let options = ProfileOptions::default();
        let profiles = boundary_layer_profiles(self.sample, &self.wall, &fields, &options);
        let error = |profile: super::boundary_layer::Profile| {
            let [truth, prediction] = &profile.fields[..] else {
                return None;
            };
            let relative = |a, b| relative_error(&profile.distance, a, b);
            Some(ProfileError {
                station: profile.station,
                side: profile.side,
                tangential: relative(&truth.tangential, &prediction.tangential),
                nut: relative(&truth.nut, &prediction.nut),
            })
        };
        profiles.map_or_else(
            |_| Vec::new(),
            |found| found.into_iter().filter_map(error).collect(),
        )
    }
}

/// Scores a prediction on a case with a true solution.
///
/// # Errors
/// As [`Comparison::new`] and [`Comparison::score`].
pub fn score_case(
    sample: &Sample,
    prediction: &FlowFields,
    statistics: &FieldStatistics,
) -> Result<CaseScore, DatasetError> {
    Comparison::new(sample, prediction)?.score(statistics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::testing::{Case, section};

    fn sample() -> Sample {
        let mut case = Case::new(section(60));
        case.heights = vec![0.0, 1e-3, 5e-3, 0.02, 0.06, 0.2];
        case.speed = 2.0;
        case.nu = 0.01;
        let mut sample = case.sample(|[x, y]| ([x + y, y * x], 1.0 + x * y, 0.3 + x));
        let truth = FlowFields::from_sample(&sample).unwrap();
        let wall = Wall::from_sample(&sample).unwrap();
        // A true solution obeys the conditions on the wall.
        sample.fields = truth.with_wall_conditions(&wall).to_fields().unwrap();
        sample
    }

    const UNIT: FieldStatistics = FieldStatistics {
        mean: [0.0; 4],
        std: [1.0; 4],
    };

    #[test]
    fn the_truth_has_no_error() {
        let sample = sample();
        let score = score_case(&sample, &FlowFields::from_sample(&sample).unwrap(), &UNIT).unwrap();
        assert_eq!(score.volume_mse, PerVariable::default());
        assert_eq!(score.surface_mse, PerVariable::default());
        assert_eq!(score.volume_r_squared.to_array(), [Some(1.0); 4]);
        assert_eq!(score.forces.truth, score.forces.prediction);
        assert_eq!(
            score.wall_law.forces.truth,
            score.wall_law.forces.prediction
        );
        assert_eq!(
            (score.wall.pressure, score.wall.shear),
            (Some(0.0), Some(0.0))
        );
        assert_eq!(score.boundary_layer.len(), 8);
        assert!(
            score
                .boundary_layer
                .iter()
                .all(|p| p.tangential == Some(0.0))
        );
        assert!(score.drag_regions.iter().all(|r| r.pressure_error == 0.0));
        assert_eq!((score.n_surface, score.n_volume), (120, 600));
    }

    /// Off by constants: their squares come back, on the wall for the pressure alone.
    #[test]
    fn constant_errors_come_back() {
        let sample = sample();
        let mut prediction = FlowFields::from_sample(&sample).unwrap();
        prediction
            .velocity
            .iter_mut()
            .for_each(|u| *u = [u[0] + 0.5, u[1] - 2.0]);
        prediction.pressure.iter_mut().for_each(|p| *p += 3.0);
        prediction.nut.iter_mut().for_each(|n| *n += 4.0);
        let score = score_case(&sample, &prediction, &UNIT).unwrap();
        for (found, exact) in score
            .volume_mse
            .to_array()
            .iter()
            .zip([0.25, 4.0, 9.0, 16.0])
        {
            assert!((found - exact).abs() < 1e-6, "{score:?}");
        }
        let surface = score.surface_mse.to_array();
        assert_eq!([surface[0], surface[1], surface[3]], [0.0; 3]);
        assert!((surface[2] - 9.0).abs() < 1e-6);
        // A constant pressure has no force with segment normals, and hardly any with mean normals.
        let drag = score.forces.prediction.cd_pressure - score.forces.truth.cd_pressure;
        assert!(drag.abs() < 0.02, "{drag}");
    }

    /// Predictions scaled by a factor have that relative error on the wall and in the profiles, and
    /// their forces scale.
    #[test]
    fn scaled_fields_have_their_relative_error() {
        let sample = sample();
        let mut prediction = FlowFields::from_sample(&sample).unwrap();
        prediction
            .velocity
            .as_flattened_mut()
            .iter_mut()
            .for_each(|u| *u *= 1.25);
        prediction.pressure.iter_mut().for_each(|p| *p *= 1.5);
        prediction.nut.iter_mut().for_each(|n| *n *= 0.5);
        let score = score_case(&sample, &prediction, &UNIT).unwrap();
        assert!((score.wall.pressure.unwrap() - 0.5).abs() < 1e-12);
        assert!((score.wall.shear.unwrap() - 0.25).abs() < 1e-12);
        for profile in &score.boundary_layer {
            assert!((profile.tangential.unwrap() - 0.25).abs() < 1e-12);
            assert!((profile.nut.unwrap() - 0.5).abs() < 1e-12);
        }
        let (truth, found) = (score.forces.truth, score.forces.prediction);
        assert!((found.cl_pressure / truth.cl_pressure - 1.5).abs() < 1e-12);
        assert!((found.cd_viscous / truth.cd_viscous - 1.25).abs() < 1e-12);
    }

    #[test]
    fn scores_survive_json() {
        let sample = sample();
        let score = score_case(&sample, &FlowFields::from_sample(&sample).unwrap(), &UNIT).unwrap();
        let text = serde_json::to_string(&score).unwrap();
        assert_eq!(serde_json::from_str::<CaseScore>(&text).unwrap(), score);
    }

    #[test]
    fn unusable_predictions_are_refused() {
        let sample = sample();
        let good = FlowFields::from_sample(&sample).unwrap();
        let message = |prediction| {
            score_case(&sample, &prediction, &UNIT)
                .unwrap_err()
                .to_string()
        };
        let mut bad = good.clone();
        bad.velocity[7][1] = f64::NAN;
        let text = message(bad);
        assert!(
            text.contains("array \"U\" is NaN at node 7, component 1"),
            "{text}"
        );
        let mut bad = good.clone();
        bad.nut.pop();
        let text = message(bad);
        assert!(
            text.contains("array \"nut\"") && text.contains("719"),
            "{text}"
        );
    }
}
