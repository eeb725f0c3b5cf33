use std::ffi::OsStr;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::*;
use crate::Forces;
use crate::openfoam::testing::{fake_solver, small_case};

fn log_of(text: &str) -> FoamLog {
    let mut log = FoamLog::default();
    text.lines().for_each(|line| log.line(line));
    log
}

const DEBIAN_1912: &str = "\
|  \\\\    /   O peration     | Version:                                        |
|   \\\\  /    A nd           | Website:  www.openfoam.com                      |
Build  : OPENFOAM=1912 patch=200626
Time = 1

DILUPBiCGStab:  Solving for Ux, Initial residual = 2.5e-08, Final residual = 3.8e-11, No Iterations 1
DILUPBiCGStab:  Solving for Uy, Initial residual = 7e-08, Final residual = 1.5e-10, No Iterations 1
GAMG:  Solving for p, Initial residual = 8.5e-09, Final residual = 1.9e-10, No Iterations 1
GAMG:  Solving for p, Initial residual = 1e-3, Final residual = 1.9e-10, No Iterations 1
DILUPBiCGStab:  Solving for k, Initial residual = 4.9e-06, Final residual = 2.5e-09, No Iterations 1
forceCoeffs forceCoeffs execute:
    Coefficients
        Cd       : 0.0140394414787\t(pressure: 0.0082366942298\tviscous: 0.00580274724892)
        Cs       : -6.79e-21\t(pressure: 2.9e-21\tviscous: -9.7e-21)
        Cl       : 1.05466371329\t(pressure: 1.05462259041\tviscous: 4.11e-05)
        Cd(f)    : -0.520312135905
        Cl(r)    : 0.518568076551
Time = 2
yPlus yPlus write:
    patch aerofoil y+ : min = 0.126, max = 2.217, average = 0.766
End
";

#[test]
fn a_log_of_1912() {
    let log = log_of(DEBIAN_1912);
    assert_eq!((log.version(), log.is_foundation()), (Some("1912"), false));
    assert_eq!(log.history().len(), 2);
    let first = log.history()[0];
    assert_eq!(first.number, 1);
    assert_eq!(
        first.residuals[..3],
        [2.5e-8, 7e-8, 8.5e-9],
        "the first correction of p counts"
    );
    assert!(first.residuals[3].is_nan() && first.residuals[4] == 4.9e-6);
    let forces = first.forces.unwrap();
    assert_eq!((forces.cd, forces.cl), (0.0140394414787, 1.05466371329));
    assert_eq!(
        (forces.cd_viscous, forces.cl_pressure),
        (0.00580274724892, 1.05462259041)
    );
    assert_eq!(log.history()[1].forces, None);
    assert_eq!(log.y_plus(), Some([0.126, 2.217, 0.766]));
    assert!(log.ended() && log.fatal().is_none());
}

#[test]
fn other_versions() {
    let columns = "| =  | Version:  2312                                  |\n\
                   | =  | Website:  www.openfoam.com                      |\n\
                   Time = 7\n    Coefficients\n        Coefficient\tTotal\tPressure\tViscous\tInternal\n        \
                   Cd:\t0.0125\t0.0075\t0.005\t0\n        Cd(f):\t0.5\t0\t0\t0\n        Cl:\t0.9\t0.8\t0.1\t0";
    let log = log_of(columns);
    assert_eq!((log.version(), log.is_foundation()), (Some("2312"), false));
    let forces = log.history()[0].forces.unwrap();
    assert_eq!(
        [forces.cd, forces.cd_pressure, forces.cd_viscous],
        [0.0125, 0.0075, 0.005]
    );
    assert_eq!(
        [forces.cl, forces.cl_pressure, forces.cl_viscous],
        [0.9, 0.8, 0.1]
    );
    let foundation =
        "| =  | Website:  https://openfoam.org                   |\nTime = 3s\n    Cd    = 0.01\n";
    let log = log_of(foundation);
    assert!(log.is_foundation());
    assert_eq!(
        (log.history()[0].number, log.history()[0].forces.unwrap().cd),
        (3, 0.01)
    );
}

#[test]
fn fatal_errors_are_kept() {
    let text = "Time = 1\n--> FOAM FATAL IO ERROR:\nkeyword div(phi,k) is undefined in dictionary \"fvSchemes\"\n\nEnd";
    let log = log_of(text);
    let fatal = log.fatal().unwrap();
    assert!(
        fatal.contains("FATAL IO ERROR") && fatal.contains("div(phi,k)"),
        "{fatal}"
    );
    assert!(!log.ended());
}

