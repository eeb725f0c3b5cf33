//! XDMF files (`.xdmf`, `.xmf`) with their HDF5 files: single grids and series in time.
//!
//! Format: "XDMF Model and Format", <https://www.xdmf.org/index.php/XDMF_Model_and_Format>, versions 2
//! and 3.
//!
//! Read: temporal collections of uniform grids, or one grid; unstructured meshes of linear cells
//! (one kind or mixed), uniform and rectilinear grids of two and three dimensions; attributes at nodes
//! and in cells; data items in the file, in HDF5 and in files of bytes, whole or as hyperslabs; times
//! of each grid, or as a list or hyperslab of the collection. Not read: spatial collections, curved
//! grids, references between items, functions (an error says so); attributes of edges, faces and
//! grids are left out.
//!
//! 1. An `<xi:include>` stands for topology and geometry of the first grid of the file that has its
//!    own, which is what FEniCS and others mean by theirs; the pointer is not followed.
//! 2. Collections behind the first one add their attributes, if they have its times.
//! 3. The topology is taken from the first step; later ones must have as many points and cells.

mod axes;
mod cells;
mod element;
mod grid;
mod item;
mod series;

use std::path::{Path, PathBuf};

use karman_meshes::{Location, Mesh};

use self::axes::read_axes;
use self::grid::{Attribute, Grid, Shape};
use self::item::Files;
use crate::{Array, DatasetError, SpaceAxis};

/// A field of an [`XdmfFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XdmfField {
    /// Its name in the file.
    pub name: String,
    /// At points or in cells.
    pub location: Location,
    /// Numbers at each point or cell.
    pub components: usize,
}

/// A series of grids in XDMF, or a single one. Values are read step by step.
#[derive(Debug)]
pub struct XdmfFile {
    path: PathBuf,
    times: Vec<f64>,
    steps: Vec<Grid>,
    fields: Vec<XdmfField>,
    /// Points or cells of each field.
    field_lengths: Vec<usize>,
    /// Axes of a grid along axes, for values at points.
    axes: Option<Vec<SpaceAxis>>,
    n_points: usize,
    n_cells: Option<usize>,
    files: Files,
}

