//! Spearman's rank correlation.
//!
//! C. Spearman, "The proof and measurement of association between two things", Am. J. Psychol. 15
//! (1904). Ties get the mean of the ranks they span, and the coefficient is Pearson's correlation
//! of the ranks (the form that holds with ties; the shortcut 1 - 6 sum d^2 / (n^3 - n) does not).

/// Rank correlation of two lists of equal length; `None` where it is not defined: fewer than two
/// pairs, a list whose values are all equal, or a value that is NaN.
///
/// ```
/// use karman_datasets::spearman;
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 100.0, 1000.0]), Some(1.0));
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
/// assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
/// ```
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 || a.iter().chain(b).any(|v| v.is_nan()) {
        return None;
    }
    pearson(&ranks(a), &ranks(b))
}

/// Ranks from 1; ties share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    // Equal by value, so that 0.0 and -0.0 tie although their total order differs.
    let mut before = 0;
    for tied in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let mean = before as f64 + 0.5 * (tied.len() + 1) as f64;
        tied.iter().for_each(|&i| ranks[i] = mean);
        before += tied.len();
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    (aa > 0.0 && bb > 0.0).then(|| (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ten hand-ranked pairs with ties: ranks of a are 1 2.5 2.5 4 6 6 6 8 9 10.
    #[test]
    fn ties_share_their_ranks() {
        let a = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 7.0, 8.0, 9.0];
        assert_eq!(
            ranks(&a),
            [1.0, 2.5, 2.5, 4.0, 6.0, 6.0, 6.0, 8.0, 9.0, 10.0]
        );
        // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4]) = 0.9486832980505138
        let r = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0]).unwrap();
        assert!((r - 0.9f64.sqrt()).abs() < 1e-15, "{r}");
        assert_eq!(ranks(&[0.0, -0.0, 1.0]), [1.5, 1.5, 3.0]);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0, f64::NAN]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[3.0, 3.0]), None);
    }

    proptest! {
        /// Without ties the coefficient is the textbook shortcut, and rising maps change nothing.
        #[test]
        fn agrees_with_the_shortcut(values in prop::collection::vec(-1e3..1e3f64, 3..40)) {
            let index: Vec<f64> = (0..values.len()).map(|k| k as f64).collect();
            let mut distinct = values.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            prop_assume!(distinct.len() == values.len());
            let rank = ranks(&values);
            let n = values.len() as f64;
            let squares: f64 = rank.iter().zip(&index).map(|(r, k)| (r - k - 1.0).powi(2)).sum();
            let shortcut = 1.0 - 6.0 * squares / (n * n * n - n);
            let found = spearman(&values, &index).unwrap();
            prop_assert!((found - shortcut).abs() < 1e-12);
            let bent: Vec<f64> = values.iter().map(|v| v * 4.0 + if *v > 0.0 { 1e4 } else { 0.0 }).collect();
            prop_assert!((spearman(&bent, &index).unwrap() - found).abs() < 1e-12);
        }
    }
}
