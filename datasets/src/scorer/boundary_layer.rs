//! Profiles through the boundary layer along the wall normal.
//!
//! At stations along the chord, on both sides, the fields are interpolated in the cells of the mesh
//! (bilinear in quads) on a line from the wall along the outward normal of the contour. Sides are
//! told apart by the order of the contour. Stations of the published scores: x/c = 0.2, 0.4, 0.6,
//! 0.8 (Bonnet et al., "AirfRANS", arXiv:2212.07564, whose own code splits the sides by the camber
//! line and takes vertical lines by default).

use karman_meshes::PointLocator;
use serde::{Deserialize, Serialize};

use super::fields::FlowFields;
use super::wall::{Side, Wall};
use crate::{DatasetError, Sample};

/// Where profiles are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileOptions {
    /// Stations along the chord, between 0 and 1.
    pub stations: Vec<f64>,
    /// Length of the line, in chords.
    pub length: f64,
    /// Points on the line. Their distances grow with the third power, so that the sublayer is
    /// sampled too.
    pub samples: usize,
}

impl Default for ProfileOptions {
    fn default() -> Self {
        Self {
            stations: vec![0.2, 0.4, 0.6, 0.8],
            length: 0.1,
            samples: 64,
        }
    }
}

/// Fields along a line through the boundary layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Station along the chord.
    pub station: f64,
    /// Side of the airfoil.
    pub side: Side,
    /// Foot of the line on the wall, m.
    pub foot: [f64; 2],
    /// Direction of the line: unit normal out of the body.
    pub normal: [f64; 2],
    /// Distances from the wall, m.
    pub distance: Vec<f64>,
    /// One entry per set of fields that was handed in, in that order.
    pub fields: Vec<ProfileFields>,
}

/// The fields of one profile, one entry per distance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProfileFields {
    /// Velocity along the wall towards the trailing edge, over the inlet speed.
    pub tangential: Vec<f64>,
    /// Velocity out of the wall, over the inlet speed.
    pub normal: Vec<f64>,
    /// Pressure over the dynamic pressure.
    pub cp: Vec<f64>,
    /// Turbulent viscosity over the molecular one.
    pub nut: Vec<f64>,
}

/// Samples profiles of any number of field sets (the truth and predictions) on one sample.
///
/// # Errors
/// Fields of another length than the mesh, a station outside (0, 1), a length that is not positive,
/// fewer than two samples, or a line that leaves the mesh.
pub fn boundary_layer_profiles(
    sample: &Sample,
    wall: &Wall,
    fields: &[&FlowFields],
    options: &ProfileOptions,
) -> Result<Vec<Profile>, DatasetError> {
    check(options)?;
    for fields in fields {
        fields.check_len(&sample.name, "fields", sample.mesh.n_points())?;
    }
    let locator = PointLocator::new(&sample.mesh).map_err(DatasetError::mesh(&sample.name))?;
    let mut profiles = Vec::new();
    for &station in &options.stations {
        for side in [Side::Upper, Side::Lower] {
            let (foot, normal) = wall.foot(side, station);
            let mut profile = Profile {
                station,
                side,
                foot,
                normal,
                distance: distances(
                    wall.contour.chord().length() * options.length,
                    options.samples,
                ),
                fields: vec![ProfileFields::default(); fields.len()],
            };
            fill(sample, wall, &locator, fields, &mut profile)?;
            profiles.push(profile);
        }
    }
    Ok(profiles)
}

fn check(options: &ProfileOptions) -> Result<(), DatasetError> {
    let problem = if let Some(s) = options.stations.iter().find(|s| !(**s > 0.0 && **s < 1.0)) {
        format!("station {s} does not lie between 0 and 1")
    } else if !(options.length > 0.0 && options.length.is_finite()) {
        format!(
            "length {} is not a positive number of chords",
            options.length
        )
    } else if options.samples < 2 {
        format!(
            "{} samples on a line, two or more are needed",
            options.samples
        )
    } else {
        return Ok(());
    };
    Err(DatasetError::Argument {
        what: "boundary layer profiles",
        problem,
    })
}

fn distances(length: f64, samples: usize) -> Vec<f64> {
    (0..samples)
        .map(|k| length * (k as f64 / (samples - 1) as f64).powi(3))
        .collect()
}

/// Interpolates all fields along the line of a profile.
fn fill(
    sample: &Sample,
    wall: &Wall,
    locator: &PointLocator<'_>,
    fields: &[&FlowFields],
    profile: &mut Profile,
) -> Result<(), DatasetError> {
    let n = profile.normal;
    // The tangent that points downstream: the outward normal turned clockwise on the upper side.
    let t = if profile.side == Side::Upper {
        [n[1], -n[0]]
    } else {
        [-n[1], n[0]]
    };
    // The foot lies on the wall only to rounding; the first point is moved inside by as much.
    let smallest = 1e-10 * wall.contour.chord().length();
    for &distance in &profile.distance {
        let reach = distance.max(smallest);
        let at = [0, 1].map(|a| profile.foot[a] + reach * n[a]);
        let found = locator.locate(at).ok_or_else(|| {
            DatasetError::case(
                &sample.name,
                "boundary layer",
                format!(
                    "({}, {}), {distance} m off the wall at x/c {}, lies outside the mesh: choose \
                     shorter lines",
                    at[0], at[1], profile.station
                ),
            )
        })?;
        for (fields, out) in fields.iter().zip(&mut profile.fields) {
            let u = [0, 1].map(|a| found.interpolate(|k| fields.velocity[k as usize][a]));
            out.tangential
                .push((u[0] * t[0] + u[1] * t[1]) / wall.speed);
            out.normal.push((u[0] * n[0] + u[1] * n[1]) / wall.speed);
            let p = found.interpolate(|k| fields.pressure[k as usize]);
            out.cp.push(p / wall.dynamic_pressure());
            out.nut
                .push(found.interpolate(|k| fields.nut[k as usize]) / wall.nu);
        }
    }
    Ok(())
}

