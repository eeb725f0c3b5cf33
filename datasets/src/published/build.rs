//! Checks that the arrays of a layout fit each other, and reads the coordinates.

use super::axes::{ArrayAxis, Places};
use super::{PublishedField, PublishedLayout, SpaceAxis, problem};
use crate::{Array, ArrayFile, DatasetError};

/// What the arrays looked at so far agree on.
pub(super) struct Builder<'a> {
    file: &'a ArrayFile,
    layout: &'a PublishedLayout,
    pub fields: Vec<PublishedField>,
    /// Length of the axis of samples, `None` inside for arrays that have none.
    samples: Option<Option<usize>>,
    space: Option<Vec<usize>>,
    n_times: usize,
}

impl<'a> Builder<'a> {
    pub fn new(file: &'a ArrayFile, layout: &'a PublishedLayout) -> Self {
        Self {
            file,
            layout,
            fields: Vec::new(),
            samples: None,
            space: None,
            n_times: 1,
        }
    }

    fn wrong(&self, what: String) -> DatasetError {
        problem(self.file.path(), what)
    }

    /// Checks an array of the first sample against those before.
    pub fn field(
        &mut self,
        name: &str,
        array: &str,
        roles: &[ArrayAxis],
    ) -> Result<Places, DatasetError> {
        let shape = self.file.shape(&self.layout.path(0, array))?;
        let differ = |what: &str, here: String, before: String| {
            self.wrong(format!(
                "does not fit together: \"{array}\" of shape {shape:?} has {here} {what}, others {before}"
            ))
        };
        if shape.len() != roles.len() {
            return Err(self.wrong(format!(
                "holds \"{array}\" of shape {shape:?}, which cannot be {roles:?}"
            )));
        }
        let places = Places::new(roles).map_err(|why| self.wrong(why))?;
        let space: Vec<usize> = places.space.iter().map(|&k| shape[k]).collect();
        if let Some(before) = self.space.as_ref().filter(|before| **before != space) {
            return Err(differ(
                "values in space",
                format!("{space:?}"),
                format!("{before:?}"),
            ));
        }
        let samples = places.sample.map(|k| shape[k]);
        if let Some(before) = self.samples.filter(|before| *before != samples) {
            return Err(differ(
                "samples",
                format!("{samples:?}"),
                format!("{before:?}"),
            ));
        }
        let n_times = places.time.map_or(1, |k| shape[k]);
        if n_times != 1 && self.n_times != 1 && n_times != self.n_times {
            return Err(differ(
                "instants",
                n_times.to_string(),
                self.n_times.to_string(),
            ));
        }
        if n_times != 1 {
            self.n_times = n_times;
        }
        (self.space, self.samples) = (Some(space), Some(samples));
        self.fields.push(PublishedField {
            name: name.to_owned(),
            components: places.component.map_or(1, |k| shape[k]),
            n_times,
        });
        Ok(places)
    }

    pub fn n_samples(&self) -> Result<usize, DatasetError> {
        match (self.samples, self.layout.groups.len()) {
            (None, _) => Err(self.wrong("has no fields".to_owned())),
            (Some(Some(_)), 1..) => Err(self.wrong(
                "cannot have an axis of samples in groups that are samples themselves".to_owned(),
            )),
            (Some(samples), 0) => Ok(samples.unwrap_or(1)),
            (Some(None), groups) => Ok(groups),
        }
    }

    /// The instants. Files may have one more than steps, the end of the last one (as PDEBench's of
    /// one dimension do), and a row of them for each sample, of which the first is taken.
    pub fn times(&self) -> Result<Option<Vec<f64>>, DatasetError> {
        let Some(array) = &self.layout.times else {
            return Ok(None);
        };
        let n = self.n_times;
        let mut times = self.coordinates(array, &[n, n + 1])?;
        times.truncate(n);
        Ok(Some(times))
    }

    pub fn axes(&self) -> Result<Vec<SpaceAxis>, DatasetError> {
        let lengths = self.space.as_deref().unwrap_or_default();
        if lengths.len() != self.layout.axes.len() {
            return Err(self.wrong(format!(
                "has fields over {} axes of space, but {} are named",
                lengths.len(),
                self.layout.axes.len()
            )));
        }
        let axis = |((name, array), &length): (&(String, Option<String>), &usize)| {
            let read = |array: &String| self.coordinates(array, &[length]);
            Ok(SpaceAxis {
                name: name.clone(),
                length,
                coordinates: array.as_ref().map(read).transpose()?,
            })
        };
        self.layout.axes.iter().zip(lengths).map(axis).collect()
    }

    /// A vector of one of some lengths, of finite numbers; of a table of vectors, one for each
    /// sample, the first.
    fn coordinates(&self, array: &str, lengths: &[usize]) -> Result<Vec<f64>, DatasetError> {
        let path = self.layout.path(0, array);
        let shape = self.file.shape(&path)?;
        let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let found: Array<f64> = if count.is_some_and(|count| lengths.contains(&count)) {
            self.file.read(&path)?
        } else if matches!(shape[..], [_, n] if lengths.contains(&n)) {
            self.file.read_rows(&path, 0..1)?
        } else {
            return Err(self.wrong(format!(
                "holds coordinates \"{path}\" of shape {shape:?} for {} values",
                lengths[0]
            )));
        };
        match found.values.iter().position(|value| !value.is_finite()) {
            None => Ok(found.values),
            Some(index) => Err(self.wrong(format!(
                "holds a coordinate \"{path}\" that is {} at index {index}",
                found.values[index]
            ))),
        }
    }
}
