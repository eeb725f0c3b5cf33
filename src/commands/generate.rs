//! `karman generate`: from a configuration file to a set of trajectories.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use karman_datasets::{
    AirfoilSweepReport, FoamSolver, SetConfig, SweepReport, generate, generate_airfoils,
};
use serde::Serialize;

use super::error::CommandError;
use super::number::{bytes, count, number};
use super::{Context, Run, interrupt};

/// Generate a set of cases with a reference solver, as a configuration file says
///
/// Parameters are drawn, each case is computed on one core, as many at once as there are threads, and
/// written to DIR/cases: HDF5, and XDMF for ParaView. Cases that do not converge are rejected and listed.
/// DIR/manifest.json lists the cases and the parts for training, validation and tests. The same command
/// goes on with a set that was interrupted or killed, and ends with the same files, bit for bit, whatever
/// the number of threads.
///
/// With `kind = "airfoils"` the cases are computed by OpenFOAM, which must be installed, and written in
/// AirfRANS's layout.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// Configuration, TOML; see examples/generate
    config: PathBuf,
    /// Folder of the set [default: `output` of the configuration, or runs/NAME]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Override a setting, for example sampling.count=8; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  karman generate examples/generate/burgers.toml
  karman generate examples/generate/cylinder-wakes.toml -o /data/wakes --threads 2
  karman generate examples/generate/burgers.toml -o runs/few --set sampling.count=4

Then: karman dataset info runs/burgers";

/// The result of a sweep.
#[derive(Serialize)]
struct Summary {
    folder: PathBuf,
    n_cases: usize,
    /// Samples that were there already.
    reused: usize,
    rejected: Vec<Rejected>,
    /// Cases of each part.
    parts: BTreeMap<String, usize>,
    /// Bytes of the trajectories' HDF5 files.
    bytes: Option<u64>,
    seconds: f64,
    #[serde(skip)]
    interrupted: bool,
}

/// A sample that gave no case.
#[derive(Serialize)]
struct Rejected {
    name: String,
    reason: String,
}

impl Run for Generate {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let config = SetConfig::read(&self.config, &self.settings)?;
        let folder = self
            .output
            .clone()
            .unwrap_or_else(|| config.folder(&self.config));
        let (progress, begun) = (context.progress(), Instant::now());
        let mut summary = match config {
            SetConfig::Trajectories(config) => {
                let stop = interrupt::flag()?;
                Summary::of(generate(&config, &folder, progress, &stop)?)
            }
            SetConfig::Airfoils(sweep) => {
                let solver = FoamSolver::find()?;
                let stop = interrupt::flag()?;
                let report = generate_airfoils(&sweep, &folder, &solver, progress, &stop)?;
                Summary::of_airfoils(report)
            }
        };
        summary.seconds = begun.elapsed().as_secs_f64();
        if summary.interrupted {
            context.note(format!(
                "{} are done; the same command goes on",
                count(summary.n_cases + summary.rejected.len(), "sample")
            ));
            return Err(CommandError::Interrupted);
        }
        context.output.show(&summary, || summary.text())
    }
}

impl Summary {
    fn of(report: SweepReport) -> Self {
        let rejected = report.rejected.into_iter().map(|case| Rejected {
            name: case.name,
            reason: case.reason,
        });
        Self {
            n_cases: report.cases.len(),
            reused: report.reused,
            rejected: rejected.collect(),
            parts: report.parts.into_iter().collect(),
            bytes: Some(report.cases.iter().map(|case| case.bytes).sum()),
            seconds: report.seconds,
            interrupted: report.interrupted,
            folder: report.folder,
        }
    }

    fn of_airfoils(report: AirfoilSweepReport) -> Self {
        let rejected = report.rejected().map(|(name, reason)| Rejected {
            name: name.to_owned(),
            reason: reason.to_owned(),
        });
        let rejected: Vec<Rejected> = rejected.collect();
        Self {
            n_cases: report.records.len() - rejected.len(),
            reused: report.reused,
            rejected,
            parts: report.parts.into_iter().collect(),
            bytes: None,
            seconds: 0.0,
            interrupted: report.interrupted,
            folder: report.folder,
        }
    }

    fn text(&self) -> String {
        let folder = self.folder.display();
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|(name, n)| format!("{name} {n}"))
            .collect();
        let size = self.bytes.map(|n| format!(", {}", bytes(n)));
        let mut text = format!(
            "{folder}: {}{}, in {} s ({} were there already)\n  {}\n",
            count(self.n_cases, "case"),
            size.unwrap_or_default(),
            number(self.seconds, 3),
            count(self.reused, "sample"),
            parts.join(", ")
        );
        if !self.rejected.is_empty() {
            text += &format!("{} rejected:\n", count(self.rejected.len(), "sample"));
        }
        for case in &self.rejected {
            text += &format!("  {}: {}\n", case.name, case.reason);
        }
        text + &format!("next: karman dataset info {folder}\n")
    }
}
