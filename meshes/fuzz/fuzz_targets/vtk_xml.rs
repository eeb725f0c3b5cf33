//! Any bytes: reading must neither panic nor hang nor exhaust memory, and what is read must
//! survive writing and reading again.

#![no_main]

use karman_meshes::{ReadOptions, VtkDataSet, WriteOptions, read_vtk_xml, write_vtk_xml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = read_vtk_xml(bytes, "fuzz", &ReadOptions::default()) else {
        return;
    };
    let grid = VtkDataSet::UnstructuredGrid;
    let options = WriteOptions::default();
    let written = write_vtk_xml(&file.mesh, &file.fields, grid, &options)
        .expect("what was read can be written");
    let again = read_vtk_xml(&written, "again", &ReadOptions::default())
        .expect("what was written can be read");
    assert_eq!(file.mesh, again.mesh);
    assert_eq!(file.fields.len(), again.fields.len());
});
