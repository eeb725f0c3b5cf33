//! Arrays of MATLAB v5 files, which the reader of matrices in `karman-solvers` reads.

use std::ops::Range;
use std::path::Path;

use karman_solvers::{FileArray, MatrixFile};

use super::numbers::{fortran_strides, from_f64, gather, rows_of};
use super::{Array, ArrayNumber, Fault, not_there};
use crate::DatasetError;

/// Reads the file.
pub(super) fn open(path: &Path) -> Result<MatrixFile, DatasetError> {
    let bytes = std::fs::read(path).map_err(DatasetError::io("read", path))?;
    let damaged = |problem: String| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem,
    };
    // Files of triplets would be read as well.
    if !bytes.starts_with(b"MATLAB") {
        let kind = match bytes.starts_with(b"\x89HDF") {
            true => {
                "is a MATLAB 7.3 file, which is HDF5: save it with -v7, or call it .h5 (its axes \
                     are then in reverse order)"
            }
            false => "is no MATLAB v5 file",
        };
        return Err(damaged(kind.to_owned()));
    }
    MatrixFile::parse(&bytes, path).map_err(|error| damaged(format!("cannot be read: {error}")))
}

/// Names of the dense arrays.
pub(super) fn names(file: &MatrixFile) -> Vec<String> {
    let dense = file.arrays.iter().filter_map(|(name, array)| match array {
        FileArray::Dense { .. } => Some(name.clone()),
        FileArray::Sparse(_) => None,
    });
    dense.collect()
}

/// Lengths of all axes of an array.
pub(super) fn shape(file: &MatrixFile, name: &str) -> Result<Vec<usize>, String> {
    dense(file, name).map(|(sizes, _)| sizes.to_vec())
}

/// Lengths and values, the first axis running fastest.
fn dense<'a>(file: &'a MatrixFile, name: &str) -> Result<(&'a [usize], &'a [f64]), String> {
    let found = file.arrays.iter().find(|(other, _)| other == name);
    match found {
        Some((_, FileArray::Dense { sizes, values, .. })) => Ok((sizes, values)),
        Some((_, FileArray::Sparse(_))) => {
            Err("is a sparse matrix; dense arrays are read here".to_owned())
        }
        None => {
            let note = file
                .notes
                .iter()
                .find(|note| note.starts_with(&format!("{name} ")));
            let note = note.map(|note| format!("; {note}")).unwrap_or_default();
            Err(not_there(&names(file)) + &note)
        }
    }
}

/// A range of the first axis of an array, or all of it.
pub(super) fn read<T: ArrayNumber>(
    file: &MatrixFile,
    name: &str,
    rows: Option<&Range<usize>>,
) -> Result<Array<T>, Fault> {
    let (sizes, values) = dense(file, name)?;
    let all = 0..sizes.first().copied().unwrap_or(0);
    let rows = rows.unwrap_or(&all);
    let shape = rows_of(sizes, rows)?;
    let first = rows.start.min(values.len());
    let values = gather(&shape, &fortran_strides(sizes), &values[first..]);
    Ok(Array {
        values: from_f64(&values)?,
        shape,
    })
}
