//! `karman score`.

use std::path::Path;

use karman::meshes::{Location, MeshFile, read_mesh};
use serde_json::Value;

use crate::support::{
    assert_shown, cases, changed, fails_with, internal, json, karman, outcome, predictions, row,
    sample, write,
};

fn arguments(folder: &Path) -> [String; 4] {
    let sample = sample();
    [
        "score",
        folder.to_str().unwrap(),
        "--data",
        sample.to_str().unwrap(),
    ]
    .map(str::to_owned)
}

fn score(change: impl Fn(&str, usize, f64) -> f64) -> Value {
    json(arguments(predictions(change).path()))
}

fn close(found: &Value, exact: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - exact).abs() <= tolerance, "{found} is not {exact}");
}

/// The truth as a prediction has no error at all.
#[test]
fn truth_scores_zero() {
    let found = score(|_, _, value| value);
    let summary = &found["summary"];
    assert_eq!(summary["cases"], 7);
    for variable in ["u_x", "u_y", "p", "nu_t"] {
        assert_eq!(summary["volume_mse"][variable], 0.0);
        assert_eq!(summary["surface_mse"][variable], 0.0);
        assert_eq!(summary["volume_r_squared"][variable], 1.0);
    }
    for coefficient in ["cl", "cd", "cd_pressure", "cd_viscous"] {
        let scores = &summary["forces"][coefficient];
        assert_eq!(scores["relative_error"], 0.0);
        close(&scores["rank"], 1.0, 1e-12);
    }
    assert_eq!(summary["wall_shear"], 0.0);
    assert_eq!(summary["surface_pressure"], 0.0);
    let stations = summary["boundary_layer"].as_array().unwrap();
    assert_eq!(stations.len(), 8);
    assert!(stations.iter().all(|station| station["tangential"] == 0.0));
}

/// Mean and standard deviation of an array's component over all nodes of `full_train`, in two
/// passes.
fn statistics(files: &[MeshFile], array: &str, component: usize) -> (f64, f64) {
    let values: Vec<f64> = files
        .iter()
        .flat_map(|file| {
            let field = file.field(array, Location::Point).unwrap();
            let n = field.components();
            field
                .to_f64()
                .into_iter()
                .skip(component)
                .step_by(n)
                .collect::<Vec<_>>()
        })
        .collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, spread.sqrt())
}

#[test]
fn fields_are_scaled_by_the_train_part() {
    let found = score(|_, _, value| value);
    assert_eq!(found["train"], "full_train");
    let train = cases("full_train");
    let files: Vec<MeshFile> = train
        .iter()
        .map(|name| read_mesh(&internal(name)).unwrap())
        .collect();
    for (k, (array, component)) in [("U", 0), ("U", 1), ("p", 0), ("nut", 0)]
        .iter()
        .enumerate()
    {
        let (mean, std) = statistics(&files, array, *component);
        close(&found["statistics"]["mean"][k], mean, 1e-9 * std);
        close(&found["statistics"]["std"][k], std, 1e-9 * std);
    }
}

/// Shifted fields have the squared shift, in train deviations, as their error; on the wall
/// only the pressure counts.
#[test]
fn shifts_come_back_squared() {
    let std = &score(|_, _, value| value)["statistics"]["std"];
    let std: [f64; 4] = serde_json::from_value(std.clone()).unwrap();
    let found = score(|array, component, value| match (array, component) {
        ("U", 0) => value + 0.5 * std[0],
        ("U", 1) => value - 2.0 * std[1],
        ("p", _) => value + 3.0 * std[2],
        ("nut", _) => value + 0.1 * std[3],
        _ => value,
    });
    let summary = &found["summary"];
    let volume = &summary["volume_mse"];
    for (variable, exact) in [("u_x", 0.25), ("u_y", 4.0), ("p", 9.0), ("nu_t", 0.01)] {
        // The scorer adds 1e-8 to the deviations, which nu_t (4e-3) feels.
        close(&volume[variable], exact, 1e-5 * exact);
    }
    close(&summary["surface_mse"]["p"], 9.0, 1e-4);
    for variable in ["u_x", "u_y", "nu_t"] {
        assert_eq!(summary["surface_mse"][variable], 0.0);
    }
    assert!(summary["volume_r_squared"]["p"].as_f64().unwrap() < 0.0);
}