/// A run whose coefficients approach 1 and 0.01 as `1 + amplitude exp(-n / 50)`.
fn history(n: usize, amplitude: f64, residual: f64) -> Vec<FoamIteration> {
    (1..=n)
        .map(|number| {
            let near = 1.0 + amplitude * (-(number as f64) / 50.0).exp();
            FoamIteration {
                number,
                residuals: [residual; 5],
                forces: Some(Forces {
                    cl: near,
                    cd: 0.01 * near,
                    ..Forces::default()
                }),
            }
        })
        .collect()
}

/// Over the last 100 iterations the coefficients move by `a (exp(2) - 1) exp(-n / 50)`, which falls below
/// 2e-4 at n = 50 ln(a (e² - 1) / 2e-4) (the difference of the first and last of 100 is over 99 steps).
#[test]
fn convergence_is_judged_by_drift_and_residuals() {
    let rule = ConvergenceRule::default();
    let amplitude = 0.1;
    let expected = 50.0 * (amplitude * (1.98f64.exp() - 1.0) / rule.lift_drift).ln();
    let first =
        (1..2000).find(|&n| rule.judge(&history(n, amplitude, 1e-7)) == Judgement::Converged);
    let first = first.unwrap() as f64;
    assert!((first - expected).abs() < 2.0, "{first} {expected}");
    let not_yet = |history: &[FoamIteration], expected: &str| match rule.judge(history) {
        Judgement::NotYet(reason) => assert!(reason.contains(expected), "{reason}"),
        other => panic!("{other:?}"),
    };
    not_yet(&history(150, 0.0, 1e-7), "only 150");
    not_yet(&history(500, 0.0, 1e-3), "residual of Ux is 1.0e-3");
    not_yet(&history(300, 1.0, 1e-7), "C_L ranges over");
    not_yet(&[], "no iteration");
    let mut unsolved = history(500, 0.0, 1e-7);
    unsolved[499].residuals[4] = f64::NAN;
    not_yet(&unsolved, "residual of k");
    for value in [f64::NAN, f64::INFINITY, -2e3] {
        let mut bad = history(60, 0.0, 1e-7);
        bad[59].forces.as_mut().unwrap().cd = value;
        assert!(matches!(rule.judge(&bad), Judgement::Diverged(r) if r.contains("C_D")));
    }
}

#[test]
fn solvers_are_looked_for() {
    let root = tempfile::tempdir().unwrap();
    let nothing = FoamSolver::find_in(Some(OsStr::new("/nowhere")), None, &[root.path().into()]);
    let message = nothing.unwrap_err().to_string();
    assert!(message.contains("apt install openfoam"), "{message}");
    let build = |name: &str| {
        let project = root.path().join(name);
        std::fs::create_dir_all(project.join("platforms/linux64/bin")).unwrap();
        std::fs::create_dir_all(project.join("etc")).unwrap();
        std::fs::write(project.join("platforms/linux64/bin/simpleFoam"), "").unwrap();
        std::fs::write(project.join("etc/bashrc"), "").unwrap();
        project
    };
    build("openfoam2112");
    let newest = build("openfoam2312");
    build("python3");
    std::fs::create_dir_all(root.path().join("openfoam9999")).unwrap();
    let found = FoamSolver::find_in(None, None, &[root.path().into()]).unwrap();
    assert_eq!(found.program(), newest, "the newest that is built");
    let command = found.command("/case".as_ref());
    let arguments: Vec<_> = command.get_args().collect();
    assert_eq!(
        arguments[2..],
        [newest.as_os_str(), OsStr::new("-case"), OsStr::new("/case")]
    );
    let elsewhere = build("mine");
    let found = FoamSolver::find_in(None, Some(elsewhere.clone()), &[root.path().into()]).unwrap();
    assert_eq!(found.program(), elsewhere, "WM_PROJECT_DIR comes first");
    let program = root.path().join("simpleFoam");
    std::fs::write(&program, "").unwrap();
    let found = FoamSolver::find_in(Some(root.path().as_os_str()), Some(elsewhere), &[]).unwrap();
    assert_eq!(found.program(), program, "the PATH comes before");
}

struct Bench {
    folder: tempfile::TempDir,
    run: FoamRun,
}

fn bench(script: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    small_case().write(&folder.path().join("case")).unwrap();
    let run = FoamRun::new(fake_solver(folder.path(), script));
    Bench { folder, run }
}

impl Bench {
    fn run(&self, stop: bool) -> FoamRunReport {
        let case = self.folder.path().join("case");
        self.run.run(&case, &AtomicBool::new(stop), |_| {}).unwrap()
    }
}

