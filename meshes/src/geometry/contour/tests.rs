use std::f64::consts::PI;

use proptest::prelude::*;

use super::*;

/// A closed symmetric section of thickness `t` with `2 n` points; blunt when `base` > 0.
fn section(n: usize, t: f64, base: f64) -> Vec<[f64; 2]> {
    let half = |x: f64| {
        let shape = 0.2969 * x.sqrt() - 0.126 * x - 0.3516 * x * x + 0.2843 * x.powi(3)
            - 0.1036 * x.powi(4);
        5.0 * t * shape + 0.5 * base * x
    };
    let x = |k: usize| 0.5 * (1.0 + (PI * k as f64 / n as f64).cos());
    let mut points: Vec<_> = (0..=n).map(|k| [x(k), half(x(k))]).collect();
    points.extend((0..n).rev().map(|k| [x(k), -half(x(k))]));
    points
}

#[test]
fn circle_area_perimeter_and_distance() {
    let n = 720;
    let points: Vec<_> = (0..n)
        .map(|i| 2.0 * PI * f64::from(i) / f64::from(n))
        .map(|a| [3.0 + 2.0 * a.cos(), 1.0 + 2.0 * a.sin()])
        .collect();
    let contour = Contour::from_points(&points).unwrap();
    let h = PI / f64::from(n);
    // A regular polygon: n r^2 sin(2h)/2 and 2 n r sin(h).
    assert!((contour.signed_area() - f64::from(n) * 2.0 * (2.0 * h).sin()).abs() < 1e-12);
    assert!((contour.perimeter() - f64::from(n) * 4.0 * h.sin()).abs() < 1e-12);
    assert_eq!(contour.points()[0], [5.0, 1.0]);
    assert_eq!(contour.leading_edge_index(), 360);
    assert!((contour.chord().length() - 4.0).abs() < 1e-12);
    assert!((contour.signed_distance([3.0, 1.0]) + 2.0 * h.cos()).abs() < 1e-12);
    assert!((contour.signed_distance([10.0, 1.0]) - 5.0).abs() < 1e-12);
    assert!((contour.thickness(0.5) - 1.0).abs() < 1e-6);
}

#[test]
fn section_has_its_edges_sides_and_normals() {
    for (base, count) in [(0.0, 80), (0.004, 81)] {
        let contour = Contour::from_points(&section(40, 0.12, base)).unwrap();
        assert_eq!(contour.len(), count);
        assert!(distance(contour.points()[0], [1.0, 0.5 * base]) < 1e-16);
        assert_eq!(contour.points()[contour.leading_edge_index()], [0.0, 0.0]);
        let (upper, lower) = (contour.upper(), contour.lower());
        assert_eq!((upper.len(), lower.len()), (41, 41));
        for (u, l) in upper.iter().zip(&lower) {
            assert!(distance(*u, [l[0], -l[1]]) < 1e-16);
        }
        match contour.trailing_edge() {
            TrailingEdge::Sharp => assert_eq!(base, 0.0),
            TrailingEdge::Blunt { height } => assert!((height - base).abs() < 1e-15),
        }
        for (p, n) in contour.points().iter().zip(contour.node_normals()) {
            assert!((n[0].hypot(n[1]) - 1.0).abs() < 1e-14);
            let outside = [p[0] + 1e-6 * n[0], p[1] + 1e-6 * n[1]];
            assert!(contour.signed_distance(outside) > 0.0, "{p:?} {n:?}");
            assert_eq!(contour.signed_distance(*p), 0.0);
        }
    }
}

#[test]
fn thickness_and_camber_between_nodes_are_accurate() {
    let t = 0.12;
    let exact = |x: f64| {
        10.0 * t
            * (0.2969 * x.sqrt() - 0.126 * x - 0.3516 * x * x + 0.2843 * x.powi(3)
                - 0.1036 * x.powi(4))
    };
    let contour = Contour::from_points(&section(40, t, 0.0)).unwrap();
    for i in 0..=200 {
        let x = f64::from(i) / 200.0;
        // Measured: 7.8e-5 next to the nose, 1.1e-5 from a tenth of the chord on.
        let error = (contour.thickness(x) - exact(x)).abs();
        assert!(error < if x < 0.1 { 1e-4 } else { 1.5e-5 }, "{x} {error}");
        assert!(contour.camber(x).abs() < 1e-14);
    }
    assert!(contour.thickness(f64::NAN).is_nan());
}

