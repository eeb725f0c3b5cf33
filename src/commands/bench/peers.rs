//! Other people's solvers: `benches/peers/poisson_peers.py` and what it can run here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Deserialize;

use super::child::{self, Ended};
use super::job::Job;
use super::row::{Outcome, SolveRow};
use crate::commands::error::CommandError;

/// How long the drivers may take to build.
const BUILD: Duration = Duration::from_secs(300);

/// The script, its Python, and where it builds drivers.
pub(super) struct Peers {
    python: PathBuf,
    script: PathBuf,
    drivers: PathBuf,
}

/// A line of the script's list.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Available {
    pub(super) method: String,
    pub(super) version: Option<String>,
    /// Why it cannot run.
    pub(super) missing: Option<String>,
}

/// What the script prints for a tolerance.
#[derive(Deserialize)]
struct PeerLine {
    tolerance: f64,
    assembly_seconds: Option<f64>,
    setup_seconds: Option<f64>,
    solve_seconds: Option<f64>,
    iterations: Option<usize>,
    residual: Option<f64>,
    peak_bytes: Option<u64>,
    method_bytes: Option<u64>,
    #[serde(default)]
    settings: String,
}

impl Peers {
    /// With a Python that has NumPy and SciPy; drivers are built beside it, in `karman-drivers`.
    ///
    /// # Errors
    /// A script that is not there: it is a file of the repository, and the program may be elsewhere.
    pub(super) fn new(python: &Path, script: Option<&Path>) -> Result<Self, CommandError> {
        let script = script.map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/poisson_peers.py"),
            Path::to_path_buf,
        );
        if !script.is_file() {
            return Err(CommandError::input(format!(
                "the peers' script is not at {}",
                script.display()
            ))
            .help("give --peers-script FILE (benches/peers/poisson_peers.py of Karman's repository), or --peers none"));
        }
        let folder = python.parent().and_then(Path::parent);
        let beside = folder.filter(|folder| folder.join("pyvenv.cfg").is_file());
        let drivers = match beside {
            Some(folder) => folder.join("karman-drivers"),
            None => std::env::temp_dir().join("karman-drivers"),
        };
        Ok(Self {
            python: python.to_path_buf(),
            script,
            drivers,
        })
    }

    fn command(&self, action: &str, threads: usize) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.script).arg(action);
        command.arg("--drivers").arg(&self.drivers);
        let count = threads.to_string();
        for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(variable, &count);
        }
        command
    }

    /// What can run here, and what not and why. Builds the drivers.
    pub(super) fn list(&self, interrupted: &AtomicBool) -> Result<Vec<Available>, CommandError> {
        let mut command = self.command("list", 1);
        if let Some(amgcl) = std::env::var_os("KARMAN_AMGCL_DIR") {
            command.arg("--amgcl").arg(amgcl);
        }
        let finished = child::run(command, BUILD, interrupted)?;
        let parsed = finished.lines.last().map(|line| serde_json::from_str(line));
        match (finished.ended, parsed) {
            (Ended::Well, Some(Ok(list))) => Ok(list),
            (Ended::Badly(reason), _) => Err(self.unusable(&reason)),
            (Ended::AtLimit, _) => Err(self.unusable("building took more than five minutes")),
            (Ended::Well, _) => Err(self.unusable("it printed no list")),
        }
    }

    fn unusable(&self, reason: &str) -> CommandError {
        let python = self.python.display();
        CommandError::input(format!("{python} cannot run the peers: {reason}"))
            .help("give --peers a Python that has numpy, scipy and pyamg, or --peers none")
    }

    /// Runs a job on a case file; rows for all of its tolerances.
    pub(super) fn run(
        &self,
        job: &Job,
        case: &Path,
        unknowns: usize,
        limit: Duration,
        interrupted: &AtomicBool,
    ) -> Result<Vec<SolveRow>, CommandError> {
        let mut command = self.command("run", job.solver.threads);
        let tolerances: Vec<String> = job.tolerances.iter().map(f64::to_string).collect();
        command
            .args(["--method", &job.solver.method])
            .args(["--threads", &job.solver.threads.to_string()])
            .args(["--tolerances", &tolerances.join(",")])
            .arg("--case")
            .arg(case);
        let finished = child::run(command, limit, interrupted)?;
        let parsed = finished.lines.iter().map(|line| serde_json::from_str(line));
        let lines: Vec<PeerLine> = parsed.filter_map(Result::ok).collect();
        let row = |tolerance: &f64| {
            let line = lines.iter().find(|line| line.tolerance == *tolerance);
            match line {
                Some(line) => measured(job, line, unknowns),
                None => without_numbers(job, *tolerance, unknowns, &finished.ended),
            }
        };
        Ok(job.tolerances.iter().map(row).collect())
    }
}

fn measured(job: &Job, line: &PeerLine, unknowns: usize) -> SolveRow {
    let outcome = reached(line.residual, line.tolerance);
    SolveRow {
        iterations: line.iterations,
        residual: line.residual,
        assembly_seconds: line.assembly_seconds,
        setup_seconds: line.setup_seconds,
        solve_seconds: line.solve_seconds,
        peak_bytes: line.peak_bytes,
        method_bytes: line.method_bytes,
        note: line.settings.clone(),
        ..SolveRow::empty(&job.problem, &job.solver, line.tolerance, unknowns, outcome)
    }
}

/// Converged or missed. Peers stop by their recurrence, which may part from the true residual in
/// the last digits; a hundredth is granted.
pub(super) fn reached(residual: Option<f64>, tolerance: f64) -> Outcome {
    match residual {
        Some(residual) if residual <= 1.01 * tolerance => Outcome::Converged,
        _ => Outcome::Missed,
    }
}

/// The row of a job that did not get to a tolerance.
pub(super) fn without_numbers(
    job: &Job,
    tolerance: f64,
    unknowns: usize,
    ended: &Ended,
) -> SolveRow {
    let (outcome, note) = match ended {
        Ended::AtLimit => (Outcome::TimeLimit, "stopped at the time limit".to_owned()),
        Ended::Badly(reason) => match reason.strip_prefix("refused: ") {
            Some(reason) => (Outcome::Refused, reason.to_owned()),
            None => (Outcome::Failed, reason.clone()),
        },
        Ended::Well => (Outcome::Failed, "no result was printed".to_owned()),
    };
    SolveRow {
        note,
        ..SolveRow::empty(&job.problem, &job.solver, tolerance, unknowns, outcome)
    }
}
