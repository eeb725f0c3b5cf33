//! The panels, and the linear system for their strengths.

use faer::c64;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, solve as substitution};
use faer::{Mat, Par};

use super::lanes::{self, LANES, Lanes, vectorised};
use crate::SolverError;

use std::f64::consts::{FRAC_1_PI, TAU};

/// Keeps the logarithm finite at a node, where the factors in front of it vanish.
pub(super) const TINY: f64 = 1e-280;
/// Cosine of the turn beyond which a node is a corner.
const CORNER: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// The nodes of the panels in chords, from the upper to the lower corner of the trailing edge; a
/// sharp edge is both the first and the last.
#[derive(Debug, Clone)]
pub(super) struct Wall {
    pub(super) points: Vec<[f64; 2]>,
    pub(super) chord: f64,
    middle: [f64; 2],
    /// Mean of the downstream directions of both sides at the trailing edge: along its bisector.
    leaving: [f64; 2],
}

impl Wall {
    /// `points` are over `chord` and relative to `middle`.
    pub(super) fn new(points: Vec<[f64; 2]>, middle: [f64; 2], chord: f64) -> Self {
        let last = points.len() - 1;
        let upper = direction(points[1], points[0]);
        let lower = direction(points[last - 1], points[last]);
        Self {
            leaving: [0, 1].map(|k| 0.5 * (upper[k] + lower[k])),
            points,
            chord,
            middle,
        }
    }

    pub(super) fn to_local(&self, p: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|k| (p[k] - self.middle[k]) / self.chord)
    }

    pub(super) fn to_global(&self, p: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|k| self.middle[k] + self.chord * p[k])
    }

    pub(super) fn is_sharp(&self) -> bool {
        self.points.first() == self.points.last()
    }

    /// Vortex and source strength of the base over the speed at the trailing edge; zero at a sharp
    /// one.
    fn base(&self) -> (f64, f64) {
        if self.is_sharp() {
            return (0.0, 0.0);
        }
        let [tx, ty] = direction(self.points[self.points.len() - 1], self.points[0]);
        let [x, y] = self.leaving;
        (x * tx + y * ty, x * ty - y * tx)
    }

    fn base_length(&self) -> f64 {
        distance(self.points[self.points.len() - 1], self.points[0])
    }

    /// Velocity u - iv at the nodes, along the wall; at the trailing edge along its bisector.
    pub(super) fn complex_velocity(&self, strength: &[f64]) -> Vec<c64> {
        let p = &self.points;
        let last = p.len() - 1;
        let [x, y] = self.leaving;
        let at_edge = edge_speed(strength) * c64::new(x, -y);
        (0..=last)
            .map(|i| {
                if i == 0 || i == last {
                    return at_edge;
                }
                let [x, y] = tangent(p[i - 1], p[i], p[i + 1]);
                strength[i] * c64::new(x, -y)
            })
            .collect()
    }

    /// Counter-clockwise, in chords.
    pub(super) fn circulation(&self, strength: &[f64]) -> f64 {
        let pairs = self.points.windows(2).zip(strength.windows(2));
        let sides: f64 = pairs
            .map(|(p, g)| 0.5 * (g[0] + g[1]) * distance(p[0], p[1]))
            .sum();
        sides + self.base().0 * edge_speed(strength) * self.base_length()
    }

    /// Force in x and y and nose-up moment about the quarter chord, as coefficients: the velocity
    /// is linear on a panel, so two Gauss points are exact.
    pub(super) fn pressure_forces(&self, strength: &[f64]) -> [f64; 3] {
        let (first, last) = (self.points[0], self.points[self.points.len() - 1]);
        let trailing = [0, 1].map(|k| 0.5 * (first[k] + last[k]));
        // The origin is the middle of the chord.
        let quarter = trailing.map(|c| -0.5 * c);
        let mut sum = [0.0; 3];
        let mut add = |p: [f64; 2], q: [f64; 2], g: f64, h: f64| {
            for t in [0.5 - 0.5 / 3f64.sqrt(), 0.5 + 0.5 / 3f64.sqrt()] {
                let v = (1.0 - t) * g + t * h;
                let cp = 0.5 * (1.0 - v * v);
                let force = [-cp * (q[1] - p[1]), cp * (q[0] - p[0])];
                let arm = [0, 1].map(|k| (1.0 - t) * p[k] + t * q[k] - quarter[k]);
                sum[0] += force[0];
                sum[1] += force[1];
                sum[2] -= arm[0] * force[1] - arm[1] * force[0];
            }
        };
        for (p, g) in self.points.windows(2).zip(strength.windows(2)) {
            add(p[0], p[1], g[0], g[1]);
        }
        let speed = edge_speed(strength);
        add(last, first, speed, speed);
        sum
    }
}

