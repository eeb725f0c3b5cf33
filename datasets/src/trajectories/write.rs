//! Writes the file of a trajectory, one time after the other.

use std::path::{Path, PathBuf};

use hdf5_metno as hdf5;
use hdf5_metno::file::LibraryVersion;
use hdf5_metno::{Hyperslab, Selection, SliceOrIndex};
use ndarray::{ArrayViewD, IxDyn};
use serde_json::Value;

use super::attributes;
use super::layout::{
    AXES, Attributes, CHECKSUMS, FIELDS, FORMAT, PARAMETERS, PROVENANCE, Precision, STATIC, TIME,
    TrajectoryField, TrajectoryHeader, VERSION,
};
use crate::DatasetError;
use crate::files::{sync_and_rename, temporary_beside};
use crate::hash::hash;

/// A chunk holds as many times as fit into this many bytes, and at least one ..
const SMALL_CHUNK: usize = 1 << 16;
/// .. unless one alone is larger than this: then it is cut along its slowest axis.
const LARGE_CHUNK: usize = 1 << 24;

/// Writes a trajectory under a temporary name; [`finish`](TrajectoryWriter::finish) gives it its own.
///
/// The bytes of the file depend on what is written and on nothing else (the version of the HDF5 and
/// deflate libraries aside): no dates, no times of objects.
#[derive(Debug)]
pub struct TrajectoryWriter {
    path: PathBuf,
    temporary: PathBuf,
    header: TrajectoryHeader,
    open: Option<Open>,
    /// Checksums of each time, for each field.
    checksums: Vec<Vec<u64>>,
    n_written: usize,
}

/// What is open while the file is written.
#[derive(Debug)]
struct Open {
    file: hdf5::File,
    sets: Vec<hdf5::Dataset>,
}

impl TrajectoryWriter {
    /// Begins the file at `path`.
    ///
    /// # Errors
    /// A header that makes no sense, a file that cannot be written.
    pub fn create(path: impl AsRef<Path>, header: TrajectoryHeader) -> Result<Self, DatasetError> {
        header.check()?;
        let path = path.as_ref().to_path_buf();
        let mut writer = Self {
            temporary: temporary_beside(&path),
            checksums: vec![Vec::with_capacity(header.times.len()); header.fields.len()],
            path,
            header,
            open: None,
            n_written: 0,
        };
        // From here on a failure removes the temporary file: see `Drop`.
        let open = begin(&writer.temporary, &writer.header);
        writer.open = Some(open.map_err(|error| writer.fault(&error))?);
        Ok(writer)
    }

    /// Writes the next time: the values of each field in the order of the header, cells in C order,
    /// components last.
    ///
    /// # Errors
    /// More times than the header has, values of another number, a full disk.
    pub fn push(&mut self, values: &[Vec<f64>]) -> Result<(), DatasetError> {
        let time = self.n_written;
        self.check_push(values)?;
        for (index, values) in values.iter().enumerate() {
            let checksum = self
                .write_slab(index, time, values)
                .map_err(|error| self.fault(&error))?;
            self.checksums[index].push(checksum);
        }
        self.n_written += 1;
        Ok(())
    }

    fn check_push(&self, values: &[Vec<f64>]) -> Result<(), DatasetError> {
        let size = |what: &str, expected, found| match expected == found {
            true => Ok(()),
            false => Err(DatasetError::Size {
                what: format!("{}: {what}", self.path.display()),
                expected,
                found,
            }),
        };
        size("fields", self.header.fields.len(), values.len())?;
        for (field, values) in self.header.fields.iter().zip(values) {
            let expected = self.header.grid.n_cells() * field.components;
            size(
                &format!("values of \"{}\"", field.name),
                expected,
                values.len(),
            )?;
        }
        if self.n_written == self.header.times.len() {
            return Err(DatasetError::ArrayFile {
                path: self.path.clone(),
                problem: format!("was announced to have {} times", self.n_written),
            });
        }
        Ok(())
    }

