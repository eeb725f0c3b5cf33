//! `karman bench poisson`: Poisson solvers on flag grids.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use karman_solvers::{Method, PoissonCase, PoissonCaseKind};

use super::child;
use super::job::{Job, Plan, Task};
use super::peers::{Available, Peers, without_numbers};
use super::results::Results;
use super::row::{Problem, Record};
use super::work::dims;
use super::{machine, npz, page, summary};
use crate::commands::error::CommandError;
use crate::commands::{Context, Run, interrupt, number};

/// Poisson solvers on flag grids: all methods, all cases, several tolerances, and other people's solvers
///
/// Each method runs on each case in a process of its own, so that its peak memory is its own and a crash or
/// a time limit hurts nothing else. Rows go to DIR/rows.jsonl as they are measured; the same
/// command goes on after an interrupt. At the end DIR/report.html shows them all.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Poisson {
    /// 2D or 3D cases
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=3))]
    dimension: u8,
    /// Cells along each axis [default: 64,128 in 3D, 512,1024 in 2D]
    #[arg(long, value_name = "N,..", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(8..=4096))]
    sizes: Vec<u16>,
    /// Cases: box, open-top, sphere, maze, porous, pockets, moving (with its sequence of 50 steps) [default: all]
    #[arg(long, value_name = "CASE,..", value_delimiter = ',')]
    cases: Vec<PoissonCaseKind>,
    /// Our methods: auto, cg, jacobi, ic0, mic0, multigrid, dct, amg, cholesky; `none` for peers alone
    /// [default: all]
    #[arg(long, value_name = "METHOD,..", value_delimiter = ',', value_parser = own_method)]
    methods: Vec<String>,
    /// Relative tolerances on the true residual
    #[arg(long, value_name = "TOL,..", value_delimiter = ',', default_value = "1e-4,1e-6,1e-8", value_parser = tolerance)]
    tolerances: Vec<f64>,
    /// A Python with numpy, scipy and pyamg, or `none` [default: KARMAN_PEERS_PYTHON, or none]
    ///
    /// PETSc, hypre and AMGCL join in when they are installed. KARMAN_AMGCL_DIR names the folder
    /// that holds amgcl/amg.hpp where that is not a system's folder.
    #[arg(long, value_name = "PYTHON")]
    peers: Option<PathBuf>,
    /// Which peers [default: all that can run]
    #[arg(long, value_name = "METHOD,..", value_delimiter = ',')]
    peer_methods: Vec<String>,
    /// The peers' script, where the program is away from its repository
    #[arg(long, value_name = "FILE")]
    peers_script: Option<PathBuf>,
    /// Seconds after which a process is stopped
    #[arg(long, value_name = "S", default_value_t = 300.0, value_parser = seconds)]
    limit: f64,
    /// Seed of the cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of rows and report
    #[arg(long, short, value_name = "DIR", default_value = "runs/bench-poisson")]
    output: PathBuf,
    /// Forget the rows that are there
    #[arg(long)]
    fresh: bool,
}

const EXAMPLES: &str = "\
Examples:
  karman bench poisson --sizes 64 --cases open-top,maze --methods multigrid,mic0
  karman bench poisson --sizes 128 --threads 2 --peers ~/peers/bin/python -o runs/poisson
  karman bench poisson --dimension 2 --sizes 1024 --tolerances 1e-6
  karman bench poisson --sizes 64,128,192 --cases moving --methods multigrid --json moving.json";

fn own_method(text: &str) -> Result<String, String> {
    if text == "none" {
        return Ok(text.to_owned());
    }
    let method = text.parse::<Method>();
    method
        .map(|method| method.to_string())
        .map_err(|error| error.to_string())
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("a number between 0 and 1, like 1e-6".to_owned()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value < 1e9 => Ok(value),
        _ => Err("a positive number of seconds".to_owned()),
    }
}

