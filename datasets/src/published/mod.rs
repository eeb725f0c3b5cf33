//! Trajectories in files that others publish, behind one face: fields over samples, time and space.
//!
//! Recognised are, by the names and shapes of their arrays:
//!
//! | layout | files |
//! |---|---|
//! | PDEBench | `tensor` (or `density`, `pressure`, `Vx`, ..) with `x-coordinate`, ..; a group for each sample with `data` and `grid`; `velocity`, `particles`, `force` and `t` of incompressible flow |
//! | neuraloperator | `.pt` files with the tensors `x` and `y` |
//! | named axes | any file with vectors `x` (`y`, `z`) and `t` (`tt`, `time`) and arrays over them, such as the `.mat` files of PINNs |
//! | XDMF | series of uniform or rectilinear grids |
//!
//! Any other is read with a [`PublishedLayout`].

mod axes;
mod build;
mod layout;
mod named;
mod pairs;
mod pdebench;
mod series;

use std::ops::Range;
use std::path::{Path, PathBuf};

pub use self::axes::ArrayAxis;
use self::axes::Places;
use self::build::Builder;
pub use self::layout::PublishedLayout;
use self::series::Series;
use crate::{Array, ArrayFile, DatasetError};

/// Arrays in a message.
const NAMES_SHOWN: usize = 12;

/// What a file was recognised as, and what its arrays then are.
type Recognised = Option<(&'static str, PublishedLayout)>;

/// An axis of space.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceAxis {
    /// Its name, for example `x`.
    pub name: String,
    /// Number of values along it.
    pub length: usize,
    /// Where the values lie, in the units of the file, if the file says so.
    pub coordinates: Option<Vec<f64>>,
}

/// A field of a [`PublishedFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedField {
    /// Its name in the file.
    pub name: String,
    /// Numbers at each place: 1 for a scalar.
    pub components: usize,
    /// Instants at which it is there: those of the file, or 1 for what does not change.
    pub n_times: usize,
}

/// Fields over samples, time and space, of which single samples can be read.
#[derive(Debug, Clone)]
pub struct PublishedFile {
    path: PathBuf,
    layout_name: &'static str,
    n_samples: usize,
    times: Option<Vec<f64>>,
    axes: Vec<SpaceAxis>,
    fields: Vec<PublishedField>,
    source: Source,
}

/// Where values come from.
#[derive(Debug, Clone)]
enum Source {
    Arrays {
        file: ArrayFile,
        layout: PublishedLayout,
        places: Vec<Places>,
    },
    Series(Series),
}

