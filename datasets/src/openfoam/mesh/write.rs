//! Writes `constant/polyMesh`, in text.

use std::fmt::Write;
use std::path::Path;

use super::FoamMesh;
use crate::DatasetError;
use crate::files::write_atomically;
use crate::openfoam::header;

/// Writes the five files of a mesh into `folder`, which is created.
pub(in crate::openfoam) fn write_poly_mesh(
    mesh: &FoamMesh,
    folder: &Path,
) -> Result<(), DatasetError> {
    std::fs::create_dir_all(folder).map_err(DatasetError::io("create", folder))?;
    let place = "constant/polyMesh";
    let note = format!(
        "nPoints:{} nCells:{} nFaces:{} nInternalFaces:{}",
        mesh.points.len(),
        mesh.n_cells,
        mesh.faces.len(),
        mesh.neighbour.len()
    );
    let points = mesh
        .points
        .iter()
        .map(|[x, y, z]| format!("({x:?} {y:?} {z:?})"));
    let faces = mesh.faces.iter().map(|face| {
        let corners: Vec<String> = face.iter().map(u32::to_string).collect();
        format!("{}({})", face.len(), corners.join(" "))
    });
    let files = [
        (
            "points",
            header("vectorField", place, "points", None) + &list(points),
        ),
        (
            "faces",
            header("faceList", place, "faces", None) + &list(faces),
        ),
        (
            "owner",
            header("labelList", place, "owner", Some(&note))
                + &list(mesh.owner.iter().map(u32::to_string)),
        ),
        (
            "neighbour",
            header("labelList", place, "neighbour", Some(&note))
                + &list(mesh.neighbour.iter().map(u32::to_string)),
        ),
        ("boundary", boundary(mesh)),
    ];
    for (name, text) in files {
        write_atomically(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    let mut text = format!("{}\n(\n", items.len());
    for item in items {
        text.push_str(&item);
        text.push('\n');
    }
    text.push_str(")\n");
    text
}

fn boundary(mesh: &FoamMesh) -> String {
    let mut text = header("polyBoundaryMesh", "constant/polyMesh", "boundary", None);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}\n(", mesh.patches.len());
    for patch in &mesh.patches {
        let _ = writeln!(
            text,
            "    {}\n    {{\n        type            {};\n        nFaces          {};\n        \
             startFace       {};\n    }}",
            patch.name, patch.kind, patch.count, patch.start
        );
    }
    text.push_str(")\n");
    text
}
