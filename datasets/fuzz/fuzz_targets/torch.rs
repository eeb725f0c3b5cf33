//! Any bytes as the pickle of a `.pt` file with one storage: reading must neither panic nor hang nor
//! exhaust memory.

#![no_main]

use std::fs::File;
use std::io::Write;

use karman_datasets::ArrayFile;
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("fuzz.pt");
    let mut zip = ZipWriter::new(File::create(&path).expect("a temporary file"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [
        ("archive/data.pkl", bytes),
        ("archive/data/0", &[1; 64][..]),
    ] {
        zip.start_file(name, stored).expect("a member");
        zip.write_all(bytes).expect("a member");
    }
    zip.finish().expect("an archive");
    // An error is an answer; only a panic or a sanitizer's report is a finding.
    if let Ok(file) = ArrayFile::open(&path) {
        for name in file.names().ok().flatten().unwrap_or_default() {
            let _ = file.read::<f64>(&name);
        }
    }
});
