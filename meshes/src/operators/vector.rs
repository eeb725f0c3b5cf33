//! Products of vectors in space.

/// `a - b`.
pub(crate) fn subtract(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// Scalar product.
pub(crate) fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Vector product.
pub(crate) fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Length.
pub(crate) fn norm(a: &[f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

/// `a / |a|`; `None` for a vector without a direction.
pub(crate) fn normalise(a: &[f64; 3]) -> Option<[f64; 3]> {
    let length = norm(a);
    (length > 0.0 && length.is_finite()).then(|| a.map(|v| v / length))
}
