//! Reads the files that VTK wrote into `tests/data` and compares them with what VTK reads back.
//!
//! `scripts/make_vtk_samples.py` made the files and `expected.json`.

use std::path::{Path, PathBuf};

use karman_meshes::{
    Compression, Encoding, Field, FieldSelection, Location, Mesh, MeshError, MeshFile, ReadOptions,
    Values, WriteOptions, read_mesh, read_mesh_with, write_mesh,
};
use serde_json::Value;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn samples() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "vtu" || e == "vtp"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 29, "{} samples", paths.len());
    paths
}

/// Files of one group hold the same data in different encodings.
fn group(path: &Path) -> String {
    path.file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .split('_')
        .next()
        .unwrap()
        .to_owned()
}

fn floats(value: &Value) -> Vec<f64> {
    value
        .as_str()
        .unwrap()
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}

fn assert_fields(file: &MeshFile, location: Location, expected: &Value, path: &Path) {
    let expected = expected.as_object().unwrap();
    let found = file
        .fields
        .iter()
        .filter(|field| field.location() == location)
        .count();
    assert_eq!(found, expected.len(), "{}", path.display());
    for (name, array) in expected {
        let field = file.field(name, location).unwrap();
        let place = format!("{} `{name}`", path.display());
        assert_eq!(
            field.components() as u64,
            array["components"].as_u64().unwrap(),
            "{place}"
        );
        let kind = field.values().type_name().to_lowercase();
        assert_eq!(kind, array["type"].as_str().unwrap(), "{place}");
        assert_eq!(field.to_f64(), floats(&array["values"]), "{place}");
    }
}

#[test]
fn every_encoding_reads_as_vtk_reads_it() {
    let expected = std::fs::read(data().join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for path in samples() {
        let file = read_mesh(&path).unwrap();
        let expected = &expected[group(&path)];
        assert_eq!(
            file.mesh.points().as_flattened(),
            floats(&expected["points"])
        );
        let cells = expected["cells"].as_array().unwrap();
        assert_eq!(file.mesh.n_cells(), cells.len(), "{}", path.display());
        for (cell, expected) in file.mesh.cells().zip(cells) {
            assert_eq!(
                u64::from(cell.kind.vtk_number()),
                expected["kind"].as_u64().unwrap()
            );
            assert_eq!(
                serde_json::json!(cell.nodes),
                expected["nodes"],
                "{}",
                path.display()
            );
        }
        assert_fields(&file, Location::Point, &expected["point_data"], &path);
        assert_fields(&file, Location::Cell, &expected["cell_data"], &path);
    }
}

/// The comparison above goes through `f64`; this one is exact for 64-bit integers too.
#[test]
fn encodings_agree_bit_for_bit() {
    let reference = read_mesh(&data().join("mixed_ascii_none.vtu")).unwrap();
    assert_eq!(reference.mesh.n_cells(), 14);
    let Values::U64(numbers) = reference.field("uint64", Location::Point).unwrap().values() else {
        panic!("uint64 is not read as such");
    };
    assert_eq!(numbers[..2], [0, u64::MAX]);
    for path in samples().iter().filter(|path| group(path) == "mixed") {
        assert_eq!(read_mesh(path).unwrap(), reference, "{}", path.display());
    }
}

#[test]
fn units_are_read() {
    let file = read_mesh(&data().join("units.vtp")).unwrap();
    assert_eq!(
        file.field("p", Location::Point).unwrap().unit(),
        Some("m2/s2")
    );
    assert_eq!(file.field("U", Location::Point).unwrap().unit(), None);
}

#[test]
fn only_what_is_asked_for_is_read() {
    let path = data().join("mixed_base64_zlib.vtu");
    let options = ReadOptions {
        point_fields: FieldSelection::named(["U", "int8"]),
        cell_fields: FieldSelection::None,
        ..ReadOptions::default()
    };
    let file = read_mesh_with(&path, &options).unwrap();
    let mut names: Vec<&str> = file.fields.iter().map(Field::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["U", "int8"]);

    let options = ReadOptions {
        cell_fields: FieldSelection::named(["nut"]),
        ..ReadOptions::default()
    };
    let message = read_mesh_with(&path, &options).unwrap_err().to_string();
    assert!(message.contains("mixed_base64_zlib.vtu"), "{message}");
    assert!(message.contains("no cell field `nut`"), "{message}");
    assert!(message.contains("`tensor`"), "{message}");
}

#[test]
fn the_limit_on_decoded_bytes_holds() {
    let path = data().join("mixed_base64_zlib.vtu");
    let options = ReadOptions {
        max_decoded_bytes: Some(1000),
        ..ReadOptions::default()
    };
    let error = read_mesh_with(&path, &options).unwrap_err();
    assert!(
        matches!(error, MeshError::TooLarge { limit: 1000, .. }),
        "{error}"
    );
}

fn all_write_options() -> Vec<WriteOptions> {
    let mut all = vec![WriteOptions {
        encoding: Encoding::Ascii,
        compression: Compression::default(),
    }];
    for encoding in [Encoding::Base64, Encoding::AppendedRaw] {
        for compression in [
            Compression::None,
            Compression::Zlib,
            Compression::Lz4,
            Compression::Lzma,
        ] {
            all.push(WriteOptions {
                encoding,
                compression,
            });
        }
    }
    all
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    for sample in [
        "mixed_ascii_none.vtu",
        "poly_ascii.vtp",
        "units.vtp",
        "blocks_zlib.vtu",
    ] {
        let file = read_mesh(&data().join(sample)).unwrap();
        for options in all_write_options() {
            let path = folder.path().join(sample);
            write_mesh(&path, &file.mesh, &file.fields, &options).unwrap();
            assert_eq!(read_mesh(&path).unwrap(), file, "{sample} {options:?}");
        }
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        4,
        "no temporary file is left"
    );
}

#[test]
fn fields_of_more_than_one_block_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    // Two full blocks of 128 KiB exactly, and one value more.
    for n in [2 * 16384, 2 * 16384 + 1] {
        let points: Vec<[f64; 3]> = (0..n).map(|i| [f64::from(i) * 0.1, 0.0, 1.0]).collect();
        let values: Vec<f64> = (0..n).map(|i| f64::from(i).sin()).collect();
        let mesh = Mesh::builder().points(points).build().unwrap();
        let fields = vec![
            Field::new("p & <q>", Location::Point, 1, values)
                .unwrap()
                .with_unit("a & <b>"),
        ];
        for options in all_write_options() {
            let path = folder.path().join("cloud.vtu");
            write_mesh(&path, &mesh, &fields, &options).unwrap();
            let file = read_mesh(&path).unwrap();
            assert!(
                file.mesh == mesh && file.fields == fields,
                "{n} {options:?}"
            );
        }
    }
}

