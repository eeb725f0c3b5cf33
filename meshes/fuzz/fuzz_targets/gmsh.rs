//! Any bytes: reading a Gmsh mesh must neither panic nor hang nor exhaust memory.

#![no_main]

use karman_meshes::{ReadOptions, read_gmsh};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let linear = ReadOptions {
        linearise: true,
        ..ReadOptions::default()
    };
    // An error is an answer; what is read without reduction is the same with it.
    if let Ok(file) = read_gmsh(bytes, "fuzz", &ReadOptions::default()) {
        let again = read_gmsh(bytes, "fuzz", &linear).expect("linear elements stay");
        assert_eq!(file.mesh, again.mesh);
    }
    let _ = read_gmsh(bytes, "fuzz", &linear);
});
