//! The Poisson solver from outside: accuracy, nullspaces, warm starts, updates.

use karman_solvers::{
    Cell, FlagGrid, LinearOperator, Method, PoissonCase, PoissonCaseKind, PoissonSolver, Side,
    SolveOptions, Start, Status,
};
use std::f64::consts::PI;

fn grid_of(case: &PoissonCase) -> FlagGrid {
    let grid = FlagGrid::new(case.dims, &case.flags).and_then(|g| g.spacing(case.spacing));
    let open = Side::ALL.into_iter().zip(case.open).filter(|s| s.1);
    open.fold(grid.expect("a case is valid"), |g, (side, _)| {
        g.open(side).expect("valid")
    })
}

/// Largest error of the discrete solution of -Laplace u = f with n cells along each axis, and the spacing
/// along x. u is a product of one function per axis: zero slope at walls (0 and 1), zero at the
/// centres of the air cells beyond open sides, which are at 0 and 1.
fn manufactured(n: usize, dimension: usize, walls: [[bool; 2]; 3]) -> (f64, f64) {
    let dims = [n, n, if dimension == 3 { n } else { 1 }];
    let length = n as f64;
    let spacing = walls.map(|w| {
        1.0 / (length
            + w.iter()
                .map(|&wall| if wall { 0.0 } else { 0.5 })
                .sum::<f64>())
    });
    let mut grid = FlagGrid::all_fluid(dims)
        .and_then(|g| g.spacing(spacing))
        .expect("valid");
    for side in Side::ALL.into_iter().filter(|s| s.axis() < dimension) {
        if !walls[side.axis()][usize::from(side.is_high())] {
            grid = grid.open(side).expect("valid");
        }
    }
    let of_axis = |axis: usize, i: usize| -> (f64, f64) {
        let from_wall = (i as f64 + 0.5) * spacing[axis];
        let from_air = (i as f64 + 1.0) * spacing[axis];
        match walls[axis] {
            [true, true] => ((PI * from_wall).cos(), PI),
            [true, false] => ((0.5 * PI * from_wall).cos(), 0.5 * PI),
            [false, true] => ((0.5 * PI * from_air).sin(), 0.5 * PI),
            [false, false] => ((PI * from_air).sin(), PI),
        }
    };
    let (mut b, mut exact) = (vec![0.0; grid.len()], vec![0.0; grid.len()]);
    for cell in 0..grid.len() {
        let position = [cell % n, cell / n % n, cell / (n * n)];
        let factors = (0..dimension).map(|axis| of_axis(axis, position[axis]));
        let (u, k2) = factors.fold((1.0, 0.0), |(u, k2), (value, k)| (u * value, k2 + k * k));
        (exact[cell], b[cell]) = (u, k2 * u);
    }
    let builder = PoissonSolver::builder(&grid)
        .method(Method::Multigrid)
        .rtol(1e-10);
    let mut solver = builder.build().expect("valid");
    let mut x = vec![0.0; grid.len()];
    assert!(solver.solve(&b, &mut x).expect("valid").converged());
    let errors = x.iter().zip(&exact).map(|(a, b)| (a - b).abs());
    (errors.fold(0.0, f64::max), spacing[0])
}

#[test]
fn the_discretisation_is_of_second_order() {
    let dirichlet = [[false; 2]; 3];
    let neumann = [[true; 2]; 3];
    let mixed = [[true, false], [false, true], [true, true]];
    for (name, walls) in [
        ("Dirichlet", dirichlet),
        ("Neumann", neumann),
        ("mixed", mixed),
    ] {
        for (dimension, sizes) in [(2, [32, 64, 128]), (3, [12, 24, 48])] {
            let errors = sizes.map(|n| manufactured(n, dimension, walls));
            for pair in errors.windows(2) {
                let order = (pair[0].0 / pair[1].0).ln() / (pair[0].1 / pair[1].1).ln();
                assert!((order - 2.0).abs() < 0.1, "{name} {dimension}D: {errors:?}");
            }
        }
    }
}

