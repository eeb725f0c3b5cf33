//! Small dense least squares by Householder's orthogonalisation.

/// The columns with less than this part of the largest diagonal entry left count as dependent.
const RANK: f64 = 1e-12;

/// The vector x with the smallest |A x - b|, where `rows` are the rows of A (m by n, m >= n); `None`
/// when the shapes do not fit, the columns are dependent or a value is not finite.
pub(crate) fn least_squares(rows: &[Vec<f64>], b: &[f64]) -> Option<Vec<f64>> {
    let (m, n) = (rows.len(), rows.first()?.len());
    if m < n || b.len() != m || rows.iter().any(|row| row.len() != n) {
        return None;
    }
    let (mut a, mut b) = (rows.to_vec(), b.to_vec());
    let mut diagonal = vec![0.0; n];
    for k in 0..n {
        // Reflect column k onto its first entry; the reflector v stays in the column.
        let norm = a[k..].iter().map(|row| row[k] * row[k]).sum::<f64>().sqrt();
        diagonal[k] = if a[k][k] > 0.0 { -norm } else { norm };
        a[k][k] -= diagonal[k];
        let square: f64 = a[k..].iter().map(|row| row[k] * row[k]).sum();
        if square > 0.0 {
            for j in k + 1..n {
                let along: f64 = a[k..].iter().map(|row| row[k] * row[j]).sum();
                a[k..]
                    .iter_mut()
                    .for_each(|row| row[j] -= 2.0 * along / square * row[k]);
            }
            let along: f64 = a[k..].iter().zip(&b[k..]).map(|(row, c)| row[k] * c).sum();
            let pairs = a[k..].iter().zip(&mut b[k..]);
            pairs.for_each(|(row, c)| *c -= 2.0 * along / square * row[k]);
        }
    }
    let largest = diagonal.iter().fold(0.0_f64, |l, d| l.max(d.abs()));
    if diagonal
        .iter()
        .any(|d| d.abs() <= RANK * largest || !d.is_finite())
    {
        return None;
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * x[j]).sum();
        x[k] = (b[k] - known) / diagonal[k];
    }
    x.iter().all(|c| c.is_finite()).then_some(x)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_through_points() {
        // y = 1 + 2 t with residuals orthogonal to 1 and t.
        let rows: Vec<_> = (0..4).map(|t| vec![1.0, f64::from(t)]).collect();
        let x = least_squares(&rows, &[1.5, 2.5, 4.5, 7.5]).unwrap();
        assert!(
            (x[0] - 1.0).abs() < 1e-14 && (x[1] - 2.0).abs() < 1e-14,
            "{x:?}"
        );
    }

    #[test]
    fn impossible_problems() {
        assert!(least_squares(&[], &[]).is_none());
        assert!(least_squares(&[vec![1.0, 2.0]], &[1.0]).is_none());
        assert!(
            least_squares(&[vec![1.0, 2.0], vec![2.0, 4.0], vec![3.0, 6.0]], &[1.0; 3]).is_none()
        );
        assert!(least_squares(&[vec![f64::NAN], vec![1.0]], &[1.0; 2]).is_none());
        assert!(least_squares(&[vec![0.0], vec![0.0]], &[1.0; 2]).is_none());
        assert!(least_squares(&[vec![1.0], vec![1.0, 2.0]], &[1.0; 2]).is_none());
    }

    proptest! {
        /// The residual stands at right angles to every column.
        #[test]
        fn normal_equations_hold(values in prop::collection::vec(-1.0_f64..1.0, 7 * 4)) {
            let rows: Vec<Vec<f64>> = values.chunks(4).map(|row| row[..3].to_vec()).collect();
            let b: Vec<f64> = values.chunks(4).map(|row| row[3]).collect();
            if let Some(x) = least_squares(&rows, &b) {
                let scale = x.iter().fold(1.0_f64, |s, c| s.max(c.abs()));
                for column in 0..3 {
                    let dot: f64 = rows.iter().zip(&b).map(|(row, c)| {
                        row[column] * (row.iter().zip(&x).map(|(r, x)| r * x).sum::<f64>() - c)
                    }).sum();
                    prop_assert!(dot.abs() < 1e-12 * scale, "{}", dot);
                }
            }
        }
    }
}
