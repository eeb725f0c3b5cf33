//! `karman picture`.

use std::path::Path;

use crate::support::{fails_with, json};

/// Twelve times of forced turbulence on a coarse grid.
fn case(folder: &Path) -> String {
    let root = folder.join("set");
    let root = root.to_str().unwrap();
    json([
        "generate",
        "examples/generate/decaying-vorticity.toml",
        "--set",
        "sampling.count=1",
        "--set",
        "generator.points=24",
        "--set",
        "times={end=1.1, snapshots=12}",
        "--set",
        "splits.train_until=1.0",
        "-o",
        root,
    ]);
    format!("{root}/cases/case_00000.h5")
}

#[test]
fn a_case_becomes_an_animation_and_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path());
    let gif = folder.path().join("all.gif");
    let gif = gif.to_str().unwrap();
    let drawn = json(["picture", &case, "--every", "3", "--zoom", "2", "-o", gif]);
    assert_eq!(drawn["frames"], 4);
    assert_eq!(drawn["pixels"], serde_json::json!([48, 48]));
    assert_eq!(&std::fs::read(gif).unwrap()[..6], b"GIF89a");
    let some = json([
        "picture", &case, "--from", "0.35", "--until", "0.65", "-o", gif,
    ]);
    assert_eq!(some["frames"], 3);
    let png = folder.path().join("one.png");
    let png = png.to_str().unwrap();
    let drawn = json(["picture", &case, "--time", "0.5", "--range=-1,1", "-o", png]);
    assert_eq!(
        (&drawn["frames"], &drawn["range"]),
        (&1.into(), &serde_json::json!([-1.0, 1.0]))
    );
    assert_eq!(&std::fs::read(png).unwrap()[1..4], b"PNG");
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path());
    fails_with(["picture", &case, "-o", "x.jpg"], &[".gif or .png"]);
    fails_with(
        ["picture", &case, "--field", "vortcity"],
        &["did you mean \"vorticity\""],
    );
    fails_with(["picture", &case, "--range", "2,1"], &["ascend"]);
    fails_with(["picture", &case, "--from", "7"], &["no time is stored"]);
    fails_with(["picture", "README.md"], &["README.md"]);
}
