//! `karman dataset cache`: the tables of all cases on disk, so that training starts at once.

use std::path::{Path, PathBuf};

use karman_datasets::{AirfransDataset, Cache};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::{bytes, count, number};
use crate::commands::{Context, Run};

/// Build the cache of a data set, or bring it up to date
///
/// Training does this by itself when it starts; this command does it beforehand, for example on a
/// machine with a fast disk. Cases that are cached already are kept, changed ones are built again. An
/// interrupted build goes on where it stopped.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CacheArgs {
    /// The folder with manifest.json
    path: PathBuf,
    /// Folder of the cache [default: one for this data set in $KARMAN_CACHE_DIR or ~/.cache/karman]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  karman dataset cache datasets/sample/mini-airfrans
  karman dataset cache /data/AirfRANS --cache /scratch/airfrans-cache";

/// What was cached.
#[derive(Serialize)]
struct Summary {
    cache: PathBuf,
    n_cases: usize,
    /// Rows of all cases together, one for each mesh node.
    n_rows: usize,
    columns: Vec<String>,
    built: usize,
    rebuilt: usize,
    reused: usize,
    seconds: f64,
    bytes: u64,
}

impl Run for CacheArgs {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let dataset = AirfransDataset::open(&self.path)?;
        let folder = self
            .cache
            .unwrap_or_else(|| Cache::default_folder(&self.path));
        let cache = Cache::open_or_build(&dataset, &folder, context.progress())?;
        let report = cache.report();
        let summary = Summary {
            n_cases: cache.cases().len(),
            n_rows: cache.cases().iter().map(|case| case.n_points).sum(),
            columns: cache.columns().to_vec(),
            built: report.built,
            rebuilt: report.stale,
            reused: report.reused,
            seconds: report.seconds,
            bytes: folder_size(&folder)?,
            cache: folder,
        };
        context.output.show(&summary, || summary.text())
    }
}

/// Bytes of all files in a folder, without those in folders below.
fn folder_size(folder: &Path) -> Result<u64, CommandError> {
    let wrong = |error| CommandError::io("list", folder)(error);
    let mut total = 0;
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        // A file that went away meanwhile (a temporary one) is not part of the cache.
        if let Ok(metadata) = entry.map_err(wrong)?.metadata() {
            total += if metadata.is_file() {
                metadata.len()
            } else {
                0
            };
        }
    }
    Ok(total)
}

impl Summary {
    fn text(&self) -> String {
        format!(
            "{}\n  {} with {} rows of {} columns, {}\n  {} built, {} built again, {} were up to date, in {} s\n",
            self.cache.display(),
            count(self.n_cases, "case"),
            self.n_rows,
            self.columns.len(),
            bytes(self.bytes),
            self.built,
            self.rebuilt,
            self.reused,
            number(self.seconds, 3)
        )
    }
}
