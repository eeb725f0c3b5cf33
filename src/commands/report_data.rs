//! Fills in a report from a run and its evaluation.

use std::sync::{Mutex, PoisonError};

use karman_datasets::{CaseScore, CaseTable, Comparison, FieldStatistics, Sample};
use karman_surrogates::{Evaluation, MethodScores, flow_fields};

use super::Context;
use super::error::CommandError;
use super::evaluate::{self, OpenRun};
use super::evaluation_data::{CoefficientTable, coefficient_table};
use super::report_layer::wall_layer;
use super::run_facts::run_facts;
use crate::report::{
    Accuracy, CaseCoefficient, CasePicture, CaseRole, CaseRow, CoefficientRow, CoefficientStats,
    ErrorByChord, ErrorByDistance, MethodKind, MethodRow, ReportData, TrainingCurve, TrainingRow,
    Verdict, WallCurve, best_median_worst, fan_triangles,
};

/// Evaluates a run; the report's data, and the evaluation as text.
pub(super) fn report_data(
    open: &OpenRun,
    context: &Context,
) -> Result<(ReportData, String), CommandError> {
    let statistics = open.run.score_statistics();
    let profiles = Mutex::new((ErrorByDistance::new(), ErrorByChord::new()));
    let visit = |comparison: &Comparison<'_>, table: &CaseTable| {
        let errors = volume_errors(comparison, table, &statistics);
        let wall = wall_curve(comparison);
        let mut profiles = profiles.lock().unwrap_or_else(PoisonError::into_inner);
        profiles.0.add_case(&errors.0, &errors.1);
        profiles.1.add_case(&wall);
    };
    let evaluation = karman_surrogates::evaluate(
        &open.run,
        &open.data,
        &open.part,
        context.progress(),
        &visit,
    )?;
    let (by_distance, by_chord) = profiles
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let coverage = open.run.config().uncertainty.coverage;
    let coefficients = coefficient_table(&evaluation, coverage);
    let text = evaluate::text(&evaluation, &coefficients);
    let data = ReportData {
        title: open.run.config().title.clone(),
        lead: lead(open, &evaluation),
        run: run_facts(open)?,
        methods: methods(&evaluation, &coefficients, open),
        coefficients: coefficients.iter().map(coefficient_row).collect(),
        curves: curves(open)?,
        cases: cases(&evaluation),
        pictures: pictures(open, &evaluation)?,
        by_distance: Some(by_distance),
        by_chord: Some(by_chord),
        notes: vec![
            "Errors are mean squared errors of fields z-scored with the statistics of the whole \
             train part, averaged over cases; volume means the nodes off the wall. Coefficient \
             errors are means of |truth - prediction| / |truth|, ranks are Spearman's. The true \
             coefficients are integrated from the true fields."
                .to_owned(),
            "Out of distribution means: angle, speed and geometric measures are farther from the \
             train cases than the train cases are from each other."
                .to_owned(),
        ],
        ..ReportData::default()
    };
    Ok((data, text))
}

fn lead(open: &OpenRun, evaluation: &Evaluation) -> String {
    let facts = open.run.facts();
    format!(
        "{} trained on {} cases of {} ({} held out for validation), scored on the {} cases of {}.",
        evaluation.methods[0].name,
        facts.train.len(),
        facts.train_part,
        facts.validation.len(),
        evaluation.cases.len(),
        evaluation.part
    )
}

/// Distance to the wall and z-scored errors of the nodes off the wall.
fn volume_errors(
    comparison: &Comparison<'_>,
    table: &CaseTable,
    statistics: &FieldStatistics,
) -> (Vec<f64>, Vec<[f64; 4]>) {
    let column = |name: &str| table.table.column(name).unwrap_or_default();
    let (sdf, surface) = (column("sdf"), column("is_surface"));
    let (truth, predicted) = (&comparison.truth, &comparison.prediction);
    (0..sdf.len())
        .filter(|&node| surface[node] == 0.0)
        .map(|node| {
            let values = |fields: &karman_datasets::FlowFields| {
                let [u, v] = fields.velocity[node];
                [u, v, fields.pressure[node], fields.nut[node]]
            };
            let (t, p) = (values(truth), values(predicted));
            let errors = std::array::from_fn(|i| (p[i] - t[i]) / statistics.std[i]);
            (f64::from(sdf[node]), errors)
        })
        .unzip()
}

