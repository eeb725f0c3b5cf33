//! Loading one case: `NAME_internal.vtu`, `NAME_aerofoil.vtp` and, where it is there,
//! `NAME_freestream.vtp`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use karman_meshes::{
    Field, FieldSelection, Location, MeshError, MeshFile, ReadOptions, read_mesh_with,
};

use super::conditions::{Conditions, from_freestream};
use crate::sample::{point_field, scalar_values, vector_values};
use crate::{Boundary, DatasetError, Provenance, Sample};

/// Point arrays of the internal mesh that a case must have.
const REQUIRED: [&str; 3] = ["U", "p", "nut"];
/// Signed distance, negative in the fluid; computed from the airfoil where it is absent.
const DISTANCE: &str = "implicit_distance";

/// The three files of a case.
pub(super) fn case_files(root: &Path, name: &str) -> [PathBuf; 3] {
    let folder = root.join(name);
    ["internal.vtu", "aerofoil.vtp", "freestream.vtp"]
        .map(|suffix| folder.join(format!("{name}_{suffix}")))
}

/// Reads and checks a case. `known` are the conditions that the caller has from elsewhere; without
/// them the freestream file must tell.
pub(super) fn load_case(
    root: &Path,
    name: &str,
    known: Option<Conditions>,
) -> Result<Sample, DatasetError> {
    let [internal, aerofoil, freestream] = case_files(root, name);
    let mut notes = Vec::new();
    let (main, main_notes) = read_internal(name, &internal)?;
    notes.extend(main_notes);
    let wall = read_boundary(name, &aerofoil)?;
    check_outline(name, &aerofoil, &wall)?;
    let mut files = vec![internal, aerofoil];
    let mut boundaries = BTreeMap::from([("aerofoil".to_string(), wall)]);
    if freestream.is_file() {
        boundaries.insert("freestream".into(), read_boundary(name, &freestream)?);
        files.push(freestream);
    }
    let conditions = match known {
        Some(conditions) => conditions,
        None => {
            notes.push("speed and angle of attack were taken from the freestream file".into());
            conditions_of(name, boundaries.get("freestream"))?
        }
    };
    Ok(Sample {
        name: name.to_string(),
        mesh: main.mesh,
        fields: main.fields,
        boundaries,
        globals: globals(&conditions),
        provenance: Provenance {
            source: root.display().to_string(),
            files,
            notes,
        },
    })
}

/// The scalars of a sample.
pub(crate) fn globals(conditions: &Conditions) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("speed".to_string(), conditions.speed),
        ("aoa".to_string(), conditions.aoa),
        ("nu".to_string(), conditions.nu),
    ])
}

/// Conditions from the far field, for a case whose name does not tell them.
pub(super) fn conditions_of(
    name: &str,
    freestream: Option<&Boundary>,
) -> Result<Conditions, DatasetError> {
    let unknown = |problem: String| DatasetError::Conditions {
        case: name.to_string(),
        problem,
    };
    let boundary = freestream.ok_or_else(|| {
        unknown("the name does not tell them, and there is no freestream file".into())
    })?;
    let field = boundary
        .field("U")
        .ok_or_else(|| unknown("the freestream file has no point array \"U\"".into()))?;
    from_freestream(&vector_values(name, "freestream", field)?).map_err(unknown)
}

/// Reads the internal mesh with the arrays that are needed and no others.
fn read_internal(case: &str, path: &Path) -> Result<(MeshFile, Vec<String>), DatasetError> {
    require_file(case, path)?;
    let with_distance = REQUIRED.into_iter().chain([DISTANCE]);
    let (mut file, mut notes) = match read_named(path, with_distance) {
        Err(error) if missing_field(&error).is_some_and(|(name, _)| name == DISTANCE) => {
            let note = format!("no array \"{DISTANCE}\": distances are computed from the airfoil");
            let file = read_named(path, REQUIRED.into_iter());
            (file.map_err(|e| named(case, path, e))?, vec![note])
        }
        other => (other.map_err(|e| named(case, path, e))?, vec![]),
    };
    let place = file_name(path);
    if file.mesh.n_cells() == 0 {
        return Err(DatasetError::case(case, place, "the mesh has no cells"));
    }
    file.fields.retain(|f| f.location() == Location::Point);
    for field in &file.fields {
        check_field(case, &place, field, file.mesh.n_points())?;
    }
    vector_values(case, &place, point_field(case, &place, &file.fields, "U")?)?;
    for name in ["p", "nut"] {
        scalar_values(case, &place, point_field(case, &place, &file.fields, name)?)?;
    }
    notes.extend(turn_distance(case, &place, &mut file.fields)?);
    Ok((file, notes))
}

