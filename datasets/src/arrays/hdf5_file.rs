//! Arrays in HDF5.
//!
//! Files are read by a reader in Rust, because damaged files can crash the HDF5 library; the library
//! writes.

use std::io;
use std::ops::Range;
use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_reader::{ByteOrder, Dataset, Datatype, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::hdf5_entry::{Entry, EntryBytes};
use super::numbers::{Header, Kind, decode};
use super::{Array, ArrayNumber, Fault, not_there};
use crate::DatasetError;

/// Bytes of data for a byte of file at most: what deflate can do.
const LARGEST_RATIO: usize = 1032;
/// Data of at most this many bytes may be all fill value, in a file of any size.
const ALWAYS_ALLOWED: usize = 1 << 24;
/// Bytes of unpacked chunks that are kept for the next read: trajectories may share chunks.
const CHUNK_CACHE: usize = 1 << 24;

/// Opens a file; of its data nothing is read yet.
pub(super) fn open(path: &Path) -> Result<Hdf5File, DatasetError> {
    let found = std::fs::metadata(path).map_err(DatasetError::io("look at", path))?;
    if !found.is_file() {
        return Err(DatasetError::ArrayFile {
            path: path.to_owned(),
            problem: "is no file".into(),
        });
    }
    let size = found.len();
    let limit = usize::try_from(size)
        .unwrap_or(usize::MAX)
        .saturating_mul(LARGEST_RATIO)
        .saturating_add(ALWAYS_ALLOWED);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_chunk_cache_bytes(CHUNK_CACHE);
    Hdf5File::open_with_options(path, options).map_err(|error| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: format!("is no intact HDF5 file: {error}"),
    })
}

/// Names of the datasets of the topmost group.
pub(super) fn names(file: &Hdf5File, path: &Path) -> Result<Vec<String>, DatasetError> {
    members(file, path).map(|(_, datasets)| datasets)
}

/// Names of the groups of the topmost group.
pub(super) fn groups(file: &Hdf5File, path: &Path) -> Result<Vec<String>, DatasetError> {
    members(file, path).map(|(groups, _)| groups)
}

fn members(file: &Hdf5File, path: &Path) -> Result<(Vec<String>, Vec<String>), DatasetError> {
    let names = file.root_group().and_then(|group| group.member_names());
    names.map_err(|error| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: format!("is damaged: {error}"),
    })
}

fn dataset(file: &Hdf5File, path: &Path, name: &str) -> Result<Dataset, Fault> {
    let dataset = file.dataset(name);
    Ok(dataset.map_err(|error| match names(file, path) {
        Ok(there)
            if !there
                .iter()
                .any(|other| other == name.trim_start_matches('/')) =>
        {
            not_there(&there)
        }
        _ => error.to_string(),
    })?)
}

/// What the dataset `name` is.
pub(super) fn header(file: &Hdf5File, path: &Path, name: &str) -> Result<Header, Fault> {
    Ok(header_of(&dataset(file, path, name)?)?)
}

/// Reads a range of the first axis of the dataset `name`, or all of it.
pub(super) fn read<T: ArrayNumber>(
    file: &Hdf5File,
    path: &Path,
    name: &str,
    rows: Option<&Range<usize>>,
) -> Result<Array<T>, Fault> {
    let dataset = dataset(file, path, name)?;
    let header = header_of(&dataset)?;
    header.lengths()?;
    let mut selection = SliceInfo::all(header.shape.len());
    let part = match rows {
        None => header,
        Some(rows) => {
            let part = header.part(rows)?;
            selection.selections[0] = SliceInfoElem::Slice {
                start: rows.start as u64,
                end: rows.end as u64,
                step: 1,
            };
            part
        }
    };
    if part.shape.contains(&0) {
        return decode(&part, &mut io::empty());
    }
    match part.size {
        1 => read_as::<1, T>(&dataset, &selection, &part),
        2 => read_as::<2, T>(&dataset, &selection, &part),
        4 => read_as::<4, T>(&dataset, &selection, &part),
        8 => read_as::<8, T>(&dataset, &selection, &part),
        size => Err(Fault::Array(format!(
            "numbers of {size} bytes are not read"
        ))),
    }
}

fn read_as<const N: usize, T: ArrayNumber>(
    dataset: &Dataset,
    selection: &SliceInfo,
    part: &Header,
) -> Result<Array<T>, Fault> {
    let entries = match selection.selections.is_empty() {
        true => dataset.read_array::<Entry<N>>(),
        false => dataset.read_slice::<Entry<N>>(selection),
    };
    let entries = entries.map_err(|error| error.to_string())?;
    let (count, _) = part.lengths()?;
    if entries.len() != count {
        return Err(Fault::Array(format!(
            "has {} values instead of {count}",
            entries.len()
        )));
    }
    decode(part, &mut EntryBytes(entries.into_iter()))
}

/// What the dataset holds.
fn header_of(dataset: &Dataset) -> Result<Header, String> {
    let mut datatype = dataset.dtype();
    // h5py stores booleans as an enumeration of one byte.
    if let Datatype::Enum { base, .. } = datatype {
        datatype = base;
    }
    let (kind, size, order) = match *datatype {
        Datatype::FixedPoint {
            size,
            signed,
            byte_order,
        } => match signed {
            true => (Kind::Signed, size, byte_order),
            false => (Kind::Unsigned, size, byte_order),
        },
        Datatype::FloatingPoint { size, byte_order } => (Kind::Float, size, byte_order),
        ref other => {
            return Err(format!(
                "holds {other:?}; integers and floating-point numbers are read"
            ));
        }
    };
    let shape: Result<Vec<usize>, _> = dataset
        .shape()
        .iter()
        .map(|&n| usize::try_from(n))
        .collect();
    Ok(Header {
        kind,
        size: size.into(),
        big_endian: order == ByteOrder::BigEndian,
        fortran_order: false,
        shape: shape.map_err(|_| {
            format!(
                "a shape of {:?} is too large for any memory",
                dataset.shape()
            )
        })?,
    })
}

/// Writes one dataset of the topmost group.
pub(super) fn write(path: &Path, name: &str, shape: &[usize], values: &[f64]) -> hdf5::Result<()> {
    let file = hdf5::File::create(path)?;
    // No times: the same values give the same file.
    let dataset = file
        .new_dataset::<f64>()
        .obj_track_times(false)
        .shape(shape.to_vec())
        .create(name)?;
    dataset.write_raw(values)?;
    file.close()
}
