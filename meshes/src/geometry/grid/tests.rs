use proptest::prelude::*;

use super::*;
use crate::geometry::{Naca, NacaTrailingEdge, Reflex, read_dat};
use crate::{CellType, Location};

/// Smallest corner area over the product of its sides, smallest and largest first height.
struct Quality {
    cells: usize,
    points: usize,
    sine: f64,
}

fn quality(grid: &CGrid) -> Quality {
    let points = grid.mesh.points();
    let mut sine = f64::INFINITY;
    for i in 0..grid.mesh.n_cells() {
        let cell = grid.mesh.cell(i);
        assert_eq!(cell.kind, CellType::Quad);
        let q = [0, 1, 2, 3]
            .map(|k| points[cell.nodes[k] as usize])
            .map(|[x, y, _]| [x, y]);
        for (k, area) in corner_areas(q).into_iter().enumerate() {
            let (a, b) = (minus(q[(k + 1) % 4], q[k]), minus(q[(k + 3) % 4], q[k]));
            sine = sine.min(area / (a[0].hypot(a[1]) * b[0].hypot(b[1])));
        }
    }
    Quality {
        cells: grid.mesh.n_cells(),
        points: grid.mesh.n_points(),
        sine,
    }
}

fn naca(digits: &[f64], edge: NacaTrailingEdge) -> Contour {
    Naca::from_digits(digits)
        .unwrap()
        .contour(100, edge)
        .unwrap()
}

#[test]
fn naca_sections_get_valid_grids() {
    let mut sections = Vec::new();
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        for thickness in [6.0, 9.0, 12.0, 18.0, 24.0] {
            sections.push((
                format!("00{thickness} {edge:?}"),
                naca(&[0.0, 0.0, thickness], edge),
            ));
        }
        for digits in [
            [4.0, 4.0, 12.0],
            [6.0, 2.0, 9.0],
            [7.0, 7.0, 20.0],
            [9.0, 5.0, 6.0],
        ] {
            sections.push((format!("{digits:?} {edge:?}"), naca(&digits, edge)));
        }
        let reflexed = Naca::FiveDigit {
            lift: 3.0,
            position: 4.0,
            reflex: Reflex::ZeroMoment,
            thickness: 12.0,
        };
        sections.push((
            format!("34112 {edge:?}"),
            reflexed.contour(100, edge).unwrap(),
        ));
    }
    for angle in [-12.0_f64, 12.0] {
        let (sine, cosine) = angle.to_radians().sin_cos();
        let plain = naca(&[4.0, 4.0, 12.0], NacaTrailingEdge::Finite);
        let turned = plain
            .points()
            .iter()
            .map(|[x, y]| [cosine * x + sine * y, cosine * y - sine * x]);
        sections.push((
            format!("4412 at {angle} degrees"),
            Contour::from_points(&turned.collect::<Vec<_>>()).unwrap(),
        ));
    }
    for (name, section) in sections {
        let grid = CGrid::new(&section, &CGridOptions::default())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let found = quality(&grid);
        println!(
            "{name}: {} points, {} cells, smallest sine {:.3}",
            found.points, found.cells, found.sine
        );
        assert!(
            (10_000..20_000).contains(&found.points),
            "{name}: {}",
            found.points
        );
        assert!(found.sine > 0.05, "{name}: {}", found.sine);
    }
}

#[test]
fn zones_wall_and_box() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let options = CGridOptions::default();
        let grid = CGrid::new(&naca(&[2.0, 4.0, 12.0], edge), &options).unwrap();
        let points = grid.mesh.points();
        let wall = grid.mesh.zone("aerofoil").unwrap();
        assert_eq!(
            (wall.location, wall.indices.len()),
            (Location::Point, grid.contour.len())
        );
        for (&index, p) in wall.indices.iter().zip(grid.contour.points()) {
            assert_eq!(points[index as usize], [p[0], p[1], 0.0]);
            assert_eq!(grid.contour.signed_distance(*p), 0.0);
        }
        // No point lies inside the body, and only the wall lies on it.
        let flat: Vec<_> = points.iter().map(|p| [p[0], p[1]]).collect();
        let distances = grid.contour.signed_distance_many(&flat);
        assert!(distances.iter().all(|&d| d >= 0.0));
        assert_eq!(
            distances.iter().filter(|&&d| d == 0.0).count(),
            wall.indices.len()
        );
        // The nearest layer lies at the first height (the base of a blunt edge is coarser).
        let near = distances
            .iter()
            .filter(|&&d| d > 0.0)
            .fold(f64::INFINITY, |a, &b| a.min(b));
        assert!((near / options.first_height - 1.0).abs() < 0.1, "{near}");
        let first = distances
            .iter()
            .filter(|&&d| d > 0.0 && d < 1.3 * options.first_height)
            .count();
        assert!(first > 150, "{first}");
        let (low, high) = grid.mesh.bounds();
        for (found, wanted) in [
            (low[0], -2.0),
            (high[0], 4.0),
            (low[1], -1.5),
            (high[1], 1.5),
        ] {
            assert!((found - wanted).abs() < 0.1, "{found} {wanted}");
        }
        let outer = grid.mesh.zone("freestream").unwrap();
        assert!(outer.indices.iter().all(|&i| distances[i as usize] > 0.4));
        assert!(outer.indices.len() > 100);
    }
}

