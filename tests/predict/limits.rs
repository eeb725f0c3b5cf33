//! Flows and meshes beyond those of training are marked as such.

use karman::meshes::{Mesh, read_mesh};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{array, internal, json, naca, number, predict, succeeded, test_cases, write};

#[test]
fn strange_flows_are_marked() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("strange.vtu");
    let name = &test_cases()[0];
    let arguments = ["--speed", "300", "--aoa", "40", "-o"];
    let output = predict(&internal(name), &arguments).arg(&path).output();
    let text = succeeded(&output.expect("a prediction"));
    assert!(text.contains("OUT OF DISTRIBUTION"), "{text}");
    assert!(text.contains("speed") && text.contains("angle"), "{text}");
    let file = read_mesh(&path).expect("a mesh");
    assert!(
        array(&file, "out_of_distribution")
            .iter()
            .all(|m| *m == 1.0)
    );
}

/// Thin, with its camber far behind: Gaussian processes alone would report anything there, the ridge
/// regression stays near to what the fields integrate to. The intervals say how little is known.
#[test]
fn strange_shapes_have_the_coefficients_of_the_ridge() {
    let folder = TempDir::new().expect("a folder");
    let said = |digits| {
        let mesh = naca(folder.path(), digits);
        let path = folder.path().join("out.vtu");
        json(predict(&mesh, &["--speed", "60", "--aoa", "4", "-o"]).arg(&path))
    };
    let (usual, strange) = (said([2, 4, 12]), said([9, 8, 3]));
    let score = |said: &Value| number(&said["verdict"]["score"]);
    assert!(score(&usual) < 1.0 && score(&strange) > 1.0, "{strange}");
    for which in ["cl", "cd"] {
        let of = |said: &Value, what: &str| number(&said["coefficients"][which][what]);
        let (value, ridge) = (of(&strange, "value"), number(&strange["ridge"][which]));
        assert!(
            (value / ridge - 1.0).abs() < 0.02,
            "{which} {value} {ridge}"
        );
        let relative =
            |said: &Value| (of(said, "high") - of(said, "low")) / of(said, "value").abs();
        assert!(relative(&strange) > 4.0 * relative(&usual), "{which}");
    }
}

/// A mesh that reaches far beyond those of training.
#[test]
fn extrapolated_points_are_marked() {
    let folder = TempDir::new().expect("a folder");
    let file = read_mesh(&internal(&test_cases()[0])).expect("a mesh");
    // The outer part is blown up, the airfoil stays.
    let stretched = file.mesh.points().iter().map(|&[x, y, z]| {
        let far = ((x - 0.5).hypot(y) - 1.0).max(0.0);
        [x + 4.0 * far * (x - 0.5), y + 4.0 * far * y, z]
    });
    let mesh = Mesh::builder().points(stretched.collect()).cells(
        file.mesh.cell_types().to_vec(),
        file.mesh.cell_offsets().to_vec(),
        file.mesh.connectivity().to_vec(),
    );
    let input = folder.path().join("far.vtu");
    write(&input, &mesh.build().expect("a mesh"));
    let path = folder.path().join("out.vtu");
    let said = json(predict(&input, &["--speed", "50", "--aoa", "2", "-o"]).arg(&path));
    let marked = array(&read_mesh(&path).expect("a mesh"), "extrapolated");
    let count = marked.iter().filter(|m| **m == 1.0).count();
    assert!(count > 0 && count < marked.len());
    assert_eq!(said["n_extrapolated"], count);
    let notes = said["notes"].to_string();
    assert!(notes.contains("has seen points"), "{notes}");
    assert!(notes.contains("reaches"), "{notes}");
}
