//! Readers of matrices and vectors from files that other programs wrote.

mod mat5;
mod matrix_market;
#[cfg(test)]
mod mutations;
mod triplets;

use std::path::{Path, PathBuf};

use sprs::CsMat;

use crate::SolverError;

/// An array read from a file.
#[derive(Debug, Clone, PartialEq)]
pub enum FileArray {
    /// A sparse matrix by rows.
    Sparse(CsMat<f64>),
    /// A dense one by columns: entry (i, j) is `values[i + j * rows]`. More than two dimensions are
    /// laid out behind each other in `columns`.
    Dense {
        /// Lengths of all axes, two or more; the first one runs fastest.
        sizes: Vec<usize>,
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// rows x columns values.
        values: Vec<f64>,
    },
}

impl FileArray {
    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::Sparse(matrix) => matrix.shape(),
            Self::Dense { rows, columns, .. } => (*rows, *columns),
        }
    }
}

/// What a matrix file holds.
#[derive(Debug, Clone)]
pub struct MatrixFile {
    /// Where it came from, for messages.
    pub path: PathBuf,
    /// The format, in words.
    pub format: &'static str,
    /// Arrays and their names; Matrix Market and triplet files hold one without a name.
    pub arrays: Vec<(String, FileArray)>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

impl MatrixFile {
    /// Reads a Matrix Market file, a MATLAB v5 `.mat` file, or lines of `row column value` (lower
    /// triangle), by what the file holds rather than by its name.
    ///
    /// # Errors
    /// A file that cannot be read, or that is none of these, or is damaged: with the place.
    pub fn read(path: &Path) -> Result<Self, SolverError> {
        let bytes = std::fs::read(path).map_err(|source| SolverError::Io {
            file: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes, path)
    }

    /// The same from bytes; `path` is for messages only.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, SolverError> {
        if bytes.starts_with(b"MATLAB") {
            mat5::parse(bytes, path)
        } else if bytes.starts_with(b"\x89HDF") {
            Err(broken(
                path,
                "byte 0",
                "an HDF5 file, not a matrix; save .mat files with -v7",
            ))
        } else if bytes.get(..2) == Some(b"%%") {
            matrix_market::parse(bytes, path)
        } else {
            triplets::parse(bytes, path)
        }
    }

    /// The array with this name, or without one the matrix of the file: the only square array, or
    /// the one called A.
    ///
    /// # Errors
    /// No such array, or several that could be meant.
    pub fn matrix(&self, name: Option<&str>) -> Result<CsMat<f64>, SolverError> {
        let square = |(_, array): &&(String, FileArray)| {
            let (rows, columns) = array.shape();
            rows == columns && rows > 1
        };
        let found: Vec<&(String, FileArray)> = match name {
            Some(name) => self.arrays.iter().filter(|(n, _)| n == name).collect(),
            None => self.arrays.iter().filter(square).collect(),
        };
        let one = match found[..] {
            [one] => one,
            [] if name.is_none() && self.arrays.len() == 1 => &self.arrays[0],
            [] => {
                return Err(broken(
                    &self.path,
                    "its arrays",
                    &format!(
                        "{} is not among {}",
                        name.map_or("a square matrix".to_owned(), |name| format!("{name:?}")),
                        self.names()
                    ),
                ));
            }
            [..] => found
                .iter()
                .find(|(name, _)| name == "A" || name.ends_with(".A"))
                .ok_or_else(|| {
                    broken(
                        &self.path,
                        "its arrays",
                        &format!(
                            "several square ones, none of them called A: {}; name one",
                            self.names()
                        ),
                    )
                })?,
        };
        sparse(&one.1, &self.path)
    }

    /// The array with this name, or the only one, as a vector.
    ///
    /// # Errors
    /// No such array, several, or one that is no vector.
    pub fn vector(&self, name: Option<&str>) -> Result<Vec<f64>, SolverError> {
        let mut found = self
            .arrays
            .iter()
            .filter(|(n, _)| name.is_none_or(|name| n == name));
        let (Some((_, array)), None) = (found.next(), found.next()) else {
            return Err(broken(
                &self.path,
                "its arrays",
                &format!("one vector is needed, there are {}", self.names()),
            ));
        };
        let (rows, columns) = array.shape();
        if rows != 1 && columns != 1 {
            return Err(broken(
                &self.path,
                "its array",
                &format!("{rows} x {columns} values; a right-hand side is one column"),
            ));
        }
        match array {
            FileArray::Dense { values, .. } => Ok(values.clone()),
            FileArray::Sparse(matrix) => {
                let mut values = vec![0.0; rows.max(columns)];
                for (value, (i, j)) in matrix {
                    values[i.max(j)] = *value;
                }
                Ok(values)
            }
        }
    }

    /// Names and shapes, for messages.
    fn names(&self) -> String {
        let describe = |(name, array): &(String, FileArray)| {
            let (rows, columns) = array.shape();
            let kind = if matches!(array, FileArray::Sparse(_)) {
                "sparse"
            } else {
                "dense"
            };
            let name = if name.is_empty() { "(no name)" } else { name };
            format!("{name} ({rows} x {columns}, {kind})")
        };
        let all: Vec<String> = self.arrays.iter().map(describe).collect();
        if all.is_empty() {
            "no arrays".into()
        } else {
            all.join(", ")
        }
    }
}

/// A matrix without the zeros of a dense one.
fn sparse(array: &FileArray, path: &Path) -> Result<CsMat<f64>, SolverError> {
    match array {
        FileArray::Sparse(matrix) => Ok(matrix.clone()),
        FileArray::Dense {
            rows,
            columns,
            values,
            ..
        } => {
            let mut entries = Entries::default();
            for (at, value) in values.iter().enumerate() {
                if !value.is_finite() {
                    let place = format!("entry ({}, {})", at % rows, at / rows);
                    return Err(broken(
                        path,
                        &place,
                        &format!("{value} is not a number to solve with"),
                    ));
                }
                if *value != 0.0 {
                    entries.push(at % rows, at / rows, *value);
                }
            }
            entries.into_matrix((*rows, *columns), path)
        }
    }
}

/// An error at a place of a file.
fn broken(path: &Path, place: &str, problem: &str) -> SolverError {
    SolverError::Format {
        file: path.to_owned(),
        place: place.to_owned(),
        problem: problem.to_owned(),
    }
}

/// Entries in any order.
#[derive(Debug, Default)]
struct Entries {
    rows: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
}

impl Entries {
    fn push(&mut self, row: usize, column: usize, value: f64) {
        self.rows.push(row);
        self.columns.push(column);
        self.values.push(value);
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    /// The matrix by rows; entries at one place are added up.
    fn into_matrix(self, shape: (usize, usize), path: &Path) -> Result<CsMat<f64>, SolverError> {
        // Row offsets are memory that grows with the shape and not with the file.
        let plausible = 1_000_000 + 64 * self.len();
        if shape.0.max(shape.1) > plausible {
            return Err(broken(
                path,
                "the size",
                &format!(
                    "{} x {} for {} entries: absurd",
                    shape.0,
                    shape.1,
                    self.len()
                ),
            ));
        }
        let triplets = sprs::TriMat::from_triplets(shape, self.rows, self.columns, self.values);
        Ok(triplets.to_csr())
    }
}
