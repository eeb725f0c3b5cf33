//! Reads the cells of a piece: types, offsets and connectivity.

use super::document::{DataArray, POLY_SECTIONS, Piece, Place, Section};
use super::read::PieceReader;
use crate::field::for_values;
use crate::{CellType, MeshError, Values};

/// The cells of all pieces read so far, numbered through.
#[derive(Debug)]
pub(super) struct Cells {
    pub types: Vec<CellType>,
    pub offsets: Vec<usize>,
    pub connectivity: Vec<u32>,
}

impl Default for Cells {
    fn default() -> Self {
        Self {
            types: Vec::new(),
            offsets: vec![0],
            connectivity: Vec::new(),
        }
    }
}

impl Cells {
    /// Appends the cells of a piece of an unstructured grid whose points start at `base`.
    pub fn append_unstructured(
        &mut self,
        reader: &mut PieceReader<'_>,
        piece: &Piece<'_>,
        index: usize,
        base: usize,
    ) -> Result<(), MeshError> {
        let section = Section::Cells;
        self.append_lists(reader, piece, index, section, piece.n_cells, base)?;
        if piece.n_cells == 0 {
            return Ok(());
        }
        let array = find(reader, piece, index, section, "types")?;
        let numbers = reader.decoder.decode(array, index, piece.n_cells)?;
        self.types.reserve(numbers.len());
        let bad = for_values!(&numbers, v => {
            let bad = v.iter().position(|&number| {
                let kind = number as i64;
                match u8::try_from(kind).ok().and_then(CellType::from_vtk) {
                    Some(kind) => {
                        self.types.push(kind);
                        false
                    }
                    None => true,
                }
            });
            bad.map(|cell| (cell, v[cell] as i64))
        });
        bad.map_or(Ok(()), |(cell, number)| {
            Err(MeshError::Unsupported {
                file: reader.file.to_owned(),
                place: Place::array(array, index).to_string(),
                problem: format!(
                    "cell {cell} has type {number}{}; supported are the linear cells 1 to 14",
                    describe(number)
                ),
            })
        })
    }

    /// Appends the cells of a piece of poly data whose points start at `base`.
    pub fn append_poly_data(
        &mut self,
        reader: &mut PieceReader<'_>,
        piece: &Piece<'_>,
        index: usize,
        base: usize,
    ) -> Result<(), MeshError> {
        for (section, count) in POLY_SECTIONS.into_iter().zip(piece.n_poly) {
            let first = self.offsets.len();
            self.append_lists(reader, piece, index, section, count, base)?;
            let types = self.offsets[first - 1..]
                .windows(2)
                .map(|ends| poly_type(section, ends[1] - ends[0]));
            self.types.extend(types);
        }
        Ok(())
    }

    /// Appends the offsets and the connectivity of one section.
    fn append_lists(
        &mut self,
        reader: &mut PieceReader<'_>,
        piece: &Piece<'_>,
        index: usize,
        section: Section,
        n_cells: u64,
        base: usize,
    ) -> Result<(), MeshError> {
        if n_cells == 0 {
            return Ok(());
        }
        let array = find(reader, piece, index, section, "offsets")?;
        let offsets = reader.decoder.decode(array, index, n_cells)?;
        let length = self
            .append_offsets(&offsets)
            .map_err(|problem| reader.malformed(Place::array(array, index), problem))?;
        let array = find(reader, piece, index, section, "connectivity")?;
        let nodes = reader.decoder.decode(array, index, length)?;
        self.append_nodes(&nodes, piece.n_points, base)
            .map_err(|problem| reader.malformed(Place::array(array, index), problem))
    }

    /// Appends the ends of cells and returns the length of the connectivity they imply.
    fn append_offsets(&mut self, offsets: &Values) -> Result<u64, String> {
        let base = self.connectivity.len();
        // Not all at once: offsets of 8 bits would be an eighth of what they turn into.
        self.offsets.reserve(offsets.len().min(1 << 20));
        for_values!(offsets, v => {
            let mut last = 0i64;
            for (cell, &end) in v.iter().enumerate() {
                let end = end as i64;
                if end <= last {
                    return Err(format!(
                        "entry {cell} is {end} after {last}: offsets must rise, there are no \
                         cells without nodes"
                    ));
                }
                last = end;
                // On overflow the sum is wrong, but then the connectivity is too large to decode.
                self.offsets.push(base.saturating_add(end as usize));
            }
            Ok(last as u64)
        })
    }

    /// Appends the nodes of a piece that has `n_points` points, the first of them being `base`.
    fn append_nodes(&mut self, nodes: &Values, n_points: u64, base: usize) -> Result<(), String> {
        self.connectivity.reserve(nodes.len());
        for_values!(nodes, v => {
            for (entry, &node) in v.iter().enumerate() {
                let node = node as i64;
                if node < 0 || node as u64 >= n_points {
                    return Err(format!(
                        "entry {entry} refers to point {node}, but the piece has {n_points} points"
                    ));
                }
                let node = u32::try_from(base as u64 + node as u64);
                self.connectivity.push(node.map_err(|_| "more than 2^32 points".to_owned())?);
            }
            Ok(())
        })
    }
}

/// The array `name` of a section, of an integer type.
fn find<'p, 'a>(
    reader: &PieceReader<'_>,
    piece: &'p Piece<'a>,
    index: usize,
    section: Section,
    name: &str,
) -> Result<&'p DataArray<'a>, MeshError> {
    use super::document::Scalar;
    let place = Place {
        section,
        array: None,
        piece: index,
    };
    let array = piece
        .section(section)
        .find(|array| array.name == name)
        .ok_or_else(|| reader.malformed(place, format!("the array `{name}` is missing")))?;
    match array.scalar {
        Some(Scalar::F32 | Scalar::F64) | None => {
            let problem = "its type must be an integer".to_owned();
            Err(reader.malformed(Place::array(array, index), problem))
        }
        _ => Ok(array),
    }
}

/// The kind of a cell of poly data with `n` nodes.
fn poly_type(section: Section, n: usize) -> CellType {
    match (section, n) {
        (Section::Verts, 1) => CellType::Vertex,
        (Section::Verts, _) => CellType::PolyVertex,
        (Section::Lines, 2) => CellType::Line,
        (Section::Lines, _) => CellType::PolyLine,
        (Section::Strips, _) => CellType::TriangleStrip,
        (_, 3) => CellType::Triangle,
        (_, 4) => CellType::Quad,
        _ => CellType::Polygon,
    }
}

/// What an unsupported VTK cell type is.
fn describe(number: i64) -> &'static str {
    match number {
        0 => " (empty cell)",
        15..=20 => " (prism or other special cell)",
        21..=37 => " (quadratic; linearise it, in ParaView with Tessellate)",
        41 => " (convex point set)",
        42 => " (polyhedron; split it, in ParaView with Tetrahedralize)",
        60..=81 => " (higher order; linearise it, in ParaView with Tessellate)",
        _ => "",
    }
}
