//! What `karman mesh convert` writes opens in pyvista, with equal points, cells and arrays.

use std::process::{Command, Output};

use crate::support::{cases, internal, root, run};

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

#[test]
fn converted_files_open_in_pyvista() {
    let there = check(&["--available"]);
    if !there.is_some_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with pyvista (set KARMAN_PEERS_PYTHON to one that has it)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let original = internal(&cases("full_test")[0]);
    let original = original.to_str().unwrap();
    for (encoding, compression) in [
        ("ascii", "none"),
        ("base64", "zlib"),
        ("raw", "lz4"),
        ("raw", "lzma"),
    ] {
        let path = folder.path().join(format!("{encoding}-{compression}.vtu"));
        let path = path.to_str().unwrap();
        let options = ["--encoding", encoding, "--compression", compression];
        let converted = run(["mesh", "convert", original, path]
            .into_iter()
            .chain(options));
        assert_eq!(converted.code, 0, "{}", converted.err);
        let output = check(&[path, "--same-as", original]).unwrap();
        assert!(
            output.status.success(),
            "{encoding} {compression}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
