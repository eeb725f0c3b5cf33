//! The wall of a case: the airfoil's contour and the nodes of the internal mesh on it.
//!
//! Everything is listed in the contour's order (from the trailing edge over the upper side to the
//! leading edge and back along the lower side), and sides are told apart by that order alone: around
//! the nose of a section that is drooped or pitched, the normals of one side point up and down.

use std::collections::HashMap;

use karman_meshes::Contour;
use serde::{Deserialize, Serialize};

use crate::sample::vector_values;
use crate::{DatasetError, Sample, wall_nodes};

/// A side of an airfoil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// From the trailing edge over the top to the leading edge.
    Upper,
    /// From the leading edge back to the trailing edge.
    Lower,
    /// The straight end of a blunt trailing edge.
    Base,
}

/// The airfoil of a case with what the scorer needs to know of it. Lists have one entry per contour
/// point; segment `k` runs from point `k` to point `k + 1`, the last one back to point 0.
#[derive(Debug, Clone)]
pub struct Wall {
    /// The contour: order, arc length, chord.
    pub contour: Contour,
    /// The node of the internal mesh at each contour point.
    pub nodes: Vec<u32>,
    /// Normals at the points, into the body: the aerofoil file's array `Normals`, or the contour's
    /// own where there is none.
    pub inward: Vec<[f64; 2]>,
    /// Lengths of the segments, m.
    pub lengths: Vec<f64>,
    /// Segments of the two sides; those from here on are the base of a blunt trailing edge.
    side_segments: usize,
    /// All nodes of the internal mesh that lie on the wall, ascending. More than `nodes` where the
    /// mesh has several nodes at one place.
    pub all_nodes: Vec<u32>,
    /// Inlet speed, m/s.
    pub speed: f64,
    /// Angle of attack, radians.
    pub aoa: f64,
    /// Molecular kinematic viscosity, m²/s.
    pub nu: f64,
}

impl Wall {
    /// Orders the boundary "aerofoil" of a sample and finds its nodes in the internal mesh by equal
    /// coordinates.
    ///
    /// The normals' common sign is set by the contour, so that files whose normals point out of the
    /// body give the same forces.
    ///
    /// # Errors
    /// No such boundary, an outline that is not one closed loop, a point of it that is no node of
    /// the internal mesh, or conditions (`speed`, `aoa`, `nu`) that are absent or no positive
    /// speed.
    pub fn from_sample(sample: &Sample) -> Result<Self, DatasetError> {
        let boundary = sample.boundary("aerofoil")?;
        let outline = boundary.points_2d();
        let contour = Contour::from_segments(&outline, &boundary.segments())
            .map_err(DatasetError::mesh(&sample.name))?;
        let matched = wall_nodes(sample)?;
        let nodes = nodes_of(
            sample,
            &contour,
            &outline,
            &matched.nodes,
            &matched.boundary,
        )?;
        let inward = normals(sample, &contour)?;
        let (speed, nu) = (sample.global("speed")?, sample.global("nu")?);
        if !(speed > 0.0 && nu >= 0.0) {
            return Err(DatasetError::case(
                &sample.name,
                "scalars",
                format!(
                    "speed {speed} m/s and nu {nu} m2/s: speed must be positive, nu not negative"
                ),
            ));
        }
        // The lower side has one segment less than it has points.
        let lower = contour.lower_indices().len().saturating_sub(1);
        let points = contour.points();
        let ends = points.iter().zip(points.iter().cycle().skip(1));
        Ok(Self {
            lengths: ends
                .map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1]))
                .collect(),
            nodes,
            inward,
            side_segments: contour.leading_edge_index() + lower,
            contour,
            all_nodes: matched.nodes,
            speed,
            aoa: sample.global("aoa")?.to_radians(),
            nu,
        })
    }

    /// Number of contour points, which is that of the segments.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: a contour has points.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The two contour points of segment `k`.
    pub fn ends(&self, k: usize) -> [usize; 2] {
        [k, (k + 1) % self.len()]
    }

    /// The side that segment `k` lies on.
    pub fn side(&self, k: usize) -> Side {
        if k < self.contour.leading_edge_index() {
            Side::Upper
        } else if k < self.side_segments {
            Side::Lower
        } else {
            Side::Base
        }
    }

    /// Unit normal of segment `k` into the body, from its end points.
    pub fn segment_inward(&self, k: usize) -> [f64; 2] {
        self.contour.segment_normals()[k].map(|v| -v)
    }

    /// Fraction of the wall that belongs to each point: half the lengths of its two segments, m.
    pub fn point_lengths(&self) -> Vec<f64> {
        let n = self.len();
        (0..n)
            .map(|k| 0.5 * (self.lengths[k] + self.lengths[(k + n - 1) % n]))
            .collect()
    }

    /// Unit tangent at point `k` of a side, from the leading towards the trailing edge.
    pub fn tangent(&self, side: Side, k: usize) -> [f64; 2] {
        let [nx, ny] = self.contour.node_normals()[k];
        // The outward normal turned clockwise points downstream on the upper side.
        if side == Side::Upper {
            [ny, -nx]
        } else {
            [-ny, nx]
        }
    }

    /// The wall point of a side at a fraction of the chord, and the unit normal out of the body
    /// there: those of the segment that crosses the station, interpolated between its ends.
    pub fn foot(&self, side: Side, station: f64) -> ([f64; 2], [f64; 2]) {
        let indices = match side {
            Side::Upper => self.contour.upper_indices(),
            _ => self.contour.lower_indices(),
        };
        let chord = |k: usize| self.contour.chord().to_local(self.contour.points()[k])[0];
        // The last crossing from the leading edge on: noses may bulge ahead of the chord's end.
        let pair = indices
            .windows(2)
            .rev()
            .find(|p| chord(p[0]) <= station && station <= chord(p[1]));
        let [a, b] = match (pair, indices.last()) {
            (Some(pair), _) => [pair[0], pair[1]],
            (None, last) => [last.copied().unwrap_or(0); 2],
        };
        let (from, to) = (chord(a), chord(b));
        let t = if to > from {
            (station - from) / (to - from)
        } else {
            0.0
        };
        let mix = |of: &[[f64; 2]]| [0, 1].map(|c| (1.0 - t) * of[a][c] + t * of[b][c]);
        let [x, y] = mix(self.contour.node_normals());
        let length = x.hypot(y);
        (mix(self.contour.points()), [x / length, y / length])
    }

    /// Dynamic pressure U²/2, m²/s².
    pub fn dynamic_pressure(&self) -> f64 {
        0.5 * self.speed * self.speed
    }

    /// Turns a vector into the wind axes: (along the inlet velocity, to its left). Forces become
    /// (drag, lift).
    pub fn to_wind(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = self.aoa.sin_cos();
        [cos * x + sin * y, cos * y - sin * x]
    }
}

