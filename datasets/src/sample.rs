//! One case: a mesh, the fields on it, its boundaries and its conditions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use karman_meshes::{CellType, Field, Location, Mesh};

use crate::DatasetError;

/// Where a sample came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// The data set or generator.
    pub source: String,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Oddities that were met and how they were dealt with, for the person who owns the data.
    pub notes: Vec<String>,
}

/// A boundary of the domain with its own mesh and fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Points and lines (or polylines).
    pub mesh: Mesh,
    /// Fields on that mesh.
    pub fields: Vec<Field>,
}

/// One case with named fields. Columns and fields are addressed by name, never by index.
///
/// AirfRANS-style samples have the boundaries "aerofoil" and, where the file exists,
/// "freestream"; the globals "speed" (m/s), "aoa" (degrees) and "nu" (m²/s); and the point fields
/// `U` (m/s), `p` (m²/s²), `nut` (m²/s) and, where the file has it, `implicit_distance` (m,
/// negative in the fluid).
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name of the case.
    pub name: String,
    /// The internal mesh.
    pub mesh: Mesh,
    /// Fields on the internal mesh.
    pub fields: Vec<Field>,
    /// Boundaries by name.
    pub boundaries: BTreeMap<String, Boundary>,
    /// Scalars by name.
    pub globals: BTreeMap<String, f64>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl Sample {
    /// The point field `name` of the internal mesh.
    ///
    /// # Errors
    /// [`DatasetError::MissingField`], which lists the arrays that are there.
    pub fn field(&self, name: &str) -> Result<&Field, DatasetError> {
        point_field(&self.name, "internal", &self.fields, name)
    }

    /// Whether the internal mesh has the point field `name`.
    pub fn has_field(&self, name: &str) -> bool {
        self.field(name).is_ok()
    }

    /// A scalar point field of the internal mesh, one value per node.
    ///
    /// # Errors
    /// As [`Sample::field`]; also a field of another number of components.
    pub fn scalar(&self, name: &str) -> Result<Vec<f64>, DatasetError> {
        scalar_values(&self.name, "internal", self.field(name)?)
    }

    /// The x and y components of a point vector field (2 or 3 components) of the internal mesh.
    ///
    /// # Errors
    /// As [`Sample::field`]; also a field of another number of components.
    pub fn vector(&self, name: &str) -> Result<Vec<[f64; 2]>, DatasetError> {
        vector_values(&self.name, "internal", self.field(name)?)
    }

    /// The scalar `name` of the case.
    ///
    /// # Errors
    /// [`DatasetError::Case`], which lists the scalars that are there.
    pub fn global(&self, name: &str) -> Result<f64, DatasetError> {
        self.globals.get(name).copied().ok_or_else(|| {
            let known: Vec<&str> = self.globals.keys().map(String::as_str).collect();
            let problem = format!("no \"{name}\"; there are: {}", known.join(", "));
            DatasetError::case(&self.name, "scalars", problem)
        })
    }

    /// The boundary `name`.
    ///
    /// # Errors
    /// [`DatasetError::Case`], which lists the boundaries that are there.
    pub fn boundary(&self, name: &str) -> Result<&Boundary, DatasetError> {
        self.boundaries.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.boundaries.keys().map(String::as_str).collect();
            let problem = format!("no \"{name}\"; there are: {}", known.join(", "));
            DatasetError::case(&self.name, "boundaries", problem)
        })
    }

    /// x and y of every node of the internal mesh, m.
    pub fn points_2d(&self) -> Vec<[f64; 2]> {
        points_2d(&self.mesh)
    }
}

impl Boundary {
    /// x and y of every point, m.
    pub fn points_2d(&self) -> Vec<[f64; 2]> {
        points_2d(&self.mesh)
    }

    /// All line segments, pairs of point indices; polylines are taken apart, other cells left out.
    pub fn segments(&self) -> Vec<[u32; 2]> {
        self.mesh
            .cells()
            .filter(|cell| matches!(cell.kind, CellType::Line | CellType::PolyLine))
            .flat_map(|cell| cell.nodes.windows(2).map(|pair| [pair[0], pair[1]]))
            .filter(|[a, b]| a != b)
            .collect()
    }

