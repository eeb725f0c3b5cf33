//! `karman bench parity`: does a device give the results of the CPU?

use karman_surrogates::{ParityOptions, ParityReport, ParityRow, Precision, parity};
use serde::Serialize;

use crate::commands::devices::{first_line, matmul_text};
use crate::commands::error::CommandError;
use crate::commands::number::{count, number};
use crate::commands::table::Table;
use crate::commands::{Context, Run, guard};

/// Every operator and every model on a device against the CPU in f64, forward and backward
///
/// Errors are relative, in the Euclidean norm: that of the device, and that of the CPU in the same precision.
/// What is allowed follows from the precision, and on GPUs from whether products of f32
/// matrices are rounded to TF32. The exit code is 1 when a row fails.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Parity {
    /// What to compare with the CPU: cuda:0 or auto; `cpu` compares f32 with f64
    #[arg(long, default_value = "auto")]
    device: String,
    /// Precision of activations: f32, bf16
    #[arg(
        long,
        value_name = "NAME,..",
        value_delimiter = ',',
        default_value = "f32"
    )]
    precision: Vec<Precision>,
    /// Only cases whose names contain TEXT
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  karman bench parity --device cuda:0
  karman bench parity --device cuda:0 --precision f32,bf16 --json parity.json
  karman bench parity --device cpu --only mlp";

/// The result as JSON.
#[derive(Serialize)]
struct Value<'a> {
    #[serde(flatten)]
    report: &'a ParityReport,
    failed: usize,
}

impl Run for Parity {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let device = context.device(&self.device)?;
        let mut precisions = self.precision.clone();
        precisions.dedup();
        let options = ParityOptions {
            precisions,
            only: self.only.clone(),
        };
        let mut counter = None;
        let report = guard::expecting_panics(|| {
            parity(&device, &options, &mut |_, of, _| {
                match &counter {
                    None => counter = Some(context.progress().start("comparing", of as u64)),
                    Some(counter) => counter.advance(),
                };
            })
        });
        if let Some(counter) = counter {
            counter.advance();
            counter.finish();
        }
        if report.rows.is_empty() {
            return Err(self.nothing());
        }
        let failed = report.rows.iter().filter(|row| !row.passed).count();
        let value = Value {
            report: &report,
            failed,
        };
        context.output.show(&value, || text(&report, failed))?;
        if failed > 0 {
            let rows = count(report.rows.len(), "row");
            return Err(CommandError::input(format!(
                "{failed} of {rows} failed on {}",
                report.device
            ))
            .help("results of this device are not to be relied on; please report the table"));
        }
        Ok(())
    }
}

impl Parity {
    /// Nothing was compared.
    fn nothing(&self) -> CommandError {
        let names: Vec<&str> = self.precision.iter().map(|p| p.name()).collect();
        let only = self.only.as_ref();
        let only = only.map_or(String::new(), |text| {
            format!(" whose name contains \"{text}\"")
        });
        let problem = format!("there is no case in {}{only}", names.join(" or "));
        CommandError::input(problem).help("without --only the table has all names")
    }
}

fn text(report: &ParityReport, failed: usize) -> String {
    let headings = [
        "case", "quantity", "type", "", "values", "error", "largest", "CPU's", "allowed",
    ];
    let mut table = Table::new(headings).text_columns(4);
    for row in &report.rows {
        table.row(cells(row));
    }
    let mut text = format!(
        "device: {}\nkernel fusion: {}\nf32 matmul: {}\n\n{table}\n",
        report.device,
        if report.fusion { "on" } else { "off" },
        matmul_text(&report.f32_matmul),
    );
    for row in report.rows.iter().filter(|row| !row.passed) {
        text += &format!(
            "failed: {}, {}, {}: {}\n",
            row.case,
            row.quantity,
            row.precision.name(),
            why(row)
        );
    }
    let rows = count(report.rows.len(), "row");
    text += &format!("{rows}, {failed} failed, {:.1} s", report.seconds);
    text
}

fn cells(row: &ParityRow) -> [String; 9] {
    [
        row.case.clone(),
        row.quantity.clone(),
        row.precision.name().to_owned(),
        if row.passed { "ok" } else { "FAILED" }.to_owned(),
        row.values.to_string(),
        number(row.error.map(|error| error.relative), 2),
        number(row.error.map(|error| error.absolute), 2),
        number(row.cpu.map(|error| error.relative), 2),
        number(row.tolerance, 2),
    ]
}

/// Why a row failed.
fn why(row: &ParityRow) -> String {
    match (&row.problem, row.error) {
        (Some(problem), _) => first_line(problem),
        (None, Some(error)) => {
            let worst = row.worst.as_ref();
            let worst = worst.map_or(String::new(), |name| format!(" in {name}"));
            format!(
                "relative error {}{worst}, allowed {}",
                number(error.relative, 2),
                number(row.tolerance, 2)
            )
        }
        (None, None) => "no result".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ParityRow {
        ParityRow {
            case: "mario".to_owned(),
            quantity: "fields".to_owned(),
            precision: Precision::F32,
            values: 8,
            error: None,
            cpu: None,
            tolerance: 1e-4,
            passed: false,
            worst: None,
            problem: Some("panicked: no kernel\nat line 3".to_owned()),
        }
    }

    #[test]
    fn failures_say_why() {
        let panicked = row();
        assert_eq!(why(&panicked), "panicked: no kernel");
        let inexact = ParityRow {
            error: Some(karman_surrogates::ArrayError {
                relative: 0.5,
                absolute: 1.0,
            }),
            worst: Some("layers.0.bias".to_owned()),
            problem: None,
            ..row()
        };
        assert_eq!(
            why(&inexact),
            "relative error 0.50 in layers.0.bias, allowed 1.0e-4"
        );
        assert_eq!(cells(&inexact)[3], "FAILED");
    }
}