#[test]
fn all_methods_agree_on_all_cases() {
    for dimension in [2, 3] {
        let n = if dimension == 2 { 48 } else { 18 };
        for case in PoissonCase::all(n, dimension, 3).expect("valid") {
            let grid = grid_of(&case);
            let solve = |method: Method| {
                let builder = PoissonSolver::builder(&grid).method(method).rtol(1e-10);
                let mut solver = builder.max_iterations(20_000).build().expect("valid");
                let mut x = vec![f64::NAN; grid.len()];
                let report = solver.solve(&case.rhs, &mut x).expect("valid");
                assert!(report.converged(), "{} {method}: {report}", case.name());
                x
            };
            let reference = solve(Method::Cholesky);
            let size = reference.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            for method in Method::ALL {
                let x = solve(method);
                for cell in 0..grid.len() {
                    assert!(
                        (x[cell] - reference[cell]).abs() < 1e-6 * size,
                        "{} {method} cell {cell}",
                        case.name()
                    );
                    assert!(grid.cell(cell) == Cell::Fluid || x[cell] == 0.0);
                }
            }
        }
    }
}

/// Iterations to 1e-6 on a case of n^3 cells.
fn multigrid_iterations(kind: PoissonCaseKind, n: usize) -> usize {
    let case = PoissonCase::new(kind, [n; 3], 0).expect("valid");
    let grid = grid_of(&case);
    let builder = PoissonSolver::builder(&grid).method(Method::Multigrid);
    let mut solver = builder.build().expect("valid");
    let mut x = vec![0.0; grid.len()];
    let report = solver.solve(&case.rhs, &mut x).expect("valid");
    assert!(report.converged(), "{kind} {n}: {report}");
    report.iterations
}

/// What is asked of 64^3 to 192^3, as far as a test's time goes.
#[test]
fn iterations_grow_by_a_third_at_most() {
    for kind in PoissonCaseKind::ALL {
        let [few, many] = [64, 96].map(|n| multigrid_iterations(kind, n));
        assert!(10 * many <= 13 * few, "{kind}: {few} {many}");
    }
}

#[test]
fn iterations_hardly_grow_with_the_grid() {
    for (kind, limit) in [
        ("box", 10),
        ("open-top", 10),
        ("sphere", 12),
        ("maze", 30),
        ("porous", 15),
        ("pockets", 15),
    ] {
        let kind: PoissonCaseKind = kind.parse().expect("a case of that name");
        let iterations = [16, 32, 64].map(|n| multigrid_iterations(kind, n));
        assert!(
            iterations.iter().all(|&i| i <= limit),
            "{kind}: {iterations:?}"
        );
    }
}

#[test]
fn anisotropic_spacing_and_face_weights_do_not_hurt() {
    let (nx, ny, nz) = (24, 20, 28);
    let case = &PoissonCase::all(24, 3, 1).expect("valid")[2];
    let grid = FlagGrid::new([24, 24, 24], &case.flags).expect("valid");
    for spacing in [[1.0, 0.05, 1.0], [0.01, 1.0, 1.0], [1.0, 3.0, 10.0]] {
        let grid = grid.clone().spacing(spacing).expect("valid");
        let mut solver = PoissonSolver::builder(&grid)
            .method(Method::Multigrid)
            .build()
            .expect("valid");
        let mut x = vec![0.0; grid.len()];
        let report = solver.solve(&case.rhs, &mut x).expect("valid");
        assert!(
            report.converged() && report.iterations <= 25,
            "{spacing:?}: {report}"
        );
    }
    // variable density, a ratio of 1000 across a plane, and cut cells
    let weight = |i: usize| if i / (nx * ny) < nz / 2 { 1.0 } else { 1e-3 } * (0.3 + (i * 7 % 10) as f64 / 10.0);
    let faces = [(nx + 1) * ny * nz, nx * (ny + 1) * nz, nx * ny * (nz + 1)];
    let weights = faces.map(|n| (0..n).map(weight).collect::<Vec<f64>>());
    let grid = FlagGrid::all_fluid([nx, ny, nz])
        .and_then(|g| g.face_weights(&weights[0], &weights[1], &weights[2]))
        .and_then(|g| g.open(Side::ZMax))
        .expect("valid");
    let b: Vec<f64> = (0..grid.len())
        .map(|i| ((i * 31) % 17) as f64 - 8.0)
        .collect();
    let mut answers = Vec::new();
    for method in [Method::Auto, Method::Cholesky] {
        let mut solver = PoissonSolver::builder(&grid)
            .method(method)
            .rtol(1e-10)
            .build()
            .expect("valid");
        let mut x = vec![0.0; grid.len()];
        let report = solver.solve(&b, &mut x).expect("valid");
        assert!(report.converged() && report.iterations <= 30, "{report}");
        answers.push(x);
    }
    let size = answers[1].iter().fold(0.0f64, |m, v| m.max(v.abs()));
    assert!(
        answers[0]
            .iter()
            .zip(&answers[1])
            .all(|(a, b)| (a - b).abs() < 1e-7 * size)
    );
}

