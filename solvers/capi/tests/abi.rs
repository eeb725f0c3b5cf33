//! The functions as C calls them, from Rust.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use karman_capi::*;

/// A solver of the crate's C functions that is destroyed at the end.
struct Solver(*mut KarmanPoisson);

// SAFETY: the library promises that any thread may use any solver.
unsafe impl Send for Solver {}
// SAFETY: as above.
unsafe impl Sync for Solver {}

impl Solver {
    fn new(dims: [usize; 3], flags: &[u8], open: i32, options: KarmanOptions) -> Self {
        let mut handle = null_mut();
        // SAFETY: all pointers are to live values of the lengths said.
        let status = unsafe {
            let (dims, flags_at) = (dims.as_ptr(), flags.as_ptr());
            karman_poisson_create(
                dims,
                null(),
                flags_at,
                flags.len(),
                open,
                &options,
                &mut handle,
            )
        };
        assert_eq!(status, KarmanStatus::Ok, "{}", error());
        Self(handle)
    }

    fn solve(&self, b: &[f64], x: &mut [f64]) -> KarmanStatus {
        assert_eq!(b.len(), x.len());
        // SAFETY: slices of the length said.
        unsafe { karman_poisson_solve(self.0, b.as_ptr(), x.as_mut_ptr(), b.len()) }
    }

    fn report(&self) -> KarmanReport {
        let mut report = std::mem::MaybeUninit::uninit();
        // SAFETY: memory for a report, which is written where the status is Ok.
        unsafe {
            let status = karman_poisson_report(self.0, report.as_mut_ptr());
            assert_eq!(status, KarmanStatus::Ok);
            report.assume_init()
        }
    }
}

impl Drop for Solver {
    fn drop(&mut self) {
        karman_poisson_destroy(self.0);
    }
}

fn error() -> String {
    // SAFETY: never null, ends with a zero, lives until this thread's next failure.
    unsafe { CStr::from_ptr(karman_last_error()) }
        .to_string_lossy()
        .into_owned()
}

/// -p'' = 1 on n cells of size 1, p = 0 half a cell before the first minus half a cell, p' = 0 behind the
/// last: p_i = (i + 1)(2 n - i) / 2 exactly, because second differences of parabolas are exact.
fn parabola(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| ((i + 1) * (2 * n - i)) as f64 / 2.0)
        .collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

fn exact_to(rtol: f64) -> KarmanOptions {
    KarmanOptions {
        rtol,
        ..karman_default_options()
    }
}

#[test]
fn solves_what_has_an_exact_answer() {
    for n in [1, 7, 200] {
        let solver = Solver::new(
            [n, 1, 1],
            &vec![1; n],
            KarmanSide::XMin as i32,
            exact_to(1e-12),
        );
        let mut x = vec![f64::NAN; n];
        assert_eq!(solver.solve(&vec![1.0; n], &mut x), KarmanStatus::Ok);
        let scale = (n * n) as f64;
        assert!(largest_difference(&x, &parabola(n)) < 1e-10 * scale);
        let report = solver.report();
        assert_eq!((report.status, report.unknowns), (0, n as i64));
        assert!(report.relative_residual <= 1e-12);
        assert!((report.rhs_norm - (n as f64).sqrt()).abs() < 1e-12 * n as f64);
    }
}

#[test]
fn batches_are_solved_one_by_one() {
    let n = 50;
    let solver = Solver::new(
        [n, 1, 1],
        &vec![1; n],
        KarmanSide::XMin as i32,
        exact_to(1e-12),
    );
    let b: Vec<f64> = (0..3 * n).map(|i| (1 + i / n) as f64).collect();
    let mut x = vec![0.0; 3 * n];
    let mut reports = vec![solver_report_of_zeros(); 3];
    // SAFETY: slices of the lengths said.
    let status = unsafe {
        let reports = reports.as_mut_ptr();
        karman_poisson_solve_batch(solver.0, b.as_ptr(), x.as_mut_ptr(), n, 3, reports)
    };
    assert_eq!(status, KarmanStatus::Ok);
    for (i, x) in x.chunks(n).enumerate() {
        let exact: Vec<f64> = parabola(n).iter().map(|p| p * (i + 1) as f64).collect();
        assert!(largest_difference(x, &exact) < 1e-6);
        let norm = (i + 1) as f64 * (n as f64).sqrt();
        assert!((reports[i].rhs_norm - norm).abs() < 1e-10 * norm);
    }
}

fn solver_report_of_zeros() -> KarmanReport {
    let solver = Solver::new([1, 1, 1], &[1], 0, karman_default_options());
    assert_eq!(solver.solve(&[0.0], &mut [1.0]), KarmanStatus::Ok);
    solver.report()
}

