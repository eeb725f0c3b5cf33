//! What thin-airfoil theory says of a camber line.
//!
//! H. Glauert, "The Elements of Aerofoil and Airscrew Theory", Cambridge 1926, chapter VII: with
//! x = (1 - cos θ)/2 and the slope of the camber line expanded as
//! dz/dx = B_0 + Σ B_n cos nθ, the lift coefficient is 2π (α - B_0 + B_1/2) and the velocity at the
//! leading edge is finite only at the ideal angle α = B_0.
//!
//! The camber line is the cubic spline through the nine measured stations and the two ends, where
//! camber is zero, without a knot at the second and the last station but one (C. de Boor, "A
//! Practical Guide to Splines", Springer 1978, chapter IV): exact for cubics, as the front of the
//! NACA lines is.

use karman_meshes::AirfoilMeasures;

/// Stations of the measures along the chord, and both ends.
const STATIONS: [f64; 11] = [0.0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.5, 0.7, 0.8, 0.9, 1.0];
/// Places of the measures in their list.
const FIRST_CAMBER: usize = 2;
const THICKNESS_05: usize = 11;
/// Points of the (spectrally accurate) midpoint rule in θ.
const QUADRATURE: usize = 200;
/// Thickness at 5 % of the chord below which a section counts as a flat plate, chords.
const THINNEST: f64 = 5e-3;

/// Angles and shape numbers of a section by thin-airfoil theory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThinAirfoil {
    /// Angle of attack without lift, degrees.
    pub zero_lift: f64,
    /// Angle of attack at which the flow meets the leading edge without a suction peak, degrees.
    pub ideal: f64,
    /// First Fourier coefficient of the slope of the camber line.
    pub b1: f64,
    /// Thickness at 5 % of the chord, chords: about `0.63 sqrt(r)` with the leading edge's radius r.
    thickness_05: f64,
}

impl ThinAirfoil {
    /// From the 20 geometric measures, in the order of [`AirfoilMeasures::names`].
    #[must_use]
    pub fn new(measures: &[f64; AirfoilMeasures::COUNT]) -> Self {
        let mut camber = [0.0; STATIONS.len()];
        camber[1..10].copy_from_slice(&measures[FIRST_CAMBER..THICKNESS_05]);
        let moments = spline_second_derivatives(&camber);
        let (mut b0, mut b1) = (0.0, 0.0);
        for k in 0..QUADRATURE {
            let theta = (k as f64 + 0.5) * std::f64::consts::PI / QUADRATURE as f64;
            let slope = spline_slope(&camber, &moments, 0.5 * (1.0 - theta.cos()));
            b0 += slope / QUADRATURE as f64;
            b1 += 2.0 * slope * theta.cos() / QUADRATURE as f64;
        }
        Self {
            zero_lift: (b0 - 0.5 * b1).to_degrees(),
            ideal: b0.to_degrees(),
            b1,
            thickness_05: measures[THICKNESS_05],
        }
    }

    /// Lift coefficient at an angle of attack in degrees: `2π sin(α - α_0)`.
    #[must_use]
    pub fn lift(&self, aoa: f64) -> f64 {
        std::f64::consts::TAU * (aoa - self.zero_lift).to_radians().sin()
    }

    /// Strength of the suction peak at the leading edge, `(α - α_ideal)/t(0.05)`, degrees a chord:
    /// the velocity around the nose grows as the angle from the ideal one over the square root of
    /// the leading edge's radius (M. J. Lighthill, "A new approach to thin aerofoil theory",
    /// Aeronautical Quarterly 3 (1951)). Its sign tells the side of the peak.
    #[must_use]
    pub fn suction_peak(&self, aoa: f64) -> f64 {
        (aoa - self.ideal) / self.thickness_05.max(THINNEST)
    }
}

