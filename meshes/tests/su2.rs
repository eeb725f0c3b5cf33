//! SU2's meshes and solutions: small ones, damaged ones, and a real pair.

use std::path::Path;

use karman_meshes::{
    CellType, FieldSelection, Location, MeshError, MeshFile, ReadOptions, boundary_edges,
    is_su2_solution, read_mesh, read_su2, read_su2_solution,
};

mod su2_files;

use su2_files::{PLANE, SOLID, solution};

fn read(text: &str) -> Result<MeshFile, String> {
    read_su2(text.as_bytes(), "a.su2", &ReadOptions::default()).map_err(|error| error.to_string())
}

#[test]
fn a_plane_and_a_solid_mesh() {
    for text in [
        PLANE.to_owned(),
        PLANE.replace('\n', "\r\n"),
        PLANE.replace(' ', " \t "),
    ] {
        let mesh = read(&text).unwrap().mesh;
        use CellType::{Line, Quad, Triangle};
        assert_eq!(
            mesh.cell_types(),
            [Quad, Triangle, Triangle, Line, Line, Line]
        );
        assert_eq!(mesh.cell(0).nodes, [0, 1, 4, 3]);
        assert_eq!(mesh.points()[5], [2.0, 1.0, 0.0]);
        assert_eq!(mesh.zone("wall").unwrap().indices, [3, 4]);
    }
    assert_eq!(
        read(PLANE).unwrap().mesh.zone("far field").unwrap().indices,
        [5]
    );
    let mesh = read(SOLID).unwrap().mesh;
    assert_eq!(mesh.cell_types(), [CellType::Tetra, CellType::Triangle]);
    assert_eq!(
        (mesh.points()[3], &mesh.zone("base").unwrap().indices[..]),
        ([0.0, 0.0, 1.0], &[1][..])
    );
}

#[test]
fn what_other_sections_hold_is_passed_over() {
    let boxes = "FFD_NBOX= 1\nFFD_TAG= MAIN\nFFD_CORNER_POINTS= 2\n0.0 0.0\n1.0 0.0\nNPERIODIC= 1\nPERIODIC_INDEX= 0\n0 0 0\n";
    assert_eq!(
        read(&format!("{PLANE}{boxes}")).unwrap(),
        read(PLANE).unwrap()
    );
    assert_eq!(
        read(&format!("NZONE= 1\nIZONE= 1\n{PLANE}")).unwrap(),
        read(PLANE).unwrap()
    );
    let parted = PLANE.replace("NMARK= 2", "NMARK= 3")
        + "MARKER_TAG= SEND_RECEIVE\nMARKER_ELEMS= 2\nSEND_RECV= 1\n1 4 0\n1 5 0\n";
    assert_eq!(read(&parted).unwrap(), read(PLANE).unwrap());
    // A local and a global index.
    assert_eq!(
        read(&PLANE.replace("0.0 1.0 3", "0.0 1.0 3 17")).unwrap(),
        read(PLANE).unwrap()
    );
}

