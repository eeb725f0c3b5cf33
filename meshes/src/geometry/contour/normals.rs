//! Outward normals of a counter-clockwise contour.

use crate::geometry::vector::{distance, dot, minus, unit};

/// Unit normals of the segments (point i to point i + 1), pointing out of the body.
pub(super) fn of_segments(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let n = points.len();
    (0..n)
        .map(|i| {
            let [x, y] = unit(minus(points[(i + 1) % n], points[i]));
            [y, -x]
        })
        .collect()
}

/// Unit normals at the nodes.
///
/// On a smooth stretch, the normal of the circle through the node and its two neighbours: the
/// segments' normals weighted by each other's length (second order on uneven spacing). At a corner
/// sharper than 45 degrees, their bisector.
pub(super) fn of_nodes(points: &[[f64; 2]], segments: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let n = points.len();
    (0..n)
        .map(|i| {
            let before = (i + n - 1) % n;
            let (a, b) = (segments[before], segments[i]);
            let (mut wa, mut wb) = (
                distance(points[i], points[(i + 1) % n]),
                distance(points[before], points[i]),
            );
            if dot(a, b) < std::f64::consts::FRAC_1_SQRT_2 {
                (wa, wb) = (1.0, 1.0);
            }
            let sum = unit([0, 1].map(|k| wa * a[k] + wb * b[k]));
            // A spike of no width has no bisector of normals: it points along its own direction.
            if sum == [0.0, 0.0] {
                [-a[1], a[0]]
            } else {
                sum
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circle_with_uneven_spacing_is_exact() {
        // Through three points of a circle the circle itself passes: to rounding.
        let angles = [
            0.0_f64, 0.1, 0.35, 0.5, 1.0, 1.6, 2.2, 2.9, 3.4, 4.0, 4.7, 5.3, 5.9,
        ];
        let points: Vec<[f64; 2]> = angles
            .iter()
            .map(|a| [3.0 * a.cos(), 3.0 * a.sin()])
            .collect();
        let nodes = of_nodes(&points, &of_segments(&points));
        for (p, n) in points.iter().zip(nodes) {
            assert!(distance(p.map(|c| c / 3.0), n) < 1e-14, "{p:?} {n:?}");
        }
    }

    #[test]
    fn corners_get_the_bisector() {
        let points = [[1.0, 0.0], [1.0, 3.0], [0.0, 3.0], [0.0, 0.0]];
        let nodes = of_nodes(&points, &of_segments(&points));
        let h = std::f64::consts::FRAC_1_SQRT_2;
        for (n, expected) in nodes.into_iter().zip([[h, -h], [h, h], [-h, h], [-h, -h]]) {
            assert!(distance(n, expected) < 1e-15);
        }
    }
}
