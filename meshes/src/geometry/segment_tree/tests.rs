use proptest::prelude::*;

use super::*;

/// The oracle: all segments, one after the other, lowest index first.
fn brute(points: &[[f64; 2]], segments: &[[u32; 2]], p: [f64; 2]) -> (u32, f64) {
    let mut best = (0, f64::INFINITY);
    for (id, &[a, b]) in segments.iter().enumerate() {
        let segment = Segment {
            a: points[a as usize],
            b: points[b as usize],
            id: 0,
        };
        let squared = segment.project(p).1;
        if squared < best.1 {
            best = (id as u32, squared);
        }
    }
    best
}

fn circle(n: usize) -> (Vec<[f64; 2]>, Vec<[u32; 2]>) {
    let angle = |i: usize| std::f64::consts::TAU * i as f64 / n as f64;
    let points = (0..n).map(|i| [angle(i).cos(), angle(i).sin()]).collect();
    let segments = (0..n as u32).map(|i| [i, (i + 1) % n as u32]).collect();
    (points, segments)
}

#[test]
fn one_segment_known_answers() {
    let tree = SegmentTree::new(&[[0.0, 0.0], [2.0, 0.0]], &[[0, 1]]).unwrap();
    let hit = tree.nearest([0.5, 3.0]);
    assert_eq!((hit.segment, hit.t, hit.point), (0, 0.25, [0.5, 0.0]));
    assert_eq!(hit.distance, 3.0);
    assert_eq!(tree.nearest([5.0, 4.0]).point, [2.0, 0.0]);
    assert_eq!(tree.nearest([5.0, 4.0]).distance, 5.0);
    assert_eq!(tree.nearest([-3.0, 4.0]).t, 0.0);
    assert!(tree.nearest([f64::NAN, 0.0]).distance.is_nan());
}

#[test]
fn shared_point_goes_to_the_lowest_segment_and_is_exact() {
    let (points, segments) = circle(101);
    let tree = SegmentTree::new(&points, &segments).unwrap();
    for (i, &p) in points.iter().enumerate() {
        let hit = tree.nearest(p);
        assert_eq!(hit.distance, 0.0);
        assert_eq!(hit.segment as usize, i.saturating_sub(1));
    }
}

#[test]
fn winding_number_of_a_circle_and_of_its_reverse() {
    let (points, mut segments) = circle(64);
    let tree = SegmentTree::new(&points, &segments).unwrap();
    segments.iter_mut().for_each(|s| s.reverse());
    let reverse = SegmentTree::new(&points, &segments).unwrap();
    for i in 0..400 {
        let (r, angle) = (0.005 * f64::from(i), 0.37 * f64::from(i));
        let p = [r * angle.cos(), r * angle.sin()];
        if (r - 1.0).abs() > 0.01 {
            assert_eq!(tree.winding_number(p), i32::from(r < 1.0), "{p:?}");
            assert_eq!(reverse.winding_number(p), -i32::from(r < 1.0), "{p:?}");
        }
    }
}

#[test]
fn bad_input_is_refused() {
    let points = [[0.0, 0.0], [f64::NAN, 1.0]];
    let message = |r: Result<SegmentTree, MeshError>| r.unwrap_err().to_string();
    assert!(message(SegmentTree::new(&points, &[])).contains("at least one"));
    assert!(message(SegmentTree::new(&points, &[[0, 7]])).contains("point 7"));
    assert!(message(SegmentTree::new(&points, &[[0, 1]])).contains("finite"));
}

proptest! {
    #[test]
    fn equals_brute_force(
        // Integer coordinates provoke ties, zero lengths and collinear segments.
        points in prop::collection::vec((-6_i32..6, -6_i32..6), 2..80),
        queries in prop::collection::vec((-30_i32..30, -30_i32..30), 1..40),
        scale in prop::sample::select(vec![1.0, 0.25, 0.1, 1e-7, 3e8]),
        shift in prop::sample::select(vec![0.0, 1.0, 1e4]),
    ) {
        let points: Vec<[f64; 2]> = points.iter()
            .map(|&(x, y)| [(f64::from(x) + shift) * scale, f64::from(y) * scale]).collect();
        let segments: Vec<[u32; 2]> = (1..points.len() as u32).map(|i| [i - 1, i]).collect();
        let tree = SegmentTree::new(&points, &segments).unwrap();
        let queries: Vec<[f64; 2]> = queries.iter()
            .map(|&(x, y)| [(0.25 * f64::from(x) + shift) * scale, 0.25 * f64::from(y) * scale]).collect();
        let batch = tree.nearest_many(&queries);
        for (&q, many) in queries.iter().zip(batch) {
            let one = tree.nearest(q);
            let (segment, squared) = brute(&points, &segments, q);
            prop_assert_eq!(one, many);
            prop_assert_eq!(one.segment, segment);
            prop_assert!((one.distance - squared.sqrt()).abs() <= 1e-15 * squared.sqrt());
        }
    }
}
