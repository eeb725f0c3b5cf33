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

/// The cells cover the box without the body: no gap and no overlap.
#[test]
fn areas_add_up() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let grid = CGrid::new(&naca(&[0.0, 0.0, 12.0], edge), &CGridOptions::default()).unwrap();
        let points = grid.mesh.points();
        let flat = |i: u32| [points[i as usize][0], points[i as usize][1]];
        let mut cells = 0.0;
        // Green's theorem on the edges that belong to one cell: minus the body, plus the outside.
        let mut edges = std::collections::HashMap::new();
        for i in 0..grid.mesh.n_cells() {
            let nodes = grid.mesh.cell(i).nodes;
            for k in 0..4 {
                let (a, b) = (nodes[k], nodes[(k + 1) % 4]);
                cells += 0.5 * cross(flat(a), flat(b));
                *edges.entry((a.min(b), a.max(b))).or_insert(0) += 1;
            }
        }
        assert!(edges.values().all(|&count| count <= 2));
        assert!((cells / 18.0 - 1.0).abs() < 0.02, "{cells}");
        let body = grid.contour.signed_area();
        assert!((body - 0.0822).abs() < 1e-3, "{body}");
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
