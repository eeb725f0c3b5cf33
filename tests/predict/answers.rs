//! The numbers and files of predictions.

use karman::meshes::{MeshFile, read_mesh};
use serde_json::Value;
use tempfile::TempDir;

use crate::python;
use crate::support::{
    array, coordinates, internal, json, karman, near, number, predict, sample, succeeded,
    test_cases, trained,
};

/// Mesh in, fields out: what `predict` writes for the test cases scores as `evaluate` does, and what
/// it says of each is what `evaluate` says.
#[test]
fn known_cases_are_predicted_as_they_are_evaluated() {
    let evaluation = json(karman().arg("evaluate").arg(trained()));
    let folder = TempDir::new().expect("a folder");
    for name in &test_cases() {
        let mut parts = name.split('_').skip(2);
        let (speed, aoa) = (parts.next().expect("speed"), parts.next().expect("angle"));
        let output = folder.path().join(format!("{name}.vtu"));
        let mut command = predict(&internal(name), &["--speed", speed, "--aoa", aoa, "-o"]);
        let said = json(command.arg(&output));
        let of_name = |list: &Value| -> Value {
            let list = list.as_array().expect("a list");
            let found = list.iter().find(|case| case["name"] == name.as_str());
            found.expect("the case").clone()
        };
        assert_eq!(said["name"], name.as_str());
        let evaluated = &of_name(&evaluation["cases"])["prediction"];
        for (k, which) in ["cl", "cd"].into_iter().enumerate() {
            for part in ["value", "low", "high"] {
                near(
                    &said["coefficients"][which][part],
                    &evaluated["coefficients"][k][part],
                    1e-9,
                );
            }
            near(&said["ridge"][which], &evaluated["ridge"][k], 1e-9);
        }
        assert_eq!(said["verdict"], evaluated["verdict"]);
        let integrated = &of_name(&evaluation["methods"][0]["cases"])["forces"]["prediction"];
        for which in ["cl", "cd", "cd_pressure", "cd_viscous"] {
            near(&said["integrated"][which], &integrated[which], 1e-3);
        }
        assert_eq!(said["n_extrapolated"], 0, "{said}");
        assert_eq!(said["notes"], Value::Array(Vec::new()));
    }
    let mut score = karman();
    score.arg("score").arg(folder.path());
    score.args(["--data"]).arg(sample());
    let scores = json(score.args(["--split", "full_test"]));
    for part in ["volume_mse", "surface_mse"] {
        let evaluated = &evaluation["methods"][0]["summary"][part];
        near(&scores["summary"][part]["p"], &evaluated["p"], 1e-4);
    }
    let evaluated = &evaluation["methods"][0]["summary"]["volume_mse"];
    for field in ["u_x", "u_y", "nu_t"] {
        near(
            &scores["summary"]["volume_mse"][field],
            &evaluated[field],
            1e-4,
        );
    }
}

#[test]
fn coordinates_become_a_grid_with_fields() {
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let mut command = predict(
        &mesh,
        &["--speed", "60", "--aoa", "-1.5", "--json", "r.json"],
    );
    let output = command.current_dir(folder.path()).output();
    let text = succeeded(&output.expect("a prediction"));
    for word in ["reported", "interval", "integrated", "C_L", "ParaView"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let said = std::fs::read_to_string(folder.path().join("r.json")).expect("a file");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["files"]["fields"], "naca2412_prediction.vtu");

    let file = read_mesh(&folder.path().join("naca2412_prediction.vtu")).expect("a mesh");
    assert_eq!(file.mesh.n_points() as f64, number(&said["n_points"]));
    let distance = array(&file, "implicit_distance");
    let (velocity, spread) = (array(&file, "U"), array(&file, "U_std"));
    assert!(distance.iter().all(|d| *d <= 0.0));
    let on_wall: Vec<usize> = (0..distance.len())
        .filter(|&k| distance[k] == 0.0)
        .collect();
    assert_eq!(on_wall.len() as f64, number(&said["n_surface"]));
    for &k in &on_wall {
        assert_eq!(velocity[3 * k..3 * k + 3], [0.0; 3]);
        assert_eq!(spread[3 * k..3 * k + 3], [0.0; 3]);
    }
    // The two members differ everywhere else.
    let apart = |k: &usize| spread[3 * k] > 0.0;
    let off_wall = distance.len() - on_wall.len();
    assert!((0..distance.len()).filter(apart).count() > off_wall * 9 / 10);
    for name in ["p", "nut", "p_std", "nut_std", "out_of_distribution"] {
        assert_eq!(array(&file, name).len(), distance.len());
    }

    let wall = read_mesh(&folder.path().join("naca2412_prediction_aerofoil.vtp")).expect("a wall");
    assert_eq!(wall.mesh.n_points(), on_wall.len());
    assert_eq!(wall.mesh.n_cells(), on_wall.len(), "closed");
    let (p, cp) = (array(&wall, "p"), array(&wall, "Cp"));
    assert!((0..p.len()).all(|k| (cp[k] - p[k] / 1800.0).abs() < 1e-5));
    for name in ["wall_shear_stress", "Cf", "x_c", "Normals"] {
        array(&wall, name);
    }
    let chord = array(&wall, "x_c");
    assert!(chord.iter().all(|x| (-0.01..1.01).contains(x)));
}