/// `set_flags` and `update_cells` lead to the same as a new solver with those flags.
#[test]
fn changed_cells_are_those_of_a_new_solver() {
    let dims = [12, 9, 5];
    let n = 540;
    let before: Vec<u8> = (0..n).map(|i| if i % 7 == 3 { 0 } else { 1 }).collect();
    let after: Vec<u8> = (0..n)
        .map(|i| {
            if i % 11 == 5 {
                0
            } else if i % 97 == 1 {
                2
            } else {
                1
            }
        })
        .collect();
    let b: Vec<f64> = (0..n).map(|i| ((i * 37 % 101) as f64).sin()).collect();
    let solution = |solver: &Solver| {
        let mut x = vec![0.0; n];
        assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
        x
    };
    let open = KarmanSide::ZMax as i32;
    let fresh = solution(&Solver::new(dims, &after, open, exact_to(1e-10)));
    let scale = fresh.iter().fold(0.0f64, |m, v| m.max(v.abs()));

    let first = Solver::new(dims, &before, open, exact_to(1e-10));
    assert!(largest_difference(&solution(&first), &fresh) > 0.1 * scale);
    // SAFETY: a slice of the length said.
    let status = unsafe { karman_poisson_set_flags(first.0, after.as_ptr(), n) };
    assert_eq!(status, KarmanStatus::Ok, "{}", error());
    assert!(largest_difference(&solution(&first), &fresh) < 1e-7 * scale);

    let second = Solver::new(dims, &before, open, exact_to(1e-10));
    let changed: Vec<usize> = (0..n).filter(|&i| before[i] != after[i]).collect();
    let cells: Vec<u8> = changed.iter().map(|&i| after[i]).collect();
    // SAFETY: slices of the length said.
    let status = unsafe {
        karman_poisson_update_cells(second.0, changed.as_ptr(), cells.as_ptr(), cells.len())
    };
    assert_eq!(status, KarmanStatus::Ok, "{}", error());
    assert!(largest_difference(&solution(&second), &fresh) < 1e-7 * scale);
}

/// An empty box is for transforms; with a solid in it Auto chooses again, a given method stays.
#[test]
fn auto_chooses_again_when_the_grid_is_another() {
    let n = 70 * 70;
    let empty = vec![1u8; n];
    let mut solid = empty.clone();
    solid[n / 2..n / 2 + 9].fill(0);
    for (asked, then) in [
        (KarmanMethod::Auto, KarmanMethod::Multigrid),
        (KarmanMethod::Fourier, KarmanMethod::Fourier),
    ] {
        let mut options = exact_to(1e-8);
        options.method = asked as i32;
        let solver = Solver::new([70, 70, 1], &empty, KarmanSide::YMax as i32, options);
        let b = vec![1.0; n];
        let mut x = vec![0.0; n];
        assert_eq!(
            karman_poisson_set_start(solver.0, KarmanStart::Given as i32),
            KarmanStatus::Ok
        );
        assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
        assert_eq!(solver.report().method, KarmanMethod::Fourier as i32);
        // SAFETY: a slice of the length said.
        let status = unsafe { karman_poisson_set_flags(solver.0, solid.as_ptr(), n) };
        assert_eq!(status, KarmanStatus::Ok, "{}", error());
        assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
        assert_eq!(solver.report().method, then as i32);
        assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
        assert_eq!(
            solver.report().iterations,
            0,
            "the start stays what was asked for"
        );
    }
}

/// With all weights 2 the operator is twice what it was; options stay.
#[test]
fn face_weights_scale_the_operator() {
    let n = 30;
    let mut options = exact_to(1e-12);
    options.max_iterations = 500;
    let solver = Solver::new([n, 1, 1], &vec![1; n], KarmanSide::XMin as i32, options);
    let (x_faces, y_faces) = (vec![2.0; n + 1], vec![2.0; 2 * n]);
    // SAFETY: slices of the lengths said.
    let status = unsafe {
        let (x, y) = (x_faces.as_ptr(), y_faces.as_ptr());
        karman_poisson_set_face_weights(solver.0, x, n + 1, y, 2 * n, null(), 0)
    };
    assert_eq!(status, KarmanStatus::Ok, "{}", error());
    let mut x = vec![0.0; n];
    assert_eq!(solver.solve(&vec![2.0; n], &mut x), KarmanStatus::Ok);
    assert!(largest_difference(&x, &parabola(n)) < 1e-7);
    let mut y = vec![0.0; n];
    // SAFETY: slices of the length said.
    let status = unsafe { karman_poisson_apply(solver.0, x.as_ptr(), y.as_mut_ptr(), n) };
    assert_eq!(status, KarmanStatus::Ok);
    assert!(largest_difference(&y, &vec![2.0; n]) < 1e-8);
}

