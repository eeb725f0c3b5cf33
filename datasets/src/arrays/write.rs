//! Writes one array to a file of its own.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::{Format, hdf5_file, npy, npz};
use crate::DatasetError;
use crate::files::{sync_and_rename, temporary_beside};

/// Whether [`write_array`] could write to `path` by its extension and folder: better asked before the
/// work than after.
///
/// # Errors
/// Another extension; no such folder.
pub fn check_array_path(path: impl AsRef<Path>) -> Result<(), DatasetError> {
    let path = path.as_ref();
    written_format(path)?;
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) if !folder.is_dir() => Err(DatasetError::ArrayFile {
            path: path.to_owned(),
            problem: format!("cannot be written: {} is no folder", folder.display()),
        }),
        _ => Ok(()),
    }
}

/// Writes one array of f64 in C order, in the format of the extension (`.npy`, `.npz`, `.h5`, `.hdf5`),
/// by way of a temporary name; `name` is its name in formats that have one. A file that is there is
/// replaced.
///
/// # Errors
/// Another extension; a shape that does not fit the values; a file that cannot be written.
pub fn write_array(
    path: impl AsRef<Path>,
    name: &str,
    shape: &[usize],
    values: &[f64],
) -> Result<(), DatasetError> {
    let path = path.as_ref();
    let format = written_format(path)?;
    let expected = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    if expected != Some(values.len()) {
        return Err(DatasetError::Array {
            path: path.to_owned(),
            name: format!("array \"{name}\""),
            problem: format!("{} values for the shape {shape:?}", values.len()),
        });
    }
    let temporary = temporary_beside(path);
    let io = || DatasetError::io("write", path);
    let written = match format {
        Format::Npy => File::create(&temporary)
            .and_then(|file| {
                let mut out = std::io::BufWriter::with_capacity(1 << 16, file);
                npy::write(&mut out, shape, values)?;
                out.flush()
            })
            .map_err(io()),
        Format::Npz => npz::write(&temporary, name, shape, values).map_err(io()),
        Format::Hdf5 => hdf5_file::write(&temporary, name, shape, values)
            .map_err(|error| io()(std::io::Error::other(error.to_string()))),
        Format::Torch | Format::Matlab => return Err(not_written(path)),
    };
    let result = written.and_then(|()| sync_and_rename(&temporary, path));
    if result.is_err() {
        // The failure above is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

/// The format of the extension, if arrays are written in it.
fn written_format(path: &Path) -> Result<Format, DatasetError> {
    match Format::of_extension(path) {
        Some(format @ (Format::Npy | Format::Npz | Format::Hdf5)) => Ok(format),
        _ => Err(not_written(path)),
    }
}

fn not_written(path: &Path) -> DatasetError {
    DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: "cannot be written: the extension must be .npy, .npz, .h5 or .hdf5".into(),
    }
}
