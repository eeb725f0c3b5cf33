//! Which nodes of the internal mesh lie on the airfoil.

use std::collections::HashMap;

use crate::{DatasetError, Sample};

/// Distance, over the extent of the outline, of coordinates that are equal to single precision. A
/// wall-resolving mesh at a Reynolds number of 6e6 has its second layer of nodes ten times farther.
const SINGLE: f64 = 1e-7;

/// How the wall nodes were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallMatch {
    /// By coordinates that are equal bit for bit.
    Coordinates,
    /// By coordinates that are equal to single precision, as when only one of the two files was
    /// written in double precision.
    NearCoordinates,
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
    let mut found_by = WallMatch::Coordinates;
    let mut pairs = equal_coordinates(&points, &outline);
    // A few points may coincide by chance of rounding (the trailing edge at (1, 0)): the next way
    // is tried unless most of the outline is covered, and taken if it finds more.
    for (way, find) in [
        (WallMatch::NearCoordinates, near_coordinates as Finder),
        (WallMatch::ZeroDistance, by_distance),
    ] {
        if 2 * pairs.len() < outline.len() {
            let others = find(sample, &points, &outline)?;
            if others.len() > pairs.len() {
                (found_by, pairs) = (way, others);
            }
        }
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

type Pairs = Vec<(u32, u32)>;
type Finder = fn(&Sample, &[[f64; 2]], &[[f64; 2]]) -> Result<Pairs, DatasetError>;

/// Nodes and the outline points at the same place, bit for bit.
fn equal_coordinates(points: &[[f64; 2]], outline: &[[f64; 2]]) -> Pairs {
    // Adding zero makes one zero of the two.
    let key = |[x, y]: [f64; 2]| [(x + 0.0).to_bits(), (y + 0.0).to_bits()];
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

/// Nodes and the nearest outline point within [`SINGLE`] of the outline's extent.
fn near_coordinates(
    _: &Sample,
    points: &[[f64; 2]],
    outline: &[[f64; 2]],
) -> Result<Pairs, DatasetError> {
    let first = outline.first().copied().unwrap_or_default();
    let extent = outline.iter().map(|p| apart(*p, first)).fold(0.0, f64::max);
    let tolerance = (SINGLE * extent).max(f64::MIN_POSITIVE);
    // Squares wide enough that a point and its match are in the same one or in neighbours.
    let square = |p: [f64; 2]| p.map(|c| (c / (4.0 * tolerance)).floor() as i64);
    let mut places: HashMap<[i64; 2], Vec<u32>> = HashMap::with_capacity(outline.len());
    for (i, &point) in outline.iter().enumerate() {
        places.entry(square(point)).or_default().push(i as u32);
    }
    let find = |point: [f64; 2]| {
        let [i, j] = square(point);
        let around = (-1..=1).flat_map(|a| (-1..=1).map(move |b| [a, b]));
        let candidates = around
            .filter_map(|[a, b]| places.get(&[i.checked_add(a)?, j.checked_add(b)?]))
            .flatten();
        let nearest = candidates
            .map(|&k| (apart(outline[k as usize], point), k))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.filter(|(d, _)| *d <= tolerance).map(|(_, k)| k)
    };
    let numbered = points.iter().enumerate();
    Ok(numbered
        .filter_map(|(node, &point)| Some((node as u32, find(point)?)))
        .collect())
}

fn apart(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn by_distance(
    sample: &Sample,
    points: &[[f64; 2]],
    outline: &[[f64; 2]],
) -> Result<Pairs, DatasetError> {
    if !sample.has_field("implicit_distance") {
        return Ok(Vec::new());
    }
    let distance = sample.scalar("implicit_distance")?;
    let on_wall = distance.iter().enumerate().filter(|(_, d)| **d == 0.0);
    let nearest = |p: [f64; 2]| {
        let closer = |a: &usize, b: &usize| apart(outline[*a], p).total_cmp(&apart(outline[*b], p));
        (0..outline.len()).min_by(closer).unwrap_or(0) as u32
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
    fn by_near_coordinates() {
        let shifted = with_outline(sample(), |[x, y, z]| [x * (1.0 + 3e-8), y - 3e-8, z]);
        let wall = wall_nodes(&shifted).unwrap();
        assert_eq!(wall.found_by, WallMatch::NearCoordinates);
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
