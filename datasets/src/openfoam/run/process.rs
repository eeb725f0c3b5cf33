//! The solver's process: started, listened to, and ended.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::convergence::{ConvergenceRule, Judgement};
use super::find::FoamSolver;
use super::log::{FoamIteration, FoamLog};
use super::states::clear;
use super::tie::tied;
use crate::openfoam::STOP_FILE;
use crate::{DatasetError, Forces};

/// How often the time limit and the stop flag are looked at while the solver is silent.
const TICK: Duration = Duration::from_millis(50);
/// The solver's output, in the case's folder.
const LOG: &str = "log.simpleFoam";

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoamOutcome {
    /// Residuals and forces satisfy the rule.
    Converged,
    /// The iterations ran out first.
    Unconverged(String),
    /// The values became useless, or the solver failed.
    Diverged(String),
    /// The time limit was reached and the solver ended.
    TimeLimit,
    /// The stop flag was raised and the solver ended.
    Interrupted,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoamRunReport {
    /// How it ended.
    pub outcome: FoamOutcome,
    /// OpenFOAM's version, as its banner tells it.
    pub version: String,
    /// The last iteration.
    pub iterations: usize,
    /// Force coefficients of the last iteration (chord 1 m, wind axes).
    pub forces: Option<Forces>,
    /// How far C_L and C_D ranged over the window of the rule.
    pub ranges: [f64; 2],
    /// Initial residuals of the last iteration, in the order of [`RESIDUALS`](super::RESIDUALS).
    pub residuals: [f64; 5],
    /// Least, largest and mean y+.
    pub y_plus: Option<[f64; 3]>,
    /// Time that the solver computed for, s.
    pub seconds: f64,
}

/// A run of simpleFoam on a case that is written already.
#[derive(Debug, Clone)]
pub struct FoamRun {
    /// The solver.
    pub solver: FoamSolver,
    /// When it is done.
    pub rule: ConvergenceRule,
    /// Time after which it is ended: its own computing time, or silence of that length. So a busy machine
    /// does not decide what converges.
    pub time_limit: Duration,
    /// Whether to go on from the last complete state in the folder, if there is one, instead of from
    /// the initial one.
    pub resume: bool,
    /// A file that the solver has open too (as its standard input). A lock on it lasts until the solver has
    /// ended, also when this program was killed before.
    pub lock: Option<Arc<File>>,
}

impl FoamRun {
    /// A run with the usual rule, from the initial state, with half an hour of time.
    pub fn new(solver: FoamSolver) -> Self {
        Self {
            solver,
            rule: ConvergenceRule::default(),
            time_limit: Duration::from_secs(1800),
            resume: false,
            lock: None,
        }
    }

    /// Runs the solver on the case in `folder` until it has converged, diverged or reached a limit, or
    /// until `stop` is raised. What it prints goes to `log.simpleFoam` in that folder. `observe` sees
    /// every iteration.
    ///
    /// The solver gets a process group of its own: Ctrl-C reaches it only through `stop`. When this
    /// program dies, the solver is killed where `setpriv` is there to arrange that, and ends at its next line of
    /// output elsewhere, since nobody reads it.
    ///
    /// # Errors
    /// The program cannot be started, or the folder not be written to.
    pub fn run(
        &self,
        folder: &Path,
        stop: &AtomicBool,
        mut observe: impl FnMut(&FoamIteration),
    ) -> Result<FoamRunReport, DatasetError> {
        clear(folder, !self.resume)?;
        let mut solver = Running::start(self, folder)?;
        let mut watch = Watch {
            run: self,
            folder,
            log: FoamLog::default(),
            heard: Instant::now(),
            seen: 0,
            asked: false,
            forced: None,
        };
        while watch.forced.is_none()
            && let Some(line) = solver.next_line()?
        {
            watch.hear(line, &mut observe)?;
            watch.look(stop);
        }
        let status = solver.end(watch.forced.is_some())?;
        watch.log.history()[watch.seen..].iter().for_each(observe);
        let outcome = watch.forced.take();
        let outcome = outcome.unwrap_or_else(|| self.outcome(&watch.log, status));
        Ok(self.report(&watch.log, outcome))
    }

    /// The outcome of a solver that has ended by itself.
    fn outcome(&self, log: &FoamLog, status: ExitStatus) -> FoamOutcome {
        if log.is_foundation() {
            let site =
                "this is the OpenFOAM Foundation's version; the cases are for that of openfoam.com";
            return FoamOutcome::Diverged(site.into());
        }
        if let Some(fatal) = log.fatal() {
            return FoamOutcome::Diverged(fatal);
        }
        if !status.success() {
            return FoamOutcome::Diverged(format!("simpleFoam ended with {status}"));
        }
        if !log.ended() {
            return FoamOutcome::Diverged("simpleFoam ended without saying so".into());
        }
        match self.rule.judge(log.history()) {
            Judgement::Converged => FoamOutcome::Converged,
            Judgement::NotYet(reason) => FoamOutcome::Unconverged(reason),
            Judgement::Diverged(reason) => FoamOutcome::Diverged(reason),
        }
    }

    fn report(&self, log: &FoamLog, outcome: FoamOutcome) -> FoamRunReport {
        let last = log.history().last();
        FoamRunReport {
            outcome,
            version: log.version().unwrap_or("unknown").to_string(),
            iterations: last.map_or(0, |i| i.number),
            forces: last.and_then(|i| i.forces),
            ranges: self.rule.ranges(log.history()),
            residuals: last.map_or([f64::NAN; 5], |i| i.residuals),
            y_plus: log.y_plus(),
            seconds: log.seconds(),
        }
    }
}

/// What is known of a run while it goes on.
struct Watch<'a> {
    run: &'a FoamRun,
    folder: &'a Path,
    log: FoamLog,
    /// When the last line came.
    heard: Instant,
    /// Iterations that were observed and judged.
    seen: usize,
    /// Whether the solver was asked to end.
    asked: bool,
    /// Why it must be ended, if it must.
    forced: Option<FoamOutcome>,
}

