//! Pressure on the wall of one airfoil: Cp curves, and where pressure drag errs.
//!
//! C_p = p / (U^2/2), with p kinematic and zero in the free stream. Pressure
//! drag is the sum over contour segments of p n_in L, turned into the wind axes
//! and divided by U^2/2 (chord 1 m), as in AirfRANS's scorer.

use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::nullable;

/// The wall of one case as a closed loop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WallCurve {
    /// Loop points in chords: from the trailing edge along the upper side to the
    /// leading edge and back along the lower side; the last is not the first again.
    pub points: Vec<[f64; 2]>,
    /// True kinematic pressure at the points, m2/s2.
    #[serde(deserialize_with = "nullable::list")]
    pub p_truth: Vec<f64>,
    /// Predicted kinematic pressure at the points, m2/s2.
    #[serde(deserialize_with = "nullable::list")]
    pub p_prediction: Vec<f64>,
    /// Free-stream speed, m/s.
    #[serde(deserialize_with = "nullable::scalar")]
    pub speed: f64,
    /// Angle of attack, degrees.
    #[serde(deserialize_with = "nullable::scalar")]
    pub aoa: f64,
}

/// Side of the airfoil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Suction side at positive lift.
    Upper,
    /// Pressure side at positive lift.
    Lower,
}

/// One contour segment's part in the error of the pressure drag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DragPart {
    /// Side that the segment lies on.
    pub side: Side,
    /// Middle of the segment, fraction of the chord from the leading edge.
    pub chord: f64,
    /// Error of C_D from this segment's pressure (prediction minus truth).
    pub error: f64,
}

impl WallCurve {
    /// Checks that there is one pressure for each point.
    ///
    /// # Errors
    /// [`ReportError::Shape`] naming `case` and the list that does not fit.
    pub fn validate(&self, case: &str) -> Result<(), ReportError> {
        let n = self.points.len();
        for (list, values) in [
            ("p_truth", &self.p_truth),
            ("p_prediction", &self.p_prediction),
        ] {
            if values.len() != n {
                return Err(ReportError::Shape {
                    case: case.to_owned(),
                    what: format!("wall {list} has {} values for {n} points", values.len()),
                    mend: "give one pressure for each wall point",
                });
            }
        }
        Ok(())
    }

    /// Dynamic pressure U^2/2, m2/s2.
    pub fn dynamic_pressure(&self) -> f64 {
        0.5 * self.speed * self.speed
    }

    /// Index of the leading edge: the point farthest from the trailing edge.
    pub fn leading_edge(&self) -> usize {
        let Some(te) = self.points.first() else {
            return 0;
        };
        let far = |p: &[f64; 2]| (p[0] - te[0]).powi(2) + (p[1] - te[1]).powi(2);
        let by_distance =
            |a: &usize, b: &usize| far(&self.points[*a]).total_cmp(&far(&self.points[*b]));
        (0..self.points.len()).max_by(by_distance).unwrap_or(0)
    }

    /// Position of every point along the chord: 0 at the leading edge, 1 at the trailing edge.
    pub fn chord_fractions(&self) -> Vec<f64> {
        let Some(te) = self.points.first() else {
            return Vec::new();
        };
        let le = self.points[self.leading_edge()];
        let axis = [te[0] - le[0], te[1] - le[1]];
        let length2 = (axis[0] * axis[0] + axis[1] * axis[1]).max(f64::MIN_POSITIVE);
        let along = |p: &[f64; 2]| ((p[0] - le[0]) * axis[0] + (p[1] - le[1]) * axis[1]) / length2;
        self.points.iter().map(along).collect()
    }

    /// Points (x/c, C_p) of one side, from the trailing to the leading edge on
    /// the upper side and the other way on the lower one.
    pub fn pressure_coefficient(&self, side: Side, pressure: &[f64]) -> Vec<(f64, f64)> {
        let q = self.dynamic_pressure();
        let chord = self.chord_fractions();
        self.side_indices(side)
            .into_iter()
            .filter_map(|i| Some((*chord.get(i)?, pressure.get(i)? / q)))
            .collect()
    }

    /// Indices of one side's points, both ends included; the lower side ends
    /// where the loop began, at the trailing edge.
    fn side_indices(&self, side: Side) -> Vec<usize> {
        let le = self.leading_edge();
        let n = self.points.len();
        match side {
            _ if n == 0 => Vec::new(),
            Side::Upper => (0..=le).collect(),
            Side::Lower => (le..n).chain([0]).collect(),
        }
    }

