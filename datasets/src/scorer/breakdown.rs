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
                chord: if side == Side::Base {
                    [1.0; 2]
                } else {
                    [edges[k], edges[k + 1]]
                },
                pressure_truth: 0.0,
                pressure_error: 0.0,
                viscous_error: 0.0,
            }));
            let mut any = false;
            for segment in self.segments.iter().filter(|s| s.side == side) {
                any = true;
                let inner = edges.get(1..count).unwrap_or(&[]);
                let k = inner
                    .partition_point(|&edge| edge <= segment.chord)
                    .min(regions - 1);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::forces::Friction;
    use crate::scorer::testing::{Case, block, section};
    use crate::{FlowFields, Sample};

    fn states(sample: &Sample, change: impl Fn([f64; 2]) -> f64) -> (Wall, WallState, WallState) {
        let wall = Wall::from_sample(sample).unwrap();
        let truth = FlowFields::from_sample(sample).unwrap();
        let mut other = truth.clone();
        for (p, at) in other.pressure.iter_mut().zip(sample.points_2d()) {
            *p += change(at);
        }
        let state = |f| WallState::new(sample, &wall, f, Friction::Resolved).unwrap();
        let pair = (state(&truth), state(&other));
        (wall, pair.0, pair.1)
    }

    #[test]
    fn sums_are_the_coefficients() {
        let sample = Case::new(section(30)).sample(|[x, y]| ([x * y, y], x * x - 3.0 * y, 0.0));
        let (wall, truth, other) = states(&sample, |[x, y]| x - y * y);
        let rule = NormalRule::PointMean;
        let breakdown = DragBreakdown::new(&wall, &truth, &other, rule);
        let (a, b) = (truth.forces(&wall, rule), other.forces(&wall, rule));
        assert!((breakdown.pressure_error() - (b.cd_pressure - a.cd_pressure)).abs() < 1e-13);
        let regions = breakdown.regions(&REGIONS);
        assert_eq!(regions.len(), 12);
        let sum = |of: fn(&DragRegion) -> f64| regions.iter().map(of).sum::<f64>();
        assert!((sum(|r| r.pressure_truth) - a.cd_pressure).abs() < 1e-13);
        assert!((sum(|r| r.pressure_error) - breakdown.pressure_error()).abs() < 1e-13);
        assert_eq!(sum(|r| r.viscous_error), 0.0);
        assert!(breakdown.pressure_magnitude() >= a.cd_pressure.abs());
        let length: f64 = breakdown.segments.iter().map(|s| s.length).sum();
        assert!((length - wall.contour.perimeter()).abs() < 1e-13);
        assert!(breakdown.segments.windows(2).all(|w| w[0].arc < w[1].arc));
    }

    /// An error of the pressure on the upper side between 30 and 60 % of the chord shows up there
    /// and nowhere else, with the drag that its slope gives it.
    #[test]
    fn a_local_error_is_found_where_it_is() {
        let sample = Case::new(section(100)).sample(|_| ([0.0; 2], 0.0, 0.0));
        let bump = |[x, y]: [f64; 2]| {
            let inside = (0.32..0.58).contains(&x) && y > 0.2 * x * (1.0 - x);
            if inside { 1.0 } else { 0.0 }
        };
        let (wall, truth, other) = states(&sample, bump);
        let breakdown = DragBreakdown::new(&wall, &truth, &other, NormalRule::Segment);
        for region in breakdown.regions(&REGIONS) {
            let there = region.side == Side::Upper && region.chord == [0.3, 0.6];
            assert_eq!(region.pressure_error != 0.0, there, "{region:?}");
        }
    }

    /// Uniform pressure 1 in front of a block, 0 behind: the drag is height / (U^2/2) = 2. The base
    /// is a region of its own.
    #[test]
    fn the_base_is_listed_apart() {
        let sample =
            Case::new(block()).sample(|[x, _]| ([0.0; 2], if x > 1.0 { -1.0 } else { 0.0 }, 0.0));
        let (wall, truth, other) = states(&sample, |_| 0.0);
        let regions =
            DragBreakdown::new(&wall, &truth, &other, NormalRule::Segment).regions(&REGIONS);
        let base: Vec<_> = regions.iter().filter(|r| r.side == Side::Base).collect();
        assert_eq!(base.len(), 1);
        assert!((base[0].pressure_truth - 2.0).abs() < 1e-14, "{base:?}");
    }
}
