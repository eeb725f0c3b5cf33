//! What the Darcy solver costs, and how accurate it is for that.

use std::f64::consts::PI;
use std::time::Instant;

use super::{Darcy, DarcyGrid, DarcyOperator};
use crate::work_point::{WorkPoint, relative_error};
use crate::{FieldBoundary, GaussianField, SolverError};

/// Errors of a manufactured solution with a smooth permeability, and seconds for permeabilities that jump by a factor
/// of 18, on n² nodes for every n of `sizes`. Seconds are those of the solve; set-up comes once for each permeability.
///
/// # Errors
/// A size below 3.
pub fn darcy_accuracy(sizes: &[usize]) -> Result<Vec<WorkPoint>, SolverError> {
    let mut points = Vec::new();
    for &n in sizes {
        let operator = DarcyOperator::new(DarcyGrid::Nodes, [n, n], [1.0; 2])?;
        let h = operator.spacing()[0];
        let field = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            let nodes = (0..n * n).map(|p| (h * (p % n) as f64, h * (p / n) as f64));
            nodes.map(|(x, y)| f(x, y)).collect()
        };
        // p = sin(pi x) sin(pi y) with a = 1 + x y / 2.
        let [s, c] = [|v: f64| (PI * v).sin(), |v: f64| (PI * v).cos()];
        let exact = field(&|x, y| s(x) * s(y));
        let source = field(&|x, y| {
            let bending = 2.0 * PI * PI * (1.0 + 0.5 * x * y) * s(x) * s(y);
            bending - 0.5 * PI * (y * c(x) * s(y) + x * s(x) * c(y))
        });
        let smooth = field(&|x, y| 1.0 + 0.5 * x * y);
        let (pressure, point) = run("smooth permeability", operator.clone(), smooth, source)?;
        points.push(WorkPoint {
            error: Some((relative_error(&pressure, &exact), "manufactured solution")),
            ..point
        });
        let level = GaussianField::new(FieldBoundary::Neumann, 2.0, 3.0, 1.0)?;
        let level = level.sample_plane([n, n], [1.0; 2], 0)?;
        let jumping = level.iter().map(|v| if *v > 0.0 { 18.0 } else { 1.0 });
        let jumping = jumping.collect();
        let (_, point) = run("permeability 1 and 18", operator, jumping, vec![1.0; n * n])?;
        points.push(point);
    }
    Ok(points)
}

fn run(
    case: &'static str,
    operator: DarcyOperator,
    permeability: Vec<f64>,
    source: Vec<f64>,
) -> Result<(Vec<f64>, WorkPoint), SolverError> {
    let cells = operator.points();
    // Large grids do not reach the tolerance of gradients.
    let mut darcy = Darcy::with_tolerance(operator, permeability, source, 1e-8)?;
    let clock = Instant::now();
    darcy.solve()?;
    let point = WorkPoint {
        solver: "Darcy, finite volumes",
        case,
        cells,
        steps: 1,
        seconds: clock.elapsed().as_secs_f64(),
        error: None,
    };
    Ok((darcy.pressure().to_vec(), point))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_nodes_give_smaller_errors() {
        let points = darcy_accuracy(&[17, 33, 65]).expect("valid");
        let errors: Vec<f64> = points.iter().filter_map(|p| p.error).map(|e| e.0).collect();
        assert_eq!((points.len(), errors.len()), (6, 3));
        assert!(errors.windows(2).all(|e| e[1] < e[0] / 3.0), "{errors:?}");
        assert!(darcy_accuracy(&[2]).is_err());
    }
}