impl XdmfFile {
    /// Reads the XML and the coordinates of grids along axes; no fields yet.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or holds something that is not read (see the module's
    /// list); sizes that do not fit each other.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatasetError> {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(DatasetError::io("read", path))?;
        if !metadata.is_file() {
            return Err(damaged(path, "is no file".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(DatasetError::io("read", path))?;
        let wrong = |problem: String| damaged(path, format!("is no sound XDMF file: {problem}"));
        let top = element::parse(&bytes).map_err(wrong)?;
        if top.name != "Xdmf" {
            return Err(wrong(format!("its outermost element is <{}>", top.name)));
        }
        let domain = top.first("Domain");
        let domain = domain.ok_or_else(|| wrong("it has no <Domain>".to_owned()))?;
        let files = Files::beside(path);
        let (times, steps) = series::series(domain, &files, path)?;
        Self::check(path.to_owned(), times, steps, files)
    }

    /// Checks the sizes of the first step.
    fn check(
        path: PathBuf,
        times: Vec<f64>,
        steps: Vec<Grid>,
        files: Files,
    ) -> Result<Self, DatasetError> {
        let Some(first) = steps.first() else {
            return Err(damaged(&path, "holds no grid".to_owned()));
        };
        let axes = match &*first.shape {
            Shape::Axes { lengths, along } => Some(read_axes(&files, &path, lengths, along)?),
            Shape::Mesh { .. } => None,
        };
        let (n_points, n_cells) = counts(&first.shape);
        let mut fields: Vec<XdmfField> = Vec::new();
        let mut field_lengths = Vec::new();
        for attribute in &first.attributes {
            let n = match attribute.location {
                Location::Point => Some(n_points),
                Location::Cell => n_cells,
            };
            let n = n.unwrap_or(attribute.item.shape.first().copied().unwrap_or(0));
            let count = attribute.item.count;
            if n == 0 || count == 0 || !count.is_multiple_of(n) {
                return Err(damaged(
                    &path,
                    format!(
                        "holds {count} values of the attribute \"{}\" for {n} {}s",
                        attribute.name, attribute.location
                    ),
                ));
            }
            if fields.iter().any(|field| field.name == attribute.name) {
                let name = &attribute.name;
                return Err(damaged(
                    &path,
                    format!("holds the attribute \"{name}\" twice"),
                ));
            }
            field_lengths.push(n);
            fields.push(XdmfField {
                name: attribute.name.clone(),
                location: attribute.location,
                components: count / n,
            });
        }
        Ok(Self {
            path,
            times,
            steps,
            fields,
            field_lengths,
            axes,
            n_points,
            n_cells,
            files,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The instant of each step; the number of a step where the file does not say.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The fields of the first step.
    pub fn fields(&self) -> &[XdmfField] {
        &self.fields
    }

    /// The axes on which values of a location lie, the slowest first; `None` for unstructured meshes.
    pub fn grid_axes(&self, location: Location) -> Option<Vec<SpaceAxis>> {
        let axes = self.axes.clone()?;
        let at_cells = |axis: SpaceAxis| SpaceAxis {
            length: axis.length.saturating_sub(1),
            coordinates: axis
                .coordinates
                .map(|c| c.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect()),
            ..axis
        };
        Some(match location {
            Location::Point => axes,
            Location::Cell => axes.into_iter().map(at_cells).collect(),
        })
    }

    /// Number of points or cells.
    ///
    /// # Errors
    /// Cells of which the file does not say how many there are.
    pub fn n_values(&self, location: Location) -> Result<usize, DatasetError> {
        match location {
            Location::Point => Ok(self.n_points),
            Location::Cell => self.n_cells.ok_or_else(|| {
                damaged(
                    &self.path,
                    "does not say how many cells there are".to_owned(),
                )
            }),
        }
    }

    /// The mesh of a step.
    ///
    /// # Errors
    /// No such step; a grid along axes, which has [`grid_axes`](Self::grid_axes) instead; a damaged
    /// file; what building a mesh refuses.
    pub fn mesh(&self, step: usize) -> Result<Mesh, DatasetError> {
        let grid = self.step(step)?;
        let Shape::Mesh {
            points,
            coordinates,
            topology,
        } = &*grid.shape
        else {
            let problem = "is a grid along axes, not a mesh of cells".to_owned();
            return Err(damaged(&self.path, problem));
        };
        let points: Result<Vec<_>, _> = points.iter().map(|item| self.files.read(item)).collect();
        let nodes = topology.nodes.as_ref().map(|item| self.files.read(item));
        let mesh = cells::mesh(
            &points?,
            *coordinates,
            topology,
            nodes.transpose()?.as_ref(),
        );
        mesh.map_err(|problem| damaged(&self.path, format!("holds at step {step} {problem}")))
    }

    /// A field at a step.
    ///
    /// # Shapes
    /// (points or cells, components); of grids along axes (one axis for each of
    /// [`grid_axes`](Self::grid_axes), components).
    ///
    /// # Errors
    /// No such step or field; a damaged file; another number of values than in the first step.
    pub fn read(&self, step: usize, name: &str) -> Result<Array<f64>, DatasetError> {
        let index = self.fields.iter().position(|field| field.name == name);
        let index = index.ok_or_else(|| {
            let there: Vec<&str> = self.fields.iter().map(|field| &field.name[..]).collect();
            let there = there.join(", ");
            damaged(
                &self.path,
                format!("has no field \"{name}\"; there are: {there}"),
            )
        })?;
        let field = &self.fields[index];
        let all = &self.step(step)?.attributes;
        let same = |a: &&Attribute| a.name == name && a.location == field.location;
        let attribute = all.iter().find(same).ok_or_else(|| {
            damaged(
                &self.path,
                format!("lacks the attribute \"{name}\" at step {step}"),
            )
        })?;
        let mut shape = match self.grid_axes(field.location) {
            Some(axes) => axes.iter().map(|axis| axis.length).collect(),
            None => vec![self.field_lengths[index]],
        };
        shape.push(field.components);
        let expected: usize = shape.iter().product();
        if attribute.item.count != expected {
            return Err(damaged(
                &self.path,
                format!(
                    "holds {} values of \"{name}\" at step {step} instead of {expected}",
                    attribute.item.count
                ),
            ));
        }
        let values = self.files.read(&attribute.item)?.values;
        Ok(Array { shape, values })
    }

    fn step(&self, step: usize) -> Result<&Grid, DatasetError> {
        self.steps.get(step).ok_or_else(|| {
            let n = self.steps.len();
            damaged(
                &self.path,
                format!("has {n} steps; step {step} was asked for"),
            )
        })
    }
}

fn damaged(path: &Path, problem: String) -> DatasetError {
    DatasetError::ArrayFile {
        path: path.to_owned(),
        problem,
    }
}

/// Points and, where it is known without reading, cells.
fn counts(shape: &Shape) -> (usize, Option<usize>) {
    match shape {
        Shape::Axes { lengths, .. } => {
            let cells = lengths.iter().map(|n| n.saturating_sub(1)).product();
            (lengths.iter().product(), Some(cells))
        }
        Shape::Mesh {
            points,
            coordinates,
            topology,
        } => {
            let n_points = points.first().map_or(0, |item| item.count / coordinates);
            let of_nodes = topology.nodes.as_ref().filter(|_| topology.kind != "Mixed");
            let rows = of_nodes.and_then(|item| item.shape.first().copied());
            (n_points, topology.n_cells.or(rows))
        }
    }
}
