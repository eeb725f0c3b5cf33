//! Darcy flow: manufactured solutions, layers, gradients, bad input.

use std::f64::consts::PI;

use super::*;
use crate::evolution::testing::{assert_gradient, dot, noise, relative_error};

const BOTH: [DarcyGrid; 2] = [DarcyGrid::Cells, DarcyGrid::Nodes];

fn operator(grid: DarcyGrid, dims: [usize; 2]) -> DarcyOperator {
    DarcyOperator::new(grid, dims, [1.0, 1.5]).expect("valid")
}

/// A function on the points.
fn field(operator: &DarcyOperator, f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let ([nx, _], [hx, hy], [ox, oy]) = (operator.dims(), operator.spacing(), operator.origin());
    (0..operator.points())
        .map(|p| f(ox + hx * (p % nx) as f64, oy + hy * (p / nx) as f64))
        .collect()
}

fn solve(operator: DarcyOperator, permeability: Vec<f64>, source: Vec<f64>) -> Darcy {
    let mut darcy = Darcy::new(operator, permeability, source).expect("valid");
    let report = darcy.solve().expect("finite");
    assert!(report.converged(), "{report}");
    darcy
}

#[test]
fn a_manufactured_solution_is_found_at_second_order() {
    // p = sin(pi x) sin(pi y / 1.5), a = 1 + x y / 2.
    let (k, l) = (PI, PI / 1.5);
    let exact = |x: f64, y: f64| (k * x).sin() * (l * y).sin();
    let a = |x: f64, y: f64| 1.0 + 0.5 * x * y;
    let source = |x: f64, y: f64| {
        let p_x = k * (k * x).cos() * (l * y).sin();
        let p_y = l * (k * x).sin() * (l * y).cos();
        a(x, y) * (k * k + l * l) * exact(x, y) - 0.5 * y * p_x - 0.5 * x * p_y
    };
    for grid in BOTH {
        let errors = [16, 32, 64].map(|n| {
            let operator = operator(grid, [n, n + 3]);
            let [a, f, p] = [
                field(&operator, a),
                field(&operator, source),
                field(&operator, exact),
            ];
            relative_error(solve(operator, a, f).pressure(), &p)
        });
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!((1.8..2.3).contains(&order), "{grid:?}: {errors:?}");
        }
    }
}

#[test]
fn layers_along_faces_are_exact_but_for_the_second_derivative() {
    // a = 1 below x = 1/2 and 10 above, f = 1, seen far from the ends of a long strip: the flux is c - x.
    let operator = DarcyOperator::new(DarcyGrid::Cells, [64, 128], [1.0, 20.0]).expect("valid");
    let a = field(&operator, |x, _| if x < 0.5 { 1.0 } else { 10.0 });
    let source = vec![1.0; operator.points()];
    let darcy = solve(operator, a, source);
    // p = c x - x²/2 below; above with a tenth of the slope, so that p(1) = 0; both meet at x = 1/2.
    let c = (0.125 + (0.5 - 0.125) / 10.0) / (0.5 + 0.05);
    let exact = |x: f64| {
        if x < 0.5 {
            c * x - 0.5 * x * x
        } else {
            (c * (x - 1.0) - 0.5 * (x * x - 1.0)) / 10.0
        }
    };
    let row = &darcy.pressure()[64 * 64..65 * 64];
    for (i, p) in row.iter().enumerate() {
        let x = (i as f64 + 0.5) / 64.0;
        assert!((p - exact(x)).abs() < 1e-4, "{x}: {p} {}", exact(x));
    }
}

#[test]
fn the_residual_of_the_solution_is_the_solvers() {
    for grid in BOTH {
        let operator = operator(grid, [20, 15]);
        let a: Vec<f64> = noise(300, 1).iter().map(|v| 3.0 * v.exp()).collect();
        let source = noise(300, 2);
        let darcy = solve(operator.clone(), a.clone(), source.clone());
        let mut out = vec![0.0; 300];
        operator
            .residual(darcy.pressure(), &a, &source, &mut out)
            .expect("lengths");
        assert!(dot(&out, &out) < 1e-18 * dot(&source, &source), "{grid:?}");
        operator
            .residual(&[0.0; 300], &a, &source, &mut out)
            .expect("lengths");
        assert!(dot(&out, &out) > 0.25 * dot(&source, &source));
    }
}

