//! Signed distance to a contour, and whether it crosses itself.

use rayon::prelude::*;

use super::Contour;
use crate::MeshError;
use crate::geometry::error::fault;
use crate::geometry::segment_tree::Nearest;
use crate::geometry::vector::{cross, minus};

impl Contour {
    /// The nearest point of the contour; its segment index is that of
    /// [`segments`](Self::segments).
    #[must_use]
    pub fn nearest(&self, p: [f64; 2]) -> Nearest {
        self.tree.nearest(p)
    }

    /// [`nearest`](Self::nearest) for many points, in parallel.
    #[must_use]
    pub fn nearest_many(&self, points: &[[f64; 2]]) -> Vec<Nearest> {
        self.tree.nearest_many(points)
    }

    /// Whether `p` lies inside the body, by winding number.
    #[must_use]
    pub fn contains(&self, p: [f64; 2]) -> bool {
        self.tree.winding_number(p) != 0
    }

    /// Distance to the contour: positive outside (in the fluid), negative inside the body, exactly
    /// 0 on the points of the contour.
    #[must_use]
    pub fn signed_distance(&self, p: [f64; 2]) -> f64 {
        self.signed(p, self.nearest(p).distance)
    }

    /// [`signed_distance`](Self::signed_distance) for many points, in parallel.
    #[must_use]
    pub fn signed_distance_many(&self, points: &[[f64; 2]]) -> Vec<f64> {
        let nearest = self.nearest_many(points);
        let pairs = points.par_iter().zip(nearest);
        pairs
            .map(|(&p, hit)| self.signed(p, hit.distance))
            .collect()
    }

    fn signed(&self, p: [f64; 2], distance: f64) -> f64 {
        if distance > 0.0 && self.contains(p) {
            -distance
        } else {
            distance
        }
    }

    /// Checks that no two segments cross or touch (apart from neighbours at their common point).
    ///
    /// # Errors
    /// Names the first two segments that do and where.
    pub fn check_simple(&self) -> Result<(), MeshError> {
        let n = self.len();
        let segment = |i: usize| [self.points[i], self.points[(i + 1) % n]];
        // Sweep over x: only segments that overlap there are compared.
        let left = |i: usize| segment(i)[0][0].min(segment(i)[1][0]);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&i, &j| left(i).total_cmp(&left(j)));
        for (place, &i) in order.iter().enumerate() {
            let right = segment(i)[0][0].max(segment(i)[1][0]);
            for &j in order[place + 1..].iter().take_while(|&&j| left(j) <= right) {
                let neighbours = (i + 1) % n == j || (j + 1) % n == i;
                if !neighbours && crossing(segment(i), segment(j)) {
                    let [x, y] = segment(i)[0];
                    return Err(fault(
                        "contour",
                        format!(
                            "crosses itself: segments {} and {} of {n}, counted from the trailing \
                             edge over the upper side, near ({x:.6}, {y:.6})",
                            i.min(j),
                            i.max(j)
                        ),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Whether two segments have a point in common.
fn crossing([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2]) -> bool {
    let side = |p, q, r| cross(minus(q, p), minus(r, p));
    let (ac, ad) = (side(a, b, c), side(a, b, d));
    let (ca, cb) = (side(c, d, a), side(c, d, b));
    if ac == 0.0 && ad == 0.0 {
        // On one line: do they overlap?
        return (0..2)
            .all(|k| a[k].min(b[k]) <= c[k].max(d[k]) && c[k].min(d[k]) <= a[k].max(b[k]));
    }
    ac * ad <= 0.0 && ca * cb <= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_that_meet() {
        let s = |a: f64, b: f64, c: f64, d: f64| [[a, b], [c, d]];
        assert!(crossing(s(0.0, 0.0, 1.0, 1.0), s(0.0, 1.0, 1.0, 0.0)));
        assert!(crossing(s(0.0, 0.0, 2.0, 0.0), s(1.0, 0.0, 1.0, 1.0)));
        assert!(crossing(s(0.0, 0.0, 2.0, 0.0), s(1.0, 0.0, 3.0, 0.0)));
        assert!(!crossing(s(0.0, 0.0, 2.0, 0.0), s(3.0, 0.0, 4.0, 0.0)));
        assert!(!crossing(s(0.0, 0.0, 1.0, 0.0), s(0.0, 0.1, 1.0, 0.1)));
        assert!(!crossing(s(0.0, 0.0, 1.0, 0.0), s(2.0, -1.0, 2.0, 1.0)));
    }

    #[test]
    fn a_bow_tie_crosses_itself() {
        let crossed = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.5]];
        let message = Contour::from_points(&crossed)
            .unwrap()
            .check_simple()
            .unwrap_err()
            .to_string();
        assert!(message.contains("crosses itself"), "{message}");
        let square = [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]];
        Contour::from_points(&square)
            .unwrap()
            .check_simple()
            .unwrap();
    }
}