/// What is changed, to what, and what the message must say beside the name of the file.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, &str)] = &[
    ("NDIME= 2\n", "", "NELEM, line 2: `NDIME=` must stand before this"),
    ("NDIME= 2", "NDIME= 4", "NDIME, line 2: the dimension is 4; 2 and 3 are possible"),
    ("NDIME= 2", "NDIME= two", "the dimension is `two`"),
    ("NDIME= 2", "NDIME= 3", "NELEM, line 4: element 0 has the type 9, which is none of 3 dimensions"),
    ("NDIME= 2", "NZONE= 2\nNDIME= 2", "several zones in one file"),
    ("NELEM= 3", "NELEM= 4", "NELEM, line 7: 4 lines announced, 3 are there"),
    ("NELEM= 3", "NELEM= 2", "line 6: `5 1 5 4 2` stands behind all that the counts announce"),
    ("NELEM= 3", "NELEM= 18446744073709551615", "NELEM, line 7"),
    ("NELEM= 3", "NELEM= -3", "the count is `-3`"),
    ("NELEM= 3", "NELEM=", "the count is ``"),
    ("5 1 2 5 1", "7 1 2 5 1", "NELEM, line 5: element 1 has the type 7"),
    ("5 1 2 5 1", "22 1 2 5 1", "element 1 has the type 22"),
    ("5 1 2 5 1", "500 1 2 5 1", "the type of an element is `500`"),
    ("5 1 2 5 1", "5 1 2", "NELEM, line 5: the file ends where a node of an element should be"),
    ("5 1 2 5 1", "5 1 2 -5 1", "a node of an element is `-5`"),
    ("5 1 2 5 1", "5 1 2 6 1", "cell 1, node 2: refers to point 6, but there are 6 points"),
    ("5 1 2 5 1", "5 1 2 5 1 1", "NELEM, line 5: entry 1 has more numbers than belong there"),
    ("NPOIN= 6", "NPOIN= 7", "NPOIN, line 14: 7 lines announced, 6 are there"),
    ("NPOIN= 6", "NPOIN= 5", "stands behind all"),
    ("1.0 0.0 1", "1.0", "NPOIN, line 9: the file ends where a coordinate"),
    ("1.0 0.0 1", "1.0 nan 1", "point 1: coordinate y is NaN"),
    ("1.0 0.0 1", "1.0 0.0 1 2 3", "more numbers than belong there"),
    ("NMARK= 2", "NMARK= 3", "`NMARK=` announces 3 markers, 2 are there"),
    ("MARKER_ELEMS= 2", "MARKER_ELEMENTS= 2", "`MARKER_ELEMS=` must follow the marker `wall`"),
    ("MARKER_ELEMS= 2", "MARKER_ELEMS= 3", "MARKER_TAG, line 19: 3 lines announced, 2 are there"),
    ("3 1 2", "5 1 2 3", "element 1 has the type 5, which is none of 1 dimensions"),
    ("3 1 2", "3 1 9", "refers to point 9"),
    ("MARKER_TAG= far field", "MARKER_TAG= wall", "zone `wall` is defined twice"),
    ("% a comment", "nonsense", "line 1: `nonsense` stands behind"),
];

#[test]
fn faults_are_named() {
    for (from, to, wanted) in FAULTS {
        assert!(PLANE.contains(from), "{from}");
        let message = read(&PLANE.replacen(from, to, 1)).unwrap_err();
        assert!(message.starts_with("a.su2: "), "{message}");
        assert!(message.contains(wanted), "{message}\nwanted: {wanted}");
    }
    assert!(read("").unwrap_err().contains("`NDIME=` is missing"));
    assert!(read("NDIME= 2\n").unwrap_err().contains("no points"));
    assert!(read("MARKER_TAG= a\n").unwrap_err().contains("must follow"));
    let named = ReadOptions {
        cell_fields: FieldSelection::named(["p"]),
        ..ReadOptions::default()
    };
    let message = read_su2(PLANE.as_bytes(), "a.su2", &named)
        .unwrap_err()
        .to_string();
    assert!(message.contains("no cell field `p`"), "{message}");
}

const NAMES: [&str; 4] = ["x", "y", "Pressure", "Velocity_x"];
const ROWS: [&[f64]; 2] = [&[0.0, 1.0, 101.5, -2.0], &[0.5, 1.5, 102.5, f64::NAN]];

fn solve(bytes: &[u8]) -> Result<MeshFile, MeshError> {
    read_su2_solution(bytes, "a.dat", &ReadOptions::default())
}

#[test]
fn solutions_in_both_byte_orders_with_and_without_a_tail() {
    for big_endian in [false, true] {
        for tail in [[0, 0], [1, 8]] {
            let bytes = solution(&NAMES, &ROWS, tail, big_endian);
            assert!(is_su2_solution(&bytes));
            let file = solve(&bytes).unwrap();
            assert_eq!(file.mesh.points(), [[0.0, 1.0, 0.0], [0.5, 1.5, 0.0]]);
            assert_eq!(
                file.field("Pressure", Location::Point).unwrap().to_f64(),
                [101.5, 102.5]
            );
            assert!(file.fields[1].check_finite().is_err());
        }
    }
    let only = ReadOptions {
        point_fields: FieldSelection::named(["Pressure"]),
        ..ReadOptions::default()
    };
    let file = read_su2_solution(&solution(&NAMES, &ROWS, [0, 0], false), "a.dat", &only).unwrap();
    assert_eq!(file.fields.len(), 1);
}

