//! `karman predict`, end to end: on meshes and coordinates, against the evaluation, in pyvista, and
//! what goes wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use karman::meshes::{
    CellType, Field, Location, Mesh, MeshFile, NacaTrailingEdge, WriteOptions, naca4, read_mesh,
    write_mesh,
};
use serde_json::Value;
use tempfile::TempDir;

/// Settings that make an ensemble of a few seconds out of the quickstart's configuration.
const SMALL: &[&str] = &[
    "training.epochs=4",
    "training.points=128",
    "model.width=32",
    "model.n_freq=8",
    "model.hyper_width=16",
    "ensemble.members=2",
    "baselines=[]",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sample() -> PathBuf {
    root().join("datasets/sample/mini-airfrans")
}

fn internal(name: &str) -> PathBuf {
    sample().join(name).join(format!("{name}_internal.vtu"))
}

/// The program, with a cache of its own.
fn karman() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karman"));
    command
        .env("KARMAN_CACHE_DIR", scratch().join("cache"))
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .current_dir(root());
    command
}

/// A folder for all tests of this file, empty at their start.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("predict");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("the folder of an earlier run goes");
        }
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    })
}

/// A run that is trained once for all tests.
fn trained() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = scratch().join("run");
        let mut command = karman();
        command.args(["train", "examples/mini-airfrans/quickstart.toml", "-o"]);
        command.arg(&folder);
        for setting in SMALL {
            command.args(["--set", setting]);
        }
        succeeded(&command.output().expect("training"));
        folder
    })
}

/// `karman predict` with the trained run and these arguments after the mesh.
fn predict(mesh: &Path, arguments: &[&str]) -> Command {
    let mut command = karman();
    command
        .arg("predict")
        .arg(trained())
        .arg("--mesh")
        .arg(mesh);
    command.args(arguments);
    command
}

fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The message of a command that had to fail with this exit code.
fn failed(command: &mut Command, code: i32) -> String {
    let output = command.output().expect("a run");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(!message.contains("internal error"), "{message}");
    message
}

