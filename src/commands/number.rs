//! Numbers as people like to read them.

/// A value with `digits` significant digits: plain from 0.001 to 100 000, with an exponent outside,
/// `-` when there is none.
pub(super) fn number(value: impl Into<Option<f64>>, digits: usize) -> String {
    let Some(value) = value.into() else {
        return "-".to_owned();
    };
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    let digits = digits.max(1);
    // The exponent after rounding: 9.996 to three digits is 10.0.
    let scientific = format!("{value:.*e}", digits - 1);
    let Some((_, Ok(exponent))) = scientific
        .split_once('e')
        .map(|(mantissa, exponent)| (mantissa, exponent.parse::<i32>()))
    else {
        return scientific;
    };
    if !(-3..5).contains(&exponent) {
        return scientific;
    }
    let decimals = (digits as i32 - 1 - exponent).max(0);
    format!("{value:.*}", decimals as usize)
}

/// A fraction as per cent with `digits` significant digits.
pub(super) fn percent(fraction: impl Into<Option<f64>>, digits: usize) -> String {
    match fraction.into() {
        None => "-".to_owned(),
        Some(fraction) => format!("{} %", number(100.0 * fraction, digits)),
    }
}

/// A number of bytes: `812 B`, `1.2 MB`.
pub(super) fn bytes(count: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = count as f64;
    let mut unit = "B";
    for next in units {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "B" {
        format!("{count} B")
    } else {
        format!("{} {unit}", number(value, 3))
    }
}

/// `1 case`, `2 cases`.
pub(super) fn count(n: usize, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits() {
        for (value, digits, expected) in [
            (0.0, 3, "0"),
            (0.0026123, 3, "0.00261"),
            (0.00026123, 3, "2.61e-4"),
            (9.996, 3, "10.0"),
            (-12.345, 3, "-12.3"),
            (11342.0, 3, "11342"),
            (99_999.9, 3, "1.00e5"),
            (123_456.0, 3, "1.23e5"),
            (1.0, 4, "1.000"),
            (f64::NAN, 3, "NaN"),
            (f64::INFINITY, 3, "inf"),
        ] {
            assert_eq!(number(value, digits), expected);
        }
        assert_eq!(number(None, 3), "-");
        assert_eq!(percent(0.0734, 3), "7.34 %");
        assert_eq!(percent(None, 3), "-");
    }

    #[test]
    fn sizes_and_counts() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(1_234_000), "1.23 MB");
        assert_eq!(count(1, "case"), "1 case");
        assert_eq!(count(0, "case"), "0 cases");
    }
}
