//! Airfoil coordinate files (`.dat`) as people write them.
//!
//! Two layouts are in use. Selig's: a name, then the points from the trailing edge over one side and
//! back along the other. Lednicer's: a name, a line with the numbers of points of the two sides, then
//! each side from the leading edge. Also read: files without a name, with comments, headings, blank
//! lines, commas, tabs or decimal commas, with remarks behind the coordinates, with the bounding box
//! that ISES puts before them, with either side first, any chord, repeated points, any line ends, and
//! bytes that are not ASCII. What could mean two things is refused with the line and the reason.

mod layout;
mod lines;

use std::path::Path;

use super::contour::Contour;
use crate::MeshError;

/// How the coordinates of a file were listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatLayout {
    /// One list round the contour.
    Selig,
    /// Two lists, one for each side.
    Lednicer,
}

/// An airfoil from a coordinate file.
#[derive(Debug, Clone)]
pub struct DatAirfoil {
    /// The name in the file, or that of the file when there is none.
    pub title: String,
    /// How its coordinates were listed.
    pub layout: DatLayout,
    /// The contour, in the units of the file: see [`Contour::normalised`] for a unit chord.
    pub contour: Contour,
}

impl DatAirfoil {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or the errors of [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, MeshError> {
        let bytes = std::fs::read(path).map_err(|source| MeshError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes, &path.display().to_string())
    }

    /// Reads the bytes of a file; `name` stands for it in messages.
    ///
    /// # Errors
    /// No coordinates, a cut or broken line among them, wrong counts, several elements, an open
    /// contour (each with its line), or points that enclose no area.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, MeshError> {
        let arranged = layout::arrange(&lines::split(bytes));
        let arranged = arranged.map_err(|(line, problem)| MeshError::Malformed {
            file: name.to_owned(),
            place: format!("line {line}"),
            problem,
        })?;
        let points: Vec<_> = arranged.points.iter().map(|&(_, point)| point).collect();
        let stem = || {
            Path::new(name)
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        };
        Ok(Self {
            title: arranged.title.or_else(stem).unwrap_or_default(),
            layout: arranged.layout,
            contour: Contour::from_points(&points).map_err(|error| error.in_file(name))?,
        })
    }
}

/// The contour in an airfoil coordinate file: [`DatAirfoil::read`] without the name.
///
/// # Errors
/// See [`DatAirfoil::read`].
pub fn read_dat(path: &Path) -> Result<Contour, MeshError> {
    Ok(DatAirfoil::read(path)?.contour)
}

/// The contour in the bytes of an airfoil coordinate file: [`DatAirfoil::parse`] without the name.
///
/// # Errors
/// See [`DatAirfoil::parse`].
pub fn parse_dat(bytes: &[u8], name: &str) -> Result<Contour, MeshError> {
    Ok(DatAirfoil::parse(bytes, name)?.contour)
}

#[cfg(test)]
mod tests;
