//! Sweeps: the same files whatever happens, rejected cases, folders that are not ours.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::config_tests::{WAVES, parse};
use super::*;
use crate::{DatasetError, Progress, Trajectories};

/// All files below a folder.
pub(super) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Asserts that two folders hold the same files; tells the first that differs.
pub(super) fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (files(a), files(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        assert!(b[name] == *bytes, "{name} differs");
    }
}

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(f)
}

fn sweep(config: &GenerateConfig, folder: &Path) -> Result<SweepReport, DatasetError> {
    generate(config, folder, Progress::Hidden, &AtomicBool::new(false))
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse(WAVES, &["splits.train_until=0.5"]).unwrap();
    let roots = ["one", "three"].map(|name| folder.path().join(name));
    on_threads(1, || sweep(&config, &roots[0])).unwrap();
    on_threads(3, || sweep(&config, &roots[1])).unwrap();
    assert_same(&roots[0], &roots[1]);
    let names: Vec<String> = files(&roots[0]).into_keys().collect();
    assert_eq!(names.len(), 3 * 8 + 3, "{names:?}");
}

#[test]
fn what_is_whole_is_kept_and_the_rest_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse(WAVES, &[]).unwrap();
    let (whole, root) = (folder.path().join("whole"), folder.path().join("other"));
    sweep(&config, &whole).unwrap();
    sweep(&config, &root).unwrap();
    assert_eq!(sweep(&config, &root).unwrap().reused, 8);
    let case = |name: &str| root.join("cases").join(name);
    let again = |what: &str, reused| {
        assert_eq!(sweep(&config, &root).unwrap().reused, reused, "{what}");
        assert_same(&whole, &root);
    };
    std::fs::remove_file(case("case_00002.json")).unwrap();
    again("no record", 7);
    std::fs::remove_file(case("case_00003.xdmf")).unwrap();
    std::fs::remove_file(case("case_00004.h5")).unwrap();
    again("no files", 6);
    let mut bytes = std::fs::read(case("case_00001.h5")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(case("case_00001.h5"), bytes).unwrap();
    again("damaged file", 7);
    std::fs::write(case("case_00005.json"), "{\"fingerprint\": \"").unwrap();
    again("damaged record", 7);
    std::fs::write(case(".case_00007.h5.4711-0.tmp"), "half").unwrap();
    std::fs::write(root.join(".manifest.json.4711-0.tmp"), "half").unwrap();
    std::fs::remove_file(root.join("manifest.json")).unwrap();
    again("leftovers", 8);
}

#[test]
fn other_settings_and_other_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    let config = parse(WAVES, &[]).unwrap();
    sweep(&config, &root).unwrap();
    let before = files(&root);
    let other = parse(WAVES, &["generator.cells=25"]).unwrap();
    let error = sweep(&other, &root).unwrap_err().to_string();
    for words in ["generator.cells = 24", "now it is 25", "--output"] {
        assert!(error.contains(words), "{error}");
    }
    assert!(files(&root) == before, "nothing has changed");
    // What cases do not depend on may change.
    let title = parse(WAVES, &["title=New", "splits.test=0.4"]).unwrap();
    assert_eq!(sweep(&title, &root).unwrap().reused, 8);
    let read = Trajectories::open(&root).unwrap();
    assert_eq!(read.manifest().title, "New");
    assert_eq!(read.part("test").unwrap().cases.len(), 3);
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("thesis.tex"), "").unwrap();
    let error = sweep(&config, &taken).unwrap_err().to_string();
    assert!(error.contains("thesis.tex"), "{error}");
    let version = root.join("config.toml");
    let text = std::fs::read_to_string(&version).unwrap();
    let old = text.replacen(env!("CARGO_PKG_VERSION"), "0.0.9", 1);
    std::fs::write(&version, old).unwrap();
    let error = sweep(&title, &root).unwrap_err().to_string();
    assert!(error.contains("0.0.9"), "{error}");
}

#[test]
fn two_processes_do_not_work_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse(WAVES, &[]).unwrap();
    sweep(&config, folder.path()).unwrap();
    let lock = std::fs::File::open(folder.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let error = sweep(&config, folder.path()).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
    drop(lock);
    sweep(&config, folder.path()).unwrap();
}

#[test]
fn stopping_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let roots = ["whole", "stopped"].map(|name| folder.path().join(name));
    let config = parse(WAVES, &["generator.milliseconds=4"]).unwrap();
    sweep(&config, &roots[0]).unwrap();
    let stop = AtomicBool::new(false);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        on_threads(2, || generate(&config, &roots[1], Progress::Hidden, &stop)).unwrap()
    });
    assert!(report.interrupted && report.cases.len() < 8, "{report:?}");
    assert!(Trajectories::is_at(&roots[1]), "not finished, but a set");
    let error = Trajectories::open(&roots[1]).unwrap_err().to_string();
    assert!(error.contains("karman generate"), "{error}");
    let temporary = |name: &&String| name.ends_with(".tmp");
    assert_eq!(files(&roots[1]).keys().find(temporary), None);
    let report = sweep(&config, &roots[1]).unwrap();
    assert!(!report.interrupted);
    assert_same(&roots[0], &roots[1]);
}

