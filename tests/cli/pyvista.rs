//! What `karman mesh convert` writes opens in pyvista, with equal points, cells and arrays.

use crate::python;
use crate::support::{cases, internal, run};

#[test]
fn converted_files_open_in_pyvista() {
    if !python::available() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let original = internal(&cases("full_test")[0]);
    for (encoding, compression) in [
        ("ascii", "none"),
        ("base64", "zlib"),
        ("raw", "lz4"),
        ("raw", "lzma"),
    ] {
        let path = folder.path().join(format!("{encoding}-{compression}.vtu"));
        let files = [original.to_str().unwrap(), path.to_str().unwrap()];
        let options = ["--encoding", encoding, "--compression", compression];
        let arguments = ["mesh", "convert"].into_iter().chain(files).chain(options);
        let converted = run(arguments);
        assert_eq!(converted.code, 0, "{}", converted.err);
        python::check(&path, "--same-as", &original);
    }
}
