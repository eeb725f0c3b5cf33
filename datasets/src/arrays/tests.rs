//! Files of NumPy and h5py (`scripts/make_array_samples.py`), and those of this module.

use std::path::{Path, PathBuf};

use super::*;

pub(super) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/arrays/samples")
        .join(name)
}

/// What the script stores: entry (k, j, i) of 3 x 4 x 5.
fn rhs() -> Array<f64> {
    let at = |n: usize| (100 * (n / 20) + 10 * (n / 5 % 4) + n % 5) as f64 / 8.0;
    Array {
        shape: vec![3, 4, 5],
        values: (0..60).map(at).collect(),
    }
}

fn flags() -> Array<u8> {
    let at = |n: usize| ((n / 20 + n / 5 % 4 + n % 5) % 3) as u8;
    Array {
        shape: vec![3, 4, 5],
        values: (0..60).map(at).collect(),
    }
}

fn read<T: ArrayNumber>(path: &Path, name: &str) -> Result<Array<T>, DatasetError> {
    ArrayFile::open(path)?.read(name)
}

#[test]
fn npy_in_all_types_and_orders() {
    for name in ["rhs-f8", "rhs-f8-fortran", "rhs-f4-big", "rhs-version2"] {
        assert_eq!(
            read::<f64>(&sample(&format!("{name}.npy")), "").unwrap(),
            rhs(),
            "{name}"
        );
    }
    let mut coarse = read::<f64>(&sample("rhs-f2.npy"), "").unwrap();
    assert!(
        coarse
            .values
            .iter()
            .zip(rhs().values)
            .all(|(a, b)| (a - b).abs() <= b / 2048.0)
    );
    coarse = read(&sample("rhs8-i8.npy"), "").unwrap();
    coarse.values.iter_mut().for_each(|v| *v /= 8.0);
    assert_eq!(coarse, rhs());
    for name in ["flags-u1", "flags-i8-fortran"] {
        assert_eq!(
            read::<u8>(&sample(&format!("{name}.npy")), "").unwrap(),
            flags(),
            "{name}"
        );
    }
    let fluid = read::<u8>(&sample("flags-bool.npy"), "").unwrap();
    let expected = flags().values.into_iter().map(|f| u8::from(f == 1));
    assert!(fluid.values.into_iter().eq(expected));
}

#[test]
fn archives_and_hdf5_by_name() {
    let mut files = vec!["stored.npz".to_owned(), "deflated.npz".to_owned()];
    for version in ["earliest", "latest"] {
        for kind in ["contiguous", "chunked", "deflated", "extendible"] {
            files.push(format!("{version}-{kind}.h5"));
        }
    }
    for file in files {
        let file = ArrayFile::open(sample(&file)).unwrap();
        assert_eq!(file.names().unwrap().unwrap(), ["flags", "rhs"]);
        assert_eq!(file.read::<u8>("flags").unwrap(), flags(), "{file:?}");
        assert_eq!(file.read::<f64>("rhs").unwrap(), rhs(), "{file:?}");
        let message = file.read::<f64>("p").unwrap_err().to_string();
        assert!(
            message.contains("array \"p\"") && message.contains("\"flags\", \"rhs\""),
            "{message}"
        );
    }
    let others = ArrayFile::open(sample("others.h5")).unwrap();
    assert_eq!(others.read::<f64>("steps/last/rhs").unwrap(), rhs());
    assert_eq!(others.read::<f64>("unwritten").unwrap().values, [7.0; 6]);
    let fluid = others.read::<u8>("flags").unwrap().values;
    assert!(
        fluid
            .into_iter()
            .eq(flags().values.into_iter().map(|f| u8::from(f == 1)))
    );
}

