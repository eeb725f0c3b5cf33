//! The nearest point of a triangle.
//!
//! C. Ericson, "Real-Time Collision Detection", 2005, section 5.1.5.

/// The part of a triangle that a point is nearest to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Face,
    /// From this corner to the next.
    Edge(usize),
    Corner(usize),
}

pub(super) fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|k| a[k] - b[k])
}

pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// The unit vector along `a`; zero stays zero.
pub(super) fn unit(a: [f64; 3]) -> [f64; 3] {
    let length = dot(a, a).sqrt();
    if length > 0.0 {
        a.map(|c| c / length)
    } else {
        a
    }
}

/// `a + s (b - a)`.
fn along(a: [f64; 3], b: [f64; 3], s: f64) -> [f64; 3] {
    [0, 1, 2].map(|k| a[k] + s * (b[k] - a[k]))
}

/// The point of a triangle nearest to `p`, and the part that it lies on.
pub(super) fn nearest([a, b, c]: [[f64; 3]; 3], p: [f64; 3]) -> ([f64; 3], Part) {
    let (ab, ac) = (minus(b, a), minus(c, a));
    let [d1, d2] = [ab, ac].map(|e| dot(e, minus(p, a)));
    if d1 <= 0.0 && d2 <= 0.0 {
        return (a, Part::Corner(0));
    }
    let [d3, d4] = [ab, ac].map(|e| dot(e, minus(p, b)));
    if d3 >= 0.0 && d4 <= d3 {
        return (b, Part::Corner(1));
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return (along(a, b, d1 / (d1 - d3)), Part::Edge(0));
    }
    let [d5, d6] = [ab, ac].map(|e| dot(e, minus(p, c)));
    if d6 >= 0.0 && d5 <= d6 {
        return (c, Part::Corner(2));
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return (along(a, c, d2 / (d2 - d6)), Part::Edge(2));
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 >= d3 && d5 >= d6 {
        let s = (d4 - d3) / ((d4 - d3) + (d5 - d6));
        return (along(b, c, s), Part::Edge(1));
    }
    let sum = va + vb + vc;
    let point = [0, 1, 2].map(|k| a[k] + ab[k] * vb / sum + ac[k] * vc / sum);
    (point, Part::Face)
}
