//! Distributions of points along a line.

/// Largest growth from one interval to the next that [`growing`] uses.
const MOST_GROWTH: f64 = 1.6;
/// Bisection steps.
const STEPS: usize = 60;

/// `count` intervals of the total length `total`: the first is `first`, each next one longer by the
/// same factor, up to `cap`. `None` when no factor from 1 to 1.6 does that.
pub(super) fn growing(first: f64, cap: f64, total: f64, count: usize) -> Option<Vec<f64>> {
    let intervals = |growth: f64| -> Vec<f64> {
        let mut next = first;
        (0..count)
            .map(|_| {
                let now = next.min(cap);
                next *= growth;
                now
            })
            .collect()
    };
    let length = |growth: f64| intervals(growth).iter().sum::<f64>();
    if !(length(1.0) <= total && total <= length(MOST_GROWTH)) {
        return None;
    }
    let (mut low, mut high) = (1.0, MOST_GROWTH);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if length(middle) < total {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut result = intervals(0.5 * (low + high));
    // What rounding leaves goes to the last, longest interval.
    let rest = total - result.iter().sum::<f64>();
    if let Some(last) = result.last_mut() {
        *last += rest;
    }
    Some(result)
}

/// As [`growing`] without a cap, but the first `close` intervals cover the first part `near` of the
/// length, so that they grow more slowly there than behind it; by one factor where that is not possible.
pub(super) fn growing_twice(
    first: f64,
    near: f64,
    close: usize,
    total: f64,
    count: usize,
) -> Option<Vec<f64>> {
    let twice = || {
        let mut intervals = growing(first, f64::INFINITY, near, close)?;
        let last = *intervals.last()?;
        intervals.extend(growing(last, f64::INFINITY, total - near, count - close)?);
        Some(intervals)
    };
    twice().or_else(|| growing(first, f64::INFINITY, total, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_to_the_cap_and_add_up() {
        let found = growing(1e-5, 0.1, 2.6, 70).unwrap();
        assert_eq!((found.len(), found[0]), (70, 1e-5));
        assert!((found.iter().sum::<f64>() - 2.6).abs() < 1e-12);
        assert!(
            found
                .windows(2)
                .all(|w| w[1] > w[0] - 1e-12 && w[1] < 1.6 * w[0])
        );
        assert!((found[69] - 0.1).abs() < 1e-9);
    }

    #[test]
    fn two_factors_where_they_are_possible() {
        let found = growing_twice(1e-5, 1.0, 60, 200.0, 80).unwrap();
        assert_eq!((found.len(), found[0]), (80, 1e-5));
        assert!((found[..60].iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((found.iter().sum::<f64>() - 200.0).abs() < 1e-9);
        let factors: Vec<f64> = found.windows(2).map(|w| w[1] / w[0]).collect();
        assert!(factors[..59].iter().all(|f| *f < 1.21) && factors[61] > 1.3);
        assert!(
            (factors[59] - 1.0).abs() < 1e-9,
            "the cells on both sides of it are equal"
        );
        // Ten cells are not enough for the way behind one chord.
        let one = growing_twice(1e-5, 1.0, 38, 200.0, 48).unwrap();
        assert!((one[1] / one[0] - one[47] / one[46]).abs() < 1e-6);
        assert!(growing_twice(1e-9, 1.0, 4, 200.0, 8).is_none());
    }

    #[test]
    fn impossible_totals() {
        assert!(growing(0.1, 1.0, 0.5, 10).is_none());
        assert!(growing(1e-9, 1.0, 5.0, 10).is_none());
        assert!(growing(f64::NAN, 1.0, 5.0, 10).is_none());
    }
}
