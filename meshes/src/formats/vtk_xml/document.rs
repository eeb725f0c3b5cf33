//! The skeleton of a VTK XML file: pieces and the arrays they describe, not yet decoded.

use std::borrow::Cow;
use std::fmt;

use crate::Values;

/// A parsed file; the texts still lie in the file's bytes.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub layout: Layout,
    pub kind: GridKind,
    pub pieces: Vec<Piece<'a>>,
    pub appended: Option<Appended<'a>>,
}

/// What the attributes of `<VTKFile>` say about all arrays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub big_endian: bool,
    /// Bytes of one entry of an array's header: 4 or 8.
    pub header_bytes: usize,
    pub compressor: Option<Compressor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GridKind {
    Unstructured,
    PolyData,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compressor {
    Zlib,
    Lz4,
    Lzma,
}

/// The bytes behind the underscore of `<AppendedData>`, up to the end of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appended<'a> {
    pub base64: bool,
    pub bytes: &'a [u8],
}

/// One `<Piece>`.
#[derive(Debug, Default)]
pub(super) struct Piece<'a> {
    pub n_points: u64,
    /// Cells of an unstructured grid.
    pub n_cells: u64,
    /// Cells of poly data, in the order of [`POLY_SECTIONS`].
    pub n_poly: [u64; 4],
    pub arrays: Vec<DataArray<'a>>,
}

impl<'a> Piece<'a> {
    /// The arrays of one section, in file order.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &DataArray<'a>> {
        self.arrays
            .iter()
            .filter(move |array| array.section == section)
    }
}

/// The part of a piece that an array stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    PointData,
    CellData,
    Points,
    Cells,
    Verts,
    Lines,
    Polys,
    Strips,
}

/// The cell sections of poly data, in the order in which cell data runs through them.
pub(super) const POLY_SECTIONS: [Section; 4] = [
    Section::Verts,
    Section::Lines,
    Section::Polys,
    Section::Strips,
];

impl Section {
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "PointData" => Self::PointData,
            "CellData" => Self::CellData,
            "Points" => Self::Points,
            "Cells" => Self::Cells,
            "Verts" => Self::Verts,
            "Lines" => Self::Lines,
            "Polys" => Self::Polys,
            "Strips" => Self::Strips,
            _ => return None,
        })
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One `<DataArray>` (or `<Array>`), not yet decoded.
#[derive(Debug)]
pub(super) struct DataArray<'a> {
    pub section: Section,
    pub name: String,
    /// `None` for types without numbers (`String`, `Bit`).
    pub scalar: Option<Scalar>,
    pub components: u64,
    pub format: Format,
    /// The text inside the element; empty for appended arrays.
    pub text: Cow<'a, str>,
    pub unit: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Ascii,
    Base64,
    /// At this offset of the appended data.
    Appended(u64),
}

/// The number type of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Scalar {
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "Int8" => Self::I8,
            "UInt8" => Self::U8,
            "Int16" => Self::I16,
            "UInt16" => Self::U16,
            "Int32" => Self::I32,
            "UInt32" => Self::U32,
            "Int64" => Self::I64,
            "UInt64" => Self::U64,
            "Float32" => Self::F32,
            "Float64" => Self::F64,
            _ => return None,
        })
    }

    /// An empty vector of this type.
    pub fn empty(self) -> Values {
        match self {
            Self::I8 => Values::I8(Vec::new()),
            Self::U8 => Values::U8(Vec::new()),
            Self::I16 => Values::I16(Vec::new()),
            Self::U16 => Values::U16(Vec::new()),
            Self::I32 => Values::I32(Vec::new()),
            Self::U32 => Values::U32(Vec::new()),
            Self::I64 => Values::I64(Vec::new()),
            Self::U64 => Values::U64(Vec::new()),
            Self::F32 => Values::F32(Vec::new()),
            Self::F64 => Values::F64(Vec::new()),
        }
    }
}

/// Where in a file something is, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub section: Section,
    pub array: Option<&'a str>,
    pub piece: usize,
}

impl<'a> Place<'a> {
    pub fn array(array: &'a DataArray<'_>, piece: usize) -> Self {
        Self {
            section: array.section,
            array: Some(&array.name),
            piece,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(array) = self.array {
            write!(f, "array `{array}` of ")?;
        }
        write!(f, "<{}> in piece {}", self.section, self.piece)
    }
}
