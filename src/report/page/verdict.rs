//! The sentence that says whether the surrogate beats the baselines.

use super::super::data::{MethodKind, MethodRow};
use super::super::richtext::{escape, to_html};
use super::measures::{MEASURES, Measure};

/// One paragraph of HTML; empty without methods.
pub fn sentence(methods: &[MethodRow]) -> String {
    if methods.is_empty() {
        return String::new();
    }
    let baseline = |m: &Measure| m.best(methods, Some(MethodKind::Baseline));
    let compared: Vec<&Measure> = MEASURES.iter().filter(|m| baseline(m).is_some()).collect();
    if compared.is_empty() {
        return verdict(
            "unknown",
            "No baseline was scored in this run, so it does not show whether the surrogate is worth its cost.",
        );
    }
    let lost: Vec<String> = compared.iter().filter_map(|m| lost(m, methods)).collect();
    let n = compared.len();
    match lost.len() {
        0 => verdict(
            "good",
            &format!("The surrogate beats every baseline on all {n} measures that both have."),
        ),
        k if k == n => verdict(
            "bad",
            &format!(
                "The surrogate does not beat the baselines on any measure: {}.",
                listed(&lost)
            ),
        ),
        k => verdict(
            "mixed",
            &format!(
                "The surrogate beats the baselines on {} of {n} measures. It does not on {}.",
                n - k,
                listed(&lost)
            ),
        ),
    }
}

fn verdict(class: &str, text: &str) -> String {
    format!("<p class=\"verdict {class}\">{text}</p>\n")
}

/// `C_D error (1.9 % against 1.8 % for Kernel ridge)` when a baseline is at least as good.
fn lost(measure: &Measure, methods: &[MethodRow]) -> Option<String> {
    let (row, theirs) = measure.best(methods, Some(MethodKind::Baseline))?;
    let ours = measure
        .best(methods, Some(MethodKind::Surrogate))
        .map(|(_, v)| v);
    if ours.is_some_and(|v| measure.better(v, theirs)) {
        return None;
    }
    let thousandths = if measure.name.starts_with("volume") || measure.name.starts_with("surface") {
        "\u{2009}×\u{2009}10<sup>−3</sup>"
    } else {
        ""
    };
    let print = |v: f64| (measure.print)(v) + thousandths;
    let ours = ours.map_or("no usable value".to_owned(), print);
    let (name, theirs, who) = (to_html(measure.name), print(theirs), escape(&row.name));
    Some(format!("{name} ({ours} against {theirs} for {who})"))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: MethodKind, mse: f64, rank: f64) -> MethodRow {
        let mut row = MethodRow {
            name: format!("{kind:?}"),
            kind,
            ..MethodRow::default()
        };
        row.volume_mse = [Some(mse); 4];
        row.cd.rank = Some(rank);
        row
    }

    #[test]
    fn a_baseline_that_is_not_beaten_is_named() {
        let methods = [
            row(MethodKind::Surrogate, 1e-3, 0.6),
            row(MethodKind::Baseline, 2e-3, 0.7),
        ];
        let text = sentence(&methods);
        assert!(
            text.contains("4 of 5") && text.contains("rank (0.600 against 0.700 for Baseline)"),
            "{text}"
        );
    }

    #[test]
    fn beating_all_losing_all_and_nan() {
        let base = row(MethodKind::Baseline, 2e-3, 0.7);
        let all = sentence(&[row(MethodKind::Surrogate, 1e-3, 0.8), base.clone()]);
        assert!(all.contains("beats every baseline on all 5"), "{all}");
        let none = sentence(&[row(MethodKind::Surrogate, 2e-3, 0.7), base.clone()]);
        assert!(
            none.contains("does not beat the baselines on any"),
            "a tie is not a win: {none}"
        );
        let nan = sentence(&[row(MethodKind::Surrogate, f64::NAN, f64::NAN), base]);
        assert!(
            nan.contains("does not beat") && nan.contains("no usable value"),
            "{nan}"
        );
    }

    #[test]
    fn published_numbers_are_not_baselines() {
        let methods = [
            row(MethodKind::Surrogate, 1e-3, 0.6),
            row(MethodKind::Reference, 1e-9, 1.0),
        ];
        assert!(sentence(&methods).contains("No baseline"));
    }
}