#[test]
fn a_run_that_converges_is_stopped_and_reported() {
    // It goes on until the file is there, as the `stop` function does.
    let bench = bench(
        "iterations 250 0.01 0.4\nuntil [ -f \"$case/STOP\" ]; do sleep 0.01; done\nstate 250\nfinish",
    );
    let case = bench.folder.path().join("case");
    let mut seen = Vec::new();
    let report = bench
        .run
        .run(&case, &AtomicBool::new(false), |i| seen.push(i.number))
        .unwrap();
    assert_eq!(report.outcome, FoamOutcome::Converged, "{report:?}");
    assert_eq!(seen, (1..=250).collect::<Vec<_>>());
    assert_eq!((report.iterations, report.version.as_str()), (250, "1912"));
    let forces = report.forces.unwrap();
    assert_eq!(
        (forces.cd, forces.cl, forces.cd_viscous),
        (0.01, 0.4, 0.008)
    );
    assert_eq!(
        (report.ranges, report.y_plus),
        ([0.0; 2], Some([0.1, 2.5, 0.75]))
    );
    let log = std::fs::read_to_string(case.join("log.simpleFoam")).unwrap();
    assert!(log.contains("Time = 250") && log.ends_with("End\n"));
}

#[test]
fn failed_runs_say_why() {
    let outcome = |script: &str| bench(script).run(false).outcome;
    let reason = |outcome: FoamOutcome, expected: &str| match outcome {
        FoamOutcome::Unconverged(reason) | FoamOutcome::Diverged(reason) => {
            assert!(reason.contains(expected), "{reason}");
        }
        other => panic!("{other:?}"),
    };
    reason(
        outcome("iterations 50 0.01 0.4\nfinish"),
        "only 50 iterations",
    );
    reason(
        outcome("iterations 20 nan 0.4\nexec sleep 60"),
        "C_D is NaN",
    );
    reason(
        outcome(
            "iterations 3 0.01 0.4\necho '--> FOAM FATAL ERROR:'\necho 'no such patch' >&2\nexit 1",
        ),
        "FOAM FATAL ERROR",
    );
    reason(outcome("iterations 3 0.01 0.4\nexit 7"), "exit status: 7");
    reason(outcome("iterations 300 0.01 0.4"), "without saying so");
    reason(
        outcome("echo '| x | Website:  https://openfoam.org |'\nfinish"),
        "Foundation",
    );
}

#[test]
fn limits_end_the_solver() {
    let script = "iterations 3 0.01 0.4\nexec sleep 60";
    let begun = Instant::now();
    let mut slow = bench(script);
    slow.run.time_limit = Duration::from_millis(300);
    assert_eq!(slow.run(false).outcome, FoamOutcome::TimeLimit);
    let mut busy = bench(
        "iterations 1 0.01 0.4\necho 'ExecutionTime = 41.03 s  ClockTime = 53 s'\nexec sleep 60",
    );
    busy.run.time_limit = Duration::from_secs(41);
    let report = busy.run(false);
    assert_eq!(
        (report.outcome, report.seconds),
        (FoamOutcome::TimeLimit, 41.03)
    );
    assert_eq!(bench(script).run(true).outcome, FoamOutcome::Interrupted);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    small_case().write(folder.path()).unwrap();
    let run = FoamRun::new(FoamSolver::at("/nowhere/simpleFoam"));
    let error = run
        .run(folder.path(), &AtomicBool::new(false), |_| {})
        .unwrap_err();
    assert!(
        error.to_string().contains("cannot run /nowhere/simpleFoam"),
        "{error}"
    );
}

#[test]
fn resumed_runs_keep_complete_states_only() {
    let mut bench = bench("ls \"$case\"\niterations 2 0.01 0.4\nfinish");
    let case = bench.folder.path().join("case");
    let state = |number: &str, text: &str| {
        std::fs::create_dir_all(case.join(number)).unwrap();
        for name in ["U", "p", "k", "omega", "nut", "phi"] {
            std::fs::write(case.join(number).join(name), text).unwrap();
        }
    };
    let prepare = || {
        state("100", "..\n// * * * //\n");
        state("200", "..\n// * * * //\n");
        state("300", "cut off in the mid");
        std::fs::write(case.join("STOP"), "").unwrap();
    };
    let left = || -> Vec<usize> {
        let found = states::states(&case).unwrap();
        found.into_iter().map(|(number, _)| number).collect()
    };
    prepare();
    bench.run.resume = true;
    bench.run(false);
    assert_eq!(left(), [100, 200]);
    assert!(!case.join("STOP").exists());
    prepare();
    bench.run.resume = false;
    bench.run(false);
    assert!(left().is_empty());
}
