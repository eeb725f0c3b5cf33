use super::super::FlagStencil;
use super::*;
use crate::linear::LinearOperator;

#[test]
fn the_box_is_solved_exactly() {
    for (dims, open) in [
        ([8, 6, 4], vec![]),
        ([7, 9, 5], vec![Side::ZMax]),
        ([7, 9, 5], vec![Side::YMin]),
        ([12, 1, 3], vec![Side::XMin, Side::XMax]),
        ([16, 17, 1], vec![Side::YMin, Side::YMax, Side::XMin]),
        ([5, 20, 1], vec![Side::YMax]),
        ([1, 1, 7], vec![Side::ZMin]),
    ] {
        let grid = FlagGrid::all_fluid(dims).and_then(|g| g.spacing([0.1, 0.3, 0.2]));
        let grid = open
            .iter()
            .fold(grid.expect("valid"), |g, &s| g.open(s).expect("valid"));
        let stencil = FlagStencil::new(&grid);
        let n = grid.len();
        let mut x: Vec<f64> = (0..n)
            .map(|i| ((i * 37 + 11) % 101) as f64 - 50.0)
            .collect();
        if open.is_empty() {
            let mean = x.iter().sum::<f64>() / n as f64;
            x.iter_mut().for_each(|v| *v -= mean);
        }
        let (mut b, mut found) = (vec![0.0; n], vec![0.0; n]);
        stencil.apply(&x, &mut b);
        BoxSolver::new(&grid).apply(&b, &mut found);
        let error = x
            .iter()
            .zip(&found)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert!(error < 1e-10, "{dims:?} {open:?}: {error:e}");
    }
}

#[test]
fn obstacles_keep_it_symmetric_and_positive() {
    let flags: Vec<u8> = (0..12 * 10)
        .map(|i| [1, 1, 0, 1, 1, 2, 1][i * 5 % 7])
        .collect();
    let grid = FlagGrid::new([12, 10, 1], &flags).expect("valid");
    let mut solver = BoxSolver::new(&grid);
    let vector = |seed: usize| -> Vec<f64> {
        let value = |i: usize| ((i * 7919 + seed * 104_729) % 1000) as f64 - 500.0;
        (0..120)
            .map(|i| if flags[i] == 1 { value(i) } else { 0.0 })
            .collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (mut mu, mut mv) = (vec![0.0; 120], vec![0.0; 120]);
    for seed in 0..4 {
        let (u, v) = (vector(seed), vector(seed + 9));
        solver.apply(&u, &mut mu);
        solver.apply(&v, &mut mv);
        assert!(dot(&u, &mu) > 0.0);
        assert!((dot(&v, &mu) - dot(&u, &mv)).abs() < 1e-10 * dot(&u, &mu));
    }
}

#[test]
fn joined_sides_are_solved_exactly() {
    for (dims, periodic) in [
        ([8, 6, 4], [true; 3]),
        ([7, 9, 1], [true, false, false]),
        ([12, 5, 1], [true, true, false]),
        ([5, 4, 9], [false, false, true]),
    ] {
        let spacing = [0.1, 0.3, 0.2];
        let grid = FlagGrid::all_fluid(dims).and_then(|g| g.spacing(spacing));
        let grid = grid.expect("valid");
        let n = grid.len();
        let mut x: Vec<f64> = (0..n).map(|i| ((i * 37 + 11) % 101) as f64).collect();
        let mean = x.iter().sum::<f64>() / n as f64;
        x.iter_mut().for_each(|v| *v -= mean);
        let b: Vec<f64> = (0..n).map(|c| laplacian(&grid, periodic, &x, c)).collect();
        let mut found = vec![0.0; n];
        BoxSolver::with_periodic(&grid, periodic, vec![true; n]).apply(&b, &mut found);
        for (x, found) in x.iter().zip(&found) {
            assert!((x - found).abs() < 1e-10, "{dims:?} {periodic:?}");
        }
    }
}

/// The negative Laplacian by its definition, walls where an axis is not periodic.
fn laplacian(grid: &FlagGrid, periodic: [bool; 3], x: &[f64], cell: usize) -> f64 {
    let (dims, place, scales) = (grid.dims(), grid.position(cell), grid.scales());
    let mut sum = 0.0;
    for axis in 0..3 {
        for step in [dims[axis] - 1, 1] {
            let mut near = place;
            near[axis] = (place[axis] + step) % dims[axis];
            let crosses = near[axis].abs_diff(place[axis]) != 1;
            // An axis of two cells would be joined twice: not among the cases.
            if periodic[axis] || !crosses {
                let near = (near[2] * dims[1] + near[1]) * dims[0] + near[0];
                sum += scales[axis] * (x[cell] - x[near]);
            }
        }
    }
    sum
}
