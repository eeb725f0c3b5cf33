//! Writes a mesh and fields as VTK XML.

use std::collections::HashSet;

use super::encode::Encoder;
use crate::field::for_values;
use crate::{
    CellType, Compression, Encoding, Field, Location, Mesh, MeshError, Values, WriteOptions,
};

/// The two VTK data sets that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VtkDataSet {
    /// `.vtu`: any cells, in the order of the mesh.
    UnstructuredGrid,
    /// `.vtp`: vertices, lines and faces only. The format stores verts, lines, polys and strips
    /// one after the other, so that cells (and cell fields with them) may change places.
    PolyData,
}

/// The content of a `.vtu` or `.vtp` file.
///
/// Coordinates are written in 32 bits when that loses nothing, otherwise in 64. Units are stored
/// as VTK's `UNITS_LABEL`. Zones are not stored: the format has no place for them.
///
/// # Errors
/// [`MeshError::FieldLength`] or [`MeshError::DuplicateField`] when fields and mesh do not fit,
/// [`MeshError::Operator`] for solid cells in poly data.
pub fn write_vtk_xml(
    mesh: &Mesh,
    fields: &[Field],
    data_set: VtkDataSet,
    options: &WriteOptions,
) -> Result<Vec<u8>, MeshError> {
    check_fields(mesh, fields)?;
    let mut encoder = Encoder::new(*options);
    encoder.xml.push_str(&opening(data_set, options));
    let order = match data_set {
        VtkDataSet::UnstructuredGrid => {
            encoder.xml.push_str(&format!(
                "<UnstructuredGrid>\n<Piece NumberOfPoints=\"{}\" NumberOfCells=\"{}\">\n",
                mesh.n_points(),
                mesh.n_cells()
            ));
            write_points(&mut encoder, mesh)?;
            write_cells(&mut encoder, mesh)?;
            None
        }
        VtkDataSet::PolyData => Some(write_poly_data(&mut encoder, mesh)?),
    };
    for (location, section) in [(Location::Point, "PointData"), (Location::Cell, "CellData")] {
        encoder.xml.push_str(&format!("<{section}>\n"));
        for field in fields.iter().filter(|field| field.location() == location) {
            let moved = match &order {
                Some(order) if location == Location::Cell => Some(permute(field, order)),
                _ => None,
            };
            let values = moved.as_ref().unwrap_or(field.values());
            encoder.array(field.name(), field.components(), values, field.unit())?;
        }
        encoder.xml.push_str(&format!("</{section}>\n"));
    }
    Ok(closing(encoder, data_set, options))
}

fn check_fields(mesh: &Mesh, fields: &[Field]) -> Result<(), MeshError> {
    let mut names = HashSet::new();
    for field in fields {
        let (name, location) = (field.name(), field.location());
        field.check_len(match location {
            Location::Point => mesh.n_points(),
            Location::Cell => mesh.n_cells(),
        })?;
        if !names.insert((name, location)) {
            return Err(MeshError::DuplicateField {
                name: name.to_owned(),
                location,
            });
        }
    }
    Ok(())
}

fn element(data_set: VtkDataSet) -> &'static str {
    match data_set {
        VtkDataSet::UnstructuredGrid => "UnstructuredGrid",
        VtkDataSet::PolyData => "PolyData",
    }
}

fn opening(data_set: VtkDataSet, options: &WriteOptions) -> String {
    let order = if cfg!(target_endian = "big") {
        "BigEndian"
    } else {
        "LittleEndian"
    };
    let compressor = match options.compression {
        // A reader may take text in a file with a compressor for packed.
        _ if options.encoding == Encoding::Ascii => "",
        Compression::None => "",
        Compression::Zlib => " compressor=\"vtkZLibDataCompressor\"",
        Compression::Lz4 => " compressor=\"vtkLZ4DataCompressor\"",
        Compression::Lzma => " compressor=\"vtkLZMADataCompressor\"",
    };
    format!(
        "<?xml version=\"1.0\"?>\n<VTKFile type=\"{}\" version=\"1.0\" byte_order=\"{order}\" \
         header_type=\"UInt64\"{compressor}>\n",
        element(data_set)
    )
}

fn closing(mut encoder: Encoder, data_set: VtkDataSet, options: &WriteOptions) -> Vec<u8> {
    encoder
        .xml
        .push_str(&format!("</Piece>\n</{}>\n", element(data_set)));
    if options.encoding == Encoding::AppendedRaw {
        encoder.xml.push_str("<AppendedData encoding=\"raw\">\n_");
    }
    let mut bytes = encoder.xml.into_bytes();
    if options.encoding == Encoding::AppendedRaw {
        bytes.extend_from_slice(&encoder.appended);
        bytes.extend_from_slice(b"\n</AppendedData>\n");
    }
    bytes.extend_from_slice(b"</VTKFile>\n");
    bytes
}

