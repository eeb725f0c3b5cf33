//! NumPy's `.npz`: a zip archive of `.npy` files, stored or deflated.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::numbers::Header;
use super::{Array, ArrayNumber, Fault, npy, zip_entry};
use crate::DatasetError;

fn archive(path: &Path) -> Result<zip_entry::Archive, DatasetError> {
    zip_entry::open(path, ".npz")
}

/// Names of the arrays.
pub(super) fn names(path: &Path) -> Result<Vec<String>, DatasetError> {
    let archive = archive(path)?;
    let members = archive.file_names().filter_map(Result::ok);
    let arrays = members.filter_map(|name| Some(name.strip_suffix(".npy")?.to_owned()));
    Ok(arrays.collect())
}

/// Reads a range of the first axis of the array `name`, or all of it.
pub(super) fn read<T: ArrayNumber>(
    path: &Path,
    name: &str,
    rows: Option<&Range<usize>>,
) -> Result<Array<T>, Fault> {
    let mut archive = archive(path)?;
    let index = index(&archive, path, name)?;
    zip_entry::with(&mut archive, index, rows.is_none(), |data, size| {
        npy::read(data, size, rows)
    })
}

/// What the array `name` is.
pub(super) fn header(path: &Path, name: &str) -> Result<Header, Fault> {
    let mut archive = archive(path)?;
    let index = index(&archive, path, name)?;
    zip_entry::with(&mut archive, index, false, |data, size| {
        Ok(npy::checked_header(data, size)?)
    })
}

fn index(archive: &zip_entry::Archive, path: &Path, name: &str) -> Result<usize, Fault> {
    match archive.index_for_name(&format!("{name}.npy")) {
        Some(index) => Ok(index),
        None => Err(Fault::Array(super::not_there(&names(path)?))),
    }
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