fn read_named<'a>(
    path: &Path,
    names: impl Iterator<Item = &'a str>,
) -> Result<MeshFile, MeshError> {
    let options = ReadOptions {
        point_fields: FieldSelection::named(names),
        cell_fields: FieldSelection::None,
        ..ReadOptions::default()
    };
    read_mesh_with(path, &options)
}

/// Some exporters write the distance positive in the fluid; AirfRANS writes it negative.
fn turn_distance(
    case: &str,
    place: &str,
    fields: &mut [Field],
) -> Result<Option<String>, DatasetError> {
    let Some(field) = fields.iter_mut().find(|f| f.name() == DISTANCE) else {
        return Ok(None);
    };
    let values = scalar_values(case, place, field)?;
    let positive = values.iter().filter(|v| **v > 0.0).count();
    if 2 * positive <= values.len() {
        return Ok(None);
    }
    let turned: Vec<f64> = values.iter().map(|v| -v).collect();
    *field = Field::new(DISTANCE, Location::Point, 1, turned).map_err(DatasetError::mesh(case))?;
    Ok(Some(format!(
        "array \"{DISTANCE}\" is positive at {positive} of {} nodes: its sign was turned",
        values.len()
    )))
}

/// Reads a boundary with all its point arrays; they are small.
fn read_boundary(case: &str, path: &Path) -> Result<Boundary, DatasetError> {
    require_file(case, path)?;
    let file = read_mesh_with(path, &ReadOptions::default()).map_err(|e| named(case, path, e))?;
    for field in file
        .fields
        .iter()
        .filter(|f| f.location() == Location::Point)
    {
        check_field(case, &file_name(path), field, file.mesh.n_points())?;
    }
    Ok(Boundary {
        mesh: file.mesh,
        fields: file.fields,
    })
}

fn check_outline(case: &str, path: &Path, wall: &Boundary) -> Result<(), DatasetError> {
    match wall.segments().len() {
        0..3 => Err(DatasetError::case(
            case,
            file_name(path),
            format!(
                "an outline needs at least 3 line segments, this file has {}",
                wall.segments().len()
            ),
        )),
        _ => Ok(()),
    }
}

fn check_field(
    case: &str,
    place: &str,
    field: &Field,
    n_points: usize,
) -> Result<(), DatasetError> {
    field
        .check_len(n_points)
        .and_then(|()| field.check_finite())
        .map_err(|error| match error {
            MeshError::FieldNotFinite {
                field,
                tuple,
                component,
                value,
                ..
            } => DatasetError::NotFinite {
                case: case.to_string(),
                place: place.to_string(),
                name: field,
                index: tuple,
                component,
                value,
            },
            other => DatasetError::mesh(case)(other.in_file(place)),
        })
}

fn require_file(case: &str, path: &Path) -> Result<(), DatasetError> {
    if path.is_file() {
        return Ok(());
    }
    let problem = format!(
        "no such file in {}",
        path.parent().unwrap_or(path).display()
    );
    Err(DatasetError::case(case, file_name(path), problem))
}

/// The array that a read failed for, and those that are there.
fn missing_field(error: &MeshError) -> Option<(&str, &[String])> {
    match error {
        MeshError::FieldMissing { name, present, .. } => Some((name, present)),
        MeshError::InFile { source, .. } => missing_field(source),
        _ => None,
    }
}

/// The reader's error with the case in front.
fn named(case: &str, path: &Path, error: MeshError) -> DatasetError {
    match missing_field(&error) {
        Some((name, present)) => DatasetError::MissingField {
            case: case.to_string(),
            place: file_name(path),
            name: name.to_string(),
            available: present.to_vec(),
        },
        None => DatasetError::mesh(case)(error.in_file(path.display().to_string())),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