fn wall_curve(comparison: &Comparison<'_>) -> WallCurve {
    let wall = &comparison.wall;
    let pressures = |fields: &karman_datasets::FlowFields| {
        let nodes = wall.nodes.iter();
        nodes.map(|&node| fields.pressure[node as usize]).collect()
    };
    WallCurve {
        points: wall.contour.points().to_vec(),
        p_truth: pressures(&comparison.truth),
        p_prediction: pressures(&comparison.prediction),
        speed: wall.speed,
        aoa: wall.aoa.to_degrees(),
    }
}

fn methods(
    evaluation: &Evaluation,
    coefficients: &[CoefficientTable],
    open: &OpenRun,
) -> Vec<MethodRow> {
    let facts = open.run.facts();
    let mut rows: Vec<MethodRow> = evaluation
        .methods
        .iter()
        .enumerate()
        .map(|(index, method)| MethodRow {
            train_seconds: if index == 0 {
                Some(facts.train_seconds)
            } else {
                let mut times = facts.baseline_seconds.iter();
                times.find(|(name, _)| *name == method.name).map(|t| t.1)
            },
            ..method_row(method, index == 0)
        })
        .collect();
    if let (Some(first), Some(reported)) = (
        rows.first_mut(),
        coefficients.iter().find(|row| row.reported),
    ) {
        (first.cl, first.cd) = accuracies(reported);
    }
    if let Some(ridge) = coefficients
        .iter()
        .find(|row| row.name == "kernel ridge regression")
    {
        let (cl, cd) = accuracies(ridge);
        rows.push(MethodRow {
            name: ridge.name.clone(),
            kind: MethodKind::Baseline,
            cl,
            cd,
            ..MethodRow::default()
        });
    }
    rows
}

fn method_row(method: &MethodScores, surrogate: bool) -> MethodRow {
    let summary = &method.summary;
    let accuracy = |score: &karman_datasets::CoefficientScore| Accuracy {
        relative_error: score.relative_error,
        rank: score.rank,
    };
    MethodRow {
        name: method.name.clone(),
        kind: if surrogate {
            MethodKind::Surrogate
        } else {
            MethodKind::Baseline
        },
        volume_mse: summary
            .volume_mse
            .map_or([None; 4], |volume| volume.to_array().map(Some)),
        surface_p_mse: summary.surface_mse.map(|surface| surface.p),
        cl: accuracy(&summary.forces.cl),
        cd: accuracy(&summary.forces.cd),
        train_seconds: None,
        case_seconds: Some(method.seconds_per_case),
    }
}

fn accuracies(row: &CoefficientTable) -> (Accuracy, Accuracy) {
    let accuracy = |i: usize| Accuracy {
        relative_error: row.scores[i].relative_error,
        rank: row.scores[i].rank,
    };
    (accuracy(0), accuracy(1))
}

fn coefficient_row(row: &CoefficientTable) -> CoefficientRow {
    let accuracy = accuracies(row);
    let stats = |i: usize, accuracy: Accuracy| CoefficientStats {
        accuracy,
        half_width: row.half_width.map(|h| h[i]),
        coverage: row.coverage.map(|c| c[i]),
    };
    CoefficientRow {
        source: row.name.clone(),
        reported: row.reported,
        cl: stats(0, accuracy.0),
        cd: stats(1, accuracy.1),
        nominal_coverage: row.nominal_coverage,
    }
}

