//! `karman dataset`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use karman::datasets::AirfransDataset;
use karman::meshes::read_mesh;
use serde_json::Value;

use crate::support::{
    assert_shown, cases, changed, fails_with, json, karman, outcome, row, run, sample, write,
};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A data set of a few bundled cases: two to train on, one to test on.
struct Few {
    folder: tempfile::TempDir,
    names: Vec<String>,
}

impl Few {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut names = cases("full_train");
        names.truncate(2);
        names.push(cases("full_test")[0].clone());
        for name in &names {
            let to = folder.path().join(name);
            std::fs::create_dir(&to).unwrap();
            for entry in std::fs::read_dir(sample().join(name)).unwrap() {
                let path = entry.unwrap().path();
                std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
            }
        }
        let few = Self { folder, names };
        few.manifest(&serde_json::json!({
            "full_train": few.names[..2],
            "full_test": few.names[2..],
        }));
        few
    }

    fn root(&self) -> &str {
        text(self.folder.path())
    }

    fn manifest(&self, value: &Value) {
        let path = self.folder.path().join("manifest.json");
        std::fs::write(path, value.to_string()).unwrap();
    }

    fn internal(&self, k: usize) -> PathBuf {
        let name = &self.names[k];
        self.folder
            .path()
            .join(name)
            .join(format!("{name}_internal.vtu"))
    }
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().unwrap();
    list.iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn info_of_the_bundled_sample() {
    let root = sample();
    let found = json(["dataset", "info", text(&root), "--all"]);
    assert_eq!(found["n_cases"], 31);
    assert_eq!(found["cases"].as_array().unwrap().len(), 31);
    assert_eq!(found["faults"], serde_json::json!([]));
    assert_eq!(found["warnings"], serde_json::json!([]));
    assert_eq!(
        found["tasks"],
        serde_json::json!([
            {"name": "full", "train": "full_train", "validation": null, "test": "full_test"}
        ])
    );
    for part in found["parts"].as_array().unwrap() {
        let names = cases(part["name"].as_str().unwrap());
        assert_eq!(part["n_cases"], names.len());
        // Speeds stand in the names.
        let speeds = names.iter().map(|name| {
            let field = name.split('_').nth(2).unwrap();
            field.parse::<f64>().unwrap()
        });
        let lowest = speeds.fold(f64::INFINITY, f64::min);
        assert_eq!(part["speed"][0], lowest);
    }
    let shown = run(["dataset", "info", text(&root), "--all"]);
    assert_eq!(shown.code, 0);
    assert!(shown.out.contains("nothing odd was found"), "{}", shown.out);
    let cells = row(&shown.out, "full_test");
    let part = &found["parts"][0];
    assert_eq!(cells[0], part["n_cases"].to_string());
    assert_shown(cells[1], &part["speed"][0], 1.0);
    assert_shown(cells[3], &part["speed"][1], 1.0);
    let case = &found["cases"][7];
    let cells = row(&shown.out, case["name"].as_str().unwrap());
    assert_shown(cells[0], &case["speed"], 1.0);
    assert_eq!(cells[2], case["n_points"].to_string());
}

#[test]
fn info_warns_of_folders_that_no_part_lists() {
    let few = Few::new();
    few.manifest(&serde_json::json!({"full_train": few.names[..2]}));
    let found = json(["dataset", "info", few.root()]);
    let warnings = strings(&found["warnings"]);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(&few.names[2]), "{warnings:?}");
}

