use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::openfoam::FoamSolver;
use crate::openfoam::testing::{fake_solver, small_grid, small_wall};
use crate::{AirfransDataset, Progress};

fn sweep(count: usize) -> AirfoilSweep {
    let mut sweep = AirfoilSweep::new(count, 5);
    sweep.grid = small_grid();
    sweep.wall = small_wall();
    sweep
}

/// Converges for all, but diverges above 70 m/s.
const SOLVER: &str = r#"
speed=$(sed -n 's/ *magUInf *\([0-9]*\).*/\1/p' "$case/system/controlDict")
if [ "$speed" -ge 70 ]; then iterations 5 nan 0.4; exec sleep 60; fi
iterations 210 0.01 0.4
state 210
finish
"#;

/// All files of a set by their paths.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn assert_same_files(expected: &BTreeMap<String, Vec<u8>>, found: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(expected), names(found));
    for (name, bytes) in expected {
        let text = String::from_utf8_lossy(&found[name]);
        assert!(*bytes == found[name], "{name} differs: {text:.2000}");
    }
}

fn run(sweep: &AirfoilSweep, root: &Path, solver: &FoamSolver) -> AirfoilSweepReport {
    generate_airfoils(
        sweep,
        root,
        solver,
        Progress::Hidden,
        &AtomicBool::new(false),
    )
    .unwrap()
}

#[test]
fn samples_follow_the_ranges_and_the_seed() {
    let sweep = sweep(0);
    let samples: Vec<_> = (0..2000).map(|i| AirfoilSample::draw(&sweep, i)).collect();
    let (mut zero, mut reflexed) = (0u32, 0u32);
    let mut sums = [0.0; 3];
    for sample in &samples {
        let reynolds = sample.conditions.speed / sample.conditions.nu;
        assert!((2e6 - 50.0..=6e6 + 50.0).contains(&reynolds));
        assert!((-5.0..=15.0).contains(&sample.conditions.aoa));
        assert!((5.0..=20.0).contains(&sample.thickness()));
        for (sum, value) in
            sums.iter_mut()
                .zip([reynolds, sample.conditions.aoa, sample.thickness()])
        {
            *sum += value / 2000.0;
        }
        match sample.digits[..] {
            [m, p, _] => {
                assert!((0.0..=7.0).contains(&m) && (p == 0.0 || (1.5..=7.0).contains(&p)));
                zero += u32::from(p == 0.0);
            }
            [l, p, q, _] => {
                assert!((0.0..=4.0).contains(&l) && (3.0..=8.0).contains(&p));
                reflexed += u32::from(q == 1.0);
            }
            _ => panic!("{sample:?}"),
        }
        sample.contour().unwrap();
    }
    // Uniform laws: the means within four standard errors, the shares within four as well.
    for (found, [low, high]) in sums
        .into_iter()
        .zip([[2e6, 6e6], [-5.0, 15.0], [5.0, 20.0]])
    {
        let error = (high - low) / 12f64.sqrt() / 2000f64.sqrt();
        assert!((found - 0.5 * (low + high)).abs() < 4.0 * error, "{found}");
    }
    let share = 1000.0 * 1.5 / 7.0;
    assert!(
        (f64::from(zero) - share).abs() < 4.0 * (share * 5.5 / 7.0).sqrt(),
        "{zero}"
    );
    assert!(
        (f64::from(reflexed) - 500.0).abs() < 4.0 * 250f64.sqrt(),
        "{reflexed}"
    );
    assert_eq!(
        samples[7],
        AirfoilSample::draw(&sweep, 7),
        "each sample stands alone"
    );
    let mut other = sweep.clone();
    other.sampling.seed += 1;
    assert_ne!(samples[7], AirfoilSample::draw(&other, 7));
    let name = samples[1].name();
    let parsed = karman_meshes::AirfransName::parse(&name).unwrap();
    assert_eq!(parsed.naca.digits(), samples[1].digits, "{name}");
    assert_eq!(parsed.speed, samples[1].conditions.speed);
}

