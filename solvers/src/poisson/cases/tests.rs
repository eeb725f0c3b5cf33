use std::collections::VecDeque;

use super::*;

const DIMS: [[usize; 3]; 4] = [[32, 32, 1], [24, 40, 1], [32, 32, 32], [24, 32, 40]];

fn every_case(mut check: impl FnMut(&PoissonCase)) {
    for dims in DIMS {
        for kind in PoissonCaseKind::ALL
            .into_iter()
            .chain([PoissonCaseKind::MovingSolid])
        {
            check(&PoissonCase::new(kind, dims, 7).unwrap());
        }
    }
}

/// Neighbours of a cell inside the domain, and whether it has an open side.
fn neighbours(case: &PoissonCase, cell: usize) -> (Vec<usize>, bool) {
    let [nx, ny, _] = case.dims;
    let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
    let stride = [1, nx, nx * ny];
    let (mut found, mut open) = (Vec::new(), false);
    for axis in 0..3 {
        if at[axis] > 0 {
            found.push(cell - stride[axis]);
        } else {
            open |= case.open[2 * axis];
        }
        if at[axis] + 1 < case.dims[axis] {
            found.push(cell + stride[axis]);
        } else {
            open |= case.open[2 * axis + 1];
        }
    }
    (found, open)
}

/// The connected fluid components: their cells, and whether they touch air.
fn components(case: &PoissonCase) -> Vec<(Vec<usize>, bool)> {
    let mut seen = vec![false; case.flags.len()];
    let mut found = Vec::new();
    for start in 0..seen.len() {
        if seen[start] || case.flags[start] != FLUID {
            continue;
        }
        seen[start] = true;
        let (mut cells, mut air, mut queue) = (vec![start], false, VecDeque::from([start]));
        while let Some(cell) = queue.pop_front() {
            let (next, open) = neighbours(case, cell);
            air |= open;
            for other in next {
                air |= case.flags[other] == AIR;
                if case.flags[other] == FLUID && !seen[other] {
                    seen[other] = true;
                    cells.push(other);
                    queue.push_back(other);
                }
            }
        }
        found.push((cells, air));
    }
    found
}

#[test]
fn right_hand_sides_fit_the_nullspace() {
    every_case(|case| {
        for (cells, air) in components(case) {
            let sum: f64 = cells.iter().map(|cell| case.rhs[*cell]).sum();
            let bound = 1e-10 * (cells.len() as f64).max(1.0);
            assert!(air || sum.abs() < bound, "{}: {sum}", case.name());
        }
    });
}

#[test]
fn right_hand_sides_live_on_fluid_and_are_normalised() {
    every_case(|case| {
        let pairs = case.rhs.iter().zip(&case.flags);
        assert!(
            pairs
                .clone()
                .all(|(b, flag)| b.is_finite() && (*flag == FLUID || *b == 0.0))
        );
        let square: f64 = case.rhs.iter().map(|b| b * b).sum();
        let mean = square / case.fluid_cells() as f64;
        assert!((mean - 1.0).abs() < 1e-12, "{}: {mean}", case.name());
    });
}

#[test]
fn shapes_are_what_their_names_say() {
    let solid = |case: &PoissonCase| {
        let count = case.flags.iter().filter(|flag| **flag == SOLID).count();
        count as f64 / case.flags.len() as f64
    };
    every_case(|case| {
        let (parts, n) = (components(case), case.dims[1]);
        let floating = parts.iter().filter(|(_, air)| !air).count();
        let singles = parts.iter().filter(|(cells, _)| cells.len() == 1).count();
        match case.kind {
            PoissonCaseKind::EmptyBox => assert_eq!((parts.len(), floating), (1, 1)),
            PoissonCaseKind::OpenTop => assert_eq!((parts.len(), floating), (1, 0)),
            PoissonCaseKind::SphereAndBoxes => {
                assert_eq!((parts.len(), floating), (1, 1));
                assert!((0.02..0.25).contains(&solid(case)), "{}", solid(case));
            }
            PoissonCaseKind::PlateMaze => {
                assert_eq!((parts.len(), floating), (1, 1), "all rooms are connected");
                let plates = solid(case) * n as f64;
                let wanted = 12.min(n / 4 - 1) as f64;
                assert!((plates - wanted).abs() < 0.5, "{plates} of {wanted} plates");
            }
            PoissonCaseKind::PorousMedium => {
                assert!((0.24..0.32).contains(&solid(case)), "{}", solid(case));
            }
            PoissonCaseKind::SealedPockets => {
                assert!(
                    floating >= 4 && singles >= 1,
                    "{floating} sealed, {singles} single"
                );
                assert!(case.flags.contains(&AIR));
            }
            PoissonCaseKind::MovingSolid => assert_eq!(floating, 0),
        }
    });
}

#[test]
fn the_seed_decides() {
    let kind = PoissonCaseKind::PorousMedium;
    let make = |seed| PoissonCase::new(kind, [24, 24, 1], seed).unwrap();
    let (a, b, other) = (make(1), make(1), make(2));
    assert!(a.flags == b.flags && a.rhs == b.rhs);
    assert!(a.flags != other.flags);
}

#[test]
fn the_moving_solid_changes_what_it_says() {
    let mut moving = MovingSolidCase::new([32, 32, 32], 3).unwrap();
    let first = moving.case().clone();
    let (mut steps, mut changed) = (1, 0);
    let mut flags = first.flags.clone();
    while let Some(changes) = moving.advance() {
        steps += 1;
        changed += changes.len();
        for (cell, flag) in changes {
            assert_ne!(flags[cell], flag, "listed cells have changed");
            flags[cell] = flag;
        }
        assert_eq!(flags, moving.case().flags);
    }
    assert_eq!(steps, MovingSolidCase::STEPS);
    let solid = flags.iter().filter(|flag| **flag == SOLID).count();
    assert!(
        changed > 5 * solid,
        "{changed} changes of {solid} solid cells"
    );
    assert_ne!(first.rhs, moving.case().rhs);
}

#[test]
fn odd_requests_are_refused() {
    for dims in [
        [4, 32, 32],
        [32, 7, 1],
        [8, 8, 2],
        [usize::MAX, 8, 8],
        [0, 0, 0],
    ] {
        assert!(
            PoissonCase::new(PoissonCaseKind::EmptyBox, dims, 0).is_err(),
            "{dims:?}"
        );
    }
    assert!(PoissonCase::all(16, 4, 0).is_err());
    assert!("mazes".parse::<PoissonCaseKind>().is_err());
    for kind in PoissonCaseKind::ALL {
        assert_eq!(kind.name().parse::<PoissonCaseKind>().unwrap(), kind);
    }
    for dims in [[8, 8, 1], [8, 8, 8], [9, 64, 8]] {
        for kind in PoissonCaseKind::ALL {
            assert!(PoissonCase::new(kind, dims, 5).unwrap().fluid_cells() > 0);
        }
    }
}
