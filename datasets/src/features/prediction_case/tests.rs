use std::path::Path;

use karman_meshes::{CGrid, CGridOptions, Location, NacaTrailingEdge, Zone, naca4};

use super::*;
use crate::{AirfransDataset, CaseTable, FlowFields, SyntheticCase, forces_of};

fn request(name: &str, speed: f64, aoa: f64) -> PredictionRequest<'_> {
    PredictionRequest {
        name,
        conditions: Conditions::new(speed, aoa).unwrap(),
        reach: None,
    }
}

/// A mesh with its points changed.
fn moved(mesh: &Mesh, change: impl Fn([f64; 3]) -> [f64; 3]) -> Mesh {
    Mesh::builder()
        .points(mesh.points().iter().map(|&p| change(p)).collect())
        .cells(
            mesh.cell_types().to_vec(),
            mesh.cell_offsets().to_vec(),
            mesh.connectivity().to_vec(),
        )
        .build()
        .unwrap()
}

fn largest_difference(a: &PointTable, b: &PointTable, column: &str) -> f64 {
    let (a, b) = (a.column(column).unwrap(), b.column(column).unwrap());
    assert_eq!(a.len(), b.len());
    let apart = a.iter().zip(&b).map(|(a, b)| f64::from(a - b).abs());
    apart.fold(0.0, f64::max)
}

/// The rows of a case that is known are made from its mesh alone.
#[test]
fn rows_are_those_of_the_sample() {
    let case = SyntheticCase::default();
    let sample = case.sample().unwrap();
    let known = CaseTable::from_sample(&sample).unwrap();
    let made =
        PredictionCase::new(&sample.mesh, &request(&sample.name, case.speed, case.aoa)).unwrap();
    assert!(made.similarity.in_place());
    assert_eq!(made.similarity.speed_ratio, 1.0);
    assert_eq!(made.wall.nodes, known.wall.nodes);
    for column in made.table.columns() {
        let apart = largest_difference(&made.table, &known.table, column);
        // Normals of the synthetic files are those of circles through three points.
        let tolerance = if column.contains("normal") {
            0.02
        } else {
            1e-5
        };
        assert!(apart < tolerance, "{column}: {apart}");
    }
    let expected = CaseInfo {
        coefficients: None,
        ..known.info
    };
    assert_eq!(made.info, expected);
}

/// The same with real files, whose normals on the wall are VTK's own in single precision.
#[test]
fn rows_are_those_of_real_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/airfoil-openfoam");
    if !root.is_dir() {
        eprintln!("skipped: no {}", root.display());
        return;
    }
    let data = AirfransDataset::open(root).unwrap();
    for name in data.cases("full_test").unwrap().iter().take(3) {
        let sample = data.load(name).unwrap();
        let known = CaseTable::from_sample(&sample).unwrap();
        let (speed, aoa) = (known.info.speed, known.info.aoa);
        let made = PredictionCase::new(&sample.mesh, &request(name, speed, aoa)).unwrap();
        for column in made.table.columns() {
            let tolerance = if column.contains("normal") { 1e-4 } else { 0.0 };
            let apart = largest_difference(&made.table, &known.table, column);
            assert!(apart <= tolerance, "{name} {column}: {apart}");
        }
        let expected = CaseInfo {
            coefficients: None,
            ..known.info
        };
        assert_eq!(made.info, expected);
        // The forces of the known flow on the mesh alone are those on the case's own files.
        let flow = FlowFields::from_sample(&sample).unwrap();
        let (a, b) = (
            forces_of(&made.sample, &flow).unwrap(),
            forces_of(&sample, &flow).unwrap(),
        );
        assert!(
            (a.cd - b.cd).abs() < 1e-5 && (a.cl - b.cl).abs() < 1e-5,
            "{a:?} {b:?}"
        );
    }
}

