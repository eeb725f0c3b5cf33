//! VTK XML: `.vtu` and `.vtp`.

use crate::{Field, Mesh, MeshError, MeshFile, ReadOptions, WriteOptions};

/// Reads the bytes of a `.vtu` or `.vtp` file.
///
/// # Errors
/// To come.
pub fn read_vtk_xml(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<MeshFile, MeshError> {
    let _ = (bytes, name, options);
    todo!("first version of the API")
}

/// Writes a `.vtu` into memory.
///
/// # Errors
/// To come.
pub fn write_vtk_xml(mesh: &Mesh, fields: &[Field], options: &WriteOptions) -> Result<Vec<u8>, MeshError> {
    let _ = (mesh, fields, options);
    todo!("first version of the API")
}
