//! Files of others, damaged at random: reading them ends in a sound result or in an error that names
//! the place, never in a panic, and within memory that stays in proportion to the file.
//!
//! The test is alone in its file because it measures the memory of the whole process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use karman_datasets::{ArrayFile, DatasetError, PublishedFile, XdmfFile};
use karman_meshes::Location;
use peak_alloc::PeakAlloc;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[path = "published/files.rs"]
#[allow(dead_code)]
mod files;

use files::{
    BOX, SERIES, dictionary, f32s, hdf5_file, matlab_file, rising, series_files, torch_file,
    whole_tensor,
};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Mutations of each file; `KARMAN_MUTATIONS` sets another number.
const ROUNDS: u64 = 400;
/// Allowed memory beside 64 bytes for each byte of the file. A dataset of HDF5 may be all fill value:
/// 16 MiB, eight times that as f64.
const OF_HDF5: usize = 300 << 20;
const OF_OTHERS: usize = 40 << 20;

/// Writes a sound file of each kind; their names.
fn samples(folder: &Path) -> Vec<&'static str> {
    let at = |name: &str| folder.join(name);
    let object = dictionary(&[
        ("x", whole_tensor("0", "FloatStorage", &[3, 4])),
        ("y", whole_tensor("1", "FloatStorage", &[3, 2, 4])),
    ]);
    let (x, y) = (f32s(rising(12)), f32s(rising(24)));
    let members = [
        ("data/0", &x[..]),
        ("data/1", &y[..]),
        ("byteorder", b"little"),
    ];
    torch_file(&at("stored.pt"), &object, &members, false);
    torch_file(&at("deflated.pt"), &object, &members, true);
    let (axis, time) = ([0.0, 0.5, 1.0], [0.0, 1.0]);
    let arrays: [(&str, &[u32], &[f64]); 3] = [
        ("x", &[1, 3], &axis),
        ("t", &[1, 2], &time),
        ("u", &[3, 2], &[0.5; 6]),
    ];
    matlab_file(&at("plain.mat"), &arrays, false);
    matlab_file(&at("packed.mat"), &arrays, true);
    hdf5_file(
        &at("arrays.h5"),
        &[
            ("tensor", &[4, 3, 5], &rising(60)),
            ("t-coordinate", &[3], &rising(3)),
            ("x-coordinate", &[5], &rising(5)),
        ],
    );
    hdf5_file(
        &at("groups.h5"),
        &[
            ("0000/data", &[3, 5, 1], &rising(15)),
            ("0000/grid/t", &[3], &rising(3)),
            ("0000/grid/x", &[5], &rising(5)),
            ("0001/data", &[3, 5, 1], &rising(15)),
        ],
    );
    series_files(folder);
    std::fs::write(at("box.xdmf"), BOX).unwrap();
    std::fs::write(at("box.bin"), [1; 50]).unwrap();
    assert!(!SERIES.is_empty());
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/arrays/samples");
    for name in ["stored.npz", "deflated.npz", "latest-deflated.h5"] {
        std::fs::copy(samples.join(name), at(name)).unwrap();
    }
    vec![
        "stored.pt",
        "deflated.pt",
        "plain.mat",
        "packed.mat",
        "arrays.h5",
        "groups.h5",
        "latest-deflated.h5",
        "stored.npz",
        "deflated.npz",
        "series.xdmf",
        "box.xdmf",
        "series.h5",
    ]
}

/// Reads all that a file holds, in every way.
fn read(path: &Path) -> Result<(), DatasetError> {
    if path.extension().is_some_and(|e| e == "xdmf") || path.ends_with("series.h5") {
        let file = XdmfFile::open(path.with_extension("xdmf"))?;
        for step in 0..file.times().len() {
            if file.grid_axes(Location::Cell).is_none() {
                file.mesh(step)?;
            }
            for field in file.fields() {
                file.read(step, &field.name)?;
            }
        }
        return Ok(());
    }
    let file = ArrayFile::open(path)?;
    for name in file.names()?.unwrap_or_default() {
        let shape = file.shape(&name)?;
        if shape.first().is_some_and(|&n| n > 0) {
            file.read_rows::<f32>(&name, 0..1)?;
        }
        let array = file.read::<f64>(&name)?;
        assert_eq!(array.shape, shape);
        assert_eq!(array.values.len(), shape.iter().product::<usize>());
    }
    match path.extension() {
        Some(extension) if extension == "npz" => return Ok(()),
        _ if path.ends_with("latest-deflated.h5") => return Ok(()),
        _ => {}
    }
    let file = PublishedFile::open(path)?;
    for field in file.fields() {
        file.read(&field.name, 0..file.n_samples())?;
    }
    Ok(())
}

