//! Any bytes as a matrix (Matrix Market, MATLAB v5, triplets): reading must neither panic nor hang nor
//! exhaust memory.

#![no_main]

use std::path::Path;

use karman_solvers::MatrixFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    if let Ok(file) = MatrixFile::parse(bytes, Path::new("fuzz")) {
        let _ = file.matrix(None);
    }
});