#[test]
fn damaged_solutions_are_refused() {
    let sound = solution(&NAMES, &ROWS, [1, 8], false);
    for end in 0..sound.len() {
        let message = solve(&sound[..end]).unwrap_err().to_string();
        assert!(message.starts_with("a.dat: header: "), "{message}");
    }
    let with = |at: usize, word: u32| {
        let mut bytes = sound.clone();
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        solve(&bytes).unwrap_err().to_string()
    };
    assert!(with(0, 535_533).contains("no binary solution"));
    for at in [4, 8, 12, 16] {
        for word in [0, 3, u32::MAX] {
            let message = with(at, word);
            assert!(
                message.contains("bytes, the file has"),
                "{at} {word}: {message}"
            );
        }
    }
    let empty = solution(&[], &[], [0, 0], false);
    assert!(solve(&empty).unwrap_err().to_string().contains("no fields"));
    let mut many = empty;
    many[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(solve(&many).unwrap_err().to_string().contains("no fields"));
    let faults = [
        (["x", "z", "p", "q"], "no point field `y`"),
        (["p", "y", "q", "r"], "no point field `x`"),
        (["x", "y", "p", "p"], "point field `p` is there twice"),
    ];
    for (names, wanted) in faults {
        let message = solve(&solution(&names, &ROWS, [0, 0], false))
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("a.dat: ") && message.contains(wanted),
            "{message}"
        );
    }
    let rows: [&[f64]; 1] = [&[f64::INFINITY, 0.0, 0.0, 0.0]];
    let message = solve(&solution(&NAMES, &rows, [0, 0], false))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("point 0: coordinate x is inf"),
        "{message}"
    );
}

#[test]
fn a_solution_joins_its_mesh_only() {
    let mesh = || read(PLANE).unwrap();
    let points = mesh().mesh.points().to_vec();
    let on = |points: &[[f64; 3]]| {
        let rows: Vec<Vec<f64>> = points
            .iter()
            .map(|p| vec![p[0], p[1], p[0] + p[1]])
            .collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        solve(&solution(&["x", "y", "s"], &rows, [0, 0], false)).unwrap()
    };
    let joined = mesh().with_solution(on(&points)).unwrap();
    assert_eq!((joined.mesh.n_cells(), joined.fields.len()), (6, 1));
    let twice = joined.with_solution(on(&points)).unwrap_err().to_string();
    assert!(twice.contains("`s` is there twice"), "{twice}");
    let fewer = mesh()
        .with_solution(on(&points[..5]))
        .unwrap_err()
        .to_string();
    assert!(
        fewer.contains("the mesh has 6 points, the solution 5"),
        "{fewer}"
    );
    let mut swapped = points;
    swapped.swap(2, 3);
    let message = mesh().with_solution(on(&swapped)).unwrap_err().to_string();
    assert!(
        message.contains("point 2 is [2.0, 0.0, 0.0] in the mesh"),
        "{message}"
    );
}

/// NACA 0012 by SU2 itself: the solution lies on the mesh's points, and its wall is where y+ is not
/// zero.
#[test]
fn the_aerofoil_and_its_solution() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/third_party/su2"
    ));
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let file = read_mesh(&folder.join("n0012_225-65.su2")).unwrap();
    assert_eq!(
        (file.mesh.n_points(), file.mesh.n_cells()),
        (14_576, 14_336 + 128 + 352)
    );
    let solution = read_mesh(&folder.join("solution_flow_sst.dat")).unwrap();
    assert_eq!(solution.fields.len(), 15);
    let file = file.with_solution(solution).unwrap();
    let wall = file.mesh.zone("airfoil").unwrap();
    let mut on_wall = vec![false; file.mesh.n_points()];
    for &cell in &wall.indices {
        file.mesh
            .cell(cell as usize)
            .nodes
            .iter()
            .for_each(|&node| on_wall[node as usize] = true);
    }
    let value = |name: &str| file.field(name, Location::Point).unwrap().to_f64();
    let (y_plus, speed, energy) = (
        value("Y_Plus"),
        value("Velocity_x"),
        value("Turb_Kin_Energy"),
    );
    for point in 0..file.mesh.n_points() {
        assert_eq!(y_plus[point] > 0.0, on_wall[point], "point {point}");
        if on_wall[point] {
            // SU2 keeps k above 1e-10.
            assert!(
                speed[point] == 0.0 && energy[point] <= 1e-9,
                "point {point}"
            );
        }
    }
    // The outline of the cells is the two markers.
    let n_lines = file
        .mesh
        .zones()
        .iter()
        .map(|zone| zone.indices.len())
        .sum::<usize>();
    assert_eq!(boundary_edges(&file.mesh).len(), n_lines);
}