#[test]
fn sealed_pockets_get_mean_zero_and_an_imbalance_is_reported() {
    // two closed rooms of 3 x 3 cells
    let flags: Vec<u8> = (0..35)
        .map(|i| u8::from(i % 7 != 3 && i / 7 != 0 && i / 7 != 4))
        .collect();
    let grid = FlagGrid::new([7, 5, 1], &flags).expect("valid");
    let mut b: Vec<f64> = flags.iter().map(|&f| f64::from(f)).collect();
    let mut x = vec![0.0; 35];
    let mut solver = PoissonSolver::builder(&grid).build().expect("valid");
    let report = solver.solve(&b, &mut x).expect("valid");
    assert_eq!(report.status, Status::Incompatible, "{report}");
    // balance the left room with its first cell, the right one with its last
    (b[7], b[27]) = (-8.0, -8.0);
    let report = solver.solve(&b, &mut x).expect("valid");
    assert!(report.converged(), "{report}");
    for room in [0..3, 4..7] {
        let mean: f64 = (0..35)
            .filter(|i| room.contains(&(i % 7)))
            .map(|i| x[i])
            .sum();
        assert!(mean.abs() < 1e-12);
    }
}

#[test]
fn a_warm_start_keeps_the_tolerance_of_the_right_hand_side() {
    let case = &PoissonCase::all(24, 3, 5).expect("valid")[2];
    let grid = grid_of(case);
    let mut solver = PoissonSolver::builder(&grid)
        .method(Method::Multigrid)
        .start(Start::Given)
        .build()
        .expect("valid");
    let mut x = vec![0.0; grid.len()];
    let cold = solver.solve(&case.rhs, &mut x).expect("valid").clone();
    // half a percent more: what changes from step to step
    let b: Vec<f64> = case
        .rhs
        .iter()
        .enumerate()
        .map(|(i, v)| v * (1.0 + 0.005 * (i as f64).sin()))
        .collect();
    let grid_options = solver.options_mut();
    grid_options.imbalance = karman_solvers::Imbalance::Project;
    let warm = solver.solve(&b, &mut x).expect("valid").clone();
    assert!(cold.converged() && warm.converged());
    assert!(
        warm.iterations < cold.iterations,
        "{} {}",
        warm.iterations,
        cold.iterations
    );
    let again = solver.solve(&b, &mut x).expect("valid");
    assert_eq!(again.iterations, 0);
    let mut r = vec![0.0; grid.len()];
    solver.operator().apply(&x, &mut r);
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let mean_free = warm.residual <= 1e-6 * norm(&b);
    assert!(mean_free, "{} {}", warm.residual, norm(&b));
}

