//! `karman mesh`.

use std::path::{Path, PathBuf};

use karman::meshes::{
    CellType, Field, Location, Mesh, Values, WriteOptions, read_mesh, write_mesh,
};

use crate::support::{GMSH, cases, fails_with, internal, json, root, row, run};

fn data() -> PathBuf {
    root().join("meshes/tests/data")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Two triangles with one array of numbers that are known.
fn small(path: &Path, values: [f64; 8]) {
    let mesh = Mesh::builder()
        .points(vec![
            [0.0, 0.0, 0.0],
            [2.0, 0.0, 0.0],
            [2.0, 1.0, 0.0],
            [0.0, 1.0, 0.0],
        ])
        .cell(CellType::Triangle, &[0, 1, 2])
        .cell(CellType::Triangle, &[0, 2, 3])
        .build()
        .unwrap();
    let field = Field::new("v", Location::Point, 2, Values::from(values.to_vec()))
        .unwrap()
        .with_unit("m/s");
    write_mesh(path, &mesh, &[field], &WriteOptions::default()).unwrap();
}

#[test]
fn info_counts_and_measures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.vtu");
    small(&path, [1.0, 10.0, 2.0, f64::NAN, 3.0, 20.0, 6.0, 60.0]);
    let found = json(["mesh", "info", text(&path)]);
    assert_eq!(
        (&found["n_points"], &found["n_cells"]),
        (&4.into(), &2.into())
    );
    assert_eq!(found["cells"]["Triangle"], 2);
    assert_eq!(found["bounds"][1], serde_json::json!([2.0, 1.0, 0.0]));
    let v = &found["arrays"][0];
    assert_eq!((&v["name"], &v["unit"]), (&"v".into(), &"m/s".into()));
    assert_eq!(
        v["components"],
        serde_json::json!([
            {"min": 1.0, "mean": 3.0, "max": 6.0, "not_finite": 0},
            {"min": 10.0, "mean": 30.0, "max": 60.0, "not_finite": 1},
        ])
    );
    let shown = run(["mesh", "info", text(&path)]);
    assert_eq!(shown.code, 0);
    assert_eq!(row(&shown.out, "v y"), ["10.000", "30.000", "60.000", "1"]);
}

/// The table shows the numbers of the JSON, on a real case.
#[test]
fn info_agrees_with_itself() {
    let path = internal(&cases("full_test")[0]);
    let found = json(["mesh", "info", text(&path)]);
    let shown = run(["mesh", "info", text(&path)]).out;
    assert_eq!(row(&shown, "points")[0], found["n_points"].to_string());
    let arrays = found["arrays"].as_array().unwrap();
    let p = arrays.iter().find(|a| a["name"] == "p").unwrap();
    let cells = row(&shown, "p  ");
    for (key, cell) in ["min", "mean", "max"].iter().zip(&cells[cells.len() - 4..]) {
        crate::support::assert_shown(cell, &p["components"][0][key], 1.0);
    }
}

/// Meshes of Gmsh and SU2 and a solution of SU2: what they hold, and the same as `.vtu`.
#[test]
fn formats_of_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.msh"), GMSH).unwrap();
    let su2 = "NDIME= 2\nNELEM= 1\n5 0 1 2\nNPOIN= 3\n0 0\n1 0\n0 1\nNMARK= 1\n\
               MARKER_TAG= wall\nMARKER_ELEMS= 1\n3 0 1\n";
    std::fs::write(at("a.su2"), su2).unwrap();
    let mut solution: Vec<u8> = [535_532i32, 3, 3, 0, 0]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    for name in ["x", "y", "p"] {
        let mut field = name.as_bytes().to_vec();
        field.resize(33, 0);
        solution.extend(field);
    }
    solution.extend((0..9).flat_map(|k| f64::from(k).to_le_bytes()));
    std::fs::write(at("a.dat"), solution).unwrap();
    for (name, n_cells, zone) in [
        ("a.msh", 1, Some("flow")),
        ("a.su2", 2, Some("wall")),
        ("a.dat", 0, None),
    ] {
        let found = json(["mesh", "info", text(&at(name))]);
        assert_eq!(
            (&found["n_points"], &found["n_cells"]),
            (&3.into(), &n_cells.into())
        );
        assert_eq!(found["zones"][0]["name"].as_str(), zone, "{name}");
        assert_eq!(run(["mesh", "info", text(&at(name))]).code, 0);
        let out = at(&format!("{name}.vtu"));
        assert_eq!(
            run(["mesh", "convert", text(&at(name)), text(&out)]).code,
            0
        );
        assert_eq!(read_mesh(&out).unwrap().mesh.n_cells(), n_cells);
    }
}

#[test]
fn info_reads_every_sample_file() {
    let mut read = 0;
    for entry in std::fs::read_dir(data()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "vtu" || e == "vtp") {
            let found = json(["mesh", "info", text(&path)]);
            assert!(found["n_points"].as_u64().unwrap() > 0, "{path:?}");
            read += 1;
        }
    }
    assert!(read >= 20, "{read}");
}

