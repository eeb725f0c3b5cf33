//! Each ready configuration in `examples/generate` is good, and a small version of it runs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::{Progress, Trajectories};

/// What makes each of them small; the number of cases and times is set for all.
const SMALL: &[(&str, &[&str])] = &[
    (
        "burgers",
        &[
            "generator.points=64",
            "times.end=0.1",
            "splits.train_until=0.05",
        ],
    ),
    ("allen-cahn", &["generator.points=64", "times.end=0.1"]),
    ("kdv", &["generator.points=64", "times.end=0.05"]),
    (
        "diffusion-sorption",
        &["generator.cells=32", "times.end=20.0"],
    ),
    (
        "decaying-vorticity",
        &[
            "generator.points=32",
            "times.end=0.2",
            "splits.train_until=0.1",
        ],
    ),
    (
        "forced-vorticity",
        &["generator.points=32", "times.end=0.2"],
    ),
    ("darcy", &["generator.points=17"]),
    (
        "cylinder-wakes",
        &[
            "generator.cells_x=48",
            "generator.cells_y=24",
            "times.start=0.5",
            "times.end=1.0",
        ],
    ),
    (
        "smoke-plumes",
        &[
            "generator.cells_x=32",
            "generator.cells_y=48",
            "generator.spacing=0.03125",
            "times.end=0.5",
        ],
    ),
    (
        "smoke-plumes-3d",
        &[
            "generator.cells_x=16",
            "generator.cells_y=20",
            "generator.cells_z=16",
            "generator.spacing=0.0625",
            "generator.obstacles=1",
            "times.end=0.3",
        ],
    ),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/generate")
}

#[test]
fn every_configuration_is_good_and_has_a_small_version() {
    let files = std::fs::read_dir(folder()).unwrap();
    let mut names = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for file in files {
        let path = file.unwrap().path();
        let config = match SetConfig::read(&path, &[]).unwrap() {
            SetConfig::Trajectories(config) => config,
            SetConfig::Airfoils(_) => {
                // It needs OpenFOAM; its own tests run it with a stand-in.
                kinds.insert("airfoils".to_owned());
                continue;
            }
        };
        kinds.insert(config.generator["kind"].as_str().unwrap().to_owned());
        names.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    let small: BTreeSet<String> = SMALL.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, small);
    let all: BTreeSet<String> = generator_kinds()
        .into_iter()
        .filter(|kind| !kind.starts_with("test_"))
        .map(String::from)
        .collect();
    assert_eq!(kinds, all, "each kind of generator has a configuration");
}

#[test]
fn small_versions_run() {
    for (name, small) in SMALL {
        let mut settings: Vec<String> = small.iter().map(|s| s.to_string()).collect();
        settings.push("sampling.count=2".into());
        if small.iter().any(|s| s.starts_with("times.")) {
            settings.push("times.snapshots=3".into());
        }
        let path = folder().join(format!("{name}.toml"));
        let config = GenerateConfig::read(&path, &settings).unwrap_or_else(|e| panic!("{e}"));
        let root = tempfile::tempdir().unwrap();
        let report = generate(
            &config,
            root.path(),
            Progress::Hidden,
            &AtomicBool::new(false),
        );
        let report = report.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            (report.cases.len(), report.rejected.len()),
            (2, 0),
            "{name}: {report:?}"
        );
        look_at(name, &Trajectories::open(root.path()).unwrap());
    }
}

/// Fields differ from cell to cell, from time to time, and from case to case.
fn look_at(name: &str, set: &Trajectories) {
    assert!(set.faults(Progress::Hidden).is_empty(), "{name}");
    let cases = &set.manifest().cases;
    assert_ne!(cases[0].data, cases[1].data, "{name}");
    let first = set.trajectory(&cases[0].name).unwrap();
    let n = first.times().len();
    for field in first.fields() {
        let last = first.read::<f64>(&field.name, n - 1..n).unwrap().values;
        let [low, high] = last.iter().fold([f64::MAX, f64::MIN], |[low, high], v| {
            [low.min(*v), high.max(*v)]
        });
        assert!(low < high, "{name}: {} is {low} everywhere", field.name);
        if n > 1 {
            let begin = first.read::<f64>(&field.name, 0..1).unwrap().values;
            assert_ne!(begin, last, "{name}: {} does not change", field.name);
        }
    }
}
