//! Where along the airfoil the error of the drag coefficient comes from.
//!
//! Pressure drag is a small difference of large numbers: thrust at the nose against drag on the
//! back. Each contour segment's contribution to C_D is listed with its true and predicted value,
//! along the arc length from the trailing edge over the upper side; sums over regions of the chord
//! tell which part of the airfoil spoils the total. The contributions are those of the force
//! integral, so their sums are the coefficients, to rounding.

use serde::{Deserialize, Serialize};

use super::forces::{NormalRule, WallState};
use super::wall::{Side, Wall};

/// Edges of the regions along the chord, in chords from the leading edge.
pub(crate) const REGIONS: [f64; 7] = [0.0, 0.02, 0.1, 0.3, 0.6, 0.9, 1.0];

/// One contour segment's contribution to the drag coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DragSegment {
    /// The side of the airfoil.
    pub side: Side,
    /// Arc length of the segment's middle from the trailing edge over the upper side, m.
    pub arc: f64,
    /// Length of the segment, m.
    pub length: f64,
    /// Position of the middle along the chord: 0 leading edge, 1 trailing edge.
    pub chord: f64,
    /// Middle of the segment, m.
    pub middle: [f64; 2],
    /// True contribution of pressure to C_D.
    pub pressure_truth: f64,
    /// Predicted contribution of pressure to C_D.
    pub pressure_prediction: f64,
    /// True contribution of friction to C_D.
    pub viscous_truth: f64,
    /// Predicted contribution of friction to C_D.
    pub viscous_prediction: f64,
}

impl DragSegment {
    /// Error of the pressure contribution, prediction minus truth.
    pub fn pressure_error(&self) -> f64 {
        self.pressure_prediction - self.pressure_truth
    }

    /// Error of the friction contribution, prediction minus truth.
    pub fn viscous_error(&self) -> f64 {
        self.viscous_prediction - self.viscous_truth
    }
}

/// Sums over one region of one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DragRegion {
    /// The side.
    pub side: Side,
    /// The region along the chord, from and to, in chords.
    pub chord: [f64; 2],
    /// True contribution of pressure to C_D.
    pub pressure_truth: f64,
    /// Error of the pressure contribution, prediction minus truth.
    pub pressure_error: f64,
    /// Error of the friction contribution, prediction minus truth.
    pub viscous_error: f64,
}

/// Contributions of all segments to the drag coefficient, in contour order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DragBreakdown {
    /// One entry per contour segment.
    pub segments: Vec<DragSegment>,
}

impl DragBreakdown {
    /// Compares two states of a wall segment by segment.
    pub fn new(
        wall: &Wall,
        truth: &WallState,
        prediction: &WallState,
        normals: NormalRule,
    ) -> Self {
        let truth = truth.segment_forces(wall, normals);
        let prediction = prediction.segment_forces(wall, normals);
        let (points, arc) = (wall.contour.points(), wall.contour.arc_length());
        let segments = truth
            .iter()
            .zip(&prediction)
            .enumerate()
            .map(|(k, (truth, prediction))| {
                let [a, b] = wall.ends(k);
                let middle = [0, 1].map(|c| 0.5 * (points[a][c] + points[b][c]));
                DragSegment {
                    side: wall.side(k),
                    arc: arc[k] + 0.5 * wall.lengths[k],
                    length: wall.lengths[k],
                    chord: wall.contour.chord().to_local(middle)[0],
                    middle,
                    pressure_truth: truth.pressure[0],
                    pressure_prediction: prediction.pressure[0],
                    viscous_truth: truth.viscous[0],
                    viscous_prediction: prediction.viscous[0],
                }
            })
            .collect();
        Self { segments }
    }

    /// Error of the pressure drag coefficient, prediction minus truth.
    pub fn pressure_error(&self) -> f64 {
        self.segments.iter().map(DragSegment::pressure_error).sum()
    }

    /// Sum of the magnitudes of the true contributions of pressure. Divided by the true pressure
    /// drag it says how much the sum cancels, and so how much a relative error of the pressure is
    /// amplified.
    pub fn pressure_magnitude(&self) -> f64 {
        self.segments.iter().map(|s| s.pressure_truth.abs()).sum()
    }

    /// Sums over regions between `edges` (in chords, rising), for both sides, and the base last
    /// where there is one. Segments before the first edge or after the last count to the outermost
    /// regions, so that the sums are complete.
    pub fn regions(&self, edges: &[f64]) -> Vec<DragRegion> {
        let count = edges.len().saturating_sub(1);
        let mut found = Vec::new();
        for side in [Side::Upper, Side::Lower, Side::Base] {
            let regions = if side == Side::Base { 1 } else { count };
            let first = found.len();
            found.extend((0..regions).map(|k| DragRegion {
                side,
                chord: if side == Side::Base { [1.0; 2] } else { [edges[k], edges[k + 1]] },
                pressure_truth: 0.0,
                pressure_error: 0.0,
                viscous_error: 0.0,
            }));
            let mut any = false;
            for segment in self.segments.iter().filter(|s| s.side == side) {
                any = true;
                let inner = edges.get(1..count).unwrap_or(&[]);
                let k = inner.partition_point(|&edge| edge <= segment.chord).min(regions - 1);
                let region: &mut DragRegion = &mut found[first + k];
                region.pressure_truth += segment.pressure_truth;
                region.pressure_error += segment.pressure_error();
                region.viscous_error += segment.viscous_error();
            }
            if side == Side::Base && !any {
                found.truncate(first);
            }
        }
        found
    }
}
