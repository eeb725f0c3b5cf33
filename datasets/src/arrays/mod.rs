//! Arrays of numbers in files: NumPy's `.npy` and `.npz`, HDF5, PyTorch's `.pt`, MATLAB's `.mat`.
//!
//! Reading takes any integer or floating-point type, either byte order, and any memory order; what
//! comes out is in C order (the last axis runs fastest). A range of the first axis can be read alone:
//! a trajectory at a time. Nothing a file says is believed before it is checked: lengths are compared
//! with what is there, memory grows with what was read, and damaged files are errors that name the
//! file and the array. Nothing in a file is ever executed.

mod bytes;
mod hdf5_entry;
mod hdf5_file;
mod matlab;
mod npy;
mod npz;
mod numbers;
mod torch;
mod write;
mod zip_entry;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hdf5_reader::Hdf5File;
use karman_solvers::MatrixFile;

use self::torch::TorchFile;
use crate::DatasetError;
pub use numbers::ArrayNumber;
pub(crate) use numbers::{Header, Kind, decode, gather};
pub use write::{check_array_path, write_array};

/// Names in a message.
const NAMES_SHOWN: usize = 12;

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
    Torch,
    Matlab,
}

impl Format {
    /// What the extension stands for.
    fn of_extension(path: &Path) -> Option<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        Some(match extension.to_ascii_lowercase().as_str() {
            "npy" => Self::Npy,
            "npz" => Self::Npz,
            "h5" | "hdf5" | "hdf" => Self::Hdf5,
            "pt" | "pth" => Self::Torch,
            "mat" => Self::Matlab,
            _ => return None,
        })
    }

    /// What a file begins with, where that tells the format.
    fn of_start(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"\x89HDF\r\n\x1a\n") {
            Some(Self::Hdf5)
        } else if start.starts_with(b"\x93NUMPY") {
            Some(Self::Npy)
        } else if start.starts_with(b"MATLAB") {
            Some(Self::Matlab)
        } else {
            None
        }
    }
}

/// An opened file.
#[derive(Clone)]
enum Source {
    Npy,
    Npz,
    Hdf5(Arc<Hdf5File>),
    Torch(Arc<TorchFile>),
    Matlab(Arc<MatrixFile>),
}

/// A file with arrays: `.npy` (one), or several by name: `.npz`, HDF5, PyTorch's `.pt`, MATLAB's
/// `.mat` of version 5.
#[derive(Clone)]
pub struct ArrayFile {
    path: PathBuf,
    source: Source,
}

impl fmt::Debug for ArrayFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ArrayFile").field(&self.path).finish()
    }
}

