//! NumPy's `.npz`: a zip archive of `.npy` files, stored or deflated.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Array, ArrayNumber, Fault, npy};
use crate::DatasetError;

/// Deflate does not shrink further than this.
const LARGEST_RATIO: u64 = 1032;

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, DatasetError> {
    let file = File::open(path).map_err(DatasetError::io("read", path))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: format!("is no intact .npz file: {error}"),
    })
}

/// Names of the arrays.
pub(super) fn names(path: &Path) -> Result<Vec<String>, DatasetError> {
    let archive = archive(path)?;
    let members = archive.file_names().filter_map(Result::ok);
    let arrays = members.filter_map(|name| Some(name.strip_suffix(".npy")?.to_owned()));
    Ok(arrays.collect())
}

/// Reads the array `name`.
pub(super) fn read<T: ArrayNumber>(path: &Path, name: &str) -> Result<Array<T>, Fault> {
    let mut archive = archive(path)?;
    let member = format!("{name}.npy");
    let Some(index) = archive.index_for_name(&member) else {
        let there = names(path)?;
        return Err(Fault::Array(super::hdf5_file::not_there(&there)));
    };
    let entry = archive
        .by_index(index)
        .map_err(|error| format!("cannot be unpacked: {error}"))?;
    let (size, packed) = (entry.size(), entry.compressed_size());
    if size > packed.saturating_mul(LARGEST_RATIO).saturating_add(1 << 16) {
        return Err(Fault::Array(format!(
            "is said to unpack from {packed} to {size} bytes, which cannot be: the file is damaged"
        )));
    }
    npy::read(&mut BufReader::with_capacity(1 << 16, entry), size)
}

/// Writes one array, not compressed.
pub(super) fn write(path: &Path, name: &str, shape: &[usize], values: &[f64]) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
    // No time: the same values give the same file. Large members need the longer records.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .large_file(values.len() >= 1 << 28);
    zip.start_file(format!("{name}.npy"), options)?;
    npy::write(&mut zip, shape, values)?;
    zip.finish()?.flush()
}