#[test]
fn info_measures_airfoils() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plate.dat");
    let airfoil = karman::meshes::naca4(
        2.0,
        4.0,
        12.0,
        100,
        karman::meshes::NacaTrailingEdge::Closed,
    )
    .unwrap();
    let lines: String = airfoil
        .points()
        .iter()
        .map(|[x, y]| format!("{x} {y}\n"))
        .collect();
    std::fs::write(&path, format!("NACA 2412\n{lines}")).unwrap();
    let found = json(["mesh", "info", text(&path)]);
    assert_eq!(found["title"], "NACA 2412");
    let camber = found["measures"]["max_camber"].as_f64().unwrap();
    let thickness = found["measures"]["max_thickness"].as_f64().unwrap();
    assert!((camber - 0.02).abs() < 1e-4, "{camber}");
    assert!((thickness - 0.12).abs() < 1e-3, "{thickness}");
    let shown = run(["mesh", "info", text(&path)]).out;
    assert_eq!(row(&shown, "largest").len(), 2, "{shown}");
}

/// Every file, through every encoding and compression, comes back bit for bit.
#[test]
fn conversions_keep_everything() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "mixed_ascii_none.vtu",
        "units.vtp",
        "pieces.vtu",
        "parts_contour.vtp",
    ] {
        let original = data().join(name);
        let expected = read_mesh(&original).unwrap();
        for encoding in ["ascii", "base64", "raw"] {
            for compression in ["none", "zlib", "lz4", "lzma"] {
                let out = folder
                    .path()
                    .join(format!("{encoding}_{compression}_{name}"));
                let found = json([
                    "mesh",
                    "convert",
                    text(&original),
                    text(&out),
                    "--encoding",
                    encoding,
                    "--compression",
                    compression,
                ]);
                assert_eq!(found["n_points"], expected.mesh.n_points());
                assert_eq!(found["bytes_after"], std::fs::metadata(&out).unwrap().len(),);
                // Debug text tells NaN from NaN as well.
                let back = read_mesh(&out).unwrap();
                assert!(
                    format!("{back:?}") == format!("{expected:?}"),
                    "{encoding} {compression} {name}"
                );
            }
        }
    }
}

#[test]
fn conversion_in_place_and_between_formats() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("outline.vtp");
    std::fs::copy(data().join("units.vtp"), &first).unwrap();
    let expected = read_mesh(&first).unwrap();
    let second = folder.path().join("outline.vtu");
    assert_eq!(
        run(["mesh", "convert", text(&first), text(&second)]).code,
        0
    );
    assert_eq!(
        run(["mesh", "convert", text(&second), text(&second)]).code,
        0
    );
    assert_eq!(
        run(["mesh", "convert", text(&second), text(&first)]).code,
        0
    );
    let back = read_mesh(&first).unwrap();
    assert_eq!(back.mesh.points(), expected.mesh.points());
    assert_eq!(back.fields, expected.fields);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn wrong_files_are_code_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = data().join("mixed_appended_zlib.vtu");
    let bytes = std::fs::read(&good).unwrap();
    std::fs::write(at("cut.vtu"), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(at("empty.vtu"), b"").unwrap();
    std::fs::write(at("not.vtu"), b"solid ascii\n").unwrap();
    std::fs::write(at("mesh.stl"), &bytes).unwrap();
    std::fs::write(at("airfoil.dat"), b"no numbers here\n").unwrap();
    for (name, words) in [
        (
            "absent.vtu",
            &["cannot read", "absent.vtu", "No such file"][..],
        ),
        ("cut.vtu", &["cut.vtu"]),
        ("empty.vtu", &["empty.vtu"]),
        ("not.vtu", &["not.vtu"]),
        ("mesh.stl", &["mesh.stl", "unknown mesh format", ".vtu"]),
        ("airfoil.dat", &["airfoil.dat"]),
    ] {
        let path = at(name);
        fails_with(["mesh", "info", text(&path)], words);
        if !name.ends_with(".dat") {
            let out = at("out.vtu");
            fails_with(["mesh", "convert", text(&path), text(&out)], words);
            assert!(!out.exists(), "{name}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_code_one() {
    let folder = tempfile::tempdir().unwrap();
    let good = data().join("mixed_ascii_none.vtu");
    let to = |name: &str| folder.path().join(name);
    fails_with(
        ["mesh", "convert", text(&good), text(&to("a.vtk"))],
        &["a.vtk", "unknown mesh format"],
    );
    fails_with(
        ["mesh", "convert", text(&good), text(&to("absent/a.vtu"))],
        &["cannot write", "a.vtu"],
    );
    // Solid cells do not fit into poly data.
    fails_with(
        ["mesh", "convert", text(&good), text(&to("a.vtp"))],
        &["a.vtp"],
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
