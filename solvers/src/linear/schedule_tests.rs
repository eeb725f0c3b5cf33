//! Rows come after what they need, in all shapes and on any number of threads.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::linear::testing::laplacian_operator;

/// Longest path to each row, which is right only when every row comes after those it needs.
fn depths(shape: [usize; 3], threads: usize, sweep: Sweep) -> (Vec<usize>, usize) {
    let a = laplacian_operator(shape, false);
    let matrix = a.matrix();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("pool").install(|| {
        let mut schedule = Schedule::new(matrix);
        let depth: Vec<AtomicUsize> = (0..matrix.rows()).map(|_| AtomicUsize::new(0)).collect();
        for _ in 0..3 {
            depth.iter().for_each(|d| d.store(0, Ordering::Relaxed));
            schedule.run(sweep, &|rows| {
                let visit = |row: usize| {
                    let columns = matrix.row(row).0.iter().map(|c| *c as usize);
                    let needed = columns.filter(|c| match sweep {
                        Sweep::Forward => *c < row,
                        Sweep::Backward => *c > row,
                    });
                    let of = needed.map(|c| depth[c].load(Ordering::Relaxed));
                    depth[row].store(of.max().unwrap_or(0) + 1, Ordering::Relaxed);
                };
                match sweep {
                    Sweep::Forward => rows.iter().map(|r| *r as usize).for_each(visit),
                    Sweep::Backward => rows.iter().rev().map(|r| *r as usize).for_each(visit),
                }
            });
        }
        let depth = depth.into_iter().map(AtomicUsize::into_inner).collect();
        (depth, schedule.workers())
    })
}

#[test]
fn rows_come_after_what_they_need() {
    for (shape, parallel) in [
        ([30, 31, 29], true),
        ([33, 257, 8], true),
        ([300, 200, 1], true),
        ([1000, 10, 1], true),
        ([40_000, 1, 1], false),
        ([10, 10, 1], false),
    ] {
        for threads in [1, 2, 4] {
            let (forward, workers) = depths(shape, threads, Sweep::Forward);
            assert_eq!(workers > 1, parallel && threads > 1, "{shape:?}");
            let (backward, _) = depths(shape, threads, Sweep::Backward);
            for cell in 0..forward.len() {
                let at = [cell % shape[0], cell / shape[0] % shape[1]];
                let z = cell / (shape[0] * shape[1]);
                assert_eq!(forward[cell], at[0] + at[1] + z + 1);
                let size = shape[0] + shape[1] + shape[2] - 3;
                assert_eq!(backward[cell], size - at[0] - at[1] - z + 1);
            }
        }
    }
}