/// Relative error of a predicted curve: the root of the integral of the squared error over that of
/// the squared truth, along the line (trapezoidal rule). `None` where the truth is zero.
pub(crate) fn relative_error(distance: &[f64], truth: &[f64], prediction: &[f64]) -> Option<f64> {
    let (mut error, mut scale) = (0.0, 0.0);
    for k in 1..distance.len() {
        let step = distance[k] - distance[k - 1];
        for j in [k - 1, k] {
            error += 0.5 * step * (truth[j] - prediction[j]).powi(2);
            scale += 0.5 * step * truth[j] * truth[j];
        }
    }
    (scale > 0.0).then(|| (error / scale).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::testing::{Case, section};

    fn case() -> Case {
        let mut case = Case::new(section(400));
        case.speed = 10.0;
        case.nu = 0.5;
        case.heights = vec![0.0, 1e-3, 4e-3, 0.02, 0.06, 0.2];
        case
    }

    /// Fields that are linear in x and y are interpolated exactly, so the profile is their value
    /// on the line, in the local frame.
    #[test]
    fn linear_fields_are_sampled_exactly() {
        let flow =
            |[x, y]: [f64; 2]| ([2.0 * x - y, 0.5 * y + 1.0], 3.0 * x + 4.0 * y, x + y + 2.0);
        let sample = case().sample(flow);
        let wall = Wall::from_sample(&sample).unwrap();
        let fields = FlowFields::from_sample(&sample).unwrap();
        let options = ProfileOptions::default();
        let profiles = boundary_layer_profiles(&sample, &wall, &[&fields], &options).unwrap();
        assert_eq!(profiles.len(), 8);
        for profile in &profiles {
            let n = profile.normal;
            let sign = if profile.side == Side::Upper {
                1.0
            } else {
                -1.0
            };
            assert!(n[1] * sign > 0.5, "{profile:?}");
            let t = [sign * n[1], -sign * n[0]];
            assert!(t[0] > 0.5);
            assert_eq!(profile.distance.len(), 64);
            assert!((profile.distance[63] - 0.1 * wall.contour.chord().length()).abs() < 1e-15);
            for (k, d) in profile.distance.iter().enumerate() {
                let at = [0, 1].map(|a| profile.foot[a] + d * n[a]);
                let (u, p, nut) = flow(at);
                let found = &profile.fields[0];
                let dot = |a: [f64; 2], b: [f64; 2]| a[0] * b[0] + a[1] * b[1];
                for (found, exact) in [
                    (found.tangential[k], dot(u, t) / 10.0),
                    (found.normal[k], dot(u, n) / 10.0),
                    (found.cp[k], p / 50.0),
                    (found.nut[k], nut / 0.5),
                ] {
                    assert!(
                        (found - exact).abs() < 1e-8,
                        "{} {d} {found} {exact}",
                        profile.station
                    );
                }
            }
        }
    }

    #[test]
    fn errors_are_relative_to_the_truth() {
        let distance = [0.0, 1.0, 3.0];
        let truth = [0.0, 2.0, 2.0];
        assert_eq!(relative_error(&distance, &truth, &truth), Some(0.0));
        let half: Vec<f64> = truth.iter().map(|t| 0.5 * t).collect();
        assert_eq!(relative_error(&distance, &truth, &half), Some(0.5));
        assert_eq!(relative_error(&distance, &[0.0; 3], &half), None);
    }

    #[test]
    fn options_and_lines_are_checked() {
        let sample = case().sample(|_| ([0.0; 2], 0.0, 0.0));
        let wall = Wall::from_sample(&sample).unwrap();
        let fields = FlowFields::from_sample(&sample).unwrap();
        let message = |options: ProfileOptions| {
            boundary_layer_profiles(&sample, &wall, &[&fields], &options)
                .unwrap_err()
                .to_string()
        };
        let default = ProfileOptions::default;
        assert!(
            message(ProfileOptions {
                stations: vec![1.2],
                ..default()
            })
            .contains("station 1.2")
        );
        assert!(
            message(ProfileOptions {
                length: -1.0,
                ..default()
            })
            .contains("length -1")
        );
        assert!(
            message(ProfileOptions {
                samples: 1,
                ..default()
            })
            .contains("1 samples")
        );
        let long = message(ProfileOptions {
            length: 3.0,
            ..default()
        });
        assert!(
            long.contains("outside the mesh") && long.contains("x/c 0.2"),
            "{long}"
        );
    }
}
