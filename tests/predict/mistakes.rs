//! What goes wrong is told, and nothing is lost.

use std::path::Path;

use karman::meshes::{CellType, Mesh};
use tempfile::TempDir;

use crate::support::{coordinates, failed, internal, karman, predict, test_cases, write};

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

#[test]
fn models_that_do_not_come_with_the_program_are_told() {
    let folder = TempDir::new().expect("a folder");
    let mut command = karman();
    command
        .args(["predict", "--pretrained", "wing", "--speed", "60"])
        .args(["--aoa", "4", "--mesh"])
        .arg(coordinates(folder.path()));
    let message = failed(&mut command, 1);
    assert!(
        message.contains("wing") && message.contains("airfoil"),
        "{message}"
    );
    let mut both = karman();
    both.args(["predict", "runs/first", "--pretrained", "airfoil"]);
    failed(
        both.args(["--mesh", "x.dat", "--speed", "60", "--aoa", "4"]),
        2,
    );
    let mut neither = karman();
    neither.args(["predict", "--mesh", "x.dat", "--speed", "60", "--aoa", "4"]);
    failed(&mut neither, 2);
}
