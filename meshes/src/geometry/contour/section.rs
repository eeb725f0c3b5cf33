//! The two sides as smooth curves: thickness and camber along the chord, and resampling.
//!
//! Between the nodes a side is a cubic Hermite curve over the arc length, with the tangents of the
//! parabolas through three nodes: third order, exact through the nodes, smooth round the nose.

use super::{ChordFrame, Contour, TrailingEdge};
use crate::MeshError;
use crate::geometry::error::fault;
use crate::geometry::vector::{distance, dot, minus, unit};

/// Bisection steps: enough for the last bit of a position on a segment.
const STEPS: usize = 52;

/// One side, from the leading to the trailing edge, in chords.
#[derive(Debug, Clone)]
pub(crate) struct SideCurve {
    nodes: Vec<[f64; 2]>,
    /// Unit-speed tangents at the nodes.
    tangents: Vec<[f64; 2]>,
    /// Arc length from the leading edge to the nodes.
    arc: Vec<f64>,
}

impl SideCurve {
    /// `before` is the neighbour of the leading edge on the other side.
    fn new(nodes: Vec<[f64; 2]>, before: [f64; 2]) -> Self {
        let n = nodes.len();
        let mut arc = vec![0.0; n];
        for i in 1..n {
            arc[i] = arc[i - 1] + distance(nodes[i - 1], nodes[i]);
        }
        let tangents = (0..n)
            .map(|i| {
                let previous = if i == 0 { before } else { nodes[i - 1] };
                match nodes.get(i + 1) {
                    Some(&next) => tangent(previous, nodes[i], next),
                    None => last_tangent(nodes.get(n.wrapping_sub(3)).copied(), previous, nodes[i]),
                }
            })
            .collect();
        Self {
            nodes,
            tangents,
            arc,
        }
    }

    /// The point at `u` in [0, 1] between node `i` and the next one.
    fn at(&self, i: usize, u: f64) -> [f64; 2] {
        let h = self.arc[i + 1] - self.arc[i];
        let (v, w) = (1.0 - u, u * u * (3.0 - 2.0 * u));
        [0, 1].map(|k| {
            (1.0 - w) * self.nodes[i][k]
                + w * self.nodes[i + 1][k]
                + h * u * v * (v * self.tangents[i][k] - u * self.tangents[i + 1][k])
        })
    }

