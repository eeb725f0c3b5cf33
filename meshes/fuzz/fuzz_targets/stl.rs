//! Any bytes: reading an STL file must neither panic nor hang nor exhaust memory.

#![no_main]

use karman_meshes::StlFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    let _ = StlFile::parse(bytes, "fuzz");
});