#[test]
fn a_set_with_rejected_cases() {
    let (root, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let solver = fake_solver(tools.path(), SOLVER);
    let report = run(&sweep(8), root.path(), &solver);
    assert!(!report.interrupted && report.reused == 0 && report.records.len() == 8);
    let fast = report
        .records
        .iter()
        .filter(|r| r.conditions.speed >= 70.0)
        .count();
    assert!(fast > 0 && fast < 7, "the seed gives both kinds");
    assert_eq!(
        report.rejected().count(),
        fast,
        "{:?}",
        report.rejected().collect::<Vec<_>>()
    );
    assert!(
        report
            .rejected()
            .all(|(_, reason)| reason.contains("diverged: C_D is NaN"))
    );
    let rejected = std::fs::read_to_string(root.path().join("rejected.json")).unwrap();
    assert_eq!(rejected.matches("diverged").count(), fast);
    let dataset = AirfransDataset::open(root.path()).unwrap();
    assert!(dataset.warnings().is_empty(), "{:?}", dataset.warnings());
    assert_eq!(dataset.all_cases().len(), 8 - fast);
    assert!(
        dataset
            .tasks()
            .iter()
            .any(|t| t.name == "full" && t.test.is_some())
    );
    for name in dataset.all_cases() {
        let record = report.records.iter().find(|r| r.name == name).unwrap();
        let sample = dataset.load(&name).unwrap();
        assert_eq!(sample.global("speed").unwrap(), record.conditions.speed);
        assert_eq!(record.forces.unwrap().cl, 0.4);
        // A uniform pressure on a closed contour.
        assert!(record.file_forces.unwrap().cl_pressure.abs() < 1e-5);
        assert_eq!(record.y_plus, Some([0.1, 2.5, 0.75]));
    }
    let text = std::fs::read(root.path().join("coefficients.json")).unwrap();
    let read: BTreeMap<String, AirfoilRecord> = serde_json::from_slice(&text).unwrap();
    assert_eq!(read.len(), 8 - fast);
    assert!(read.values().all(|r| report.records.contains(r)));
}

/// Stopped in the middle, and with what a kill leaves behind: the files are those of an undisturbed sweep.
#[test]
fn disturbed_sweeps_end_with_the_same_files() {
    let tools = tempfile::tempdir().unwrap();
    let solver = fake_solver(tools.path(), SOLVER);
    let whole = tempfile::tempdir().unwrap();
    let mut sweep = sweep(6);
    run(&sweep, whole.path(), &solver);
    let broken = tempfile::tempdir().unwrap();
    let mut first = sweep.clone();
    first.sampling.count = 2;
    run(&first, broken.path(), &solver);
    // A case that was killed: half an OpenFOAM folder, half an exported case, no record.
    let lost = AirfoilSample::draw(&sweep, 2).name();
    std::fs::create_dir_all(broken.path().join(".sweep").join(&lost).join("7")).unwrap();
    std::fs::create_dir_all(broken.path().join(&lost)).unwrap();
    std::fs::write(broken.path().join(&lost).join("odd.vtu"), "half").unwrap();
    std::fs::write(
        broken.path().join(format!(".sweep/{lost}.json")),
        "{\"name\": \"",
    )
    .unwrap();
    let stop = AtomicBool::new(true);
    let stopped =
        generate_airfoils(&sweep, broken.path(), &solver, Progress::Hidden, &stop).unwrap();
    assert!(stopped.interrupted && stopped.reused == 2);
    stop.store(false, Ordering::Relaxed);
    sweep.limits.workers = 2;
    let report = run(&sweep, broken.path(), &solver);
    assert_eq!((report.interrupted, report.reused), (false, 2));
    assert_same_files(&files(whole.path()), &files(broken.path()));
}

/// The sweep of the next test, in a process of its own.
#[test]
fn sweep_to_be_killed() {
    let variable = |name| std::env::var_os(name);
    let (Some(root), Some(tools)) = (variable("KARMAN_KILLED_SWEEP"), variable("KARMAN_TOOLS"))
    else {
        return;
    };
    // Slow enough to be met in the middle.
    let slow = SOLVER.replace("state 210", "state 210; sleep 0.1");
    run(
        &sweep(6),
        root.as_ref(),
        &fake_solver(tools.as_ref(), &slow),
    );
}

#[test]
fn killed_sweeps_end_with_the_same_files() {
    let tools = tempfile::tempdir().unwrap();
    let solver = fake_solver(tools.path(), SOLVER);
    let whole = tempfile::tempdir().unwrap();
    run(&sweep(6), whole.path(), &solver);
    let expected = files(whole.path());
    let slow_tools = tempfile::tempdir().unwrap();
    for delay in [0, 60, 130] {
        let killed = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "openfoam::sweep::tests::sweep_to_be_killed"])
            .env("KARMAN_KILLED_SWEEP", killed.path())
            .env("KARMAN_TOOLS", slow_tools.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let records = || {
            let work = std::fs::read_dir(killed.path().join(".sweep"))
                .into_iter()
                .flatten();
            let json = |path: std::path::PathBuf| path.extension().is_some_and(|e| e == "json");
            work.flatten().filter(|entry| json(entry.path())).count()
        };
        while records() < 2 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        let report = run(&sweep(6), killed.path(), &solver);
        assert!(report.reused >= 2, "{}", report.reused);
        assert_same_files(&expected, &files(killed.path()));
    }
}

