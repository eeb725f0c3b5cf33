//! Any bytes as OpenFOAM's files: reading must neither panic nor hang nor exhaust memory. Without a line
//! `====` they are a field, else the parts between such lines are the five files of a mesh.

#![no_main]

use karman_datasets::{FoamField, FoamMesh};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 5] = ["points", "faces", "owner", "neighbour", "boundary"];
const BETWEEN: &[u8] = b"\n====\n";

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mesh = folder.path().join("constant/polyMesh");
    std::fs::create_dir_all(&mesh).expect("a temporary folder");
    let mut rest = bytes;
    for name in FILES {
        let end = rest.windows(BETWEEN.len()).position(|w| w == BETWEEN);
        let (part, next) = match end {
            Some(end) => (&rest[..end], &rest[end + BETWEEN.len()..]),
            None => (rest, &[][..]),
        };
        std::fs::write(mesh.join(name), part).expect("a temporary file");
        rest = next;
    }
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    if let Ok(field) = FoamField::read(&mesh.join("points")) {
        let _ = field.cell_values(3);
    }
    let _ = FoamMesh::read(folder.path());
});
