//! Times loading and caching of a case of real AirfRANS size (180 k points) made on the spot, and
//! random subsets from the cache.
//!
//! ```text
//! cargo run --release -p karman-datasets --example cache_speed [AROUND OUT CASES]
//! ```

use std::time::Instant;

use karman_datasets::{
    AirfransDataset, Cache, CaseTable, DatasetError, Progress, RowOrder, synthetic_dataset,
};

/// Points of a subset.
const SUBSET: usize = 16_384;

fn main() -> Result<(), DatasetError> {
    let given: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let size = |at: usize, default| given.get(at).copied().unwrap_or(default);
    let folder = std::env::temp_dir().join(format!("karman-cache-speed-{}", std::process::id()));
    let result = measure(&folder, (size(0, 900), size(1, 199)), size(2, 4).max(2));
    // The figures are out by now; a leftover in the folder for temporary files does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn measure(
    folder: &std::path::Path,
    resolution: (usize, usize),
    cases: usize,
) -> Result<(), DatasetError> {
    let root = folder.join("data");
    timed("making and writing the cases", || {
        synthetic_dataset(&root, cases - 1, 1, resolution, 1)
    })?;
    let dataset = AirfransDataset::open(&root)?;
    let names = dataset.all_cases();
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
