//! Hyperbolic grid generation: layers that march away from a front.
//!
//! References: Steger, Chaussee, "Generation of body-fitted coordinates using hyperbolic partial
//! differential equations", SIAM J. Sci. Stat. Comput. 1(4), 1980 (orthogonality and a given cell
//! area, linearised about the last layer); Chan, Steger, "Enhancements of a three-dimensional
//! hyperbolic grid generation scheme", Appl. Math. Comput. 51, 1992 (dissipation that grows with the
//! distance, where lines converge, and in concave corners).
//!
//! Departures:
//! 1. The dissipation factor for converging lines is bounded (`MOST_CONVERGENCE`).
//! 2. The areas of a layer are smoothed along it before use.

use super::block_tridiagonal::{Block, Row, solve};
use crate::geometry::vector::{cross, distance, dot, minus, unit};

/// Weight of the implicit part of the derivative along the front, less one.
const IMPLICITNESS: f64 = 2.0;
/// Bound of the dissipation factor for converging lines.
const MOST_CONVERGENCE: f64 = 10.0;
/// Smallest dissipation factor for diverging lines.
const LEAST_CONVERGENCE: f64 = 0.1;
/// Part of the layers over which the dissipation grows.
const RAMP: f64 = 0.75;
/// Passes of smoothing of the areas.
const AREA_PASSES: usize = 8;

/// All layers from the front (included) through the given heights.
///
/// The fluid lies to the left of the front. Its two ends move along y only, with their neighbours.
/// `dissipation` is the explicit coefficient (1 is usual); the implicit one is twice that. Returns
/// `None` when values stop being finite.
pub(super) fn march(
    front: Vec<[f64; 2]>,
    heights: &[f64],
    dissipation: f64,
) -> Option<Vec<Vec<[f64; 2]>>> {
    let mut layers = vec![front];
    for (k, &height) in heights.iter().enumerate() {
        let now = &layers[k];
        let before = &layers[k.saturating_sub(1)];
        let progress = (k as f64 / heights.len() as f64).min(RAMP).sqrt();
        let areas = areas(now, height);
        let n = now.len();
        let mut rows = vec![end_row(1.0); n];
        rows[n - 1] = end_row(-1.0);
        for i in 1..n - 1 {
            rows[i] = row(now, before, i, areas[i], dissipation, progress);
        }
        let steps = solve(rows);
        let next: Vec<[f64; 2]> = now
            .iter()
            .zip(steps)
            .map(|(p, d)| [p[0] + d[0], p[1] + d[1]])
            .collect();
        if !next.iter().flatten().all(|c| c.is_finite()) {
            return None;
        }
        layers.push(next);
    }
    Some(layers)
}

/// An end of the front: no step in x, the step of the neighbour in y.
fn end_row(side: f64) -> Row {
    let follow = [[0.0, 0.0], [0.0, -1.0]];
    let none = [[0.0; 2]; 2];
    Row {
        left: if side < 0.0 { follow } else { none },
        middle: [[1.0, 0.0], [0.0, 1.0]],
        right: if side > 0.0 { follow } else { none },
        value: [0.0; 2],
    }
}

/// Areas that belong to the points of a layer: its height times their share of the length.
fn areas(layer: &[[f64; 2]], height: f64) -> Vec<f64> {
    let n = layer.len();
    // The ends are mirrored.
    let share = |i: usize| {
        let before = distance(layer[i.saturating_sub(1)], layer[i]);
        let after = distance(layer[i], layer[(i + 1).min(n - 1)]);
        if i == 0 || i == n - 1 {
            before.max(after)
        } else {
            0.5 * (before + after)
        }
    };
    let mut areas: Vec<f64> = (0..n).map(|i| height * share(i)).collect();
    // Only as far as a layer is thick: a thin one keeps its height everywhere.
    for _ in 0..AREA_PASSES {
        let old = areas.clone();
        for i in 1..n - 1 {
            let weight = 0.25 * (height / share(i)).min(1.0);
            areas[i] = (1.0 - 2.0 * weight) * old[i] + weight * (old[i - 1] + old[i + 1]);
        }
    }
    areas
}