#[test]
fn poly_data_moves_cells_and_their_fields_together() {
    use karman_meshes::CellType::{Line, Pixel, Quad, Triangle};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.vtp");
    let points = vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
    let mesh = Mesh::builder()
        .points(points)
        .cell(Triangle, &[0, 1, 2])
        .cell(Pixel, &[0, 1, 2, 3])
        .cell(Line, &[0, 1])
        .build()
        .unwrap();
    let field = Field::new("number", Location::Cell, 2, vec![0u8, 1, 10, 11, 20, 21]).unwrap();
    write_mesh(&path, &mesh, &[field], &WriteOptions::default()).unwrap();
    let file = read_mesh(&path).unwrap();
    assert_eq!(file.mesh.cell_types(), [Line, Triangle, Quad]);
    assert_eq!(file.mesh.cell(2).nodes, [0, 1, 3, 2]);
    let number = file.field("number", Location::Cell).unwrap();
    assert_eq!(number.values(), &Values::U8(vec![20, 21, 0, 1, 10, 11]));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let solid = read_mesh(&data().join("mixed_ascii_none.vtu")).unwrap();
    let write = |name: &str, fields: &[Field]| {
        let path = folder.path().join(name);
        write_mesh(&path, &solid.mesh, fields, &WriteOptions::default())
            .unwrap_err()
            .to_string()
    };
    assert!(write("a.vtp", &[]).contains("cell 9 is a Tetra"));
    assert!(write("a.stl", &[]).contains("use one of `.vtu` or `.vtp`"));
    assert!(write("no/such/folder/a.vtu", &[]).contains("cannot write `"));
    let short = Field::new("p", Location::Point, 1, vec![1.0f32; 3]).unwrap();
    let message = write("a.vtu", std::slice::from_ref(&short));
    assert!(
        message.ends_with("point field `p` has 3 tuples, the mesh has 27 points"),
        "{message}"
    );
    let whole = Field::new("p", Location::Point, 1, vec![1.0f32; 27]).unwrap();
    assert!(write("a.vtu", &[whole.clone(), whole]).contains("`p` is there twice"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn files_that_are_not_there_are_named() {
    let message = read_mesh(Path::new("no/such/file.vtu"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("cannot read `no/such/file.vtu`"),
        "{message}"
    );
    assert!(
        read_mesh(Path::new("mesh.obj"))
            .unwrap_err()
            .to_string()
            .contains("`mesh.obj`")
    );
}

/// Real cases, when they are there: counts and the facts that their README states.
#[test]
fn real_cases_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/airfoil-openfoam");
    let name = "airFoil2D_SST_31.46_2.639_3.313_1.593_11.69";
    let case = root.join(name);
    if !case.is_dir() {
        eprintln!("skipped: {} is not there", case.display());
        return;
    }
    let read = |part: &str| read_mesh(&case.join(format!("{name}_{part}"))).unwrap();
    let internal = read("internal.vtu");
    let aerofoil = read("aerofoil.vtp");
    assert_eq!(
        (aerofoil.mesh.n_points(), aerofoil.mesh.n_cells()),
        (148, 148)
    );
    let velocity = internal.field("U", Location::Point).unwrap();
    let distance = internal
        .field("implicit_distance", Location::Point)
        .unwrap();
    let n = internal.mesh.n_points();
    assert_eq!(
        (velocity.components(), velocity.len(), distance.len()),
        (3, n, n)
    );
    let at_rest = (0..n).filter(|&i| velocity.value(i, 0) == 0.0).count();
    let on_wall = (0..n).filter(|&i| distance.value(i, 0) == 0.0).count();
    assert_eq!((at_rest, on_wall), (148, 148));
    for field in internal.fields.iter().chain(&aerofoil.fields) {
        field.check_finite().unwrap();
    }
    read("freestream.vtp").field("p", Location::Point).unwrap();
}