#[test]
fn resampling_keeps_the_shape() {
    for base in [0.0, 0.004] {
        let contour = Contour::from_points(&section(60, 0.15, base)).unwrap();
        let fine = contour.resample(150).unwrap();
        assert_eq!(fine.len(), 300 + usize::from(base > 0.0));
        assert_eq!(fine.upper().len(), 151);
        for x in [0.01, 0.1, 0.3, 0.6, 0.95] {
            assert!((fine.thickness(x) - contour.thickness(x)).abs() < 1e-5);
        }
        assert!((fine.signed_area() - contour.signed_area()).abs() < 1e-4);
        assert!(contour.resample(1).is_err());
    }
}

#[test]
fn degenerate_input_is_refused() {
    let line: Vec<_> = (0..9).map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect();
    assert!(
        Contour::from_points(&line)
            .unwrap_err()
            .to_string()
            .contains("no area")
    );
    assert!(
        Contour::from_points(&line[..3])
            .unwrap_err()
            .to_string()
            .contains("at least 4")
    );
    assert!(Contour::from_points(&[]).is_err());
    assert!(Contour::from_points(&[[f64::INFINITY, 0.0]; 5]).is_err());
}

#[test]
fn normalised_has_unit_chord_and_the_same_sources() {
    let turned: Vec<_> = section(30, 0.1, 0.0)
        .into_iter()
        .map(|[x, y]| [5.0 + 20.0 * (0.9 * x + 0.3 * y), 20.0 * (0.9 * y - 0.3 * x)])
        .collect();
    let contour = Contour::from_points(&turned).unwrap();
    let unit = contour.normalised().unwrap();
    assert_eq!(unit.source_indices(), contour.source_indices());
    assert!((unit.chord().length() - 1.0).abs() < 1e-12);
    assert!(unit.points()[0][1].abs() < 1e-12 && (unit.points()[0][0] - 1.0).abs() < 1e-12);
    let plain = Contour::from_points(&section(30, 0.1, 0.0)).unwrap();
    assert!((unit.thickness(0.3) - plain.thickness(0.3)).abs() < 1e-12);
}

proptest! {
    /// However the segments are shuffled, turned and started: the same contour.
    #[test]
    fn order_of_the_input_does_not_matter(seed in any::<u64>(), flips in any::<u64>(), blunt in any::<bool>()) {
        let reference = Contour::from_points(&section(20, 0.12, if blunt { 0.01 } else { 0.0 })).unwrap();
        let n = reference.len();
        let mut random = seed | 1;
        let mut next = |bound: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % bound
        };
        let shuffle = |next: &mut dyn FnMut(usize) -> usize| {
            let mut order: Vec<usize> = (0..n).collect();
            for i in (1..n).rev() {
                order.swap(i, next(i + 1));
            }
            order
        };
        let (names, places) = (shuffle(&mut next), shuffle(&mut next));
        let mut points = vec![[0.0; 2]; n];
        for (i, &name) in names.iter().enumerate() {
            points[name] = reference.points()[i];
        }
        let segments: Vec<[u32; 2]> = places.iter().map(|&i| {
            let pair = [names[i] as u32, names[(i + 1) % n] as u32];
            if flips >> (i % 64) & 1 == 1 { [pair[1], pair[0]] } else { pair }
        }).collect();
        let contour = Contour::from_segments(&points, &segments).unwrap();
        prop_assert_eq!(contour.points(), reference.points());
        prop_assert_eq!(contour.source_indices(), &names[..]);
    }

    /// Moving and turning (less than the side of the trailing edge changes) moves everything along.
    #[test]
    fn distance_moves_with_the_contour(angle in -0.3_f64..0.3, dx in -9.0_f64..9.0, x in -1.0_f64..2.0, y in -1.0_f64..1.0) {
        let turn = |[x, y]: [f64; 2]| [dx + angle.cos() * x - angle.sin() * y, angle.sin() * x + angle.cos() * y];
        let plain = Contour::from_points(&section(20, 0.12, 0.0)).unwrap();
        let moved: Vec<_> = plain.points().iter().map(|&p| turn(p)).collect();
        let moved = Contour::from_points(&moved).unwrap();
        prop_assert!((plain.signed_distance([x, y]) - moved.signed_distance(turn([x, y]))).abs() < 1e-12);
    }
}
