//! What the tests share.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use karman::meshes::{Field, Location, MeshFile, Values, WriteOptions, read_mesh, write_mesh};
use serde_json::Value;

/// The program, in a neutral environment, without a look at caches of the person who runs the test.
pub fn karman() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("karman"));
    command
        .current_dir(root())
        .env("KARMAN_CACHE_DIR", "/nonexistent/karman-test-cache")
        .env_remove("RUST_LOG")
        .env_remove("NO_COLOR");
    command
}

/// What a run gave: exit code, standard output, standard error.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program with these arguments.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Outcome {
    outcome(karman().args(arguments))
}

/// Runs a prepared command.
pub fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program, which must succeed, and parses what `--json -` prints.
pub fn json<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Value {
    let outcome = outcome(karman().args(arguments).args(["--json", "-", "--quiet"]));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert_eq!(outcome.err, "", "--quiet is quiet");
    serde_json::from_str(&outcome.out).unwrap()
}

/// The run fails as a user's error should: code 1, a message that holds all of `words`, no result,
/// no panic.
pub fn fails_with<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    words: &[&str],
) {
    let outcome = outcome(karman().args(arguments).arg("--quiet"));
    assert_eq!(outcome.code, 1, "{} {}", outcome.out, outcome.err);
    assert!(outcome.err.starts_with("error: "), "{}", outcome.err);
    assert!(!outcome.err.contains("internal error"), "{}", outcome.err);
    for word in words {
        assert!(outcome.err.contains(word), "{word}: {}", outcome.err);
    }
    assert_eq!(outcome.out, "", "no result");
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The bundled data set.
pub fn sample() -> PathBuf {
    root().join("datasets/sample/mini-airfrans")
}

/// The case names of a part of the bundled data set.
pub fn cases(part: &str) -> Vec<String> {
    let text = std::fs::read_to_string(sample().join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let names = manifest[part].as_array().unwrap();
    names
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// `NAME_internal.vtu` of the bundled data set.
pub fn internal(name: &str) -> PathBuf {
    sample().join(name).join(format!("{name}_internal.vtu"))
}

/// A folder of predictions for `full_test`: the truth with `change` applied to each value of each
/// array, `change(array, component, value)`.
pub fn predictions(change: impl Fn(&str, usize, f64) -> f64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in cases("full_test") {
        let file = read_mesh(&internal(&name)).unwrap();
        let fields = ["U", "p", "nut"].map(|array| changed(&file, array, &change));
        write(&folder.path().join(format!("{name}.vtu")), &file, &fields);
    }
    folder
}

/// A point array with changed values, in double precision.
pub fn changed(file: &MeshFile, array: &str, change: impl Fn(&str, usize, f64) -> f64) -> Field {
    let field = file.field(array, Location::Point).unwrap();
    let n = field.components();
    let values: Vec<f64> = field
        .to_f64()
        .into_iter()
        .enumerate()
        .map(|(k, value)| change(array, k % n, value))
        .collect();
    Field::new(array, Location::Point, n, Values::from(values)).unwrap()
}

/// Writes fields on the mesh of a file.
pub fn write(path: &Path, file: &MeshFile, fields: &[Field]) {
    write_mesh(path, &file.mesh, fields, &WriteOptions::default()).unwrap();
}

/// The cells of the table row that begins with `label`, as text.
pub fn row<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(label))
        .unwrap_or_else(|| panic!("no row {label} in\n{text}"));
    line.split_whitespace()
        .filter(|cell| *cell != "%")
        .collect()
}

/// Asserts that a printed number is the exact one to the printed digits (three or more).
pub fn assert_shown(shown: &str, exact: &Value, factor: f64) {
    let shown: f64 = shown.parse().unwrap();
    let exact = exact.as_f64().unwrap() * factor;
    assert!(
        (shown - exact).abs() <= 5.001e-3 * exact.abs(),
        "{shown} is shown for {exact}"
    );
}

/// One triangle in a file of Gmsh.
pub const GMSH: &str = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n2 1 \"flow\"\n\
                        $EndPhysicalNames\n$Nodes\n3\n1 0 0 0\n2 1 0 0\n3 0 1 0\n$EndNodes\n\
                        $Elements\n1\n1 2 2 1 1 1 2 3\n$EndElements\n";
