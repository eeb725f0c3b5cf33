//! From a parsed [`Document`] to a mesh and its fields: decodes what is asked for, joins pieces.

use std::collections::HashSet;

use super::cells::Cells;
use super::decode::Decoder;
use super::document::{DataArray, Document, GridKind, Piece, Place, Section};
use crate::field::for_values;
use crate::{Field, FieldSelection, Location, Mesh, MeshError, MeshFile, ReadOptions, Values};

/// Decodes the arrays of `document` and builds the mesh.
pub(super) fn read(
    document: &Document<'_>,
    file: &str,
    file_bytes: usize,
    limit: u64,
    options: &ReadOptions,
) -> Result<MeshFile, MeshError> {
    let mut reader = PieceReader {
        file,
        kind: document.kind,
        decoder: Decoder::new(file, document, file_bytes, limit),
    };
    // Parallel writers leave pieces without points; those carry no arrays either.
    let pieces: Vec<(usize, &Piece<'_>)> = document
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.n_points > 0)
        .collect();
    let mut points = Vec::new();
    let mut cells = Cells::default();
    for &(index, piece) in &pieces {
        let base = points.len();
        reader.points(piece, index, &mut points)?;
        reader.cells(piece, index, base, &mut cells)?;
    }
    let mesh = Mesh::builder().points(points);
    let mesh = mesh.cells(cells.types, cells.offsets, cells.connectivity);
    let mesh = mesh.build().map_err(|error| error.in_file(file))?;
    let mut fields = Vec::new();
    for location in [Location::Point, Location::Cell] {
        reader.fields(&pieces, location, options.selection(location), &mut fields)?;
    }
    Ok(MeshFile { mesh, fields })
}

/// Reads the parts of one piece after the other.
pub(super) struct PieceReader<'a> {
    pub file: &'a str,
    kind: GridKind,
    pub decoder: Decoder<'a>,
}

