//! A closed airfoil contour in a fixed order, and what can be measured on it.

mod distance;
mod frame;
mod normals;
mod order;
mod section;

use crate::MeshError;

use super::error::fault;
use super::segment_tree::SegmentTree;
use super::vector::{cross, distance};

pub use frame::ChordFrame;

/// Area that a contour must enclose, over the square of its extent.
const SMALLEST_AREA: f64 = 1e-7;

/// The shape of a trailing edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrailingEdge {
    /// One point. Rounded trailing edges count as sharp at their last point.
    Sharp,
    /// A straight base between an upper and a lower corner.
    Blunt {
        /// Length of the base, in the unit of the coordinates.
        height: f64,
    },
}

/// A closed airfoil contour: a loop of points that starts at the trailing edge (its upper corner
/// when it is blunt), runs over the upper side to the leading edge and back along the lower side.
/// So it turns counter-clockwise; the first point is not repeated at the end.
///
/// The trailing edge is where x is largest, so x must run roughly downstream. The leading edge is
/// the point farthest from the trailing edge. Lengths are in the unit of the coordinates.
///
/// Immutable; holds a search tree for nearest points and signed distances.
#[derive(Debug, Clone)]
pub struct Contour {
    points: Vec<[f64; 2]>,
    source: Vec<usize>,
    arc: Vec<f64>,
    perimeter: f64,
    area: f64,
    segment_normals: Vec<[f64; 2]>,
    node_normals: Vec<[f64; 2]>,
    leading: usize,
    base_segments: usize,
    frame: ChordFrame,
    tree: SegmentTree,
}

impl Contour {
    /// Orders the segments (pairs of indices into `points`) of one closed loop, given in any order
    /// and direction, as in the poly data of an AirfRANS aerofoil.
    ///
    /// Points that coincide are taken as one; unused points are left out.
    /// [`source_indices`](Self::source_indices) leads back to the input.
    ///
    /// # Errors
    /// An open loop, a branch, several loops, indices out of range, non-finite coordinates, fewer
    /// than four distinct points, or no area.
    pub fn from_segments(points: &[[f64; 2]], segments: &[[u32; 2]]) -> Result<Self, MeshError> {
        Self::from_order(points, order::loop_order(points, segments)?)
    }

    /// Takes points that are listed along the loop, from any start in either direction; the last
    /// one is joined to the first. Points that repeat the one before (to 1e-9 of the extent) are
    /// left out.
    ///
    /// # Errors
    /// Non-finite coordinates, fewer than four distinct points, or no area.
    pub fn from_points(points: &[[f64; 2]]) -> Result<Self, MeshError> {
        Self::from_order(points, order::listed_order(points)?)
    }

    fn from_order(input: &[[f64; 2]], order: Vec<usize>) -> Result<Self, MeshError> {
        let mut source = order::drop_repeated(input, order);
        let n = source.len();
        if n < 4 {
            return Err(fault(
                "contour",
                format!("has {n} distinct points, at least 4 are needed"),
            ));
        }
        let gather = |source: &[usize]| source.iter().map(|&i| input[i]).collect::<Vec<_>>();
        let mut area = signed_area(&gather(&source))?;
        if area < 0.0 {
            source.reverse();
            area = -area;
        }
        let (upper_corner, base_segments) = frame::trailing_edge(&gather(&source));
        source.rotate_left(upper_corner);
        let points = gather(&source);
        let lower_corner = points[(n - base_segments) % n];
        let te = [0, 1].map(|k| 0.5 * (points[0][k] + lower_corner[k]));
        let leading = frame::farthest(&points, te);
        if leading == 0 || leading + base_segments + 1 > n {
            return Err(fault(
                "contour",
                "has no leading edge opposite to its largest x",
            ));
        }
        let around = [leading - 1, leading, (leading + 1) % n].map(|i| points[i]);
        let frame = ChordFrame {
            leading_edge: frame::leading_edge(around[0], around[1], around[2], te),
            trailing_edge: te,
        };
        let mut arc = vec![0.0; n];
        for i in 1..n {
            arc[i] = arc[i - 1] + distance(points[i - 1], points[i]);
        }
        let segment_normals = normals::of_segments(&points);
        let indices: Vec<[u32; 2]> = (0..n as u32).map(|i| [i, (i + 1) % n as u32]).collect();
        Ok(Self {
            perimeter: arc[n - 1] + distance(points[n - 1], points[0]),
            node_normals: normals::of_nodes(&points, &segment_normals),
            tree: SegmentTree::new(&points, &indices)?,
            points,
            source,
            arc,
            area,
            segment_normals,
            leading,
            base_segments,
            frame,
        })
    }

