//! Numbers as people read them. What is missing or not finite is a dash.

/// Stands for what is not known.
pub const DASH: &str = "–";

/// `digits` significant digits, without an exponent between 0.001 and 100 000.
pub fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    if (-3..5).contains(&exponent) {
        let decimals = (digits - 1 - exponent).max(0) as usize;
        return minus(format!("{value:.decimals$}"));
    }
    let mantissa = value / 10f64.powi(exponent);
    let decimals = (digits - 1).max(0) as usize;
    minus(format!(
        "{mantissa:.decimals$}\u{2009}×\u{2009}10<sup>{exponent}</sup>"
    ))
}

/// Fixed decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    if value.is_finite() && value.abs() < 1e9 {
        super::super::axis::number(value, decimals)
    } else {
        significant(value, 3)
    }
}

/// A fraction as per cent.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return DASH.to_owned();
    }
    let decimals = if fraction.abs() < 0.0995 { 1 } else { 0 };
    format!("{}\u{2009}%", fixed(100.0 * fraction, decimals))
}

fn minus(text: String) -> String {
    text.replace('-', "\u{2212}")
}

/// A whole number in groups of three digits.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    out
}

/// Seconds as `28 min 14 s`, `3 h 5 min`, `4.2 s`, `110 ms`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return DASH.to_owned();
    }
    // Not more than what u64 holds; centuries of training are not worth a case of their own.
    let whole = seconds.round().min(1e15) as u64;
    match seconds {
        s if s < 0.9995e-3 => format!("{}\u{2009}µs", significant(s * 1e6, 2)),
        s if s < 0.9995 => format!("{}\u{2009}ms", fixed(s * 1e3, 0)),
        s if s < 59.5 => format!("{}\u{2009}s", significant(s, 2)),
        _ if whole < 3600 => format!("{}\u{2009}min {}\u{2009}s", whole / 60, whole % 60),
        _ => format!(
            "{}\u{2009}h {}\u{2009}min",
            grouped(whole / 3600),
            whole % 3600 / 60
        ),
    }
}

/// Bytes as MiB or GiB.
pub fn bytes(n: u64) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    if mib < 1000.0 {
        format!("{}\u{2009}MiB", fixed(mib, 0))
    } else {
        format!("{}\u{2009}GiB", fixed(mib / 1024.0, 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits() {
        assert_eq!(significant(0.002_64, 2), "0.0026");
        assert_eq!(significant(-22.03, 3), "\u{2212}22.0");
        assert_eq!(significant(217.0, 2), "217");
        assert_eq!(
            significant(3.21e-7, 2),
            "3.2\u{2009}×\u{2009}10<sup>\u{2212}7</sup>"
        );
        assert_eq!(significant(f64::NAN, 2), DASH);
        assert_eq!(significant(f64::INFINITY, 2), DASH);
    }

    #[test]
    fn times_sizes_and_shares() {
        assert_eq!(duration(1694.2), "28\u{2009}min 14\u{2009}s");
        assert_eq!(duration(0.11), "110\u{2009}ms");
        assert_eq!(duration(4.26), "4.3\u{2009}s");
        assert_eq!(duration(3725.0), "1\u{2009}h 2\u{2009}min");
        assert_eq!(duration(f64::NAN), DASH);
        assert_eq!(bytes(1730 << 20), "1.69\u{2009}GiB");
        assert_eq!(grouped(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(percent(0.0213), "2.1\u{2009}%");
        assert_eq!(percent(0.44), "44\u{2009}%");
    }
}
