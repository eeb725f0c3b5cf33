//! Two-dimensional vectors, as plain arrays.

pub(crate) fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

pub(crate) fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// The third component of the cross product: positive when `b` lies to the left of `a`.
pub(crate) fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub(crate) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The unit vector along `a`; zero stays zero.
pub(crate) fn unit(a: [f64; 2]) -> [f64; 2] {
    let length = a[0].hypot(a[1]);
    if length > 0.0 {
        [a[0] / length, a[1] / length]
    } else {
        a
    }
}
