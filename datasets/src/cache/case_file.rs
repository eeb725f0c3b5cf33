//! The HDF5 file of one case.

use std::path::Path;

use hdf5_metno as hdf5;
use karman_meshes::Contour;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::entry::{Entry, Places, hash};
use crate::files::{sync_and_rename, temporary_beside};
use crate::{CaseTable, DatasetError, Normaliser};

/// Writes the rows of a case in a random permutation, with its entry, outline and node order; by
/// way of a temporary name.
pub(super) fn write(path: &Path, key: String, case: &CaseTable) -> Result<Entry, DatasetError> {
    let order = permutation(&case.info.name, case.table.n_rows());
    let rows = permuted(case, &order);
    let mut statistics = Normaliser::new(case.table.columns());
    statistics.push_rows(&rows)?;
    let mut entry = Entry {
        key,
        info: case.info.clone(),
        statistics: statistics.columns().to_vec(),
        rows_hash: format!("{:016x}", hash(&bytes_of(&rows))),
        places: Places::default(),
    };
    let temporary = temporary_beside(path);
    let written = write_hdf5(&temporary, &entry, &rows, &order, &case.contour)
        .map_err(|problem| DatasetError::Cache {
            path: temporary.clone(),
            problem,
        })
        .and_then(|()| sync_and_rename(&temporary, path));
    if let Err(error) = written {
        // The failure above is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&temporary);
        return Err(error);
    }
    entry.places = places(path)?;
    Ok(entry)
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

fn write_hdf5(
    path: &Path,
    entry: &Entry,
    rows: &[f32],
    order: &[u32],
    contour: &Contour,
) -> Result<(), String> {
    let text = serde_json::to_vec(entry).map_err(|e| e.to_string())?;
    let outline: Vec<f64> = contour.points().iter().flatten().copied().collect();
    let write = || -> hdf5::Result<()> {
        let file = hdf5::File::create(path)?;
        let width = entry.statistics.len();
        // No chunks and no filters: contiguous data can be read in place.
        let rows_set = file
            .new_dataset::<f32>()
            .shape([order.len(), width])
            .create("rows")?;
        rows_set.write_raw(rows)?;
        let order_set = file
            .new_dataset::<u32>()
            .shape([order.len()])
            .create("order")?;
        order_set.write_raw(order)?;
        let outline_set = file
            .new_dataset::<f64>()
            .shape([outline.len() / 2, 2])
            .create("outline")?;
        outline_set.write_raw(&outline)?;
        file.new_dataset::<u8>()
            .shape([text.len()])
            .create("entry")?
            .write_raw(&text)?;
        file.close()
    };
    write().map_err(|e| format!("cannot be written: {e}"))
}

/// Reads the entry back from a case's file, for an index that was lost. `None` when the file is
/// not a whole cache file of this version: it is then built again.
pub(super) fn read_entry(path: &Path) -> Option<Entry> {
    let text: Vec<u8> = {
        let file = hdf5::File::open(path).ok()?;
        file.dataset("entry").ok()?.read_raw().ok()?
    };
    let mut entry: Entry = serde_json::from_slice(&text).ok()?;
    entry.places = places(path).ok()?;
    Some(entry)
}

/// Looks up where the arrays of a finished file lie.
fn places(path: &Path) -> Result<Places, DatasetError> {
    let wrong = |problem: String| DatasetError::Cache {
        path: path.to_path_buf(),
        problem,
    };
    let find = || -> hdf5::Result<(hdf5::Dataset, hdf5::Dataset, hdf5::Dataset)> {
        let file = hdf5::File::open(path)?;
        Ok((
            file.dataset("rows")?,
            file.dataset("order")?,
            file.dataset("outline")?,
        ))
    };
    let (rows, order, outline) = find().map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let place = |set: &hdf5::Dataset| {
        set.offset()
            .ok_or_else(|| wrong(format!("\"{}\" is not contiguous", set.name())))
    };
    let file_size = std::fs::metadata(path)
        .map_err(DatasetError::io("look at", path))?
        .len();
    Ok(Places {
        file_size,
        rows: place(&rows)?,
        order: place(&order)?,
        outline: place(&outline)?,
        n_outline: outline.shape().first().copied().unwrap_or(0),
    })
}