    /// The point field `name`, if it is there.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|f| f.location() == Location::Point && f.name() == name)
    }
}

fn points_2d(mesh: &Mesh) -> Vec<[f64; 2]> {
    mesh.points().iter().map(|&[x, y, _]| [x, y]).collect()
}

/// Finds a point field by name, or says which are there.
pub(crate) fn point_field<'a>(
    case: &str,
    place: &str,
    fields: &'a [Field],
    name: &str,
) -> Result<&'a Field, DatasetError> {
    let mut at_points = fields.iter().filter(|f| f.location() == Location::Point);
    at_points
        .clone()
        .find(|f| f.name() == name)
        .ok_or_else(|| DatasetError::MissingField {
            case: case.to_string(),
            place: place.to_string(),
            name: name.to_string(),
            available: at_points.by_ref().map(|f| f.name().to_string()).collect(),
        })
}

/// The values of a field of one component.
pub(crate) fn scalar_values(
    case: &str,
    place: &str,
    field: &Field,
) -> Result<Vec<f64>, DatasetError> {
    if field.components() == 1 {
        return Ok(field.to_f64());
    }
    let problem = format!(
        "array \"{}\" has {} components, a scalar is needed",
        field.name(),
        field.components()
    );
    Err(DatasetError::case(case, place, problem))
}

/// The first two components of a field of two or three.
pub(crate) fn vector_values(
    case: &str,
    place: &str,
    field: &Field,
) -> Result<Vec<[f64; 2]>, DatasetError> {
    let components = field.components();
    if !(2..=3).contains(&components) {
        let problem = format!(
            "array \"{}\" has {components} components, a vector of 2 or 3 is needed",
            field.name()
        );
        return Err(DatasetError::case(case, place, problem));
    }
    let values = field.to_f64();
    Ok(values
        .chunks_exact(components)
        .map(|v| [v[0], v[1]])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        let points = vec![[0.0, 0.0, 0.5], [1.0, 0.0, 0.5], [0.0, 1.0, 0.5]];
        let mesh = Mesh::builder()
            .points(points)
            .cell(CellType::PolyLine, &[0, 1, 2, 0])
            .cell(CellType::Triangle, &[0, 1, 2])
            .build()
            .unwrap();
        let point = |name, components, n| {
            let values: Vec<f32> = (0..n).map(|i| i as f32).collect();
            Field::new(name, Location::Point, components, values).unwrap()
        };
        Sample {
            name: "c".into(),
            boundaries: BTreeMap::from([(
                "aerofoil".to_string(),
                Boundary {
                    mesh: mesh.clone(),
                    fields: vec![],
                },
            )]),
            mesh,
            fields: vec![point("U", 3, 9), point("p", 1, 3), point("W", 2, 6)],
            globals: BTreeMap::from([("speed".to_string(), 3.0)]),
            provenance: Provenance::default(),
        }
    }

    #[test]
    fn values_by_name() {
        let sample = sample();
        assert_eq!(
            sample.vector("U").unwrap(),
            [[0.0, 1.0], [3.0, 4.0], [6.0, 7.0]]
        );
        assert_eq!(
            sample.vector("W").unwrap(),
            [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
        );
        assert_eq!(sample.scalar("p").unwrap(), [0.0, 1.0, 2.0]);
        assert_eq!(sample.global("speed").unwrap(), 3.0);
    }

    #[test]
    fn polylines_are_taken_apart() {
        let sample = sample();
        let boundary = sample.boundary("aerofoil").unwrap();
        assert_eq!(boundary.segments(), [[0, 1], [1, 2], [2, 0]]);
    }

    #[test]
    fn errors_list_what_is_there() {
        let sample = sample();
        for (message, expected) in [
            (sample.field("nut").unwrap_err().to_string(), "U, p, W"),
            (sample.global("aoa").unwrap_err().to_string(), "speed"),
            (sample.boundary("wall").unwrap_err().to_string(), "aerofoil"),
            (sample.scalar("U").unwrap_err().to_string(), "3 components"),
            (sample.vector("p").unwrap_err().to_string(), "1 components"),
        ] {
            assert!(
                message.contains(expected) && message.contains("case c"),
                "{message}"
            );
        }
    }
}
