//! The files that a prediction is written to, and its fields.

use std::path::{Path, PathBuf};

use karman_datasets::{PredictionCase, Similarity};
use karman_meshes::{Field, Location, Mesh, MeshError, Values, WriteOptions, write_mesh};
use karman_surrogates::CasePrediction;

use super::geometry::case_name;
use crate::commands::error::CommandError;

/// Where the results go.
pub(super) struct OutputFiles {
    /// Fields on the mesh.
    pub fields: PathBuf,
    /// Curves along the airfoil.
    pub wall: PathBuf,
}

impl OutputFiles {
    /// `output`, or a file named after the mesh in the working directory.
    ///
    /// # Errors
    /// A file that is no `.vtu`, or that is the mesh itself.
    pub(super) fn new(output: Option<&Path>, mesh: &Path) -> Result<Self, CommandError> {
        let fields = match output {
            Some(path) => path.to_path_buf(),
            None => PathBuf::from(format!("{}_prediction.vtu", case_name(mesh))),
        };
        let extension = fields.extension().unwrap_or_default();
        if !extension.eq_ignore_ascii_case("vtu") {
            return Err(CommandError::input(format!(
                "predictions are written as .vtu files, not as `{}`",
                fields.display()
            )));
        }
        let stem = fields.file_stem().unwrap_or_default().to_string_lossy();
        let wall = fields.with_file_name(format!("{stem}_aerofoil.vtp"));
        for path in [&fields, &wall] {
            if is_same_file(path, mesh) {
                return Err(CommandError::input(format!(
                    "the prediction would replace the mesh `{}`",
                    path.display()
                ))
                .help("give another file with --output"));
            }
        }
        Ok(Self { fields, wall })
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// A point array in single precision.
pub(super) fn array(
    name: &str,
    components: usize,
    values: impl IntoIterator<Item = f64>,
    unit: &str,
) -> Result<Field, MeshError> {
    let values: Vec<f32> = values.into_iter().map(|v| v as f32).collect();
    Ok(Field::new(name, Location::Point, components, values)?.with_unit(unit))
}

/// Three components of a plane vector.
pub(super) fn spatial([x, y]: [f64; 2]) -> [f64; 3] {
    [x, y, 0.0]
}

/// Writes the predicted fields on the mesh as it was given.
pub(super) fn write_fields(
    path: &Path,
    mesh: &Mesh,
    case: &PredictionCase,
    prediction: &CasePrediction,
    outside: bool,
) -> Result<(), CommandError> {
    let mut fields = flow_arrays(&prediction.fields, &case.similarity)?;
    let sdf = case.table.column("sdf")?;
    let distance: Vec<f64> = sdf
        .iter()
        // 0 - d and not -d: the wall's distance is 0, not -0.
        .map(|&d| 0.0 - case.similarity.length(f64::from(d)))
        .collect();
    let distance = Field::new("implicit_distance", Location::Point, 1, distance)?;
    fields.push(distance.with_unit("m"));
    if let Some(spread) = &prediction.spread {
        fields.extend(spread_arrays(spread, &case.similarity)?);
    }
    let mark =
        |name: &str, values: Vec<u8>| Field::new(name, Location::Point, 1, Values::U8(values));
    let n = mesh.n_points();
    fields.push(mark("out_of_distribution", vec![u8::from(outside); n])?);
    if case.beyond.contains(&true) {
        let values = case.beyond.iter().map(|&b| u8::from(b)).collect();
        fields.push(mark("extrapolated", values)?);
    }
    Ok(write_mesh(path, mesh, &fields, &WriteOptions::default())?)
}

/// `U`, `p` and `nut` from rows `[n, 4]` in the frame of training.
fn flow_arrays(rows: &[f32], similarity: &Similarity) -> Result<Vec<Field>, MeshError> {
    let rows = || {
        rows.chunks_exact(4)
            .map(|row| [0, 1, 2, 3].map(|k| f64::from(row[k])))
    };
    let velocity = rows().flat_map(|[x, y, ..]| spatial(similarity.velocity([x, y])));
    Ok(vec![
        array("U", 3, velocity, "m/s")?,
        array(
            "p",
            1,
            rows().map(|row| similarity.pressure(row[2])),
            "m2/s2",
        )?,
        array(
            "nut",
            1,
            rows().map(|row| similarity.viscosity(row[3])),
            "m2/s",
        )?,
    ])
}

/// `U_std`, `p_std` and `nut_std` from rows `[n, 4]` in the frame of training.
fn spread_arrays(rows: &[f32], similarity: &Similarity) -> Result<Vec<Field>, MeshError> {
    let rows = || {
        rows.chunks_exact(4)
            .map(|row| [0, 1, 2, 3].map(|k| f64::from(row[k])))
    };
    // Components that are turned are taken as independent of each other.
    let (a, b) = (
        similarity.velocity([1.0, 0.0]),
        similarity.velocity([0.0, 1.0]),
    );
    let turned = move |x: f64, y: f64| [0, 1].map(|k| (a[k] * x).hypot(b[k] * y));
    let velocity = rows().flat_map(move |[x, y, ..]| spatial(turned(x, y)));
    Ok(vec![
        array("U_std", 3, velocity, "m/s")?,
        array(
            "p_std",
            1,
            rows().map(|row| similarity.pressure(row[2])),
            "m2/s2",
        )?,
        array(
            "nut_std",
            1,
            rows().map(|row| similarity.viscosity(row[3])),
            "m2/s",
        )?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_named_after_the_mesh() {
        let files = OutputFiles::new(None, Path::new("a/c_internal.vtu")).expect("names");
        assert_eq!(files.fields, Path::new("c_prediction.vtu"));
        assert_eq!(files.wall, Path::new("c_prediction_aerofoil.vtp"));
        let given =
            OutputFiles::new(Some(Path::new("b/d.vtu")), Path::new("c.vtu")).expect("names");
        assert_eq!(given.wall, Path::new("b/d_aerofoil.vtp"));
        assert!(OutputFiles::new(Some(Path::new("d.csv")), Path::new("c.vtu")).is_err());
    }

    #[test]
    fn the_mesh_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let mesh = folder.path().join("m.vtu");
        std::fs::write(&mesh, "").expect("a file");
        let roundabout = folder.path().join(".").join("m.vtu");
        let message = OutputFiles::new(Some(&roundabout), &mesh).err();
        assert!(message.is_some_and(|m| m.to_string().contains("replace the mesh")));
        let wall = folder.path().join("n_aerofoil.vtp");
        std::fs::write(&wall, "").expect("a file");
        assert!(OutputFiles::new(Some(&folder.path().join("n.vtu")), &wall).is_err());
    }
}