/// The JSON that a command prints with `--json -`.
fn json(command: &mut Command) -> Value {
    let output = command.args(["--json", "-", "--quiet"]).output();
    serde_json::from_str(&succeeded(&output.expect("a run"))).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

fn near(a: &Value, b: &Value, tolerance: f64) {
    let (x, y) = (number(a), number(b));
    assert!((x - y).abs() <= tolerance * x.abs().max(y.abs()), "{x} {y}");
}

fn test_cases() -> Vec<String> {
    let text = std::fs::read_to_string(sample().join("manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let names = manifest["full_test"].as_array().expect("a part");
    names
        .iter()
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

/// NACA 2412 in per cent of its chord, Selig's layout.
fn coordinates(folder: &Path) -> PathBuf {
    let contour = naca4(2.0, 4.0, 12.0, 60, NacaTrailingEdge::Closed).expect("an airfoil");
    let mut text = "NACA 2412\n".to_owned();
    for [x, y] in contour.points().iter().chain(&contour.points()[..1]) {
        text += &format!("{:.5} {:.5}\n", 100.0 * x, 100.0 * y);
    }
    let path = folder.join("naca2412.dat");
    std::fs::write(&path, text).expect("a file");
    path
}

fn array(file: &MeshFile, name: &str) -> Vec<f64> {
    let field = file.field(name, Location::Point).expect("an array");
    field.check_finite().expect("finite values");
    field.to_f64()
}

/// Mesh in, fields out: what `predict` writes for the test cases scores as `evaluate` does, and what
/// it says of each is what `evaluate` says.
#[test]
fn known_cases_are_predicted_as_they_are_evaluated() {
    let evaluation = json(karman().arg("evaluate").arg(trained()));
    let folder = TempDir::new().expect("a folder");
    for name in &test_cases() {
        let mut parts = name.split('_').skip(2);
        let (speed, aoa) = (parts.next().expect("speed"), parts.next().expect("angle"));
        let output = folder.path().join(format!("{name}.vtu"));
        let mut command = predict(&internal(name), &["--speed", speed, "--aoa", aoa, "-o"]);
        let said = json(command.arg(&output));
        let of_name = |list: &Value| -> Value {
            let list = list.as_array().expect("a list");
            let found = list.iter().find(|case| case["name"] == name.as_str());
            found.expect("the case").clone()
        };
        assert_eq!(said["name"], name.as_str());
        let evaluated = &of_name(&evaluation["cases"])["prediction"];
        for (k, which) in ["cl", "cd"].into_iter().enumerate() {
            for part in ["value", "low", "high"] {
                near(
                    &said["coefficients"][which][part],
                    &evaluated["coefficients"][k][part],
                    1e-9,
                );
            }
            near(&said["ridge"][which], &evaluated["ridge"][k], 1e-9);
        }
        assert_eq!(said["verdict"], evaluated["verdict"]);
        let integrated = &of_name(&evaluation["methods"][0]["cases"])["forces"]["prediction"];
        for which in ["cl", "cd", "cd_pressure", "cd_viscous"] {
            near(&said["integrated"][which], &integrated[which], 1e-3);
        }
        assert_eq!(said["n_extrapolated"], 0, "{said}");
        assert_eq!(said["notes"], Value::Array(Vec::new()));
    }
    let mut score = karman();
    score.arg("score").arg(folder.path());
    score.args(["--data"]).arg(sample());
    let scores = json(score.args(["--split", "full_test"]));
    for part in ["volume_mse", "surface_mse"] {
        let evaluated = &evaluation["methods"][0]["summary"][part];
        near(&scores["summary"][part]["p"], &evaluated["p"], 1e-4);
    }
    let evaluated = &evaluation["methods"][0]["summary"]["volume_mse"];
    for field in ["u_x", "u_y", "nu_t"] {
        near(
            &scores["summary"]["volume_mse"][field],
            &evaluated[field],
            1e-4,
        );
    }
}

#[test]
fn coordinates_become_a_grid_with_fields() {
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let mut command = predict(
        &mesh,
        &["--speed", "60", "--aoa", "-1.5", "--json", "r.json"],
    );
    let output = command.current_dir(folder.path()).output();
    let text = succeeded(&output.expect("a prediction"));
    for word in ["reported", "interval", "integrated", "C_L", "ParaView"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let said = std::fs::read_to_string(folder.path().join("r.json")).expect("a file");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["files"]["fields"], "naca2412_prediction.vtu");

    let file = read_mesh(&folder.path().join("naca2412_prediction.vtu")).expect("a mesh");
    assert_eq!(file.mesh.n_points() as f64, number(&said["n_points"]));
    let distance = array(&file, "implicit_distance");
    let (velocity, spread) = (array(&file, "U"), array(&file, "U_std"));
    assert!(distance.iter().all(|d| *d <= 0.0));
    let on_wall: Vec<usize> = (0..distance.len())
        .filter(|&k| distance[k] == 0.0)
        .collect();
    assert_eq!(on_wall.len() as f64, number(&said["n_surface"]));
    for &k in &on_wall {
        assert_eq!(velocity[3 * k..3 * k + 3], [0.0; 3]);
        assert_eq!(spread[3 * k..3 * k + 3], [0.0; 3]);
    }
    // The two members differ everywhere else.
    let apart = |k: &usize| spread[3 * k] > 0.0;
    let off_wall = distance.len() - on_wall.len();
    assert!((0..distance.len()).filter(apart).count() > off_wall * 9 / 10);
    for name in ["p", "nut", "p_std", "nut_std", "out_of_distribution"] {
        assert_eq!(array(&file, name).len(), distance.len());
    }

    let wall = read_mesh(&folder.path().join("naca2412_prediction_aerofoil.vtp")).expect("a wall");
    assert_eq!(wall.mesh.n_points(), on_wall.len());
    assert_eq!(wall.mesh.n_cells(), on_wall.len(), "closed");
    let (p, cp) = (array(&wall, "p"), array(&wall, "Cp"));
    assert!((0..p.len()).all(|k| (cp[k] - p[k] / 1800.0).abs() < 1e-5));
    for name in ["wall_shear_stress", "Cf", "x_c", "Normals"] {
        array(&wall, name);
    }
    let chord = array(&wall, "x_c");
    assert!(chord.iter().all(|x| (-0.01..1.01).contains(x)));
}

/// Half the chord at twice the speed is the same flow, twice as fast and with four times the
/// pressure.
#[test]
fn the_reynolds_number_counts() {
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let run = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        let said = json(predict(&mesh, arguments).arg("-o").arg(&path));
        (said, read_mesh(&path).expect("a mesh"))
    };
    let (plain, one) = run("one.vtu", &["--speed", "60", "--aoa", "3"]);
    let half = ["--speed", "120", "--aoa", "3", "--chord", "0.5"];
    let (small, two) = run("two.vtu", &half);
    let (_, water) = run(
        "water.vtu",
        &["--speed", "6", "--aoa", "3", "--nu", "1.5498e-6"],
    );
    for which in ["cl", "cd"] {
        let value = |said: &Value| said["coefficients"][which]["value"].clone();
        near(&value(&plain), &value(&small), 1e-4);
        near(
            &plain["integrated"][which],
            &small["integrated"][which],
            1e-3,
        );
    }
    // The chord of the coordinates as they are written is 1 m to five digits, that of --chord exact.
    near(&plain["reynolds"], &small["reynolds"], 1e-5);
    let note = small["notes"][0].as_str().expect("a note");
    assert!(
        note.contains("0.5000 m") && note.contains("60.000 m/s"),
        "{note}"
    );
    let largest = |file: &MeshFile, name: &str| {
        array(file, name)
            .into_iter()
            .fold(0.0, |a: f64, v| a.max(v.abs()))
    };
    for (name, factor, in_water) in [
        ("U", 2.0, 0.1),
        ("p", 4.0, 0.01),
        ("nut", 1.0, 0.1),
        ("implicit_distance", 0.5, 1.0),
    ] {
        let base = largest(&one, name);
        let found = [largest(&two, name) / base, largest(&water, name) / base];
        assert!((found[0] / factor - 1.0).abs() < 2e-3, "{name} {found:?}");
        assert!((found[1] / in_water - 1.0).abs() < 2e-3, "{name} {found:?}");
    }
}

#[test]
fn strange_flows_are_marked() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("strange.vtu");
    let name = &test_cases()[0];
    let arguments = ["--speed", "300", "--aoa", "40", "-o"];
    let output = predict(&internal(name), &arguments).arg(&path).output();
    let text = succeeded(&output.expect("a prediction"));
    assert!(text.contains("OUT OF DISTRIBUTION"), "{text}");
    assert!(text.contains("speed") && text.contains("angle"), "{text}");
    let file = read_mesh(&path).expect("a mesh");
    assert!(
        array(&file, "out_of_distribution")
            .iter()
            .all(|m| *m == 1.0)
    );
}

/// A mesh that reaches far beyond those of training.
#[test]
fn extrapolated_points_are_marked() {
    let folder = TempDir::new().expect("a folder");
    let file = read_mesh(&internal(&test_cases()[0])).expect("a mesh");
    // The outer part is blown up, the airfoil stays.
    let stretched = file.mesh.points().iter().map(|&[x, y, z]| {
        let far = ((x - 0.5).hypot(y) - 1.0).max(0.0);
        [x + 4.0 * far * (x - 0.5), y + 4.0 * far * y, z]
    });
    let mesh = Mesh::builder().points(stretched.collect()).cells(
        file.mesh.cell_types().to_vec(),
        file.mesh.cell_offsets().to_vec(),
        file.mesh.connectivity().to_vec(),
    );
    let input = folder.path().join("far.vtu");
    write(&input, &mesh.build().expect("a mesh"));
    let path = folder.path().join("out.vtu");
    let said = json(predict(&input, &["--speed", "50", "--aoa", "2", "-o"]).arg(&path));
    let marked = array(&read_mesh(&path).expect("a mesh"), "extrapolated");
    let count = marked.iter().filter(|m| **m == 1.0).count();
    assert!(count > 0 && count < marked.len());
    assert_eq!(said["n_extrapolated"], count);
    let notes = said["notes"].to_string();
    assert!(notes.contains("has seen points"), "{notes}");
    assert!(notes.contains("reaches"), "{notes}");
}

#[test]
fn predictions_open_in_pyvista() {
    let there = check(&["--available"]);
    if !there.is_some_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with pyvista (set KARMAN_PEERS_PYTHON to one that has it)");
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let path = folder.path().join("out.vtu");
    let said = json(predict(&mesh, &["--speed", "50", "--aoa", "2", "-o"]).arg(&path));
    let single = |components: u32, unit: &str| serde_json::json!({"type": "float32", "components": components, "unit": unit, "finite": true});
    let spec = serde_json::json!({
        "n_points": said["n_points"],
        "point_data": {
            "U": single(3, "m/s"),
            "p": single(1, "m2/s2"),
            "nut": single(1, "m2/s"),
            "U_std": single(3, "m/s"),
            "p_std": single(1, "m2/s2"),
            "nut_std": single(1, "m2/s"),
            "implicit_distance": {"type": "float64", "components": 1, "max": 0.0, "finite": true},
            "out_of_distribution": {"type": "uint8", "components": 1},
        },
    });
    let wall = serde_json::json!({
        "n_points": said["n_surface"],
        "n_cells": said["n_surface"],
        "point_data": {
            "p": single(1, "m2/s2"),
            "Cp": single(1, "1"),
            "wall_shear_stress": single(3, "m2/s2"),
            "Normals": single(3, "1"),
        },
    });
    for (file, spec) in [("out.vtu", spec), ("out_aerofoil.vtp", wall)] {
        let expected = folder.path().join("spec.json");
        std::fs::write(&expected, spec.to_string()).expect("a file");
        let file = folder.path().join(file);
        let arguments = [&file, Path::new("--expect"), &expected];
        let output = check(&arguments.map(|a| a.to_str().expect("a path"))).expect("python");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{message}");
    }
}

/// Runs `scripts/check_vtu.py` with the Python that `KARMAN_PEERS_PYTHON` (or `KARMAN_PYTHON`)
/// names, else `python3`.
fn check(arguments: &[&str]) -> Option<Output> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let python = named("KARMAN_PEERS_PYTHON").or_else(|| named("KARMAN_PYTHON"));
    Command::new(python.unwrap_or_else(|| "python3".into()))
        .arg(root().join("scripts/check_vtu.py"))
        .args(arguments)
        .output()
        .ok()
}

fn write(path: &Path, mesh: &Mesh) {
    write_mesh(path, mesh, &[] as &[Field], &WriteOptions::default()).expect("a file");
}

/// 9 x 3 quads without those in `holes`.
fn board(path: &Path, holes: &[u32]) {
    let points = (0..40).map(|k| [f64::from(k % 10), f64::from(k / 10), 0.0]);
    let mut builder = Mesh::builder().points(points.collect());
    for k in (0..27).filter(|k| !holes.contains(k)) {
        let a = k % 9 + 10 * (k / 9);
        builder = builder.cell(CellType::Quad, &[a, a + 1, a + 11, a + 10]);
    }
    write(path, &builder.build().expect("a mesh"));
}

#[test]
fn unusable_meshes_are_told() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    board(&at("plain.vtu"), &[]);
    board(&at("twice.vtu"), &[10, 11, 14]);
    let cube = (0..8u32).map(|k| [k & 1, (k >> 1) & 1, k >> 2].map(f64::from));
    let solid = Mesh::builder()
        .points(cube.collect())
        .cell(CellType::Voxel, &[0, 1, 2, 3, 4, 5, 6, 7]);
    write(&at("solid.vtu"), &solid.build().expect("a mesh"));
    let outline = Mesh::builder()
        .points(vec![[0.0; 3], [1.0, 0.0, 0.0], [0.5, 0.1, 0.0]])
        .cell(CellType::PolyLine, &[0, 1, 2, 0]);
    write(&at("outline.vtp"), &outline.build().expect("a mesh"));
    let whole = std::fs::read(internal(&test_cases()[0])).expect("a file");
    std::fs::write(at("cut.vtu"), &whole[..whole.len() / 2]).expect("a file");
    std::fs::write(at("words.dat"), "no coordinates here\n").expect("a file");
    std::fs::write(at("line.dat"), "flat\n1 0\n0.5 0\n0 0\n0.5 0\n1 0\n").expect("a file");
    std::fs::write(at("mesh.stl"), "solid\n").expect("a file");
    for (name, words) in [
        ("plain.vtu", &["no airfoil", "24 nodes"][..]),
        ("twice.vtu", &["2 holes", "6 and 4 nodes"]),
        ("solid.vtu", &["solid", "constant z"]),
        ("outline.vtp", &["plane", "outline"]),
        ("cut.vtu", &["cut.vtu"]),
        ("words.dat", &["words.dat"]),
        ("line.dat", &["line.dat"]),
        ("mesh.stl", &[".vtu", ".dat"]),
        ("absent.vtu", &["absent.vtu", "No such file"]),
        ("absent.dat", &["absent.dat", "No such file"]),
    ] {
        let mut command = predict(&at(name), &["--speed", "50", "--aoa", "2", "-o"]);
        let message = failed(command.arg(at("out.vtu")), 1);
        for word in words {
            assert!(message.contains(word), "{name}: {word}: {message}");
        }
        assert!(!at("out.vtu").exists(), "{name}");
    }
}

