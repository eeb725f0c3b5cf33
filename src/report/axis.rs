//! Axes: ranges, ticks that a person would choose, and their labels.

/// One axis of a chart. `low` is at the left or bottom; `low > high` runs the axis backwards.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Value at the left or bottom end.
    pub low: f64,
    /// Value at the right or top end.
    pub high: f64,
    /// Logarithmic; both ends are positive then.
    pub log: bool,
    /// What it shows, with unit; may hold sub- and superscripts.
    pub label: String,
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// What is written there; empty for a minor mark.
    pub label: String,
}

impl Axis {
    /// A linear axis that shows all finite values, widened by `margin` of their range.
    pub fn linear(values: impl Iterator<Item = f64>, margin: f64, label: &str) -> Self {
        let (low, high) = finite_range(values).unwrap_or((0.0, 1.0));
        let pad = if high > low {
            (high - low) * margin
        } else {
            low.abs().max(1.0) * 0.1
        };
        Self {
            low: low - pad,
            high: high + pad,
            log: false,
            label: label.to_owned(),
        }
    }

    /// A logarithmic axis that shows all finite positive values with a little room.
    pub fn logarithmic(values: impl Iterator<Item = f64>, label: &str) -> Self {
        let (low, high) = finite_range(values.filter(|v| *v > 0.0)).unwrap_or((0.1, 1.0));
        let room = (high / low).powf(0.05).max(1.15);
        // Stay inside what f64 can hold.
        let (low, high) = ((low / room).max(1e-300), (high * room).min(1e300));
        Self {
            low,
            high,
            log: true,
            label: label.to_owned(),
        }
    }

    /// A linear axis with given ends.
    pub fn fixed(low: f64, high: f64, label: &str) -> Self {
        Self {
            low,
            high,
            log: false,
            label: label.to_owned(),
        }
    }

    /// Makes a linear axis show zero too.
    pub fn with_zero(mut self) -> Self {
        (self.low, self.high) = (self.low.min(0.0), self.high.max(0.0));
        self
    }

    /// Turns the axis round.
    pub fn inverted(mut self) -> Self {
        (self.low, self.high) = (self.high, self.low);
        self
    }

    /// Place of a value between the ends: 0 at `low`, 1 at `high`, NaN when it has none.
    pub fn place(&self, value: f64) -> f64 {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return f64::NAN;
        }
        let map = |v: f64| if self.log { v.log10() } else { v };
        (map(value) - map(self.low)) / (map(self.high) - map(self.low))
    }

    /// Ticks, about `intervals` apart on the whole axis.
    pub fn ticks(&self, intervals: usize) -> Vec<Tick> {
        let (low, high) = (self.low.min(self.high), self.low.max(self.high));
        if self.log {
            log_ticks(low, high, intervals)
        } else {
            linear_ticks(low, high, intervals)
        }
    }
}

/// Least and greatest value that can be shown: finite, and below 1e30 in size,
/// beyond which (a run that blew up) a chart would show nothing else.
pub fn finite_range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|v| v.abs() < 1e30)
        .fold(None, |range, v| match range {
            None => Some((v, v)),
            Some((low, high)) => Some((v.min(low), v.max(high))),
        })
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `rough`.
pub fn nice_step(rough: f64) -> f64 {
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    let candidates = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
    candidates
        .into_iter()
        .find(|s| *s >= rough * 0.999)
        .unwrap_or(10.0 * power)
}

fn linear_ticks(low: f64, high: f64, intervals: usize) -> Vec<Tick> {
    let step = nice_step((high - low) / intervals.max(1) as f64);
    let first = (low / step - 1e-6).ceil();
    let count = ((high / step + 1e-6).floor() - first).clamp(-1.0, 100.0) as i64 + 1;
    let decimals = decimals_of(step);
    let tick = |i: i64| {
        let value = (first + i as f64) * step;
        Tick {
            value,
            label: number(value, decimals),
        }
    };
    (0..count).map(tick).collect()
}

/// Whole decades carry labels; where fewer than two fit, 2 and 5 do so too.
fn log_ticks(low: f64, high: f64, intervals: usize) -> Vec<Tick> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = high.log10() - low.log10();
    let every = ((decades / intervals.max(1) as f64).ceil() as i32).max(1);
    let close = decades < 1.7;
    // Around one, numbers read better than powers.
    let (least, most) = if close { (1e-3, 2e4) } else { (1e-2, 2e2) };
    let plain = low >= 0.8 * least && high <= most;
    let mut ticks = Vec::new();
    for exponent in first..=last {
        for digit in 1..=9 {
            let value = f64::from(digit) * 10f64.powi(exponent);
            if value < low * 0.9999 || value > high * 1.0001 || (every > 1 && digit > 1) {
                continue;
            }
            let labelled = if close {
                matches!(digit, 1 | 2 | 5)
            } else {
                digit == 1 && exponent % every == 0
            };
            let label = if labelled {
                log_label(digit, exponent, plain)
            } else {
                String::new()
            };
            ticks.push(Tick { value, label });
        }
    }
    ticks
}

