//! Many cases in parallel.

use super::AirfransDataset;
use crate::parallel::try_map;
use crate::{DatasetError, Progress, Sample};

impl AirfransDataset {
    /// Loads cases in parallel, and returns them in the order of `names`.
    ///
    /// All of them are in memory at once: about 60 MB each for real AirfRANS cases. Use
    /// [`AirfransDataset::map_cases`] or a [`Cache`](crate::Cache) where that is too much.
    ///
    /// # Errors
    /// The first case (in that order) that fails; later ones are then not read. The error names it.
    pub fn load_many(
        &self,
        names: &[String],
        progress: Progress,
    ) -> Result<Vec<Sample>, DatasetError> {
        self.map_cases(names, "reading cases", progress, Ok)
    }

    /// Loads cases in parallel and keeps only what `f` makes of each, in the order of `names`. No
    /// more cases are in memory than there are threads (16 at most).
    ///
    /// `label` stands before the progress bar.
    ///
    /// # Errors
    /// As [`AirfransDataset::load_many`]; also what `f` fails with.
    pub fn map_cases<T: Send>(
        &self,
        names: &[String],
        label: &str,
        progress: Progress,
        f: impl Fn(Sample) -> Result<T, DatasetError> + Sync,
    ) -> Result<Vec<T>, DatasetError> {
        let counter = progress.start(label, names.len() as u64);
        let results = try_map(names.len(), |index| {
            let result = self.load(&names[index]).and_then(&f);
            counter.advance();
            result
        });
        counter.finish();
        results
    }
}
