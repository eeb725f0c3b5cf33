//! Files without a header: a line `row column value` for each entry of the lower triangle.
//!
//! Rows and columns count from zero, or from one when no entry has row or column zero. Lines that
//! begin with `#` or `%` are comments. Only the lower (or only the upper) triangle of a symmetric
//! matrix: with entries at both sides of the diagonal the file is taken as a general matrix.

use std::path::Path;

use super::matrix_market::number;
use super::{Entries, FileArray, MatrixFile, broken};
use crate::SolverError;

/// Reads lines of triplets.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<MatrixFile, SolverError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(broken(
            path,
            "byte 0",
            "neither a Matrix Market file, nor a MATLAB v5 file, nor lines of `row column value`",
        ));
    };
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '%']) {
            continue;
        }
        let entry = triplet(line).map_err(|problem| {
            let problem = format!("{line:?} should be `row column value`: {problem}");
            broken(path, &format!("line {}", at + 1), &problem)
        })?;
        found.push(entry);
    }
    let Some(last) = found.iter().map(|(row, column, _)| row.max(column)).max() else {
        return Err(broken(path, "line 1", "no entries"));
    };
    let mut notes = Vec::new();
    let first = found.iter().map(|(row, column, _)| *row.min(column)).min();
    let base = first.unwrap_or(0).min(1);
    let size = last + 1 - base;
    if base == 1 {
        notes.push("no entry has row or column 0: counted from 1".to_owned());
    }
    let lower = found.iter().any(|(row, column, _)| row > column);
    let upper = found.iter().any(|(row, column, _)| row < column);
    let one_triangle = lower != upper;
    if one_triangle {
        notes.push("entries at one side of the diagonal: taken as symmetric".to_owned());
    }
    let mut entries = Entries::default();
    for (row, column, value) in found {
        let (row, column) = (row - base, column - base);
        entries.push(row, column, value);
        if one_triangle && row != column {
            entries.push(column, row, value);
        }
    }
    let matrix = entries.into_matrix((size, size), path)?;
    Ok(MatrixFile {
        path: path.to_owned(),
        format: "lines of row, column and value",
        arrays: vec![(String::new(), FileArray::Sparse(matrix))],
        notes,
    })
}

fn triplet(line: &str) -> Result<(usize, usize, f64), String> {
    let mut words = line.split_ascii_whitespace();
    let mut next = || words.next().ok_or("too few words".to_owned());
    let index = |word: &str| {
        let index: u32 = word
            .parse()
            .map_err(|_| format!("{word:?} is not an index"))?;
        Ok::<usize, String>(index as usize)
    };
    let entry = (index(next()?)?, index(next()?)?, number(next()?)?);
    match words.next() {
        None => Ok(entry),
        Some(_) => Err("too many words".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MatrixFile, SolverError> {
        MatrixFile::parse(text.as_bytes(), Path::new("a.txt"))
    }

    #[test]
    fn one_triangle_is_mirrored() {
        for text in ["# b\n0 0 4\n1 0 -1e0\n1 1 2\n", "1 1 4\n2 1 -1\n2 2 2"] {
            let matrix = read(text).and_then(|file| file.matrix(None)).expect(text);
            let found: Vec<_> = matrix.iter().map(|(v, (i, j))| (i, j, *v)).collect();
            assert_eq!(
                found,
                [(0, 0, 4.0), (0, 1, -1.0), (1, 0, -1.0), (1, 1, 2.0)]
            );
        }
    }

    #[test]
    fn both_triangles_are_a_general_matrix() {
        let matrix = read("0 1 2\n1 0 3\n")
            .and_then(|file| file.matrix(None))
            .expect("matrix");
        assert_eq!(
            (matrix.get(0, 1), matrix.get(1, 0)),
            (Some(&2.0), Some(&3.0))
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_the_line() {
        for (text, part) in [
            ("", "no entries"),
            ("0 0\n", "line 1"),
            ("0 0 1\n1 1 x\n", "line 2"),
            ("0 0 1\n-1 1 1\n", "line 2"),
            ("0 0 1 1\n", "too many"),
            ("0 0 1\n4000000000 0 1\n", "absurd"),
            ("once upon a time", "\"once\" is not an index"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
