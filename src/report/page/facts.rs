//! How the run was made.

use super::super::data::RunFacts;
use super::super::richtext::escape;
use super::numbers::{bytes, duration, grouped};

/// The facts as a list of terms under the heading; unknown ones are left out.
pub fn list(run: &RunFacts) -> String {
    let mut facts: Vec<(&str, String)> = vec![
        ("Model", escape(&run.model)),
        ("Data set", escape(&run.dataset)),
        ("Split", escape(&run.split)),
        ("Cases", cases(run)),
        (
            "Parameters",
            some(run.parameters > 0, || grouped(run.parameters)),
        ),
        (
            "Ensemble",
            some(run.members > 1, || format!("{} members", run.members)),
        ),
        (
            "Training time",
            some(run.wall_seconds > 0.0, || duration(run.wall_seconds)),
        ),
        (
            "Peak memory",
            some(run.peak_memory_bytes > 0, || bytes(run.peak_memory_bytes)),
        ),
        ("Device", escape(&run.device)),
        ("Seed", run.seed.to_string()),
        ("Versions", versions(run)),
        ("Finished", escape(&run.finished)),
    ];
    facts.extend(
        run.extra
            .iter()
            .map(|(label, value)| (label.as_str(), escape(value))),
    );
    terms(&facts)
}

/// Labels and their values, which are HTML; empty ones are left out.
pub fn terms(facts: &[(&str, String)]) -> String {
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    let item = |(label, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{value}</dd></div>\n", escape(label))
    };
    format!(
        "<dl class=\"facts\">\n{}</dl>",
        known.map(item).collect::<String>()
    )
}

fn some(known: bool, text: impl Fn() -> String) -> String {
    if known { text() } else { String::new() }
}

fn cases(run: &RunFacts) -> String {
    let parts = [
        (run.n_train, "train"),
        (run.n_validation, "validation"),
        (run.n_test, "test"),
    ];
    let present = parts.iter().filter(|(n, _)| *n > 0);
    present
        .map(|(n, name)| format!("{n} {name}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn versions(run: &RunFacts) -> String {
    let each = run
        .versions
        .iter()
        .map(|(name, version)| escape(&format!("{name} {version}")));
    each.collect::<Vec<_>>().join(", ")
}

/// The complete configuration.
pub fn configuration(run: &RunFacts) -> String {
    if run.config.trim().is_empty() {
        return String::new();
    }
    let text = format!("<pre>{}</pre>\n", escape(run.config.trim()));
    super::html::fold("Complete configuration of the run (TOML)", &text, false)
}
