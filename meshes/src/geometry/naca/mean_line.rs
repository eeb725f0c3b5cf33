//! Mean lines of the NACA 4- and 5-digit sections, and the constants of the latter.
//!
//! With m the end of the front part, f the position of the largest camber, and thin-airfoil theory
//! for the lift coefficient c at the ideal angle of attack (slope dy/dx = sum of A_n cos n theta,
//! x = (1 - cos theta)/2: c = pi A_1, moment about the quarter chord pi (A_2 - A_1)/4):
//! without reflex f = m (1 - sqrt(m/3)); with reflex the rear part is a cubic too, whose
//! factor makes the camber largest at f, and m makes A_1 = A_2.

use super::Reflex;

/// Simpson panels for each of the two parts of a mean line.
const PANELS: usize = 200;
/// Bisection steps.
const STEPS: usize = 60;

/// Height and slope of the 4-digit mean line with camber `m` at `p`, all in chords.
pub(super) fn four_digit(m: f64, p: f64, x: f64) -> (f64, f64) {
    if p <= 0.0 || p >= 1.0 {
        // The limits of the slope, without the height: AirfRANS's generator (see the module's head).
        return (
            0.0,
            if p <= 0.0 {
                -2.0 * m * x
            } else {
                2.0 * m * (1.0 - x)
            },
        );
    }
    let (scale, height) = if x < p {
        (m / (p * p), x * (2.0 * p - x))
    } else {
        (m / ((1.0 - p) * (1.0 - p)), (1.0 - x) * (1.0 + x - 2.0 * p))
    };
    (scale * height, 2.0 * scale * (p - x))
}

/// A 5-digit mean line: in front of `end` a cubic, behind it a line or another cubic.
#[derive(Debug, Clone, Copy)]
pub(super) struct FiveDigitLine {
    /// m: where the front part ends.
    pub(super) end: f64,
    /// k1/6 of the reports.
    pub(super) scale: f64,
    /// k2/k1: 0 without reflex.
    pub(super) ratio: f64,
}

impl FiveDigitLine {
    /// For the design lift coefficient `lift` and the largest camber at `position`.
    pub(super) fn new(lift: f64, position: f64, reflex: Reflex) -> Self {
        let plain = bisect(0.0, 1.0, |m| m * (1.0 - (m / 3.0).sqrt()) - position);
        let reflexed = |end: f64| Self {
            end,
            scale: 1.0,
            ratio: rear_ratio(end, position),
        };
        let unscaled = match reflex {
            Reflex::None => Self {
                end: plain,
                scale: 1.0,
                ratio: 0.0,
            },
            Reflex::Airfrans => reflexed(plain),
            Reflex::ZeroMoment => reflexed(bisect(position, 1.0, |end| {
                let line = reflexed(end);
                line.harmonic(2.0) - line.harmonic(1.0)
            })),
        };
        // AirfRANS scales by the lift that the line would have without reflex.
        let lifting = match reflex {
            Reflex::Airfrans => Self {
                ratio: 0.0,
                ..unscaled
            },
            _ => unscaled,
        };
        let scale = lift / (std::f64::consts::PI * lifting.harmonic(1.0));
        Self { scale, ..unscaled }
    }

    /// Height and slope at `x`, in chords.
    pub(super) fn at(&self, x: f64) -> (f64, f64) {
        let Self {
            end: m,
            scale,
            ratio,
        } = *self;
        let (rear, nose, from) = (ratio * (1.0 - m).powi(3), m.powi(3), x - m);
        let factor = if x < m { 1.0 } else { ratio };
        (
            scale * (factor * from.powi(3) - (rear + nose) * x + nose),
            scale * (3.0 * factor * from * from - rear - nose),
        )
    }

    /// The harmonic A_n of the slope, by Simpson's rule on each part.
    fn harmonic(&self, n: f64) -> f64 {
        let kink = (1.0 - 2.0 * self.end).acos();
        let part = |from: f64, to: f64, front: bool| {
            let h = (to - from) / PANELS as f64;
            let value = |k: usize| {
                let theta = from + h * k as f64;
                let x = 0.5 * (1.0 - theta.cos());
                // At the kink each part takes its own side.
                let x = if front {
                    x.min(self.end.next_down())
                } else {
                    x.max(self.end)
                };
                self.at(x).1 * (n * theta).cos()
            };
            let weight = |k: usize| {
                if k == 0 || k == PANELS {
                    1.0
                } else {
                    2.0 + 2.0 * (k % 2) as f64
                }
            };
            (0..=PANELS).map(|k| weight(k) * value(k)).sum::<f64>() * h / 3.0
        };
        let whole = part(0.0, kink, true) + part(kink, std::f64::consts::PI, false);
        2.0 / std::f64::consts::PI * whole
    }
}