#[test]
fn unusable_arguments_are_told() {
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    // Wrong usage.
    for (arguments, word) in [
        (["--speed", "NaN", "--aoa", "2"], "--speed"),
        (["--speed", "0", "--aoa", "2"], "above 0"),
        (["--speed", "-50", "--aoa", "2"], "above 0"),
        (["--speed", "inf", "--aoa", "2"], "finite"),
        (["--speed", "50", "--aoa", "nan"], "--aoa"),
        (["--speed", "50", "--aoa", "steep"], "not a number"),
    ] {
        let message = failed(&mut predict(&mesh, &arguments), 2);
        assert!(message.contains(word), "{arguments:?}: {message}");
    }
    let message = failed(&mut predict(&mesh, &["--aoa", "2"]), 2);
    assert!(message.contains("--speed"), "{message}");
    // Wrong input.
    let usual = ["--speed", "50", "--aoa", "2"];
    let case = internal(&test_cases()[0]);
    for (mesh, more, word) in [
        (&mesh, &["--device", "tpu"][..], "tpu"),
        (&mesh, &["--surface-cells", "3"], "surface_cells"),
        (&mesh, &["--first-height", "1e-9"], "normal_cells"),
        (&mesh, &["-o", "flow.csv"], ".vtu"),
        (&mesh, &["-o", "/nowhere/flow.vtu"], "/nowhere"),
        (&case, &["--chord", "2"], "--chord"),
    ] {
        let arguments = [&usual[..], more].concat();
        let mut command = predict(mesh, &arguments);
        let message = failed(command.current_dir(folder.path()), 1);
        assert!(message.contains(word), "{more:?}: {message}");
    }
    // A folder that holds no run.
    let mut command = karman();
    command
        .arg("predict")
        .arg(folder.path())
        .arg("--mesh")
        .arg(&mesh);
    let message = failed(command.args(usual), 1);
    assert!(message.contains("karman train"), "{message}");
}

#[test]
fn the_mesh_is_never_replaced() {
    let folder = TempDir::new().expect("a folder");
    let mesh = folder.path().join("case.vtu");
    let original = std::fs::read(internal(&test_cases()[0])).expect("a file");
    std::fs::write(&mesh, &original).expect("a file");
    let mut command = predict(&mesh, &["--speed", "50", "--aoa", "2", "-o"]);
    let message = failed(command.arg(&mesh), 1);
    assert!(message.contains("replace"), "{message}");
    assert!(std::fs::read(&mesh).expect("a file") == original);
}
