//! The order of wall points along the airfoil, and its two sides.
//!
//! Wall files list segments in any order and direction (AirfRANS's are "closed but not in order").
//! Here they are walked into loops that run anticlockwise around the body, so that "inwards" is
//! always to the left, and the upper and lower side follow from the position between trailing and
//! leading edge along the loop, never from the sign of a normal: on a cambered section the normals
//! of the lower side point up as well as down.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A side of an airfoil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// From the trailing edge to the leading edge, anticlockwise: the suction side at positive
    /// angles.
    Upper,
    /// From the leading edge back to the trailing edge.
    Lower,
    /// The blunt end of a trailing edge with a finite thickness.
    Base,
}

/// One closed loop of wall points.
#[derive(Debug, Clone, PartialEq)]
pub struct WallLoop {
    /// Points in order, anticlockwise around the body, from the upper corner of the trailing edge.
    pub points: Vec<u32>,
    /// Arc length from the first point to each point, m.
    pub arc: Vec<f64>,
    /// Length of the whole loop, m.
    pub perimeter: f64,
    /// Position in `points` of the leading edge: the point farthest from the trailing edge.
    pub leading: usize,
    /// Position in `points` of the lower corner of the trailing edge: the number of points where
    /// the edge is sharp (the first point again).
    pub lower_end: usize,
    /// Trailing edge (middle of a blunt one), m.
    pub trailing_edge: [f64; 2],
    /// Leading edge, m.
    pub leading_edge: [f64; 2],
}

impl WallLoop {
    /// The side of the segment that leaves the loop's point at position `k`.
    pub fn side(&self, k: usize) -> Side {
        if k < self.leading {
            Side::Upper
        } else if k < self.lower_end {
            Side::Lower
        } else {
            Side::Base
        }
    }

    /// Position along the chord: 0 at the leading edge, 1 at the trailing edge.
    pub fn chord_fraction(&self, point: [f64; 2]) -> f64 {
        let chord = minus(self.trailing_edge, self.leading_edge);
        let from = minus(point, self.leading_edge);
        (chord[0] * from[0] + chord[1] * from[1]) / (chord[0] * chord[0] + chord[1] * chord[1])
    }

    /// Length of the chord, m.
    pub fn chord(&self) -> f64 {
        let [x, y] = minus(self.trailing_edge, self.leading_edge);
        x.hypot(y)
    }

    /// Positions in `points` along a side, from the leading to the trailing edge.
    pub fn along(&self, side: Side) -> Vec<usize> {
        let n = self.points.len();
        match side {
            Side::Upper => (0..=self.leading).rev().collect(),
            Side::Lower => (self.leading..=self.lower_end).map(|k| k % n).collect(),
            Side::Base => (self.lower_end..=n).map(|k| k % n).collect(),
        }
    }
}

/// Walks segments into closed loops, longest first.
///
/// Points with equal coordinates count as one. The message of an `Err` completes the sentence
/// "the airfoil outline ..".
pub(crate) fn wall_loops(
    points: &[[f64; 2]],
    segments: &[[u32; 2]],
) -> Result<Vec<WallLoop>, String> {
    let same = first_of_equal(points);
    let mut neighbours: HashMap<u32, Vec<u32>> = HashMap::new();
    for &[a, b] in segments {
        let [a, b] = [a, b].map(|k| same[k as usize]);
        if a != b {
            neighbours.entry(a).or_default().push(b);
            neighbours.entry(b).or_default().push(a);
        }
    }
    if let Some((k, list)) = neighbours.iter().filter(|(_, l)| l.len() != 2).min_by_key(|(k, _)| **k) {
        let [x, y] = points[*k as usize];
        return Err(format!(
            "is not closed: {} segments meet at point {k} ({x}, {y}), two are needed",
            list.len()
        ));
    }
    let mut starts: Vec<u32> = neighbours.keys().copied().collect();
    starts.sort_unstable();
    let mut seen = vec![false; points.len()];
    let mut loops = Vec::new();
    for start in starts {
        if !seen[start as usize] {
            let walk = walk(start, &neighbours, &mut seen);
            loops.push(arrange(points, walk)?);
        }
    }
    loops.sort_by(|a, b| b.perimeter.total_cmp(&a.perimeter));
    if loops.is_empty() { Err("has no segments".to_owned()) } else { Ok(loops) }
}