    /// Height above the chord at `x`: where the side, coming from the leading edge, first gets there.
    fn height(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let last = self.nodes.len() - 1;
        if x <= self.nodes[0][0] {
            return self.nodes[0][1];
        }
        let Some(i) = (0..last).find(|&i| self.nodes[i + 1][0] >= x) else {
            return self.nodes[last][1];
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..STEPS {
            let middle = 0.5 * (low + high);
            if self.at(i, middle)[0] < x {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.at(i, 0.5 * (low + high))[1]
    }

    /// `count + 1` points, spaced by the cosine of the arc length: fine at both ends.
    fn cosine_points(&self, count: usize) -> Vec<[f64; 2]> {
        let last = self.nodes.len() - 1;
        let mut points = vec![self.nodes[0]];
        for k in 1..count {
            let fraction = 0.5 * (1.0 - (std::f64::consts::PI * k as f64 / count as f64).cos());
            let s = fraction * self.arc[last];
            let i = self.arc.partition_point(|&a| a <= s).clamp(1, last) - 1;
            points.push(self.at(i, (s - self.arc[i]) / (self.arc[i + 1] - self.arc[i])));
        }
        points.push(self.nodes[last]);
        points
    }
}

/// Derivative of the parabola through three points over the arc length, at the middle one; at a
/// corner sharper than 90 degrees, that of the segment after it.
fn tangent(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> [f64; 2] {
    let (h, k) = (distance(a, b), distance(b, c));
    let (u, v) = (unit(minus(b, a)), unit(minus(c, b)));
    if dot(u, v) < 0.0 {
        return v;
    }
    [0, 1].map(|i| (k * u[i] + h * v[i]) / (h + k))
}

/// The same at the last of three points, or the direction of the segment when there are two.
fn last_tangent(a: Option<[f64; 2]>, b: [f64; 2], c: [f64; 2]) -> [f64; 2] {
    let v = unit(minus(c, b));
    let Some(a) = a else { return v };
    let middle = tangent(a, b, c);
    [0, 1].map(|i| 2.0 * v[i] - middle[i])
}

impl Contour {
    fn side(&self, indices: &[usize], frame: &ChordFrame) -> SideCurve {
        let n = self.len();
        let local = |i: usize| frame.to_local(self.points[i % n]);
        let other = if indices[1] + 1 == self.leading {
            self.leading + 1
        } else {
            self.leading - 1
        };
        SideCurve::new(indices.iter().map(|&i| local(i)).collect(), local(other))
    }

    fn sides_in(&self, frame: &ChordFrame) -> Sides {
        Sides {
            upper: self.side(&self.upper_indices(), frame),
            lower: self.side(&self.lower_indices(), frame),
        }
    }

    /// The sides as curves in the frame of the chord, as the class function of a CST shape needs.
    pub(crate) fn sides_of_chord(&self) -> Sides {
        self.sides_in(&self.frame)
    }

    /// The sides as curves in the frame of [`thickness`](Self::thickness): x from the leading edge,
    /// y from the trailing edge, not turned.
    pub(crate) fn sides(&self) -> Sides {
        let ChordFrame {
            leading_edge,
            trailing_edge,
        } = self.frame;
        self.sides_in(&ChordFrame {
            leading_edge: [leading_edge[0], trailing_edge[1]],
            trailing_edge,
        })
    }

    /// Height of the upper side over the lower one at `x_over_c` (0 at the leading edge, 1 at the
    /// trailing edge; values outside are taken as the nearer end), in chords.
    ///
    /// Stations and heights lie along the axes of the coordinates, to which the angle of attack
    /// refers and for which sections are designed: the line from the trailing edge to the farthest
    /// point is tilted by up to half a degree on a cambered section, and would take a tenth of the
    /// camber away. For an airfoil that is set at an angle use [`normalised`](Self::normalised).
    #[must_use]
    pub fn thickness(&self, x_over_c: f64) -> f64 {
        self.sides().thickness(x_over_c)
    }

    /// Mean height of the two sides over the trailing edge at `x_over_c`, in chords and along the
    /// axes as for [`thickness`](Self::thickness).
    #[must_use]
    pub fn camber(&self, x_over_c: f64) -> f64 {
        self.sides().camber(x_over_c)
    }

    /// A contour of the same shape with `per_side` segments on each side, dense at both edges
    /// (cosine spacing of the arc length). Edges keep their points; a blunt base is one segment.
    ///
    /// # Errors
    /// `per_side` below 2.
    pub fn resample(&self, per_side: usize) -> Result<Self, MeshError> {
        if per_side < 2 {
            return Err(fault(
                "per_side",
                format!("is {per_side}: at least 2 segments a side are needed"),
            ));
        }
        let Sides { upper, lower } = self.sides_of_chord();
        let mut local = upper.cosine_points(per_side);
        local.reverse();
        local.extend(lower.cosine_points(per_side).into_iter().skip(1));
        if self.trailing_edge() == TrailingEdge::Sharp {
            local.pop();
        }
        let points: Vec<_> = local.into_iter().map(|p| self.frame.to_global(p)).collect();
        Self::from_points(&points)
    }
}

/// The two sides of a contour as curves, built once for many stations.
pub(crate) struct Sides {
    upper: SideCurve,
    lower: SideCurve,
}

impl Sides {
    /// `count + 1` points of each side, with its number (0: upper) and sign.
    pub(crate) fn cosine_points(&self, count: usize) -> [(usize, f64, Vec<[f64; 2]>); 2] {
        let points = [&self.upper, &self.lower].map(|side| side.cosine_points(count));
        let [upper, lower] = points;
        [(0, 1.0, upper), (1, -1.0, lower)]
    }

    pub(crate) fn thickness(&self, x: f64) -> f64 {
        self.upper.height(x) - self.lower.height(x)
    }

    pub(crate) fn camber(&self, x: f64) -> f64 {
        0.5 * (self.upper.height(x) + self.lower.height(x))
    }
}
