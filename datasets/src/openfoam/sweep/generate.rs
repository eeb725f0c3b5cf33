//! The sweep itself: one case after the other on each worker.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::config::AirfoilSweep;
use super::manifest::manifest;
use super::record::{AirfoilRecord, write_json};
use super::sampling::AirfoilSample;
use crate::openfoam::{AIRFRANS_BOX, FoamCase, FoamOutcome, FoamRun, FoamSolution, FoamSolver};
use crate::settings::first_difference;
use crate::{DatasetError, FlowFields, Progress, ProgressCounter, files, forces_of, write_case};

/// What became of a sweep.
#[derive(Debug, Clone)]
pub struct AirfoilSweepReport {
    /// The folder of the set.
    pub folder: PathBuf,
    /// What became of each sample that is finished, in order.
    pub records: Vec<AirfoilRecord>,
    /// Samples that were there already.
    pub reused: usize,
    /// Whether it was stopped before its end. There is no manifest then; the same call goes on.
    pub interrupted: bool,
    /// Cases of each part.
    pub parts: Vec<(String, usize)>,
}

impl AirfoilSweepReport {
    /// Names and reasons of the samples that were rejected.
    pub fn rejected(&self) -> impl Iterator<Item = (&str, &str)> {
        let reason = |r: &AirfoilRecord| r.rejected.is_some();
        let rejected = self.records.iter().filter(move |r| reason(r));
        rejected.map(|r| (r.name.as_str(), r.rejected.as_deref().unwrap_or_default()))
    }
}

/// Generates the set that `sweep` describes in `folder`, or goes on with it: samples whose record is there
/// are kept. `stop` ends it within a moment; the samples in work are lost.
///
/// The files depend on the settings and on OpenFOAM only, not on the number of workers, nor on how often
/// the sweep was stopped or killed; except for samples that reach the time limit, which depend on the machine.
///
/// # Errors
/// Settings without sense; a folder that was begun with others, that another process works in, or that cannot
/// be written; no case that is of use. A sample that fails is rejected, and is no error.
pub fn generate_airfoils(
    sweep: &AirfoilSweep,
    folder: &Path,
    solver: &FoamSolver,
    progress: Progress,
    stop: &AtomicBool,
) -> Result<AirfoilSweepReport, DatasetError> {
    sweep.check()?;
    let work = folder.join(".sweep");
    std::fs::create_dir_all(&work).map_err(DatasetError::io("create", &work))?;
    let lock = Arc::new(lock_folder(&work, folder)?);
    for folder in [folder, &work] {
        files::remove_leftovers(folder)?;
    }
    claim(sweep, folder)?;
    let samples: Vec<AirfoilSample> = (0..sweep.sampling.count)
        .map(|i| AirfoilSample::draw(sweep, i))
        .collect();
    let record_of = |sample: &AirfoilSample| work.join(format!("{}.json", sample.name()));
    let known: Vec<Option<AirfoilRecord>> = samples
        .iter()
        .map(|sample| AirfoilRecord::read(&record_of(sample), sample))
        .collect();
    let reused = known.iter().flatten().count();
    let counter = progress.start("computing airfoils", (samples.len() - reused) as u64);
    let desk = Desk {
        sweep,
        folder,
        work: &work,
        lock: &lock,
        solver,
        stop,
        counter: &counter,
    };
    let records = desk.all(&samples, known);
    counter.finish();
    let records: Vec<AirfoilRecord> = records?.into_iter().flatten().collect();
    let mut report = AirfoilSweepReport {
        folder: folder.to_path_buf(),
        interrupted: records.len() < samples.len(),
        records,
        reused,
        parts: Vec::new(),
    };
    if !report.interrupted {
        close(sweep, folder, &mut report)?;
    }
    Ok(report)
}