fn log_label(digit: i32, exponent: i32, plain: bool) -> String {
    if plain {
        return number(
            f64::from(digit) * 10f64.powi(exponent),
            (-exponent).max(0) as usize,
        );
    }
    let power = format!("10^{{{}}}", signed(exponent));
    if digit > 1 {
        format!("{digit}·{power}")
    } else {
        power
    }
}

fn signed(exponent: i32) -> String {
    exponent.to_string().replace('-', "\u{2212}")
}

/// Decimals that tell multiples of `step` apart.
fn decimals_of(step: f64) -> usize {
    (-step.log10().floor()).clamp(0.0, 12.0) as usize
}

/// A number with a true minus sign and no negative zero.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(size) if size.bytes().any(|b| (b'1'..=b'9').contains(&b)) => format!("\u{2212}{size}"),
        Some(size) => size.to_owned(),
        None => text,
    }
}

/// Power of ten, a multiple of three, by which values of this size read best:
/// 0 between 0.01 and 100 000.
pub fn engineering_exponent(size: f64) -> i32 {
    if !size.is_finite() || size == 0.0 || (0.01..1e5).contains(&size.abs()) {
        return 0;
    }
    (size.abs().log10() / 3.0).floor() as i32 * 3
}

/// A unit with a power of ten before it: `10^{-3} m²/s`.
pub fn scaled_unit(exponent: i32, unit: &str) -> String {
    match exponent {
        0 => unit.to_owned(),
        e => format!("10^{{{}}} {unit}", signed(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, n: usize) -> Vec<String> {
        axis.ticks(n)
            .into_iter()
            .filter(|t| !t.label.is_empty())
            .map(|t| t.label)
            .collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        let axis = Axis::fixed(-0.23, 0.61, "");
        assert_eq!(
            labels(&axis, 5),
            ["\u{2212}0.2", "0.0", "0.2", "0.4", "0.6"]
        );
        assert_eq!(
            labels(&Axis::fixed(0.0, 240.0, ""), 6),
            ["0", "50", "100", "150", "200"]
        );
        assert_eq!(labels(&axis.inverted(), 5).len(), 5);
    }

    #[test]
    fn log_ticks_name_decades_or_more_when_close() {
        let wide = Axis {
            low: 2e-6,
            high: 4.0,
            log: true,
            label: String::new(),
        };
        let decades = ["5", "4", "3", "2", "1"].map(|e| format!("10^{{\u{2212}{e}}}"));
        assert_eq!(labels(&wide, 8)[..5], decades);
        let close = Axis {
            low: 0.004,
            high: 0.06,
            log: true,
            label: String::new(),
        };
        assert_eq!(labels(&close, 8), ["0.005", "0.01", "0.02", "0.05"]);
    }

    #[test]
    fn places_run_from_end_to_end() {
        let log = Axis {
            low: 1e-4,
            high: 1.0,
            log: true,
            label: String::new(),
        };
        assert!((log.place(1e-2) - 0.5).abs() < 1e-12);
        assert!(log.place(0.0).is_nan() && log.place(-1.0).is_nan());
        let back = Axis::fixed(1.0, -3.0, "");
        assert!((back.place(-1.0) - 0.5).abs() < 1e-12 && back.place(f64::NAN).is_nan());
    }

    #[test]
    fn ranges_of_odd_values_are_usable() {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let axis = Axis::linear(odd.into_iter(), 0.1, "");
        assert!(axis.low < axis.high && !axis.ticks(5).is_empty());
        let axis = Axis::logarithmic([0.0, -1.0, f64::NAN].into_iter(), "");
        assert!(axis.low > 0.0 && axis.low < axis.high);
        let same = Axis::linear([2.0, 2.0].into_iter(), 0.1, "");
        assert!(same.low < 2.0 && same.high > 2.0);
        assert_eq!(
            Axis::linear([1e300, 3.0, 4.0].into_iter(), 0.0, "").high,
            4.0
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!(number(-1.25, 2), "\u{2212}1.25");
        assert_eq!(engineering_exponent(4.2e-4), -6);
        assert_eq!(engineering_exponent(4.2e-3), -3);
        assert_eq!(engineering_exponent(3000.0), 0);
        assert_eq!(scaled_unit(-3, "m²/s"), "10^{\u{2212}3} m²/s");
    }
}
