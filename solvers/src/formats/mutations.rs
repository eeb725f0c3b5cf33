//! Damaged files end in an error, or in a matrix; never in a panic, a hang or all of the memory.

use std::io::Write;
use std::path::Path;

use rand::{Rng, SeedableRng};

use super::*;

/// A MATLAB v5 file with one sparse and one dense array, and a structure that holds both.
pub(super) fn mat_file(little: bool, compressed: bool) -> Vec<u8> {
    let word = |v: u32| {
        if little {
            v.to_le_bytes()
        } else {
            v.to_be_bytes()
        }
    };
    let double = |v: f64| {
        if little {
            v.to_le_bytes()
        } else {
            v.to_be_bytes()
        }
    };
    let element = |kind: u32, data: &[u8]| {
        let mut bytes = [word(kind), word(data.len() as u32)].concat();
        bytes.extend_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let words = |v: &[u32]| v.iter().flat_map(|v| word(*v)).collect::<Vec<u8>>();
    let doubles = |v: &[f64]| v.iter().flat_map(|v| double(*v)).collect::<Vec<u8>>();
    let head = |class: u32, rows: u32, columns: u32, name: &str| {
        let mut bytes = element(6, &words(&[class, 0]));
        bytes.extend(element(5, &words(&[rows, columns])));
        bytes.extend(element(1, name.as_bytes()));
        bytes
    };
    // [4 -1 0; -1 4 -1; 0 -1 4]
    let sparse = |name: &str| {
        let mut bytes = head(5, 3, 3, name);
        bytes.extend(element(5, &words(&[0, 1, 0, 1, 2, 1, 2])));
        bytes.extend(element(5, &words(&[0, 2, 5, 7])));
        bytes.extend(element(
            9,
            &doubles(&[4.0, -1.0, -1.0, 4.0, -1.0, -1.0, 4.0]),
        ));
        element(14, &bytes)
    };
    let dense = |name: &str| {
        let mut bytes = head(6, 3, 1, name);
        bytes.extend(element(2, &[1, 2, 3]));
        element(14, &bytes)
    };
    let structure = {
        let mut bytes = head(2, 1, 1, "problem");
        // A short element: the length of the names in the tag's second half.
        bytes.extend(word((4 << 16) | 5));
        bytes.extend(word(2));
        bytes.extend(element(1, b"A\0b\0"));
        bytes.extend(sparse(""));
        bytes.extend(dense(""));
        element(14, &bytes)
    };
    let mut file = b"MATLAB 5.0 MAT-file, made by a test".to_vec();
    file.resize(124, b' ');
    file.extend(if little {
        *b"\x00\x01IM"
    } else {
        *b"\x01\x00MI"
    });
    for array in [sparse("A"), dense("b"), structure] {
        if compressed {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
            encoder.write_all(&array).expect("memory");
            let data = encoder.finish().expect("memory");
            file.extend(word(15));
            file.extend(word(data.len() as u32));
            file.extend(data);
        } else {
            file.extend(array);
        }
    }
    file
}

#[test]
fn matlab_files_of_both_byte_orders_plain_and_compressed() {
    for little in [true, false] {
        for compressed in [true, false] {
            let file = MatrixFile::parse(&mat_file(little, compressed), Path::new("a.mat"));
            let file = file.expect("a whole file");
            let names: Vec<&str> = file.arrays.iter().map(|(name, _)| &name[..]).collect();
            assert_eq!(names, ["A", "b", "problem.A", "problem.b"]);
            for name in [None, Some("A"), Some("problem.A")] {
                let matrix = file.matrix(name).expect("a matrix");
                let entries: Vec<_> = matrix.iter().map(|(v, (i, j))| (i, j, *v)).collect();
                let expected = [
                    (0, 0, 4.0),
                    (0, 1, -1.0),
                    (1, 0, -1.0),
                    (1, 1, 4.0),
                    (1, 2, -1.0),
                    (2, 1, -1.0),
                    (2, 2, 4.0),
                ];
                assert_eq!(entries, expected);
            }
            assert_eq!(file.vector(Some("problem.b")).expect("b"), [1.0, 2.0, 3.0]);
            let error = file.vector(None).expect_err("four arrays").to_string();
            assert!(error.contains("problem.A (3 x 3, sparse)"), "{error}");
        }
    }
}

#[test]
fn other_kinds_of_files_are_named() {
    for (bytes, part) in [
        (&b"\x89HDF\r\n\x1a\n"[..], "-v7"),
        (b"MATLAB 7.3 MAT-file", "-v7"),
        (b"MATLAB 5.0 MAT-file", "shorter"),
        (b"\xff\xfe\x00", "neither"),
    ] {
        let error = MatrixFile::parse(bytes, Path::new("a.mat"))
            .expect_err(part)
            .to_string();
        assert!(error.contains(part), "{error}");
    }
    let error = MatrixFile::read(Path::new("/nowhere/a.mtx"))
        .expect_err("no file")
        .to_string();
    assert!(error.contains("/nowhere/a.mtx"), "{error}");
}

/// Flips bits, overwrites bytes, cuts and doubles pieces, 20 000 times each. What comes out is
/// looked at only for its size: memory must stay in proportion to the file.
#[test]
fn damage_does_no_harm() {
    let market = b"%%MatrixMarket matrix coordinate real symmetric\n% c\n4 4 5\n1 1 4.5\n2 1 -1\n\
                   2 2 1e3\n3 3 7\n4 4 1d0\n";
    let array = b"%%MatrixMarket matrix array integer skew-symmetric\n3 3\n1\n2\n3\n";
    let seeds = [
        mat_file(true, false),
        mat_file(false, false),
        mat_file(true, true),
        market.to_vec(),
        array.to_vec(),
        b"0 0 4.0\n1 0 -1.0\n1 1 4e0\n".to_vec(),
    ];
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut read = 0;
    for seed in &seeds {
        for _ in 0..20_000 {
            let mut bytes = seed.clone();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                match rng.random_range(0..5) {
                    0 => bytes[at] ^= 1 << rng.random_range(0..8),
                    1 => bytes[at] = rng.random(),
                    2 => bytes.truncate(at.max(1)),
                    3 => {
                        let end = rng.random_range(at..bytes.len());
                        let piece = bytes[at..=end].to_vec();
                        bytes.splice(at..at, piece);
                    }
                    _ => {
                        let value: [u8; 4] = *[[255; 4], [0; 4], [0, 0, 0, 127]]
                            .get(rng.random_range(0..3))
                            .expect("three");
                        let end = bytes.len().min(at + 4);
                        bytes[at..end].copy_from_slice(&value[..end - at]);
                    }
                }
            }
            if let Ok(file) = MatrixFile::parse(&bytes, Path::new("damaged")) {
                read += 1;
                for (_, array) in &file.arrays {
                    let held = match array {
                        FileArray::Sparse(matrix) => matrix.nnz(),
                        FileArray::Dense { values, .. } => values.len(),
                    };
                    assert!(held <= 2 * MOST_PER_BYTE * bytes.len());
                }
                let _ = (file.matrix(None), file.vector(None));
            }
        }
    }
    assert!(read > 1000, "{read}: most mutations broke the file at once");
}

/// Values that a byte of a file can stand for at most: zlib's thousandfold.
const MOST_PER_BYTE: usize = 1040;
