//! Puts the segments of a closed loop in order.

use std::collections::HashMap;

use crate::MeshError;
use crate::geometry::error::{end_point, fault, finite};
use crate::geometry::vector::distance;

/// Distance of points that count as one, over the extent of the contour.
const COINCIDENT: f64 = 1e-9;
/// Indices shown in a message, at most.
const SHOWN: usize = 6;

/// The points of the one closed loop that `segments` form, in order along the loop: indices into
/// `points`, each once. The start and the direction are arbitrary.
///
/// Points with identical coordinates are taken as one (the first of them); segments of zero length
/// and points that no segment uses are left out.
pub(super) fn loop_order(
    points: &[[f64; 2]],
    segments: &[[u32; 2]],
) -> Result<Vec<usize>, MeshError> {
    let neighbours = neighbours(points, segments)?;
    let used: Vec<usize> = (0..points.len())
        .filter(|&i| !neighbours[i].is_empty())
        .collect();
    let ends: Vec<usize> = used
        .iter()
        .copied()
        .filter(|&i| neighbours[i].len() == 1)
        .collect();
    if let Some(&point) = used.iter().find(|&&i| neighbours[i].len() > 2) {
        let degree = neighbours[point].len();
        return Err(fault(
            "contour",
            format!("branches: {degree} segments meet at point {point}, two are allowed"),
        ));
    }
    if !ends.is_empty() {
        return Err(fault(
            "contour",
            format!(
                "is open: {} end points (the first are {:?}); add the missing segments",
                ends.len(),
                &ends[..ends.len().min(SHOWN)]
            ),
        ));
    }
    let mut loops = walk(&neighbours, &used);
    match loops.len() {
        0 => Err(fault("contour", "has no segment of non-zero length")),
        1 => Ok(loops.remove(0)),
        count => {
            let sizes: Vec<usize> = loops.iter().map(Vec::len).take(SHOWN).collect();
            Err(fault(
                "contour",
                format!(
                    "consists of {count} closed loops (of {sizes:?} points); \
                     pass the elements of a multi-element airfoil one at a time"
                ),
            ))
        }
    }
}

/// For each point the points at the other ends of its segments, with coincident points merged.
fn neighbours(points: &[[f64; 2]], segments: &[[u32; 2]]) -> Result<Vec<Vec<usize>>, MeshError> {
    let mut first_at = HashMap::new();
    let mut neighbours = vec![Vec::new(); points.len()];
    for (index, &[a, b]) in segments.iter().enumerate() {
        let mut merged = |point: u32| {
            // Adding 0 turns -0 into +0.
            let key = end_point(points, index, point)?.map(|c| (c + 0.0).to_bits());
            Ok::<usize, MeshError>(*first_at.entry(key).or_insert(point as usize))
        };
        let (a, b) = (merged(a)?, merged(b)?);
        if a != b {
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
    }
    Ok(neighbours)
}

/// All loops of a graph in which each used point has exactly two neighbours.
fn walk(neighbours: &[Vec<usize>], used: &[usize]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; neighbours.len()];
    let mut loops = Vec::new();
    for &start in used {
        if seen[start] {
            continue;
        }
        let mut order = vec![start];
        seen[start] = true;
        let mut here = start;
        while let Some(&next) = neighbours[here].iter().find(|&&next| !seen[next]) {
            seen[next] = true;
            order.push(next);
            here = next;
        }
        loops.push(order);
    }
    loops
}

/// The order of points that are listed along the loop already.
pub(super) fn listed_order(points: &[[f64; 2]]) -> Result<Vec<usize>, MeshError> {
    for (index, &point) in points.iter().enumerate() {
        finite(index, point)?;
    }
    Ok((0..points.len()).collect())
}

/// Leaves out points that repeat the one before them (round the loop) but for rounding, such as the
/// two ends of a trailing edge that a formula closes to 1e-17.
pub(super) fn drop_repeated(points: &[[f64; 2]], order: Vec<usize>) -> Vec<usize> {
    let Some(&first) = order.first() else {
        return order;
    };
    let origin = points[first];
    let extent = order
        .iter()
        .fold(0.0_f64, |e, &i| e.max(distance(points[i], origin)));
    let same = |a: usize, b: usize| distance(points[a], points[b]) <= COINCIDENT * extent;
    let mut kept: Vec<usize> = Vec::with_capacity(order.len());
    for index in order {
        if kept.last().is_none_or(|&last| !same(last, index)) {
            kept.push(index);
        }
    }
    while kept.len() > 1 && same(kept[0], kept[kept.len() - 1]) {
        kept.pop();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];

    fn message(points: &[[f64; 2]], segments: &[[u32; 2]]) -> String {
        loop_order(points, segments).unwrap_err().to_string()
    }

    #[test]
    fn any_order_and_direction_of_segments() {
        let order = loop_order(&SQUARE, &[[2, 1], [3, 0], [0, 1], [2, 3]]).unwrap();
        assert_eq!(order.len(), 4);
        for i in 0..4 {
            let step = order[i].abs_diff(order[(i + 1) % 4]);
            assert!(step == 1 || step == 3, "{order:?}");
        }
    }

    #[test]
    fn coincident_points_and_empty_segments_are_merged() {
        let points = [
            SQUARE[0],
            SQUARE[1],
            SQUARE[2],
            SQUARE[3],
            [-0.0, 0.0],
            [9.0, 9.0],
        ];
        let order = loop_order(&points, &[[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]]).unwrap();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3]);
        let listed = [SQUARE[0], SQUARE[1], [1.0, 1e-15], SQUARE[2], [1e-15, 0.0]];
        let order = listed_order(&listed).unwrap();
        assert_eq!(drop_repeated(&listed, order), [0, 1, 3]);
        assert!(drop_repeated(&listed, Vec::new()).is_empty());
    }

    #[test]
    fn every_fault_is_named() {
        assert!(message(&SQUARE, &[[0, 1], [1, 2], [2, 3]]).contains("[0, 3]"));
        let branch = [[0, 1], [1, 2], [2, 3], [3, 0], [1, 3]];
        assert!(message(&SQUARE, &branch).contains("3 segments meet at point 1"));
        assert!(message(&SQUARE, &[[0, 9]]).contains("point 9"));
        assert!(message(&SQUARE, &[[0, 0]]).contains("non-zero length"));
        assert!(message(&[[0.0, f64::NAN]; 2], &[[0, 1]]).contains("coordinate y"));
        let mut points = SQUARE.to_vec();
        points.extend(SQUARE.map(|[x, y]| [x + 3.0, y]));
        let mut segments = vec![[0, 1], [1, 2], [2, 3], [3, 0]];
        segments.extend([[4, 5], [5, 6], [6, 7], [7, 4]]);
        assert!(message(&points, &segments).contains("2 closed loops"));
    }
}