#[test]
fn cases_of_no_use_are_listed_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let limits = [
        "generator.breaks_above=1.0",
        "generator.refused_above=1.3",
        "sampling.method=random",
    ];
    let config = parse(WAVES, &limits).unwrap();
    let report = sweep(&config, &folder.path().join("listed")).unwrap();
    let n = report.rejected.len();
    assert!(n >= 2 && report.cases.len() + n == 8, "{report:?}");
    let read = Trajectories::open(folder.path().join("listed")).unwrap();
    assert_eq!(read.manifest().rejected, report.rejected);
    for case in &report.rejected {
        let speed = case.parameters["speed"].as_f64().unwrap();
        let words = match speed > 1.3 {
            true => "is refused",
            false => "at t = 0.25 s: height is NaN in cell 3, component 0",
        };
        assert!(case.reason.contains(words), "{speed}: {}", case.reason);
        assert!(!read.path(&case.name).exists());
    }
    let replacing: Vec<&str> = limits
        .into_iter()
        .chain(["limits.replace=true", "limits.attempts=9"])
        .collect();
    let config = parse(WAVES, &replacing).unwrap();
    let roots = ["one", "four"].map(|name| folder.path().join(name));
    let report = on_threads(1, || sweep(&config, &roots[0])).unwrap();
    assert_eq!(report.cases.len(), 8);
    on_threads(4, || sweep(&config, &roots[1])).unwrap();
    assert_same(&roots[0], &roots[1]);
    // The accepted ones of the shortest beginning of the sequence that has enough.
    let last = report.cases.iter().map(|case| case.sample).max().unwrap();
    assert_eq!(
        report
            .rejected
            .iter()
            .filter(|case| case.sample <= last)
            .count(),
        last + 1 - 8
    );
    let config = parse(WAVES, &["generator.breaks_above=0"]).unwrap();
    let none = folder.path().join("none");
    let error = sweep(&config, &none).unwrap_err().to_string();
    assert!(
        error.contains("all 8 samples were rejected, the first: at t"),
        "{error}"
    );
    // Without a case, other settings may follow.
    let config = parse(WAVES, &[]).unwrap();
    let whole = folder.path().join("whole");
    sweep(&config, &none).unwrap();
    sweep(&config, &whole).unwrap();
    assert_same(&whole, &none);
}

#[test]
fn limits_of_magnitude_and_stored_fields() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse(WAVES, &["limits.largest={height=0.5}"]).unwrap();
    let error = sweep(&config, &folder.path().join("a"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("above limits.largest.height = 0.5"),
        "{error}"
    );
    let config = parse(WAVES, &["store.fields=[\"velocity\"]", "sampling.count=2"]).unwrap();
    let root = folder.path().join("b");
    sweep(&config, &root).unwrap();
    let read = Trajectories::open(&root).unwrap();
    let fields = &read.manifest().fields;
    assert_eq!((fields.len(), fields[0].name.as_str()), (1, "velocity"));
    let config = parse(WAVES, &["store.fields=[\"velocty\"]"]).unwrap();
    let error = sweep(&config, &folder.path().join("c"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("it has height, velocity"), "{error}");
}

/// What a surrogate sees: parts without leaks, windows inside them, statistics of train only.
#[test]
fn a_set_is_read_by_part_and_window() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        "sampling.count=20",
        "splits.train_until=0.5",
        "splits.held_out=[{name=\"fast\", parameter=\"speed\", from=1.3}]",
        "store.precision=double",
    ];
    let config = parse(WAVES, &settings).unwrap();
    sweep(&config, folder.path()).unwrap();
    let set = Trajectories::open(folder.path()).unwrap();
    assert!(set.faults(Progress::Hidden).is_empty());
    let times: Vec<[usize; 2]> = ["train", "validation", "test", "test_fast", "test_time"]
        .iter()
        .map(|part| set.part(part).unwrap().times)
        .collect();
    assert_eq!(times, [[0, 3], [0, 3], [0, 5], [0, 5], [3, 5]]);
    let speeds = |part: &str| -> Vec<f64> {
        let names = &set.part(part).unwrap().cases;
        let of = |name: &String| set.trajectory(name).unwrap().parameters()["speed"].as_f64();
        names.iter().filter_map(of).collect()
    };
    assert!(speeds("test_fast").iter().all(|speed| *speed >= 1.3));
    assert_eq!(speeds("test_fast").len(), 4, "a fifth of a hypercube");
    assert!(speeds("train").iter().all(|speed| *speed < 1.3));
    let windows = set.windows("test_time", 2).unwrap();
    assert_eq!(windows.len(), set.part("train").unwrap().cases.len());
    assert_eq!(windows[0].times, 3..5);
    let values = set
        .read::<f64>(&windows[1], &["velocity", "height"])
        .unwrap();
    assert_eq!(values[0].shape, [2, 2, 24, 2]);
    assert_eq!(values[1].shape, [2, 2, 24, 1]);
    let mut expected = crate::ColumnStatistics::new("velocity_y");
    for window in set.windows("train", 3).unwrap() {
        let values = set
            .read::<f64>(&window, &["velocity"])
            .unwrap()
            .remove(0)
            .values;
        values.chunks(2).for_each(|pair| expected.push(pair[1]));
    }
    let normaliser = set.normaliser("train", Progress::Hidden).unwrap();
    let found = normaliser.column("velocity_y").unwrap();
    assert_eq!((found.count, found.min), (expected.count, expected.min));
    assert!((found.mean - expected.mean).abs() < 1e-14);
    assert!((found.std() - expected.std()).abs() < 1e-14);
    assert!(set.windows("test_time", 3).is_err());
    assert!(set.part("trian").is_err() && set.trajectory("case_00099").is_err());
    // A file that was changed behind the manifest's back.
    let name = &set.manifest().cases[2].name;
    let path = set.path(name);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let faults = set.faults(Progress::Hidden);
    assert_eq!((faults.len(), &faults[0].0), (1, name));
}
