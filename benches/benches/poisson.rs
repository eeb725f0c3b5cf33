//! The Poisson solver at 96^3: set-up, an update of some cells, and a solve, to 1e-6 by multigrid.
//!
//! An update is to cost in proportion to the cells that change, plus the coarse levels, which are built again. `karman
//! bench poisson` compares methods and other programs.

// `criterion_group!` makes a public function without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use karman_solvers::{Cell, FlagGrid, Method, PoissonCase, PoissonCaseKind, PoissonSolver, Side};

const N: usize = 96;

fn grid(case: &PoissonCase) -> Option<FlagGrid> {
    let grid = FlagGrid::new(case.dims, &case.flags).ok()?;
    let open = Side::ALL.into_iter().zip(case.open).filter(|s| s.1);
    open.map(|s| s.0).try_fold(grid, FlagGrid::open).ok()
}

fn poisson(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("poisson");
    group.sample_size(10);
    for kind in [PoissonCaseKind::SphereAndBoxes, PoissonCaseKind::PlateMaze] {
        let Some((case, grid)) = PoissonCase::new(kind, [N; 3], 0)
            .ok()
            .and_then(|case| grid(&case).map(|grid| (case, grid)))
        else {
            return;
        };
        let build = || {
            PoissonSolver::builder(&grid)
                .method(Method::Multigrid)
                .build()
        };
        let name = case.name();
        group.throughput(Throughput::Elements(case.fluid_cells() as u64));
        group.bench_function(BenchmarkId::new("set-up", name), |b| b.iter(build));
        let Ok(mut solver) = build() else {
            return;
        };
        let mut x = vec![0.0; grid.len()];
        group.bench_function(BenchmarkId::new("solve", name), |b| {
            b.iter(|| {
                solver
                    .solve(&case.rhs, &mut x)
                    .map(|report| report.iterations)
            });
        });
        for count in [100, 1000, 10_000] {
            // fluid cells spread over the grid, which become solid and fluid again in turns
            let fluid: Vec<usize> = (0..grid.len())
                .filter(|&c| grid.cell(c) == Cell::Fluid)
                .collect();
            let cells: Vec<usize> = fluid
                .iter()
                .copied()
                .step_by(fluid.len() / count)
                .take(count)
                .collect();
            let mut now = Cell::Fluid;
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(
                BenchmarkId::new(format!("update of {count} cells"), name),
                |b| {
                    b.iter(|| {
                        now = if now == Cell::Fluid {
                            Cell::Solid
                        } else {
                            Cell::Fluid
                        };
                        let changes: Vec<_> = cells.iter().map(|&cell| (cell, now)).collect();
                        solver
                            .update(&changes)
                            .map(|report| report.recomputed_cells)
                    });
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, poisson);
criterion_main!(benches);
