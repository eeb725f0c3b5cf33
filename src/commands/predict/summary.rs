//! What is said of a prediction, as text and as JSON.

use std::path::Path;

use karman_datasets::{Conditions, Forces, PredictionCase, Similarity};
use karman_surrogates::{CasePrediction, Estimate, OodVerdict, SavedRun};
use serde::Serialize;

use super::files::OutputFiles;
use super::geometry::Geometry;
use super::wall::WallResult;
use crate::commands::number::number;
use crate::commands::table::Table;

/// Distance of the first nodes off the wall up to which a velocity gradient resolves the friction,
/// in wall units.
const RESOLVED: f64 = 5.0;

/// Inputs that stick out, listed at most.
const LISTED: usize = 5;

/// Everything there is to say.
pub(super) struct Summary<'a> {
    pub run: &'a SavedRun,
    pub geometry: &'a Geometry,
    /// As the user gave them.
    pub conditions: &'a Conditions,
    pub case: &'a PredictionCase,
    pub prediction: &'a CasePrediction,
    pub wall: &'a WallResult,
    pub outputs: &'a OutputFiles,
    /// Time of the prediction alone.
    pub seconds: f64,
}

/// The JSON of a prediction.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    name: &'a str,
    run: &'a Path,
    conditions: Conditions,
    reynolds: f64,
    similarity: Similarity,
    n_points: usize,
    n_surface: usize,
    n_extrapolated: usize,
    /// What is reported, with intervals.
    coefficients: Option<Coefficients<Estimate>>,
    interval_coverage: f64,
    ridge: Option<Coefficients<f64>>,
    head: Option<Coefficients<f64>>,
    /// From the predicted fields.
    integrated: Forces,
    y_plus: Option<f64>,
    out_of_distribution: bool,
    verdict: &'a OodVerdict,
    /// Why it is not in distribution; empty for a case that is.
    reason: String,
    notes: Vec<String>,
    files: Files<'a>,
    seconds: f64,
}

#[derive(Serialize)]
struct Coefficients<T> {
    cl: T,
    cd: T,
}

#[derive(Serialize)]
struct Files<'a> {
    fields: &'a Path,
    aerofoil: &'a Path,
}

impl<T: Copy> Coefficients<T> {
    fn new([cl, cd]: [T; 2]) -> Self {
        Self { cl, cd }
    }
}

impl Summary<'_> {
    /// What the user should know before trusting the numbers.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.case.info.notes.clone();
        if let Some(y_plus) = self.wall.y_plus.filter(|y| *y > RESOLVED) {
            notes.push(format!(
                "the first nodes off the airfoil lie at about y+ = {}: the friction in the \
                 integrated C_D is not resolved",
                number(y_plus, 2)
            ));
        }
        notes
    }

    pub(super) fn data(&self) -> Data<'_> {
        let (prediction, case) = (self.prediction, self.case);
        let verdict = &prediction.verdict;
        Data {
            name: &case.info.name,
            run: self.run.folder(),
            conditions: *self.conditions,
            reynolds: case.info.reynolds(),
            similarity: case.similarity,
            n_points: case.info.n_points,
            n_surface: case.info.n_surface,
            n_extrapolated: case.beyond.iter().filter(|b| **b).count(),
            coefficients: prediction.coefficients.map(Coefficients::new),
            interval_coverage: self.run.config().uncertainty.coverage,
            ridge: prediction.ridge.map(Coefficients::new),
            head: prediction.head.map(Coefficients::new),
            integrated: self.wall.forces,
            y_plus: self.wall.y_plus,
            out_of_distribution: verdict.is_outside(),
            verdict,
            reason: verdict.reason(),
            notes: self.notes(),
            files: Files {
                fields: &self.outputs.fields,
                aerofoil: &self.outputs.wall,
            },
            seconds: self.seconds,
        }
    }

    pub(super) fn text(&self) -> String {
        let info = &self.case.info;
        format!(
            "{}: {} m/s at {} degrees, Reynolds number {}\n\
             {} of {} points, {} of them on the airfoil; predicted in {} s\n\n\
             {}\n{}\n\n\
             fields       {}\n\
             on the wall  {}\n\
             open them in ParaView: paraview {}",
            info.name,
            self.conditions.speed,
            self.conditions.aoa,
            number(info.reynolds(), 3),
            if self.geometry.is_grid {
                "C-grid"
            } else {
                "mesh"
            },
            info.n_points,
            info.n_surface,
            number(self.seconds, 2),
            self.coefficients(),
            self.verdict(),
            self.outputs.fields.display(),
            self.outputs.wall.display(),
            self.outputs.fields.display(),
        )
    }

    fn coefficients(&self) -> Table {
        let mut table = Table::new(["coefficient", "C_L", "C_D"]);
        let row = |table: &mut Table, name: &str, [cl, cd]: [f64; 2]| {
            table.row([name.to_owned(), number(cl, 4), number(cd, 4)]);
        };
        if let Some(estimates) = &self.prediction.coefficients {
            let percent = (1000.0 * self.run.config().uncertainty.coverage).round() / 10.0;
            row(&mut table, "reported", estimates.map(|e| e.value));
            let range = |e: Estimate| format!("{} to {}", number(e.low, 4), number(e.high, 4));
            table.row([
                format!("  {percent} % interval"),
                range(estimates[0]),
                range(estimates[1]),
            ]);
        }
        if let Some(ridge) = self.prediction.ridge {
            row(&mut table, "kernel ridge regression", ridge);
        }
        if let Some(head) = self.prediction.head {
            row(&mut table, "coefficient head", head);
        }
        let forces = &self.wall.forces;
        row(
            &mut table,
            "integrated from the fields",
            [forces.cl, forces.cd],
        );
        row(
            &mut table,
            "  pressure",
            [forces.cl_pressure, forces.cd_pressure],
        );
        row(
            &mut table,
            "  friction",
            [forces.cl_viscous, forces.cd_viscous],
        );
        table
    }

    /// The verdict, and every input that sticks out.
    fn verdict(&self) -> String {
        let verdict = &self.prediction.verdict;
        let mut text = match verdict.is_outside() {
            true => "OUT OF DISTRIBUTION, do not rely on these numbers".to_owned(),
            false => verdict.verdict.to_string(),
        };
        if verdict.outside.is_empty() && !verdict.reason().is_empty() {
            text += &format!(": {}", verdict.reason());
        }
        for input in verdict.outside.iter().take(LISTED) {
            text += &format!("\n  {input}");
        }
        if verdict.outside.len() > LISTED {
            text += &format!("\n  and {} more", verdict.outside.len() - LISTED);
        }
        text
    }
}