/// The linearised equations of point `i` of the layer `r`.
fn row(
    r: &[[f64; 2]],
    before: &[[f64; 2]],
    i: usize,
    area: f64,
    dissipation: f64,
    progress: f64,
) -> Row {
    let along = minus(r[i + 1], r[i - 1]).map(|c| 0.5 * c);
    let square = dot(along, along);
    let away = [-along[1] * area / square, along[0] * area / square];
    let [[a, b], [c, d]]: Block = {
        let (p, q) = (
            along[0] * away[0] - along[1] * away[1],
            along[0] * away[1] + along[1] * away[0],
        );
        [[p / square, q / square], [q / square, -p / square]]
    };
    let speed = (dot(away, away) / square).sqrt();
    let explicit =
        dissipation * speed * progress * convergence(r, before, i, progress) * concavity(r, i);
    let implicit = 2.0 * explicit;
    let half = 0.5 * (1.0 + IMPLICITNESS);
    let bend = [0, 1].map(|k| r[i + 1][k] - 2.0 * r[i][k] + r[i - 1][k]);
    Row {
        left: [
            [-half * a - implicit, -half * b],
            [-half * c, -half * d - implicit],
        ],
        middle: [[1.0 + 2.0 * implicit, 0.0], [0.0, 1.0 + 2.0 * implicit]],
        right: [
            [half * a - implicit, half * b],
            [half * c, half * d - implicit],
        ],
        value: [away[0] + explicit * bend[0], away[1] + explicit * bend[1]],
    }
}

/// Above 1 where the lines at point `i` have come nearer to each other since the layer before.
fn convergence(r: &[[f64; 2]], before: &[[f64; 2]], i: usize, progress: f64) -> f64 {
    let length =
        |layer: &[[f64; 2]]| distance(layer[i - 1], layer[i]) + distance(layer[i], layer[i + 1]);
    let ratio = length(before) / length(r);
    ratio
        .powf(2.0 / progress.max(0.1))
        .clamp(LEAST_CONVERGENCE, MOST_CONVERGENCE)
}

/// Above 1 in a concave corner: the inverse square of the sine of the angle between the corner's
/// normal and its sides.
fn concavity(r: &[[f64; 2]], i: usize) -> f64 {
    let (a, b) = (unit(minus(r[i - 1], r[i])), unit(minus(r[i + 1], r[i])));
    let chord = unit(minus(r[i + 1], r[i - 1]));
    // The left normal of the chord over the mean of the two sides.
    let cosine = 0.5 * (cross(chord, a) + cross(chord, b));
    if cosine > 0.0 {
        1.0 / (1.0 - cosine * cosine).max(0.05)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_front_gives_a_rectangle() {
        let front: Vec<_> = (0..20).map(|i| [0.1 * f64::from(i), 0.0]).collect();
        let layers = march(front.clone(), &[0.01, 0.02, 0.04], 1.0).unwrap();
        for (layer, y) in layers.iter().zip([0.0, 0.01, 0.03, 0.07]) {
            for (p, q) in layer.iter().zip(&front) {
                assert!(distance(*p, [q[0], y]) < 1e-14, "{p:?}");
            }
        }
    }

    #[test]
    fn a_circle_gives_circles() {
        // Clockwise, so that the outside lies to the left; open at the ends far from the middle.
        let n = 721;
        let front: Vec<_> = (0..n)
            .map(|i| std::f64::consts::PI * (1.0 - 2.0 * f64::from(i) / f64::from(n - 1)))
            .map(|a| [a.cos(), a.sin()])
            .collect();
        let layers = march(front, &[0.01; 20], 0.2).unwrap();
        for (k, layer) in layers.iter().enumerate() {
            let radii = layer[200..520].iter().map(|p| p[0].hypot(p[1]));
            let (low, high) =
                radii.fold((f64::INFINITY, 0.0_f64), |(l, h), r| (l.min(r), h.max(r)));
            assert!(high - low < 1e-4, "layer {k} is no circle: {low} {high}");
            // The implicit derivative takes a little of the height on a convex front.
            assert!(
                (high - 1.0 - 0.01 * k as f64).abs() < 5e-4 * k as f64 + 1e-12,
                "{k}: {high}"
            );
        }
    }

    #[test]
    fn lines_do_not_cross_in_a_groove() {
        let front: Vec<_> = (0..81)
            .map(|i| f64::from(i) * 0.05 - 2.0)
            .map(|x| [x, 0.6 * (x.abs() - 1.0).min(0.0)])
            .collect();
        let heights: Vec<f64> = (0..40)
            .map(|k| (1e-3 * 1.2_f64.powi(k)).min(0.05))
            .collect();
        let layers = march(front, &heights, 1.0).unwrap();
        for pair in layers.windows(2) {
            for i in 0..80 {
                let area = cross(
                    minus(pair[1][i + 1], pair[0][i]),
                    minus(pair[1][i], pair[0][i + 1]),
                );
                assert!(area > 0.0);
            }
        }
    }
}
