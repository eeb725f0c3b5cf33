//! Parts of arrays are the parts of the whole, in every format.

use std::path::Path;

use karman_datasets::{Array, ArrayFile, write_array};

use super::files::{f32s, matlab_file, rising, torch_file, whole_tensor};
use super::third_party;

/// Compares some ranges with the whole array.
fn check(path: &Path, name: &str) {
    let file = ArrayFile::open(path).unwrap();
    let whole: Array<f64> = file.read(name).unwrap();
    assert_eq!(file.shape(name).unwrap(), whole.shape, "{path:?}");
    let n = whole.shape[0];
    let row: usize = whole.shape[1..].iter().product();
    for rows in [0..n, 0..1, n - 1..n, 1..n, n / 2..n / 2, 0..0, n..n] {
        let part: Array<f64> = file.read_rows(name, rows.clone()).unwrap();
        assert_eq!(part.shape[0], rows.len());
        assert_eq!(part.shape[1..], whole.shape[1..]);
        let expected = &whole.values[rows.start * row..rows.end * row];
        assert_eq!(part.values, expected, "{path:?} {rows:?}");
    }
    let narrow: Array<f32> = file.read_rows(name, 0..n).unwrap();
    let rounded = whole.values.iter().map(|&value| value as f32);
    assert!(rounded.eq(narrow.values));
    for rows in [0..n + 1, n + 1..n + 2, usize::MAX - 1..usize::MAX] {
        let message = file.read_rows::<f64>(name, rows).unwrap_err().to_string();
        assert!(
            message.contains(&format!("has {n} entries along its first axis")),
            "{message}"
        );
    }
    #[expect(clippy::reversed_empty_ranges, reason = "such a range must be refused")]
    let backwards = file.read_rows::<f64>(name, 1..0);
    assert!(backwards.is_err());
}

#[test]
fn parts_of_all_formats() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/arrays/samples");
    for name in [
        "rhs-f8",
        "rhs-f8-fortran",
        "rhs-f4-big",
        "rhs-f2",
        "rhs8-i8",
        "flags-i8-fortran",
    ] {
        check(&samples.join(format!("{name}.npy")), "");
    }
    for name in ["stored.npz", "deflated.npz"] {
        check(&samples.join(name), "rhs");
    }
    for version in ["earliest", "latest"] {
        for kind in ["contiguous", "chunked", "deflated", "extendible"] {
            check(&samples.join(format!("{version}-{kind}.h5")), "rhs");
            check(&samples.join(format!("{version}-{kind}.h5")), "flags");
        }
    }
    check(&samples.join("others.h5"), "steps/last/rhs");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let values: Vec<f64> = rising(24).into_iter().map(f64::from).collect();
    matlab_file(&at("a.mat"), &[("a", &[2, 3, 4], &values)], true);
    check(&at("a.mat"), "a");
    let bytes = f32s(rising(24));
    for deflated in [false, true] {
        torch_file(
            &at("a.pt"),
            &whole_tensor("0", "FloatStorage", &[4, 3, 2]),
            &[("data/0", &bytes)],
            deflated,
        );
        check(&at("a.pt"), "tensor");
    }
    write_array(at("scalar.npy"), "", &[], &[1.0]).unwrap();
    let scalar = ArrayFile::open(at("scalar.npy")).unwrap();
    let message = scalar.read_rows::<f64>("", 0..1).unwrap_err().to_string();
    assert!(message.contains("single number"), "{message}");
}

#[test]
fn the_first_bytes_tell_where_the_extension_does_not() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/arrays/samples");
    let folder = tempfile::tempdir().unwrap();
    for (sample, name) in [("rhs-f8.npy", "a.dat"), ("latest-chunked.h5", "a.nc")] {
        std::fs::copy(samples.join(sample), folder.path().join(name)).unwrap();
        let file = ArrayFile::open(folder.path().join(name)).unwrap();
        assert_eq!(file.read::<f64>("rhs").unwrap().shape, [3, 4, 5]);
    }
    std::fs::write(folder.path().join("a.txt"), "1 2 3").unwrap();
    let message = ArrayFile::open(folder.path().join("a.txt"))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("a.txt is of no format that is known"),
        "{message}"
    );
}

#[test]
fn arrays_of_matlab_in_c_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mat");
    // Entry (i, j, k) is i + 2 j + 6 k.
    let values: Vec<f64> = (0..24).map(f64::from).collect();
    for compressed in [false, true] {
        matlab_file(
            &path,
            &[
                ("a", &[2, 3, 4], &values),
                ("half", &[1, 2], &[0.5, f64::NAN]),
            ],
            compressed,
        );
        let file = ArrayFile::open(&path).unwrap();
        assert_eq!(file.names().unwrap().unwrap(), ["a", "half"]);
        let array: Array<f64> = file.read("a").unwrap();
        assert_eq!(array.shape, [2, 3, 4]);
        assert_eq!(array.values[..6], [0.0, 6.0, 12.0, 18.0, 2.0, 8.0]);
        assert_eq!(file.read::<u8>("a").unwrap().values[..3], [0, 6, 12]);
        assert!(file.read::<f64>("half").unwrap().values[1].is_nan());
        let message = file.read::<u8>("half").unwrap_err().to_string();
        assert!(
            message.contains("entry 0 is 0.5; wanted is an integer type"),
            "{message}"
        );
        let message = file.read::<f64>("b").unwrap_err().to_string();
        assert!(
            message.contains("array \"b\" is not there; the file holds \"a\", \"half\""),
            "{message}"
        );
    }
    for (bytes, words) in [
        (&b"\x89HDF\r\n\x1a\n"[..], "save it with -v7"),
        (b"1 1 2.0\n", "no MATLAB v5 file"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let message = ArrayFile::open(&path).unwrap_err().to_string();
        assert!(
            message.contains("a.mat") && message.contains(words),
            "{message}"
        );
    }
}

#[test]
fn the_solutions_of_pinns() {
    let Some(folder) = third_party("pinns") else {
        return;
    };
    let file = ArrayFile::open(folder.join("burgers_shock.mat")).unwrap();
    let solution: Array<f64> = file.read("usol").unwrap();
    assert_eq!(solution.shape, [256, 100]);
    // u(x, 0) = -sin(pi x).
    let x: Array<f64> = file.read("x").unwrap();
    for (i, x) in x.values.iter().enumerate() {
        assert!((solution.values[100 * i] + (std::f64::consts::PI * x).sin()).abs() < 1e-12);
    }
    check(&folder.join("KdV.mat"), "uu");
}