#[test]
fn what_is_no_array_of_numbers_is_refused_with_the_reason() {
    let wrong = [
        ("complex.npy", "", "'<c16'"),
        ("fields.npy", "", "fields"),
        ("text.npy", "", "'<U1'"),
        ("others.h5", "text", "array \"text\""),
        ("others.h5", "steps", "not there"),
        ("others.h5", "huge", "8796093022208"),
    ];
    for (file, name, words) in wrong {
        let message = read::<f64>(&sample(file), name).unwrap_err().to_string();
        assert!(
            message.contains(file) && message.contains(words),
            "{message}"
        );
    }
    let message = read::<u8>(&sample("rhs-f8.npy"), "")
        .unwrap_err()
        .to_string();
    assert!(message.contains(".astype(\"uint8\")"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let header = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }";
    let path = npy_file(folder.path(), header, 4);
    let mut content = std::fs::read(&path).unwrap();
    content.extend([0xff, 0xfe]);
    content.drain(content.len() - 6..content.len() - 4);
    std::fs::write(&path, content).unwrap();
    assert_eq!(read::<f64>(&path, "").unwrap().values, [0.0, -2.0]);
    let message = read::<u8>(&path, "").unwrap_err().to_string();
    assert!(
        message.contains("entry 1 is -2, outside of 0 to 255"),
        "{message}"
    );
}

/// A `.npy` file with this header and so many bytes of data.
fn npy_file(folder: &Path, header: &str, bytes: usize) -> PathBuf {
    let path = folder.join("made.npy");
    let mut content = b"\x93NUMPY\x01\x00".to_vec();
    content.extend((header.len() as u16).to_le_bytes());
    content.extend(header.as_bytes());
    content.extend(vec![0; bytes]);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn headers_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
            23,
            "needs 24 bytes of data, 23 are there",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
            25,
            "25 are there",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999,), }",
            8,
            "needs 799999999999999992",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
            8,
            "too large",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,), }",
            8,
            "length expected",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
            8,
            "length expected",
        ),
        (
            "{'descr': '<f8', 'fortran_order': maybe, 'shape': (1,), }",
            8,
            "True or False",
        ),
        ("{'descr': '<f8', 'shape': (1,), }", 8, "missing"),
        (
            "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }",
            8,
            "'<f3'",
        ),
        (
            "{'descr': 'é8', 'fortran_order': False, 'shape': (1,), }",
            8,
            "'é8'",
        ),
        (
            "{'descr': '', 'fortran_order': False, 'shape': (1,), }",
            8,
            "''",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1",
            8,
            "expected",
        ),
        ("{'descr", 8, "without end"),
        ("", 8, "'{' expected"),
    ];
    for (header, bytes, words) in cases {
        let message = read::<f64>(&npy_file(folder.path(), header, bytes), "")
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("made.npy") && message.contains(words),
            "{message}"
        );
    }
    for shape in ["()", "(1,)", "(1L, 1)", "( 1 , 1 )", "(1,1,1,)"] {
        let header = format!("{{\"shape\":{shape},\"fortran_order\":True,\"descr\":\"<f8\"}}");
        assert_eq!(
            read::<f64>(&npy_file(folder.path(), &header, 8), "")
                .unwrap()
                .values,
            [0.0]
        );
    }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["x.npy", "x.npz", "x.h5", "X.HDF5"] {
        let path = folder.path().join(name);
        for shape in [vec![3, 4, 5], vec![60], vec![0, 7], vec![]] {
            let n = shape.iter().product();
            let values = &rhs().values[..n];
            write_array(&path, "pressure", &shape, values).unwrap();
            let found = read::<f64>(&path, "pressure").unwrap();
            assert_eq!((found.shape, &found.values[..]), (shape, values), "{name}");
        }
        let first = std::fs::read(&path).unwrap();
        write_array(&path, "pressure", &[], &[0.0]).unwrap();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            first,
            "{name}: the same values, the same file"
        );
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        4,
        "no temporary files"
    );
}

#[test]
fn wrong_calls() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let message = |result: Result<(), DatasetError>| result.unwrap_err().to_string();
    assert!(message(write_array(at("x.txt"), "x", &[1], &[1.0])).contains("x.txt"));
    assert!(
        message(write_array(at("x.npy"), "x", &[2], &[1.0])).contains("1 values for the shape [2]")
    );
    assert!(message(write_array(at("x.npy"), "x", &[usize::MAX, 2], &[1.0])).contains("shape"));
    for name in ["absent/x.npy", "absent/x.npz", "absent/x.h5"] {
        assert!(message(write_array(at(name), "x", &[1], &[1.0])).contains("absent"));
    }
    for (name, words) in [("x.txt", "extension"), ("absent/x.h5", "no folder")] {
        let text = message(check_array_path(at(name)));
        assert!(text.contains(name) && text.contains(words), "{text}");
    }
    assert!(check_array_path(at("x.npz")).is_ok() && check_array_path("x.npz").is_ok());
    assert!(message(ArrayFile::open(at("no.npy")).map(drop)).contains("no.npy"));
    std::fs::create_dir(at("folder.npy")).unwrap();
    assert!(message(ArrayFile::open(at("folder.npy")).map(drop)).contains("no file"));
    for name in ["empty.npy", "empty.npz", "empty.h5"] {
        std::fs::write(at(name), b"").unwrap();
        let text = message(read::<f64>(&at(name), "x").map(drop));
        assert!(text.contains(name), "{text}");
    }
}
