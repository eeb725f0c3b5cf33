//! VTK itself opens what is written here and finds the same points, cells, arrays and units.
//!
//! Needs a Python with pyvista: `python3`, or the one that `KARMAN_PYTHON` names. Without it the
//! test says that it was skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use karman_meshes::{Compression, Encoding, WriteOptions, read_mesh, write_mesh};

fn check(arguments: &[&Path]) -> Option<Output> {
    let python = std::env::var_os("KARMAN_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/check_vtu.py");
    Command::new(python)
        .arg(script)
        .args(arguments)
        .output()
        .ok()
}

#[test]
fn vtk_opens_every_encoding() {
    let there = check(&[Path::new("--available")]);
    if !there.is_some_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with pyvista (set KARMAN_PYTHON to one that has it)");
        return;
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let folder = tempfile::tempdir().unwrap();
    for sample in [
        "mixed_base64_zlib.vtu",
        "poly_base64.vtp",
        "units.vtp",
        "blocks_zlib.vtu",
    ] {
        let file = read_mesh(&data.join(sample)).unwrap();
        let mut written: Vec<PathBuf> = Vec::new();
        for encoding in [Encoding::Ascii, Encoding::Base64, Encoding::AppendedRaw] {
            for compression in [
                Compression::None,
                Compression::Zlib,
                Compression::Lz4,
                Compression::Lzma,
            ] {
                let name = format!("{encoding:?}_{compression:?}_{sample}");
                let path = folder.path().join(name);
                let options = WriteOptions {
                    encoding,
                    compression,
                };
                write_mesh(&path, &file.mesh, &file.fields, &options).unwrap();
                written.push(path);
            }
        }
        let original = data.join(sample);
        let mut arguments: Vec<&Path> = written.iter().map(PathBuf::as_path).collect();
        arguments.extend([Path::new("--same-as"), &original]);
        let output = check(&arguments).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