    /// The points, in order. Point `i` starts segment `i`, which ends at point `i + 1` (the last
    /// one at point 0).
    #[must_use]
    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// The number of points, which is that of the segments.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a contour is never empty")]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// The segments as pairs of point indices.
    #[must_use]
    pub fn segments(&self) -> Vec<[u32; 2]> {
        let n = self.points.len() as u32;
        (0..n).map(|i| [i, (i + 1) % n]).collect()
    }

    /// For each point its index in the input of the constructor.
    #[must_use]
    pub fn source_indices(&self) -> &[usize] {
        &self.source
    }

    /// The enclosed area; positive, since the contour turns counter-clockwise.
    #[must_use]
    pub fn signed_area(&self) -> f64 {
        self.area
    }

    /// Length of the whole loop, the base of a blunt trailing edge included.
    #[must_use]
    pub fn perimeter(&self) -> f64 {
        self.perimeter
    }

    /// For each point the length of the contour from point 0 (the trailing edge) to it.
    #[must_use]
    pub fn arc_length(&self) -> &[f64] {
        &self.arc
    }

    /// The frame of the chord.
    #[must_use]
    pub fn chord(&self) -> &ChordFrame {
        &self.frame
    }

    /// Index of the point at the leading edge. It belongs to both sides.
    #[must_use]
    pub fn leading_edge_index(&self) -> usize {
        self.leading
    }

    /// The shape of the trailing edge.
    #[must_use]
    pub fn trailing_edge(&self) -> TrailingEdge {
        match self.base_segments {
            0 => TrailingEdge::Sharp,
            base => TrailingEdge::Blunt {
                height: distance(self.points[0], self.points[self.len() - base]),
            },
        }
    }

    /// Indices of the points of the upper side, from the leading edge to the trailing edge.
    #[must_use]
    pub fn upper_indices(&self) -> Vec<usize> {
        (0..=self.leading).rev().collect()
    }

    /// Indices of the points of the lower side, from the leading edge to the trailing edge (which,
    /// when sharp, is point 0 and belongs to both sides).
    #[must_use]
    pub fn lower_indices(&self) -> Vec<usize> {
        let n = self.len();
        (self.leading..=n - self.base_segments)
            .map(|i| i % n)
            .collect()
    }

    /// The points of the upper side, from the leading edge to the trailing edge.
    #[must_use]
    pub fn upper(&self) -> Vec<[f64; 2]> {
        self.upper_indices()
            .into_iter()
            .map(|i| self.points[i])
            .collect()
    }

    /// The points of the lower side, from the leading edge to the trailing edge.
    #[must_use]
    pub fn lower(&self) -> Vec<[f64; 2]> {
        self.lower_indices()
            .into_iter()
            .map(|i| self.points[i])
            .collect()
    }

    /// Unit normals of the segments, out of the body into the fluid.
    #[must_use]
    pub fn segment_normals(&self) -> &[[f64; 2]] {
        &self.segment_normals
    }

    /// Unit normals at the points, out of the body into the fluid: those of the circle through the
    /// point and its neighbours, or the bisector at a corner sharper than 45 degrees.
    #[must_use]
    pub fn node_normals(&self) -> &[[f64; 2]] {
        &self.node_normals
    }

    /// The same contour moved, turned and scaled so that its chord runs from (0, 0) to (1, 0).
    ///
    /// # Errors
    /// None for a contour of ordinary size; kept for coordinates that overflow.
    pub fn normalised(&self) -> Result<Self, MeshError> {
        let points: Vec<_> = self
            .points
            .iter()
            .map(|&p| self.frame.to_local(p))
            .collect();
        let mut result = Self::from_points(&points)?;
        result.source = result.source.iter().map(|&i| self.source[i]).collect();
        Ok(result)
    }
}

/// The area of a polygon, positive when it turns counter-clockwise; an error when there is none.
fn signed_area(points: &[[f64; 2]]) -> Result<f64, MeshError> {
    let origin = points[0];
    let from = |p: [f64; 2]| [p[0] - origin[0], p[1] - origin[1]];
    let n = points.len();
    let area = 0.5
        * (1..n)
            .map(|i| cross(from(points[i]), from(points[(i + 1) % n])))
            .sum::<f64>();
    let extent = points
        .iter()
        .fold(0.0_f64, |e, &p| e.max(distance(p, origin)));
    if area.abs() > SMALLEST_AREA * extent * extent {
        Ok(area)
    } else {
        Err(fault(
            "contour",
            format!("encloses no area ({area:e}, extent {extent:e}): its points lie on one line"),
        ))
    }
}

#[cfg(test)]
mod tests;
