//! The nearest segment of a 2-D polyline, by a bounding-volume tree.
//!
//! A binary tree of axis-aligned boxes over the segments (median split along the longer side, up to
//! four segments in a leaf), searched depth first with the nearer child first. The result equals the
//! one of a search through all segments: of equally near segments the one with the lowest index is
//! returned, so an answer depends neither on the shape of the tree nor on the order of the queries.

use rayon::prelude::*;

use super::error::{end_point, fault};
use crate::MeshError;

/// Segments in a leaf, at most.
const LEAF: usize = 4;
/// Depth of the search stack. The tree halves its segments, of which there are less than 2^32.
const STACK: usize = 64;
/// Queries of one batch that share a starting guess.
const BATCH: usize = 1024;

/// The answer to a nearest-segment query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// Index of the segment, as passed to [`SegmentTree::new`].
    pub segment: u32,
    /// Position along the segment: 0 at its first point, 1 at its second.
    pub t: f64,
    /// The nearest point.
    pub point: [f64; 2],
    /// Distance to that point, in the unit of the coordinates; never negative, and exactly 0 at
    /// the end points of the segments.
    pub distance: f64,
}

/// A search tree over the segments of a polyline (open, closed or in pieces).
///
/// Building costs O(n log n), a query O(log n) near the polyline. Immutable and `Sync`.
#[derive(Debug, Clone)]
pub struct SegmentTree {
    nodes: Vec<Node>,
    /// The segments, in the order of the leaves.
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    a: [f64; 2],
    b: [f64; 2],
    id: u32,
}

/// A leaf holds `count` segments from `first`; an inner node (count 0) has its left child right
/// after it and its right child at `first`.
#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f64; 2],
    high: [f64; 2],
    first: u32,
    count: u32,
}

/// The best answer so far: squared distance, and place in the order of the leaves.
#[derive(Clone, Copy)]
struct Best {
    squared: f64,
    id: u32,
    place: usize,
}

impl SegmentTree {
    /// Builds the tree for `segments`, pairs of indices into `points` (any length unit).
    ///
    /// Segments of zero length are allowed.
    ///
    /// # Errors
    /// No segments, an index without a point, or a non-finite coordinate.
    pub fn new(points: &[[f64; 2]], segments: &[[u32; 2]]) -> Result<Self, MeshError> {
        if segments.is_empty() {
            return Err(fault(
                "segment list",
                "is empty: at least one segment is needed",
            ));
        }
        let mut scale = 0.0_f64;
        let mut leaves = Vec::with_capacity(segments.len());
        for (id, &[a, b]) in segments.iter().enumerate() {
            let (a, b) = (end_point(points, id, a)?, end_point(points, id, b)?);
            scale = [a[0], a[1], b[0], b[1]]
                .into_iter()
                .fold(scale, |m, c| m.max(c.abs()));
            leaves.push(Segment {
                a,
                b,
                id: id as u32,
            });
        }
        // Boxes are wider than their segments by the rounding error of a point on a segment, so
        // that pruning never loses a segment that a search through all would have chosen.
        let margin = 4.0 * f64::EPSILON * scale;
        let mut nodes = Vec::with_capacity(2 * segments.len() / LEAF + 1);
        build(&mut nodes, &mut leaves, 0, margin);
        Ok(Self {
            nodes,
            segments: leaves,
        })
    }

    /// The number of segments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Always false: a tree has at least one segment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The nearest segment to `p`. A NaN coordinate gives a NaN distance.
    #[must_use]
    pub fn nearest(&self, p: [f64; 2]) -> Nearest {
        let place = self.search(p, 0);
        self.answer(p, place)
    }

    /// [`nearest`](Self::nearest) for many points, on all threads of the current rayon pool.
    ///
    /// Fastest when neighbouring entries are neighbours in space (as the points of a mesh mostly
    /// are): each search starts from the segment found before. The results do not depend on it.
    #[must_use]
    pub fn nearest_many(&self, points: &[[f64; 2]]) -> Vec<Nearest> {
        points
            .par_chunks(BATCH)
            .flat_map_iter(|chunk| {
                let mut place = 0;
                chunk.iter().map(move |&p| {
                    place = self.search(p, place);
                    self.answer(p, place)
                })
            })
            .collect()
    }

    /// How many times the segments turn around `p` counter-clockwise.
    ///
    /// Meaningful when the segments form closed loops and each one starts where another one ends;
    /// for a simple counter-clockwise loop: 1 inside, 0 outside, either on the loop itself.
    #[must_use]
    pub fn winding_number(&self, p: [f64; 2]) -> i32 {
        // Signed crossings of the ray from p in the direction of +x.
        let mut winding = 0;
        let mut stack = [0_u32; STACK];
        let mut height = 1;
        while height > 0 {
            height -= 1;
            let index = stack[height];
            let node = &self.nodes[index as usize];
            if p[1] < node.low[1] || p[1] > node.high[1] || p[0] > node.high[0] {
                continue;
            }
            if node.count == 0 {
                stack[height] = node.first;
                stack[height + 1] = index + 1;
                height += 2;
                continue;
            }
            let first = node.first as usize;
            for Segment { a, b, .. } in &self.segments[first..first + node.count as usize] {
                let side = (b[0] - a[0]) * (p[1] - a[1]) - (p[0] - a[0]) * (b[1] - a[1]);
                if a[1] <= p[1] && p[1] < b[1] && side > 0.0 {
                    winding += 1;
                } else if b[1] <= p[1] && p[1] < a[1] && side < 0.0 {
                    winding -= 1;
                }
            }
        }
        winding
    }

