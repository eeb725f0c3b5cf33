//! Symmetric tridiagonal systems, by elimination without pivoting (L. H. Thomas, 1949).

/// Solves a system with one value `side` on both sides of the diagonal, in place of the right-hand side. It is
/// diagonally dominant, so that pivots stay away from zero; symmetric, so that its transposed is itself.
pub(super) fn solve(diagonal: &[f64], side: f64, rhs: &mut [f64], room: &mut [f64]) {
    let n = diagonal.len();
    let mut pivot = diagonal[0];
    rhs[0] /= pivot;
    for i in 1..n {
        room[i - 1] = side / pivot;
        pivot = diagonal[i] - side * room[i - 1];
        rhs[i] = (rhs[i] - side * rhs[i - 1]) / pivot;
    }
    for i in (0..n - 1).rev() {
        rhs[i] -= room[i] * rhs[i + 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evolution::testing::noise;

    #[test]
    fn what_is_multiplied_is_found_again() {
        for n in [1, 2, 17] {
            let diagonal: Vec<f64> = noise(n, 1).iter().map(|v| 3.0 + v).collect();
            let x = noise(n, 2);
            let neighbour = |i: usize| x.get(i).copied().unwrap_or(0.0);
            let mut rhs: Vec<f64> = (0..n)
                .map(|i| {
                    diagonal[i] * x[i] - 0.9 * (neighbour(i.wrapping_sub(1)) + neighbour(i + 1))
                })
                .collect();
            solve(&diagonal, -0.9, &mut rhs, &mut vec![0.0; n]);
            assert!(rhs.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-14));
        }
    }
}