impl PublishedFile {
    /// Opens a file whose layout is recognised by the names and shapes of its arrays; `.xdmf` and
    /// `.xmf` by the extension. No fields are read yet.
    ///
    /// # Errors
    /// What [`ArrayFile::open`] refuses; a layout that is not known, with the arrays that are there;
    /// arrays whose shapes do not fit each other.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let path = path.as_ref();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        if extension == "xdmf" || extension == "xmf" {
            return series::open(path);
        }
        let file = ArrayFile::open(path)?;
        for recognise in [pdebench::recognise, named::recognise, pairs::recognise] {
            if let Some((name, layout)) = recognise(&file)? {
                return Self::build(file, layout, name);
            }
        }
        Err(unknown(&file)?)
    }

    /// Opens a file whose arrays `layout` explains.
    ///
    /// # Errors
    /// What [`ArrayFile::open`] refuses; arrays that are not there, or whose shapes do not fit each
    /// other or what is said of them.
    pub fn open_with(
        path: impl AsRef<Path>,
        layout: PublishedLayout,
    ) -> Result<Self, DatasetError> {
        Self::build(ArrayFile::open(path)?, layout, "as described")
    }

    /// Checks all shapes of the first sample and reads the coordinates.
    fn build(
        file: ArrayFile,
        layout: PublishedLayout,
        layout_name: &'static str,
    ) -> Result<Self, DatasetError> {
        let mut builder = Builder::new(&file, &layout);
        let mut places = Vec::new();
        for (name, array, roles) in &layout.fields {
            places.push(builder.field(name, array, roles)?);
        }
        let n_samples = builder.n_samples()?;
        let (times, axes) = (builder.times()?, builder.axes()?);
        Ok(Self {
            path: file.path().to_owned(),
            layout_name,
            n_samples,
            times,
            axes,
            fields: builder.fields,
            source: Source::Arrays {
                places,
                file,
                layout,
            },
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The layout that was recognised, in words.
    pub fn layout(&self) -> &str {
        self.layout_name
    }

    /// Number of samples.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The instants, in the units of the file, if the file says so.
    pub fn times(&self) -> Option<&[f64]> {
        self.times.as_deref()
    }

    /// The axes of space, the slowest first.
    pub fn axes(&self) -> &[SpaceAxis] {
        &self.axes
    }

    /// The fields.
    pub fn fields(&self) -> &[PublishedField] {
        &self.fields
    }

    /// Reads a field of some samples, and of the file little else.
    ///
    /// # Shapes
    /// (samples, times, one axis for each of [`axes`](Self::axes), components); times and components
    /// are there even where they are 1.
    ///
    /// # Errors
    /// No such field or sample; a damaged file; a sample whose shape is another than that of the
    /// first.
    pub fn read(&self, field: &str, samples: Range<usize>) -> Result<Array<f64>, DatasetError> {
        let index = self.fields.iter().position(|f| f.name == field);
        let index = index.ok_or_else(|| {
            let there: Vec<&str> = self.fields.iter().map(|f| &f.name[..]).collect();
            let there = there.join(", ");
            problem(
                &self.path,
                format!("has no field \"{field}\"; there are: {there}"),
            )
        })?;
        if samples.start > samples.end || samples.end > self.n_samples {
            let n = self.n_samples;
            return Err(problem(
                &self.path,
                format!(
                    "has {n} samples; {} to {} were asked for",
                    samples.start, samples.end
                ),
            ));
        }
        let (file, layout, places) = match &self.source {
            Source::Series(series) => {
                return series.read(&self.fields[index], self.shape(index, samples.len()));
            }
            Source::Arrays {
                file,
                layout,
                places,
            } => (file, layout, &places[index]),
        };
        let (_, array, _) = &layout.fields[index];
        let found = if !layout.groups.is_empty() {
            self.read_groups(file, layout, index, places, samples.clone())?
        } else if places.sample == Some(0) {
            places.arrange(file.read_rows(array, samples.clone())?)
        } else {
            some_samples(places.arrange(file.read(array)?), &samples)
        };
        let expected = self.shape(index, samples.len());
        match found.shape == expected {
            true => Ok(found),
            false => Err(problem(
                &self.path,
                format!(
                    "holds \"{array}\" as {:?} instead of {expected:?}",
                    found.shape
                ),
            )),
        }
    }

    /// Samples that lie in a group each.
    fn read_groups(
        &self,
        file: &ArrayFile,
        layout: &PublishedLayout,
        index: usize,
        places: &Places,
        samples: Range<usize>,
    ) -> Result<Array<f64>, DatasetError> {
        let (_, array, _) = &layout.fields[index];
        let expected = self.shape(index, 1);
        let mut all = Array {
            shape: self.shape(index, samples.len()),
            values: Vec::new(),
        };
        for sample in samples {
            let path = layout.path(sample, array);
            let one = places.arrange(file.read(&path)?);
            if one.shape != expected {
                return Err(problem(
                    &self.path,
                    format!(
                        "holds \"{path}\" as {:?} instead of {expected:?}",
                        one.shape
                    ),
                ));
            }
            all.values.extend(one.values);
        }
        Ok(all)
    }

    fn shape(&self, field: usize, samples: usize) -> Vec<usize> {
        let field = &self.fields[field];
        let mut shape = vec![samples, field.n_times];
        shape.extend(self.axes.iter().map(|axis| axis.length));
        shape.push(field.components);
        shape
    }
}

/// Some samples of an array whose first axis they are.
fn some_samples(mut array: Array<f64>, samples: &Range<usize>) -> Array<f64> {
    let row: usize = array.shape[1..].iter().product();
    let end = (samples.end * row).min(array.values.len());
    array.values.truncate(end);
    array.values.drain(..(samples.start * row).min(end));
    array.shape[0] = samples.len();
    array
}

/// What is wrong with a file as a whole, as a clause that follows its path.
fn problem(path: &Path, problem: String) -> DatasetError {
    DatasetError::ArrayFile {
        path: path.to_owned(),
        problem,
    }
}

/// Says what is there when no layout fits.
fn unknown(file: &ArrayFile) -> Result<DatasetError, DatasetError> {
    let shown = match file.names()? {
        None => format!("one array {:?}", file.shape("")?),
        Some(names) if names.is_empty() => "none at the top".to_owned(),
        Some(names) => {
            let shape = |name: &String| match file.shape(name) {
                Ok(shape) => format!("\"{name}\" {shape:?}"),
                Err(_) => format!("\"{name}\""),
            };
            let shown: Vec<String> = names.iter().take(NAMES_SHOWN).map(shape).collect();
            let more = if names.len() > NAMES_SHOWN {
                ", .."
            } else {
                ""
            };
            shown.join(", ") + more
        }
    };
    Ok(problem(
        file.path(),
        format!(
            "has a layout that is not recognised; say with a PublishedLayout what its arrays are: \
             {shown}"
        ),
    ))
}
