//! Matrix Market files.
//!
//! R. F. Boisvert, R. Pozo, K. A. Remington, "The Matrix Market exchange formats: initial design",
//! NISTIR 5935 (1996): coordinate and array; real, integer and pattern; general, symmetric and
//! skew-symmetric. Complex matrices are refused. Entries that are listed twice are added up.

use std::iter::Enumerate;
use std::path::Path;
use std::slice::Split;

use super::{Entries, FileArray, MatrixFile, broken};
use crate::SolverError;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Number,
    Pattern,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

/// Whether a byte ends a line.
type IsEnd = fn(&u8) -> bool;

/// Lines with their numbers, without comments and empty ones.
struct Lines<'a> {
    rest: Enumerate<Split<'a, u8, IsEnd>>,
    path: &'a Path,
    last: usize,
}

impl<'a> Lines<'a> {
    /// The next line's words, and its number counted from one.
    fn next(&mut self) -> Result<Option<(usize, &'a str)>, SolverError> {
        for (at, line) in self.rest.by_ref() {
            self.last = at + 1;
            let line = line.trim_ascii();
            if line.is_empty() || line[0] == b'%' {
                continue;
            }
            let text = std::str::from_utf8(line)
                .map_err(|_| self.broken(at + 1, "bytes that are not text"))?;
            return Ok(Some((at + 1, text)));
        }
        Ok(None)
    }

    fn broken(&self, line: usize, problem: &str) -> SolverError {
        broken(self.path, &format!("line {line}"), problem)
    }

    /// The line that has to follow.
    fn expect(&mut self, what: &str) -> Result<(usize, &'a str), SolverError> {
        match self.next()? {
            Some(line) => Ok(line),
            None => Err(self.broken(
                self.last,
                &format!("the file ends where {what} should follow"),
            )),
        }
    }
}

/// Reads a file that begins with `%%`.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<MatrixFile, SolverError> {
    let is_end: IsEnd = |byte| *byte == b'\n';
    let mut lines = Lines {
        rest: bytes.split(is_end).enumerate(),
        path,
        last: 1,
    };
    let first = lines.rest.next().map_or(&b""[..], |(_, line)| line);
    let (coordinate, field, symmetry) = header(first, &lines)?;
    let (at, sizes) = lines.expect("the line of sizes")?;
    let sizes = sizes
        .split_ascii_whitespace()
        .map(|word| word.parse::<usize>().ok())
        .collect::<Option<Vec<usize>>>()
        .ok_or_else(|| lines.broken(at, &format!("{sizes:?} is not a line of sizes")))?;
    let array = match (coordinate, &sizes[..]) {
        (true, [rows, columns, entries]) => coordinates(
            &mut lines,
            bytes.len(),
            [*rows, *columns, *entries],
            field,
            symmetry,
        )?,
        (false, [rows, columns]) => dense(&mut lines, bytes.len(), *rows, *columns, symmetry)?,
        _ => {
            let expected = if coordinate {
                "rows, columns and entries"
            } else {
                "rows and columns"
            };
            return Err(lines.broken(at, &format!("{sizes:?} should be {expected}")));
        }
    };
    if let Some((at, text)) = lines.next()? {
        return Err(lines.broken(
            at,
            &format!("{text:?} after the last entry that was announced"),
        ));
    }
    Ok(MatrixFile {
        path: path.to_owned(),
        format: "Matrix Market",
        arrays: vec![(String::new(), array)],
        notes: Vec::new(),
    })
}

/// Whether coordinates follow, of which field and symmetry.
fn header(line: &[u8], lines: &Lines) -> Result<(bool, Field, Symmetry), SolverError> {
    let text = String::from_utf8_lossy(line).to_ascii_lowercase();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let ["%%matrixmarket", "matrix", format, field, symmetry] = words[..] else {
        return Err(lines.broken(
            1,
            "a Matrix Market file begins with `%%MatrixMarket matrix FORMAT FIELD SYMMETRY`",
        ));
    };
    let coordinate = match format {
        "coordinate" => true,
        "array" => false,
        _ => return Err(lines.broken(1, &format!("the format {format:?} is not known"))),
    };
    let field = match field {
        "real" | "integer" | "double" => Field::Number,
        "pattern" if coordinate => Field::Pattern,
        "complex" => {
            return Err(lines.broken(1, "a complex matrix; real symmetric ones can be solved"));
        }
        _ => return Err(lines.broken(1, &format!("the field {field:?} is not known here"))),
    };
    let symmetry = match symmetry {
        "general" => Symmetry::General,
        "symmetric" | "hermitian" => Symmetry::Symmetric,
        "skew-symmetric" => Symmetry::Skew,
        _ => return Err(lines.broken(1, &format!("the symmetry {symmetry:?} is not known"))),
    };
    Ok((coordinate, field, symmetry))
}