#[test]
fn start_tolerance_and_iterations_reach_the_solver() {
    let n = 100;
    let mut options = exact_to(1e-10);
    options.method = KarmanMethod::Cg as i32;
    let solver = Solver::new([n, 1, 1], &vec![1; n], KarmanSide::XMin as i32, options);
    let b = vec![1.0; n];
    let mut x = vec![0.0; n];
    assert_eq!(karman_poisson_set_iterations(solver.0, 5), KarmanStatus::Ok);
    assert_eq!(solver.solve(&b, &mut x), KarmanStatus::MaxIterations);
    assert_eq!((solver.report().status, solver.report().iterations), (1, 5));
    assert_eq!(
        karman_poisson_set_iterations(solver.0, 1000),
        KarmanStatus::Ok
    );
    assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
    let cold = solver.report().iterations;
    assert_eq!(
        karman_poisson_set_start(solver.0, KarmanStart::Given as i32),
        KarmanStatus::Ok
    );
    assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
    assert!(cold > 20 && solver.report().iterations == 0);
    assert_eq!(
        karman_poisson_set_tolerance(solver.0, 0.0, 1e3),
        KarmanStatus::Ok
    );
    x.fill(0.0);
    assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
    assert_eq!(
        solver.report().iterations,
        0,
        "10 is below the absolute tolerance"
    );
    let report = solver.report();
    let mut history = vec![f64::NAN; 4];
    // SAFETY: a slice of the length said.
    let status = unsafe { karman_poisson_history(solver.0, history.as_mut_ptr(), 4) };
    assert_eq!((status, report.history_length), (KarmanStatus::Ok, 1));
    assert!((history[0] - 10.0).abs() < 1e-12 && history[1].is_nan());
}

/// The imbalance policy: refuse, or remove.
#[test]
fn incompatible_right_hand_sides() {
    let flags = [1u8; 16];
    let b: Vec<f64> = (0..16).map(f64::from).collect();
    let mut x = vec![0.0; 16];
    let refusing = Solver::new([4, 4, 1], &flags, 0, exact_to(1e-10));
    assert_eq!(refusing.solve(&b, &mut x), KarmanStatus::Incompatible);
    assert!(refusing.report().imbalance > 0.5);
    let mut options = exact_to(1e-10);
    options.imbalance = 1.0;
    let removing = Solver::new([4, 4, 1], &flags, 0, options);
    assert_eq!(removing.solve(&b, &mut x), KarmanStatus::Ok);
    assert!(x.iter().sum::<f64>().abs() < 1e-10);
}

/// Threads that share a solver wait for each other; one that is destroyed meanwhile ends its call.
#[test]
fn solvers_are_shared_between_threads() {
    let n = 64 * 64;
    let mut options = exact_to(1e-8);
    options.threads = 2;
    let solver = Solver::new([64, 64, 1], &vec![1; n], KarmanSide::XMin as i32, options);
    let b = vec![1.0; n];
    let mut alone = vec![0.0; n];
    assert_eq!(solver.solve(&b, &mut alone), KarmanStatus::Ok);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let mut x = vec![0.0; n];
                    assert_eq!(solver.solve(&b, &mut x), KarmanStatus::Ok);
                    assert_eq!(x, alone);
                }
            });
        }
    });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let mut x = vec![0.0; n];
                match solver.solve(&b, &mut x) {
                    KarmanStatus::Ok => assert_eq!(x, alone),
                    other => {
                        assert_eq!(other, KarmanStatus::InvalidHandle);
                        break;
                    }
                }
            }
        });
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(karman_poisson_destroy(solver.0), KarmanStatus::Ok);
    });
}

#[test]
fn the_report_as_text() {
    let solver = Solver::new(
        [8, 8, 1],
        &[1; 64],
        KarmanSide::YMax as i32,
        karman_default_options(),
    );
    let mut x = vec![0.0; 64];
    assert_eq!(solver.solve(&[1.0; 64], &mut x), KarmanStatus::Ok);
    let mut buffer = [0x7f; 4096];
    let mut length = 0;
    // SAFETY: a buffer of the size said.
    let text = unsafe {
        let at = buffer.as_mut_ptr();
        let status = karman_poisson_report_text(solver.0, at, buffer.len(), &mut length);
        assert_eq!(status, KarmanStatus::Ok);
        CStr::from_ptr(buffer.as_ptr()).to_str().expect("UTF-8")
    };
    assert_eq!(text.len(), length);
    assert!(
        text.contains("converged") && text.contains("every cell is fluid"),
        "{text}"
    );
}