/// Second derivatives at the stations of the spline whose third derivative does not jump at the
/// second station and the last but one, by Thomas's algorithm.
fn spline_second_derivatives(values: &[f64; STATIONS.len()]) -> [f64; STATIONS.len()] {
    const LAST: usize = STATIONS.len() - 1;
    let width = |i: usize| STATIONS[i + 1] - STATIONS[i];
    let (mut above, mut right) = ([0.0; LAST + 1], [0.0; LAST + 1]);
    for i in 1..LAST {
        let (before, after) = (width(i - 1), width(i));
        let bend = (values[i + 1] - values[i]) / after - (values[i] - values[i - 1]) / before;
        let (mut low, mut middle, mut high) = (before, 2.0 * (before + after), after);
        // The second derivative at an end continues the line through those of its neighbours.
        if i == 1 {
            middle += before + before * before / after;
            high -= before * before / after;
            low = 0.0;
        }
        if i == LAST - 1 {
            middle += after + after * after / before;
            low -= after * after / before;
            high = 0.0;
        }
        let pivot = middle - low * above[i - 1];
        above[i] = high / pivot;
        right[i] = (6.0 * bend - low * right[i - 1]) / pivot;
    }
    let mut second = [0.0; LAST + 1];
    for i in (1..LAST).rev() {
        second[i] = right[i] - above[i] * second[i + 1];
    }
    second[0] = second[1] + (second[1] - second[2]) * width(0) / width(1);
    let slope = (second[LAST - 1] - second[LAST - 2]) / width(LAST - 2);
    second[LAST] = second[LAST - 1] + slope * width(LAST - 1);
    second
}

fn spline_slope(values: &[f64], second: &[f64], x: f64) -> f64 {
    let k = STATIONS[1..STATIONS.len() - 1].partition_point(|&s| s <= x);
    let h = STATIONS[k + 1] - STATIONS[k];
    let (a, b) = (STATIONS[k + 1] - x, x - STATIONS[k]);
    (second[k + 1] * b * b - second[k] * a * a) / (2.0 * h) + (values[k + 1] - values[k]) / h
        - h * (second[k + 1] - second[k]) / 6.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use karman_meshes::{NacaTrailingEdge, Reflex, naca4, naca5};

    fn of_line(camber: impl Fn(f64) -> f64) -> ThinAirfoil {
        let mut measures = [0.1; 20];
        for k in 1..10 {
            measures[FIRST_CAMBER + k - 1] = camber(STATIONS[k]);
        }
        ThinAirfoil::new(&measures)
    }

    #[test]
    fn parabolic_camber_is_exact() {
        // z = 4 f x (1 - x): zero-lift angle -2 f, ideal angle 0, B_1 = 4 f.
        let thin = of_line(|x| 4.0 * 0.03 * x * (1.0 - x));
        let zero_lift = -0.06_f64.to_degrees();
        assert!((thin.zero_lift - zero_lift).abs() < 1e-12, "{thin:?}");
        assert!(
            thin.ideal.abs() < 1e-12 && (thin.b1 - 0.12).abs() < 1e-12,
            "{thin:?}"
        );
    }

    /// z = x (1 - x) (1 - 2 x): dz/dx = 1 - 6 x + 6 x² with x = (1 - cos θ)/2, so B_0 = 1/4 and
    /// B_1 = 0.
    #[test]
    fn cubic_camber_is_exact() {
        let thin = of_line(|x| x * (1.0 - x) * (1.0 - 2.0 * x));
        assert!(
            (thin.ideal - 0.25_f64.to_degrees()).abs() < 1e-11,
            "{thin:?}"
        );
        assert!((thin.zero_lift - thin.ideal).abs() < 1e-11, "{thin:?}");
    }

    #[test]
    fn no_camber_no_angle() {
        let thin = of_line(|_| 0.0);
        assert_eq!((thin.zero_lift, thin.ideal), (0.0, 0.0));
        assert!(
            (thin.lift(5.0) - std::f64::consts::TAU * 5.0_f64.to_radians().sin()).abs() < 1e-14
        );
        assert_eq!(thin.suction_peak(2.0), 20.0);
    }

    /// I. H. Abbott, A. E. von Doenhoff, "Theory of Wing Sections": the zero-lift angle of the NACA
    /// 2412 is -2.08 degrees by thin-airfoil theory, that of the 230 mean line -1.09 and its ideal
    /// angle 1.65. The measures are halfway between the sides at a station, while thickness is laid
    /// off across the mean line: at a steep front the two differ.
    #[test]
    fn published_zero_lift_angles() {
        let of = |contour| ThinAirfoil::new(AirfoilMeasures::new(&contour).values());
        let thin = of(naca4(2.0, 4.0, 12.0, 200, NacaTrailingEdge::Closed).unwrap());
        assert!((thin.zero_lift + 2.08).abs() < 0.05, "{thin:?}");
        let thin = of(naca5(2.0, 3.0, Reflex::None, 12.0, 200, NacaTrailingEdge::Closed).unwrap());
        assert!((thin.zero_lift + 1.09).abs() < 0.06, "{thin:?}");
        assert!((thin.ideal - 1.65).abs() < 0.35, "{thin:?}");
    }
}