    /// Writes one time of a field; its checksum.
    fn write_slab(&self, index: usize, time: usize, values: &[f64]) -> hdf5::Result<u64> {
        let Some(open) = &self.open else {
            return Err("the file is closed".into());
        };
        let (set, field) = (&open.sets[index], &self.header.fields[index]);
        match self.header.precision {
            Precision::Single => {
                let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
                write_time(set, &self.header, field, time, &values)?;
                Ok(checksum_f32(&values))
            }
            Precision::Double => {
                write_time(set, &self.header, field, time, values)?;
                Ok(checksum_f64(values))
            }
        }
    }

    /// Ends the file and gives it its name. `provenance` tells where the trajectory comes from.
    ///
    /// # Errors
    /// Fewer times than the header has, a file that cannot be written.
    pub fn finish(mut self, provenance: &Attributes) -> Result<(), DatasetError> {
        let expected = self.header.times.len();
        if self.n_written != expected {
            return Err(DatasetError::Size {
                what: format!("{}: times", self.path.display()),
                expected,
                found: self.n_written,
            });
        }
        if let Some(open) = self.open.take() {
            end(open, &self.header, &self.checksums, provenance)
                .map_err(|error| self.fault(&error))?;
        }
        sync_and_rename(&self.temporary, &self.path)
    }

    /// A hash of all values written so far: equal for trajectories that are equal in every bit.
    pub fn data_hash(&self) -> u64 {
        let all: Vec<u8> = self
            .checksums
            .iter()
            .flatten()
            .flat_map(|checksum| checksum.to_le_bytes())
            .collect();
        hash(&all)
    }

    /// The library's message, or the one cause that deserves a plain one.
    fn fault(&self, error: &hdf5::Error) -> DatasetError {
        let message = error.to_string();
        let problem = match message.contains("No space left on device") {
            true => "cannot be written: the disk is full; make room".into(),
            false => format!("cannot be written: {message}"),
        };
        DatasetError::ArrayFile {
            path: self.path.clone(),
            problem,
        }
    }
}

