//! Parts of large arrays are read without the rest.
//!
//! The test is alone in its file because it measures the memory of the whole process.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use karman_datasets::ArrayFile;
use peak_alloc::PeakAlloc;

#[path = "published/files.rs"]
#[allow(dead_code)]
mod files;

use files::{torch_file, whole_tensor};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Samples and values of each.
const SAMPLES: usize = 256;
const VALUES: usize = 1 << 16;
/// Memory for a part of two samples: read as f32, kept as f64, chunks of one sample, buffers.
const ALLOWED: usize = 8 << 20;

/// 64 MiB of f32 in chunks of a sample, deflated.
fn hdf5(path: &Path) {
    let file = hdf5_metno::File::create(path).unwrap();
    let builder = file
        .new_dataset::<f32>()
        .chunk((1, 4, VALUES / 4))
        .deflate(1);
    let dataset = builder
        .shape((SAMPLES, 4, VALUES / 4))
        .create("tensor")
        .unwrap();
    let values: Vec<f32> = (0..SAMPLES * VALUES).map(|k| (k % 1000) as f32).collect();
    dataset.write_raw(&values).unwrap();
    file.close().unwrap();
}

fn npy(path: &Path, fortran: &str) {
    let header =
        format!("{{'descr': '<f4', 'fortran_order': {fortran}, 'shape': ({SAMPLES}, {VALUES}), }}");
    let mut file = File::create(path).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    // Zeros that take no room on the disk.
    file.set_len((10 + header.len() + 4 * SAMPLES * VALUES) as u64)
        .unwrap();
}

/// The memory that reading two samples takes.
fn peak(read: impl FnOnce() -> usize) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    assert_eq!(read(), 2 * VALUES);
    ALLOCATOR.peak_usage().saturating_sub(before)
}

#[test]
fn a_trajectory_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    npy(&at("c.npy"), "False");
    npy(&at("fortran.npy"), "True");
    hdf5(&at("a.h5"));
    let shape = [SAMPLES as i32, VALUES as i32];
    let bytes = vec![0; 4 * SAMPLES * VALUES];
    torch_file(
        &at("a.pt"),
        &whole_tensor("0", "FloatStorage", &shape),
        &[("data/0", &bytes)],
        false,
    );
    drop(bytes);
    for (name, array) in [
        ("c.npy", ""),
        ("fortran.npy", ""),
        ("a.h5", "tensor"),
        ("a.pt", "tensor"),
    ] {
        let used = peak(|| {
            let file = ArrayFile::open(at(name)).unwrap();
            file.read_rows::<f64>(array, 100..102).unwrap().values.len()
        });
        assert!(used < ALLOWED, "{name}: {used} bytes");
        println!("{name}: {used} bytes");
    }
}
