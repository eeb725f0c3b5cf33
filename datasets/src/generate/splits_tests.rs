//! Parts without leaks, whatever the rules.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::trajectories::ManifestHead;
use crate::{Attributes, TrajectoryGrid};

/// Cases with a speed and a shape; every third repeats the data of the case before it, and there are
/// four geometries.
fn manifest(n: usize) -> TrajectoryManifest {
    let case = |i: usize| TrajectoryCase {
        name: format!("case_{i:05}"),
        sample: i,
        seed: i as u64,
        parameters: Attributes::from([
            ("speed".into(), json!(i as f64 / n as f64)),
            ("shape".into(), json!(["disc", "square"][i % 2])),
        ]),
        grid: TrajectoryGrid {
            shape: vec![1],
            spacing: vec![1.0],
            origin: vec![0.0],
        },
        geometry: format!("{}", i % 4),
        data: format!("{}", if i % 3 == 2 { i - 1 } else { i }),
        bytes: 1,
        hash: "0".into(),
        steps: 1,
        unconverged: 0,
        worst_residual: 0.0,
    };
    let head = ManifestHead {
        title: String::new(),
        generator: String::new(),
        solver: String::new(),
        fingerprint: String::new(),
        times: vec![0.0, 1.0, 2.0, 3.0],
        fields: Vec::new(),
        statics: Vec::new(),
    };
    TrajectoryManifest::new(head, (0..n).map(case).collect(), Vec::new())
}

fn split(config: &SplitsConfig, n: usize) -> TrajectoryManifest {
    let mut manifest = manifest(n);
    config.apply(&mut manifest).unwrap();
    manifest
}

/// The part of each case, but for `test_time`, which shares its cases with `train`.
fn part_of(manifest: &TrajectoryManifest, name: &str) -> Vec<String> {
    let has = |(part, cases): (&String, &TrajectoryPart)| {
        (part != "test_time" && cases.cases.iter().any(|case| case == name)).then(|| part.clone())
    };
    manifest.parts.iter().filter_map(has).collect()
}

#[test]
fn shares_and_seed() {
    let config = SplitsConfig::default();
    let manifest = split(&config, 60);
    let sizes = ["train", "validation", "test"].map(|part| manifest.parts[part].cases.len());
    assert_eq!(sizes.iter().sum::<usize>(), 60);
    // Pairs of equal cases stay together: a part may be one too large.
    assert!(
        (6..=7).contains(&sizes[1]) && (6..=7).contains(&sizes[2]),
        "{sizes:?}"
    );
    assert_eq!(split(&config, 60).parts, manifest.parts);
    let other = SplitsConfig {
        seed: 1,
        ..config.clone()
    };
    assert_ne!(split(&other, 60).parts, manifest.parts);
    let none = SplitsConfig {
        validation: 0.0,
        test: 0.0,
        ..config
    };
    let parts = split(&none, 60).parts;
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["train"]);
}

#[test]
fn held_out_values() {
    let config: SplitsConfig = toml::from_str(
        "held_out = [{name = \"square\", parameter = \"shape\", values = [\"square\"]}]",
    )
    .unwrap();
    let manifest = split(&config, 24);
    let shape = |name: &String| &manifest.case(name, "".as_ref()).unwrap().parameters["shape"];
    assert!(
        manifest.parts["test_square"]
            .cases
            .iter()
            .all(|c| shape(c) == "square")
    );
    assert!(
        manifest.parts["train"]
            .cases
            .iter()
            .all(|c| shape(c) == "disc")
    );
    // A square that repeats a disc's data: neither may be trained on, nor tested on as another.
    assert_eq!(manifest.unused.len(), 8);
}

/// Of few cases, the last one is to train on.
#[test]
fn small_sets() {
    let config = SplitsConfig::default();
    for (n, parts) in [(1, 1), (2, 2), (4, 3)] {
        let manifest = split(&config, n);
        assert_eq!(manifest.parts.len(), parts, "{n} cases");
        assert!(!manifest.parts["train"].cases.is_empty());
    }
}

#[test]
fn a_part_without_cases_is_told() {
    let all: SplitsConfig =
        toml::from_str("held_out = [{name = \"all\", parameter = \"speed\", from = -1.0}]")
            .unwrap();
    let error = all.apply(&mut manifest(4)).unwrap_err().to_string();
    assert!(
        error.contains("\"train\"") && error.contains("none of 4"),
        "{error}"
    );
}

proptest! {
    /// Equal data, equal geometry, held-out ranges and later times are never on both sides.
    #[test]
    fn nothing_leaks(
        n in 12usize..80,
        seed: u64,
        by_geometry: bool,
        from in 0.3f64..0.95,
        until in prop::option::of(0usize..3),
    ) {
        let config = SplitsConfig {
            by: if by_geometry { SplitBy::Geometry } else { SplitBy::Case },
            seed,
            train_until: until.map(|u| u as f64 + 0.5),
            held_out: vec![HeldOut {
                name: "fast".into(),
                parameter: "speed".into(),
                from: Some(from),
                to: None,
                values: None,
            }],
            ..SplitsConfig::default()
        };
        let mut manifest = manifest(n);
        // By geometry every group may hold a fast case: then there is nothing to train on.
        if config.apply(&mut manifest).is_err() {
            prop_assert!(by_geometry);
            return Ok(());
        }
        for case in &manifest.cases {
            let parts = part_of(&manifest, &case.name);
            let unused = manifest.unused.contains(&case.name);
            prop_assert_eq!(parts.len(), usize::from(!unused), "{}", &case.name);
            for other in &manifest.cases {
                let together = if by_geometry { case.geometry == other.geometry } else { case.data == other.data };
                let others = part_of(&manifest, &other.name);
                if together && !parts.is_empty() && !others.is_empty() {
                    prop_assert_eq!(&parts, &others);
                }
            }
            let fast = case.parameters["speed"].as_f64().unwrap_or_default() >= from;
            prop_assert_eq!(fast, parts == ["test_fast"]);
        }
        if let Some(until) = until {
            prop_assert_eq!(manifest.parts["train"].times, [0, until + 1]);
            prop_assert_eq!(manifest.parts["test_time"].times, [until + 1, 4]);
        }
    }
}
