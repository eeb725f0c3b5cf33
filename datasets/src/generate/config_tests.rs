//! Configurations: what is filled in, and what is told.

use super::*;
use crate::DatasetError;

pub(super) const WAVES: &str = "
title = \"Waves\"
[generator]
kind = \"test_wave\"
[parameters]
speed = { uniform = [0.5, 1.5] }
mask = { integers = [0, 3] }
[sampling]
count = 8
seed = 5
[times]
end = 1.0
snapshots = 5
";

pub(super) fn parse(text: &str, settings: &[&str]) -> Result<GenerateConfig, DatasetError> {
    let settings: Vec<String> = settings.iter().map(|s| s.to_string()).collect();
    GenerateConfig::parse(text, "waves.toml", &settings)
}

#[test]
fn defaults_are_filled_in() {
    let config = parse(WAVES, &["sampling.count=3", "store.precision=double"]).unwrap();
    assert_eq!(config.sampling.count, Some(3));
    assert_eq!(config.sampling.method, SamplingMethod::LatinHypercube);
    assert_eq!(config.store.precision, crate::Precision::Double);
    assert_eq!(config.generator["cells"].as_integer(), Some(24));
    assert_eq!(config.generator.get("speed"), None, "it is swept");
    let set = SetConfig::Trajectories(Box::new(config));
    let folder = set.folder("a/waves.toml".as_ref());
    assert_eq!(folder, std::path::Path::new("runs/waves"));
}

#[test]
fn a_stored_configuration_reads_back_the_same() {
    let settings = [
        "limits.largest={velocity=3.0}",
        "splits.train_until=0.5",
        "splits.held_out=[{name=\"fast\", parameter=\"speed\", from=1.2}]",
        "store.fields=[\"velocity\"]",
    ];
    let config = parse(WAVES, &settings).unwrap();
    let text = toml::to_string_pretty(&config).unwrap();
    let again = parse(&text, &[]).unwrap();
    assert_eq!(again, config, "{text}");
    assert_eq!(again.fingerprint(), config.fingerprint());
}

#[test]
fn the_fingerprint_is_of_what_cases_depend_on() {
    let config = parse(WAVES, &[]).unwrap();
    for (setting, same) in [
        ("title=Other waves", true),
        ("splits.test=0.3", true),
        ("output=elsewhere", true),
        ("generator.cells=25", false),
        ("generator.cells=24", true),
        ("sampling.seed=6", false),
        ("times.snapshots=6", false),
        ("limits.replace=true", false),
        ("store.compression=0", false),
        ("parameters.mask={integers=[0, 4]}", false),
    ] {
        let other = parse(WAVES, &[setting]).unwrap();
        assert_eq!(
            other.fingerprint() == config.fingerprint(),
            same,
            "{setting}"
        );
        assert_eq!(other.difference(&config).is_none(), same, "{setting}");
    }
    let other = parse(WAVES, &["sampling.seed=6"]).unwrap();
    let expected = ("sampling.seed".into(), "5".into(), "6".into());
    assert_eq!(config.difference(&other), Some(expected));
}

#[test]
fn mistakes_are_told_with_what_was_meant() {
    for (setting, words) in [
        ("smapling.count=3", "did you mean `sampling`"),
        ("sampling.conut=3", "did you mean `count`"),
        ("sampling.method=sobel", "did you mean `sobol`"),
        ("generator.kind=test_wav", "did you mean \"test_wave\""),
        ("generator.kind=airfoil", "did you mean \"airfoils\""),
        ("generator.cell=3", "did you mean `cells`"),
        ("generator.cells=many", "cells"),
        ("parameters.sped={uniform=[1, 2]}", "did you mean `speed`"),
        ("parameters.kind={choice=[\"a\"]}", "parameters.kind"),
        (
            "parameters.speed={unifrom=[1, 2]}",
            "did you mean `uniform`",
        ),
        ("parameters.speed={uniform=[2, 1]}", "parameters.speed"),
        ("sampling.count=0", "sampling.count"),
        ("sampling.method=grid", "parameters.speed"),
        ("times.snapshots=1", "times.snapshots"),
        ("store.compression=10", "store.compression"),
        ("store.fields=[]", "store.fields"),
        ("limits.unconverged=2", "limits.unconverged"),
        ("limits.largest={velocity=-1}", "limits.largest.velocity"),
        ("limits.attempts=0.5", "limits.attempts"),
        ("splits.validation=1.5", "splits.validation"),
        ("splits.by=geometri", "did you mean `geometry`"),
        ("splits.train_until=1.0", "splits.train_until"),
        (
            "splits.held_out=[{name=\"a\", parameter=\"sped\", from=1}]",
            "splits.held_out[0]",
        ),
        (
            "splits.held_out=[{name=\"a\", parameter=\"speed\"}]",
            "either values",
        ),
    ] {
        let error = parse(WAVES, &[setting]).unwrap_err().to_string();
        assert!(error.contains(words), "{setting}: {error}");
        assert!(error.contains("waves.toml"), "{setting}: {error}");
    }
    let without = WAVES.replace("kind = \"test_wave\"", "");
    let error = parse(&without, &[]).unwrap_err().to_string();
    assert!(
        error.contains("generator.kind: is needed: one of"),
        "{error}"
    );
    let without = WAVES.split("[times]").next().unwrap();
    let error = parse(without, &[]).unwrap_err().to_string();
    assert!(error.contains("times: is needed"), "{error}");
    let error = parse("[generator", &[]).unwrap_err().to_string();
    assert!(error.contains("waves.toml"), "{error}");
    assert!(
        parse(WAVES, &["sampling"])
            .unwrap_err()
            .to_string()
            .contains("--set sampling")
    );
}