/// An airfoil of another size, place and angle in another fluid is the same case to the model, and
/// what the model says is scaled and turned back.
#[test]
fn similar_airfoils_are_one_case() {
    let case = SyntheticCase::default();
    let sample = case.sample().unwrap();
    let known = CaseTable::from_sample(&sample).unwrap();
    let (chord, pitch, origin) = (2.5, -7.0f64, [30.0, -4.0]);
    let (sin, cos) = pitch.to_radians().sin_cos();
    let mesh = moved(&sample.mesh, |[x, y, _]| {
        [
            origin[0] + chord * (cos * x - sin * y),
            origin[1] + chord * (sin * x + cos * y),
            3.0,
        ]
    });
    let conditions = Conditions {
        speed: 2.0,
        aoa: case.aoa + pitch,
        nu: 1e-6,
    };
    let request = PredictionRequest {
        conditions,
        ..request(&sample.name, 1.0, 0.0)
    };
    let made = PredictionCase::new(&mesh, &request).unwrap();
    let asked = &made.info;
    // The Reynolds number is kept.
    let reynolds = 2.0 * chord / 1e-6;
    assert!(
        (asked.reynolds() / reynolds - 1.0).abs() < 1e-4,
        "{asked:?}"
    );
    assert!((asked.aoa - case.aoa).abs() < 0.5, "{asked:?}");
    assert!(asked.notes[0].contains("chord of 2.4998"), "{asked:?}");
    assert!((made.similarity.chord - chord).abs() < 2e-3 * chord);
    // Where points are and how far from the airfoil: the chord line is not quite the x axis.
    for (column, tolerance) in [("x", 0.02), ("y", 0.02), ("sdf", 0.003), ("arc", 0.003)] {
        let apart = largest_difference(&made.table, &known.table, column);
        assert!(apart < tolerance, "{column}: {apart}");
    }
    // The inlet velocity comes back as it was given; pressure and stress scale with its square.
    let back = made.similarity.velocity(asked.inlet);
    let given = conditions.inlet();
    assert!((back[0] - given[0]).hypot(back[1] - given[1]) < 1e-12);
    let q = asked.speed * asked.speed;
    assert!((made.similarity.pressure(q) - 4.0).abs() < 1e-12);
    let stress = made.similarity.stress([q, 0.0]);
    assert!((stress[0].hypot(stress[1]) - 4.0).abs() < 1e-12);
    let nut = made.similarity.viscosity(asked.nu);
    assert!((nut / 1e-6 - 1.0).abs() < 1e-12, "{nut}");
    assert!((made.similarity.length(1.0) - made.similarity.chord).abs() < 1e-12);
    // Forces of the case's flow on the mesh that came back are those of the case.
    let flow = FlowFields::from_sample(&sample).unwrap();
    let scale = made.info.speed / case.speed;
    let turn = made.info.aoa - case.aoa;
    let (sin, cos) = turn.to_radians().sin_cos();
    let flow = FlowFields {
        velocity: (flow.velocity.iter())
            .map(|u| [cos * u[0] - sin * u[1], sin * u[0] + cos * u[1]].map(|c| c * scale))
            .collect(),
        pressure: flow.pressure.iter().map(|p| p * scale * scale).collect(),
        nut: flow.nut,
    };
    let lift = forces_of(&made.sample, &flow).unwrap().cl_pressure;
    let exact = known.info.coefficients.unwrap().cl_pressure;
    assert!((lift / exact - 1.0).abs() < 5e-3, "{lift} {exact}");
}

#[test]
fn a_moved_airfoil_that_is_not_pitched_is_not_turned() {
    let naca = naca4(6.0, 4.0, 18.0, 60, NacaTrailingEdge::Closed).unwrap();
    let points: Vec<[f64; 2]> = naca
        .points()
        .iter()
        .map(|p| [7.0 + 0.3 * p[0], 0.3 * p[1] - 2.0])
        .collect();
    let contour = Contour::from_points(&points).unwrap();
    let conditions = Conditions::new(100.0, 3.0).unwrap();
    let similarity = Similarity::new(&contour, &conditions).unwrap();
    assert_eq!(similarity.chord_angle, 0.0);
    assert!((similarity.chord - 0.3).abs() < 1e-3, "{similarity:?}");
    for (moved, original) in points.iter().zip(naca.points()) {
        let p = similarity.point_to_training(*moved);
        assert!((p[0] - original[0]).abs() < 4e-3 && (p[1] - original[1]).abs() < 4e-3);
    }
    let asked = similarity.conditions_in_training(&conditions);
    assert_eq!(asked.aoa, 3.0);
    assert!((asked.speed - 30.0).abs() < 0.1);
    assert!(Similarity::new(&naca, &conditions).unwrap().in_place());
    for (speed, aoa, nu) in [
        (f64::NAN, 0.0, 1e-5),
        (0.0, 0.0, 1e-5),
        (1.0, f64::INFINITY, 1e-5),
        (1.0, 0.0, 0.0),
    ] {
        assert!(Similarity::new(&naca, &Conditions { speed, aoa, nu }).is_err());
    }
}