/// Scaled fields: forces, friction and profiles scale alike, and the ranks stay.
#[test]
fn scales_come_back_as_relative_errors() {
    let found = score(|array, _, value| match array {
        "U" => 1.25 * value,
        "p" => 1.5 * value,
        _ => 0.5 * value,
    });
    let summary = &found["summary"];
    let forces = &summary["forces"];
    close(&forces["cd_pressure"]["relative_error"], 0.5, 1e-5);
    close(&forces["cd_viscous"]["relative_error"], 0.25, 1e-5);
    close(&forces["cl"]["rank"], 1.0, 1e-12);
    close(&forces["cd_viscous"]["rank"], 1.0, 1e-12);
    close(&summary["surface_pressure"], 0.5, 1e-6);
    close(&summary["wall_shear"], 0.25, 1e-6);
    for station in summary["boundary_layer"].as_array().unwrap() {
        close(&station["tangential"], 0.25, 1e-6);
        close(&station["nut"], 0.5, 1e-6);
    }
    for case in found["cases"].as_array().unwrap() {
        let pair = &case["forces"];
        let of = |which: &str, name: &str| pair[which][name].as_f64().unwrap();
        let ratio = of("prediction", "cl_pressure") / of("truth", "cl_pressure");
        assert!((ratio - 1.5).abs() < 1e-6, "{ratio}");
        let sum = of("truth", "cd_pressure") + of("truth", "cd_viscous");
        assert!((of("truth", "cd") - sum).abs() < 1e-12);
    }
}

/// Forces of the opposite sign: twice the truth off, and all ranks reversed.
#[test]
fn opposite_forces_have_opposite_ranks() {
    let found = score(|array, _, value| if array == "nut" { value } else { -value });
    let cl = &found["summary"]["forces"]["cl"];
    close(&cl["relative_error"], 2.0, 1e-6);
    close(&cl["normalised_error"], 2.0, 1e-6);
    close(&cl["rank"], -1.0, 1e-12);
}