/// For every point the first one with the same coordinates.
fn first_of_equal(points: &[[f64; 2]]) -> Vec<u32> {
    let mut first = HashMap::with_capacity(points.len());
    let key = |p: &[f64; 2]| p.map(|v| (v + 0.0).to_bits());
    points.iter().zip(0u32..).map(|(p, k)| *first.entry(key(p)).or_insert(k)).collect()
}

fn walk(start: u32, neighbours: &HashMap<u32, Vec<u32>>, seen: &mut [bool]) -> Vec<u32> {
    let mut order = Vec::new();
    let mut at = start;
    while !seen[at as usize] {
        seen[at as usize] = true;
        order.push(at);
        let unseen = |n: &&u32| !seen[**n as usize];
        match neighbours[&at].iter().find(unseen) {
            Some(&next) => at = next,
            None => break,
        }
    }
    order
}

/// Turns a loop anticlockwise, starts it at the trailing edge and measures it.
fn arrange(points: &[[f64; 2]], mut order: Vec<u32>) -> Result<WallLoop, String> {
    let at = |k: u32| points[k as usize];
    let n = order.len();
    let doubled: f64 = (0..n).map(|k| cross(at(order[k]), at(order[(k + 1) % n]))).sum();
    if n < 3 || doubled == 0.0 {
        return Err(format!("has a loop of {n} points without area"));
    }
    if doubled < 0.0 {
        order.reverse();
    }
    let tip = (0..n).fold(0, |best, k| if at(order[k])[0] > at(order[best])[0] { k } else { best });
    order.rotate_left(tip);
    let base = base_segment(points, &order);
    // The upper corner comes first: where the base arrives at the tip that is so already.
    if base == Base::Leaves {
        order.rotate_left(1);
    }
    let first = at(order[0]);
    let lower_end = if base == Base::None { n } else { n - 1 };
    let lower = at(order[lower_end % n]);
    let trailing_edge = [0, 1].map(|a| 0.5 * (first[a] + lower[a]));
    let from_edge = |k: usize| distance(at(order[k]), trailing_edge);
    let leading = (0..n).fold(0, |best, k| if from_edge(k) > from_edge(best) { k } else { best });
    let mut arc = Vec::with_capacity(n);
    let mut length = 0.0;
    for k in 0..n {
        arc.push(length);
        length += distance(at(order[k]), at(order[(k + 1) % n]));
    }
    Ok(WallLoop {
        leading_edge: at(order[leading]),
        points: order,
        arc,
        perimeter: length,
        leading,
        lower_end,
        trailing_edge,
    })
}

#[derive(PartialEq)]
enum Base {
    None,
    Arrives,
    Leaves,
}

/// Whether a segment at the tip (the first point) is the base of a blunt trailing edge: steeper
/// than 60 degrees to the x axis, while the other segment is not, and the loop has sides besides.
fn base_segment(points: &[[f64; 2]], order: &[u32]) -> Base {
    let n = order.len();
    let tip = points[order[0] as usize];
    let steep = |k: usize| {
        let [dx, dy] = minus(points[order[k] as usize], tip);
        dy.abs() > 3f64.sqrt() * dx.abs()
    };
    match (steep(n - 1), steep(1)) {
        _ if n < 5 => Base::None,
        (true, false) => Base::Arrives,
        (false, true) => Base::Leaves,
        _ => Base::None,
    }
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [x, y] = minus(a, b);
    x.hypot(y)
}