/// The internal node at each contour point, by coordinates.
fn nodes_of(
    sample: &Sample,
    contour: &Contour,
    outline: &[[f64; 2]],
    matched: &[u32],
    boundary: &[u32],
) -> Result<Vec<u32>, DatasetError> {
    let key = |p: [f64; 2]| p.map(|v| (v + 0.0).to_bits());
    let places: HashMap<[u64; 2], u32> = boundary
        .iter()
        .zip(matched)
        .map(|(&b, &node)| (key(outline[b as usize]), node))
        .collect();
    let found: Vec<Option<u32>> = contour
        .source_indices()
        .iter()
        .map(|&source| places.get(&key(outline[source])).copied())
        .collect();
    if let Some(k) = found.iter().position(Option::is_none) {
        let [x, y] = contour.points()[k];
        let absent = found.iter().filter(|node| node.is_none()).count();
        return Err(DatasetError::case(
            &sample.name,
            "wall",
            format!(
                "{absent} of {} airfoil points are no nodes of the internal mesh, the first is \
                 point {} at ({x}, {y}): forces need both files to be of the same mesh",
                found.len(),
                contour.source_indices()[k]
            ),
        ));
    }
    Ok(found.into_iter().flatten().collect())
}

/// Inward normals at the contour points.
fn normals(sample: &Sample, contour: &Contour) -> Result<Vec<[f64; 2]>, DatasetError> {
    let outward = contour.node_normals();
    let Some(field) = sample.boundary("aerofoil")?.field("Normals") else {
        return Ok(outward.iter().map(|n| n.map(|v| -v)).collect());
    };
    let listed = vector_values(&sample.name, "aerofoil", field)?;
    let mut inward = Vec::with_capacity(contour.len());
    for &source in contour.source_indices() {
        inward.push(*listed.get(source).ok_or_else(|| DatasetError::Size {
            what: format!(
                "case {}: aerofoil: points of array \"Normals\"",
                sample.name
            ),
            expected: sample.boundaries["aerofoil"].mesh.n_points(),
            found: listed.len(),
        })?);
    }
    let along: f64 = inward
        .iter()
        .zip(outward)
        .map(|(i, o)| i[0] * o[0] + i[1] * o[1])
        .sum();
    if along > 0.0 {
        inward.iter_mut().flatten().for_each(|v| *v = -*v);
    }
    Ok(inward)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::testing::{Case, block, section};

    fn wall(outline: Vec<[f64; 2]>) -> (Sample, Wall) {
        let sample = Case::new(outline).sample(|_| ([0.0; 2], 0.0, 0.0));
        let wall = Wall::from_sample(&sample).unwrap();
        (sample, wall)
    }

    #[test]
    fn nodes_lie_at_the_contour_points() {
        let (sample, wall) = wall(section(20));
        for (node, point) in wall.nodes.iter().zip(wall.contour.points()) {
            let at = sample.mesh.points()[*node as usize];
            assert_eq!([at[0], at[1]], *point);
        }
        assert_eq!(wall.all_nodes.len(), 40);
        assert!((wall.lengths.iter().sum::<f64>() - wall.contour.perimeter()).abs() < 1e-14);
        assert!(
            (wall.point_lengths().iter().sum::<f64>() - wall.contour.perimeter()).abs() < 1e-14
        );
    }

    /// With the nose pitched up, normals of the lower side around the nose point upwards: their sign
    /// would tell the sides wrongly, the order does not.
    #[test]
    fn sides_follow_the_order_of_the_contour() {
        let (sin, cos) = 50f64.to_radians().sin_cos();
        let pitched = |[x, y]: [f64; 2]| [cos * x + sin * y, cos * y - sin * x];
        let back = |[x, y]: [f64; 2]| [cos * x - sin * y, cos * y + sin * x];
        let (_, wall) = wall(section(100).into_iter().map(pitched).collect());
        let mut up_on_lower = 0;
        for k in 0..wall.len() {
            let [a, b] = wall.ends(k).map(|k| wall.contour.points()[k]);
            let [x, y] = back([0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]);
            // The first segments at the nose end at the leading edge, wherever that is.
            if x > 0.003 {
                let upper = y > 0.2 * x * (1.0 - x);
                assert_eq!(
                    wall.side(k) == Side::Upper,
                    upper,
                    "segment {k} at ({x}, {y})"
                );
                up_on_lower += u32::from(!upper && wall.segment_inward(k)[1] < 0.0);
            }
        }
        assert!(up_on_lower > 0);
    }

    #[test]
    fn a_blunt_base_is_a_side_of_its_own() {
        let (_, wall) = wall(block());
        let base: f64 = (0..wall.len())
            .filter(|&k| wall.side(k) == Side::Base)
            .map(|k| wall.lengths[k])
            .sum();
        assert_eq!(base, 1.0);
        for k in 0..wall.len() {
            let [a, b] = wall.ends(k).map(|k| wall.contour.points()[k]);
            assert_eq!(
                wall.side(k) == Side::Base,
                a[0] == 2.0 && b[0] == 2.0,
                "{a:?} {b:?}"
            );
        }
    }

    #[test]
    fn feet_lie_on_the_wall_and_tangents_point_downstream() {
        let (_, wall) = wall(section(200));
        for station in [0.2, 0.4, 0.6, 0.8] {
            for (side, sign) in [(Side::Upper, 1.0), (Side::Lower, -1.0)] {
                let (foot, normal) = wall.foot(side, station);
                // The chord is the x axis here to the nose's camber.
                assert!((foot[0] - station).abs() < 2e-3, "{foot:?}");
                let exact = 0.2 * foot[0] * (1.0 - foot[0])
                    + sign * 0.18 * foot[0].sqrt() * (1.0 - foot[0]);
                assert!((foot[1] - exact).abs() < 1e-4, "{side:?} {foot:?} {exact}");
                assert!((normal[0].hypot(normal[1]) - 1.0).abs() < 1e-14);
                assert!(normal[1] * sign > 0.8, "{side:?} {normal:?}");
            }
        }
        for (side, indices) in [
            (Side::Upper, wall.contour.upper_indices()),
            (Side::Lower, wall.contour.lower_indices()),
        ] {
            for &k in &indices[20..indices.len() - 20] {
                assert!(wall.tangent(side, k)[0] > 0.5, "{side:?} {k}");
            }
        }
    }

    #[test]
    fn conditions_and_outline_are_checked() {
        let mut sample = Case::new(section(20)).sample(|_| ([0.0; 2], 0.0, 0.0));
        sample.globals.insert("speed".into(), 0.0);
        let error = Wall::from_sample(&sample).unwrap_err().to_string();
        assert!(
            error.contains("speed 0 m/s") && error.contains("must be positive"),
            "{error}"
        );
        sample.globals.remove("speed");
        let error = Wall::from_sample(&sample).unwrap_err().to_string();
        assert!(error.contains("no \"speed\""), "{error}");
        sample.boundaries.clear();
        assert!(
            Wall::from_sample(&sample)
                .unwrap_err()
                .to_string()
                .contains("no \"aerofoil\"")
        );
    }
}
