//! Whole data sets on disk: made-up ones with every kind of fault, and the real one.

use std::fs;
use std::path::{Path, PathBuf};

use karman_meshes::{Field, Location, Values};
use tempfile::TempDir;

use super::*;
use crate::{
    CaseTable, DatasetError, Progress, Sample, SyntheticCase, synthetic_dataset, write_case,
};

fn dataset() -> (TempDir, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let manifest = synthetic_dataset(root.path(), 3, 2, (16, 6), 2).unwrap();
    (root, manifest.all_cases())
}

fn internal(root: &Path, name: &str) -> PathBuf {
    root.join(name).join(format!("{name}_internal.vtu"))
}

/// A data set of one case, changed before it is written.
fn one_case(change: impl Fn(&mut Sample)) -> (TempDir, String) {
    let root = tempfile::tempdir().unwrap();
    let mut sample = SyntheticCase {
        n_around: 16,
        n_out: 6,
        ..Default::default()
    }
    .sample()
    .unwrap();
    change(&mut sample);
    write_case(&sample, root.path()).unwrap();
    fs::write(
        root.path().join("manifest.json"),
        format!(r#"{{"full_train": ["{}"]}}"#, sample.name),
    )
    .unwrap();
    (root, sample.name)
}

fn replace(sample: &mut Sample, name: &str, components: usize, values: impl Into<Values>) {
    sample.fields.retain(|f| f.name() != name);
    sample
        .fields
        .push(Field::new(name, Location::Point, components, values).unwrap());
}

fn load_error(root: &TempDir, name: &str) -> String {
    AirfransDataset::open(root.path())
        .unwrap()
        .load(name)
        .unwrap_err()
        .to_string()
}

#[test]
fn files_give_back_what_was_written() {
    let root = tempfile::tempdir().unwrap();
    let made = SyntheticCase::default().sample().unwrap();
    write_case(&made, root.path()).unwrap();
    fs::write(
        root.path().join("manifest.json"),
        format!(r#"{{"a_train": ["{}"]}}"#, made.name),
    )
    .unwrap();
    let read = AirfransDataset::open(root.path())
        .unwrap()
        .load(&made.name)
        .unwrap();
    assert_eq!(read.globals, made.globals);
    assert_eq!(read.points_2d(), made.points_2d());
    for name in ["U", "p", "nut", "implicit_distance"] {
        assert_eq!(
            read.field(name).unwrap().values(),
            made.field(name).unwrap().values(),
            "{name}"
        );
    }
    for (name, boundary) in &made.boundaries {
        let other = read.boundary(name).unwrap();
        assert_eq!(other.segments(), boundary.segments());
        assert_eq!(other.points_2d(), boundary.points_2d());
    }
    assert_eq!(read.provenance.files.len(), 3);
    assert!(read.provenance.notes.is_empty());
    let (a, b) = (
        CaseTable::from_sample(&read).unwrap(),
        CaseTable::from_sample(&made).unwrap(),
    );
    assert_eq!(a.table, b.table);
}

#[test]
fn cases_come_in_the_order_asked_for() {
    let (root, names) = dataset();
    let set = AirfransDataset::open(root.path()).unwrap();
    let asked: Vec<String> = names.iter().rev().cloned().collect();
    let loaded = set.load_many(&asked, Progress::Hidden).unwrap();
    let got: Vec<&String> = loaded.iter().map(|s| &s.name).collect();
    assert_eq!(got, asked.iter().collect::<Vec<_>>());
    let sizes = set
        .map_cases(&asked, "", Progress::Hidden, |s| Ok(s.mesh.n_points()))
        .unwrap();
    assert_eq!(sizes, [16 * 7; 5]);
}

#[test]
fn the_first_bad_case_is_reported() {
    let (root, names) = dataset();
    for name in &names[1..4] {
        fs::write(internal(root.path(), name), b"<VTKFile").unwrap();
    }
    let set = AirfransDataset::open(root.path()).unwrap();
    let message = set
        .load_many(&names, Progress::Hidden)
        .unwrap_err()
        .to_string();
    assert!(message.contains(&names[1]), "{message}");
}

#[test]
fn absent_cases_are_listed_and_can_be_left_out() {
    let (root, names) = dataset();
    fs::remove_dir_all(root.path().join(&names[0])).unwrap();
    let message = AirfransDataset::open(root.path()).unwrap_err().to_string();
    assert!(
        message.contains("1 of 5 cases") && message.contains(&names[0]),
        "{message}"
    );
    let partial = AirfransDataset::open_partial(root.path()).unwrap();
    assert_eq!(partial.all_cases(), names[1..]);
    assert!(partial.warnings()[0].contains("were left out"));
    for name in &names[1..] {
        fs::remove_dir_all(root.path().join(name)).unwrap();
    }
    assert!(matches!(
        AirfransDataset::open_partial(root.path()),
        Err(DatasetError::AbsentCases { count: 5, .. })
    ));
}

#[test]
fn folders_outside_the_manifest_are_a_warning() {
    let (root, _) = dataset();
    let extra = SyntheticCase {
        speed: 33.0,
        n_around: 16,
        n_out: 4,
        ..Default::default()
    };
    let name = extra.write(root.path()).unwrap();
    fs::create_dir(root.path().join("notes")).unwrap();
    let set = AirfransDataset::open(root.path()).unwrap();
    assert_eq!(
        set.unlisted(),
        std::slice::from_ref(&name),
        "a folder without a case is not one"
    );
    assert!(set.warnings()[0].contains(&name), "{:?}", set.warnings());
    assert!(set.load(&name).is_ok(), "it can be loaded all the same");
}

#[test]
fn unknown_cases_come_with_a_suggestion() {
    let (root, names) = dataset();
    let message = load_error(&root, &format!("{}0", names[0]));
    assert!(
        message.contains(&format!("did you mean \"{}\"", names[0])),
        "{message}"
    );
}

#[test]
fn truncated_files_name_case_and_file() {
    let (root, names) = dataset();
    let path = internal(root.path(), &names[0]);
    let bytes = fs::read(&path).unwrap();
    for part in [0, 10, bytes.len() / 2, bytes.len() - 20] {
        fs::write(&path, &bytes[..part]).unwrap();
        let message = load_error(&root, &names[0]);
        assert!(
            message.contains(&names[0]) && message.contains("internal.vtu"),
            "{message}"
        );
    }
    fs::remove_file(&path).unwrap();
    let message = load_error(&root, &names[0]);
    assert!(message.contains("no such file"), "{message}");
}

#[test]
fn values_that_are_not_finite_name_array_and_index() {
    let (root, name) = one_case(|sample| {
        let mut u = sample.field("U").unwrap().to_f32();
        u[3 * 40 + 1] = f32::NAN;
        replace(sample, "U", 3, u);
    });
    let message = load_error(&root, &name);
    for part in [
        &name,
        "internal.vtu",
        "\"U\" is NaN",
        "index 40, component 1",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn missing_arrays_list_those_that_are_there() {
    let (root, name) = one_case(|sample| sample.fields.retain(|f| f.name() != "nut"));
    let message = load_error(&root, &name);
    assert!(
        message.contains("no point array \"nut\"") && message.contains("U, implicit_distance, p"),
        "{message}"
    );
}

#[test]
fn wrong_component_counts_are_errors() {
    let (root, name) = one_case(|sample| {
        let n = sample.mesh.n_points();
        replace(sample, "p", 2, vec![0.0f32; 2 * n]);
    });
    let message = load_error(&root, &name);
    assert!(message.contains("\"p\" has 2 components"), "{message}");
}

#[test]
fn velocity_may_have_two_components() {
    let (root, name) = one_case(|sample| {
        let u: Vec<f64> = sample.vector("U").unwrap().into_iter().flatten().collect();
        replace(sample, "U", 2, u);
    });
    let sample = AirfransDataset::open(root.path())
        .unwrap()
        .load(&name)
        .unwrap();
    assert!(CaseTable::from_sample(&sample).is_ok());
}

#[test]
fn distances_may_be_absent_or_turned() {
    let reference = one_case(|_| ());
    let load = |(root, name): &(TempDir, String)| {
        AirfransDataset::open(root.path())
            .unwrap()
            .load(name)
            .unwrap()
    };
    let sdf = |s: &Sample| {
        CaseTable::from_sample(s)
            .unwrap()
            .table
            .column("sdf")
            .unwrap()
    };
    let expected = sdf(&load(&reference));
    let absent = load(&one_case(|s| {
        s.fields.retain(|f| f.name() != "implicit_distance")
    }));
    assert!(absent.provenance.notes[0].contains("computed from the airfoil"));
    let turned = load(&one_case(|sample| {
        let d: Vec<f64> = sample
            .scalar("implicit_distance")
            .unwrap()
            .iter()
            .map(|d| -d)
            .collect();
        replace(sample, "implicit_distance", 1, d);
    }));
    assert!(turned.provenance.notes[0].contains("sign was turned"));
    for sample in [absent, turned] {
        for (a, b) in sdf(&sample).iter().zip(&expected) {
            assert!((a - b).abs() < 1e-6);
        }
    }
}

#[test]
fn empty_meshes_are_errors() {
    let (root, names) = dataset();
    let piece = r#"<VTKFile type="UnstructuredGrid" version="0.1" byte_order="LittleEndian">
        <UnstructuredGrid><Piece NumberOfPoints="0" NumberOfCells="0">
        <PointData><DataArray type="Float32" Name="U" NumberOfComponents="3" format="ascii"/>
        <DataArray type="Float32" Name="p" format="ascii"/><DataArray type="Float32" Name="nut" format="ascii"/>
        <DataArray type="Float32" Name="implicit_distance" format="ascii"/></PointData>
        <Points><DataArray type="Float32" NumberOfComponents="3" format="ascii"/></Points>
        <Cells><DataArray type="Int64" Name="connectivity" format="ascii"/>
        <DataArray type="Int64" Name="offsets" format="ascii"/>
        <DataArray type="UInt8" Name="types" format="ascii"/></Cells></Piece></UnstructuredGrid></VTKFile>"#;
    fs::write(internal(root.path(), &names[0]), piece).unwrap();
    let message = load_error(&root, &names[0]);
    assert!(
        message.contains(&names[0]) && message.contains("no points"),
        "{message}"
    );
}

#[test]
fn other_names_take_conditions_from_files() {
    let renamed = |sample: &mut Sample| sample.name = "wing_7".into();
    let (root, name) = one_case(renamed);
    let load = || AirfransDataset::open(root.path()).unwrap().load(&name);
    let sample = load().unwrap();
    // The far field of the made-up flow is not uniform to more than this.
    assert!((sample.global("speed").unwrap() - 50.0).abs() < 2.0);
    assert!((sample.global("aoa").unwrap() - 4.0).abs() < 4.0);
    assert!(sample.provenance.notes[0].contains("freestream"));
    let listed = root.path().join("conditions.json");
    fs::write(
        &listed,
        r#"{"wing_7": {"speed": 20.0, "aoa": -1.0, "nu": 1e-5}}"#,
    )
    .unwrap();
    let sample = load().unwrap();
    let globals = ["speed", "aoa", "nu"].map(|g| sample.global(g).unwrap());
    assert_eq!(globals, [20.0, -1.0, 1e-5]);
    assert!(
        CaseTable::from_sample(&sample)
            .unwrap()
            .info
            .digits
            .is_empty()
    );
    fs::remove_file(&listed).unwrap();
    fs::remove_file(root.path().join("wing_7/wing_7_freestream.vtp")).unwrap();
    let message = load().unwrap_err().to_string();
    assert!(
        message.contains("conditions.json") && message.contains("\"wing_7\""),
        "{message}"
    );
}

fn real_data() -> Option<AirfransDataset> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/airfoil-openfoam");
    if !root.is_dir() {
        eprintln!("skipped: {} is absent", root.display());
        return None;
    }
    Some(AirfransDataset::open(root).unwrap())
}

#[test]
fn the_real_set_loads_whole() {
    let Some(set) = real_data() else { return };
    let tasks: Vec<String> = set.tasks().into_iter().map(|t| t.name).collect();
    assert_eq!(tasks, ["aoa", "full", "reynolds", "scarce"]);
    assert_eq!(set.cases("full_train").unwrap().len(), 88);
    assert_eq!(
        set.cases("scarce_test").unwrap(),
        set.cases("full_test").unwrap()
    );
    assert!(set.warnings().is_empty(), "{:?}", set.warnings());
    let names = set.all_cases();
    assert_eq!(names.len(), 107);
    let infos = set
        .map_cases(&names, "", Progress::Hidden, |sample| {
            let case = CaseTable::from_sample(&sample)?;
            let foot = distance_errors(&case);
            assert!(foot < 1e-6, "{}: {foot}", sample.name);
            // What the far field tells, were the name of another scheme.
            let told = case::conditions_of(&sample.name, sample.boundaries.get("freestream"))?;
            let (speed, aoa) = (sample.global("speed")?, sample.global("aoa")?);
            assert!((told.speed / speed - 1.0).abs() < 2e-3, "{told:?} {speed}");
            assert!((told.aoa - aoa).abs() < 0.1, "{told:?} {aoa}");
            Ok(case.info)
        })
        .unwrap();
    for (info, name) in infos.iter().zip(&names) {
        assert_eq!(&info.name, name);
        assert_eq!(info.n_surface, 148, "{name}");
        assert!(info.notes.is_empty(), "{name}: {:?}", info.notes);
        assert!((2e6..6.1e6).contains(&info.reynolds()), "{name}");
        assert!(matches!(info.digits.len(), 3 | 4));
        assert!(info.coefficients.is_some(), "{name}");
        let thickness = info.digits[info.digits.len() - 1] / 100.0;
        assert!(
            (info.measures[1] - thickness).abs() < 2e-3,
            "{name}: {:?}",
            info.measures
        );
    }
}

/// How far the distance of the file is from that to the foot point, at most, m.
fn distance_errors(case: &CaseTable) -> f64 {
    let column = |name| case.table.column(name).unwrap();
    let (x, y, wx, wy) = (column("x"), column("y"), column("wall_x"), column("wall_y"));
    let sdf = column("sdf");
    (0..sdf.len())
        .map(|i| f64::from((x[i] - wx[i]).hypot(y[i] - wy[i]) - sdf[i]).abs())
        .fold(0.0, f64::max)
}