/// No gap and no overlap: each point of the box lies in one cell, and none of the body does.
#[test]
fn cells_tile_the_box() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let grid = CGrid::new(&naca(&[4.0, 4.0, 12.0], edge), &CGridOptions::default()).unwrap();
        let points = grid.mesh.points();
        let quads: Vec<[[f64; 2]; 4]> = (0..grid.mesh.n_cells())
            .map(|i| grid.mesh.cell(i).nodes)
            .map(|n| [0, 1, 2, 3].map(|k| [points[n[k] as usize][0], points[n[k] as usize][1]]))
            .collect();
        // Halton points: over the box, and close to the trailing edge and the wake behind it.
        let halton = |mut i: u32, base: u32| {
            let (mut fraction, mut value) = (1.0, 0.0);
            while i > 0 {
                fraction /= f64::from(base);
                value += fraction * f64::from(i % base);
                i /= base;
            }
            value
        };
        let mut inside = 0;
        for i in 1..600 {
            let (u, v) = (halton(i, 2), halton(i, 3));
            let p = match i % 3 {
                0 => [-1.85 + 5.8 * u, -1.35 + 2.7 * v],
                1 => [-0.1 + 1.2 * u, -0.15 + 0.3 * v],
                _ => [0.95 + 0.1 * u, -0.01 + 0.02 * v],
            };
            let holds = |q: &&[[f64; 2]; 4]| {
                (0..4).all(|k| cross(minus(q[(k + 1) % 4], q[k]), minus(p, q[k])) >= 0.0)
            };
            let body = grid.contour.contains(p);
            inside += usize::from(body);
            assert_eq!(
                quads.iter().filter(holds).count(),
                usize::from(!body),
                "{edge:?} {p:?}"
            );
        }
        assert!(inside > 50, "{inside}");
    }
}

#[test]
fn scale_and_place_do_not_matter() {
    let plain = naca(&[2.0, 4.0, 12.0], NacaTrailingEdge::Finite);
    let moved: Vec<_> = plain
        .points()
        .iter()
        .map(|[x, y]| [7.0 + 250.0 * x, 250.0 * y - 3.0])
        .collect();
    let options = CGridOptions {
        surface_cells: 30,
        wake_cells: 30,
        normal_cells: 60,
        ..Default::default()
    };
    let (a, b) = (
        CGrid::new(&plain, &options).unwrap(),
        CGrid::new(&Contour::from_points(&moved).unwrap(), &options).unwrap(),
    );
    assert_eq!(a.mesh.n_points(), b.mesh.n_points());
    for (p, q) in a.mesh.points().iter().zip(b.mesh.points()) {
        assert!(
            (7.0 + 250.0 * p[0] - q[0]).abs() < 1e-6 && (250.0 * p[1] - 3.0 - q[1]).abs() < 1e-6
        );
    }
}

#[test]
fn far_fields_are_reached() {
    let options = FarFieldOptions {
        surface_cells: 40,
        wake_cells: 40,
        normal_cells: 64,
        ..Default::default()
    };
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        for digits in [[0.0, 0.0, 12.0], [6.0, 2.0, 6.0], [7.0, 7.0, 20.0]] {
            let grid = CGrid::far_field(&naca(&digits, edge), &options).unwrap();
            assert!(quality(&grid).sine > 0.05, "{digits:?} {edge:?}");
            let points = grid.mesh.points();
            let (low, high) = grid.mesh.bounds();
            let distance = |i: &u32| {
                let [x, y, _] = points[*i as usize];
                grid.contour.signed_distance([x, y])
            };
            let outlet = |p: &[f64; 3]| (p[0] - high[0]).abs() < 1e-9;
            // In chords from the trailing edge; the leading edge of a cambered section is not quite at x = 0.
            let [le, te] = [
                grid.contour.chord().leading_edge,
                grid.contour.chord().trailing_edge,
            ];
            let expected = te[0] + options.radius * (te[0] - le[0]);
            assert!((high[0] - expected).abs() < 1e-3, "{} {expected}", high[0]);
            let mut depths: Vec<f64> = (0..points.len() as u32).map(|i| distance(&i)).collect();
            depths.retain(|d| (1e-12..3.5e-5).contains(d));
            let near = |k: f64| {
                depths
                    .iter()
                    .filter(|d| (*d / 1e-5 - k).abs() < 0.05)
                    .count()
            };
            for k in [1.0, 2.0, 3.0] {
                assert!(near(k) > 70, "layer {k} is equally high: {}", near(k));
            }
            let across = points.iter().filter(|p| outlet(p)).count();
            assert!(
                across > 2 * options.normal_cells,
                "a straight outlet: {across}"
            );
            // The implicit scheme leaves about half of the radius upstream of the nose.
            let reach = [-low[0], -low[1], high[1]].map(|c| c / options.radius);
            assert!((0.4..0.6).contains(&reach[0]), "{reach:?}");
            assert!((0.7..1.0).contains(&reach[1]), "{reach:?}");
            assert!((0.7..1.0).contains(&reach[2]), "{reach:?}");
            let outer = &grid.mesh.zone("freestream").unwrap().indices;
            let far = outer
                .iter()
                .filter(|&i| distance(i) > 0.3 * options.radius)
                .count();
            assert_eq!(
                outer.len() - far,
                0,
                "nothing of the outer boundary is near"
            );
            let cells = (2 * (40 + 40)) * 64;
            let base = grid.mesh.n_cells() - cells;
            assert_eq!(base > 0, edge == NacaTrailingEdge::Finite);
        }
    }
    let message = |options: FarFieldOptions| {
        let section = naca(&[0.0, 0.0, 12.0], NacaTrailingEdge::Closed);
        CGrid::far_field(&section, &options)
            .unwrap_err()
            .to_string()
    };
    for (radius, normal_cells, expected) in [(1.0, 64, "radius"), (200.0, 8, "normal_cells")] {
        let changed = FarFieldOptions {
            radius,
            normal_cells,
            ..options
        };
        assert!(message(changed).contains(expected));
    }
}