/// A case that cannot be used: the others are still shown, and the exit code tells.
#[test]
fn info_finds_unusable_cases() {
    let few = Few::new();
    let bytes = std::fs::read(few.internal(1)).unwrap();
    let truth = read_mesh(&few.internal(1)).unwrap();
    let array = |name| changed(&truth, name, |_, _, value| value);
    let cut = |path: &Path| std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    let without_nut = |path: &Path| write(path, &truth, &[array("U"), array("p")]);
    let with_nan = |path: &Path| {
        let p = changed(&truth, "p", |_, _, _| f64::NAN);
        write(path, &truth, &[array("U"), p, array("nut")]);
    };
    let unusable = |words: &str| {
        let first_only = run(["dataset", "info", few.root()]);
        assert_eq!(first_only.code, 0, "{}", first_only.err);
        let arguments = ["dataset", "info", few.root(), "--all", "--json", "-", "-q"];
        let found = run(arguments);
        assert_eq!(found.code, 1);
        for words in ["1 of 3 cases cannot be used", few.names[1].as_str(), words] {
            assert!(found.err.contains(words), "{words}: {}", found.err);
        }
        let value: Value = serde_json::from_str(&found.out).unwrap();
        assert_eq!(value["cases"].as_array().unwrap().len(), 2);
        assert_eq!(value["faults"][0]["case"], few.names[1].as_str());
    };
    cut(&few.internal(1));
    unusable("_internal.vtu");
    without_nut(&few.internal(1));
    unusable("no point array \"nut\"");
    with_nan(&few.internal(1));
    unusable("\"p\" is NaN at index 0");
}

#[test]
fn manifests_with_faults_are_code_one() {
    let few = Few::new();
    let commands: [&[&str]; 3] = [
        &["dataset", "info", few.root()],
        &["dataset", "cache", few.root()],
        &["score", few.root(), "--data", few.root()],
    ];
    let with = |manifest: Value, words: &[&str]| {
        few.manifest(&manifest);
        for command in commands {
            fails_with(command, words);
        }
    };
    with(
        serde_json::json!({"full_train": [few.names[0], "wing_1", "wing_2"], "full_test": []}),
        &["manifest.json", "names 2 of 3 cases", "wing_1, wing_2"],
    );
    with(
        serde_json::json!({"full_train": few.names, "full_test": [few.names[0]]}),
        &["both in", &few.names[0]],
    );
    with(serde_json::json!([1, 2]), &["manifest.json", "object"]);
    let path = few.folder.path().join("manifest.json");
    std::fs::write(&path, "{\"full_train\": [").unwrap();
    fails_with(commands[0], &["not valid JSON"]);
    std::fs::remove_file(&path).unwrap();
    fails_with(
        commands[0],
        &["no manifest.json", "3 case folders", "karman dataset split"],
    );
    fails_with(["dataset", "info", "/no/such/folder"], &["/no/such/folder"]);
}

#[test]
fn split_holds_a_part_out() {
    let root = sample();
    let arguments = ["dataset", "split", text(&root), "--validation", "0.25"];
    let with_seed = |seed: &'static str| json(arguments.into_iter().chain(["--seed", seed]));
    let found = with_seed("0");
    assert_eq!(found["made"], serde_json::json!(["full_train", "full_val"]));
    let (train, held_out) = (
        strings(&found["parts"]["full_train"]),
        strings(&found["parts"]["full_val"]),
    );
    assert_eq!((train.len(), held_out.len()), (18, 6));
    let all: BTreeSet<String> = train.into_iter().chain(held_out.clone()).collect();
    assert_eq!(all, cases("full_train").into_iter().collect());
    assert_eq!(strings(&found["parts"]["full_test"]), cases("full_test"));
    assert_eq!(found, with_seed("0"), "the seed decides");
    assert_ne!(found["parts"], with_seed("1")["parts"]);
    let shown = run(arguments);
    assert_eq!(row(&shown.out, "full_val "), ["6", "new"]);
    for name in held_out {
        assert!(shown.out.contains(&name));
    }
    assert!(shown.out.contains("nothing was written"), "{}", shown.out);
}

#[test]
fn split_writes_a_manifest_and_replaces_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.json");
    let root = sample();
    let arguments = ["dataset", "split", text(&root), "-o", text(&path)];
    let found = json(arguments);
    let written: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(written, found["parts"]);
    let with_seed = || arguments.into_iter().chain(["--seed", "5"]);
    fails_with(with_seed(), &["exists already", "--force"]);
    let same: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(same, written);
    let forced = run(with_seed().chain(["--force"]));
    assert_eq!(forced.code, 0, "{}", forced.err);
    let replaced: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_ne!(replaced, written);
}

