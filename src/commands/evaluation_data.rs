//! What an evaluation says of the force coefficients, method by method.

use karman_datasets::CoefficientScore;
use karman_surrogates::{CaseEvaluation, Evaluation};
use serde::Serialize;

/// How well one method gives C_L and C_D.
#[derive(Serialize)]
pub(super) struct CoefficientTable {
    /// Name for tables.
    pub name: String,
    /// Whether this is what the run reports to its user.
    pub reported: bool,
    /// Scores of C_L and C_D.
    pub scores: [CoefficientScore; 2],
    /// Share of cases whose truth lies in the interval, where the method has intervals.
    pub coverage: Option<[f64; 2]>,
    /// Mean half-width of the intervals.
    pub half_width: Option<[f64; 2]>,
    /// Coverage that the intervals promise.
    pub nominal_coverage: Option<f64>,
}

/// All methods: the reported coefficients first, then the regression, the head, and what each
/// method's fields integrate to.
pub(super) fn coefficient_table(evaluation: &Evaluation, coverage: f64) -> Vec<CoefficientTable> {
    let cases = &evaluation.cases;
    let mut table = Vec::new();
    let reported = |case: &CaseEvaluation| {
        let estimates = case.prediction.coefficients.as_ref()?;
        Some([estimates[0].value, estimates[1].value])
    };
    if let Some(mut row) = row("reported", cases, reported) {
        row.reported = true;
        row.nominal_coverage = Some(coverage);
        row.coverage = Some([0, 1].map(|i| share(cases, |case| covers(case, i))));
        row.half_width = Some([0, 1].map(|i| mean(cases, |case| half_width(case, i))));
        table.push(row);
    }
    table.extend(row("kernel ridge regression", cases, |case| {
        case.prediction.ridge
    }));
    table.extend(row("coefficient head", cases, |case| case.prediction.head));
    for method in &evaluation.methods {
        let forces = &method.summary.forces;
        table.push(CoefficientTable {
            name: format!("{}, integrated", method.name),
            reported: false,
            scores: [forces.cl, forces.cd],
            coverage: None,
            half_width: None,
            nominal_coverage: None,
        });
    }
    table
}

fn row(
    name: &str,
    cases: &[CaseEvaluation],
    of: impl Fn(&CaseEvaluation) -> Option<[f64; 2]>,
) -> Option<CoefficientTable> {
    let predicted: Vec<[f64; 2]> = cases.iter().map(of).collect::<Option<_>>()?;
    let score = |i: usize| {
        let truth: Vec<f64> = cases.iter().map(|case| case.truth[i]).collect();
        let values: Vec<f64> = predicted.iter().map(|p| p[i]).collect();
        CoefficientScore::new(&truth, &values)
    };
    (!cases.is_empty()).then(|| CoefficientTable {
        name: name.to_owned(),
        reported: false,
        scores: [score(0), score(1)],
        coverage: None,
        half_width: None,
        nominal_coverage: None,
    })
}

fn covers(case: &CaseEvaluation, i: usize) -> bool {
    let estimates = case.prediction.coefficients.as_ref();
    estimates.is_some_and(|e| (e[i].low..=e[i].high).contains(&case.truth[i]))
}

fn half_width(case: &CaseEvaluation, i: usize) -> f64 {
    let estimates = case.prediction.coefficients.as_ref();
    estimates.map_or(f64::NAN, |e| 0.5 * (e[i].high - e[i].low))
}

fn share(cases: &[CaseEvaluation], of: impl Fn(&CaseEvaluation) -> bool) -> f64 {
    mean(cases, |case| f64::from(u8::from(of(case))))
}

fn mean(cases: &[CaseEvaluation], of: impl Fn(&CaseEvaluation) -> f64) -> f64 {
    cases.iter().map(of).sum::<f64>() / cases.len().max(1) as f64
}
