//! Reads the file of a trajectory, a range of times at a go.
//!
//! By a reader in Rust, because damaged files can crash the HDF5 library.

use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5_reader::{Dataset, H5Type, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::attributes;
use super::contents::{damaged, fields_of, grid_of, numbers};
use super::layout::{
    Attributes, CHECKSUMS, FIELDS, FORMAT, PARAMETERS, PROVENANCE, Precision, STATIC, TIME,
    TrajectoryField, TrajectoryGrid, VERSION,
};
use super::write::{checksum_f32, checksum_f64};
use crate::closest::closest;
use crate::{Array, DatasetError};

/// Bytes of a chunk that this program never writes more than.
const LARGEST_CHUNK: usize = 1 << 28;

/// What a trajectory is read as: [`f32`] or [`f64`], whatever it is stored as.
pub trait TrajectoryNumber: Copy + sealed::Sealed {}

impl TrajectoryNumber for f32 {}
impl TrajectoryNumber for f64 {}

mod sealed {
    /// From the types of the file.
    pub trait Sealed {
        fn from_single(value: f32) -> Self;
        fn from_double(value: f64) -> Self;
    }

    impl Sealed for f32 {
        fn from_single(value: f32) -> Self {
            value
        }
        fn from_double(value: f64) -> Self {
            value as f32
        }
    }

    impl Sealed for f64 {
        fn from_single(value: f32) -> Self {
            value.into()
        }
        fn from_double(value: f64) -> Self {
            value
        }
    }
}

/// An open trajectory. Values are read when they are asked for; many threads may ask at once.
pub struct Trajectory {
    path: PathBuf,
    file: Hdf5File,
    grid: TrajectoryGrid,
    times: Vec<f64>,
    fields: Vec<TrajectoryField>,
    statics: Vec<TrajectoryField>,
    parameters: Attributes,
    provenance: Attributes,
    precision: Precision,
}

impl std::fmt::Debug for Trajectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trajectory")
            .field("path", &self.path)
            .field("grid", &self.grid)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl Trajectory {
    /// Opens a file as [`TrajectoryWriter`](crate::TrajectoryWriter) writes it: reads everything but the
    /// values of the fields.
    ///
    /// # Errors
    /// A file that cannot be read, is no trajectory, is of another version, or is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let path = path.as_ref().to_path_buf();
        let found = std::fs::metadata(&path).map_err(DatasetError::io("read", &path))?;
        let limit = OpenOptions::default()
            .with_max_chunk_bytes(LARGEST_CHUNK)
            // Twice what deflate can do at most.
            .with_max_read_bytes((found.len() as usize).saturating_mul(2064).max(1 << 16));
        let wrong = |problem: String| DatasetError::ArrayFile {
            path: path.clone(),
            problem,
        };
        let file = Hdf5File::open_with_options(&path, limit)
            .map_err(|error| wrong(format!("is no intact HDF5 file: {error}")))?;
        Self::of(path.clone(), file).map_err(wrong)
    }

    fn of(path: PathBuf, file: Hdf5File) -> Result<Self, String> {
        let root = file.root_group().map_err(damaged)?;
        let head = attributes::read(root.attributes().map_err(damaged)?)?;
        if head.get("format").and_then(|v| v.as_str()) != Some(FORMAT) {
            return Err(
                "is no trajectory: its root has no attribute \"format\" that says so".into(),
            );
        }
        let version = head.get("version").and_then(|v| v.as_i64());
        if version != Some(VERSION) {
            return Err(format!(
                "is a trajectory of version {}; this program reads version {VERSION}",
                version.map_or("unknown".into(), |v| v.to_string())
            ));
        }
        let group = |name: &str| file.group(name).map_err(damaged);
        let attributes_of =
            |name: &str| attributes::read(group(name)?.attributes().map_err(damaged)?);
        let (times, grid) = (numbers(&file, TIME)?, grid_of(&file, &head)?);
        let (fields, precision) = fields_of(&file, FIELDS, &grid, Some(times.len()))?;
        let (statics, _) = fields_of(&file, STATIC, &grid, None)?;
        Ok(Self {
            parameters: attributes_of(PARAMETERS)?,
            provenance: attributes_of(PROVENANCE)?,
            path,
            grid,
            times,
            fields,
            statics,
            precision,
            file,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cells.
    pub fn grid(&self) -> &TrajectoryGrid {
        &self.grid
    }

    /// The times stored, in seconds.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The fields that change with time.
    pub fn fields(&self) -> &[TrajectoryField] {
        &self.fields
    }

    /// The fields that do not.
    pub fn statics(&self) -> &[TrajectoryField] {
        &self.statics
    }

    /// What distinguishes this case from others.
    pub fn parameters(&self) -> &Attributes {
        &self.parameters
    }

    /// Where it comes from: solver, version, seed, how well it was solved.
    pub fn provenance(&self) -> &Attributes {
        &self.provenance
    }

    /// How its numbers are stored.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The field `name`, be it static or not.
    ///
    /// # Errors
    /// No such field; the message tells those that are there.
    pub fn field(&self, name: &str) -> Result<&TrajectoryField, DatasetError> {
        let all = || self.fields.iter().chain(&self.statics);
        all().find(|field| field.name == name).ok_or_else(|| {
            let names: Vec<String> = all().map(|field| field.name.clone()).collect();
            let near = closest(name, &names)
                .map(|near| format!("; did you mean \"{near}\"?"))
                .unwrap_or_default();
            self.fault(
                name,
                format!("is not there; the file holds {}{near}", names.join(", ")),
            )
        })
    }

    /// Reads the field `name` at the times numbered `times`. The values of each time are compared
    /// with their checksum.
    ///
    /// # Shapes
    /// `[time, (z, (y,)) x, component]`.
    ///
    /// # Errors
    /// No such field or times, damaged values.
    pub fn read<T: TrajectoryNumber>(
        &self,
        name: &str,
        times: Range<usize>,
    ) -> Result<Array<T>, DatasetError> {
        let field = self.field(name)?;
        if !self.fields.contains(field) {
            let problem = "does not change with time; read it as a static field".to_string();
            return Err(self.fault(name, problem));
        }
        if times.end > self.times.len() || times.start > times.end {
            let problem = format!("has {} times; {times:?} are asked for", self.times.len());
            return Err(self.fault(name, problem));
        }
        let mut shape = vec![times.len()];
        shape.extend(&self.grid.shape);
        shape.push(field.components);
        let sums = self
            .checksums(name, &times)
            .map_err(|e| self.fault(name, e))?;
        let values = self
            .values(
                &format!("{FIELDS}/{name}"),
                Some(&times),
                shape.len(),
                &sums,
            )
            .map_err(|problem| self.fault(name, problem))?;
        Ok(Array { shape, values })
    }

    /// Reads the static field `name`.
    ///
    /// # Shapes
    /// `[(z, (y,)) x, component]`.
    ///
    /// # Errors
    /// No such field, damaged values.
    pub fn read_static<T: TrajectoryNumber>(&self, name: &str) -> Result<Array<T>, DatasetError> {
        let field = self.field(name)?;
        if !self.statics.contains(field) {
            let problem = "changes with time; read it as a field, with times".to_string();
            return Err(self.fault(name, problem));
        }
        let mut shape = self.grid.shape.clone();
        shape.push(field.components);
        let values = self
            .values(&format!("{STATIC}/{name}"), None, shape.len(), &[])
            .map_err(|problem| self.fault(name, problem))?;
        Ok(Array { shape, values })
    }

    /// Reads everything, which finds any damage.
    ///
    /// # Errors
    /// The first damage found.
    pub fn verify(&self) -> Result<(), DatasetError> {
        for field in &self.fields {
            for time in 0..self.times.len() {
                self.read::<f64>(&field.name, time..time + 1)?;
            }
        }
        for field in &self.statics {
            self.read_static::<f64>(&field.name)?;
        }
        Ok(())
    }

    fn checksums(&self, name: &str, times: &Range<usize>) -> Result<Vec<u64>, String> {
        let all = self
            .file
            .dataset(&format!("{CHECKSUMS}/{name}"))
            .and_then(|set| set.read_array::<u64>())
            .map_err(damaged)?;
        let all: Vec<u64> = all.into_iter().collect();
        let missing = || format!("has {} checksums for {} times", all.len(), self.times.len());
        all.get(times.clone())
            .map(<[_]>::to_vec)
            .ok_or_else(missing)
    }

    /// Reads values in the type they are stored in, checks them, and turns them into `T`.
    fn values<T: TrajectoryNumber>(
        &self,
        path: &str,
        times: Option<&Range<usize>>,
        n_axes: usize,
        sums: &[u64],
    ) -> Result<Vec<T>, String> {
        let set = self.file.dataset(path).map_err(damaged)?;
        match self.precision {
            Precision::Single => {
                let values = slab::<f32>(&set, times, n_axes)?;
                check(&values, sums, checksum_f32)?;
                Ok(values.into_iter().map(T::from_single).collect())
            }
            Precision::Double => {
                let values = slab::<f64>(&set, times, n_axes)?;
                check(&values, sums, checksum_f64)?;
                Ok(values.into_iter().map(T::from_double).collect())
            }
        }
    }

    fn fault(&self, name: &str, problem: String) -> DatasetError {
        DatasetError::Array {
            path: self.path.clone(),
            name: format!("field \"{name}\""),
            problem,
        }
    }
}

/// Some times of a dataset, or all of it.
fn slab<T: H5Type>(
    set: &Dataset,
    times: Option<&Range<usize>>,
    n_axes: usize,
) -> Result<Vec<T>, String> {
    let mut selection = SliceInfo::all(n_axes);
    if let Some(times) = times {
        selection.selections[0] = SliceInfoElem::Slice {
            start: times.start as u64,
            end: times.end as u64,
            step: 1,
        };
    }
    let array = set.read_slice::<T>(&selection).map_err(damaged)?;
    Ok(array.into_iter().collect())
}

/// Compares each time with its checksum.
fn check<T>(values: &[T], sums: &[u64], sum: impl Fn(&[T]) -> u64) -> Result<(), String> {
    let Some(length) = values.len().checked_div(sums.len()) else {
        return Ok(());
    };
    for (time, (values, &expected)) in values.chunks_exact(length).zip(sums).enumerate() {
        if sum(values) != expected {
            return Err(format!(
                "is damaged: the values of time {time} of those read do not have their checksum"
            ));
        }
    }
    Ok(())
}