impl Drop for TrajectoryWriter {
    fn drop(&mut self) {
        // After a success there is nothing of that name; after a failure that is what matters.
        drop(self.open.take());
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// The checksum of the values of one time, as they lie in the file.
pub(super) fn checksum_f32(values: &[f32]) -> u64 {
    hash(
        &values
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>(),
    )
}

/// The checksum of the values of one time, as they lie in the file.
pub(super) fn checksum_f64(values: &[f64]) -> u64 {
    hash(
        &values
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>(),
    )
}

/// Creates the file with all that is known beforehand.
fn begin(path: &Path, header: &TrajectoryHeader) -> hdf5::Result<Open> {
    let file = hdf5::FileBuilder::new()
        // The layout of 1.10 has checksums in its metadata. One version, so that newer libraries
        // write the same.
        .with_fapl(|p| p.libver_bounds(LibraryVersion::V110, LibraryVersion::V110))
        .with_fcpl(|p| p.obj_track_times(false))
        .create(path)?;
    attributes::write_text(&file, "format", FORMAT)?;
    attributes::write(&file, "version", &VERSION.into())?;
    attributes::write(&file, "dimensions", &header.grid.shape.len().into())?;
    write_axes(&file, header)?;
    let fixed = group(&file, STATIC)?;
    for field in &header.statics {
        let set = create_set(&fixed, header, &field.field, None)?;
        match header.precision {
            Precision::Single => {
                let values: Vec<f32> = field.values.iter().map(|&v| v as f32).collect();
                set.write_raw(&values)?;
            }
            Precision::Double => set.write_raw(&field.values)?,
        }
    }
    let parameters = group(&file, PARAMETERS)?;
    for (name, value) in &header.parameters {
        attributes::write(&parameters, name, value)?;
    }
    let fields = group(&file, FIELDS)?;
    let sets = header
        .fields
        .iter()
        .map(|field| create_set(&fields, header, field, Some(header.times.len())))
        .collect::<hdf5::Result<_>>()?;
    Ok(Open { file, sets })
}

/// Writes what is known afterwards, and closes the file.
fn end(
    open: Open,
    header: &TrajectoryHeader,
    checksums: &[Vec<u64>],
    provenance: &Attributes,
) -> hdf5::Result<()> {
    let sums = group(&open.file, CHECKSUMS)?;
    for (field, checksums) in header.fields.iter().zip(checksums) {
        sums.new_dataset::<u64>()
            .obj_track_times(false)
            .chunk([checksums.len()])
            .fletcher32()
            .shape([checksums.len()])
            .create(field.name.as_str())?
            .write_raw(checksums)?;
    }
    let place = group(&open.file, PROVENANCE)?;
    for (name, value) in provenance {
        attributes::write(&place, name, value)?;
    }
    drop((sums, place, open.sets));
    open.file.close()
}

fn group(file: &hdf5::File, name: &str) -> hdf5::Result<hdf5::Group> {
    file.create_group_builder()
        .obj_track_times(false)
        .create(name)
}

/// Times, and the cells' centres along each axis.
fn write_axes(file: &hdf5::File, header: &TrajectoryHeader) -> hdf5::Result<()> {
    let axis = |name: &str, unit: &str, values: &[f64]| {
        let set = file
            .new_dataset::<f64>()
            .obj_track_times(false)
            .chunk([values.len()])
            .fletcher32()
            .shape([values.len()])
            .create(name)?;
        set.write_raw(values)?;
        attributes::write_text(&set, "unit", unit)
    };
    axis(TIME, "s", &header.times)?;
    let grid = &header.grid;
    for (place, name) in grid.axes().into_iter().enumerate() {
        axis(name, "m", &grid.centres(place))?;
    }
    attributes::write(file, "spacing", &numbers(&grid.spacing))?;
    attributes::write(file, "origin", &numbers(&grid.origin))
}

fn numbers(values: &[f64]) -> Value {
    values.to_vec().into()
}

/// Creates the dataset of a field: `[time, (z, (y,)) x, component]`, or without the time.
fn create_set(
    group: &hdf5::Group,
    header: &TrajectoryHeader,
    field: &TrajectoryField,
    n_times: Option<usize>,
) -> hdf5::Result<hdf5::Dataset> {
    let mut shape = header.grid.shape.clone();
    shape.push(field.components);
    let bytes = header.precision.bytes() * shape.iter().product::<usize>();
    let mut chunk = shape.clone();
    chunk[0] = shape[0].div_ceil(bytes.div_ceil(LARGE_CHUNK));
    let mut axes = header.grid.axes();
    axes.push("component");
    if let Some(n) = n_times {
        shape.insert(0, n);
        chunk.insert(0, (SMALL_CHUNK / bytes).clamp(1, n));
        axes.insert(0, TIME);
    }
    let builder = match header.precision {
        Precision::Single => group.new_dataset::<f32>(),
        Precision::Double => group.new_dataset::<f64>(),
    };
    let mut builder = builder.obj_track_times(false).chunk(chunk);
    if header.compression > 0 {
        builder = builder.shuffle().deflate(header.compression);
    }
    let set = builder
        .fletcher32()
        .shape(shape)
        .create(field.name.as_str())?;
    attributes::write_text(&set, "unit", &field.unit)?;
    attributes::write_text(&set, "axes", &axes.join(" "))?;
    let names = field.component_names(header.grid.shape.len());
    attributes::write_text(&set, "components", &names.join(" "))?;
    debug_assert!(AXES.len() >= header.grid.shape.len());
    Ok(set)
}

/// Writes the values of one time.
fn write_time<T: hdf5::H5Type>(
    set: &hdf5::Dataset,
    header: &TrajectoryHeader,
    field: &TrajectoryField,
    time: usize,
    values: &[T],
) -> hdf5::Result<()> {
    let mut shape = vec![1];
    shape.extend(&header.grid.shape);
    shape.push(field.components);
    let slab = |(axis, &count): (usize, &usize)| SliceOrIndex::SliceCount {
        start: if axis == 0 { time } else { 0 },
        step: 1,
        count,
        block: 1,
    };
    let slabs: Vec<SliceOrIndex> = shape.iter().enumerate().map(slab).collect();
    let view = ArrayViewD::from_shape(IxDyn(&shape), values)
        .map_err(|error| hdf5::Error::from(error.to_string()))?;
    set.write_slice(view, Selection::from(Hyperslab::from(slabs)))
}
