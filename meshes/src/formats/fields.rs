//! Checks of the fields that were read with a mesh.

use std::collections::HashSet;

use crate::{Field, FieldSelection, Location, Mesh, MeshError, ReadOptions};

/// Checks that fields fit the mesh, that their names are unique, and that those asked for are there.
pub(super) fn check_fields(
    mesh: &Mesh,
    fields: &[Field],
    options: &ReadOptions,
) -> Result<(), MeshError> {
    let mut names = HashSet::new();
    for field in fields {
        field.check_len(match field.location() {
            Location::Point => mesh.n_points(),
            Location::Cell => mesh.n_cells(),
        })?;
        if !names.insert((field.name(), field.location())) {
            return Err(MeshError::DuplicateField {
                name: field.name().to_owned(),
                location: field.location(),
            });
        }
    }
    for location in [Location::Point, Location::Cell] {
        let FieldSelection::Named(wanted) = options.selection(location) else {
            continue;
        };
        let present: Vec<&str> = fields
            .iter()
            .filter(|field| field.location() == location)
            .map(Field::name)
            .collect();
        let absent = |name: &&String| !names.contains(&(name.as_str(), location));
        if let Some(name) = wanted.iter().find(absent) {
            return Err(MeshError::FieldMissing {
                name: name.clone(),
                location,
                present: present.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    Ok(())
}
