use std::fs;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::{AirfransDataset, CaseTable, synthetic_dataset, write_case};

/// A data set of five small cases, and an empty folder for its cache.
pub(super) struct Fixture {
    root: TempDir,
    pub(super) cache: TempDir,
    pub(super) names: Vec<String>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let manifest = synthetic_dataset(root.path(), 3, 2, (24, 8), 1).unwrap();
        Self {
            names: manifest.all_cases(),
            root,
            cache: tempfile::tempdir().unwrap(),
        }
    }

    fn dataset(&self) -> AirfransDataset {
        AirfransDataset::open(self.root.path()).unwrap()
    }

    pub(super) fn open(&self) -> Result<Cache, DatasetError> {
        Cache::open_or_build(&self.dataset(), self.cache.path(), Progress::Hidden)
    }

    /// (reused, built, stale)
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let report = self.open().unwrap().report().clone();
        (report.reused, report.built, report.stale)
    }

    pub(super) fn file(&self, case: usize) -> std::path::PathBuf {
        build::case_path(self.cache.path(), &self.names[case])
    }
}

#[test]
fn the_second_start_builds_nothing_and_gives_the_same() {
    let fixture = Fixture::new();
    let first = fixture.open().unwrap();
    assert_eq!((first.report().built, first.report().reused), (5, 0));
    let second = fixture.open().unwrap();
    assert_eq!((second.report().built, second.report().reused), (0, 5));
    assert_eq!(first.cases(), second.cases());
    let all: Vec<usize> = (0..5).collect();
    assert_eq!(
        first.normaliser(&all).unwrap(),
        second.normaliser(&all).unwrap()
    );
    assert_eq!(
        Cache::open(fixture.cache.path()).unwrap().cases(),
        first.cases()
    );
}

#[test]
fn rows_are_those_of_the_case() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    for (case, name) in fixture.names.iter().enumerate() {
        let made = CaseTable::from_sample(&fixture.dataset().load(name).unwrap()).unwrap();
        assert_eq!(cache.position(name).unwrap(), case);
        assert_eq!(cache.read_all(case, RowOrder::Nodes).unwrap(), made.table);
        assert_eq!(cache.cases()[case], made.info);
        assert_eq!(cache.contour(case).unwrap().points(), made.contour.points());
        cache.verify(case).unwrap();
    }
}

#[test]
fn blocks_wrap_around_and_are_random_subsets() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let stored = cache.read_all(0, RowOrder::Stored).unwrap();
    let (n, width) = (stored.n_rows(), stored.width());
    let mut block = vec![f32::NAN];
    cache.read_rows(0, n - 5, 12, &mut block).unwrap();
    let expected = [
        &stored.data()[(n - 5) * width..],
        &stored.data()[..7 * width],
    ]
    .concat();
    assert!(block[0].is_nan(), "rows are appended");
    assert_eq!(block[1..], expected);
    let order = cache.node_order(0).unwrap();
    // Of the first half of the rows, about half belong to the first half of the nodes: the
    // standard deviation of the count is sqrt(n) / 4.
    let low = order[..n / 2]
        .iter()
        .filter(|node| (**node as usize) < n / 2)
        .count() as f64;
    assert!(
        (low - n as f64 / 4.0).abs() < (n as f64).sqrt(),
        "{low} of {n}"
    );
    assert_ne!(
        order,
        cache.node_order(1).unwrap(),
        "another permutation for each case"
    );
}

#[test]
fn statistics_are_those_of_the_chosen_cases() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let train = cache
        .positions(&fixture.dataset().cases("full_train").unwrap())
        .unwrap();
    let pooled = cache.normaliser(&train).unwrap();
    let mut direct = Normaliser::new(cache.columns());
    for case in train {
        direct
            .push_rows(cache.read_all(case, RowOrder::Nodes).unwrap().data())
            .unwrap();
    }
    for (a, b) in pooled.columns().iter().zip(direct.columns()) {
        assert!(
            (a.mean - b.mean).abs() < 1e-9 * (1.0 + b.mean.abs()),
            "{}",
            a.name
        );
        assert!(
            (a.std() - b.std()).abs() < 1e-9 * (1.0 + b.std()),
            "{}",
            a.name
        );
        assert_eq!((a.count, a.min, a.max), (b.count, b.min, b.max));
    }
}

#[test]
fn wrong_requests_are_errors() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let n = cache.cases()[0].n_points;
    let mut out = Vec::new();
    assert!(cache.read_rows(5, 0, 1, &mut out).is_err());
    assert!(cache.read_rows(0, n, 1, &mut out).is_err());
    assert!(cache.read_rows(0, 0, n + 1, &mut out).is_err());
    assert!(cache.normaliser(&[9]).is_err());
    let mut slip = fixture.names[0].clone();
    slip.pop();
    let message = cache.position(&slip).unwrap_err().to_string();
    assert!(
        message.contains(&format!("did you mean \"{}\"", fixture.names[0])),
        "{message}"
    );
}