impl ArrayFile {
    /// Opens the file at `path`. The extension tells the format: `.npy`, `.npz`, `.h5`, `.hdf5`,
    /// `.hdf`, `.pt`, `.pth`, `.mat`; with any other, what the file begins with.
    ///
    /// Of `.mat` files everything is read at once; of others no values are read yet.
    ///
    /// # Errors
    /// A file that cannot be opened, is damaged, or of a format that is not known. A `.pt` file that
    /// holds more than tensors, numbers, texts, lists and dictionaries of them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let path = path.as_ref().to_owned();
        let file = File::open(&path).map_err(DatasetError::io("read", &path))?;
        let found = file
            .metadata()
            .map_err(DatasetError::io("look at", &path))?;
        if !found.is_file() {
            let problem = "is no file".into();
            return Err(DatasetError::ArrayFile { path, problem });
        }
        let mut start = Vec::new();
        let read = file.take(16).read_to_end(&mut start);
        read.map_err(DatasetError::io("read", &path))?;
        let format = Format::of_extension(&path).or_else(|| Format::of_start(&start));
        let source = match format {
            None => {
                let problem = "is of no format that is known: neither the extension (.npy, .npz, \
                               .h5, .hdf5, .pt, .mat) nor the first bytes tell"
                    .into();
                return Err(DatasetError::ArrayFile { path, problem });
            }
            Some(Format::Npy) => Source::Npy,
            Some(Format::Npz) => Source::Npz,
            Some(Format::Hdf5) => Source::Hdf5(Arc::new(hdf5_file::open(&path)?)),
            Some(Format::Torch) => Source::Torch(Arc::new(TorchFile::open(&path)?)),
            Some(Format::Matlab) => Source::Matlab(Arc::new(matlab::open(&path)?)),
        };
        Ok(Self { path, source })
    }

    /// Opens an HDF5 file, whatever it is called.
    pub(crate) fn open_hdf5(path: PathBuf) -> Result<Self, DatasetError> {
        let source = Source::Hdf5(Arc::new(hdf5_file::open(&path)?));
        Ok(Self { path, source })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the arrays, for HDF5 those of the topmost group. `None` for `.npy`, whose one array
    /// has no name. In a `.pt` file the names of nested entries are joined, `state/weight`, and a
    /// tensor alone is called `tensor`.
    ///
    /// # Errors
    /// A damaged file.
    pub fn names(&self) -> Result<Option<Vec<String>>, DatasetError> {
        match &self.source {
            Source::Npy => Ok(None),
            Source::Npz => npz::names(&self.path).map(Some),
            Source::Hdf5(file) => hdf5_file::names(file, &self.path).map(Some),
            Source::Torch(file) => Ok(Some(file.names().to_vec())),
            Source::Matlab(file) => Ok(Some(matlab::names(file))),
        }
    }

    /// Names of the groups of the topmost group of an HDF5 file, in the order of their names; none
    /// in other formats.
    ///
    /// # Errors
    /// A damaged file.
    pub fn groups(&self) -> Result<Vec<String>, DatasetError> {
        match &self.source {
            Source::Hdf5(file) => {
                let mut groups = hdf5_file::groups(file, &self.path)?;
                groups.sort_unstable();
                Ok(groups)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The shape of the array `name`, without reading its values.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn shape(&self, name: &str) -> Result<Vec<usize>, DatasetError> {
        let header = match &self.source {
            Source::Npy => self.npy_header(),
            Source::Npz => npz::header(&self.path, name),
            Source::Hdf5(file) => hdf5_file::header(file, &self.path, name),
            Source::Torch(file) => file.header(name).map_err(Fault::Array),
            Source::Matlab(file) => {
                let shape = matlab::shape(file, name).map_err(Fault::Array);
                return shape.map_err(|fault| self.error(name, fault));
            }
        };
        let header = header.map_err(|fault| self.error(name, fault))?;
        Ok(header.shape)
    }

    /// Reads the array `name`; a `.npy` file's one array whatever the name. In HDF5 the name may be a
    /// path like `step_3/rhs`.
    ///
    /// As [`f64`] or [`f32`] from any integer or floating-point type, as [`u8`] from integers (and
    /// booleans) up to 255.
    ///
    /// # Errors
    /// No such array; another type of entries; a damaged file.
    pub fn read<T: ArrayNumber>(&self, name: &str) -> Result<Array<T>, DatasetError> {
        self.read_part(name, None)
    }

    /// Reads a range of the first axis of the array `name`, and from disk little else where the
    /// format allows that: not of compressed data, nor of arrays in another order.
    ///
    /// # Errors
    /// As [`read`](Self::read); a range that is not within the axis.
    pub fn read_rows<T: ArrayNumber>(
        &self,
        name: &str,
        rows: Range<usize>,
    ) -> Result<Array<T>, DatasetError> {
        self.read_part(name, Some(&rows))
    }

    fn read_part<T: ArrayNumber>(
        &self,
        name: &str,
        rows: Option<&Range<usize>>,
    ) -> Result<Array<T>, DatasetError> {
        let outcome = match &self.source {
            Source::Npy => self.read_npy(rows),
            Source::Npz => npz::read(&self.path, name, rows),
            Source::Hdf5(file) => hdf5_file::read(file, &self.path, name, rows),
            Source::Torch(file) => file.read(name, rows),
            Source::Matlab(file) => matlab::read(file, name, rows),
        };
        outcome.map_err(|fault| self.error(name, fault))
    }

    /// An error that names the file and the array.
    fn error(&self, name: &str, fault: Fault) -> DatasetError {
        match fault {
            Fault::File(error) => error,
            Fault::Array(problem) => DatasetError::Array {
                path: self.path.clone(),
                name: match self.source {
                    Source::Npy => "the array".to_owned(),
                    _ => format!("array \"{name}\""),
                },
                problem,
            },
        }
    }

    fn npy_file(&self) -> Result<(BufReader<File>, u64), DatasetError> {
        let io = |action| DatasetError::io(action, self.path.clone());
        let file = File::open(&self.path).map_err(io("read"))?;
        let size = file.metadata().map_err(io("look at"))?.len();
        Ok((BufReader::with_capacity(1 << 16, file), size))
    }

    fn npy_header(&self) -> Result<Header, Fault> {
        let (mut file, size) = self.npy_file()?;
        Ok(npy::checked_header(&mut file, size)?)
    }

    fn read_npy<T: ArrayNumber>(&self, rows: Option<&Range<usize>>) -> Result<Array<T>, Fault> {
        let (mut file, size) = self.npy_file()?;
        npy::read(&mut file, size, rows)
    }
}

/// Why an array could not be read.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The file as a whole; complete.
    File(DatasetError),
    /// The array; the file and the name are still to be told.
    Array(String),
}

impl Fault {
    /// The error, of a file of numbers without names.
    pub(crate) fn of_file(self, path: &Path) -> DatasetError {
        match self {
            Self::File(error) => error,
            Self::Array(problem) => DatasetError::ArrayFile {
                path: path.to_owned(),
                problem,
            },
        }
    }
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

/// "is not there; ..".
fn not_there(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(NAMES_SHOWN)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = if names.len() > NAMES_SHOWN {
        ", .."
    } else {
        ""
    };
    match shown.is_empty() {
        true => "is not there; the file holds no array".into(),
        false => format!("is not there; the file holds {}{more}", shown.join(", ")),
    }
}