#[test]
fn the_table_shows_the_numbers_of_the_json() {
    let folder = predictions(|array, component, value| match (array, component) {
        ("p", _) => 1.03 * value + 2.0,
        ("U", 0) => 0.98 * value,
        ("U", 1) => value + 0.4,
        _ => 1.1 * value,
    });
    let json_file = folder.path().join("scores.json");
    let shown = outcome(
        karman()
            .args(arguments(folder.path()))
            .arg("--cases")
            .arg("--json")
            .arg(&json_file),
    );
    assert_eq!(shown.code, 0, "{}", shown.err);
    let found: Value = serde_json::from_slice(&std::fs::read(&json_file).unwrap()).unwrap();
    let summary = &found["summary"];
    for variable in ["u_x", "u_y", "p", "nu_t"] {
        let cells = row(&shown.out, &format!("{variable} "));
        assert_shown(cells[0], &summary["volume_mse"][variable], 1.0);
        let r_squared = &summary["volume_r_squared"][variable];
        assert_shown(cells[cells.len() - 1], r_squared, 1.0);
    }
    assert_shown(row(&shown.out, "p ")[1], &summary["surface_mse"]["p"], 1.0);
    for (label, key) in [
        ("C_L ", "cl"),
        ("C_D ", "cd"),
        ("C_D pressure", "cd_pressure"),
        ("C_D friction", "cd_viscous"),
    ] {
        let (cells, scores) = (row(&shown.out, label), &summary["forces"][key]);
        assert_shown(cells[0], &scores["relative_error"], 100.0);
        assert_shown(cells[1], &scores["normalised_error"], 100.0);
        assert_shown(cells[2], &scores["absolute_error"], 1.0);
        assert_shown(cells[3], &scores["bias"], 1.0);
        assert_shown(cells[4], &scores["rank"], 1.0);
    }
    let wall_law = &summary["wall_law"]["cd"]["relative_error"];
    assert_shown(row(&shown.out, "C_D wall law")[0], wall_law, 100.0);
    assert_shown(
        row(&shown.out, "pressure ")[0],
        &summary["surface_pressure"],
        100.0,
    );
    assert_shown(
        row(&shown.out, "shear stress")[0],
        &summary["wall_shear"],
        100.0,
    );
    let station = &summary["boundary_layer"][0];
    let cells = row(&shown.out, "x/c = 0.2 upper");
    assert_shown(cells[0], &station["tangential"], 100.0);
    assert_shown(cells[1], &station["nut"], 100.0);
    let region = &summary["drag_regions"][0];
    let cells = row(&shown.out, "x/c = 0 to 0.02 upper");
    assert_shown(cells[0], &region["pressure_error"], 1e4);
    assert_shown(cells[1], &region["pressure_bias"], 1e4);
    assert_shown(cells[2], &region["viscous_error"], 1e4);
    for case in found["cases"].as_array().unwrap() {
        let cells = row(&shown.out, case["name"].as_str().unwrap());
        assert_shown(cells[2], &case["volume_mse"]["p"], 1.0);
        assert_shown(cells[5], &case["forces"]["truth"]["cl"], 1.0);
        assert_shown(cells[8], &case["forces"]["prediction"]["cd"], 1.0);
    }
}

/// Errors of the drag add up over the regions, case by case.
#[test]
fn drag_errors_add_up() {
    let found = score(|array, _, value| if array == "p" { 1.1 * value } else { value });
    for case in found["cases"].as_array().unwrap() {
        let of = |which: &str| case["forces"][which]["cd_pressure"].as_f64().unwrap();
        let regions = case["drag_regions"].as_array().unwrap();
        let errors = regions
            .iter()
            .map(|r| r["pressure_error"].as_f64().unwrap());
        let sum: f64 = errors.sum();
        assert!((sum - (of("prediction") - of("truth"))).abs() < 1e-12);
        assert!(sum.abs() > 1e-6, "there is an error to add up");
    }
}

/// The cache gives the same scores as the case files.
#[test]
fn scores_do_not_depend_on_the_cache() {
    let folder = predictions(|_, _, value| 1.01 * value);
    let cache = tempfile::tempdir().unwrap();
    let cache_folder = cache.path().join("c");
    let plain = json(arguments(folder.path()));
    let given = || {
        let option = [
            "--cache".to_owned(),
            cache_folder.to_str().unwrap().to_owned(),
        ];
        json(arguments(folder.path()).into_iter().chain(option))
    };
    let (first, second) = (given(), given());
    assert_eq!(first, second);
    for k in 0..4 {
        let exact = plain["statistics"]["std"][k].as_f64().unwrap();
        close(&first["statistics"]["std"][k], exact, 1e-6 * exact);
    }
    let exact = plain["summary"]["volume_mse"]["p"].as_f64().unwrap();
    close(&first["summary"]["volume_mse"]["p"], exact, 1e-6 * exact);
}

/// A default cache that is there is used, one that is not is not made.
#[test]
fn the_default_cache_is_used_but_not_made() {
    let base = tempfile::tempdir().unwrap();
    let folder = predictions(|_, _, value| value);
    let with_base = |arguments: Vec<String>| {
        let mut command = karman();
        command.env("KARMAN_CACHE_DIR", base.path()).args(arguments);
        outcome(&mut command)
    };
    let scoring = arguments(folder.path()).to_vec();
    assert_eq!(with_base(scoring.clone()).code, 0);
    assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    let sample = sample();
    let caching = ["dataset", "cache", sample.to_str().unwrap()].map(str::to_owned);
    assert_eq!(with_base(caching.to_vec()).code, 0);
    let scored = with_base(scoring);
    assert_eq!(scored.code, 0);
    assert!(
        !scored.err.contains("statistics of the train part"),
        "{}",
        scored.err
    );
}

