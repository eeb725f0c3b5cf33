//! The one error type of this crate.

use std::path::PathBuf;

use crate::{CellType, Location};

/// Why a mesh, a field or a file could not be worked with.
///
/// Every message names the thing at fault (file, array, index) and, where there is one, the mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was attempted: `read`, `write`, ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },

    /// The extension names no format that is known here.
    #[error("`{}`: unknown mesh format; use one of {known}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The extensions that are known.
        known: &'static str,
    },

    /// The file breaks the rules of its format.
    #[error("{file}: {place}: {problem}")]
    Malformed {
        /// The file.
        file: String,
        /// Where in the file: element, array, piece.
        place: String,
        /// What is wrong there, with indices and counts.
        problem: String,
    },

    /// The file is sound but uses something that is not supported.
    #[error("{file}: {place}: {problem}")]
    Unsupported {
        /// The file.
        file: String,
        /// Where in the file.
        place: String,
        /// What is not supported, and what to do instead.
        problem: String,
    },

    /// The file claims more decoded data than a file of its size may.
    #[error(
        "{file}: {place}: claims {claimed} bytes of data, above the limit of {limit} for a file \
         of this size; if the file is sound, raise `ReadOptions::max_decoded_bytes`"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// Where in the file.
        place: String,
        /// Claimed bytes after decoding, all arrays so far.
        claimed: u64,
        /// The limit in bytes.
        limit: u64,
    },

    /// A fault of the mesh or of a field, found while reading or writing a file.
    #[error("{file}: {source}")]
    InFile {
        /// The file.
        file: String,
        /// The fault.
        source: Box<MeshError>,
    },

    /// The mesh has no points.
    #[error("the mesh has no points")]
    EmptyMesh,

    /// The mesh has more points or cells than 32-bit indices can number.
    #[error("the mesh has {count} {what}; at most {} are supported", u32::MAX)]
    TooManyIndices {
        /// `points` or `cells`.
        what: &'static str,
        /// How many there are.
        count: usize,
    },

    /// A coordinate is NaN or infinite.
    #[error("point {point}: coordinate {} is {value}, not a finite number", ["x", "y", "z"][*axis])]
    PointNotFinite {
        /// Index of the point.
        point: usize,
        /// 0, 1 or 2.
        axis: usize,
        /// The value.
        value: f64,
    },

    /// The three arrays that describe cells do not fit each other.
    #[error(
        "cells: {types} types, {offsets} offsets and {connectivity} connectivity entries do not \
         fit (expected one offset more than types, starting at 0 and ending at the length of the \
         connectivity)"
    )]
    CellArrays {
        /// Number of types.
        types: usize,
        /// Number of offsets.
        offsets: usize,
        /// Number of connectivity entries.
        connectivity: usize,
    },

    /// The offsets of a cell go backwards or past the end of the connectivity.
    #[error("cell {cell}: its nodes would lie from {start} to {end} in a connectivity of {length}")]
    CellOffsets {
        /// Index of the cell.
        cell: usize,
        /// First position.
        start: usize,
        /// Position after the last.
        end: usize,
        /// Length of the connectivity.
        length: usize,
    },

    /// A cell has a number of nodes that its kind does not allow.
    #[error(
        "cell {cell}: a {kind:?} has {} {} nodes, this one has {found}",
        if kind.fixed_node_count().is_some() { "exactly" } else { "at least" },
        kind.min_node_count()
    )]
    CellNodeCount {
        /// Index of the cell.
        cell: usize,
        /// Its kind.
        kind: CellType,
        /// The number of nodes it was given.
        found: usize,
    },

    /// A cell refers to a point that does not exist.
    #[error(
        "cell {cell}, node {position}: refers to point {node}, but there are {n_points} points"
    )]
    NodeOutOfRange {
        /// Index of the cell.
        cell: usize,
        /// Position of the node inside the cell.
        position: usize,
        /// The index found.
        node: i64,
        /// Number of points of the mesh.
        n_points: usize,
    },

    /// Two zones share a name.
    #[error("zone `{name}` is defined twice")]
    DuplicateZone {
        /// The name.
        name: String,
    },

    /// A zone refers to a point or cell that does not exist.
    #[error(
        "zone `{zone}`, entry {position}: {location} {index} does not exist, there are {count}"
    )]
    ZoneOutOfRange {
        /// Name of the zone.
        zone: String,
        /// Point or cell zone.
        location: Location,
        /// Position inside the zone's list.
        position: usize,
        /// The index found.
        index: u32,
        /// Number of points or cells of the mesh.
        count: usize,
    },

    /// The number of values is not a multiple of the number of components.
    #[error(
        "field `{field}`: {values} values cannot be split into tuples of {components} components"
    )]
    FieldShape {
        /// Name of the field.
        field: String,
        /// Values per tuple.
        components: usize,
        /// Number of values in all.
        values: usize,
    },

    /// A field has not one tuple per point (or cell) of the mesh.
    #[error("{location} field `{field}` has {found} tuples, the mesh has {expected} {location}s")]
    FieldLength {
        /// Name of the field.
        field: String,
        /// Where its values live.
        location: Location,
        /// Tuples expected.
        expected: usize,
        /// Tuples found.
        found: usize,
    },

    /// A field that was asked for is not there.
    #[error(
        "no {location} field `{name}`; {location} fields present: {}",
        list(present)
    )]
    FieldMissing {
        /// The name asked for.
        name: String,
        /// The location asked for.
        location: Location,
        /// Names of the fields at that location.
        present: Vec<String>,
    },

    /// Two fields of the same location share a name.
    #[error("{location} field `{name}` is there twice")]
    DuplicateField {
        /// The name.
        name: String,
        /// The location.
        location: Location,
    },

    /// A value is NaN or infinite.
    #[error(
        "{location} field `{field}`, tuple {tuple}, component {component}: {value} is not a finite number"
    )]
    FieldNotFinite {
        /// Name of the field.
        field: String,
        /// Where its values live.
        location: Location,
        /// Index of the point or cell.
        tuple: usize,
        /// Component inside the tuple.
        component: usize,
        /// The value.
        value: f64,
    },

    /// Points, segments or parameters that make no usable geometry.
    #[error("{subject}: {problem}")]
    Geometry {
        /// The contour, segment, airfoil or parameter at fault.
        subject: String,
        /// What is wrong with it, and the mend.
        problem: String,
    },

    /// An operator was given a mesh or values it cannot work on.
    #[error("{operator}: {problem}")]
    Operator {
        /// The operator.
        operator: &'static str,
        /// What is wrong with its input, with indices and shapes.
        problem: String,
    },
}

