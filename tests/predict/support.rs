//! What the tests share: a run that is trained once, and how the program is called.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use karman::meshes::{
    Field, Location, Mesh, MeshFile, NacaTrailingEdge, WriteOptions, naca4, write_mesh,
};
use serde_json::Value;

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

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn sample() -> PathBuf {
    root().join("datasets/sample/mini-airfrans")
}

pub fn internal(name: &str) -> PathBuf {
    sample().join(name).join(format!("{name}_internal.vtu"))
}

/// The program, with a cache of its own.
pub fn karman() -> Command {
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
pub fn trained() -> &'static Path {
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
pub fn predict(mesh: &Path, arguments: &[&str]) -> Command {
    let mut command = karman();
    command
        .arg("predict")
        .arg(trained())
        .arg("--mesh")
        .arg(mesh);
    command.args(arguments);
    command
}

pub fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The message of a command that had to fail with this exit code.
pub fn failed(command: &mut Command, code: i32) -> String {
    let output = command.output().expect("a run");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(!message.contains("internal error"), "{message}");
    message
}

/// The JSON that a command prints with `--json -`.
pub fn json(command: &mut Command) -> Value {
    let output = command.args(["--json", "-", "--quiet"]).output();
    serde_json::from_str(&succeeded(&output.expect("a run"))).expect("JSON")
}

pub fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

pub fn near(a: &Value, b: &Value, tolerance: f64) {
    let (x, y) = (number(a), number(b));
    assert!((x - y).abs() <= tolerance * x.abs().max(y.abs()), "{x} {y}");
}

pub fn test_cases() -> Vec<String> {
    let text = std::fs::read_to_string(sample().join("manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let names = manifest["full_test"].as_array().expect("a part");
    names
        .iter()
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

/// NACA 2412, see [`naca`].
pub fn coordinates(folder: &Path) -> PathBuf {
    naca(folder, [2, 4, 12])
}

/// A NACA section in per cent of its chord, Selig's layout: camber, its place in tenths of the chord,
/// thickness.
pub fn naca(folder: &Path, [camber, place, thickness]: [u8; 3]) -> PathBuf {
    let digits = [camber, place, thickness].map(f64::from);
    let contour = naca4(
        digits[0],
        digits[1],
        digits[2],
        60,
        NacaTrailingEdge::Closed,
    );
    let contour = contour.expect("an airfoil");
    let name = format!("naca{camber}{place}{thickness:02}");
    let mut text = format!("{name}\n");
    for [x, y] in contour.points().iter().chain(&contour.points()[..1]) {
        text += &format!("{:.5} {:.5}\n", 100.0 * x, 100.0 * y);
    }
    let path = folder.join(name + ".dat");
    std::fs::write(&path, text).expect("a file");
    path
}

pub fn array(file: &MeshFile, name: &str) -> Vec<f64> {
    let field = file.field(name, Location::Point).expect("an array");
    field.check_finite().expect("finite values");
    field.to_f64()
}

/// Writes a mesh without fields.
pub fn write(path: &Path, mesh: &Mesh) {
    write_mesh(path, mesh, &[] as &[Field], &WriteOptions::default()).expect("a file");
}
