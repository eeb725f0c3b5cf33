//! `karman generate`, and `karman dataset info` on what it makes.

use std::path::Path;

use crate::support::{fails_with, json, run};

/// A small version of a ready configuration.
const SMALL: [&str; 8] = [
    "generate",
    "examples/generate/burgers.toml",
    "--set",
    "sampling.count=4",
    "--set",
    "generator.points=64",
    "--set",
    "times={end=0.1, snapshots=3}",
];

fn small(output: &Path) -> Vec<&str> {
    let until = ["--set", "splits.train_until=0.05", "-o"];
    let output = output.to_str().unwrap();
    SMALL.into_iter().chain(until).chain([output]).collect()
}

#[test]
fn a_set_is_made_kept_and_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    let found = json(small(&root));
    assert_eq!(
        (found["n_cases"].as_u64(), found["reused"].as_u64()),
        (Some(4), Some(0))
    );
    assert_eq!(found["parts"]["train"], found["parts"]["test_time"]);
    assert_eq!(json(small(&root))["reused"], 4);
    let shown = run(small(&root));
    assert!(
        shown.out.contains("4 samples were there already"),
        "{}",
        shown.out
    );
    let info = json(["dataset", "info", root.to_str().unwrap(), "--all"]);
    assert_eq!(
        (info["generator"].as_str(), info["n_times"].as_u64()),
        (Some("burgers"), Some(3))
    );
    let shown = run(["dataset", "info", root.to_str().unwrap()]);
    for words in [
        "made by burgers",
        "64 cells, 3 times",
        "viscosity",
        "test_time",
        "nothing odd",
    ] {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    // A case that was changed behind the manifest's back.
    let case = root.join("cases/case_00001.h5");
    let mut bytes = std::fs::read(&case).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&case, bytes).unwrap();
    let outcome = run(["dataset", "info", root.to_str().unwrap(), "--all"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("case_00001.h5"), "{}", outcome.err);
    assert_eq!(json(small(&root))["reused"], 3, "it is made again");
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    let with = |setting: &'static str| small(&root).into_iter().chain(["--set", setting]);
    fails_with(
        with("generator.viscosty=1"),
        &["burgers.toml", "did you mean `viscosity`"],
    );
    fails_with(with("generator.kind=burger"), &["did you mean \"burgers\""]);
    fails_with(with("sampling.conut=1"), &["did you mean `count`"]);
    fails_with(["generate", "no-such-file.toml"], &["no-such-file.toml"]);
    assert!(!root.exists(), "nothing was begun");
    json(small(&root));
    fails_with(
        with("sampling.seed=9"),
        &["sampling.seed = 1", "now it is 9", "--output"],
    );
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("notes.txt"), "").unwrap();
    fails_with(small(&taken), &["notes.txt"]);
}
