//! The 20 geometric measures by which an airfoil can be described to a surrogate.
//!
//! The choice is that of Catalani, Bertrand, Fesquet, Michel et al., "Towards scalable surrogate
//! models based on Neural Fields for large scale aerodynamic simulations", 2025, arXiv:2505.14704:
//! largest camber, largest thickness, and both at nine stations of the chord.
//!
//! Departures:
//! 1. The sides are split at the leading edge, not by the sign of the normals (which takes the rear
//!    of a cambered lower side for the upper one).
//! 2. In chords from the edges of the contour: independent of position and size. Not of its angle:
//!    camber lies along the axes to which the angle of attack refers (see `Contour::thickness`).
//! 3. The maxima are those of the interpolated curves, not of their nodes.

use super::contour::Contour;

/// Stations along the chord, x/c.
const STATIONS: [f64; 9] = [0.05, 0.1, 0.15, 0.25, 0.4, 0.5, 0.7, 0.8, 0.9];
/// Intervals in which a maximum is looked for first.
const COARSE: usize = 64;
/// Golden-section steps from there.
const STEPS: usize = 40;

/// The names, in the order of [`AirfoilMeasures::values`].
const NAMES: [&str; AirfoilMeasures::COUNT] = [
    "max_camber",
    "max_thickness",
    "camber_05",
    "camber_10",
    "camber_15",
    "camber_25",
    "camber_40",
    "camber_50",
    "camber_70",
    "camber_80",
    "camber_90",
    "thickness_05",
    "thickness_10",
    "thickness_15",
    "thickness_25",
    "thickness_40",
    "thickness_50",
    "thickness_70",
    "thickness_80",
    "thickness_90",
];

/// Camber and thickness of an airfoil: their largest values and those at nine stations.
///
/// All in chords, along the axes of the coordinates as for [`Contour::thickness`]. Camber has a sign:
/// `max_camber` is the value of largest magnitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirfoilMeasures {
    values: [f64; Self::COUNT],
}

impl AirfoilMeasures {
    /// The number of measures.
    pub const COUNT: usize = 2 + 2 * STATIONS.len();

    /// Measures a contour.
    #[must_use]
    pub fn new(contour: &Contour) -> Self {
        let sides = contour.sides();
        let mut values = [0.0; Self::COUNT];
        let (highest, lowest) = (largest(|x| sides.camber(x)), -largest(|x| -sides.camber(x)));
        values[0] = if highest >= -lowest { highest } else { lowest };
        values[1] = largest(|x| sides.thickness(x));
        for (k, x) in STATIONS.into_iter().enumerate() {
            values[2 + k] = sides.camber(x);
            values[2 + STATIONS.len() + k] = sides.thickness(x);
        }
        Self { values }
    }

    /// The names of the measures, such as `max_camber` and `thickness_05` (at x/c = 0.05).
    #[must_use]
    pub fn names() -> &'static [&'static str; Self::COUNT] {
        &NAMES
    }

    /// The values, in the order of [`names`](Self::names), in chords.
    #[must_use]
    pub fn values(&self) -> &[f64; Self::COUNT] {
        &self.values
    }

    /// The value of the measure with this name, in chords.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let index = NAMES.iter().position(|&known| known == name)?;
        Some(self.values[index])
    }
}

