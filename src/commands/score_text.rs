//! Scores as tables for people; `docs/src/scorer.md` defines the numbers.

use karman_datasets::{CaseScore, CoefficientScore, PerVariable, ScoreSummary, Side};

use super::number::{number, percent};
use super::table::Table;

/// The scores over all cases.
pub(super) fn summary_text(summary: &ScoreSummary) -> String {
    let mut text = fields_table(summary);
    text += &format!("\n{}", coefficients_table(summary));
    text += &format!("\n{}", wall_text(summary));
    if let Some(table) = boundary_layer_table(summary) {
        text += &format!("\n{table}");
    }
    if let Some(table) = drag_table(summary) {
        text += &format!("\n{table}");
    }
    text
}

/// One line a case.
pub(super) fn cases_text(cases: &[CaseScore]) -> String {
    let mut table = Table::new([
        "case",
        "MSE u_x",
        "u_y",
        "p",
        "nu_t",
        "surface p",
        "C_L true",
        "predicted",
        "C_D true",
        "predicted",
    ]);
    for case in cases {
        let mut cells = vec![case.name.clone()];
        cells.extend(case.volume_mse.to_array().map(|mse| number(mse, 3)));
        cells.push(number(case.surface_mse.p, 3));
        let (truth, found) = (&case.forces.truth, &case.forces.prediction);
        cells.extend([truth.cl, found.cl, truth.cd, found.cd].map(|c| number(c, 4)));
        table.row(cells);
    }
    table.to_string()
}

fn fields_table(summary: &ScoreSummary) -> String {
    let mut table = Table::new(["field", "volume MSE", "surface MSE", "R²"]);
    let at = |scores: Option<PerVariable>, k: usize| scores.map(|s| s.to_array()[k]);
    let r_squared = summary.volume_r_squared.to_array();
    for (k, name) in ["u_x", "u_y", "p", "nu_t"].into_iter().enumerate() {
        table.row([
            name.to_owned(),
            number(at(summary.volume_mse, k), 3),
            // Velocity and turbulent viscosity are zero on the wall in truth and prediction.
            match name {
                "p" => number(at(summary.surface_mse, k), 3),
                _ => String::new(),
            },
            number(r_squared[k], 4),
        ]);
    }
    table.to_string()
}

fn coefficients_table(summary: &ScoreSummary) -> String {
    let mut table = Table::new([
        "coefficient",
        "relative error",
        "normalised",
        "absolute",
        "bias",
        "rank",
    ]);
    let (forces, law) = (&summary.forces, &summary.wall_law);
    let rows: [(&str, &CoefficientScore); 5] = [
        ("C_L", &forces.cl),
        ("C_D", &forces.cd),
        ("C_D pressure", &forces.cd_pressure),
        ("C_D friction", &forces.cd_viscous),
        ("C_D wall law", &law.cd),
    ];
    for (name, score) in rows {
        table.row([
            name.to_owned(),
            percent(score.relative_error, 3),
            percent(score.normalised_error, 3),
            number(score.absolute_error, 3),
            number(score.bias, 3),
            number(score.rank, 4),
        ]);
    }
    let left_out = summary.cases.saturating_sub(forces.cl.relative_cases);
    match left_out {
        0 => table.to_string(),
        n => format!("{table}  (relative error of C_L without {n} whose true C_L is 0)\n"),
    }
}

fn wall_text(summary: &ScoreSummary) -> String {
    let mut table = Table::new(["on the wall", "relative error"]);
    table
        .row(["pressure".to_owned(), percent(summary.surface_pressure, 3)])
        .row(["shear stress".to_owned(), percent(summary.wall_shear, 3)]);
    table.to_string()
}

fn boundary_layer_table(summary: &ScoreSummary) -> Option<String> {
    let mut table = Table::new(["boundary layer at", "velocity", "nu_t"]);
    for station in &summary.boundary_layer {
        table.row([
            format!("x/c = {} {}", station.station, side(station.side)),
            percent(station.tangential, 3),
            percent(station.nut, 3),
        ]);
    }
    (!table.is_empty()).then(|| table.to_string())
}

/// Errors of the drag coefficient by region, in counts of 1e-4, the unit of the trade.
fn drag_table(summary: &ScoreSummary) -> Option<String> {
    let mut table = Table::new([
        "drag error from, in 1e-4",
        "pressure",
        "its bias",
        "friction",
    ]);
    for region in &summary.drag_regions {
        let place = match region.side {
            Side::Base => "blunt trailing edge".to_owned(),
            other => {
                let [from, to] = region.chord;
                format!("x/c = {from} to {to} {}", side(other))
            }
        };
        let errors = [
            region.pressure_error,
            region.pressure_bias,
            region.viscous_error,
        ];
        let mut cells = vec![place];
        cells.extend(errors.map(|error| number(1e4 * error, 3)));
        table.row(cells);
    }
    if table.is_empty() {
        return None;
    }
    let cancellation = summary.pressure_drag_cancellation.map(|factor| {
        format!(
            "  (pressure drag is what is left of contributions {} times as large)\n",
            number(factor, 3)
        )
    });
    Some(format!("{table}{}", cancellation.unwrap_or_default()))
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Upper => "upper",
        Side::Lower => "lower",
        Side::Base => "base",
    }
}
