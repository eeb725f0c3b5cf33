//! Which nodes of the internal mesh lie on the airfoil.

use std::collections::HashMap;

use crate::{DatasetError, Sample};

/// How the wall nodes were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallMatch {
    /// By coordinates that are equal bit for bit.
    Coordinates,
    /// By coordinates that are equal after rounding to single precision, as when one of the two
    /// files was written in double precision.
    RoundedCoordinates,
    /// By a distance to the airfoil of exactly zero.
    ZeroDistance,
}

/// The nodes of the internal mesh that lie on the airfoil.
#[derive(Debug, Clone, PartialEq)]
pub struct WallNodes {
    /// Node indices of the internal mesh, ascending.
    pub nodes: Vec<u32>,
    /// For each of them, the point of the "aerofoil" boundary it coincides with (or lies nearest
    /// to, when found by distance).
    pub boundary: Vec<u32>,
    /// How they were found.
    pub found_by: WallMatch,
    /// Disagreements with the other marks of a wall node (velocity exactly zero, distance exactly
    /// zero), for the person who owns the data; empty for sound files.
    pub notes: Vec<String>,
}

/// Finds the wall nodes of a sample by exact match of coordinates with the "aerofoil" boundary, or
/// by zero distance where no coordinates match, and cross-checks them with `U_x == 0`.
///
/// # Errors
/// No "aerofoil" boundary, or no node on it.
pub fn wall_nodes(sample: &Sample) -> Result<WallNodes, DatasetError> {
    let points = sample.points_2d();
    let outline = sample.boundary("aerofoil")?.points_2d();
    let exact = |[x, y]: [f64; 2]| [bits(x), bits(y)];
    let rounded = |[x, y]: [f64; 2]| [bits(f64::from(x as f32)), bits(f64::from(y as f32))];
    let mut found_by = WallMatch::Coordinates;
    let mut pairs = matches(&points, &outline, exact);
    if pairs.is_empty() {
        found_by = WallMatch::RoundedCoordinates;
        pairs = matches(&points, &outline, rounded);
    }
    if pairs.is_empty() {
        found_by = WallMatch::ZeroDistance;
        pairs = by_distance(sample, &points, &outline)?;
    }
    if pairs.is_empty() {
        return Err(DatasetError::case(
            &sample.name,
            "wall",
            "no node of the internal mesh lies on the airfoil: neither do coordinates match \
             those of the aerofoil file, nor is implicit_distance zero anywhere",
        ));
    }
    let (nodes, boundary): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    let notes = cross_check(sample, &nodes, &boundary, outline.len());
    Ok(WallNodes {
        nodes,
        boundary,
        found_by,
        notes,
    })
}

/// The bits of a coordinate, with one zero instead of two.
fn bits(v: f64) -> u64 {
    (v + 0.0).to_bits()
}

fn matches(
    points: &[[f64; 2]],
    outline: &[[f64; 2]],
    key: impl Fn([f64; 2]) -> [u64; 2],
) -> Vec<(u32, u32)> {
    // Of outline points that coincide, the first stands for all.
    let mut places = HashMap::with_capacity(outline.len());
    for (i, &point) in outline.iter().enumerate() {
        places.entry(key(point)).or_insert(i as u32);
    }
    let numbered = points.iter().enumerate();
    numbered
        .filter_map(|(node, &point)| Some((node as u32, *places.get(&key(point))?)))
        .collect()
}

fn by_distance(
    sample: &Sample,
    points: &[[f64; 2]],
    outline: &[[f64; 2]],
) -> Result<Vec<(u32, u32)>, DatasetError> {
    if !sample.has_field("implicit_distance") {
        return Ok(Vec::new());
    }
    let distance = sample.scalar("implicit_distance")?;
    let on_wall = distance.iter().enumerate().filter(|(_, d)| **d == 0.0);
    let nearest = |p: [f64; 2]| {
        let squared = |q: &[f64; 2]| (q[0] - p[0]).powi(2) + (q[1] - p[1]).powi(2);
        let by_distance =
            |a: &usize, b: &usize| squared(&outline[*a]).total_cmp(&squared(&outline[*b]));
        (0..outline.len()).min_by(by_distance).unwrap_or(0) as u32
    };
    Ok(on_wall
        .map(|(node, _)| (node as u32, nearest(points[node])))
        .collect())
}

