//! Tables of the page.

use super::super::data::{
    CaseCoefficient, CaseRow, CoefficientRow, CoefficientStats, MethodKind, MethodRow, Verdict,
};
use super::super::richtext::escape;
use super::html::{fold, table};
use super::measures::{MEASURES, Measure};
use super::numbers::{DASH, duration, fixed, percent, significant};

/// More test cases than this are folded away.
const OPEN_CASES: usize = 40;

/// Summary table: methods against measures, the best of each column marked.
pub fn methods(methods: &[MethodRow]) -> String {
    if methods.is_empty() {
        return String::new();
    }
    let train = methods.iter().any(|m| m.train_seconds.is_some());
    let case = methods.iter().any(|m| m.case_seconds.is_some());
    let timing = usize::from(train) + usize::from(case);
    let times = if timing == 0 {
        String::new()
    } else {
        format!("<th colspan=\"{timing}\" class=\"group\">Time</th>")
    };
    let train_head = if train { "<th>train</th>" } else { "" };
    let case_head = if case { "<th>a case</th>" } else { "" };
    let head = format!(
        "<tr><th rowspan=\"2\">Method</th><th colspan=\"4\" class=\"group\">Volume MSE, 10<sup>−3</sup></th>\
         <th class=\"group\">Surface</th><th colspan=\"2\" class=\"group\">C<sub>L</sub></th>\
         <th colspan=\"2\" class=\"group\">C<sub>D</sub></th>{times}</tr>\n\
         <tr><th>u<sub>x</sub></th><th>u<sub>y</sub></th><th>p</th><th>ν<sub>t</sub></th><th>p</th>\
         <th>error</th><th>rank</th><th>error</th><th>rank</th>{train_head}{case_head}</tr>\n"
    );
    let rows: String = methods
        .iter()
        .map(|m| method_row(m, methods, train, case))
        .collect();
    let caption = "Errors of the surrogate and of the baselines on the test cases";
    table("methods", caption, &head, &rows)
        + "<p class=\"note\">Mean squared errors of z-scored fields. C<sub>L</sub> and C<sub>D</sub>: mean relative error and Spearman rank correlation of the values that the method reports. The best of each column is marked.</p>\n"
}

fn method_row(method: &MethodRow, all: &[MethodRow], train: bool, case: bool) -> String {
    let class = match method.kind {
        MethodKind::Surrogate => "ours",
        MethodKind::Baseline => "baseline",
        MethodKind::Reference => "reference",
    };
    let mut row = format!(
        "<tr class=\"{class}\"><th scope=\"row\">{}</th>",
        escape(&method.name)
    );
    row.extend(
        MEASURES
            .iter()
            .map(|measure| measure_cell(measure, method, all)),
    );
    for (shown, seconds) in [(train, method.train_seconds), (case, method.case_seconds)] {
        if shown {
            row += &cell(&seconds.map_or(DASH.to_owned(), duration));
        }
    }
    row + "</tr>\n"
}

fn measure_cell(measure: &Measure, method: &MethodRow, all: &[MethodRow]) -> String {
    let Some(value) = measure.of(method) else {
        return cell(DASH);
    };
    let best = measure.best(all, None).map(|(_, best)| best);
    let marked = method.kind != MethodKind::Reference && best == Some(value);
    let text = (measure.print)(value);
    if marked {
        format!("<td class=\"best\"><b>{text}</b></td>")
    } else {
        cell(&text)
    }
}

fn cell(content: &str) -> String {
    format!("<td>{content}</td>")
}

fn optional(value: Option<f64>, print: impl Fn(f64) -> String) -> String {
    value.map_or(DASH.to_owned(), print)
}

