//! Block-tridiagonal systems with 2 by 2 blocks (Thomas algorithm, without pivoting between blocks).

/// A 2 by 2 matrix, by rows.
pub(super) type Block = [[f64; 2]; 2];

/// A row of the system: `left x[i-1] + middle x[i] + right x[i+1] = value`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) left: Block,
    pub(super) middle: Block,
    pub(super) right: Block,
    pub(super) value: [f64; 2],
}

/// The solution; singular pivots give values that are not finite. The left block of the first row
/// and the right block of the last one do not count.
pub(super) fn solve(mut rows: Vec<Row>) -> Vec<[f64; 2]> {
    for i in 0..rows.len() {
        if i > 0 {
            // Rows before are reduced to x[i-1] = value - right x[i].
            let (before, left) = (rows[i - 1], rows[i].left);
            rows[i].middle = minus(rows[i].middle, product(left, before.right));
            let shift = times(left, before.value);
            rows[i].value = [rows[i].value[0] - shift[0], rows[i].value[1] - shift[1]];
        }
        let inverse = inverse(rows[i].middle);
        rows[i].right = product(inverse, rows[i].right);
        rows[i].value = times(inverse, rows[i].value);
    }
    let mut solution: Vec<[f64; 2]> = rows.iter().map(|row| row.value).collect();
    for i in (0..rows.len().saturating_sub(1)).rev() {
        let shift = times(rows[i].right, solution[i + 1]);
        solution[i] = [solution[i][0] - shift[0], solution[i][1] - shift[1]];
    }
    solution
}

fn inverse([[a, b], [c, d]]: Block) -> Block {
    let determinant = a * d - b * c;
    [
        [d / determinant, -b / determinant],
        [-c / determinant, a / determinant],
    ]
}

fn product(a: Block, b: Block) -> Block {
    [0, 1].map(|i| [0, 1].map(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

fn minus(a: Block, b: Block) -> Block {
    [0, 1].map(|i| [0, 1].map(|j| a[i][j] - b[i][j]))
}

fn times(a: Block, x: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|i| a[i][0] * x[0] + a[i][1] * x[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_solution() {
        let n = 12;
        let exact: Vec<[f64; 2]> = (0..n)
            .map(|i| [f64::from(i), 1.0 - 0.5 * f64::from(i * i)])
            .collect();
        let rows: Vec<Row> = (0..n as usize)
            .map(|i| {
                let k = 0.1 * i as f64;
                let mut row = Row {
                    left: [[-1.0, k], [0.3, -1.0]],
                    middle: [[4.0, 0.5], [-k, 5.0]],
                    right: [[-1.0, 0.2], [-0.1, -1.0 - k]],
                    value: times([[4.0, 0.5], [-k, 5.0]], exact[i]),
                };
                for (block, neighbour) in [(row.left, i.wrapping_sub(1)), (row.right, i + 1)] {
                    if let Some(&x) = exact.get(neighbour) {
                        let part = times(block, x);
                        row.value = [row.value[0] + part[0], row.value[1] + part[1]];
                    }
                }
                row
            })
            .collect();
        for (found, exact) in solve(rows).iter().zip(exact) {
            assert!((found[0] - exact[0]).abs() < 1e-11 && (found[1] - exact[1]).abs() < 1e-11);
        }
    }
}
