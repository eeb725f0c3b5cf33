//! Charts of the report.

use karman_solvers::PoissonCaseKind;

use super::page::{View, power};
use super::row::{Outcome, SolveRow};
use super::summary::methods;
use crate::report::{Chart, DotSeries, DotsChart, LinesChart, Look, Series};

/// Numbers of solves in the break-even charts.
const MOST_SOLVES: f64 = 1000.0;

/// How a method is drawn, the same in all charts.
pub(super) fn look(method: &str, peer: bool) -> Look {
    let color = match method {
        "multigrid" => 0,
        "dct" | "amgcl" => 1,
        "cholesky" | "hypre-pfmg" => 2,
        "amg" | "pyamg" => 3,
        "mic0" | "petsc-gamg" => 4,
        "cg" | "petsc-boomeramg" => 5,
        _ => 6,
    };
    Look { color, open: peer }
}

/// Set-up and one solve, a row for each case.
pub(super) fn totals(view: &View, size: usize) -> Option<Chart> {
    let x = format!("Set-up + one solve to {} (s)", power(view.tolerance));
    dots(view, size, "totals", &x, |row| row.total(1.0), |_| true)
}

/// Iterations, a row for each case.
pub(super) fn iterations(view: &View, size: usize) -> Option<Chart> {
    let x = format!("Iterations to {}", power(view.tolerance));
    let value = |row: &SolveRow| {
        let done = row.iterations.filter(|count| *count > 0)? as f64;
        (row.outcome == Outcome::Converged).then_some(done)
    };
    let iterative = |method: &str| !matches!(method, "cholesky" | "petsc-cholmod" | "auto");
    dots(view, size, "iterations", &x, value, iterative)
}

fn dots(
    view: &View,
    size: usize,
    name: &str,
    x: &str,
    value: impl Fn(&SolveRow) -> Option<f64>,
    shown: impl Fn(&str) -> bool,
) -> Option<Chart> {
    let series = methods(view.plan)
        .filter(|(method, _)| shown(method))
        .map(|(method, peer)| {
            let cases = view.plan.cases.iter().enumerate();
            let points = cases.filter_map(|(row, case)| {
                let found = view.find(size, *case, (method, peer), view.tolerance)?;
                Some((row, value(found)?))
            });
            DotSeries {
                label: method.to_owned(),
                look: look(method, peer),
                points: points.collect(),
            }
        });
    let series: Vec<DotSeries> = series.filter(|series| !series.points.is_empty()).collect();
    (!series.is_empty()).then(|| {
        Chart::Dots(DotsChart {
            name: format!("{name}-{size}"),
            alt: format!("{x} of each method on each case, {size} cells a side"),
            x: x.to_owned(),
            rows: view
                .plan
                .cases
                .iter()
                .map(|case| case.name().to_owned())
                .collect(),
            series,
        })
    })
}

/// Iterations of multigrid over the sizes, a curve for each case.
pub(super) fn growth(view: &View) -> Option<Chart> {
    let curve = |(color, case): (usize, &PoissonCaseKind)| {
        let point = |size: &usize| {
            let row = view.find(*size, *case, ("multigrid", false), view.tolerance)?;
            Some((*size as f64, row.iterations? as f64))
        };
        Series {
            label: case.name().to_owned(),
            look: Look {
                color,
                open: color > 5,
            },
            points: view.plan.sizes.iter().filter_map(point).collect(),
            marked: true,
        }
    };
    let series: Vec<Series> = view.plan.cases.iter().enumerate().map(curve).collect();
    let useful = series.iter().any(|series| series.points.len() > 1);
    useful.then(|| {
        Chart::Lines(LinesChart {
            name: "growth".to_owned(),
            alt: "Iterations of multigrid over the size of the grid".to_owned(),
            x: "Cells along an axis".to_owned(),
            y: format!("Iterations to {}", power(view.tolerance)),
            log: (true, false),
            series,
        })
    })
}

/// Time for a number of solves.
pub(super) fn break_even(view: &View, size: usize, case: PoissonCaseKind) -> Option<Chart> {
    let rows: Vec<&SolveRow> = methods(view.plan)
        .filter(|(method, _)| *method != "auto")
        .filter_map(|method| view.find(size, case, method, view.tolerance))
        .filter(|row| row.total(1.0).is_some())
        .collect();
    let place = |row: &SolveRow, solves: f64| {
        let time = row.total(solves);
        rows.iter()
            .filter(|other| other.total(solves) < time)
            .count()
    };
    let shown = |row: &&&SolveRow| {
        let always = !row.solver.peer && matches!(row.solver.method.as_str(), "multigrid" | "cg");
        always || place(row, 1.0) < 4 || place(row, MOST_SOLVES) < 4
    };
    let series: Vec<Series> = rows.iter().filter(shown).map(|row| curve(row)).collect();
    (series.len() > 1).then(|| {
        Chart::Lines(LinesChart {
            name: format!("break-even-{case}"),
            alt: format!("Time of set-up and a number of solves, case {case}"),
            x: "Solves".to_owned(),
            y: "Set-up and solves (s)".to_owned(),
            log: (true, true),
            series,
        })
    })
}

fn curve(row: &SolveRow) -> Series {
    // 1, 2, 5, 10, .. : enough for a smooth curve on logarithmic axes.
    let counts = (0..=30).map(|step| MOST_SOLVES.powf(f64::from(step) / 30.0));
    Series {
        label: row.solver.method.clone(),
        look: look(&row.solver.method, row.solver.peer),
        points: counts.filter_map(|n| Some((n, row.total(n)?))).collect(),
        marked: false,
    }
}

/// Milliseconds of each step of the moving-solid sequence.
pub(super) fn steps(view: &View, size: usize) -> Option<Chart> {
    let of_method = |method: &str| {
        let rows = view.steps().filter(move |row| row.problem.size == size);
        let own: Vec<_> = rows.filter(|row| row.solver.method == method).collect();
        let points = |time: fn(&super::row::MovingRow) -> f64| {
            let each = own
                .iter()
                .map(move |row| (row.step as f64, 1e3 * time(row)));
            each.collect::<Vec<_>>()
        };
        let look = look(method, false);
        [
            Series {
                label: method.to_owned(),
                look,
                points: points(|row| row.update_seconds + row.solve_seconds),
                marked: false,
            },
            Series {
                label: format!("{method}, anew"),
                look: Look { open: true, ..look },
                points: points(|row| row.fresh_setup_seconds + row.fresh_solve_seconds),
                marked: false,
            },
        ]
    };
    let names = view.plan.methods.iter().filter(|method| *method != "auto");
    let series = names.flat_map(|method| of_method(method));
    let series: Vec<Series> = series.filter(|series| !series.points.is_empty()).collect();
    (!series.is_empty()).then(|| {
        Chart::Lines(LinesChart {
            name: format!("moving-{size}"),
            alt: "Milliseconds of each step while a sphere moves".to_owned(),
            x: "Step".to_owned(),
            y: "Time of the step (ms)".to_owned(),
            log: (false, true),
            series,
        })
    })
}
