//! The similarity of flows about airfoils of one shape.
//!
//! Steady incompressible flow about a shape depends on the angle of attack and the Reynolds number
//! `U c / nu` alone, when lengths are measured in chords `c`, velocities in `U`, kinematic pressures
//! and stresses in `U²`, and viscosities in `U c`. So a model that knows airfoils of 1 m chord in
//! air also knows those of any chord in any fluid, at any place and turned by any angle: it is asked
//! for the speed `U' = U c nu'/nu` at which its own airfoils have the same Reynolds number. This is
//! exact for the equations; the turbulence of the inflow must scale as it does in the training set
//! (AirfRANS: `k = 1e-3 U²/Re`, `omega = 5 U/L`, which does).

use karman_meshes::Contour;
use serde::Serialize;

use crate::DatasetError;
use crate::airfrans::{AIRFRANS_TEMPERATURE, Conditions, air_kinematic_viscosity};

/// An airfoil that is this near to the place and size of those of training, m, is left alone.
const IN_PLACE: f64 = 0.01;
/// Up to this angle to the x axis, degrees, the chord line of an airfoil counts as unpitched: cambered
/// noses bulge off the chord line that their digits are laid off from, by up to 0.9 degrees in
/// AirfRANS's family.
const UNPITCHED: f64 = 2.0;
/// Chords in metres that a person may well mean.
const PLAUSIBLE_CHORD: std::ops::RangeInclusive<f64> = 0.01..=20.0;

/// How an airfoil lies, and how fast it flies, against the same airfoil in the frame of training
/// (leading edge at the origin, trailing edge at (1 m, 0), air).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Similarity {
    /// What becomes the origin, m: the leading edge (its height is that of the trailing edge where
    /// the airfoil is not turned).
    pub origin: [f64; 2],
    /// The chord, m.
    pub chord: f64,
    /// Angle of the chord line to the x axis by which it is turned, degrees; negative when pitched
    /// nose up.
    pub chord_angle: f64,
    /// Speed over the speed in training at the same Reynolds number.
    pub speed_ratio: f64,
}

impl Similarity {
    /// The similarity of an airfoil in a flow. One that is in the frame of training to within 1 % of
    /// a chord stays as it is, and one whose chord line is within 2 degrees of the x axis is not
    /// turned.
    ///
    /// # Errors
    /// Conditions that are not usable: a speed or viscosity that is not positive, an angle that is
    /// not finite.
    pub fn new(contour: &Contour, conditions: &Conditions) -> Result<Self, DatasetError> {
        Conditions::new(conditions.speed, conditions.aoa)?;
        if !(conditions.nu.is_finite() && conditions.nu > 0.0) {
            return Err(DatasetError::Argument {
                what: "inlet conditions",
                problem: format!("viscosity {} m2/s is not a positive number", conditions.nu),
            });
        }
        let (origin, chord, chord_angle) = frame(contour);
        Ok(Self {
            origin,
            chord,
            chord_angle,
            speed_ratio: conditions.nu / (chord * training_viscosity()),
        })
    }

    /// Whether the airfoil lies as in training.
    pub fn in_place(&self) -> bool {
        self.origin == [0.0; 2] && self.chord == 1.0 && self.chord_angle == 0.0
    }

    /// A place, m, in the frame of training.
    pub fn point_to_training(&self, p: [f64; 2]) -> [f64; 2] {
        if self.in_place() {
            return p;
        }
        let from = [0, 1].map(|a| (p[a] - self.origin[a]) / self.chord);
        turn(from, -self.chord_angle)
    }

    /// The conditions that the model is asked for.
    pub fn conditions_in_training(&self, conditions: &Conditions) -> Conditions {
        Conditions {
            speed: conditions.speed / self.speed_ratio,
            aoa: conditions.aoa - self.chord_angle,
            nu: training_viscosity(),
        }
    }

    /// A velocity, m/s, from the frame of training.
    pub fn velocity(&self, u: [f64; 2]) -> [f64; 2] {
        turn(u, self.chord_angle).map(|c| c * self.speed_ratio)
    }

    /// A kinematic stress vector, m²/s², from the frame of training.
    pub fn stress(&self, tau: [f64; 2]) -> [f64; 2] {
        turn(tau, self.chord_angle).map(|c| c * self.speed_ratio.powi(2))
    }

    /// A direction from the frame of training.
    pub fn direction(&self, n: [f64; 2]) -> [f64; 2] {
        turn(n, self.chord_angle)
    }

    /// A kinematic pressure, m²/s², from the frame of training.
    pub fn pressure(&self, p: f64) -> f64 {
        p * self.speed_ratio.powi(2)
    }

    /// A kinematic viscosity, m²/s, from the frame of training.
    pub fn viscosity(&self, nu: f64) -> f64 {
        nu * self.speed_ratio * self.chord
    }

    /// A length, m, from the frame of training.
    pub fn length(&self, d: f64) -> f64 {
        d * self.chord
    }

    /// What a person should know of it.
    pub(super) fn notes(&self, conditions: &Conditions) -> Vec<String> {
        let mut notes = Vec::new();
        let asked = self.conditions_in_training(conditions);
        if !self.in_place() {
            let [x, y] = self.origin;
            notes.push(format!(
                "the airfoil has its leading edge at ({x:.4}, {y:.4}), a chord of {:.4} m and its \
                 chord line at {:.2} degrees to the x axis; the model knows airfoils of 1 m from \
                 (0, 0) to (1, 0), so it was asked for {:.3} m/s at {:.3} degrees (the same \
                 Reynolds number and angle of attack), and its answer was scaled and turned back",
                self.chord, self.chord_angle, asked.speed, asked.aoa
            ));
        } else if self.speed_ratio != 1.0 {
            notes.push(format!(
                "the model knows a viscosity of {:.4e} m2/s, so it was asked for {:.3} m/s (the \
                 same Reynolds number), and its answer was scaled back",
                asked.nu, asked.speed
            ));
        }
        if !PLAUSIBLE_CHORD.contains(&self.chord) {
            notes.push(format!(
                "a chord of {:.4} m: are the mesh's coordinates in metres?",
                self.chord
            ));
        }
        notes
    }
}

/// Origin, chord (m) and angle (degrees) of an airfoil's frame.
fn frame(contour: &Contour) -> ([f64; 2], f64, f64) {
    let (leading, trailing) = (contour.chord().leading_edge, contour.chord().trailing_edge);
    let [dx, dy] = contour.chord().direction();
    let angle = dy.atan2(dx).to_degrees();
    if angle.abs() > UNPITCHED {
        return (leading, contour.chord().length(), angle);
    }
    let (origin, chord) = ([leading[0], trailing[1]], trailing[0] - leading[0]);
    if origin[0].hypot(origin[1]) <= IN_PLACE && (chord - 1.0).abs() <= IN_PLACE {
        return ([0.0; 2], 1.0, 0.0);
    }
    (origin, chord, 0.0)
}

/// Kinematic viscosity that AirfRANS-style data sets were computed with, m²/s.
fn training_viscosity() -> f64 {
    air_kinematic_viscosity(AIRFRANS_TEMPERATURE)
}

/// A vector turned anticlockwise by an angle in degrees.
fn turn([x, y]: [f64; 2], degrees: f64) -> [f64; 2] {
    if degrees == 0.0 {
        return [x, y];
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    [cos * x - sin * y, sin * x + cos * y]
}
