//! Arrays of numbers in files: NumPy's `.npy` and `.npz`, and HDF5.
//!
//! Reading takes any integer or floating-point type, either byte order, and either memory order; what
//! comes out is in C order (the last axis runs fastest). Nothing a file says is believed before it is
//! checked: lengths are compared with what is there, memory grows with what was read, and damaged
//! files are errors that name the file and the array.

mod hdf5_file;
mod npy;
mod npz;
mod numbers;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use crate::DatasetError;
use crate::files::{sync_and_rename, temporary_beside};
pub use numbers::ArrayNumber;
use numbers::decode;

/// An array in C order: the last axis runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    /// Length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// As many values as the product of the lengths.
    pub values: Vec<T>,
}

/// How arrays lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Npy,
    Npz,
    Hdf5,
}

impl Format {
    fn of(path: &Path) -> Result<Self, DatasetError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match extension.to_ascii_lowercase().as_str() {
            "npy" => Ok(Self::Npy),
            "npz" => Ok(Self::Npz),
            "h5" | "hdf5" | "hdf" => Ok(Self::Hdf5),
            _ => Err(DatasetError::ArrayFile {
                path: path.to_owned(),
                problem:
                    "the extension does not tell the format: .npy, .npz, .h5 and .hdf5 are possible"
                        .into(),
            }),
        }
    }
}

/// A file with arrays: `.npy` (one), `.npz` or HDF5 (several, by name).
#[derive(Clone, Debug)]
pub struct ArrayFile {
    path: PathBuf,
    format: Format,
}

impl ArrayFile {
    /// The file at `path`, whose extension tells the format: `.npy`, `.npz`, `.h5`, `.hdf5`.
    ///
    /// # Errors
    /// Another extension; a file that cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let path = path.as_ref().to_owned();
        let format = Format::of(&path)?;
        let file = File::open(&path).map_err(DatasetError::io("read", &path))?;
        let found = file
            .metadata()
            .map_err(DatasetError::io("look at", &path))?;
        if !found.is_file() {
            let problem = "is no file".into();
            return Err(DatasetError::ArrayFile { path, problem });
        }
        Ok(Self { path, format })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the arrays, for HDF5 those of the topmost group. `None` for `.npy`, whose one array
    /// has no name.
    ///
    /// # Errors
    /// A damaged file.
    pub fn names(&self) -> Result<Option<Vec<String>>, DatasetError> {
        match self.format {
            Format::Npy => Ok(None),
            Format::Npz => npz::names(&self.path).map(Some),
            Format::Hdf5 => hdf5_file::names(&self.path).map(Some),
        }
    }

    /// Reads the array `name`; a `.npy` file's one array whatever the name. In HDF5 the name may be a
    /// path like `step_3/rhs`.
    ///
    /// As [`f64`] from any integer or floating-point type, as [`u8`] from integers (and booleans) up to
    /// 255.
    ///
    /// # Errors
    /// No such array; another type of entries; a damaged file.
    pub fn read<T: ArrayNumber>(&self, name: &str) -> Result<Array<T>, DatasetError> {
        let outcome = match self.format {
            Format::Npy => self.read_npy(),
            Format::Npz => npz::read(&self.path, name),
            Format::Hdf5 => hdf5_file::read(&self.path, name),
        };
        outcome.map_err(|fault| match fault {
            Fault::File(error) => error,
            Fault::Array(problem) => DatasetError::Array {
                path: self.path.clone(),
                name: match self.format {
                    Format::Npy => "the array".to_owned(),
                    _ => format!("array \"{name}\""),
                },
                problem,
            },
        })
    }

    fn read_npy<T: ArrayNumber>(&self) -> Result<Array<T>, Fault> {
        let io = |action| DatasetError::io(action, self.path.clone());
        let file = File::open(&self.path).map_err(io("read"))?;
        let size = file.metadata().map_err(io("look at"))?.len();
        npy::read(&mut BufReader::with_capacity(1 << 16, file), size)
    }
}

/// Why an array could not be read.
#[derive(Debug)]
enum Fault {
    /// The file as a whole; complete.
    File(DatasetError),
    /// The array; the file and the name are still to be told.
    Array(String),
}

impl From<DatasetError> for Fault {
    fn from(error: DatasetError) -> Self {
        Self::File(error)
    }
}

impl From<String> for Fault {
    fn from(problem: String) -> Self {
        Self::Array(problem)
    }
}

/// Whether [`write_array`] could write to `path` by its extension and folder: better asked before the
/// work than after.
///
/// # Errors
/// Another extension; no such folder.
pub fn check_array_path(path: impl AsRef<Path>) -> Result<(), DatasetError> {
    let path = path.as_ref();
    Format::of(path)?;
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
    let format = Format::of(path)?;
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
    };
    let result = written.and_then(|()| sync_and_rename(&temporary, path));
    if result.is_err() {
        // The failure above is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}
