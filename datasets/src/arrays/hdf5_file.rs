//! Arrays in HDF5.
//!
//! Files are read by a reader in Rust, because damaged files can crash the HDF5 library; the library
//! writes.

use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_reader::{Dataset, Datatype, Hdf5File, OpenOptions};

use super::numbers::{Header, Kind};
use super::{Array, ArrayNumber, Fault, decode};
use crate::DatasetError;

/// Bytes of data for a byte of file at most: what deflate can do.
const LARGEST_RATIO: usize = 1032;
/// Data of at most this many bytes may be all fill value, in a file of any size.
const ALWAYS_ALLOWED: usize = 1 << 24;
/// Names in a message.
const NAMES_SHOWN: usize = 12;

fn open(path: &Path) -> Result<Hdf5File, DatasetError> {
    let bytes = std::fs::read(path).map_err(DatasetError::io("read", path))?;
    let limit = bytes
        .len()
        .saturating_mul(LARGEST_RATIO)
        .saturating_add(ALWAYS_ALLOWED);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit);
    Hdf5File::from_vec_with_options(bytes, options).map_err(|error| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: format!("is no intact HDF5 file: {error}"),
    })
}

/// Names of the datasets of the topmost group.
pub(super) fn names(path: &Path) -> Result<Vec<String>, DatasetError> {
    let file = open(path)?;
    let names = file.root_group().and_then(|group| group.member_names());
    names
        .map(|(_, datasets)| datasets)
        .map_err(|error| DatasetError::ArrayFile {
            path: path.to_owned(),
            problem: format!("is damaged: {error}"),
        })
}

/// Reads the dataset `name`.
pub(super) fn read<T: ArrayNumber>(path: &Path, name: &str) -> Result<Array<T>, Fault> {
    let file = open(path)?;
    let dataset = file.dataset(name).map_err(|error| match names(path) {
        Ok(there)
            if !there
                .iter()
                .any(|other| other == name.trim_start_matches('/')) =>
        {
            not_there(&there)
        }
        _ => error.to_string(),
    })?;
    let header = header(&dataset)?;
    let (_, expected) = header.lengths()?;
    let bytes = dataset
        .read_native_bytes()
        .map_err(|error| error.to_string())?;
    if bytes.len() != expected {
        return Err(Fault::Array(format!(
            "has {} bytes of data instead of {expected}",
            bytes.len()
        )));
    }
    decode(&header, &mut bytes.as_slice())
}

/// What the dataset holds; the reader has turned its values to this machine's byte order.
fn header(dataset: &Dataset) -> Result<Header, String> {
    let mut datatype = dataset.dtype();
    // h5py stores booleans as an enumeration of one byte.
    if let Datatype::Enum { base, .. } = datatype {
        datatype = base;
    }
    let (kind, size) = match *datatype {
        Datatype::FixedPoint {
            size, signed: true, ..
        } => (Kind::Signed, size),
        Datatype::FixedPoint {
            size,
            signed: false,
            ..
        } => (Kind::Unsigned, size),
        Datatype::FloatingPoint { size, .. } => (Kind::Float, size),
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
        big_endian: cfg!(target_endian = "big"),
        fortran_order: false,
        shape: shape.map_err(|_| {
            format!(
                "a shape of {:?} is too large for any memory",
                dataset.shape()
            )
        })?,
    })
}

/// "is not there; ..".
pub(super) fn not_there(names: &[String]) -> String {
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