/// Speed at which the flow leaves the trailing edge.
fn edge_speed(strength: &[f64]) -> f64 {
    0.5 * (strength[strength.len() - 1] - strength[0])
}

pub(super) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// Unit vector from `a` to `b`.
fn direction(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let length = distance(a, b).max(f64::MIN_POSITIVE);
    [0, 1].map(|k| (b[k] - a[k]) / length)
}

/// Tangent at the middle one of three points: that of the circle through them; the mean of the
/// panels' directions at a corner.
fn tangent(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> [f64; 2] {
    let (u, v) = (direction(a, b), direction(b, c));
    if u[0] * v[0] + u[1] * v[1] < CORNER {
        return [0, 1].map(|k| 0.5 * (u[k] + v[k]));
    }
    let (before, after) = (distance(a, b), distance(b, c));
    direction([0.0; 2], [0, 1].map(|k| after * u[k] + before * v[k]))
}

/// The strengths at the nodes for a free stream along x and along y.
///
/// Unknowns: the strengths at the nodes, then the stream function of the wall.
pub(super) fn solve(wall: &Wall) -> Result<[Vec<f64>; 2], SolverError> {
    let nodes = wall.points.len();
    let n = nodes + 1;
    let mut matrix = Mat::<f64>::zeros(n, n);
    influence(&mut matrix, wall);
    add_base(&mut matrix, wall);
    for i in 0..nodes {
        matrix[(i, nodes)] = -1.0;
    }
    let mut right = Mat::<f64>::from_fn(n, 2, |i, case| match (wall.points.get(i), case) {
        (Some(p), 0) => -p[1],
        (Some(p), _) => p[0],
        (None, _) => 0.0,
    });
    if wall.is_sharp() {
        extrapolate(&mut matrix, &mut right, wall);
    }
    (matrix[(nodes, 0)], matrix[(nodes, nodes - 1)]) = (1.0, 1.0);
    lu_solve(&mut matrix, &mut right);
    if right
        .col_iter()
        .flat_map(|c| c.iter())
        .any(|v| !v.is_finite())
    {
        return Err(SolverError::Singular {
            what: "the vortex-panel system",
            problem: "does the contour cross itself, or do its sides coincide?".into(),
        });
    }
    Ok([0, 1].map(|case| (0..nodes).map(|i| right[(i, case)]).collect()))
}

/// Stream function at the nodes (rows) of unit strengths at the nodes (columns).
fn influence(matrix: &mut Mat<f64>, wall: &Wall) {
    let p = &wall.points;
    let mut column: Vec<Lanes> = vec![[0.0; LANES]; p.len()];
    for start in (0..p.len()).step_by(LANES) {
        // The last block repeats the last point.
        let at = |k: usize| p[(start + k).min(p.len() - 1)];
        let x: Lanes = std::array::from_fn(|k| at(k)[0]);
        let y: Lanes = std::array::from_fn(|k| at(k)[1]);
        column.fill([0.0; LANES]);
        vectorised(
            #[inline(always)]
            || block(p, &x, &y, &mut column),
        );
        for (j, values) in column.iter().enumerate() {
            for (k, value) in values.iter().take(p.len() - start).enumerate() {
                matrix[(start + k, j)] = *value;
            }
        }
    }
}

/// The integrals of `ln r` and `s ln r` over each panel, for one block of points.
#[inline(always)]
fn block(p: &[[f64; 2]], x: &Lanes, y: &Lanes, column: &mut [Lanes]) {
    for j in 0..p.len() - 1 {
        let (a, b) = (p[j], p[j + 1]);
        let [tx, ty] = [b[0] - a[0], b[1] - a[1]];
        let length = (tx * tx + ty * ty).sqrt();
        let (tx, ty, inverse) = (tx / length, ty / length, 1.0 / length);
        for k in 0..LANES {
            let (dx, dy) = (x[k] - a[0], y[k] - a[1]);
            let (s, h) = (dx * tx + dy * ty, dy * tx - dx * ty);
            let e = s - length;
            let (r1, r2) = (s * s + h * h + TINY, e * e + h * h + TINY);
            let (l1, l2) = (lanes::ln(r1), lanes::ln(r2));
            let angle = lanes::atan2(length * h, s * e + h * h);
            let whole = 0.5 * (s * l1 - e * l2) - length + h * angle;
            let first = s * whole + 0.25 * (r2 * (l2 - 1.0) - r1 * (l1 - 1.0));
            let end = first * inverse;
            column[j][k] -= 0.5 * FRAC_1_PI * (whole - end);
            column[j + 1][k] -= 0.5 * FRAC_1_PI * end;
        }
    }
}

/// The base: vortices and sources of even strength, in proportion to the speed at the edge.
fn add_base(matrix: &mut Mat<f64>, wall: &Wall) {
    if wall.is_sharp() {
        return;
    }
    let p = &wall.points;
    let last = p.len() - 1;
    let (vortex, source) = wall.base();
    let [tx, ty] = direction(p[last], p[0]);
    let length = wall.base_length();
    let along = c64::new(tx, -ty);
    // Angles are measured from the upstream direction: the cut of the sources lies downstream.
    let upstream = c64::new(-wall.leaving[0], wall.leaving[1]);
    let log = |z: c64| {
        let turned = z * upstream;
        c64::new(0.5 * (z.norm_sqr() + TINY).ln(), turned.im.atan2(turned.re))
    };
    for (i, q) in p.iter().enumerate() {
        let z1 = c64::new(q[0] - p[last][0], q[1] - p[last][1]);
        let z2 = c64::new(q[0] - p[0][0], q[1] - p[0][1]);
        // The integral of ln(z - s) along the base.
        let integral = z1 * along * log(z1) - z2 * along * log(z2) - length;
        let value = (source * integral.im - vortex * integral.re) / TAU;
        matrix[(i, last)] += 0.5 * value;
        matrix[(i, 0)] -= 0.5 * value;
    }
}

/// The last node of a sharp edge has the equation of the first. In its place: the speed of both
/// sides, on average, has no second derivative over the arc length.
fn extrapolate(matrix: &mut Mat<f64>, right: &mut Mat<f64>, wall: &Wall) {
    let p = &wall.points;
    let last = p.len() - 1;
    let weights = |i: [usize; 3]| {
        let h = distance(p[i[0]], p[i[1]]);
        let k = distance(p[i[1]], p[i[2]]);
        // Second difference, times h k to be of order one.
        [k / (h + k), -1.0, h / (h + k)]
    };
    for j in 0..matrix.ncols() {
        matrix[(last, j)] = 0.0;
    }
    for (nodes, sign) in [([0, 1, 2], 1.0), ([last, last - 1, last - 2], -1.0)] {
        for (node, weight) in nodes.into_iter().zip(weights(nodes)) {
            matrix[(last, node)] = sign * weight;
        }
    }
    (right[(last, 0)], right[(last, 1)]) = (0.0, 0.0);
}

/// On one thread: the system is small, and callers work on many airfoils at once.
fn lu_solve(matrix: &mut Mat<f64>, right: &mut Mat<f64>) {
    let n = matrix.nrows();
    let (mut forward, mut backward) = (vec![0usize; n], vec![0usize; n]);
    let scratch = factor::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Default::default());
    let more = substitution::solve_in_place_scratch::<usize, f64>(n, 2, Par::Seq);
    let mut memory = MemBuffer::new(scratch.or(more));
    let (_, order) = factor::lu_in_place(
        matrix.as_mut(),
        &mut forward,
        &mut backward,
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    );
    substitution::solve_in_place(
        matrix.as_ref(),
        matrix.as_ref(),
        order,
        right.as_mut(),
        Par::Seq,
        MemStack::new(&mut memory),
    );
}
