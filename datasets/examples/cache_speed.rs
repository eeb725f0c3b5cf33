//! Times loading and caching, and random subsets from the cache: of cases of real AirfRANS size
//! (180 k points) made on the spot, or of a data set that is there.
//!
//! ```text
//! cargo run --release -p karman-datasets --example cache_speed [AROUND OUT CASES]
//! cargo run --release -p karman-datasets --example cache_speed DATASET_FOLDER
//! ```

use std::path::{Path, PathBuf};
use std::time::Instant;

use karman_datasets::{
    AirfransDataset, Cache, CaseTable, DatasetError, Progress, RowOrder, synthetic_dataset,
};

/// Points of a subset.
const SUBSET: usize = 16_384;

fn main() -> Result<(), DatasetError> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::temp_dir().join(format!("karman-cache-speed-{}", std::process::id()));
    let result = match given.first().map(Path::new).filter(|path| path.is_dir()) {
        Some(root) => measure(root, &folder),
        None => make(&folder, &given).and_then(|root| measure(&root, &folder)),
    };
    // The figures are out by now; a leftover in the folder for temporary files does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn make(folder: &Path, given: &[String]) -> Result<PathBuf, DatasetError> {
    let size = |at: usize, default| {
        given
            .get(at)
            .and_then(|a| a.parse().ok())
            .unwrap_or(default)
    };
    let (resolution, cases) = ((size(0, 900), size(1, 199)), size(2, 4).max(2));
    let root = folder.join("data");
    timed("making and writing the cases", || {
        synthetic_dataset(&root, cases - 1, 1, resolution, 1)
    })?;
    Ok(root)
}

fn measure(root: &Path, folder: &Path) -> Result<(), DatasetError> {
    let dataset = AirfransDataset::open(root)?;
    let names = dataset.all_cases();
    let cases = names.len();
    let sample = timed("loading one case", || dataset.load(&names[0]))?;
    timed("its model rows", || CaseTable::from_sample(&sample))?;
    let built = folder.join("cache");
    let open = || Cache::open_or_build(&dataset, &built, Progress::Hidden);
    timed("building the cache of all", open)?;
    let cache = timed("opening it again", open)?;
    let info = &cache.cases()[0];
    println!(
        "{} points x {} columns, {cases} cases",
        info.n_points,
        cache.columns().len()
    );
    let (repeats, subset) = (50, SUBSET.min(info.n_points));
    let begun = Instant::now();
    for i in 0..repeats {
        let mut rows = Vec::new();
        cache.read_rows(i % cases, i * 7919 % info.n_points, subset, &mut rows)?;
    }
    let each = begun.elapsed().as_secs_f64() / repeats as f64;
    println!(
        "{:34} {:9.3} ms (mean of {repeats})",
        format!("a random subset of {subset}"),
        1e3 * each
    );
    timed("all rows of one case", || {
        cache.read_all(0, RowOrder::Nodes)
    })?;
    Ok(())
}

fn timed<T>(what: &str, f: impl FnOnce() -> Result<T, DatasetError>) -> Result<T, DatasetError> {
    let begun = Instant::now();
    let result = f()?;
    println!("{what:34} {:9.3} ms", 1e3 * begun.elapsed().as_secs_f64());
    Ok(result)
}