fn coordinates(
    lines: &mut Lines,
    bytes: usize,
    [rows, columns, count]: [usize; 3],
    field: Field,
    symmetry: Symmetry,
) -> Result<FileArray, SolverError> {
    // An entry takes four bytes at least.
    if count > bytes / 4 {
        return Err(lines.broken(
            lines.last,
            &format!("{count} entries cannot be in a file of {bytes} bytes"),
        ));
    }
    if symmetry != Symmetry::General && rows != columns {
        return Err(lines.broken(
            lines.last,
            &format!("{rows} x {columns} cannot be symmetric"),
        ));
    }
    let mut entries = Entries::default();
    // One entry of each triangle, where only one may be filled.
    let mut sides = [None; 2];
    for found in 0..count {
        let (at, text) = lines.expect(&format!("entry {} of {count}", found + 1))?;
        let (row, column, value) = entry(text, field)
            .map_err(|problem| lines.broken(at, &format!("{text:?}: {problem}")))?;
        if row >= rows || column >= columns {
            let place = format!("entry ({}, {})", row + 1, column + 1);
            return Err(lines.broken(at, &format!("{place} of a {rows} x {columns} matrix")));
        }
        entries.push(row, column, value);
        if symmetry == Symmetry::General {
            continue;
        }
        if row == column {
            if symmetry == Symmetry::Skew && value != 0.0 {
                return Err(lines.broken(at, "a skew-symmetric matrix has a zero diagonal"));
            }
            continue;
        }
        sides[usize::from(row < column)] = Some(at);
        if let [Some(lower), Some(upper)] = sides {
            return Err(lines.broken(
                at,
                &format!(
                    "a symmetric file lists one triangle; line {lower} is below and line {upper} \
                     above the diagonal"
                ),
            ));
        }
        entries.push(
            column,
            row,
            if symmetry == Symmetry::Skew {
                -value
            } else {
                value
            },
        );
    }
    Ok(FileArray::Sparse(
        entries.into_matrix((rows, columns), lines.path)?,
    ))
}

/// Row and column counted from zero, and the value.
fn entry(text: &str, field: Field) -> Result<(usize, usize, f64), String> {
    let mut words = text.split_ascii_whitespace();
    let mut index = |what: &str| {
        let word = words
            .next()
            .ok_or_else(|| format!("the {what} is missing"))?;
        let index: usize = word
            .parse()
            .map_err(|_| format!("{word:?} is not a {what}"))?;
        index
            .checked_sub(1)
            .ok_or_else(|| format!("{what} 0; they count from 1"))
    };
    let (row, column) = (index("row")?, index("column")?);
    let value = match field {
        Field::Pattern => 1.0,
        Field::Number => number(words.next().ok_or("the value is missing")?)?,
    };
    match words.next() {
        None => Ok((row, column, value)),
        Some(word) => Err(format!("{word:?} is one word too many")),
    }
}

/// A finite number, also with a Fortran exponent.
pub(super) fn number(word: &str) -> Result<f64, String> {
    let parsed = match word.parse() {
        Ok(value) => Ok(value),
        Err(_) => word.replace(['d', 'D'], "e").parse::<f64>(),
    };
    match parsed {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(format!("the value is {value}")),
        Err(_) => Err(format!("{word:?} is not a number")),
    }
}

fn dense(
    lines: &mut Lines,
    bytes: usize,
    rows: usize,
    columns: usize,
    symmetry: Symmetry,
) -> Result<FileArray, SolverError> {
    // A value takes two bytes at least; half of them are listed at least.
    let count = rows.checked_mul(columns).filter(|count| *count <= bytes);
    let Some(count) = count else {
        return Err(lines.broken(
            lines.last,
            &format!("{rows} x {columns} values cannot be in a file of {bytes} bytes"),
        ));
    };
    if symmetry != Symmetry::General && rows != columns {
        return Err(lines.broken(
            lines.last,
            &format!("{rows} x {columns} cannot be symmetric"),
        ));
    }
    let mut values = vec![0.0; count];
    for column in 0..columns {
        let first = match symmetry {
            Symmetry::General => 0,
            Symmetry::Symmetric => column,
            Symmetry::Skew => column + 1,
        };
        for row in first..rows {
            let (at, text) = lines.expect(&format!("value ({}, {})", row + 1, column + 1))?;
            let value = number(text).map_err(|problem| lines.broken(at, &problem))?;
            values[row + column * rows] = value;
            match symmetry {
                Symmetry::General => {}
                Symmetry::Symmetric => values[column + row * rows] = value,
                Symmetry::Skew => values[column + row * rows] = -value,
            }
        }
    }
    Ok(FileArray::Dense {
        sizes: vec![rows, columns],
        rows,
        columns,
        values,
    })
}

#[cfg(test)]
#[path = "matrix_market_tests.rs"]
mod tests;