/// From case folders without a manifest to a data set that opens.
#[test]
fn split_makes_a_first_manifest() {
    let few = Few::new();
    let path = few.folder.path().join("manifest.json");
    std::fs::remove_file(&path).unwrap();
    let found = json([
        "dataset",
        "split",
        few.root(),
        "--test",
        "0.3",
        "--validation",
        "0.5",
        "-o",
        text(&path),
    ]);
    assert_eq!(
        found["made"],
        serde_json::json!(["full_test", "full_train", "full_val"])
    );
    let dataset = AirfransDataset::open(few.root()).unwrap();
    let parts = dataset.manifest().parts();
    let sizes: Vec<usize> = ["full_train", "full_val", "full_test"]
        .iter()
        .map(|part| parts[*part].len())
        .collect();
    assert_eq!(sizes, [1, 1, 1]);
    assert_eq!(dataset.tasks()[0].validation.as_deref(), Some("full_val"));
    // A second time there is a manifest with a validation part.
    let again = ["dataset", "split", few.root()];
    fails_with(again, &["\"full_val\" already"]);
    let test = again.into_iter().chain(["--test", "0.3"]);
    fails_with(test, &["has a manifest", "help:"]);
}

/// The way out of a manifest that names absent cases, as its message tells it.
#[test]
fn absent_cases_have_a_way_out() {
    let few = Few::new();
    std::fs::remove_dir_all(few.folder.path().join(&few.names[0])).unwrap();
    let path = few.folder.path().join("manifest.json");
    let way_out = format!("`karman dataset split {} -o {}`", few.root(), text(&path));
    fails_with(
        ["dataset", "info", few.root()],
        &["names 1 of 3 cases", &few.names[0], &way_out],
    );
    std::fs::rename(&path, few.folder.path().join("manifest-of-all.json")).unwrap();
    let written = run([
        "dataset",
        "split",
        few.root(),
        "--validation=0",
        "-o",
        text(&path),
    ]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert_eq!(json(["dataset", "info", few.root()])["n_cases"], 2);
}

#[test]
fn split_says_what_is_wrong() {
    let root = sample();
    fails_with(
        ["dataset", "split", text(&root), "--part", "fall_train"],
        &["fall_train", "full_train"],
    );
    let empty = tempfile::tempdir().unwrap();
    fails_with(
        ["dataset", "split", text(empty.path())],
        &["no case folders", "NAME_internal.vtu"],
    );
    for fraction in ["1", "-0.1", "nan"] {
        let given = format!("--validation={fraction}");
        let outcome = run(["dataset", "split", text(&root), &given]);
        assert_eq!(outcome.code, 2, "{fraction}: {}", outcome.err);
    }
}

#[test]
fn cache_is_built_once() {
    let few = Few::new();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let arguments = ["dataset", "cache", few.root(), "--cache", text(&cache)];
    let counts =
        |found: &Value| ["built", "rebuilt", "reused"].map(|key| found[key].as_u64().unwrap());
    let first = json(arguments);
    assert_eq!(counts(&first), [3, 0, 0]);
    let points = |k| read_mesh(&few.internal(k)).unwrap().mesh.n_points();
    assert_eq!(first["n_rows"], (0..3).map(points).sum::<usize>());
    assert!(first["bytes"].as_u64().unwrap() > 0);
    assert_eq!(counts(&json(arguments)), [0, 0, 3]);
    // A changed case, and only that, is built again.
    let truth = read_mesh(&few.internal(0)).unwrap();
    let fields = ["U", "p", "nut"].map(|name| changed(&truth, name, |_, _, v| v * 0.5));
    write(&few.internal(0), &truth, &fields);
    assert_eq!(counts(&json(arguments)), [0, 1, 2]);
    let shown = run(arguments);
    assert!(shown.out.contains("3 were up to date"), "{}", shown.out);
}

#[test]
fn cache_goes_where_the_environment_says_and_nowhere_else() {
    let few = Few::new();
    let folder = tempfile::tempdir().unwrap();
    let mut command = karman();
    command.args(["dataset", "cache", few.root(), "--json", "-", "--quiet"]);
    let found = outcome(command.env("KARMAN_CACHE_DIR", folder.path()));
    assert_eq!(found.code, 0, "{}", found.err);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let place = PathBuf::from(value["cache"].as_str().unwrap());
    assert!(place.starts_with(folder.path()) && place.is_dir());
    // A folder with other files is not made a cache.
    fails_with(
        ["dataset", "cache", few.root(), "--cache", few.root()],
        &["is not a cache"],
    );
}