#[test]
fn wrong_input_is_an_error_and_not_converging_is_not() {
    let grid =
        FlagGrid::new([4, 4, 1], &[1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1]).expect("valid");
    let mut solver = PoissonSolver::builder(&grid)
        .method(Method::Cg)
        .build()
        .expect("valid");
    let mut x = vec![0.0; 16];
    let mut b = vec![1.0; 16];
    assert!(solver.solve(&b[1..], &mut x).is_err());
    assert!(solver.solve(&b, &mut x[1..]).is_err());
    // what is not fluid is ignored
    (b[5], b[10]) = (f64::NAN, f64::INFINITY);
    assert!(solver.solve(&b, &mut x).expect("valid").converged());
    assert_eq!((x[5], x[10]), (0.0, 0.0));
    b[3] = f64::NAN;
    let message = solver
        .solve(&b, &mut x)
        .expect_err("not finite")
        .to_string();
    assert!(message.contains("index 3"), "{message}");
    b[3] = 1.0;
    *solver.options_mut() = SolveOptions {
        max_iterations: 2,
        ..SolveOptions::with_rtol(1e-12)
    };
    assert_eq!(
        solver.solve(&b, &mut x).expect("valid").status,
        Status::MaxIterations
    );
    assert!(solver.update(&[(16, Cell::Solid)]).is_err());
    assert!(
        PoissonSolver::builder(&grid)
            .rtol(f64::NAN)
            .build()
            .is_err()
    );
    assert!(PoissonSolver::builder(&grid).rtol(0.0).build().is_err());
}

#[test]
fn nothing_to_solve_is_solved() {
    for flags in [[0u8; 9], [2; 9], [0, 0, 0, 0, 1, 0, 0, 0, 0]] {
        let grid = FlagGrid::new([3, 3, 1], &flags).expect("valid");
        for method in Method::ALL {
            let mut solver = PoissonSolver::builder(&grid)
                .method(method)
                .build()
                .expect("valid");
            let mut x = vec![1.0; 9];
            let report = solver.solve(&[0.0; 9], &mut x).expect("valid");
            assert!(report.converged(), "{method}: {report}");
            assert_eq!(x, [0.0; 9]);
        }
    }
}

#[test]
fn an_updated_solver_is_a_new_solver() {
    let mut case = karman_solvers::MovingSolidCase::new([24, 24, 24], 1).expect("valid");
    let mut updated = PoissonSolver::builder(&grid_of(case.case()))
        .method(Method::Multigrid)
        .build()
        .expect("valid");
    let n = updated.grid().len();
    let (mut a, mut b) = (vec![0.0; n], vec![0.0; n]);
    let mut followed = 0;
    while let Some(changes) = case.advance() {
        let changes: Vec<(usize, Cell)> = (changes.iter())
            .map(|&(index, flag)| (index, Cell::try_from(flag).expect("a flag")))
            .collect();
        let report = updated.update(&changes).expect("valid");
        assert_eq!(report.changed_cells, changes.len());
        assert!(report.recomputed_cells <= 60 * changes.len());
        followed += usize::from(!report.components_found_again);
        let mut fresh = PoissonSolver::builder(&grid_of(case.case()))
            .method(Method::Multigrid)
            .build()
            .expect("valid");
        let rhs = &case.case().rhs;
        assert!(updated.solve(rhs, &mut a).expect("valid").converged());
        let report = fresh.solve(rhs, &mut b).expect("valid").clone();
        assert!(report.converged());
        let size = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9 * size));
        assert_eq!(updated.report().iterations, report.iterations);
    }
    assert!(followed > 40, "{followed}");
}

#[test]
fn auto_says_what_it_chose_and_why() {
    let choice = |dims: [usize; 3], obstacle: bool, solves: usize| {
        let mut flags = vec![1; dims.iter().product()];
        flags[0] = u8::from(!obstacle);
        let grid = FlagGrid::new(dims, &flags).expect("valid");
        let builder = PoissonSolver::builder(&grid).expected_solves(solves);
        let solver = builder.build().expect("valid");
        (solver.method(), solver.choice().to_string())
    };
    let (method, why) = choice([40, 40, 40], false, 1);
    assert!(
        method == Method::Fourier && why.contains("every cell is fluid"),
        "{why}"
    );
    let (method, why) = choice([40, 40, 1], true, 1);
    assert!(
        method == Method::Cholesky && why.contains("1599 unknowns in 2D"),
        "{why}"
    );
    let (method, why) = choice([200, 200, 1], true, 1);
    assert!(
        method == Method::Multigrid && why.contains("not all cells are fluid"),
        "{why}"
    );
    let (method, why) = choice([200, 200, 1], true, 50);
    assert!(
        method == Method::Cholesky && why.contains("50 solves"),
        "{why}"
    );
    assert_eq!(choice([40, 40, 40], true, 50).0, Method::Multigrid);
}
