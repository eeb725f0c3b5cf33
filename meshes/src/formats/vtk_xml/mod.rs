//! VTK XML: unstructured grids (`.vtu`) and poly data (`.vtp`).
//!
//! Format: "VTK XML file formats", <https://docs.vtk.org/en/latest/design_documents/VTKFileFormats.html>,
//! and, where that is silent, what VTK's own writers and readers do (`IO/XML`, `IO/XMLParser`).
//!
//! Read: text, base64 inside elements, appended base64 and raw bytes; blocks of zlib, LZ4 and LZMA;
//! headers of 32 and 64 bits; both byte orders; ten number types; several pieces; the linear cells
//! 1 to 14. Not read: polyhedra and cells of higher order (an error says so), field data, and
//! arrays of text or bits (left out unless asked for by name, then an error). An array without a
//! name is called `Array N` after its position, as VTK does.
//!
//! The cells of poly data are numbered verts, lines, polys, strips, piece by piece; with several
//! pieces of mixed cells VTK numbers them differently. Cell fields follow the cells.
//!
//! Against hostile files: sizes are compared with each other and with a limit before anything is
//! decoded, and memory grows with what really is decompressed, not with what a header claims.

mod blocks;
mod cells;
mod decode;
mod document;
mod encode;
mod fill;
mod number;
mod parse;
mod read;
mod write;

pub use write::{VtkDataSet, write_vtk_xml};

use super::budget::limit;
use crate::{MeshError, MeshFile, ReadOptions};

/// Reads the bytes of a `.vtu` or `.vtp` file; `name` stands for the file in messages.
///
/// # Errors
/// [`MeshError::Malformed`] for a file that is cut off or damaged, [`MeshError::Unsupported`] for
/// cells, data sets or compressors that are not supported, [`MeshError::TooLarge`] above the limit
/// of `options`, [`MeshError::FieldMissing`] when a field asked for is not there, and what building
/// a mesh refuses: no points, coordinates that are not finite, cells with the wrong node count.
pub fn read_vtk_xml(
    bytes: &[u8],
    name: &str,
    options: &ReadOptions,
) -> Result<MeshFile, MeshError> {
    let document = parse::parse(bytes, name)?;
    let limit = limit(options, bytes.len());
    read::read(&document, name, bytes.len(), limit, options)
}
