//! Any bytes as a file of arrays: reading must neither panic nor hang nor exhaust memory. The first
//! byte chooses the format.

#![no_main]

use karman_datasets::{ArrayFile, DatasetError, PublishedFile, Trajectory};
use libfuzzer_sys::fuzz_target;

const EXTENSIONS: [&str; 5] = ["npy", "npz", "h5", "pt", "mat"];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let extension = EXTENSIONS[usize::from(*choice) % EXTENSIONS.len()];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("fuzz.{extension}"));
    std::fs::write(&path, bytes).expect("a temporary file");
    let read = || -> Result<(), DatasetError> {
        let file = ArrayFile::open(&path)?;
        for name in file.names()?.unwrap_or_default() {
            // An error is an answer; only a panic or a sanitizer's report is a finding.
            if let Ok(array) = file.read::<f64>(&name) {
                assert_eq!(array.shape, file.shape(&name)?);
                assert_eq!(array.values.len(), array.shape.iter().product::<usize>());
            }
        }
        let file = PublishedFile::open(&path)?;
        for field in file.fields() {
            let _ = file.read(&field.name, 0..file.n_samples());
        }
        Ok(())
    };
    let _ = read();
    if extension == "h5"
        && let Ok(trajectory) = Trajectory::open(&path)
    {
        let _ = trajectory.verify();
    }
});