/// k2/k1 for which the camber of a reflexed line is largest at `position`.
fn rear_ratio(m: f64, position: f64) -> f64 {
    (3.0 * (m - position).powi(2) - m.powi(3)) / (1.0 - m).powi(3)
}

/// A zero of a function that is negative at `low` and positive at `high`.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_constants_of_report_537() {
        // L = 2 (lift 0.3): position, m, k1 as tabulated.
        for (position, end, k1) in [
            (0.05, 0.0580, 361.4),
            (0.10, 0.1260, 51.64),
            (0.15, 0.2025, 15.957),
            (0.20, 0.2900, 6.643),
            (0.25, 0.3910, 3.230),
        ] {
            let line = FiveDigitLine::new(0.3, position, Reflex::None);
            // The tables are rounded: k1 varies like m^-3, so 0.058 alone stands for 2.6 %.
            assert!((line.end - end).abs() < 6e-4, "{position}: {}", line.end);
            assert!(
                (6.0 * line.scale / k1 - 1.0).abs() < 0.035,
                "{position}: {}",
                6.0 * line.scale
            );
        }
    }

    #[test]
    fn lift_in_closed_form() {
        // Report 537's own expression for the lift of the plain line.
        for m in [0.06_f64, 0.2025, 0.39, 0.7] {
            let line = FiveDigitLine {
                end: m,
                scale: 1.0,
                ratio: 0.0,
            };
            let s = 1.0 - 2.0 * m;
            let exact = (3.0 * m - 7.0 * m * m + 8.0 * m.powi(3) - 4.0 * m.powi(4))
                / (m * (1.0 - m)).sqrt()
                - 1.5 * s * (std::f64::consts::FRAC_PI_2 - s.asin());
            let lift = std::f64::consts::PI * line.harmonic(1.0);
            assert!((lift - exact).abs() < 1e-9, "{m}: {lift} {exact}");
        }
    }

    #[test]
    #[allow(
        clippy::approx_constant,
        reason = "0.318 is a tabulated length, not 1/pi"
    )]
    fn reflexed_constants_of_report_537() {
        for (position, end, k1, ratio) in [
            (0.10, 0.1300, 51.99, 0.000764),
            (0.15, 0.2170, 15.793, 0.00677),
            (0.20, 0.318, 6.520, 0.0303),
            (0.25, 0.4410, 3.191, 0.1355),
        ] {
            let line = FiveDigitLine::new(0.3, position, Reflex::ZeroMoment);
            assert!(
                (line.end - end).abs() < 1.5e-3,
                "{position}: m {}",
                line.end
            );
            // The ratio is a small difference: it follows from the tabulated m, not from a near one.
            assert!((rear_ratio(end, position) / ratio - 1.0).abs() < 0.01);
            assert!((line.ratio - rear_ratio(line.end, position)).abs() < 1e-15);
            assert!(
                (6.0 * line.scale / k1 - 1.0).abs() < 0.02,
                "{position}: k1 {}",
                6.0 * line.scale
            );
        }
    }

    #[test]
    fn lines_are_smooth_and_end_on_the_chord() {
        for reflex in [Reflex::None, Reflex::Airfrans, Reflex::ZeroMoment] {
            let line = FiveDigitLine::new(0.3, 0.15, reflex);
            let (below, above) = (line.at(line.end - 1e-9), line.at(line.end + 1e-9));
            assert!((below.0 - above.0).abs() < 1e-8 && (below.1 - above.1).abs() < 1e-7);
            assert!(line.at(0.0).0.abs() < 1e-16 && line.at(1.0).0.abs() < 1e-16);
            assert!(
                line.at(0.15).1.abs() < 1e-12,
                "{reflex:?}: camber is largest at 0.15"
            );
        }
    }
}
