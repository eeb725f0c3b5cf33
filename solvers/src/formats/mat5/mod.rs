//! MATLAB v5 `.mat` files (also what `save -v6` and `-v7` write).
//!
//! "MAT-File Format", The MathWorks (2019), chapter 1. Numeric, logical and sparse arrays, in both
//! byte orders, plain or compressed by zlib, and structures, whose fields are named
//! `structure.field`. Complex arrays, cells, texts and objects are left out with a note.

mod element;

use std::io::Read;
use std::path::Path;

use super::{Entries, FileArray, MatrixFile, broken};
use crate::SolverError;
use element::{Cursor, Element};

const HEADER: usize = 128;
/// zlib makes at most this many bytes of one.
const MOST_INFLATION: usize = 1040;
/// Structures within structures.
const DEEPEST: usize = 8;

// Types of data elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

// Classes of arrays.
const STRUCTURE: u8 = 2;
const SPARSE: u8 = 5;
const FIRST_NUMERIC: u8 = 6;
const LAST_NUMERIC: u8 = 15;

/// Reads a file that begins with `MATLAB`.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<MatrixFile, SolverError> {
    if bytes.starts_with(b"MATLAB 7.3") {
        return Err(broken(
            path,
            "byte 0",
            "a MATLAB 7.3 file, which is HDF5; save with -v7",
        ));
    }
    let Some((header, body)) = bytes.split_at_checked(HEADER) else {
        return Err(broken(
            path,
            "the end",
            "shorter than the header of a MATLAB v5 file",
        ));
    };
    let little = match &header[126..] {
        b"IM" => true,
        b"MI" => false,
        _ => {
            return Err(broken(
                path,
                "byte 126",
                "no byte order mark of a MATLAB v5 file",
            ));
        }
    };
    let mut reader = Reader {
        path,
        little,
        arrays: Vec::new(),
        notes: Vec::new(),
    };
    let mut cursor = Cursor {
        bytes: body,
        origin: HEADER,
        at: 0,
    };
    while cursor.at < body.len() {
        let element = reader.element(&mut cursor)?;
        reader.top(element)?;
    }
    Ok(MatrixFile {
        path: path.to_owned(),
        format: "MATLAB v5",
        arrays: reader.arrays,
        notes: reader.notes,
    })
}

struct Reader<'a> {
    path: &'a Path,
    little: bool,
    arrays: Vec<(String, FileArray)>,
    notes: Vec<String>,
}