/// What a run works with.
struct Bench<'a> {
    plan: Plan,
    peers: Option<Peers>,
    limit: Duration,
    interrupted: Arc<AtomicBool>,
    folder: &'a Path,
}

impl Run for Poisson {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let interrupted = interrupt::flag()?;
        let peers = self.peers()?;
        let available = match &peers {
            Some(peers) => chosen(&self.peer_methods, peers.list(&interrupted)?, context)?,
            None => Vec::new(),
        };
        std::fs::create_dir_all(&self.output).map_err(CommandError::io("make", &self.output))?;
        let mut results = Results::open(&self.output.join("rows.jsonl"), self.fresh)?;
        let bench = Bench {
            plan: self.plan(&available),
            peers,
            limit: Duration::from_secs_f64(self.limit),
            interrupted,
            folder: &self.output,
        };
        machine::measure_triads(&mut results, &bench.plan)?;
        let outcome = bench.measure(&mut results, context);
        let html = page::write(&self.output, &bench.plan, &available, results.records())?;
        outcome?;
        let value = summary::value(&bench.plan, results.records());
        context.output.show(&value, || {
            let table = summary::text(&bench.plan, results.records());
            format!("{table}\nreport: {}", html.display())
        })
    }
}

impl Poisson {
    /// The peers' script, unless `none` or nothing was asked for.
    fn peers(&self) -> Result<Option<Peers>, CommandError> {
        let set = || std::env::var_os("KARMAN_PEERS_PYTHON").map(PathBuf::from);
        match self.peers.clone().or_else(set) {
            Some(python) if python.as_os_str() != "none" && !python.as_os_str().is_empty() => {
                Peers::new(&python, self.peers_script.as_deref()).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn plan(&self, available: &[Available]) -> Plan {
        let dimension = usize::from(self.dimension);
        let sizes = match (&self.sizes[..], dimension) {
            ([], 2) => vec![512, 1024],
            ([], _) => vec![64, 128],
            (sizes, _) => sizes.iter().map(|n| usize::from(*n)).collect(),
        };
        let cases = if self.cases.is_empty() {
            let all = PoissonCaseKind::ALL.into_iter();
            all.chain([PoissonCaseKind::MovingSolid]).collect()
        } else {
            self.cases.clone()
        };
        Plan {
            dimension,
            sizes: unique(sizes),
            cases: unique(cases),
            methods: self.own_methods(),
            peers: available.iter().map(|peer| peer.method.clone()).collect(),
            tolerances: unique(self.tolerances.clone()),
            threads: rayon::current_num_threads(),
            seed: self.seed,
        }
    }

    /// Names of our methods.
    fn own_methods(&self) -> Vec<String> {
        if self.methods.is_empty() {
            return Method::ALL.iter().map(Method::to_string).collect();
        }
        let named = self.methods.iter().filter(|name| *name != "none");
        unique(named.cloned().collect())
    }
}

/// Each value once, in the order in which they came.
fn unique<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// The peers that can run, of those asked for; what cannot is told.
fn chosen(
    wanted: &[String],
    list: Vec<Available>,
    context: &Context,
) -> Result<Vec<Available>, CommandError> {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| list.iter().all(|peer| peer.method != **name))
    {
        let known: Vec<&str> = list.iter().map(|peer| peer.method.as_str()).collect();
        return Err(
            CommandError::input(format!("no peer is called `{unknown}`"))
                .help(format!("the peers are {}", known.join(", "))),
        );
    }
    let asked = |peer: &Available| wanted.is_empty() || wanted.contains(&peer.method);
    let (runs, missing): (Vec<_>, Vec<_>) = list
        .into_iter()
        .filter(asked)
        .partition(|peer| peer.missing.is_none());
    for peer in missing {
        let why = peer.missing.unwrap_or_default();
        context.note(format!("peer {} is left out: {why}", peer.method));
    }
    Ok(runs)
}

impl Bench<'_> {
    /// Runs all jobs that the results lack.
    fn measure(&self, results: &mut Results, context: &Context) -> Result<(), CommandError> {
        let jobs = self.plan.jobs();
        let left: Vec<Job> = jobs
            .iter()
            .filter_map(|job| job.remaining(results.records()))
            .collect();
        if left.len() < jobs.len() {
            let done = number::count(jobs.len() - left.len(), "measurement");
            context.note(format!(
                "{done} of {} are there already (--fresh forgets them)",
                jobs.len()
            ));
        }
        let progress = context.progress().start("measuring", left.len() as u64);
        let mut current: Option<(Problem, usize)> = None;
        for job in &left {
            if current
                .as_ref()
                .is_none_or(|(problem, _)| *problem != job.problem)
            {
                current = Some((job.problem.clone(), self.prepare(job)?));
            }
            let unknowns = current.as_ref().map_or(0, |(_, unknowns)| *unknowns);
            machine::claim_memory(dims(&job.problem).iter().product());
            for record in self.run_job(job, unknowns)? {
                results.add(record)?;
            }
            progress.advance();
        }
        progress.finish();
        // The case of the last problem; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(self.case_file());
        Ok(())
    }

    fn case_file(&self) -> PathBuf {
        self.folder.join("case.npz")
    }

    /// Writes the case for the peers; returns its number of unknowns.
    fn prepare(&self, job: &Job) -> Result<usize, CommandError> {
        let kind = job.problem.case.parse()?;
        let case = PoissonCase::new(kind, dims(&job.problem), job.problem.seed)?;
        if self.peers.is_some() {
            npz::write_case(&self.case_file(), &case)?;
        }
        Ok(case.fluid_cells())
    }

    fn run_job(&self, job: &Job, unknowns: usize) -> Result<Vec<Record>, CommandError> {
        match (&self.peers, job.solver.peer) {
            (Some(peers), true) => {
                let case = self.case_file();
                let rows = peers.run(job, &case, unknowns, self.limit, &self.interrupted)?;
                Ok(rows.into_iter().map(Record::Solve).collect())
            }
            _ => self.run_own(job, unknowns),
        }
    }

    /// Runs one of our methods in another process of this program.
    fn run_own(&self, job: &Job, unknowns: usize) -> Result<Vec<Record>, CommandError> {
        let mut command = Command::new(this_program()?);
        let problem = &job.problem;
        let tolerances: Vec<String> = job.tolerances.iter().map(f64::to_string).collect();
        let threads = job.solver.threads.to_string();
        command
            .args(["bench", "poisson-work", "--case", &problem.case])
            .args(["--size", &problem.size.to_string()])
            .args(["--dimension", &problem.dimension.to_string()])
            .args(["--seed", &problem.seed.to_string()])
            .args(["--method", &job.solver.method])
            .args(["--tolerances", &tolerances.join(",")])
            .args(["--on-threads", &threads, "--threads", &threads]);
        if job.task == Task::Moving {
            command.arg("--sequence");
        }
        let finished = child::run(command, self.limit, &self.interrupted)?;
        let parsed = finished.lines.iter().map(|line| serde_json::from_str(line));
        let mut records: Vec<Record> = parsed.filter_map(Result::ok).collect();
        if job.task == Task::Solve || records.is_empty() {
            let left = job
                .remaining(&records)
                .map_or(Vec::new(), |job| job.tolerances);
            let ended = &finished.ended;
            let row = |tolerance| Record::Solve(without_numbers(job, tolerance, unknowns, ended));
            // A sequence without a step has nothing to show; the single solve says why.
            if job.task == Task::Solve {
                records.extend(left.into_iter().map(row));
            }
        }
        Ok(records)
    }
}

/// This very program: on Linux even when its file was replaced (by a build) since it was started.
fn this_program() -> Result<PathBuf, CommandError> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_path_buf());
    }
    std::env::current_exe().map_err(CommandError::io("find", "this program"))
}
