//! Mesh files.
//!
//! What is read and written today: VTK XML unstructured grids (`.vtu`) and poly data (`.vtp`).
//! The format is chosen by the extension.

mod atomic;
mod options;
mod stl;
mod vtk_xml;

use std::path::Path;

pub use atomic::write_file_atomically;
pub use options::{Compression, Encoding, FieldSelection, ReadOptions, WriteOptions};
pub use stl::StlFile;
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
}

/// The extensions that [`read_mesh`] and [`write_mesh`] know.
const KNOWN: &str = "`.vtu` or `.vtp`";

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
/// read, and what [`read_vtk_xml`] says about its content.
pub fn read_mesh_with(path: &Path, options: &ReadOptions) -> Result<MeshFile, MeshError> {
    // The content says which of the two it is; the extension only has to be one of them.
    data_set(path)?;
    let bytes = std::fs::read(path).map_err(|source| MeshError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    read_vtk_xml(&bytes, &path.display().to_string(), options)
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
            known: KNOWN,
        })
    }
}