    /// Error of the pressure drag coefficient, segment by segment around the loop.
    pub fn drag_parts(&self) -> Vec<DragPart> {
        let n = self.points.len();
        let chord = self.chord_fractions();
        let le = self.leading_edge();
        let inward_sign = if signed_area(&self.points) > 0.0 {
            1.0
        } else {
            -1.0
        };
        let (sin, cos) = self.aoa.to_radians().sin_cos();
        let error = |i: usize| match (self.p_prediction.get(i), self.p_truth.get(i)) {
            (Some(prediction), Some(truth)) => prediction - truth,
            _ => f64::NAN,
        };
        let part = |i: usize| {
            let j = (i + 1) % n;
            let (a, b) = (self.points[i], self.points[j]);
            // Left normal of the segment times its length: inward on a counter-clockwise loop.
            let normal = [-(b[1] - a[1]) * inward_sign, (b[0] - a[0]) * inward_sign];
            let along_wind = normal[0] * cos + normal[1] * sin;
            DragPart {
                side: if i < le { Side::Upper } else { Side::Lower },
                chord: 0.5 * (chord[i] + chord[j]),
                error: 0.5 * (error(i) + error(j)) * along_wind / self.dynamic_pressure(),
            }
        };
        (0..n).map(part).collect()
    }
}

/// Area inside a closed loop, positive when it runs counter-clockwise.
fn signed_area(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .map(|(a, b)| 0.5 * (a[0] * b[1] - b[0] * a[1]))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A circle of diameter 1 with its trailing edge at (1, 0), as in a contour.
    pub fn circle(n: usize, pressure: impl Fn(f64, f64) -> f64) -> WallCurve {
        let angle = |i: usize| std::f64::consts::TAU * i as f64 / n as f64;
        let points: Vec<[f64; 2]> = (0..n)
            .map(|i| [0.5 + 0.5 * angle(i).cos(), 0.5 * angle(i).sin()])
            .collect();
        let p_prediction = points.iter().map(|p| pressure(p[0], p[1])).collect();
        WallCurve {
            p_truth: vec![0.0; n],
            p_prediction,
            points,
            speed: 2.0,
            aoa: 0.0,
        }
    }

    #[test]
    fn drag_of_a_linear_pressure_is_minus_area_by_gradient() {
        // F = closed integral of p n_in = - area * grad p, whatever the shape.
        let wall = circle(2000, |x, _| -3.0 * x);
        let drag: f64 = wall.drag_parts().iter().map(|d| d.error).sum();
        let exact = 3.0 * std::f64::consts::PI * 0.25 / wall.dynamic_pressure();
        assert!((drag - exact).abs() < 1e-5 * exact, "{drag} {exact}");
    }

    #[test]
    fn wind_axes_turn_with_the_angle_and_orientation_does_not_matter() {
        let mut wall = circle(2000, |_, y| -3.0 * y);
        wall.aoa = 30.0;
        let total = |w: &WallCurve| w.drag_parts().iter().map(|d| d.error).sum::<f64>();
        let exact = 3.0 * std::f64::consts::PI * 0.25 * 0.5 / wall.dynamic_pressure();
        assert!((total(&wall) - exact).abs() < 1e-5 * exact);
        wall.points.reverse();
        wall.p_prediction.reverse();
        assert!((total(&wall) - exact).abs() < 1e-5 * exact);
    }

    #[test]
    fn constant_pressure_gives_no_drag() {
        let drag: f64 = circle(300, |_, _| 7.0)
            .drag_parts()
            .iter()
            .map(|d| d.error)
            .sum();
        assert!(drag.abs() < 1e-12);
    }

    #[test]
    fn sides_meet_at_both_edges_and_cp_is_scaled() {
        let wall = circle(8, |x, _| 2.0 * x);
        let upper = wall.pressure_coefficient(Side::Upper, &wall.p_prediction);
        let lower = wall.pressure_coefficient(Side::Lower, &wall.p_prediction);
        assert_eq!((upper.len(), lower.len()), (5, 5));
        assert!((upper[0].0 - 1.0).abs() < 1e-12 && upper[4].0.abs() < 1e-12);
        assert_eq!(upper[4], lower[0]);
        assert_eq!(upper[0], lower[4]);
        assert!(
            (upper[0].1 - 1.0).abs() < 1e-12,
            "stagnation p = U^2/2 gives Cp = 1"
        );
    }

    #[test]
    fn an_empty_wall_is_no_trouble() {
        let wall = WallCurve::default();
        assert!(wall.drag_parts().is_empty());
        assert!(
            wall.pressure_coefficient(Side::Lower, &wall.p_truth)
                .is_empty()
        );
    }
}