    /// Place of the nearest segment in the order of the leaves, starting from a guess.
    fn search(&self, p: [f64; 2], guess: usize) -> usize {
        let mut best = Best {
            squared: self.segments[guess].project(p).1,
            id: self.segments[guess].id,
            place: guess,
        };
        let mut stack = [(0_u32, 0.0_f64); STACK];
        let mut height = 1;
        while height > 0 {
            height -= 1;
            let (index, squared) = stack[height];
            if squared > best.squared {
                continue;
            }
            let node = &self.nodes[index as usize];
            if node.count > 0 {
                self.search_leaf(p, node, &mut best);
                continue;
            }
            let (near, far) = (index + 1, node.first);
            let (to_near, to_far) = (self.to_box(near, p), self.to_box(far, p));
            let (first, second) = if to_near <= to_far {
                ((near, to_near), (far, to_far))
            } else {
                ((far, to_far), (near, to_near))
            };
            stack[height] = second;
            stack[height + 1] = first;
            height += 2;
        }
        best.place
    }

    #[inline]
    fn search_leaf(&self, p: [f64; 2], node: &Node, best: &mut Best) {
        let first = node.first as usize;
        let leaf = &self.segments[first..first + node.count as usize];
        for (place, segment) in (first..).zip(leaf) {
            let squared = segment.project(p).1;
            if squared < best.squared || (squared == best.squared && segment.id < best.id) {
                *best = Best {
                    squared,
                    id: segment.id,
                    place,
                };
            }
        }
    }

    /// A lower bound of the squared distance to the segments of a node, as computed.
    #[inline]
    fn to_box(&self, node: u32, p: [f64; 2]) -> f64 {
        let Node { low, high, .. } = &self.nodes[node as usize];
        let dx = (low[0] - p[0]).max(p[0] - high[0]).max(0.0);
        let dy = (low[1] - p[1]).max(p[1] - high[1]).max(0.0);
        (dx * dx + dy * dy) * (1.0 - 8.0 * f64::EPSILON)
    }

    fn answer(&self, p: [f64; 2], place: usize) -> Nearest {
        let segment = &self.segments[place];
        let (t, _) = segment.project(p);
        let point = segment.at(t);
        Nearest {
            segment: segment.id,
            t,
            point,
            distance: (p[0] - point[0]).hypot(p[1] - point[1]),
        }
    }
}

impl Segment {
    /// Parameter of the nearest point and the squared distance to it.
    #[inline]
    fn project(&self, p: [f64; 2]) -> (f64, f64) {
        let d = [self.b[0] - self.a[0], self.b[1] - self.a[1]];
        let along = (p[0] - self.a[0]) * d[0] + (p[1] - self.a[1]) * d[1];
        let square = d[0] * d[0] + d[1] * d[1];
        // The ends are taken exactly, so that neighbours agree about a shared point.
        let t = if along <= 0.0 {
            0.0
        } else if along >= square {
            1.0
        } else {
            along / square
        };
        let q = self.at(t);
        let (x, y) = (p[0] - q[0], p[1] - q[1]);
        (t, x * x + y * y)
    }

    #[inline]
    fn at(&self, t: f64) -> [f64; 2] {
        if t >= 1.0 {
            return self.b;
        }
        [
            self.a[0] + t * (self.b[0] - self.a[0]),
            self.a[1] + t * (self.b[1] - self.a[1]),
        ]
    }
}

/// Appends the tree over `segments` (which start at `first` in the whole list) to `nodes`.
fn build(nodes: &mut Vec<Node>, segments: &mut [Segment], first: usize, margin: f64) {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for segment in segments.iter() {
        for axis in 0..2 {
            low[axis] = low[axis].min(segment.a[axis]).min(segment.b[axis]);
            high[axis] = high[axis].max(segment.a[axis]).max(segment.b[axis]);
        }
    }
    let here = nodes.len();
    let leaf = segments.len() <= LEAF;
    nodes.push(Node {
        low: low.map(|c| c - margin),
        high: high.map(|c| c + margin),
        first: first as u32,
        count: if leaf { segments.len() as u32 } else { 0 },
    });
    if leaf {
        return;
    }
    let axis = usize::from(high[1] - low[1] > high[0] - low[0]);
    let middle = segments.len() / 2;
    segments.select_nth_unstable_by(middle, |s, t| {
        (s.a[axis] + s.b[axis]).total_cmp(&(t.a[axis] + t.b[axis]))
    });
    let (left, right) = segments.split_at_mut(middle);
    build(nodes, left, first, margin);
    nodes[here].first = nodes.len() as u32;
    build(nodes, right, first + middle, margin);
}

#[cfg(test)]
mod tests;