impl PieceReader<'_> {
    fn points(
        &mut self,
        piece: &Piece<'_>,
        index: usize,
        points: &mut Vec<[f64; 3]>,
    ) -> Result<(), MeshError> {
        let section = Section::Points;
        let array = piece.section(section).next().ok_or_else(|| {
            self.malformed(
                Place {
                    section,
                    array: None,
                    piece: index,
                },
                format!(
                    "holds no array, but the piece has {} points",
                    piece.n_points
                ),
            )
        })?;
        if array.components != 3 {
            let problem = format!("has {} components per point, not 3", array.components);
            return Err(self.malformed(Place::array(array, index), problem));
        }
        let values = self
            .decoder
            .decode(array, index, piece.n_points.saturating_mul(3))?;
        for_values!(&values, v => {
            points.extend(v.chunks_exact(3).map(|p| [p[0] as f64, p[1] as f64, p[2] as f64]));
        });
        Ok(())
    }

    fn cells(
        &mut self,
        piece: &Piece<'_>,
        index: usize,
        base: usize,
        cells: &mut Cells,
    ) -> Result<(), MeshError> {
        match self.kind {
            GridKind::Unstructured => cells.append_unstructured(self, piece, index, base),
            GridKind::PolyData => cells.append_poly_data(self, piece, index, base),
        }
    }

    /// Reads the selected fields of one location from all pieces.
    fn fields(
        &mut self,
        pieces: &[(usize, &Piece<'_>)],
        location: Location,
        selection: &FieldSelection,
        fields: &mut Vec<Field>,
    ) -> Result<(), MeshError> {
        let section = match location {
            Location::Point => Section::PointData,
            Location::Cell => Section::CellData,
        };
        let Some(&(first_index, first)) = pieces.first() else {
            return Ok(());
        };
        self.check_names(first, section, location, selection)?;
        // Without the check for same columns, an array of a later piece would be lost silently.
        for &(index, piece) in &pieces[1..] {
            self.check_same_columns(first, first_index, piece, index, section)?;
        }
        // All pieces are walked in step: looking each column up would be quadratic.
        let mut columns: Vec<_> = pieces
            .iter()
            .map(|&(_, piece)| piece.section(section))
            .collect();
        for array in first.section(section) {
            let parts: Vec<&DataArray<'_>> =
                columns.iter_mut().filter_map(Iterator::next).collect();
            let Some(scalar) = array.scalar.filter(|_| selection.contains(&array.name)) else {
                continue;
            };
            let mut values = scalar.empty();
            for (&(index, piece), array) in pieces.iter().zip(parts) {
                self.append_field(piece, index, array, location, &mut values)?;
            }
            let components = usize::try_from(array.components).unwrap_or(usize::MAX);
            let field = Field::new(array.name.clone(), location, components, values)
                .map_err(|error| error.in_file(self.file))?;
            let unit = array.unit.as_deref().map_or("", str::trim);
            let field = if unit.is_empty() {
                field
            } else {
                field.with_unit(unit)
            };
            fields.push(field);
        }
        Ok(())
    }

    fn append_field(
        &mut self,
        piece: &Piece<'_>,
        index: usize,
        array: &DataArray<'_>,
        location: Location,
        values: &mut Values,
    ) -> Result<(), MeshError> {
        let tuples = match (location, self.kind) {
            (Location::Point, _) => piece.n_points,
            (Location::Cell, GridKind::Unstructured) => piece.n_cells,
            (Location::Cell, GridKind::PolyData) => piece
                .n_poly
                .iter()
                .fold(0, |sum: u64, &n| sum.saturating_add(n)),
        };
        let count = tuples.saturating_mul(array.components);
        self.decoder.append(array, index, count, values)
    }

    /// Checks that names are unique and that every array asked for is there and holds numbers.
    fn check_names(
        &self,
        piece: &Piece<'_>,
        section: Section,
        location: Location,
        selection: &FieldSelection,
    ) -> Result<(), MeshError> {
        let mut names = HashSet::new();
        for array in piece.section(section) {
            if !names.insert(array.name.as_str()) {
                let error = MeshError::DuplicateField {
                    name: array.name.clone(),
                    location,
                };
                return Err(error.in_file(self.file));
            }
        }
        let FieldSelection::Named(wanted) = selection else {
            return Ok(());
        };
        for name in wanted {
            match piece.section(section).find(|array| array.name == *name) {
                Some(array) if array.scalar.is_some() => {}
                Some(_) => {
                    return Err(MeshError::Unsupported {
                        file: self.file.to_owned(),
                        place: format!("{location} array `{name}`"),
                        problem: "holds text or bits, not numbers".to_owned(),
                    });
                }
                None => {
                    let present = names.iter().map(|&name| name.to_owned());
                    let mut present: Vec<String> = present.collect();
                    present.sort();
                    let name = name.clone();
                    let error = MeshError::FieldMissing {
                        name,
                        location,
                        present,
                    };
                    return Err(error.in_file(self.file));
                }
            }
        }
        Ok(())
    }

    /// Checks that a piece has the arrays of the first one, in the same order.
    fn check_same_columns(
        &self,
        first: &Piece<'_>,
        first_index: usize,
        piece: &Piece<'_>,
        index: usize,
        section: Section,
    ) -> Result<(), MeshError> {
        let mut others = piece.section(section);
        let mut firsts = first.section(section);
        loop {
            let problem = match (firsts.next(), others.next()) {
                (None, None) => return Ok(()),
                (Some(a), Some(b))
                    if (&a.name, a.scalar, a.components) == (&b.name, b.scalar, b.components) =>
                {
                    continue;
                }
                (Some(a), Some(b)) => format!(
                    "holds {} where piece {first_index} holds {}",
                    describe(b),
                    describe(a)
                ),
                (Some(a), None) => {
                    format!(
                        "lacks the array `{}` that piece {first_index} holds",
                        a.name
                    )
                }
                (None, Some(b)) => {
                    format!(
                        "holds the array `{}` that piece {first_index} lacks",
                        b.name
                    )
                }
            };
            return Err(self.malformed(
                Place {
                    section,
                    array: None,
                    piece: index,
                },
                problem,
            ));
        }
    }

    pub fn malformed(&self, place: Place<'_>, problem: String) -> MeshError {
        MeshError::Malformed {
            file: self.file.to_owned(),
            place: place.to_string(),
            problem,
        }
    }
}

/// Name, type and components of an array.
fn describe(array: &DataArray<'_>) -> String {
    let kind = array
        .scalar
        .map_or("text", |scalar| scalar.empty().type_name());
    format!("`{}` ({kind} x {})", array.name, array.components)
}
