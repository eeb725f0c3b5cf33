//! The HDF5 file of one case: rows, node order, outline; and the entry in front of them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;
use karman_meshes::Contour;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::VERSION;
use super::entry::{Entry, Places};
use crate::files::{sync_and_rename, temporary_beside};
use crate::hash::hash;
use crate::{CaseTable, Column, DatasetError, Normaliser, point_columns};

/// First word of a case's file.
const MAGIC: &str = "karman-cache";
/// Longest line that the entry may be announced by.
const LONGEST_HEAD: u64 = 80;
/// Digits of the largest place in a file.
const LONGEST_NUMBER: usize = 20;

/// Writes the rows of a case in a random permutation, with its entry, outline and node order; by
/// way of a temporary name.
pub(super) fn write(path: &Path, key: String, case: &CaseTable) -> Result<Entry, DatasetError> {
    let order = permutation(&case.info.name, case.table.n_rows());
    let rows = permuted(case, &order);
    let mut statistics = Normaliser::new(case.table.columns());
    statistics.push_rows(&rows)?;
    let entry = Entry {
        key,
        info: case.info.clone(),
        statistics: statistics.columns().to_vec(),
        rows_hash: format!("{:016x}", hash(&bytes_of(&rows))),
        places: Places::default(),
    };
    let temporary = temporary_beside(path);
    let written = write_temporary(&temporary, entry, &rows, &order, &case.contour)
        .and_then(|entry| sync_and_rename(&temporary, path).map(|()| entry));
    if written.is_err() {
        // The failure is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// The order that rows are stored in: a permutation seeded by the name of the case, so that the
/// same data give the same cache.
fn permutation(name: &str, n: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(hash(name.as_bytes())));
    order
}

fn permuted(case: &CaseTable, order: &[u32]) -> Vec<f32> {
    let (data, width) = (case.table.data(), case.table.width());
    let mut rows = Vec::with_capacity(data.len());
    for &node in order {
        let from = node as usize * width;
        rows.extend_from_slice(&data[from..from + width]);
    }
    rows
}

/// The bytes of numbers as they lie in the file.
pub(super) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_ne_bytes()).collect()
}

