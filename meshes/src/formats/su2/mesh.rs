//! SU2 meshes: keywords with a value, some of them followed by as many lines of numbers.
//!
//! Read: `NDIME` 2 or 3, `NELEM` with the linear elements of SU2, `NPOIN`, `NMARK` with its markers
//! as cell zones; sections in any order, `%` comments, with or without an index at the end of a line.
//! Other keywords, such as those of free-form deformation boxes, are passed over with their lines.
//!
//! 1. The elements of markers become cells like all others, in file order; their zones name them.
//! 2. Markers `SEND_RECEIVE`, which partitioning left in old files, are left out.
//! 3. Several zones in one file (`NZONE`) are refused: a mesh here is one.

use super::super::fields::check_fields;
use super::super::scan::Scanner;
use crate::{CellType, Location, Mesh, MeshBuilder, MeshError, MeshFile, ReadOptions, Zone};

/// Reads the bytes of an SU2 mesh; `name` stands for the file in messages. Points of plane meshes
/// have z = 0; every marker is a zone of cells.
///
/// # Errors
/// [`MeshError::Malformed`] for a file that is cut off or damaged, with the line;
/// [`MeshError::Unsupported`] for several zones; and what building a mesh refuses: no points,
/// coordinates that are not finite, nodes that are not there, two markers of one name.
pub fn read_su2(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<MeshFile, MeshError> {
    let mut reader = Reader {
        scan: Scanner::new(bytes, name),
        dimension: None,
        points: Vec::new(),
        types: Vec::new(),
        offsets: vec![0],
        connectivity: Vec::new(),
        zones: Vec::new(),
        markers: None,
        found_markers: 0,
    };
    // Lines behind a keyword that is not known here belong to it.
    let mut passing = false;
    while let Some(line) = reader.line() {
        match keyword(line) {
            Some((key, value)) => passing = !reader.section(key, value)?,
            None if passing => {}
            None => {
                let shown = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
                return Err(reader.scan.malformed(format!(
                    "`{shown}` stands behind all that the counts announce"
                )));
            }
        }
    }
    let mesh = reader.finish()?.build();
    let mesh = mesh.map_err(|error| error.in_file(name))?;
    // There are no fields in these files, which matters when some are asked for by name.
    check_fields(&mesh, &[], options).map_err(|error| error.in_file(name))?;
    let fields = Vec::new();
    Ok(MeshFile { mesh, fields })
}

struct Reader<'a> {
    scan: Scanner<'a>,
    dimension: Option<usize>,
    points: Vec<[f64; 3]>,
    types: Vec<CellType>,
    offsets: Vec<usize>,
    connectivity: Vec<u32>,
    zones: Vec<Zone>,
    /// What `NMARK` says.
    markers: Option<u64>,
    found_markers: u64,
}