#[test]
fn another_part_can_be_scored_and_scale() {
    let folder = predictions(|_, _, value| 1.1 * value);
    let scaled_by = |part: &str| {
        let option = ["--train".to_owned(), part.to_owned()];
        json(arguments(folder.path()).into_iter().chain(option))
    };
    let (train, test) = (scaled_by("full_train"), scaled_by("full_test"));
    assert_eq!(test["train"], "full_test");
    assert_ne!(train["statistics"], test["statistics"]);
    // The ratio of the errors is that of the variances.
    let mse = |found: &Value| found["summary"]["volume_mse"]["p"].as_f64().unwrap();
    let std = |found: &Value| found["statistics"]["std"][2].as_f64().unwrap();
    let (errors, scales) = (mse(&train) / mse(&test), std(&test) / std(&train));
    assert!((errors / scales.powi(2) - 1.0).abs() < 1e-9);
}

/// Puts a damaged prediction in place of the first one, and looks at the message.
fn rejected(damage: impl Fn(&Path, &MeshFile), words: &[&str]) {
    let folder = predictions(|_, _, value| value);
    let name = cases("full_test")[0].clone();
    let path = folder.path().join(format!("{name}.vtu"));
    damage(&path, &read_mesh(&path).unwrap());
    fails_with(
        arguments(folder.path()),
        &[words, &[name.as_str()]].concat(),
    );
}

#[test]
fn unusable_predictions_are_code_one() {
    let array = |truth: &MeshFile, name: &str| changed(truth, name, |_, _, value| value);
    rejected(
        |path, truth| {
            let u = changed(
                truth,
                "U",
                |_, k, value| if k == 1 { f64::NAN } else { value },
            );
            write(path, truth, &[u, array(truth, "p"), array(truth, "nut")]);
        },
        &["\"U\" is NaN at node 0, component 1"],
    );
    rejected(
        |path, truth| write(path, truth, &[array(truth, "U"), array(truth, "p")]),
        &["no point array \"nut\"", "U, p"],
    );
    rejected(
        |path, _| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() - 1000]).unwrap();
        },
        &[".vtu"],
    );
    rejected(
        |path, _| {
            std::fs::copy(internal(&cases("full_test")[1]), path).unwrap();
        },
        &["points"],
    );
    rejected(
        |path, _| std::fs::remove_file(path).unwrap(),
        &["no prediction for 1 of the 7 cases of full_test"],
    );
}

#[test]
fn points_in_another_order_are_told() {
    rejected(
        |path, truth| {
            let mut points = truth.mesh.points().to_vec();
            points.reverse();
            let mesh = karman::meshes::Mesh::builder()
                .points(points)
                .build()
                .unwrap();
            let file = MeshFile {
                mesh,
                fields: truth.fields.clone(),
            };
            write(path, &file, &file.fields);
        },
        &["lie elsewhere", "order"],
    );
}

#[test]
fn wrong_names_are_told_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let with = |option: &str, value: &str| {
        let option = [option.to_owned(), value.to_owned()];
        arguments(folder.path()).into_iter().chain(option)
    };
    fails_with(with("--split", "fool_test"), &["fool_test", "full_test"]);
    fails_with(with("--train", "fool_train"), &["fool_train", "full_train"]);
    fails_with(
        arguments(folder.path()),
        &["no prediction for 7 of the 7 cases", "and 2 more"],
    );
    fails_with(
        ["score", "a", "--data", "/no/such/folder"],
        &["/no/such/folder"],
    );
}
