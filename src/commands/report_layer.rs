//! The flow next to the wall, as the report draws it: at the stations of the scorer.

use karman_datasets::{
    Comparison, Profile, ProfileOptions, Side, WallState, boundary_layer_profiles,
};

use crate::report::{LayerCurve, LayerProfile, WallLayer};

/// Profiles and friction of one case. A mesh too small for the profiles' lines has none.
pub(super) fn wall_layer(comparison: &Comparison<'_>) -> WallLayer {
    let wall = &comparison.wall;
    let fields = [&comparison.truth, &comparison.prediction];
    let options = ProfileOptions::default();
    let profiles = boundary_layer_profiles(comparison.sample, wall, &fields, &options);
    let profiles = profiles.unwrap_or_default();
    let chord = wall.contour.chord().length();
    let at = |station: &f64| LayerProfile {
        station: *station,
        sides: [Side::Upper, Side::Lower].map(|side| {
            let here = |p: &&Profile| p.station == *station && p.side == side;
            profiles
                .iter()
                .find(here)
                .map_or_else(LayerCurve::default, |p| profile(p, chord))
        }),
    };
    WallLayer {
        profiles: if profiles.is_empty() {
            Vec::new()
        } else {
            options.stations.iter().map(at).collect()
        },
        friction: [Side::Upper, Side::Lower].map(|side| friction(comparison, side)),
    }
}

/// Velocity along the wall over the distance in chords.
fn profile(profile: &Profile, chord: f64) -> LayerCurve {
    let tangential = |k: usize| profile.fields[k].tangential.clone();
    LayerCurve {
        at: profile.distance.iter().map(|d| d / chord).collect(),
        truth: tangential(0),
        prediction: tangential(1),
    }
}

/// C_f of one side from the leading edge on, positive downstream; without the trailing edge, where the
/// sides meet and no direction is downstream.
fn friction(comparison: &Comparison<'_>, side: Side) -> LayerCurve {
    let wall = &comparison.wall;
    let points = match side {
        Side::Upper => wall.contour.upper_indices(),
        _ => wall.contour.lower_indices(),
    };
    let points = &points[..points.len().saturating_sub(1)];
    let chord = wall.contour.chord();
    let coefficient = |state: &WallState| {
        let along = points.iter().map(|&k| {
            let ([tx, ty], [x, y]) = (wall.tangent(side, k), state.shear[k]);
            (tx * x + ty * y) / wall.dynamic_pressure()
        });
        along.collect()
    };
    LayerCurve {
        at: points
            .iter()
            .map(|&k| chord.to_local(wall.contour.points()[k])[0])
            .collect(),
        truth: coefficient(&comparison.truth_state),
        prediction: coefficient(&comparison.prediction_state),
    }
}
