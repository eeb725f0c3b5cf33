//! Gmsh meshes (`.msh`), versions 2.0 to 2.2 and 4.1, text and binary.
//!
//! Format: C. Geuzaine, J.-F. Remacle, "Gmsh Reference Manual", chapter "Gmsh file formats",
//! sections "MSH file format" and "MSH file format version 2 (Legacy)",
//! <https://gmsh.info/doc/texinfo/gmsh.html>.
//!
//! Read: nodes; points, lines, triangles, quadrilaterals, tetrahedra, hexahedra, prisms and
//! pyramids, with elements of second order as linear ones on demand; physical groups as cell zones;
//! `$NodeData` and `$ElementData` as fields; both byte orders; partitions, which are joined; files
//! without entities or groups. Not read: elements of higher order, polygons and polyhedra, versions
//! 1, 3 and 4.0 (an error says so); other sections are passed over.
//!
//! 1. An element that version 2 lists once for each of its physical groups is one cell.
//! 2. Values that a data section does not give are NaN.
//! 3. Nodes between the corners of second-order elements are left out with them.

mod data;
mod element;
mod grid;
mod groups;
mod source;
mod tags;
mod version2;
mod version4;

use self::data::Columns;
use self::grid::Grid;
use self::groups::Groups;
use self::source::{Encoding, Source};
use super::budget::Budget;
use super::check_fields;
use super::scan::Scanner;
use crate::{Location, Mesh, MeshError, MeshFile, ReadOptions};

/// Reads the bytes of a Gmsh mesh; `name` stands for the file in messages.
///
/// Physical groups become zones of cells, called by their names; without a name `physical 1 13` after
/// dimension and tag. Where groups of several dimensions share a name, it is followed by the
/// dimension: `wall (1D)`.
///
/// # Errors
/// [`MeshError::Malformed`] for a file that is cut off or damaged, with the line;
/// [`MeshError::Unsupported`] for other versions and for elements of higher order (of second order
/// unless [`ReadOptions::linearise`] is set); [`MeshError::TooLarge`] above the limit of `options`;
/// [`MeshError::FieldMissing`] when a field asked for is not there; and what building a mesh refuses:
/// no points, coordinates that are not finite.
pub fn read_gmsh(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<MeshFile, MeshError> {
    let mut reader = Reader {
        source: Source {
            scan: Scanner::new(bytes, name),
            encoding: Encoding::Text,
        },
        version: None,
        grid: Grid::new(options.linearise),
        groups: Groups::default(),
        columns: Columns::default(),
        budget: Budget::new(options, bytes.len()),
        file: name,
    };
    while let Some(line) = reader.source.scan.line() {
        let line = line.trim_ascii();
        if !line.is_empty() {
            reader.section(line, options)?;
        }
    }
    reader.finish(options).map_err(|error| error.in_file(name))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Two,
    Four,
}

struct Reader<'a> {
    source: Source<'a>,
    version: Option<Version>,
    grid: Grid,
    groups: Groups,
    columns: Columns,
    budget: Budget,
    file: &'a str,
}

impl Reader<'_> {
    /// Reads the section that begins with this line.
    fn section(&mut self, line: &[u8], options: &ReadOptions) -> Result<(), MeshError> {
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
        if !line.starts_with(b"$") || line.starts_with(b"$End") {
            let problem = format!("the start of a section expected, found `{shown}`");
            return Err(self.source.scan.malformed(problem));
        }
        self.source.scan.section = shown;
        let section = &line[1..];
        let source = &mut self.source;
        let version = match (section, self.version) {
            (b"MeshFormat", _) => return self.format(),
            (b"NOD", None) => {
                return Err(source.scan.unsupported(
                    "a file of version 1; Gmsh writes it anew with `-format msh41`".to_owned(),
                ));
            }
            (_, Some(version)) => version,
            // Only comments may stand before the version.
            (_, None) => return source.skip_section(),
        };
        match (section, version) {
            (b"PhysicalNames", _) => self.groups.read_names(source)?,
            (b"Entities", Version::Four) => version4::read_entities(source, &mut self.groups)?,
            (b"PartitionedEntities", Version::Four) => {
                version4::read_partitioned_entities(source, &mut self.groups)?;
            }
            (b"Nodes", Version::Two) => version2::read_nodes(source, &mut self.grid)?,
            (b"Nodes", Version::Four) => version4::read_nodes(source, &mut self.grid)?,
            (b"Elements", Version::Two) => {
                version2::read_elements(source, &mut self.grid, &mut self.groups)?;
            }
            (b"Elements", Version::Four) => version4::read_elements(
                source,
                &mut self.grid,
                &mut self.groups,
                &mut self.budget,
                self.file,
            )?,
            (b"NodeData", _) => self.data(Location::Point, options)?,
            (b"ElementData", _) => self.data(Location::Cell, options)?,
            _ => source.skip_section()?,
        }
        self.source.scan.section.clear();
        Ok(())
    }

    fn data(&mut self, location: Location, options: &ReadOptions) -> Result<(), MeshError> {
        self.columns.read(
            &mut self.source,
            &self.grid,
            location,
            options.selection(location),
            &mut self.budget,
            self.file,
        )
    }

    /// Reads `$MeshFormat`: version, text or binary, the size of numbers, and of binary files the
    /// number one, which shows the byte order.
    fn format(&mut self) -> Result<(), MeshError> {
        let source = &mut self.source;
        let version: f64 = source.scan.number("the version")?;
        let binary: u8 = source.scan.number("the kind of file")?;
        let size: usize = source.scan.number("the size of numbers")?;
        self.version = Some(if (2.0..3.0).contains(&version) {
            Version::Two
        } else if version == 4.1 {
            Version::Four
        } else {
            return Err(source.scan.unsupported(format!(
                "version {version}; 2.2 and 4.1 are read: Gmsh writes them with `-format msh22` \
                 and `-format msh41`"
            )));
        });
        if binary > 1 || !matches!(size, 4 | 8) {
            return Err(source.scan.malformed(format!(
                "kind {binary} with numbers of {size} bytes; 0 (text) or 1 (binary) with 4 or 8"
            )));
        }
        if binary == 1 {
            source.scan.line();
            let one = source.scan.array::<4>("the number one")?;
            source.encoding = Encoding::Bytes {
                big_endian: match (u32::from_le_bytes(one), u32::from_be_bytes(one)) {
                    (1, _) => false,
                    (_, 1) => true,
                    _ => {
                        let problem = "no number one after the line: the byte order is not known";
                        return Err(source.scan.malformed(problem.to_owned()));
                    }
                },
                size_bytes: size,
            };
        }
        source.end()?;
        source.scan.section.clear();
        Ok(())
    }

    fn finish(self, options: &ReadOptions) -> Result<MeshFile, MeshError> {
        if self.version.is_none() {
            return Err(self
                .source
                .scan
                .malformed("`$MeshFormat` is missing: this is no Gmsh mesh".to_owned()));
        }
        let mut grid = self.grid;
        let stays = grid.drop_nodes_between();
        let fields = self.columns.into_fields(stays.as_deref())?;
        let mesh =
            Mesh::builder()
                .points(grid.points)
                .cells(grid.types, grid.offsets, grid.connectivity);
        let zones = self.groups.into_zones();
        let mesh = zones.into_iter().fold(mesh, |mesh, zone| mesh.zone(zone));
        let mesh = mesh.build()?;
        check_fields(&mesh, &fields, options)?;
        Ok(MeshFile { mesh, fields })
    }
}