fn write_temporary(
    path: &Path,
    mut entry: Entry,
    rows: &[f32],
    order: &[u32],
    contour: &Contour,
) -> Result<Entry, DatasetError> {
    let block = block_size(&entry, path)?;
    entry.places = write_hdf5(path, block, rows, order, contour)
        .map_err(|e| wrong(path, write_fault(&e.to_string())))?;
    entry.places.file_size = file_size(path)?;
    let end = entry.places.rows + 4 * rows.len() as u64;
    if end > entry.places.file_size {
        return Err(wrong(
            path,
            "was not written to its end; is the disk full?".into(),
        ));
    }
    let text = block_text(&entry, path)?;
    let fits = text.len() as u64 <= block;
    let written = File::options()
        .write(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(DatasetError::io("write", path));
    match written {
        Ok(()) if fits => Ok(entry),
        Ok(()) => Err(wrong(path, "its entry does not fit before the data".into())),
        Err(error) => Err(error),
    }
}

/// The library's message, or the one cause that deserves a plain one.
fn write_fault(message: &str) -> String {
    if message.contains("No space left on device") {
        return "the disk is full; make room, or give another folder for the cache. What was \
                finished is kept"
            .into();
    }
    format!("cannot be written: {message}")
}

/// Writes the arrays, and tells where they lie.
fn write_hdf5(
    path: &Path,
    block: u64,
    rows: &[f32],
    order: &[u32],
    contour: &Contour,
) -> hdf5::Result<Places> {
    let outline: Vec<f64> = contour.points().iter().flatten().copied().collect();
    let file = hdf5::FileBuilder::new()
        .with_fcpl(|p| p.userblock(block))
        .create(path)?;
    let width = rows.len() / order.len().max(1);
    // No chunks and no filters: contiguous data can be read in place. No times: the same data give
    // the same file.
    let rows_set = file
        .new_dataset::<f32>()
        .obj_track_times(false)
        .shape([order.len(), width])
        .create("rows")?;
    rows_set.write_raw(rows)?;
    let order_set = file
        .new_dataset::<u32>()
        .obj_track_times(false)
        .shape([order.len()])
        .create("order")?;
    order_set.write_raw(order)?;
    let outline_set = file
        .new_dataset::<f64>()
        .obj_track_times(false)
        .shape([outline.len() / 2, 2])
        .create("outline")?;
    outline_set.write_raw(&outline)?;
    describe_columns(&rows_set)?;
    file.flush()?;
    let place = |set: &hdf5::Dataset| {
        set.offset()
            .ok_or_else(|| hdf5::Error::from("an array has no place in the file"))
    };
    let places = Places {
        file_size: 0,
        rows: place(&rows_set)?,
        order: place(&order_set)?,
        outline: place(&outline_set)?,
        n_outline: outline.len() / 2,
    };
    file.close()?;
    Ok(places)
}

/// For other programs: what the columns are.
fn describe_columns(rows: &hdf5::Dataset) -> hdf5::Result<()> {
    type Text = fn(&Column) -> &'static str;
    let texts: [(&str, Text); 3] = [
        ("columns", |c| c.name),
        ("units", |c| c.unit),
        ("columns_doc", |c| c.doc),
    ];
    for (attribute, text) in texts {
        let values: Vec<VarLenUnicode> = point_columns()
            .map(|column| text(&column).parse())
            .collect::<Result<_, _>>()
            .map_err(|_| hdf5::Error::from("a column is not described in plain text"))?;
        rows.new_attr::<VarLenUnicode>()
            .shape([values.len()])
            .create(attribute)?
            .write_raw(&values)?;
    }
    Ok(())
}

/// The user block in front of the HDF5 data: one line with version, length and hash, then the
/// entry. So it is read back without the HDF5 library, which damaged files can crash.
fn block_text(entry: &Entry, path: &Path) -> Result<String, DatasetError> {
    let json = serde_json::to_string(entry).map_err(|e| wrong(path, e.to_string()))?;
    Ok(format!(
        "{MAGIC} {VERSION} {} {:016x}\n{json}\n",
        json.len(),
        hash(json.as_bytes())
    ))
}

/// A size that HDF5 allows for a user block (a power of two from 512 on), with room for the places
/// that are not known yet.
fn block_size(entry: &Entry, path: &Path) -> Result<u64, DatasetError> {
    let length = block_text(entry, path)?.len() + 5 * LONGEST_NUMBER;
    Ok((length as u64).next_power_of_two().max(512))
}

/// Reads the entry back from a case's file, for an index that was lost. `None` when the file is
/// not a whole cache file of this version: it is then built again.
pub(super) fn read_entry(path: &Path) -> Option<Entry> {
    let mut reader = BufReader::new(File::open(path).ok()?);
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(LONGEST_HEAD)
        .read_until(b'\n', &mut head)
        .ok()?;
    let head = std::str::from_utf8(&head).ok()?;
    let mut words = head.trim_end().split(' ');
    let known = words.next()? == MAGIC && words.next()?.parse() == Ok(VERSION);
    let length: u64 = words.next()?.parse().ok()?;
    let expected = words.next()?.to_string();
    let size = file_size(path).ok()?;
    if !known || length > size {
        return None;
    }
    let mut json = Vec::new();
    reader.take(length).read_to_end(&mut json).ok()?;
    if format!("{:016x}", hash(&json)) != expected {
        return None;
    }
    let entry: Entry = serde_json::from_slice(&json).ok()?;
    (entry.places.file_size == size).then_some(entry)
}

fn file_size(path: &Path) -> Result<u64, DatasetError> {
    let metadata = std::fs::metadata(path).map_err(DatasetError::io("look at", path))?;
    Ok(metadata.len())
}

fn wrong(path: &Path, problem: String) -> DatasetError {
    DatasetError::Cache {
        path: path.to_path_buf(),
        problem,
    }
}