fn cross_check(sample: &Sample, nodes: &[u32], boundary: &[u32], n_outline: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let mut seen = vec![false; n_outline];
    for &b in boundary {
        seen[b as usize] = true;
    }
    let unmatched = seen.iter().filter(|s| !**s).count();
    if unmatched > 0 {
        notes.push(format!(
            "{unmatched} of {n_outline} airfoil points coincide with no node of the internal mesh"
        ));
    }
    let mut marks: Vec<(&str, Vec<bool>)> = Vec::new();
    if let Ok(u) = sample.vector("U") {
        marks.push(("U_x", u.iter().map(|u| u[0] == 0.0).collect()));
    }
    if let Ok(d) = sample.scalar("implicit_distance") {
        marks.push(("implicit_distance", d.iter().map(|d| *d == 0.0).collect()));
    }
    for (name, zero) in marks {
        let agreeing = nodes.iter().filter(|n| zero[**n as usize]).count();
        let total = zero.iter().filter(|z| **z).count();
        if agreeing != nodes.len() || total != nodes.len() {
            notes.push(format!(
                "{} nodes lie on the airfoil, of which {agreeing} have {name} == 0; {} other \
                 nodes have it too",
                nodes.len(),
                total - agreeing
            ));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SyntheticCase;
    use karman_meshes::{Field, Location, Mesh};

    fn sample() -> Sample {
        SyntheticCase::default().sample().unwrap()
    }

    /// The aerofoil boundary with its points changed.
    fn with_outline(mut sample: Sample, change: impl Fn([f64; 3]) -> [f64; 3]) -> Sample {
        let boundary = sample.boundaries.get_mut("aerofoil").unwrap();
        let points = boundary.mesh.points().iter().map(|&p| change(p)).collect();
        let mut builder = Mesh::builder().points(points);
        for cell in boundary.mesh.cells() {
            builder = builder.cell(cell.kind, cell.nodes);
        }
        boundary.mesh = builder.build().unwrap();
        sample
    }

    #[test]
    fn by_equal_coordinates() {
        let wall = wall_nodes(&sample()).unwrap();
        assert_eq!(wall.found_by, WallMatch::Coordinates);
        assert_eq!(wall.nodes, wall.boundary);
        assert_eq!((wall.nodes.len(), wall.notes.len()), (64, 0));
    }

    #[test]
    fn by_rounded_coordinates() {
        let shifted = with_outline(sample(), |[x, y, z]| [x * (1.0 + 1e-12), y + 1e-15, z]);
        let wall = wall_nodes(&shifted).unwrap();
        assert_eq!(wall.found_by, WallMatch::RoundedCoordinates);
        assert_eq!(wall.nodes.len(), 64);
    }

    #[test]
    fn by_zero_distance() {
        let moved = with_outline(sample(), |[x, y, z]| [x, y + 1e-5, z]);
        let wall = wall_nodes(&moved).unwrap();
        assert_eq!(wall.found_by, WallMatch::ZeroDistance);
        assert_eq!(wall.boundary, (0..64).collect::<Vec<u32>>());
        let mut lost = with_outline(sample(), |[x, y, z]| [x, y + 1e-5, z]);
        lost.fields.retain(|f| f.name() != "implicit_distance");
        let message = wall_nodes(&lost).unwrap_err().to_string();
        assert!(
            message.contains("no node of the internal mesh"),
            "{message}"
        );
    }

    #[test]
    fn disagreement_is_noted() {
        let mut odd = sample();
        let mut u = odd.field("U").unwrap().to_f32();
        u[3 * 5] = 1.0;
        u[3 * 1000] = 0.0;
        odd.fields.retain(|f| f.name() != "U");
        odd.fields
            .push(Field::new("U", Location::Point, 3, u).unwrap());
        let wall = wall_nodes(&odd).unwrap();
        assert_eq!(wall.nodes.len(), 64);
        assert_eq!(wall.notes.len(), 1);
        assert!(
            wall.notes[0].contains("63 have U_x == 0; 1 other"),
            "{}",
            wall.notes[0]
        );
    }
}