impl Watch<'_> {
    /// Takes in a line, if there is one, and judges the iterations that are complete with it.
    fn hear(
        &mut self,
        line: Option<String>,
        observe: &mut impl FnMut(&FoamIteration),
    ) -> Result<(), DatasetError> {
        let Some(line) = line else { return Ok(()) };
        self.log.line(&line);
        self.heard = Instant::now();
        // The iteration before the one that has just begun is complete.
        let complete = self.log.history().len().saturating_sub(1);
        if complete <= self.seen {
            return Ok(());
        }
        self.log.history()[self.seen..complete]
            .iter()
            .for_each(observe);
        self.seen = complete;
        match self.run.rule.judge(&self.log.history()[..complete]) {
            Judgement::Converged if !self.asked => {
                self.asked = true;
                let path = self.folder.join(STOP_FILE);
                std::fs::write(&path, "").map_err(DatasetError::io("write", &path))
            }
            Judgement::Diverged(reason) => {
                self.forced = Some(FoamOutcome::Diverged(reason));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Looks at the stop flag and the time limit.
    fn look(&mut self, stop: &AtomicBool) {
        let taken = self.heard.elapsed().as_secs_f64().max(self.log.seconds());
        if stop.load(Ordering::Relaxed) {
            self.forced = Some(FoamOutcome::Interrupted);
        } else if taken > self.run.time_limit.as_secs_f64() && self.forced.is_none() {
            self.forced = Some(FoamOutcome::TimeLimit);
        }
    }
}

/// The process, the lines that it writes and the file that they go to.
struct Running {
    child: Child,
    lines: Receiver<String>,
    log: BufWriter<File>,
    log_path: std::path::PathBuf,
}

impl Running {
    fn start(run: &FoamRun, folder: &Path) -> Result<Self, DatasetError> {
        let log_path = folder.join(LOG);
        let log = File::create(&log_path).map_err(DatasetError::io("write", &log_path))?;
        let solver = &run.solver;
        let mut command = tied(solver.command(folder));
        let input = match &run.lock {
            Some(file) => Stdio::from(file.try_clone().map_err(DatasetError::io("open", folder))?),
            None => Stdio::null(),
        };
        command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(DatasetError::io("run", solver.program()))?;
        let (sender, lines) = channel();
        if let Some(out) = child.stdout.take() {
            listen(out, sender.clone());
        }
        if let Some(errors) = child.stderr.take() {
            listen(errors, sender);
        }
        Ok(Self {
            child,
            lines,
            log: BufWriter::new(log),
            log_path,
        })
    }

    /// The next line; `Some(None)` when none came for a while, `None` when there will be no more.
    fn next_line(&mut self) -> Result<Option<Option<String>>, DatasetError> {
        match self.lines.recv_timeout(TICK) {
            Ok(line) => {
                let written = writeln!(self.log, "{line}");
                written.map_err(DatasetError::io("write", &self.log_path))?;
                Ok(Some(Some(line)))
            }
            Err(RecvTimeoutError::Timeout) => Ok(Some(None)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    /// Waits for the end, or brings it about.
    fn end(mut self, kill: bool) -> Result<ExitStatus, DatasetError> {
        if kill {
            // It may have ended meanwhile, which is as good.
            let _ = self.child.kill();
        }
        let flushed = self.log.flush();
        flushed.map_err(DatasetError::io("write", &self.log_path))?;
        let path = self.log_path.clone();
        self.child
            .wait()
            .map_err(DatasetError::io("wait for", path))
    }
}

impl Drop for Running {
    /// No solver stays behind when an error or a panic leaves the run early.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Sends the lines of a stream from a thread of its own, which ends with the stream.
fn listen(stream: impl Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = String::from_utf8_lossy(&line);
                    if sender.send(text.trim_end().to_string()).is_err() {
                        return;
                    }
                }
            }
        }
    });
}