#[test]
fn a_changed_case_is_rebuilt_alone() {
    let fixture = Fixture::new();
    fixture.open().unwrap();
    let mut sample = fixture.dataset().load(&fixture.names[2]).unwrap();
    sample.fields.retain(|f| f.name() != "p");
    let ones = vec![1.0f32; sample.mesh.n_points()];
    let p = karman_meshes::Field::new("p", karman_meshes::Location::Point, 1, ones).unwrap();
    sample.fields.push(p);
    write_case(&sample, fixture.root.path()).unwrap();
    let cache = fixture.open().unwrap();
    assert_eq!((cache.report().reused, cache.report().stale), (4, 1));
    let p = cache
        .read_all(2, RowOrder::Nodes)
        .unwrap()
        .column("p")
        .unwrap();
    assert!(p.iter().all(|v| *v == 1.0));
}

#[test]
fn changed_conditions_make_all_named_cases_stale() {
    let fixture = Fixture::new();
    fixture.open().unwrap();
    let text = format!(
        r#"{{"{}": {{"speed": 12.0, "aoa": 1.0}}}}"#,
        fixture.names[1]
    );
    fs::write(fixture.root.path().join("conditions.json"), text).unwrap();
    let cache = fixture.open().unwrap();
    assert_eq!((cache.report().reused, cache.report().stale), (4, 1));
    assert_eq!(cache.cases()[1].speed, 12.0);
}

/// A build that stops half-way keeps what was finished.
#[test]
fn an_interrupted_build_goes_on_where_it_stopped() {
    let fixture = Fixture::new();
    let last = &fixture.names[4];
    let source = fixture
        .root
        .path()
        .join(last)
        .join(format!("{last}_internal.vtu"));
    let whole = fs::read(&source).unwrap();
    fs::write(&source, &whole[..whole.len() / 3]).unwrap();
    let message = fixture.open().unwrap_err().to_string();
    assert!(message.contains(last), "{message}");
    fs::write(&source, whole).unwrap();
    assert_eq!(fixture.counts(), (4, 1, 0));
}

#[test]
fn some_cases_first_and_all_later() {
    let fixture = Fixture::new();
    let some = vec![fixture.names[3].clone(), fixture.names[1].clone()];
    let folder = fixture.cache.path();
    let cache =
        Cache::open_or_build_cases(&fixture.dataset(), &some, folder, Progress::Hidden).unwrap();
    let names: Vec<&str> = cache.cases().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, some);
    assert_eq!(fixture.counts(), (2, 3, 0));
    let cache =
        Cache::open_or_build_cases(&fixture.dataset(), &some, folder, Progress::Hidden).unwrap();
    assert_eq!(cache.report().reused, 2);
    assert_eq!(fixture.counts(), (5, 0, 0));
}

#[test]
fn a_folder_with_other_things_is_refused() {
    let fixture = Fixture::new();
    let message = Cache::open_or_build(&fixture.dataset(), fixture.root.path(), Progress::Hidden)
        .unwrap_err()
        .to_string();
    assert!(message.contains("is not a cache: it holds"), "{message}");
    assert!(Cache::open(fixture.root.path()).is_err());
}

#[test]
fn old_leftovers_are_removed_and_young_ones_kept() {
    let fixture = Fixture::new();
    fixture.open().unwrap();
    fs::remove_file(fixture.file(0)).unwrap();
    let (old, young) = (
        fixture.cache.path().join(".a.tmp"),
        fixture.cache.path().join(".b.tmp"),
    );
    for path in [&old, &young] {
        fs::write(path, b"half").unwrap();
    }
    let long_ago = SystemTime::now() - Duration::from_secs(7200);
    fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    assert_eq!(fixture.counts(), (4, 1, 0));
    assert!(!old.exists() && young.exists());
}

#[test]
fn default_folders_differ_by_root() {
    let (a, b) = (
        Cache::default_folder("/data/one/set"),
        Cache::default_folder("/data/two/set"),
    );
    assert_ne!(a, b);
    assert!(a.file_name().unwrap().to_string_lossy().starts_with("set-"));
}

/// Other programs find the arrays under their names.
#[test]
fn the_hdf5_library_reads_the_same_rows() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let file = hdf5_metno::File::open(fixture.file(1)).unwrap();
    let stored = cache.read_all(1, RowOrder::Stored).unwrap();
    let rows = file.dataset("rows").unwrap();
    assert_eq!(rows.shape(), [stored.n_rows(), stored.width()]);
    assert_eq!(rows.read_raw::<f32>().unwrap(), stored.data());
    let order: Vec<u32> = file.dataset("order").unwrap().read_raw().unwrap();
    assert_eq!(order, cache.node_order(1).unwrap());
    let names: Vec<hdf5_metno::types::VarLenUnicode> =
        rows.attr("columns").unwrap().read_raw().unwrap();
    assert!(
        names
            .iter()
            .map(|n| n.as_str())
            .eq(cache.columns().iter().map(String::as_str))
    );
}