impl<'a> Reader<'a> {
    /// The next line that holds something, without comment and blanks.
    fn line(&mut self) -> Option<&'a [u8]> {
        loop {
            let line = self.scan.line()?;
            let end = line.iter().position(|&byte| byte == b'%');
            let line = line[..end.unwrap_or(line.len())].trim_ascii();
            if !line.is_empty() {
                return Some(line);
            }
        }
    }

    /// Reads what belongs to a keyword; whether it is known.
    fn section(&mut self, key: &[u8], value: &[u8]) -> Result<bool, MeshError> {
        self.scan.section = String::from_utf8_lossy(&key[..key.len().min(40)]).into_owned();
        match key {
            b"NDIME" => {
                let dimension: usize = self.scan.parse(Some(value), "the dimension")?;
                if !matches!(dimension, 2 | 3) {
                    let problem = format!("the dimension is {dimension}; 2 and 3 are possible");
                    return Err(self.scan.malformed(problem));
                }
                self.dimension = Some(dimension);
            }
            b"NELEM" => {
                let dimension = self.dimension()?;
                let count = self.count(value)?;
                self.elements(count, dimension)?;
            }
            b"NPOIN" => self.read_points(value)?,
            b"NMARK" => self.markers = Some(self.count(value)?),
            b"MARKER_TAG" => self.marker(value)?,
            b"NZONE" if self.count(value)? != 1 => {
                return Err(self.scan.unsupported(
                    "several zones in one file; write each to a file of its own".to_owned(),
                ));
            }
            b"NZONE" | b"IZONE" => {}
            _ => return Ok(false),
        }
        self.scan.section.clear();
        Ok(true)
    }

    fn dimension(&self) -> Result<usize, MeshError> {
        self.dimension.ok_or_else(|| {
            self.scan
                .malformed("`NDIME=` must stand before this".to_owned())
        })
    }

    /// The first number of a value; points may have a second one.
    fn count(&self, value: &[u8]) -> Result<u64, MeshError> {
        let first = value.split(u8::is_ascii_whitespace).next();
        self.scan.parse(first, "the count")
    }

    /// The next line of a section, which must be there and must not be a keyword.
    fn numbers(&mut self, index: u64, count: u64) -> Result<&'a [u8], MeshError> {
        match self.line() {
            Some(line) if keyword(line).is_none() => Ok(line),
            _ => Err(self
                .scan
                .malformed(format!("{count} lines announced, {index} are there"))),
        }
    }

    /// Reads `count` elements of a dimension.
    fn elements(&mut self, count: u64, dimension: usize) -> Result<(), MeshError> {
        for index in 0..count {
            let line = self.numbers(index, count)?;
            let mut words = words(line);
            let number: u8 = self.scan.parse(words.next(), "the type of an element")?;
            let kind = match number {
                1 | 3 | 5 | 9 | 10 | 12 | 13 | 14 => CellType::from_vtk(number),
                _ => None,
            };
            let kind = kind
                .filter(|kind| kind.dimension() == dimension)
                .ok_or_else(|| {
                    self.scan.malformed(format!(
                    "element {index} has the type {number}, which is none of {dimension} dimensions"
                ))
                })?;
            for _ in 0..kind.min_node_count() {
                let node = self.scan.parse(words.next(), "a node of an element")?;
                self.connectivity.push(node);
            }
            self.nothing_but_index(words, index)?;
            self.types.push(kind);
            self.offsets.push(self.connectivity.len());
        }
        Ok(())
    }

    fn read_points(&mut self, value: &[u8]) -> Result<(), MeshError> {
        let dimension = self.dimension()?;
        let count = self.count(value)?;
        for index in 0..count {
            let line = self.numbers(index, count)?;
            let mut words = words(line);
            let mut point = [0.0; 3];
            for coordinate in &mut point[..dimension] {
                *coordinate = self.scan.parse(words.next(), "a coordinate")?;
            }
            // Partitioned meshes have a local and a global index.
            words.next();
            self.nothing_but_index(words, index)?;
            self.points.push(point);
        }
        Ok(())
    }

    /// Checks that a line ends, but for an index.
    fn nothing_but_index<'w>(
        &self,
        mut words: impl Iterator<Item = &'w [u8]>,
        line: u64,
    ) -> Result<(), MeshError> {
        words.next();
        match words.next() {
            None => Ok(()),
            Some(_) => Err(self
                .scan
                .malformed(format!("entry {line} has more numbers than belong there"))),
        }
    }

    fn marker(&mut self, tag: &[u8]) -> Result<(), MeshError> {
        let name = String::from_utf8_lossy(tag).into_owned();
        let count = match self.line().and_then(keyword) {
            Some((b"MARKER_ELEMS", value)) => self.count(value)?,
            _ => {
                let problem = format!("`MARKER_ELEMS=` must follow the marker `{name}`");
                return Err(self.scan.malformed(problem));
            }
        };
        self.found_markers += 1;
        if tag == b"SEND_RECEIVE" {
            // `SEND_RECV=`, then lines of a vertex and a kind of transformation.
            self.line();
            return (0..count).try_for_each(|index| self.numbers(index, count).map(drop));
        }
        let first = self.types.len() as u32;
        let dimension = self.dimension()? - 1;
        self.elements(count, dimension)?;
        self.zones.push(Zone {
            name,
            location: Location::Cell,
            indices: (first..self.types.len() as u32).collect(),
        });
        Ok(())
    }

    fn finish(self) -> Result<MeshBuilder, MeshError> {
        if self.dimension.is_none() {
            let problem = "`NDIME=` is missing: this is no SU2 mesh".to_owned();
            return Err(self.scan.malformed(problem));
        }
        if let Some(expected) = self.markers.filter(|&n| n != self.found_markers) {
            return Err(self.scan.malformed(format!(
                "`NMARK=` announces {expected} markers, {} are there",
                self.found_markers
            )));
        }
        let mesh =
            Mesh::builder()
                .points(self.points)
                .cells(self.types, self.offsets, self.connectivity);
        Ok(self.zones.into_iter().fold(mesh, MeshBuilder::zone))
    }
}

/// `KEY= value`.
fn keyword(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = line.iter().position(|&byte| byte == b'=')?;
    Some((line[..equals].trim_ascii(), line[equals + 1..].trim_ascii()))
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}