#[test]
fn vector_jacobian_products_are_the_derivatives() {
    for grid in BOTH {
        let operator = operator(grid, [7, 6]);
        let n = 42;
        let (p, f, c) = (noise(n, 1), noise(n, 2), noise(n, 3));
        let a: Vec<f64> = noise(n, 4).iter().map(|v| 2.0 + v).collect();
        let mut out = vec![0.0; n];
        let mut value = |p: &[f64], a: &[f64], f: &[f64]| {
            operator.residual(p, a, f, &mut out).expect("lengths");
            dot(&out, &c)
        };
        let gradient = operator.residual_vjp(&p, &a, &c).expect("lengths");
        assert_gradient("residual, pressure", &p, &gradient.pressure, 1e-3, |x| {
            value(x, &a, &f)
        });
        assert_gradient(
            "residual, permeability",
            &a,
            &gradient.permeability,
            1e-3,
            |x| value(&p, x, &f),
        );
        assert_gradient("residual, source", &f, &gradient.source, 1e-3, |x| {
            value(&p, &a, x)
        });

        let mut darcy = solve(operator.clone(), a.clone(), f.clone());
        let (gradient, report) = darcy.solve_vjp(&c).expect("lengths");
        assert!(report.converged());
        let found = |a: &[f64], f: &[f64]| {
            dot(
                solve(operator.clone(), a.to_vec(), f.to_vec()).pressure(),
                &c,
            )
        };
        assert_gradient(
            "solve, permeability",
            &a,
            &gradient.permeability,
            1e-3,
            |x| found(x, &f),
        );
        assert_gradient("solve, source", &f, &gradient.source, 1e-3, |x| {
            found(&a, x)
        });
    }
}

#[test]
fn it_is_a_simulation_that_is_done_at_once() {
    let operator = operator(DarcyGrid::Nodes, [9, 9]);
    let mut darcy = Darcy::new(operator, vec![2.0; 81], vec![1.0; 81]).expect("valid");
    darcy.advance_to(0.0).expect("forwards");
    darcy.advance_to(1.0).expect("forwards");
    assert_eq!((darcy.health().steps, darcy.health().unconverged), (1, 0));
    assert!(darcy.health().worst_residual <= 1.0 && darcy.time() == 1.0);
    let mut out = vec![0.0; 81];
    darcy.read("pressure", &mut out).expect("a field");
    assert!(out[40] > 0.0 && out[0] == 0.0);
    assert_eq!(
        (darcy.shape(), darcy.origin()),
        (vec![9, 9], vec![0.0, 0.0])
    );
    assert!(darcy.advance_to(0.5).is_err() && darcy.read("u", &mut out).is_err());
}

#[test]
fn bad_input_is_refused_by_name() {
    assert!(DarcyOperator::new(DarcyGrid::Nodes, [2, 9], [1.0; 2]).is_err());
    assert!(DarcyOperator::new(DarcyGrid::Cells, [9, 9], [1.0, -1.0]).is_err());
    let operator = operator(DarcyGrid::Cells, [3, 3]);
    let message = |a: Vec<f64>, f: Vec<f64>| match Darcy::new(operator.clone(), a, f) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert!(message(vec![1.0; 8], vec![0.0; 9]).contains("permeability: 8 values"));
    let mut a = vec![1.0; 9];
    a[4] = 0.0;
    assert!(message(a, vec![0.0; 9]).contains("index 4"));
    assert!(message(vec![1.0; 9], vec![f64::NAN; 9]).contains("source"));
    let mut darcy = Darcy::new(operator.clone(), vec![1.0; 9], vec![1.0; 9]).expect("valid");
    assert!(darcy.solve_vjp(&[0.0; 8]).is_err());
}