#[test]
fn grids_around_airfoils_are_cases() {
    let options = CGridOptions {
        surface_cells: 30,
        wake_cells: 24,
        normal_cells: 24,
        first_height: 2e-3,
        ..CGridOptions::default()
    };
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let naca = naca4(2.0, 4.0, 12.0, 80, edge).unwrap();
        let grid = CGrid::new(&naca, &options).unwrap();
        let made = PredictionCase::new(&grid.mesh, &request("naca2412", 40.0, 2.0)).unwrap();
        assert_eq!(made.contour.points(), grid.contour.points());
        assert_eq!(made.info.n_surface, grid.contour.len());
        // Without its zones, the hole is found.
        let bare = moved(&grid.mesh, |p| p);
        let again = PredictionCase::new(&bare, &request("naca2412", 40.0, 2.0)).unwrap();
        assert_eq!(again.table, made.table);
        assert!(made.info.notes.is_empty(), "{:?}", made.info.notes);
        let thickness = made.info.measures[1];
        assert!((thickness - 0.12).abs() < 1e-3, "{thickness}");
    }
}

#[test]
fn meshes_unlike_those_of_training_are_told() {
    let sample = SyntheticCase::default().sample().unwrap();
    let plain = PredictionCase::new(&sample.mesh, &request("case", 50.0, 4.0)).unwrap();
    let own = plain.info.sdf_max;
    assert!(plain.beyond.iter().all(|b| !b));
    let with = |reach| {
        let request = PredictionRequest {
            reach: Some(reach),
            ..request("case", 50.0, 4.0)
        };
        PredictionCase::new(&sample.mesh, &request).unwrap()
    };
    let like = with(TrainingReach {
        low: [-3.0; 2],
        high: [4.0; 2],
        sdf_max: 1.1 * own,
    });
    assert_eq!(like.table, plain.table);
    assert!(like.info.notes.is_empty());
    let small = with(TrainingReach {
        low: [-0.5; 2],
        high: [1.5, 0.5],
        sdf_max: 0.5,
    });
    assert_eq!(small.info.sdf_max, 0.5);
    let notes = small.info.notes.join("\n");
    assert!(notes.contains("outside of where"), "{notes}");
    assert!(notes.contains("reaches"), "{notes}");
    let x = plain.table.column("x").unwrap();
    for (k, beyond) in small.beyond.iter().enumerate() {
        assert!(*beyond || (-0.6..=1.6).contains(&x[k]));
    }
    assert!(small.wall.nodes.iter().all(|&n| !small.beyond[n as usize]));
    // Far points have faded to nothing instead of to something negative.
    let far = small.table.column("volume_normal_x").unwrap();
    let sdf = small.table.column("sdf").unwrap();
    assert!((0..far.len()).all(|k| sdf[k] < 0.5 || far[k] == 0.0));
}

#[test]
fn an_airfoil_that_faces_downstream_is_told() {
    let case = SyntheticCase::default();
    let sample = case.sample().unwrap();
    let turned = moved(&sample.mesh, |[x, y, z]| [1.0 - x, -y, z]);
    let made = PredictionCase::new(&turned, &request("case", 50.0, 4.0)).unwrap();
    let notes = made.info.notes.join("\n");
    assert!(notes.contains("face upstream"), "{notes}");
}

/// `n` x `m` unit quads without those in `holes`.
fn board(n: u32, m: u32, holes: &[u32]) -> Mesh {
    let points = (0..(n + 1) * (m + 1))
        .map(|k| [f64::from(k % (n + 1)), f64::from(k / (n + 1)), 0.0])
        .collect();
    let mut builder = Mesh::builder().points(points);
    for k in (0..n * m).filter(|k| !holes.contains(k)) {
        let a = k % n + (n + 1) * (k / n);
        builder = builder.cell(CellType::Quad, &[a, a + 1, a + n + 2, a + n + 1]);
    }
    builder.build().unwrap()
}

