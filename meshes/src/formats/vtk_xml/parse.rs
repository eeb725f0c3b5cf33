//! From bytes to a [`Document`]: walks the XML once, without copying or decoding array texts.

mod attributes;

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::document::{
    Appended, Compressor, DataArray, Document, Format, GridKind, Layout, Piece, Scalar, Section,
};
use crate::MeshError;

/// An open element, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    VtkFile,
    Grid,
    Piece,
    Section(Section),
    DataArray,
    /// `<InformationKey name="UNITS_LABEL">` inside a data array.
    Unit,
    /// Anything else, and everything below it.
    Other,
}

/// Parses `bytes`, the content of the file called `file`.
pub(super) fn parse<'a>(bytes: &'a [u8], file: &str) -> Result<Document<'a>, MeshError> {
    let mut parser = Parser {
        file,
        reader: Reader::from_reader(bytes),
        open: Vec::new(),
        layout: None,
        kind: None,
        pieces: Vec::new(),
        n_arrays: 0,
        appended: None,
    };
    parser.run(bytes)?;
    let (Some((layout, _)), Some(kind)) = (parser.layout, parser.kind) else {
        return Err(parser.malformed("there is no grid: not a VTK XML file".to_owned()));
    };
    Ok(Document {
        layout,
        kind,
        pieces: parser.pieces,
        appended: parser.appended,
    })
}

struct Parser<'a, 'f> {
    file: &'f str,
    reader: Reader<&'a [u8]>,
    open: Vec<Element>,
    /// The layout and the grid kind that `<VTKFile>` announces.
    layout: Option<(Layout, GridKind)>,
    /// Set once the grid element itself has been seen.
    kind: Option<GridKind>,
    pieces: Vec<Piece<'a>>,
    /// Arrays seen so far in the section that is open.
    n_arrays: usize,
    appended: Option<Appended<'a>>,
}