/// The largest value of a function on [0, 1]: the best of a cosine-spaced sample, then golden
/// sections between its neighbours.
fn largest(f: impl Fn(f64) -> f64) -> f64 {
    let at = |k: usize| 0.5 * (1.0 - (std::f64::consts::PI * k as f64 / COARSE as f64).cos());
    let (best, top) = (0..=COARSE).fold((0, f64::NEG_INFINITY), |best, k| {
        let value = f(at(k));
        if value > best.1 { (k, value) } else { best }
    });
    let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(COARSE)));
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut c, mut d) = (high - golden * (high - low), low + golden * (high - low));
    let (mut fc, mut fd) = (f(c), f(d));
    for _ in 0..STEPS {
        if fc > fd {
            (high, d, fd) = (d, c, fc);
            c = high - golden * (high - low);
            fc = f(c);
        } else {
            (low, c, fc) = (c, d, fd);
            d = low + golden * (high - low);
            fd = f(d);
        }
    }
    top.max(fc).max(fd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Naca, NacaTrailingEdge, Reflex};

    fn measures(naca: Naca, per_side: usize) -> AirfoilMeasures {
        AirfoilMeasures::new(&naca.contour(per_side, NacaTrailingEdge::Closed).unwrap())
    }

    fn four(max_camber: f64, position: f64, thickness: f64) -> Naca {
        Naca::FourDigit {
            max_camber,
            position,
            thickness,
        }
    }

    #[test]
    fn symmetric_section_equals_the_formula() {
        let naca = four(0.0, 0.0, 12.0);
        let found = measures(naca, 80);
        for (k, x) in STATIONS.into_iter().enumerate() {
            let exact = 2.0 * naca.half_thickness(x, NacaTrailingEdge::Closed);
            assert!((found.values()[11 + k] - exact).abs() < 5e-6, "{x}");
            assert!(found.values()[2 + k].abs() < 1e-12);
        }
        // The thickness is stationary near x = 0.3: 12 % to four digits.
        let fine = (0..=1000).map(|i| {
            2.0 * naca.half_thickness(0.25 + 1e-4 * f64::from(i), NacaTrailingEdge::Closed)
        });
        assert!((found.get("max_thickness").unwrap() - fine.fold(0.0, f64::max)).abs() < 1e-6);
        assert!(found.get("max_camber").unwrap().abs() < 1e-12);
        assert!(found.get("max_beauty").is_none());
    }

    #[test]
    fn camber_is_that_of_the_mean_line() {
        // Thickness laid off at right angles to the mean line moves points by t^2 terms, and the
        // chord starts at the foremost point instead of the mean line's: hence the tolerance.
        for naca in [
            four(2.0, 4.0, 10.0),
            four(5.0, 5.0, 8.0),
            Naca::FiveDigit {
                lift: 2.0,
                position: 3.0,
                reflex: Reflex::None,
                thickness: 12.0,
            },
            Naca::FiveDigit {
                lift: 2.0,
                position: 3.0,
                reflex: Reflex::ZeroMoment,
                thickness: 12.0,
            },
        ] {
            let found = measures(naca, 100);
            for (k, x) in STATIONS.into_iter().enumerate() {
                let exact = naca.mean_line(x).0;
                assert!(
                    (found.values()[2 + k] - exact).abs() < 2e-3,
                    "{naca:?} {x} {exact} {}",
                    found.values()[2 + k]
                );
                assert!(found.values()[0] + 1e-12 >= found.values()[2 + k]);
                assert!(found.values()[1] >= found.values()[11 + k]);
            }
        }
    }

    #[test]
    fn camber_keeps_its_sign_when_mirrored() {
        let contour = four(3.0, 4.0, 12.0)
            .contour(60, NacaTrailingEdge::Finite)
            .unwrap();
        let mirrored: Vec<_> = contour.points().iter().map(|&[x, y]| [x, -y]).collect();
        let mirrored = AirfoilMeasures::new(&Contour::from_points(&mirrored).unwrap());
        let plain = AirfoilMeasures::new(&contour);
        for name in AirfoilMeasures::names() {
            let (there, here) = (mirrored.get(name).unwrap(), plain.get(name).unwrap());
            let sign = if name.contains("camber") { -1.0 } else { 1.0 };
            assert!((there - sign * here).abs() < 1e-9, "{name}");
        }
    }

    #[test]
    fn measures_do_not_depend_on_the_points() {
        let naca = four(4.0, 3.5, 15.0);
        let (coarse, fine) = (measures(naca, 40), measures(naca, 400));
        for (name, (a, b)) in NAMES.iter().zip(coarse.values().iter().zip(fine.values())) {
            assert!((a - b).abs() < 1e-4, "{name}: {a} {b}");
        }
    }

    #[test]
    fn largest_finds_ends_and_insides() {
        assert!((largest(|x| 1.0 - (x - 0.313).powi(2)) - 1.0).abs() < 1e-12);
        assert_eq!(largest(|x| x), 1.0);
        assert_eq!(largest(|x| -x), 0.0);
    }
}