fn write_points(encoder: &mut Encoder, mesh: &Mesh) -> Result<(), MeshError> {
    let points = mesh.points().as_flattened();
    let values: Values = if points.iter().all(|&x| f64::from(x as f32) == x) {
        points.iter().map(|&x| x as f32).collect::<Vec<_>>().into()
    } else {
        points.to_vec().into()
    };
    encoder.xml.push_str("<Points>\n");
    encoder.array("Points", 3, &values, None)?;
    encoder.xml.push_str("</Points>\n");
    Ok(())
}

/// Indices in 32 bits where they fit, otherwise in 64.
fn indices(numbers: impl ExactSizeIterator<Item = usize> + Clone) -> Values {
    if numbers.clone().all(|number| i32::try_from(number).is_ok()) {
        numbers
            .map(|number| number as i32)
            .collect::<Vec<_>>()
            .into()
    } else {
        numbers
            .map(|number| number as i64)
            .collect::<Vec<_>>()
            .into()
    }
}

fn write_cells(encoder: &mut Encoder, mesh: &Mesh) -> Result<(), MeshError> {
    let nodes = mesh.connectivity().iter().map(|&node| node as usize);
    let types: Vec<u8> = mesh
        .cell_types()
        .iter()
        .map(|kind| kind.vtk_number())
        .collect();
    encoder.xml.push_str("<Cells>\n");
    encoder.array("connectivity", 1, &indices(nodes), None)?;
    encoder.array(
        "offsets",
        1,
        &indices(mesh.cell_offsets()[1..].iter().copied()),
        None,
    )?;
    encoder.array("types", 1, &types.into(), None)?;
    encoder.xml.push_str("</Cells>\n");
    Ok(())
}

/// Which of the sections verts, lines, polys and strips a kind of cell goes to.
fn poly_section(kind: CellType) -> Option<usize> {
    match kind {
        CellType::Vertex | CellType::PolyVertex => Some(0),
        CellType::Line | CellType::PolyLine => Some(1),
        CellType::Triangle | CellType::Polygon | CellType::Pixel | CellType::Quad => Some(2),
        CellType::TriangleStrip => Some(3),
        CellType::Tetra
        | CellType::Voxel
        | CellType::Hexahedron
        | CellType::Wedge
        | CellType::Pyramid => None,
    }
}

/// Writes piece, points and cells, and returns the order in which the cells now stand.
fn write_poly_data(encoder: &mut Encoder, mesh: &Mesh) -> Result<Vec<usize>, MeshError> {
    let mut sections: [Vec<usize>; 4] = Default::default();
    for (cell, &kind) in mesh.cell_types().iter().enumerate() {
        let section = poly_section(kind).ok_or_else(|| MeshError::Operator {
            operator: "writing poly data",
            problem: format!("cell {cell} is a {kind:?}; write solids to a .vtu instead"),
        })?;
        sections[section].push(cell);
    }
    let [verts, lines, polys, strips] = &sections;
    encoder.xml.push_str(&format!(
        "<PolyData>\n<Piece NumberOfPoints=\"{}\" NumberOfVerts=\"{}\" NumberOfLines=\"{}\" \
         NumberOfStrips=\"{}\" NumberOfPolys=\"{}\">\n",
        mesh.n_points(),
        verts.len(),
        lines.len(),
        strips.len(),
        polys.len()
    ));
    write_points(encoder, mesh)?;
    for (name, cells) in [
        ("Verts", verts),
        ("Lines", lines),
        ("Strips", strips),
        ("Polys", polys),
    ] {
        write_poly_section(encoder, mesh, name, cells)?;
    }
    Ok(sections.concat())
}

fn write_poly_section(
    encoder: &mut Encoder,
    mesh: &Mesh,
    name: &str,
    cells: &[usize],
) -> Result<(), MeshError> {
    let mut nodes: Vec<usize> = Vec::new();
    let mut offsets = Vec::with_capacity(cells.len());
    for &cell in cells {
        let cell = mesh.cell(cell);
        let first = nodes.len();
        nodes.extend(cell.nodes.iter().map(|&node| node as usize));
        if cell.kind == CellType::Pixel {
            // Poly data knows loops only.
            nodes.swap(first + 2, first + 3);
        }
        offsets.push(nodes.len());
    }
    encoder.xml.push_str(&format!("<{name}>\n"));
    encoder.array("connectivity", 1, &indices(nodes.iter().copied()), None)?;
    encoder.array("offsets", 1, &indices(offsets.iter().copied()), None)?;
    encoder.xml.push_str(&format!("</{name}>\n"));
    Ok(())
}

/// The tuples of a field in another order.
fn permute(field: &Field, order: &[usize]) -> Values {
    let n = field.components();
    for_values!(field.values(), v => {
        let tuples = order.iter().flat_map(|&tuple| &v[tuple * n..(tuple + 1) * n]);
        tuples.copied().collect::<Vec<_>>().into()
    })
}
