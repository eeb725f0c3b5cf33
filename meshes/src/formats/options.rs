//! What to read from a file, and how to write one.

use crate::Location;

/// Which fields of one location to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldSelection {
    /// All of them.
    #[default]
    All,
    /// None of them.
    None,
    /// Those with these names; reading fails when one is not in the file.
    Named(Vec<String>),
}

impl FieldSelection {
    /// The fields with these names.
    pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::Named(names.into_iter().map(Into::into).collect())
    }

    /// Whether the field `name` is selected.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Named(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

/// What to read from a mesh file. Arrays that are not selected are not decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Fields at points; all by default.
    pub point_fields: FieldSelection,
    /// Fields at cells; all by default.
    pub cell_fields: FieldSelection,
    /// Limit on the bytes of all decoded arrays together, against files made to exhaust the
    /// memory. `None` (the default) is 64 MiB plus 100 times the size of the file.
    pub max_decoded_bytes: Option<u64>,
    /// Of Gmsh files: whether elements of second order become the linear ones of their corners.
    /// By default they are refused, since that changes curved geometry.
    pub linearise: bool,
}

impl ReadOptions {
    /// The selection for one location.
    pub fn selection(&self, location: Location) -> &FieldSelection {
        match location {
            Location::Point => &self.point_fields,
            Location::Cell => &self.cell_fields,
        }
    }
}

/// How the arrays of a VTK XML file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// Decimal text; floating-point numbers with as many digits as reading them back needs. VTK 9
    /// takes a negative infinity in text for a positive one; the other encodings are exact.
    Ascii,
    /// Base64 inside each element.
    #[default]
    Base64,
    /// Bytes at the end of the file: smallest and fastest, but the file is no longer valid XML
    /// (VTK, ParaView and this crate read it).
    AppendedRaw,
}

/// How the arrays of a VTK XML file are compressed; text encoding ignores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    /// Not at all.
    None,
    /// Deflate, readable by every VTK.
    #[default]
    Zlib,
    /// Fast, larger; VTK 8.1 and later.
    Lz4,
    /// Slow, smallest; VTK 8.2 and later.
    Lzma,
}

/// How to write a mesh file. The default, zlib in base64, opens everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WriteOptions {
    /// Text, base64 or raw bytes.
    pub encoding: Encoding,
    /// The compressor.
    pub compression: Compression,
}
