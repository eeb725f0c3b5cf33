//! Damaged files: an error or an array, never a panic, and never memory that the file's size does not
//! justify.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::tests::sample;
use super::*;

/// Files of every format and kind, damaged in every way that tends to hurt readers.
#[test]
fn damaged_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut outcomes = [0, 0];
    let mut entries: Vec<_> = std::fs::read_dir(sample(""))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let intact = std::fs::read(&path).unwrap();
        let damaged = folder.path().join(path.file_name().unwrap());
        for _ in 0..100 {
            std::fs::write(&damaged, damage(&intact, &mut rng)).unwrap();
            let read = |file: ArrayFile| -> Result<(), DatasetError> {
                file.names()?;
                let rhs = file.read::<f64>("rhs")?;
                assert_eq!(rhs.shape.iter().product::<usize>(), rhs.values.len());
                // Deflate packs at most 1032 to 1; unwritten data are bounded as well.
                assert!(8 * rhs.values.len() <= 1032 * intact.len() + (1 << 24));
                file.read::<u8>("flags").map(drop)
            };
            match ArrayFile::open(&damaged).and_then(read) {
                Ok(()) => outcomes[0] += 1,
                Err(error) => {
                    assert!(
                        error
                            .to_string()
                            .contains(path.file_name().unwrap().to_str().unwrap()),
                        "{error}"
                    );
                    outcomes[1] += 1;
                }
            }
        }
    }
    // Many changes hit values, which nobody can notice; the others must have been noticed.
    assert!(outcomes[0] > 200 && outcomes[1] > 1000, "{outcomes:?}");
}

/// Changes some bytes, or cuts, or repeats a piece.
fn damage(intact: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = intact.to_vec();
    // Headers come first in most formats; values are not worth as many tries.
    let reach = if rng.random_bool(0.5) {
        bytes.len().min(256)
    } else {
        bytes.len()
    };
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..reach);
        bytes[at] = match rng.random_range(0..3) {
            0 => rng.random(),
            1 => 0xff,
            _ => bytes[at] ^ 1 << rng.random_range(0..8),
        };
    }
    match rng.random_range(0..8) {
        0 => bytes.truncate(rng.random_range(0..intact.len())),
        1 => {
            let at = rng.random_range(0..bytes.len());
            let piece = bytes[at..].to_vec();
            bytes.extend(piece);
        }
        _ => {}
    }
    bytes
}
