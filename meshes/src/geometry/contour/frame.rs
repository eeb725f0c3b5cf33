//! Where the edges of an airfoil are, and the frame of its chord.

use crate::geometry::vector::{cross, distance, dot, minus, unit};

/// Straightness (distance over length) that a blunt trailing edge needs; a rounded one is less.
const STRAIGHT: f64 = 0.98;

/// The frame of the chord: the leading edge is the origin, the trailing edge lies at (1, 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChordFrame {
    /// The leading edge: the point of the (interpolated) contour farthest from the trailing edge.
    pub leading_edge: [f64; 2],
    /// The trailing edge: its sharp end, or the middle of its blunt base.
    pub trailing_edge: [f64; 2],
}

impl ChordFrame {
    /// Length of the chord, in the unit of the coordinates.
    #[must_use]
    pub fn length(&self) -> f64 {
        distance(self.leading_edge, self.trailing_edge)
    }

    /// Direction from the leading to the trailing edge (unit vector).
    #[must_use]
    pub fn direction(&self) -> [f64; 2] {
        unit(minus(self.trailing_edge, self.leading_edge))
    }

    /// Coordinates along and above the chord, in chords.
    #[must_use]
    pub fn to_local(&self, p: [f64; 2]) -> [f64; 2] {
        let chord = minus(self.trailing_edge, self.leading_edge);
        let from = minus(p, self.leading_edge);
        let square = dot(chord, chord);
        [dot(chord, from) / square, cross(chord, from) / square]
    }

    /// The inverse of [`to_local`](Self::to_local).
    #[must_use]
    pub fn to_global(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [cx, cy] = minus(self.trailing_edge, self.leading_edge);
        [
            self.leading_edge[0] + x * cx - y * cy,
            self.leading_edge[1] + x * cy + y * cx,
        ]
    }
}

/// The corners of the trailing edge of a counter-clockwise loop: the index of the upper one and the
/// number of segments of the base, which ends there (0: a sharp edge).
///
/// The edge lies at the largest x. Around that point, segments steeper than 45 degrees to the chord
/// form the base, if together they are straight: a rounded edge counts as sharp.
pub(super) fn trailing_edge(points: &[[f64; 2]]) -> (usize, usize) {
    let n = points.len();
    let tip = (0..n).fold(0, |best, i| {
        if points[i][0] > points[best][0] {
            i
        } else {
            best
        }
    });
    let chord = unit(minus(points[tip], points[farthest(points, points[tip])]));
    let steep = |i: usize| {
        let d = minus(points[(i + 1) % n], points[i % n]);
        cross(chord, d) > dot(chord, d).abs()
    };
    let ahead = (0..n).take_while(|&k| steep(tip + k)).count();
    let behind = (1..n).take_while(|&k| steep(tip + n - k)).count();
    let (upper, segments) = ((tip + ahead) % n, ahead + behind);
    if segments == 0 || segments > n / 2 {
        return (tip, 0);
    }
    let at = |k: usize| points[(upper + n - segments + k) % n];
    let length: f64 = (0..segments).map(|k| distance(at(k), at(k + 1))).sum();
    if distance(at(0), at(segments)) >= STRAIGHT * length {
        (upper, segments)
    } else {
        (tip, 0)
    }
}

/// Index of the point farthest from `origin` (the first of equal ones).
pub(super) fn farthest(points: &[[f64; 2]], origin: [f64; 2]) -> usize {
    (0..points.len()).fold(0, |best, i| {
        if distance(points[i], origin) > distance(points[best], origin) {
            i
        } else {
            best
        }
    })
}

/// The point of the contour farthest from the trailing edge, between the nodes: the vertex of the
/// parabola of the squared distance over the arc length at three nodes. A corner is taken as it is.
///
/// A node alone would let the chord jump by the angle that one node spans.
pub(super) fn leading_edge(
    before: [f64; 2],
    node: [f64; 2],
    after: [f64; 2],
    te: [f64; 2],
) -> [f64; 2] {
    let (a, b) = (minus(before, node), minus(after, node));
    if dot(a, b) > 0.0 {
        return node;
    }
    let (r, s) = (-dot(a, a).sqrt(), dot(b, b).sqrt());
    let rise = |p| dot(minus(p, te), minus(p, te)) - dot(minus(node, te), minus(node, te));
    let (da, db) = (rise(before), rise(after));
    // The parabola through (r, da), (0, 0), (s, db) is c1 t + c2 t^2.
    let c2 = (da / r - db / s) / (r - s);
    let c1 = da / r - c2 * r;
    if c2 >= 0.0 {
        return node;
    }
    let t = (-0.5 * c1 / c2).clamp(0.5 * r, 0.5 * s);
    let (wa, wb) = (t * (t - s) / (r * (r - s)), t * (t - r) / (s * (s - r)));
    [0, 1].map(|k| node[k] + wa * a[k] + wb * b[k])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_round_trip() {
        let frame = ChordFrame {
            leading_edge: [1.0, 2.0],
            trailing_edge: [4.0, 6.0],
        };
        assert_eq!(frame.length(), 5.0);
        assert_eq!(frame.to_local([4.0, 6.0]), [1.0, 0.0]);
        let p = frame.to_local([0.3, -0.7]);
        assert!(distance(frame.to_global(p), [0.3, -0.7]) < 1e-15);
    }

    #[test]
    fn leading_edge_of_a_circle_between_nodes() {
        // The point of the circle farthest from (10, 0) is (-1, 0), wherever the nodes are.
        let at = |angle: f64| [angle.cos(), angle.sin()];
        for shift in [0.0, 0.01, 0.02, 0.03] {
            let middle = std::f64::consts::PI + shift;
            let le = leading_edge(
                at(middle - 0.06),
                at(middle),
                at(middle + 0.06),
                [10.0, 0.0],
            );
            assert!(distance(le, [-1.0, 0.0]) < 2e-5, "{le:?}");
        }
        // A corner stays.
        assert_eq!(
            leading_edge([1.0, 0.1], [0.0, 0.0], [1.0, -0.2], [2.0, 0.0]),
            [0.0, 0.0]
        );
    }

    #[test]
    fn sharp_blunt_and_round_trailing_edges() {
        let sharp = [[1.0, 0.0], [0.5, 0.1], [0.0, 0.0], [0.5, -0.1]];
        assert_eq!(trailing_edge(&sharp), (0, 0));
        // The base has a point in its middle and is not quite vertical.
        let blunt = [
            [0.5, 0.1],
            [0.0, 0.0],
            [0.5, -0.1],
            [0.999, -0.01],
            [1.0, 0.0],
            [1.001, 0.01],
        ];
        assert_eq!(trailing_edge(&blunt), (5, 2));
        let round = [
            [0.5, 0.1],
            [0.0, 0.0],
            [0.5, -0.1],
            [1.0, -0.01],
            [1.007, 0.0],
            [1.0, 0.01],
        ];
        assert_eq!(trailing_edge(&round), (4, 0));
    }
}