#[test]
fn options_without_sense_are_refused() {
    let section = naca(&[0.0, 0.0, 12.0], NacaTrailingEdge::Closed);
    let message = |options: CGridOptions| CGrid::new(&section, &options).unwrap_err().to_string();
    let plain = CGridOptions::default();
    assert!(
        message(CGridOptions {
            surface_cells: 2,
            ..plain
        })
        .contains("surface_cells")
    );
    assert!(
        message(CGridOptions {
            wake_cells: 5,
            ..plain
        })
        .contains("wake")
    );
    assert!(
        message(CGridOptions {
            normal_cells: 6,
            ..plain
        })
        .contains("normal_cells")
    );
    assert!(
        message(CGridOptions {
            first_height: f64::NAN,
            ..plain
        })
        .contains("first_height")
    );
    let bounds = CGridBounds {
        x_max: 0.5,
        ..plain.bounds
    };
    assert!(message(CGridOptions { bounds, ..plain }).contains("x_max"));
    let crossed = Contour::from_points(&[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.5]]).unwrap();
    assert!(
        CGrid::new(&crossed, &plain)
            .unwrap_err()
            .to_string()
            .contains("crosses itself")
    );
}

#[test]
fn the_uiuc_collection_gets_grids() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/third_party/uiuc"
    );
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: {folder} is not there");
        return;
    };
    let (mut built, mut refused, mut worst) = (0, 0, f64::INFINITY);
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let Ok(contour) = read_dat(&path) else {
            continue;
        };
        match CGrid::new(&contour, &CGridOptions::default()) {
            Ok(grid) => {
                let found = quality(&grid);
                if found.sine < 0.1 {
                    println!("{}: smallest sine {:.3}", path.display(), found.sine);
                }
                worst = found.sine.min(worst);
                built += 1;
            }
            Err(error) => {
                refused += 1;
                println!("{}: {error}", path.display());
            }
        }
    }
    println!("{built} grids, {refused} refused, smallest sine {worst:.3}");
    assert_eq!(refused, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the contour: a valid grid or an error.
    #[test]
    fn strange_contours_do_not_panic(
        radii in prop::collection::vec(0.05_f64..1.0, 4..24),
        flatness in 0.02_f64..1.5,
    ) {
        let n = radii.len() as f64;
        let points: Vec<_> = radii.iter().enumerate()
            .map(|(i, r)| (r, std::f64::consts::TAU * i as f64 / n))
            .map(|(r, a)| [r * a.cos(), flatness * r * a.sin()])
            .collect();
        if let Ok(contour) = Contour::from_points(&points) {
            let options = CGridOptions { surface_cells: 24, wake_cells: 40, normal_cells: 40, first_height: 1e-3, ..Default::default() };
            if let Ok(grid) = CGrid::new(&contour, &options) {
                prop_assert!(quality(&grid).sine > 0.0);
            }
        }
    }

    #[test]
    fn arbitrary_points_do_not_panic(
        points in prop::collection::vec((-3_i32..4, -3_i32..4), 0..30),
        scale in prop::sample::select(vec![1.0, 1e-200, 1e200, 1e-9]),
    ) {
        let points: Vec<_> = points.iter().map(|&(x, y)| [scale * f64::from(x), scale * f64::from(y)]).collect();
        let segments: Vec<[u32; 2]> = (0..points.len() as u32).map(|i| [i, (i + 1) % points.len() as u32]).collect();
        let _ = Contour::from_segments(&points, &segments);
        if let Ok(contour) = Contour::from_points(&points) {
            let _ = contour.resample(12);
            let _ = contour.normalised();
            let _ = contour.thickness(0.5);
            let _ = crate::geometry::Cst::fit(&contour, &crate::geometry::CstOptions::default());
            let _ = crate::geometry::AirfoilMeasures::new(&contour);
            let options = CGridOptions { surface_cells: 10, wake_cells: 40, normal_cells: 40, first_height: 1e-3, ..Default::default() };
            let _ = CGrid::new(&contour, &options);
        }
    }
}