/// How C_L and C_D were estimated, with intervals and their coverage.
pub fn coefficients(rows: &[CoefficientRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let group = "<th>error</th><th>rank</th><th>interval ±</th><th>coverage</th>";
    let head = format!(
        "<tr><th rowspan=\"2\">Estimate</th><th colspan=\"4\" class=\"group\">C<sub>L</sub></th>\
         <th colspan=\"4\" class=\"group\">C<sub>D</sub></th></tr>\n<tr>{group}{group}</tr>\n"
    );
    let line = |row: &CoefficientRow| {
        let (class, mark) = if row.reported {
            ("ours", " <em>reported</em>")
        } else {
            ("", "")
        };
        let (cl, cd) = (stats_cells(&row.cl, 3), stats_cells(&row.cd, 5));
        let source = escape(&row.source);
        format!("<tr class=\"{class}\"><th scope=\"row\">{source}{mark}</th>{cl}{cd}</tr>\n")
    };
    let body: String = rows.iter().map(line).collect();
    let nominal = rows.iter().find_map(|r| r.nominal_coverage);
    let note = nominal.map_or(String::new(), |n| {
        format!("<p class=\"note\">Intervals are made to hold {} of the true values; coverage is the part of the test cases whose true value they did hold.</p>\n", percent(n))
    });
    table(
        "coefficients",
        "Accuracy of the lift and drag coefficients",
        &head,
        &body,
    ) + &note
}

fn stats_cells(stats: &CoefficientStats, decimals: usize) -> String {
    [
        optional(stats.accuracy.relative_error, percent),
        optional(stats.accuracy.rank, |v| fixed(v, 3)),
        optional(stats.half_width, |v| fixed(v, decimals)),
        optional(stats.coverage, percent),
    ]
    .map(|text| cell(&text))
    .concat()
}

/// One row for each test case.
pub fn cases(cases: &[CaseRow]) -> String {
    if cases.is_empty() {
        return String::new();
    }
    let verdicts = cases.iter().any(|c| c.verdict.is_some());
    let verdict_head = if verdicts {
        "<th rowspan=\"2\">Like the<br>training set?</th>"
    } else {
        ""
    };
    let head = format!(
        "<tr><th rowspan=\"2\">Case</th><th rowspan=\"2\">Speed<br>m/s</th><th rowspan=\"2\">Angle<br>deg</th>{verdict_head}\
         <th colspan=\"4\" class=\"group\">Volume MSE, 10<sup>−3</sup></th><th class=\"group\">Surface</th>\
         <th colspan=\"2\" class=\"group\">C<sub>L</sub></th><th colspan=\"2\" class=\"group\">C<sub>D</sub></th></tr>\n\
         <tr><th>u<sub>x</sub></th><th>u<sub>y</sub></th><th>p</th><th>ν<sub>t</sub></th><th>p</th>\
         <th>true</th><th>reported</th><th>true</th><th>reported</th></tr>\n"
    );
    let rows: String = cases.iter().map(|c| case_row(c, verdicts)).collect();
    let content = outside_sentence(cases)
        + &table(
            "cases",
            "Errors and coefficients of every test case",
            &head,
            &rows,
        );
    if cases.len() > OPEN_CASES {
        fold(&format!("All {} test cases", cases.len()), &content, false)
    } else {
        content
    }
}

/// How many cases are unlike the training cases, and how the table says it.
fn outside_sentence(cases: &[CaseRow]) -> String {
    let verdicts: Vec<&Verdict> = cases.iter().filter_map(|c| c.verdict.as_ref()).collect();
    let Some(first) = verdicts.first() else {
        return String::new();
    };
    let outside = verdicts.iter().filter(|v| v.outside).count();
    let verb = if outside == 1 { "lies" } else { "lie" };
    let (judged, threshold) = (verdicts.len(), fixed(first.threshold, 2));
    format!(
        "<p>{outside} of {judged} test cases {verb} outside of what the model was trained on (distance from the \
         training set, given beside the verdict, above {threshold}). An interval that misses the true value \
         is <span class=\"missed\">marked</span>.</p>\n"
    )
}

fn case_row(case: &CaseRow, verdicts: bool) -> String {
    let thousandths = |v: &Option<f64>| cell(&optional(*v, |v| significant(1e3 * v, 3)));
    let mut row = format!(
        "<tr><th scope=\"row\">{}</th>{}{}",
        // Long names may break behind their underscores.
        escape(&case.name).replace('_', "_<wbr>"),
        cell(&fixed(case.speed, 1)),
        cell(&fixed(case.aoa, 2))
    );
    if verdicts {
        row += &verdict_cell(case.verdict.as_ref());
    }
    row.extend(case.volume_mse.iter().map(thousandths));
    row += &thousandths(&case.surface_p_mse);
    row += &coefficient_cells(&case.cl, 3);
    row += &coefficient_cells(&case.cd, 4);
    row + "</tr>\n"
}

/// True and reported value; the reported one with its interval.
fn coefficient_cells(value: &CaseCoefficient, decimals: usize) -> String {
    let print = |v: f64| fixed(v, decimals);
    let reported = optional(value.reported, print);
    let interval = interval(value, decimals);
    let missed = match (value.truth, value.interval) {
        (Some(truth), Some([low, high])) => truth < low || truth > high,
        _ => false,
    };
    let class = if missed { " class=\"missed\"" } else { "" };
    cell(&optional(value.truth, print)) + &format!("<td{class}>{reported}{interval}</td>")
}

/// An interval as `± half-width` where it is symmetric, else by its ends.
fn interval(value: &CaseCoefficient, decimals: usize) -> String {
    let Some([low, high]) = value
        .interval
        .filter(|ends| ends.iter().all(|v| v.is_finite()))
    else {
        return String::new();
    };
    let half = 0.5 * (high - low);
    let off = value
        .reported
        .map_or(f64::INFINITY, |v| (v - 0.5 * (low + high)).abs());
    if off <= 0.02 * half {
        return format!("&nbsp;±&nbsp;{}", fixed(half, decimals));
    }
    format!(
        " [{},&nbsp;{}]",
        fixed(low, decimals),
        fixed(high, decimals)
    )
}

fn verdict_cell(verdict: Option<&Verdict>) -> String {
    let Some(verdict) = verdict else {
        return cell(DASH);
    };
    let (class, word) = if verdict.outside {
        ("text outside", "no")
    } else {
        ("text", "yes")
    };
    let reason = match verdict.reason.as_str() {
        "" => String::new(),
        reason => format!("<small>{}</small>", escape(reason)),
    };
    let score = fixed(verdict.score, 2);
    format!("<td class=\"{class}\">{word}, {score}{reason}</td>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(reported: f64, ends: [f64; 2]) -> CaseCoefficient {
        CaseCoefficient {
            truth: Some(1.0),
            reported: Some(reported),
            interval: Some(ends),
            integrated: None,
        }
    }

    #[test]
    fn intervals_are_short_where_symmetric_and_marked_where_they_miss() {
        let even = coefficient_cells(&value(1.01, [0.99, 1.03]), 3);
        assert_eq!(even, "<td>1.000</td><td>1.010&nbsp;±&nbsp;0.020</td>");
        let uneven = coefficient_cells(&value(1.01, [1.005, 1.03]), 3);
        assert_eq!(
            uneven,
            "<td>1.000</td><td class=\"missed\">1.010 [1.005,&nbsp;1.030]</td>"
        );
    }

    #[test]
    fn the_best_is_marked_among_those_that_are_ranked() {
        let row = |name: &str, kind, size| MethodRow {
            name: name.to_owned(),
            kind,
            surface_p_mse: Some(size),
            ..MethodRow::default()
        };
        let rows = [
            row("ours", MethodKind::Surrogate, 2e-3),
            row("theirs", MethodKind::Baseline, 3e-3),
            row("paper", MethodKind::Reference, 1e-3),
        ];
        let html = methods(&rows);
        assert_eq!(html.matches("class=\"best\"").count(), 1);
        assert!(
            html.contains("<td class=\"best\"><b>2.00</b></td>"),
            "{html}"
        );
    }
}
