//! A small file as text, and what it takes to damage it.

use karman_meshes::{MeshFile, ReadOptions, read_vtk_xml};

/// A square of two triangles as text, with `p` at points and `n` at cells.
pub const SQUARE: &str = r#"<?xml version="1.0"?>
<VTKFile type="UnstructuredGrid" version="0.1" byte_order="LittleEndian">
<UnstructuredGrid>
<Piece NumberOfPoints="4" NumberOfCells="2">
<Points><DataArray type="Float32" Name="Points" NumberOfComponents="3" format="ascii">
0 0 0 1 0 0 0 1 0 1 1 0</DataArray></Points>
<Cells>
<DataArray type="Int64" Name="connectivity" format="ascii">0 1 2 1 3 2</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">3 6</DataArray>
<DataArray type="UInt8" Name="types" format="ascii">5 5</DataArray>
</Cells>
<PointData><DataArray type="Float64" Name="p" format="ascii">1.5 2 -3e2 4</DataArray></PointData>
<CellData><DataArray type="Int32" Name="n" format="ascii">7 8</DataArray></CellData>
</Piece>
</UnstructuredGrid>
</VTKFile>
"#;

pub fn read(text: &str) -> Result<MeshFile, String> {
    read_vtk_xml(text.as_bytes(), "square.vtu", &ReadOptions::default())
        .map_err(|error| error.to_string())
}

/// Replaces `from` in the square by `to` and reads it.
pub fn with(from: &str, to: &str) -> Result<MeshFile, String> {
    assert!(SQUARE.contains(from), "{from}");
    read(&SQUARE.replacen(from, to, 1))
}

/// Entries of an array's header, in 32 bits.
pub fn entries(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

/// One block as VTK's zlib compressor makes it.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}