/// Waits for a moment until nobody works in the folder. Two sweeps would take each other's cases away; the
/// solver of a sweep that was killed may end after it, and write among the files of this one.
fn lock_folder(work: &Path, folder: &Path) -> Result<File, DatasetError> {
    const TRIES: usize = 60;
    for _ in 0..TRIES {
        if let Some(file) = files::lock(work)? {
            return Ok(file);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(DatasetError::Argument {
        what: "folder of the sweep",
        problem: format!(
            "{} is being worked in by another process, or by a simpleFoam that one left; wait for it or stop it",
            folder.display()
        ),
    })
}

/// Makes sure that the folder was not begun with other settings.
fn claim(sweep: &AirfoilSweep, folder: &Path) -> Result<(), DatasetError> {
    // More samples, other splits and other limits may be wanted of the same set.
    let mut kept = AirfoilSweep::new(0, sweep.sampling.seed);
    kept.ranges = sweep.ranges.clone();
    kept.grid = sweep.grid;
    kept.wall = sweep.wall;
    kept.controls = sweep.controls;
    kept.convergence = sweep.convergence;
    let path = folder.join("sweep.json");
    if path.is_file() {
        let text = std::fs::read(&path).map_err(DatasetError::io("read", &path))?;
        let refusal = |why: String| DatasetError::Argument {
            what: "folder of the sweep",
            problem: format!("{} {why}; choose another folder", folder.display()),
        };
        let begun: AirfoilSweep = serde_json::from_slice(&text)
            .map_err(|error| refusal(format!("has a sweep.json that cannot be read ({error})")))?;
        return match first_difference(&begun, &kept) {
            None => Ok(()),
            Some((key, was, is)) => Err(refusal(format!(
                "was begun with other settings ({key} = {was} in sweep.json, now {is})"
            ))),
        };
    }
    write_json(&path, &kept)
}

/// Everything that a worker needs.
struct Desk<'a> {
    sweep: &'a AirfoilSweep,
    folder: &'a Path,
    work: &'a Path,
    /// Open while a sweep, or a solver of it, works in the folder.
    lock: &'a Arc<File>,
    solver: &'a FoamSolver,
    stop: &'a AtomicBool,
    counter: &'a ProgressCounter,
}

impl Desk<'_> {
    /// Computes all samples that are not known yet. The threads are not rayon's: they wait for OpenFOAM.
    fn all(
        &self,
        samples: &[AirfoilSample],
        known: Vec<Option<AirfoilRecord>>,
    ) -> Result<Vec<Option<AirfoilRecord>>, DatasetError> {
        let missing: Vec<usize> = (0..samples.len()).filter(|&i| known[i].is_none()).collect();
        let results = Mutex::new(known);
        let failure = Mutex::new(None);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let work = || {
            while let Some(&i) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed) {
                    return;
                }
                match self.one(&samples[i]) {
                    Ok(record) => lock(&results)[i] = record,
                    Err(error) => {
                        failed.store(true, Ordering::Relaxed);
                        lock(&failure).get_or_insert(error);
                    }
                }
                self.counter.advance();
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.sweep.limits.workers.min(missing.len()) {
                scope.spawn(work);
            }
            work();
        });
        match failure.into_inner().unwrap_or_else(|e| e.into_inner()) {
            Some(error) => Err(error),
            None => Ok(results.into_inner().unwrap_or_else(|e| e.into_inner())),
        }
    }

    /// One sample from its beginning to its record; `None` when it was interrupted.
    fn one(&self, sample: &AirfoilSample) -> Result<Option<AirfoilRecord>, DatasetError> {
        let name = sample.name();
        let case = self.work.join(&name);
        let mut record = AirfoilRecord::new(sample);
        match self.compute(sample, &case, &mut record) {
            Ok(FoamOutcome::Interrupted) => return Ok(None),
            Ok(_) => {}
            // The disk or the program's absence is the whole sweep's concern, the rest the sample's.
            Err(error @ (DatasetError::Io { .. } | DatasetError::NoOpenFoam)) => return Err(error),
            Err(error) => record.rejected = Some(error.to_string()),
        }
        if record.rejected.is_some() {
            remove(&self.folder.join(&name))?;
        }
        if !self.sweep.limits.keep_cases {
            remove(&case)?;
        }
        record.write(&self.work.join(format!("{name}.json")))?;
        Ok(Some(record))
    }

    fn compute(
        &self,
        sample: &AirfoilSample,
        case: &Path,
        record: &mut AirfoilRecord,
    ) -> Result<FoamOutcome, DatasetError> {
        // What an earlier call left unfinished.
        remove(case)?;
        remove(&self.folder.join(sample.name()))?;
        let sweep = self.sweep;
        let foam = FoamCase {
            contour: sample.contour()?,
            conditions: sample.conditions,
            grid: sweep.grid,
            wall: sweep.wall,
            controls: sweep.controls,
        };
        record.mesh = Some(foam.write(case)?);
        let run = FoamRun {
            solver: self.solver.clone(),
            rule: sweep.convergence,
            time_limit: Duration::try_from_secs_f64(sweep.limits.seconds).unwrap_or(Duration::MAX),
            resume: false,
            lock: Some(self.lock.clone()),
        };
        let report = run.run(case, self.stop, |_| {})?;
        let outcome = report.outcome.clone();
        record.take(report);
        if outcome == FoamOutcome::Converged {
            let solution = FoamSolution::read(case)?;
            let data =
                solution.airfrans_sample(&record.name, &sample.conditions, Some(AIRFRANS_BOX))?;
            record.file_forces = Some(forces_of(&data, &FlowFields::from_sample(&data)?)?);
            write_case(&data, self.folder)?;
        }
        Ok(outcome)
    }
}

/// Writes what describes the set as a whole.
fn close(
    sweep: &AirfoilSweep,
    folder: &Path,
    report: &mut AirfoilSweepReport,
) -> Result<(), DatasetError> {
    let accepted: Vec<&AirfoilRecord> = report
        .records
        .iter()
        .filter(|r| r.rejected.is_none())
        .collect();
    let rejected: BTreeMap<&str, &str> = report.rejected().collect();
    write_json(&folder.join("rejected.json"), &rejected)?;
    if accepted.is_empty() {
        let first = rejected.values().next().copied().unwrap_or_default();
        return Err(DatasetError::Argument {
            what: "sweep over airfoils",
            problem: format!(
                "all {} samples were rejected, the first: {first}; see {}",
                rejected.len(),
                folder.join("rejected.json").display()
            ),
        });
    }
    let coefficients: BTreeMap<&str, &AirfoilRecord> =
        accepted.iter().map(|r| (r.name.as_str(), *r)).collect();
    write_json(&folder.join("coefficients.json"), &coefficients)?;
    let manifest = manifest(folder, sweep, &accepted)?;
    manifest.write()?;
    let parts = manifest.parts().iter();
    report.parts = parts
        .map(|(name, cases)| (name.clone(), cases.len()))
        .collect();
    Ok(())
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<(), DatasetError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(DatasetError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

/// The content of a lock, whether or not a thread panicked with it: the scope passes the panic on.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
