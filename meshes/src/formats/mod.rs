//! Mesh files.
//!
//! Read and written: VTK XML unstructured grids (`.vtu`) and poly data (`.vtp`). Read: Gmsh meshes
//! (`.msh`), SU2 meshes (`.su2`) and binary solutions (`.dat`). The format is chosen by the extension.

mod atomic;
mod budget;
mod fields;
mod gmsh;
mod options;
mod scan;
mod stl;
mod su2;
mod vtk_xml;

use std::path::Path;

pub use atomic::write_file_atomically;
use fields::check_fields;
pub use gmsh::read_gmsh;
pub use options::{Compression, Encoding, FieldSelection, ReadOptions, WriteOptions};
pub use stl::StlFile;
pub use su2::{is_su2_solution, read_su2, read_su2_solution};
pub use vtk_xml::{VtkDataSet, read_vtk_xml, write_vtk_xml};

use crate::{Field, Location, Mesh, MeshError};

/// What a mesh file holds: a mesh and the fields on it.
#[derive(Debug, Clone, PartialEq)]
pub struct MeshFile {
    /// The mesh.
    pub mesh: Mesh,
    /// The fields: one tuple per point or cell of the mesh, names unique per location.
    pub fields: Vec<Field>,
}

impl MeshFile {
    /// The field `name` at `location`.
    ///
    /// # Errors
    /// [`MeshError::FieldMissing`], which lists the fields that are there.
    pub fn field(&self, name: &str, location: Location) -> Result<&Field, MeshError> {
        let mut there = self
            .fields
            .iter()
            .filter(|field| field.location() == location);
        there
            .clone()
            .find(|field| field.name() == name)
            .ok_or_else(|| MeshError::FieldMissing {
                name: name.to_owned(),
                location,
                present: there
                    .by_ref()
                    .map(|field| field.name().to_owned())
                    .collect(),
            })
    }

    /// Adds the point fields of `solution`, whose points must be those of this mesh in the same
    /// order: within a millionth of the largest extent of the mesh. Cells and zones of `solution` do
    /// not matter; this is for solvers that write their results beside the mesh, like SU2.
    ///
    /// # Errors
    /// [`MeshError::Operator`] with the first point that differs, or the counts;
    /// [`MeshError::DuplicateField`] when both have a field of one name.
    pub fn with_solution(mut self, solution: Self) -> Result<Self, MeshError> {
        let differ = |problem| MeshError::Operator {
            operator: "joining a mesh and a solution",
            problem,
        };
        let (here, there) = (self.mesh.points(), solution.mesh.points());
        if here.len() != there.len() {
            return Err(differ(format!(
                "the mesh has {} points, the solution {}",
                here.len(),
                there.len()
            )));
        }
        let (low, high) = self.mesh.bounds();
        let extent = (0..3).map(|k| high[k] - low[k]).fold(0.0, f64::max);
        let far = |(a, b): (&[f64; 3], &[f64; 3])| {
            (0..3).any(|k| (a[k] - b[k]).abs() > SAME_POINT * extent)
        };
        if let Some(point) = here.iter().zip(there).position(far) {
            return Err(differ(format!(
                "point {point} is {:?} in the mesh and {:?} in the solution",
                here[point], there[point]
            )));
        }
        let points = |field: &Field| field.location() == Location::Point;
        self.fields
            .extend(solution.fields.into_iter().filter(points));
        check_fields(&self.mesh, &self.fields, &ReadOptions::default())?;
        Ok(self)
    }
}

/// Points closer than this, in extents of the mesh, are the same.
const SAME_POINT: f64 = 1e-6;

/// The extensions that [`read_mesh`] knows.
const READ: &str = "`.vtu`, `.vtp`, `.msh`, `.su2` or `.dat` (SU2's binary solution)";
/// The extensions that [`write_mesh`] knows.
const WRITTEN: &str = "`.vtu` or `.vtp`";

/// Reads a mesh and all its fields; the format follows from the extension.
///
/// # Errors
/// As [`read_mesh_with`].
pub fn read_mesh(path: &Path) -> Result<MeshFile, MeshError> {
    read_mesh_with(path, &ReadOptions::default())
}

/// Reads a mesh and the fields asked for; the format follows from the extension.
///
/// # Errors
/// [`MeshError::UnknownFormat`] for other extensions, [`MeshError::Io`] when the file cannot be
/// read, and what [`read_vtk_xml`], [`read_gmsh`], [`read_su2`] and [`read_su2_solution`] say about
/// its content.
pub fn read_mesh_with(path: &Path, options: &ReadOptions) -> Result<MeshFile, MeshError> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let read = match extension.to_str() {
        // The content says which of the two it is.
        Some("vtu" | "vtp") => read_vtk_xml,
        Some("msh") => read_gmsh,
        Some("su2") => read_su2,
        Some("dat") => read_su2_solution,
        _ => {
            return Err(MeshError::UnknownFormat {
                path: path.to_owned(),
                known: READ,
            });
        }
    };
    let bytes = std::fs::read(path).map_err(|source| MeshError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    read(&bytes, &path.display().to_string(), options)
}

/// Writes a mesh and fields; the format follows from the extension.
///
/// The file appears complete or not at all: it is written under a temporary name in the same
/// folder, synced and renamed.
///
/// # Errors
/// [`MeshError::UnknownFormat`], [`MeshError::Io`], [`MeshError::FieldLength`] or
/// [`MeshError::DuplicateField`] when fields and mesh do not fit, [`MeshError::Operator`] for solid
/// cells in a `.vtp`.
pub fn write_mesh(
    path: &Path,
    mesh: &Mesh,
    fields: &[Field],
    options: &WriteOptions,
) -> Result<(), MeshError> {
    let data_set = data_set(path)?;
    let bytes = write_vtk_xml(mesh, fields, data_set, options)
        .map_err(|error| error.in_file(path.display().to_string()))?;
    write_file_atomically(path, &bytes)
}

/// The data set that the extension stands for.
fn data_set(path: &Path) -> Result<VtkDataSet, MeshError> {
    let has = |known: &str| {
        path.extension()
            .is_some_and(|found| found.eq_ignore_ascii_case(known))
    };
    if has("vtu") {
        Ok(VtkDataSet::UnstructuredGrid)
    } else if has("vtp") {
        Ok(VtkDataSet::PolyData)
    } else {
        Err(MeshError::UnknownFormat {
            path: path.to_owned(),
            known: WRITTEN,
        })
    }
}