const WORDS: [&[u8]; 6] = [
    b"0",
    b"-1",
    b"4294967295",
    b"18446744073709551615",
    b"nan",
    b"HDF",
];

/// One random change.
fn mutate(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..7) {
        0 => bytes.truncate(at.max(1)),
        1 => bytes[at] ^= 1 << rng.random_range(0..8),
        2 => bytes[at] = rng.random(),
        3 => {
            let end = bytes.len().min(at + 8);
            bytes[at..end].fill([0, 0xff, 0x7f][rng.random_range(0..3)]);
        }
        4 => {
            let end = rng.random_range(at..bytes.len().min(at + 64));
            let piece = bytes[at..=end].to_vec();
            let to = rng.random_range(0..bytes.len());
            bytes.splice(to..to, piece);
        }
        5 => drop(bytes.drain(at..bytes.len().min(at + rng.random_range(1..32)))),
        _ => {
            let Some(first) = bytes[at..].iter().position(u8::is_ascii_digit) else {
                return;
            };
            let start = at + first;
            let digits = bytes[start..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            let word = WORDS[rng.random_range(0..WORDS.len())];
            bytes.splice(start..start + digits, word.iter().copied());
        }
    }
    if bytes.is_empty() {
        bytes.push(b'x');
    }
}

#[test]
fn no_bytes_make_the_readers_panic_hang_or_swell() {
    let rounds = std::env::var("KARMAN_MUTATIONS").ok();
    let rounds: u64 = rounds.and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    let (mut sound, mut refused, mut slowest) = (0, 0, Duration::ZERO);
    for (index, name) in samples(folder.path()).into_iter().enumerate() {
        let path = folder.path().join(name);
        read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let original = std::fs::read(&path).unwrap();
        let of_kind = if name.ends_with(".h5") || name == "series.xdmf" {
            OF_HDF5
        } else {
            OF_OTHERS
        };
        for round in 0..rounds {
            let mut rng = ChaCha8Rng::seed_from_u64((index as u64) << 32 | round);
            let mut bytes = original.clone();
            for _ in 0..rng.random_range(1..4) {
                mutate(&mut bytes, &mut rng);
            }
            std::fs::write(&path, &bytes).unwrap();
            let before = ALLOCATOR.current_usage();
            ALLOCATOR.reset_peak_usage();
            let start = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| read(&path)));
            slowest = slowest.max(start.elapsed());
            let peak = ALLOCATOR.peak_usage().saturating_sub(before);
            match result {
                Ok(Ok(())) => sound += 1,
                Ok(Err(error)) => {
                    let message = error.to_string();
                    let place = folder.path().display().to_string();
                    assert!(message.contains(&place), "{name}, round {round}: {message}");
                    refused += 1;
                }
                Err(_) => panic!("{name}, round {round}: the reader panicked"),
            }
            let allowed = 64 * bytes.len() + of_kind;
            assert!(
                peak <= allowed,
                "{name}, round {round}: {peak} of {allowed} bytes"
            );
        }
        std::fs::write(&path, &original).unwrap();
    }
    // Neither all sound (nothing was tested) nor all refused (the mutations are too crude).
    assert!(
        refused > sound / 4 && sound > refused / 50,
        "{sound} sound, {refused} refused"
    );
    assert!(
        slowest < Duration::from_secs(20),
        "one file took {slowest:?}"
    );
    println!("{sound} sound, {refused} refused, slowest {slowest:?}");
}