/// Half the chord at twice the speed is the same flow, twice as fast and with four times the
/// pressure.
#[test]
fn the_reynolds_number_counts() {
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let run = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        let said = json(predict(&mesh, arguments).arg("-o").arg(&path));
        (said, read_mesh(&path).expect("a mesh"))
    };
    let (plain, one) = run("one.vtu", &["--speed", "60", "--aoa", "3"]);
    let half = ["--speed", "120", "--aoa", "3", "--chord", "0.5"];
    let (small, two) = run("two.vtu", &half);
    let (_, water) = run(
        "water.vtu",
        &["--speed", "6", "--aoa", "3", "--nu", "1.5498e-6"],
    );
    for which in ["cl", "cd"] {
        let value = |said: &Value| said["coefficients"][which]["value"].clone();
        near(&value(&plain), &value(&small), 1e-4);
        near(
            &plain["integrated"][which],
            &small["integrated"][which],
            1e-3,
        );
    }
    // The chord of the coordinates as they are written is 1 m to five digits, that of --chord exact.
    near(&plain["reynolds"], &small["reynolds"], 1e-5);
    let note = small["notes"][0].as_str().expect("a note");
    assert!(
        note.contains("0.5000 m") && note.contains("60.000 m/s"),
        "{note}"
    );
    let largest = |file: &MeshFile, name: &str| {
        array(file, name)
            .into_iter()
            .fold(0.0, |a: f64, v| a.max(v.abs()))
    };
    for (name, factor, in_water) in [
        ("U", 2.0, 0.1),
        ("p", 4.0, 0.01),
        ("nut", 1.0, 0.1),
        ("implicit_distance", 0.5, 1.0),
    ] {
        let base = largest(&one, name);
        let found = [largest(&two, name) / base, largest(&water, name) / base];
        assert!((found[0] / factor - 1.0).abs() < 2e-3, "{name} {found:?}");
        assert!((found[1] / in_water - 1.0).abs() < 2e-3, "{name} {found:?}");
    }
}

#[test]
fn predictions_open_in_pyvista() {
    if !python::available() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let mesh = coordinates(folder.path());
    let path = folder.path().join("out.vtu");
    let said = json(predict(&mesh, &["--speed", "50", "--aoa", "2", "-o"]).arg(&path));
    let single = |components: u32, unit: &str| serde_json::json!({"type": "float32", "components": components, "unit": unit, "finite": true});
    let spec = serde_json::json!({
        "n_points": said["n_points"],
        "point_data": {
            "U": single(3, "m/s"),
            "p": single(1, "m2/s2"),
            "nut": single(1, "m2/s"),
            "U_std": single(3, "m/s"),
            "p_std": single(1, "m2/s2"),
            "nut_std": single(1, "m2/s"),
            "implicit_distance": {"type": "float64", "components": 1, "max": 0.0, "finite": true},
            "out_of_distribution": {"type": "uint8", "components": 1},
        },
    });
    let wall = serde_json::json!({
        "n_points": said["n_surface"],
        "n_cells": said["n_surface"],
        "point_data": {
            "p": single(1, "m2/s2"),
            "Cp": single(1, "1"),
            "wall_shear_stress": single(3, "m2/s2"),
            "Normals": single(3, "1"),
        },
    });
    for (file, spec) in [("out.vtu", spec), ("out_aerofoil.vtp", wall)] {
        let expected = folder.path().join("spec.json");
        std::fs::write(&expected, spec.to_string()).expect("a file");
        python::check(&folder.path().join(file), "--expect", &expected);
    }
}

/// The model that comes with the program knows ordinary airfoils, and predicts them without a run.
#[test]
fn the_bundled_model_predicts_airfoils() {
    let folder = TempDir::new().expect("a folder");
    let output = folder.path().join("flow.vtu");
    let mut command = karman();
    command
        .args(["predict", "--pretrained", "airfoil", "--speed", "60"])
        .args(["--aoa", "4", "--mesh"])
        .arg(coordinates(folder.path()))
        .arg("-o")
        .arg(&output);
    let said = json(&mut command);
    assert_eq!(said["run"], "airfoil");
    assert_eq!(said["out_of_distribution"], false, "{said}");
    // Thin-airfoil theory: 2 pi (4 degrees + 2.08 degrees of camber), less what thickness and
    // boundary layers take and add.
    let cl = number(&said["coefficients"]["cl"]["value"]);
    assert!((0.6..0.75).contains(&cl), "{cl}");
    near(
        &said["coefficients"]["cl"]["value"],
        &said["integrated"]["cl"],
        0.1,
    );
    let flow: MeshFile = read_mesh(&output).expect("a mesh");
    flow.field("U", karman::meshes::Location::Point)
        .expect("velocities");
}