#[test]
fn faults_of_a_sweep() {
    let (root, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let message = |sweep: &AirfoilSweep, solver: &FoamSolver| {
        let never = AtomicBool::new(false);
        generate_airfoils(sweep, root.path(), solver, Progress::Hidden, &never)
            .unwrap_err()
            .to_string()
    };
    let broken = fake_solver(
        tools.path(),
        "echo '--> FOAM FATAL ERROR: out of luck'; exit 1",
    );
    let text = message(&sweep(1), &FoamSolver::at("/nowhere/simpleFoam"));
    assert!(text.contains("cannot run /nowhere/simpleFoam"), "{text}");
    let text = message(&sweep(2), &broken);
    assert!(
        text.contains("all 2 samples were rejected") && text.contains("out of luck"),
        "{text}"
    );
    let mut other = sweep(2);
    other.grid.normal_cells += 1;
    let text = message(&other, &broken);
    assert!(
        text.contains("grid.normal_cells = 48 in sweep.json, now 49"),
        "{text}"
    );
    let mut wrong = sweep(2);
    wrong.ranges.angle = [5.0, -5.0];
    let text = message(&wrong, &broken);
    assert!(
        text.contains("ranges.angle") && text.contains("[5, -5]"),
        "{text}"
    );
    wrong = sweep(0);
    assert!(message(&wrong, &broken).contains("sampling.count"));
    let held = crate::files::lock(&root.path().join(".sweep")).unwrap();
    let text = message(&sweep(2), &broken);
    assert!(text.contains("another process"), "{text}");
    drop(held);
    assert!(message(&sweep(2), &broken).contains("out of luck"));
}

/// The bundled configuration is read, and slips are refused.
#[test]
fn the_example_configuration() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/generate/airfoils.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let sweep: AirfoilSweep = toml::from_str(&text).unwrap();
    sweep.check().unwrap();
    let usual = AirfoilSweep::new(sweep.sampling.count, sweep.sampling.seed);
    assert_eq!(
        (&sweep.ranges, sweep.grid, sweep.wall),
        (&usual.ranges, usual.grid, usual.wall)
    );
    assert_eq!(
        (sweep.controls, sweep.convergence),
        (usual.controls, usual.convergence)
    );
    let short: AirfoilSweep = toml::from_str("generator = { kind = \"airfoils\" }").unwrap();
    assert_eq!(short.ranges, usual.ranges);
    for (from, to) in [
        ("reynolds", "reynold"),
        ("surface_cells", "surface_cell"),
        ("[ranges]", "[range]"),
        ("y_plus", "yplus"),
        ("\"airfoils\"", "\"airfoil\""),
        ("\"naca5\"", "\"naca6\""),
    ] {
        assert!(text.contains(from), "{from}");
        let error = toml::from_str::<AirfoilSweep>(&text.replacen(from, to, 1)).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("unknown") || text.contains("unexpected"),
            "{text}"
        );
    }
    assert!(
        toml::from_str::<AirfoilSweep>("title = \"x\"").is_err(),
        "the kind is needed"
    );
}