#[test]
fn holes_are_counted() {
    let one = find_airfoil("m", &board(5, 3, &[6, 7])).unwrap();
    assert_eq!(one.contour.signed_area(), 2.0);
    let on_it = |k: usize| {
        let p = board(5, 3, &[]).points()[one.nodes[k] as usize];
        [p[0], p[1]] == one.contour.points()[k]
    };
    assert!((0..6).all(on_it));
    let message = |mesh: &Mesh| find_airfoil("m", mesh).unwrap_err().to_string();
    let none = message(&board(4, 3, &[]));
    assert!(
        none.contains("no airfoil") && none.contains("1 loop of 14 nodes"),
        "{none}"
    );
    let two = message(&board(7, 3, &[8, 9, 12]));
    assert!(
        two.contains("2 holes") && two.contains("2 loops of 6 and 4 nodes"),
        "{two}"
    );
}

/// A ring that is cut open along x = 3, y < 2, with two nodes at each place of the cut.
#[test]
fn a_cut_that_is_not_merged_is_no_boundary() {
    let whole = board(5, 5, &[12, 13]);
    let cut = [3u32, 9, 15];
    let mut points = whole.points().to_vec();
    let twin = |k: u32| cut.iter().position(|&c| c == k).map(|at| 36 + at as u32);
    points.extend(cut.map(|k| whole.points()[k as usize]));
    let mut builder = Mesh::builder().points(points);
    for cell in whole.cells() {
        let right = cell
            .nodes
            .iter()
            .any(|&n| whole.points()[n as usize][0] > 3.0);
        let pick = |&n: &u32| if right { twin(n).unwrap_or(n) } else { n };
        let nodes: Vec<u32> = cell.nodes.iter().map(pick).collect();
        builder = builder.cell(cell.kind, &nodes);
    }
    let found = find_airfoil("m", &builder.build().unwrap()).unwrap();
    assert_eq!(found.contour.signed_area(), 2.0);
}

#[test]
fn zones_decide_where_there_is_one() {
    let mesh = board(7, 3, &[8, 9, 12]);
    let zone = |location, indices: &[u32]| Zone {
        name: "aerofoil".into(),
        location,
        indices: indices.to_vec(),
    };
    let rebuilt = |zone: Zone, lines: &[[u32; 2]]| {
        let mut builder = Mesh::builder().points(mesh.points().to_vec());
        for cell in mesh.cells() {
            builder = builder.cell(cell.kind, cell.nodes);
        }
        for line in lines {
            builder = builder.cell(CellType::Line, line);
        }
        builder.zone(zone).build().unwrap()
    };
    let points = rebuilt(zone(Location::Point, &[9, 10, 11, 17, 18, 19]), &[]);
    assert_eq!(
        find_airfoil("m", &points).unwrap().contour.signed_area(),
        2.0
    );
    let lines = [[13, 14], [14, 22], [22, 21], [21, 13]];
    let cells = rebuilt(zone(Location::Cell, &[18, 19, 20, 21]), &lines);
    assert_eq!(
        find_airfoil("m", &cells).unwrap().contour.signed_area(),
        1.0
    );
    let open = rebuilt(zone(Location::Cell, &[18, 19, 20]), &lines);
    let message = find_airfoil("m", &open).unwrap_err().to_string();
    assert!(message.contains("open"), "{message}");
}

#[test]
fn other_meshes_are_refused() {
    let message = |mesh: &Mesh| find_airfoil("m", mesh).unwrap_err().to_string();
    let cube = |k: u32| [k & 1, (k >> 1) & 1, k >> 2].map(f64::from);
    let solid = Mesh::builder()
        .points((0..8).map(cube).collect())
        .cell(CellType::Voxel, &[0, 1, 2, 3, 4, 5, 6, 7])
        .build()
        .unwrap();
    assert!(message(&solid).contains("1 of its 1 cells are solid"));
    let lines = Mesh::builder()
        .points(vec![[0.0; 3], [1.0, 0.0, 0.0]])
        .cell(CellType::Line, &[0, 1])
        .build()
        .unwrap();
    assert!(message(&lines).contains("none of its 1 cells is plane"));
    let bent = moved(&board(5, 3, &[6, 7]), |[x, y, _]| [x, y, 0.1 * x]);
    assert!(message(&bent).contains("constant z"));
    let upright = moved(&board(5, 3, &[6, 7]), |[x, y, _]| [x, 0.0, y]);
    assert!(message(&upright).contains("constant z"));
}