impl<'a> Parser<'a, '_> {
    fn run(&mut self, bytes: &'a [u8]) -> Result<(), MeshError> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|error| self.xml_error(&error))?;
            match event {
                Event::Start(start) if self.is_appended(&start) => {
                    return self.appended(&start, bytes);
                }
                Event::Start(start) => {
                    let element = self.start(&start)?;
                    self.open.push(element);
                }
                Event::Empty(start) => drop(self.start(&start)?),
                Event::End(_) => drop(self.open.pop()),
                Event::Text(text) => self.text(text.into_inner()),
                Event::CData(text) => self.text(text.into_inner()),
                Event::GeneralRef(name) => self.reference(&name)?,
                Event::Eof => break,
                _ => {}
            }
        }
        if self.open.is_empty() {
            return Ok(());
        }
        Err(self.malformed(format!(
            "the file ends inside {}; it is cut off",
            self.innermost()
        )))
    }

    /// Handles a start tag and says what it opens.
    fn start(&mut self, start: &BytesStart<'_>) -> Result<Element, MeshError> {
        let name = start.name();
        let name: &str = name.as_ref();
        Ok(match (self.open.last(), name) {
            (None, "VTKFile") => {
                self.layout = Some(self.vtk_file(start)?);
                Element::VtkFile
            }
            (None, _) => {
                let problem = format!("the outermost element is <{name}>, not <VTKFile>");
                return Err(self.malformed(problem));
            }
            (Some(Element::VtkFile), "UnstructuredGrid" | "PolyData") => {
                self.kind = self.layout.map(|(_, kind)| kind);
                Element::Grid
            }
            (Some(Element::Grid), "Piece") => {
                let piece = self.piece(start)?;
                self.pieces.push(piece);
                Element::Piece
            }
            (Some(Element::Piece), _) => {
                self.n_arrays = 0;
                Section::from_name(name).map_or(Element::Other, Element::Section)
            }
            (Some(&Element::Section(section)), "DataArray" | "Array") => {
                let array = self.data_array(start, section)?;
                if let Some(piece) = self.pieces.last_mut() {
                    piece.arrays.push(array);
                }
                self.n_arrays += 1;
                Element::DataArray
            }
            (Some(Element::DataArray), "InformationKey") => {
                let key = self.attribute(start, "name")?;
                if key.as_deref() == Some("UNITS_LABEL") {
                    Element::Unit
                } else {
                    Element::Other
                }
            }
            _ => Element::Other,
        })
    }

    fn vtk_file(&self, start: &BytesStart<'_>) -> Result<(Layout, GridKind), MeshError> {
        let kind = match self.attribute(start, "type")?.as_deref() {
            Some("UnstructuredGrid") => GridKind::Unstructured,
            Some("PolyData") => GridKind::PolyData,
            Some(other) => {
                return Err(self.unsupported(format!(
                    "type `{other}` is not supported; only UnstructuredGrid and PolyData are \
                     (in ParaView: save as .vtu or .vtp)"
                )));
            }
            None => return Err(self.malformed("attribute `type` is missing".to_owned())),
        };
        let big_endian = match self.attribute(start, "byte_order")?.as_deref() {
            Some("BigEndian") => true,
            Some("LittleEndian") | None => false,
            Some(other) => return Err(self.malformed(format!("unknown byte_order `{other}`"))),
        };
        let header_bytes = match self.attribute(start, "header_type")?.as_deref() {
            Some("UInt64") => 8,
            Some("UInt32") | None => 4,
            Some(other) => return Err(self.malformed(format!("unknown header_type `{other}`"))),
        };
        let compressor = match self.attribute(start, "compressor")?.as_deref() {
            None | Some("") => None,
            Some("vtkZLibDataCompressor") => Some(Compressor::Zlib),
            Some("vtkLZ4DataCompressor") => Some(Compressor::Lz4),
            Some("vtkLZMADataCompressor") => Some(Compressor::Lzma),
            Some(other) => {
                return Err(self.unsupported(format!("compressor `{other}` is not supported")));
            }
        };
        Ok((
            Layout {
                big_endian,
                header_bytes,
                compressor,
            },
            kind,
        ))
    }

    fn piece(&self, start: &BytesStart<'_>) -> Result<Piece<'a>, MeshError> {
        let n_points = self.count(start, "NumberOfPoints")?;
        let n_points = n_points
            .ok_or_else(|| self.malformed("attribute `NumberOfPoints` is missing".to_owned()))?;
        let mut piece = Piece {
            n_points,
            ..Piece::default()
        };
        match self.kind {
            Some(GridKind::Unstructured) => {
                piece.n_cells = self.count(start, "NumberOfCells")?.ok_or_else(|| {
                    self.malformed("attribute `NumberOfCells` is missing".to_owned())
                })?;
            }
            _ => {
                let names = [
                    "NumberOfVerts",
                    "NumberOfLines",
                    "NumberOfPolys",
                    "NumberOfStrips",
                ];
                for (count, name) in piece.n_poly.iter_mut().zip(names) {
                    *count = self.count(start, name)?.unwrap_or(0);
                }
            }
        }
        Ok(piece)
    }

    fn data_array(
        &self,
        start: &BytesStart<'_>,
        section: Section,
    ) -> Result<DataArray<'a>, MeshError> {
        let name = match self.attribute(start, "Name")? {
            Some(name) => name.into_owned(),
            // The name VTK itself gives to an array without one: its position in the section.
            None => format!("Array {}", self.n_arrays),
        };
        let scalar = match self.attribute(start, "type")?.as_deref() {
            Some("String" | "Bit") => None,
            Some(kind) => Some(Scalar::from_name(kind).ok_or_else(|| {
                self.malformed(format!("array `{name}` has the unknown type `{kind}`"))
            })?),
            None => return Err(self.malformed(format!("array `{name}` has no attribute `type`"))),
        };
        let components = self.count(start, "NumberOfComponents")?.unwrap_or(1);
        let format = match self.attribute(start, "format")?.as_deref() {
            Some("ascii") | None => Format::Ascii,
            Some("binary") => Format::Base64,
            Some("appended") => {
                Format::Appended(self.count(start, "offset")?.ok_or_else(|| {
                    self.malformed(format!("appended array `{name}` has no attribute `offset`"))
                })?)
            }
            Some(other) => {
                let problem = format!("array `{name}` has the unknown format `{other}`");
                return Err(self.malformed(problem));
            }
        };
        Ok(DataArray {
            section,
            name,
            scalar,
            components,
            format,
            text: "".into(),
            unit: None,
        })
    }

    /// Adds text to the array (or to its unit) that is open.
    ///
    /// An array's numbers may be split: `<InformationKey>` elements stand before or after them,
    /// with white space around (which must not cost a copy), and comments may stand between.
    fn text(&mut self, text: Cow<'a, str>) {
        let element = self.open.last();
        let is_unit = element == Some(&Element::Unit);
        if !is_unit && element != Some(&Element::DataArray) {
            return;
        }
        let Some(array) = self
            .pieces
            .last_mut()
            .and_then(|piece| piece.arrays.last_mut())
        else {
            return;
        };
        if is_unit {
            array.unit.get_or_insert_default().push_str(&text);
        } else if array.text.is_empty() {
            array.text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii_start()),
                Cow::Owned(text) => Cow::Owned(text.trim_ascii_start().to_owned()),
            };
        } else if !text.trim_ascii_start().is_empty() {
            array.text.to_mut().push_str(&text);
        }
    }

    /// Adds the character that a reference such as `&lt;` stands for to a unit.
    fn reference(&mut self, reference: &BytesRef<'a>) -> Result<(), MeshError> {
        if !matches!(self.open.last(), Some(Element::DataArray | Element::Unit)) {
            return Ok(());
        }
        let name: &str = &reference.clone().into_inner();
        if self.open.last() == Some(&Element::DataArray) {
            return Err(self.malformed(format!("`&{name};` stands among the numbers")));
        }
        let character = reference
            .resolve_char_ref()
            .map_err(|error| self.malformed(error.to_string()))?;
        let text = match (character, resolve_predefined_entity(name)) {
            (Some(character), _) => character.to_string(),
            (None, Some(text)) => text.to_owned(),
            (None, None) => return Err(self.malformed(format!("unknown entity `&{name};`"))),
        };
        self.text(text.into());
        Ok(())
    }

    fn is_appended(&self, start: &BytesStart<'_>) -> bool {
        let name = start.name();
        let name: &str = name.as_ref();
        name == "AppendedData" && self.open.last() == Some(&Element::VtkFile)
    }

    /// Everything behind the first underscore belongs to the arrays; raw bytes are not XML, so
    /// parsing ends here.
    fn appended(&mut self, start: &BytesStart<'_>, bytes: &'a [u8]) -> Result<(), MeshError> {
        let base64 = match self.attribute(start, "encoding")?.as_deref() {
            Some("raw") => false,
            Some("base64") | None => true,
            Some(other) => {
                return Err(self.malformed(format!("unknown encoding `{other}` of AppendedData")));
            }
        };
        let rest = bytes
            .get(self.reader.buffer_position() as usize..)
            .unwrap_or_default();
        let blanks = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let Some((b'_', bytes)) = rest[blanks..].split_first() else {
            return Err(self.malformed("AppendedData does not start with `_`".to_owned()));
        };
        self.appended = Some(Appended { base64, bytes });
        Ok(())
    }

    /// The innermost open element that has a name of its own.
    fn innermost(&self) -> String {
        let array = self.pieces.last().and_then(|piece| piece.arrays.last());
        match (
            self.open
                .iter()
                .rev()
                .find(|&&element| element != Element::Other),
            array,
        ) {
            (Some(Element::DataArray | Element::Unit), Some(array)) => {
                format!("array `{}` of <{}>", array.name, array.section)
            }
            (Some(Element::Section(section)), _) => format!("<{section}>"),
            (Some(Element::Piece), _) => format!("piece {}", self.pieces.len().saturating_sub(1)),
            _ => "<VTKFile>".to_owned(),
        }
    }

    fn place(&self) -> String {
        format!("byte {}", self.reader.buffer_position())
    }

    fn malformed(&self, problem: String) -> MeshError {
        MeshError::Malformed {
            file: self.file.to_owned(),
            place: self.place(),
            problem,
        }
    }

    fn unsupported(&self, problem: String) -> MeshError {
        MeshError::Unsupported {
            file: self.file.to_owned(),
            place: self.place(),
            problem,
        }
    }

    fn xml_error(&self, error: &quick_xml::Error) -> MeshError {
        MeshError::Malformed {
            file: self.file.to_owned(),
            place: format!("byte {}", self.reader.error_position()),
            problem: format!("{error} (inside {})", self.innermost()),
        }
    }
}
