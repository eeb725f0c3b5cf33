//! Scores a trained run and its baselines on a part of a data set, case by case.

use std::time::Instant;

use karman_datasets::{
    CaseScore, CaseTable, Comparison, DatasetError, FieldStatistics, FlowFields, Progress,
    ScoreSummary, summarise,
};
use serde::{Deserialize, Serialize};

use super::{CasePrediction, PreparedData, SavedRun};
use crate::SurrogateError;

/// The scores of one method.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MethodScores {
    /// Name for tables.
    pub name: String,
    /// Means over the cases.
    pub summary: ScoreSummary,
    /// Seconds a case, prediction alone.
    pub seconds_per_case: f64,
    /// One entry a case, in the order of the part.
    pub cases: Vec<CaseScore>,
}

/// What the surrogate says of one case, without its fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseEvaluation {
    /// Name of the case.
    pub name: String,
    /// True coefficients (C_L, C_D), from the true fields.
    pub truth: [f64; 2],
    /// Coefficients as the surrogate reports them, and all else it predicts of the case.
    pub prediction: CasePrediction,
}

/// A run scored on one part of a data set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// The part, for example `full_test`.
    pub part: String,
    /// The part that the run was trained on, validation cases included.
    pub train_part: String,
    /// Its number of cases.
    pub n_train: usize,
    /// Statistics that errors were z-scored with: those of that part, whatever data is scored.
    pub statistics: FieldStatistics,
    /// The surrogate first, then the baselines that predict fields.
    pub methods: Vec<MethodScores>,
    /// One entry a case, in the order of the part.
    pub cases: Vec<CaseEvaluation>,
}

/// Scores `run` on the cases of `part`. `visit` sees the surrogate's comparison of each case, for
/// pictures and profiles; it is called from several threads.
///
/// # Errors
/// An unknown part, cases that cannot be read or predicted.
pub fn evaluate(
    run: &SavedRun,
    data: &PreparedData,
    part: &str,
    progress: Progress,
    visit: &(dyn Fn(&Comparison<'_>, &CaseTable) + Sync),
) -> Result<Evaluation, SurrogateError> {
    let names = data.dataset.cases(part)?;
    let statistics = run.score_statistics();
    let methods = run.method_names();
    let label = format!("scoring {part}");
    let results = data.dataset.map_cases(&names, &label, progress, |sample| {
        let table = CaseTable::from_sample(&sample)?;
        let mut scores = Vec::with_capacity(methods.len());
        let (outcome, seconds) = timed(|| run.predict(&table.info, &table.table));
        let prediction = outcome.map_err(in_case)?;
        let comparison = Comparison::new(&sample, &flow_fields(&prediction.fields))?;
        visit(&comparison, &table);
        scores.push((comparison.score(&statistics)?, seconds));
        for baseline in 0..methods.len() - 1 {
            let (outcome, seconds) =
                timed(|| run.predict_baseline(data, baseline, &table.info, &table.table));
            let fields = flow_fields(&outcome.map_err(in_case)?);
            let score = Comparison::new(&sample, &fields)?.score(&statistics)?;
            scores.push((score, seconds));
        }
        let truth = &scores[0].0.forces.truth;
        let case = CaseEvaluation {
            name: sample.name.clone(),
            truth: [truth.cl, truth.cd],
            prediction: CasePrediction {
                fields: Vec::new(),
                spread: None,
                ..prediction
            },
        };
        Ok((case, scores))
    })?;
    let facts = run.facts();
    let methods = collect(methods, &results);
    Ok(Evaluation {
        part: part.to_string(),
        train_part: facts.train_part.clone(),
        n_train: facts.train.len() + facts.validation.len(),
        statistics,
        methods,
        cases: results.into_iter().map(|(case, _)| case).collect(),
    })
}

/// Errors of this crate inside a loop over cases, which speaks of data sets.
fn in_case(error: SurrogateError) -> DatasetError {
    match error {
        SurrogateError::Dataset(error) => error,
        other => DatasetError::Argument {
            what: "prediction",
            problem: other.to_string(),
        },
    }
}

fn timed<T>(f: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let value = f();
    (value, begun.elapsed().as_secs_f64())
}

/// What was found case by case, method by method.
fn collect(
    names: Vec<String>,
    results: &[(CaseEvaluation, Vec<(CaseScore, f64)>)],
) -> Vec<MethodScores> {
    let n = results.len().max(1) as f64;
    let method = |(method, name): (usize, String)| {
        let scores = results.iter().map(|(_, scores)| &scores[method]);
        let cases: Vec<CaseScore> = scores.clone().map(|(score, _)| score.clone()).collect();
        MethodScores {
            name,
            summary: summarise(&cases),
            seconds_per_case: scores.map(|(_, seconds)| seconds).sum::<f64>() / n,
            cases,
        }
    };
    names.into_iter().enumerate().map(method).collect()
}

/// Predicted values `[n, 4]` (u_x, u_y, p, nu_t) as the scorer takes them.
pub fn flow_fields(values: &[f32]) -> FlowFields {
    let rows = || values.chunks_exact(4);
    FlowFields {
        velocity: rows().map(|r| [f64::from(r[0]), f64::from(r[1])]).collect(),
        pressure: rows().map(|r| f64::from(r[2])).collect(),
        nut: rows().map(|r| f64::from(r[3])).collect(),
    }
}
