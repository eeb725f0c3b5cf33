//! The sweep: samples to cases, on several threads, resumable at any moment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::ThreadPoolBuilder;

use super::case::{Work, path_of};
use super::config::{GenerateConfig, Prepared};
use super::folder::SetFolder;
use super::record::Record;
use crate::parallel::try_map_on;
use crate::trajectories::ManifestHead;
use crate::{DatasetError, Progress, RejectedCase, Trajectory, TrajectoryCase, TrajectoryManifest};

/// What became of a sweep.
#[derive(Clone, Debug)]
pub struct SweepReport {
    /// The folder of the set.
    pub folder: PathBuf,
    /// The cases that are there.
    pub cases: Vec<TrajectoryCase>,
    /// The samples that gave none.
    pub rejected: Vec<RejectedCase>,
    /// Samples that were there already.
    pub reused: usize,
    /// Whether it was stopped before the end. There is no manifest then; the same call goes on.
    pub interrupted: bool,
    /// Cases of each part.
    pub parts: Vec<(String, usize)>,
    /// Time taken by this call, s.
    pub seconds: f64,
}

/// Generates the set that `config` describes in `folder`, or goes on with it: cases that are there and
/// whole are kept. `stop` is looked at between the stored times.
///
/// The files depend on the configuration only: not on the number of threads, not on the order in which
/// cases end, not on how often the sweep was killed.
///
/// Each case is computed by one thread, as many at once as rayon has.
///
/// # Errors
/// A configuration that makes no sense; a folder that holds something else, was begun with other
/// settings, is worked in by another process, or cannot be written; no case that is of use.
pub fn generate(
    config: &GenerateConfig,
    folder: &Path,
    progress: Progress,
    stop: &AtomicBool,
) -> Result<SweepReport, DatasetError> {
    let begun = Instant::now();
    let mut config = config.clone();
    let prepared = config.prepare()?;
    let set = SetFolder::claim(folder, &config)?;
    let sweep = Sweep {
        fingerprint: config.fingerprint(),
        config: &config,
        prepared: &prepared,
        set: &set,
        progress,
        stop,
    };
    let mut report = SweepReport {
        folder: folder.to_path_buf(),
        cases: Vec::new(),
        rejected: Vec::new(),
        reused: 0,
        interrupted: false,
        parts: Vec::new(),
        seconds: 0.0,
    };
    sweep.rounds(&mut report)?;
    if !report.interrupted {
        sweep.close(folder, &mut report)?;
    }
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

struct Sweep<'a> {
    config: &'a GenerateConfig,
    prepared: &'a Prepared,
    fingerprint: String,
    set: &'a SetFolder,
    progress: Progress,
    stop: &'a AtomicBool,
}

impl Sweep<'_> {
    /// As many samples as cases are wanted; then, where that is wanted, as many more as were rejected,
    /// until there are enough. So which samples are drawn does not depend on the order they end in.
    fn rounds(&self, report: &mut SweepReport) -> Result<(), DatasetError> {
        let limits = &self.config.limits;
        let wanted = self.prepared.sampler.count();
        let most = match limits.replace && self.prepared.sampler.is_endless() {
            true => (limits.attempts * wanted as f64).round() as usize,
            false => wanted,
        };
        let mut drawn = 0;
        while report.cases.len() < wanted && drawn < most && !report.interrupted {
            let until = (drawn + wanted - report.cases.len()).min(most);
            self.round(drawn..until, report)?;
            drawn = until;
        }
        Ok(())
    }

    fn round(
        &self,
        samples: std::ops::Range<usize>,
        report: &mut SweepReport,
    ) -> Result<(), DatasetError> {
        let known = self.known(&samples)?;
        let missing = known.iter().filter(|record| record.is_none()).count();
        report.reused += known.len() - missing;
        let counter = self.progress.start(
            "generating snapshots",
            (missing * self.prepared.times.len()) as u64,
        );
        let work = Work {
            config: self.config,
            prepared: self.prepared,
            fingerprint: &self.fingerprint,
            folder: &self.set.cases,
            counter: &counter,
            stop: self.stop,
        };
        let records = try_map_on(
            rayon::current_num_threads(),
            known.len(),
            |i| match &known[i] {
                Some(record) => Ok(Some(record.clone())),
                None if self.stop.load(Ordering::Relaxed) => Ok(None),
                None => self.alone(|| work.run(&self.prepared.sampler.sample(samples.start + i))),
            },
        );
        counter.finish();
        for record in records? {
            match record {
                Some(Record::Finished(case)) => report.cases.push(case),
                Some(Record::Rejected(case)) => report.rejected.push(case),
                None => report.interrupted = true,
            }
        }
        Ok(())
    }

    /// The records of samples that are there and whole.
    fn known(&self, samples: &std::ops::Range<usize>) -> Result<Vec<Option<Record>>, DatasetError> {
        try_map_on(rayon::current_num_threads(), samples.len(), |i| {
            let sample = self.prepared.sampler.sample(samples.start + i);
            Ok(Record::read(&self.set.cases, &sample, &self.fingerprint))
        })
    }

    /// Calls `f` with one thread for all parallel loops inside: cores are used by running cases beside
    /// each other, and what a case computes cannot depend on how many there are.
    fn alone<T: Send>(
        &self,
        f: impl FnOnce() -> Result<T, DatasetError> + Send,
    ) -> Result<T, DatasetError> {
        let pool = ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.map_err(|error| {
            DatasetError::io("start a thread for", &self.set.cases)(std::io::Error::other(error))
        })?;
        pool.install(f)
    }

    /// Writes the manifest, when all cases are there.
    fn close(&self, folder: &Path, report: &mut SweepReport) -> Result<(), DatasetError> {
        let Some(first) = report.cases.first() else {
            let reason = report.rejected.first().map_or("", |case| &case.reason);
            let problem = format!(
                "gets no case: all {} samples were rejected, the first: {reason}",
                report.rejected.len()
            );
            return Err(DatasetError::trajectories(folder, problem));
        };
        let read = Trajectory::open(path_of(&self.set.cases, &first.name, "h5"))?;
        let sample = self.prepared.sampler.sample(first.sample);
        let kind = self
            .config
            .generator
            .get("kind")
            .and_then(|kind| kind.as_str());
        let head = ManifestHead {
            title: self.config.title.clone(),
            generator: kind.unwrap_or_default().into(),
            solver: self.config.generator_of(&sample)?.solver().into(),
            fingerprint: self.fingerprint.clone(),
            times: self.prepared.times.clone(),
            fields: read.fields().to_vec(),
            statics: read.statics().to_vec(),
        };
        let mut manifest =
            TrajectoryManifest::new(head, report.cases.clone(), report.rejected.clone());
        self.config.splits.apply(&mut manifest)?;
        manifest.write(folder)?;
        let part =
            |(name, part): (&String, &crate::TrajectoryPart)| (name.clone(), part.cases.len());
        report.parts = manifest.parts.iter().map(part).collect();
        Ok(())
    }
}
