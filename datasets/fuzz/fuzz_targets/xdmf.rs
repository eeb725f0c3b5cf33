//! Any bytes as an XDMF file without others beside it: reading must neither panic nor hang nor exhaust
//! memory.

#![no_main]

use karman_datasets::{PublishedFile, XdmfFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("fuzz.xdmf");
    std::fs::write(&path, bytes).expect("a temporary file");
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    let Ok(file) = XdmfFile::open(&path) else {
        return;
    };
    for step in 0..file.times().len().min(8) {
        let _ = file.mesh(step);
        for field in file.fields() {
            let _ = file.read(step, &field.name);
        }
    }
    if let Ok(file) = PublishedFile::open(&path) {
        for field in file.fields() {
            let _ = file.read(&field.name, 0..file.n_samples());
        }
    }
});
