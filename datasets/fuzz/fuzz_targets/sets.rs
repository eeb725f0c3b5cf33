//! Any bytes as what describes a set of cases, manifest or configuration: reading must neither panic nor
//! hang nor exhaust memory.

#![no_main]

use karman_datasets::{GenerateConfig, Manifest, Trajectories};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("manifest.json"), bytes).expect("a temporary file");
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    let _ = Manifest::read(folder.path());
    let _ = Trajectories::open(folder.path());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = GenerateConfig::parse(text, "fuzz", &[]);
    }
});
