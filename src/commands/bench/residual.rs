//! The residual that every method is judged by, from the flags alone: nothing of the solvers is used.

use karman_solvers::PoissonCase;

/// ‖b − A x‖ / ‖b‖ over the fluid cells, in f64; NaN when x is not finite.
pub(super) fn relative_residual(case: &PoissonCase, x: &[f64]) -> f64 {
    let (mut residual, mut norm) = (0.0, 0.0);
    for (cell, (b, flag)) in case.rhs.iter().zip(&case.flags).enumerate() {
        if *flag == 1 {
            residual += (b - row(case, x, cell)).powi(2);
            norm += b * b;
        }
    }
    (residual / norm).sqrt()
}

/// (A x) in a fluid cell: over its faces that are not solid, (x − x of the neighbour) / h², with zero in
/// the air.
fn row(case: &PoissonCase, x: &[f64], cell: usize) -> f64 {
    let [nx, ny, _] = case.dims;
    let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
    let stride = [1, nx, nx * ny];
    let mut sum = 0.0;
    for axis in 0..3 {
        for high in [false, true] {
            let outside = at[axis] == if high { case.dims[axis] - 1 } else { 0 };
            let difference = if outside {
                if !case.open[2 * axis + usize::from(high)] {
                    continue;
                }
                x[cell]
            } else {
                let other = if high {
                    cell + stride[axis]
                } else {
                    cell - stride[axis]
                };
                match case.flags[other] {
                    0 => continue,
                    1 => x[cell] - x[other],
                    _ => x[cell],
                }
            };
            sum += difference / case.spacing[axis].powi(2);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use karman_solvers::PoissonCaseKind;

    #[test]
    fn a_cosine_is_an_eigenvector_of_the_closed_box() {
        let mut case = PoissonCase::new(PoissonCaseKind::EmptyBox, [16, 8, 1], 1).unwrap();
        let h = case.spacing[0];
        let wave = |i: usize, n: f64| (std::f64::consts::PI * (i as f64 + 0.5) / n).cos();
        let x: Vec<f64> = (0..128).map(|c| wave(c % 16, 16.0)).collect();
        let value = (2.0 - 2.0 * (std::f64::consts::PI / 16.0).cos()) / (h * h);
        case.rhs = x.iter().map(|x| value * x).collect();
        assert!(relative_residual(&case, &x) < 1e-12);
        assert_eq!(relative_residual(&case, &vec![0.0; 128]), 1.0);
        assert!(relative_residual(&case, &vec![f64::NAN; 128]).is_nan());
    }

    #[test]
    fn air_is_zero_and_solids_let_nothing_through() {
        let mut case = PoissonCase::new(PoissonCaseKind::OpenTop, [8, 8, 1], 1).unwrap();
        (case.flags, case.spacing) = (vec![0; 64], [1.0; 3]);
        // One column: floor, fluid, fluid, open top.
        for y in 6..8 {
            case.flags[8 * y + 3] = 1;
        }
        let mut x = vec![0.0; 64];
        (x[8 * 6 + 3], x[8 * 7 + 3]) = (5.0, 3.0);
        case.rhs = vec![0.0; 64];
        (case.rhs[8 * 6 + 3], case.rhs[8 * 7 + 3]) = (2.0, 1.0);
        assert_eq!(relative_residual(&case, &x), 0.0);
        // The same with an air cell under the lower one.
        case.flags[8 * 5 + 3] = 2;
        case.rhs[8 * 6 + 3] = 7.0;
        assert_eq!(relative_residual(&case, &x), 0.0);
    }
}
