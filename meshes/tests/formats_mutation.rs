//! Changes the committed files at random, thousands of times, and reads them: no bytes may make
//! the reader panic, hang or take much more memory than the file is large.
//!
//! The memory is what Rust's allocator hands out; liblzma's own working memory is limited where
//! it is called. The test is alone in its file because it measures the whole process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use karman_meshes::{
    MeshError, MeshFile, ReadOptions, read_gmsh, read_su2, read_su2_solution, read_vtk_xml,
};
use peak_alloc::PeakAlloc;

mod gmsh_files;
mod su2_files;

/// A reader of bytes.
type Read = fn(&[u8], &str, &ReadOptions) -> Result<MeshFile, MeshError>;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Mutations of each file; `KARMAN_MUTATIONS` sets another number.
const ROUNDS: u64 = 2000;
/// Allowed memory: this many bytes per byte of the file ...
const FACTOR: usize = 16;
/// ... plus this, for the decompressors.
const CONSTANT: usize = 512 * 1024;

/// SplitMix64 (Steele, Lea, Flood 2014): a few lines, the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not zero.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn range(&mut self, len: usize, longest: usize) -> std::ops::Range<usize> {
        let start = self.below(len);
        start..(start + 1 + self.below(longest)).min(len)
    }
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
const NUMBERS: [&str; 8] = [
    "0",
    "-1",
    "1",
    "4294967295",
    "1152921504606846976",
    "9223372036854775807",
    "18446744073709551615",
    "1e308",
];

/// One random change of `bytes`; `other` is another file to take pieces from.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let len = bytes.len();
    match random.below(8) {
        0 => bytes.truncate(random.below(len)),
        1 => {
            for _ in 0..=random.below(8) {
                bytes[random.below(len)] ^= 1 << random.below(8);
            }
        }
        2 => {
            let to = random.range(len, 64);
            let from = random.range(other.len(), 64);
            bytes.splice(to, other[from].iter().copied());
        }
        3 => {
            let from = random.range(len, 4096);
            let piece = bytes[from].to_vec();
            let at = random.below(len);
            bytes.splice(at..at, piece);
        }
        4 => drop(bytes.drain(random.range(len, 256))),
        5 => replace_digits(bytes, random),
        6 => change_header(bytes, random),
        _ => {
            for byte in random.range(len, 16) {
                bytes[byte] = random.next() as u8;
            }
        }
    }
    if bytes.is_empty() {
        bytes.push(b'<');
    }
}

/// Replaces a run of digits, often an attribute's, by a number that does not belong there.
fn replace_digits(bytes: &mut Vec<u8>, random: &mut Random) {
    let start = random.below(bytes.len());
    let Some(first) = bytes[start..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let first = start + first;
    let digits = bytes[first..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = NUMBERS[random.below(NUMBERS.len())];
    bytes.splice(first..first + digits, number.bytes());
}

/// Changes characters at the start of an array's base64, where its header is.
fn change_header(bytes: &mut [u8], random: &mut Random) {
    let start = random.below(bytes.len());
    let Some(at) = bytes[start..]
        .windows(4)
        .position(|four| four[0] == b'>' || four == b" AQA")
    else {
        return;
    };
    for _ in 0..=random.below(3) {
        let position = start + at + 1 + random.below(40);
        if let Some(byte) = bytes.get_mut(position) {
            *byte = BASE64[random.below(BASE64.len())];
        }
    }
}

fn vtk_samples() -> Vec<(String, Vec<u8>, Read)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<(String, Vec<u8>, Read)> = std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "vtu" || e == "vtp"))
        .map(|path| {
            let name = path.file_name().unwrap().display().to_string();
            (name, std::fs::read(&path).unwrap(), read_vtk_xml as Read)
        })
        .collect();
    files.sort();
    files
}

/// Gmsh meshes in all forms with groups and data, and files of SU2.
fn other_samples() -> Vec<(String, Vec<u8>, Read)> {
    let mut sample = gmsh_files::all_kinds(|n| 2 * n);
    let values = (1..=12).map(|n| (2 * n, vec![f64::from(n)])).collect();
    sample.data = vec![("NodeData", "T", 0, 1, values)];
    let mut files: Vec<(String, Vec<u8>, Read)> = Vec::new();
    for (k, form) in gmsh_files::FORMS.into_iter().enumerate() {
        files.push((
            format!("old{k}.msh"),
            gmsh_files::version2(&sample, form),
            read_gmsh,
        ));
        files.push((
            format!("new{k}.msh"),
            gmsh_files::version4(&sample, form),
            read_gmsh,
        ));
    }
    for (name, text) in [
        ("plane.su2", su2_files::PLANE),
        ("solid.su2", su2_files::SOLID),
    ] {
        files.push((name.to_owned(), text.as_bytes().to_vec(), read_su2));
    }
    let rows: Vec<[f64; 4]> = (0..20).map(|k| [f64::from(k), 0.5, 1.0, -1.0]).collect();
    let rows: Vec<&[f64]> = rows.iter().map(|row| &row[..]).collect();
    let names = ["x", "y", "Pressure", "Density"];
    for (name, big_endian) in [("little.dat", false), ("big.dat", true)] {
        let bytes = su2_files::solution(&names, &rows, [1, 2], big_endian);
        files.push((name.to_owned(), bytes, read_su2_solution));
    }
    files
}

#[test]
fn no_bytes_make_the_readers_panic_hang_or_swell() {
    for (what, files) in [("VTK", vtk_samples()), ("Gmsh and SU2", other_samples())] {
        try_all(what, &files);
    }
}

fn try_all(what: &str, files: &[(String, Vec<u8>, Read)]) {
    let rounds = std::env::var("KARMAN_MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok());
    let rounds: u64 = rounds.unwrap_or(ROUNDS);
    let (mut sound, mut refused) = (0, 0);
    let mut slowest = Duration::ZERO;
    for (index, (name, original, read)) in files.iter().enumerate() {
        for round in 0..rounds {
            let mut random = Random((index as u64) << 32 | round);
            let mut bytes = original.clone();
            let other = &files[random.below(files.len())].1;
            for _ in 0..=random.below(3) {
                mutate(&mut bytes, other, &mut random);
            }
            let before = ALLOCATOR.current_usage();
            ALLOCATOR.reset_peak_usage();
            let start = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| {
                read(&bytes, name, &ReadOptions::default())
            }));
            slowest = slowest.max(start.elapsed());
            let peak = ALLOCATOR.peak_usage().saturating_sub(before);
            match result {
                Ok(Ok(_)) => sound += 1,
                Ok(Err(error)) => {
                    let message = error.to_string();
                    assert!(
                        message.starts_with(name.as_str()),
                        "round {round}: {message}"
                    );
                    refused += 1;
                }
                Err(_) => panic!("{name}, round {round}: the reader panicked"),
            }
            let allowed = FACTOR * bytes.len() + CONSTANT;
            assert!(
                peak <= allowed,
                "{name}, round {round}: {peak} of {allowed} bytes"
            );
        }
    }
    // Neither all sound (nothing was tested) nor all refused (the mutations are too crude).
    assert!(
        refused > sound && sound > refused / 50,
        "{sound} sound, {refused} refused"
    );
    assert!(
        slowest < Duration::from_secs(20),
        "one file took {slowest:?}"
    );
    println!("{what}: {sound} sound, {refused} refused, slowest {slowest:?}");
}