/// Names in backticks, separated by commas; `none` for an empty list.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

impl MeshError {
    /// Puts the name of a file in front of an error that does not name one yet.
    pub fn in_file(self, file: impl Into<String>) -> Self {
        match self {
            Self::Io { .. }
            | Self::UnknownFormat { .. }
            | Self::Malformed { .. }
            | Self::Unsupported { .. }
            | Self::TooLarge { .. }
            | Self::InFile { .. } => self,
            other => Self::InFile {
                file: file.into(),
                source: Box::new(other),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_what_is_there() {
        let error = MeshError::FieldMissing {
            name: "nut".into(),
            location: Location::Point,
            present: vec!["U".into(), "p".into()],
        };
        assert_eq!(
            error.to_string(),
            "no point field `nut`; point fields present: `U`, `p`"
        );
        let error = MeshError::CellNodeCount {
            cell: 7,
            kind: CellType::Quad,
            found: 3,
        };
        assert_eq!(
            error.to_string(),
            "cell 7: a Quad has exactly 4 nodes, this one has 3"
        );
    }

    #[test]
    fn a_file_is_named_once() {
        let error = MeshError::EmptyMesh.in_file("a.vtu").in_file("b.vtu");
        assert_eq!(error.to_string(), "a.vtu: the mesh has no points");
    }
}