impl Reader<'_> {
    /// An element of the file itself.
    fn top(&mut self, element: Element) -> Result<(), SolverError> {
        match element.kind {
            MATRIX => self.array(element.data, element.origin, None, 0),
            COMPRESSED => {
                let most = element.data.len().saturating_mul(MOST_INFLATION);
                let mut bytes = Vec::new();
                flate2::read::ZlibDecoder::new(element.data)
                    .take(most as u64)
                    .read_to_end(&mut bytes)
                    .map_err(|error| {
                        self.broken(element.origin, &format!("damaged compressed data: {error}"))
                    })?;
                let origin = element.origin;
                let mut cursor = Cursor {
                    bytes: &bytes,
                    origin,
                    at: 0,
                };
                let inner = self.element(&mut cursor)?;
                if inner.kind != MATRIX {
                    return Err(self.broken(origin, "compressed data that are no array"));
                }
                self.array(inner.data, origin, None, 0)
            }
            other => {
                self.notes
                    .push(format!("an element of type {other} was left out"));
                Ok(())
            }
        }
    }

    /// An array from its parts. `name` replaces the one within.
    fn array(
        &mut self,
        bytes: &[u8],
        origin: usize,
        name: Option<String>,
        depth: usize,
    ) -> Result<(), SolverError> {
        if bytes.is_empty() {
            // An empty field of a structure.
            return Ok(());
        }
        let mut cursor = Cursor {
            bytes,
            origin,
            at: 0,
        };
        let flags = self.element(&mut cursor)?;
        let Some(word) = flags
            .data
            .first_chunk::<4>()
            .filter(|_| flags.data.len() == 8)
        else {
            return Err(self.broken(origin, "an array without flags"));
        };
        let word = self.u32(*word);
        let (class, complex) = (word as u8, word & 0x0800 != 0);
        let dimensions = self.dimensions(&mut cursor)?;
        let own = self.element(&mut cursor)?;
        let own = String::from_utf8_lossy(own.data).into_owned();
        let name = name.unwrap_or(own);
        if complex {
            self.notes
                .push(format!("{name} is complex and was left out"));
            return Ok(());
        }
        match class {
            STRUCTURE => return self.structure(&mut cursor, &dimensions, &name, depth),
            SPARSE => {
                let matrix = self.sparse(&mut cursor, &dimensions, &name)?;
                self.arrays.push((name, matrix));
            }
            FIRST_NUMERIC..=LAST_NUMERIC => {
                let array = self.dense(&mut cursor, &dimensions, &name)?;
                self.arrays.push((name, array));
            }
            _ => self
                .notes
                .push(format!("{name} is no numeric array and was left out")),
        }
        Ok(())
    }

    fn dimensions(&self, cursor: &mut Cursor) -> Result<Vec<usize>, SolverError> {
        let element = self.element(cursor)?;
        let numbers = self.numbers(&element)?;
        let sizes: Option<Vec<usize>> = numbers.iter().map(|v| whole(*v)).collect();
        match sizes {
            Some(sizes) if (2..=32).contains(&sizes.len()) => Ok(sizes),
            _ => Err(self.broken(
                element.origin,
                &format!("{numbers:?} are no sizes of an array"),
            )),
        }
    }

    fn dense(
        &self,
        cursor: &mut Cursor,
        dimensions: &[usize],
        name: &str,
    ) -> Result<FileArray, SolverError> {
        let element = self.element(cursor)?;
        let values = self.numbers(&element)?;
        let count = dimensions.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
        if count != Some(values.len()) {
            return Err(self.broken(
                element.origin,
                &format!(
                    "{name}: {} values for an array of {dimensions:?}",
                    values.len()
                ),
            ));
        }
        let rows = dimensions[0];
        Ok(FileArray::Dense {
            sizes: dimensions.to_vec(),
            rows,
            columns: values.len().checked_div(rows).unwrap_or(0),
            values,
        })
    }

    fn sparse(
        &self,
        cursor: &mut Cursor,
        dimensions: &[usize],
        name: &str,
    ) -> Result<FileArray, SolverError> {
        let &[rows, columns] = dimensions else {
            let problem = format!("{name}: a sparse array with sizes {dimensions:?}");
            return Err(self.broken(cursor.origin, &problem));
        };
        let row_element = self.element(cursor)?;
        let row_of = self.numbers(&row_element)?;
        let column_element = self.element(cursor)?;
        let starts = self.numbers(&column_element)?;
        let value_element = self.element(cursor)?;
        let values = self.numbers(&value_element)?;
        let wrong = |element: &Element, problem: String| {
            Err(self.broken(element.origin, &format!("{name}: {problem}")))
        };
        if starts.len().checked_sub(1) != Some(columns) {
            let problem = format!("{} column starts for {columns} columns", starts.len());
            return wrong(&column_element, problem);
        }
        let mut entries = Entries::default();
        for column in 0..columns {
            let ends = [starts[column], starts[column + 1]].map(whole);
            let [Some(start), Some(end)] = ends else {
                return wrong(
                    &column_element,
                    format!("column {column} starts at {}", starts[column]),
                );
            };
            let range = row_of.get(start..end).zip(values.get(start..end));
            let Some((of_column, values)) = range else {
                let problem = format!(
                    "column {column} has entries {start} to {end} of {} rows and {} values",
                    row_of.len(),
                    values.len()
                );
                return wrong(&column_element, problem);
            };
            for (row, value) in of_column.iter().zip(values) {
                let Some(row) = whole(*row).filter(|row| *row < rows) else {
                    return wrong(&row_element, format!("row {row} of {rows}"));
                };
                if !value.is_finite() {
                    return wrong(
                        &value_element,
                        format!("entry ({row}, {column}) is {value}"),
                    );
                }
                entries.push(row, column, *value);
            }
        }
        Ok(FileArray::Sparse(
            entries.into_matrix((rows, columns), self.path)?,
        ))
    }

    /// The fields of a structure; of an array of them, those of the first.
    fn structure(
        &mut self,
        cursor: &mut Cursor,
        dimensions: &[usize],
        name: &str,
        depth: usize,
    ) -> Result<(), SolverError> {
        if depth >= DEEPEST {
            return Err(self.broken(cursor.origin, "structures within structures without end"));
        }
        let length = self.element(cursor)?;
        let length = match self.numbers(&length)?[..] {
            [length] => whole(length).filter(|l| *l > 0),
            _ => None,
        };
        let Some(length) = length else {
            return Err(self.broken(cursor.origin, "the length of field names is no number"));
        };
        let names = self.element(cursor)?;
        let fields: Vec<String> = names
            .data
            .chunks(length)
            .map(|field| {
                let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
                String::from_utf8_lossy(&field[..end]).into_owned()
            })
            .collect();
        if dimensions.contains(&0) {
            return Ok(());
        }
        for field in fields {
            let element = self.element(cursor)?;
            if element.kind != MATRIX {
                return Err(self.broken(element.origin, "a field that is no array"));
            }
            let full = format!("{name}.{field}");
            self.array(element.data, element.origin, Some(full), depth + 1)?;
        }
        if dimensions.iter().any(|size| *size > 1) {
            self.notes.push(format!(
                "{name} is an array of structures; the first was read"
            ));
        }
        Ok(())
    }
}

/// A number as an index.
fn whole(value: f64) -> Option<usize> {
    let integer = value as usize;
    ((0.0..=9e15).contains(&value) && integer as f64 == value).then_some(integer)
}