fn curves(open: &OpenRun) -> Result<Vec<TrainingCurve>, CommandError> {
    let metrics = open.run.metrics()?;
    let several = metrics.len() > 1;
    Ok(metrics
        .into_iter()
        .enumerate()
        .map(|(index, rows)| {
            let scored = rows
                .iter()
                .filter_map(|row| Some((row.epoch, row.validation?.mean)));
            TrainingCurve {
                label: if several {
                    format!("member {}", index + 1)
                } else {
                    String::new()
                },
                best_epoch: scored
                    .min_by(|a, b| a.1.total_cmp(&b.1))
                    .map(|(epoch, _)| epoch as f64),
                rows: rows
                    .iter()
                    .map(|row| TrainingRow {
                        epoch: row.epoch as f64,
                        train_loss: row.loss,
                        validation_loss: row.validation.map(|score| score.mean),
                        learning_rate: Some(row.learning_rate),
                    })
                    .collect(),
            }
        })
        .collect())
}

fn cases(evaluation: &Evaluation) -> Vec<CaseRow> {
    let scores = &evaluation.methods[0].cases;
    evaluation
        .cases
        .iter()
        .zip(scores)
        .map(|(case, score)| {
            let forces = &score.forces.prediction;
            let integrated = [forces.cl, forces.cd];
            let coefficient = |i: usize| {
                let estimate = case.prediction.coefficients.as_ref().map(|e| &e[i]);
                CaseCoefficient {
                    truth: Some(case.truth[i]),
                    reported: estimate.map(|e| e.value),
                    interval: estimate.map(|e| [e.low, e.high]),
                    integrated: Some(integrated[i]),
                }
            };
            let verdict = &case.prediction.verdict;
            CaseRow {
                name: case.name.clone(),
                speed: score.speed,
                aoa: score.aoa,
                volume_mse: score.volume_mse.to_array().map(Some),
                surface_p_mse: Some(score.surface_mse.p),
                cl: coefficient(0),
                cd: coefficient(1),
                verdict: Some(Verdict {
                    outside: verdict.is_outside(),
                    score: verdict.score,
                    threshold: verdict.threshold,
                    reason: verdict.reason(),
                }),
            }
        })
        .collect()
}

/// Mean of the four volume errors and that of the surface pressure, by which cases are ranked.
fn rank_score(score: &CaseScore) -> f64 {
    let volume: f64 = score.volume_mse.to_array().iter().sum();
    (volume + score.surface_mse.p) / 5.0
}

fn pictures(open: &OpenRun, evaluation: &Evaluation) -> Result<Vec<CasePicture>, CommandError> {
    let scores: Vec<f64> = evaluation.methods[0].cases.iter().map(rank_score).collect();
    let Some(places) = best_median_worst(&scores) else {
        return Ok(Vec::new());
    };
    let roles = [CaseRole::Best, CaseRole::Median, CaseRole::Worst];
    let mut pictures: Vec<CasePicture> = Vec::new();
    for (role, place) in roles.into_iter().zip(places) {
        let name = &evaluation.cases[place].name;
        if pictures.iter().any(|picture| picture.name == *name) {
            continue;
        }
        let sample = open.data.dataset.load(name)?;
        pictures.push(picture(open, &sample, role, scores[place])?);
    }
    Ok(pictures)
}

fn picture(
    open: &OpenRun,
    sample: &Sample,
    role: CaseRole,
    score: f64,
) -> Result<CasePicture, CommandError> {
    let table = CaseTable::from_sample(sample)?;
    let prediction = open.run.predict(&table.info, &table.table)?;
    let comparison = Comparison::new(sample, &flow_fields(&prediction.fields))?;
    let columns = |fields: &karman_datasets::FlowFields| -> [Vec<f32>; 4] {
        let scalar = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
        let component = |i: usize| {
            fields
                .velocity
                .iter()
                .map(|u| u[i] as f32)
                .collect::<Vec<_>>()
        };
        [
            component(0),
            component(1),
            scalar(&fields.pressure),
            scalar(&fields.nut),
        ]
    };
    let points = sample.mesh.points();
    Ok(CasePicture {
        role,
        name: sample.name.clone(),
        score: Some(score),
        points: points.iter().map(|p| [p[0] as f32, p[1] as f32]).collect(),
        triangles: fan_triangles(sample.mesh.cell_offsets(), sample.mesh.connectivity()),
        truth: columns(&comparison.truth),
        prediction: columns(&comparison.prediction),
        wall: wall_curve(&comparison),
        layer: wall_layer(&comparison),
    })
}
