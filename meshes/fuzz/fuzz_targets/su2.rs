//! Any bytes: reading SU2's meshes and solutions must neither panic nor hang nor exhaust memory.

#![no_main]

use karman_meshes::{ReadOptions, read_su2, read_su2_solution};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    let _ = read_su2(bytes, "fuzz", &ReadOptions::default());
    let _ = read_su2_solution(bytes, "fuzz", &ReadOptions::default());
});
