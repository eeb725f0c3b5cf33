//! A suggestion for a name that was not found.

/// The name that differs in the fewest letters, if it is close enough to be a slip.
pub(crate) fn closest<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a String>,
) -> Option<String> {
    names
        .into_iter()
        .map(|other| (letters_apart(name, other), other))
        .min()
        .filter(|(apart, _)| 3 * apart <= name.len())
        .map(|(_, other)| other.clone())
}

/// V. I. Levenshtein's edit distance, one row at a time, where two neighbours that have changed places
/// count as one slip (F. J. Damerau, Commun. ACM 7 (1964); the restricted form).
fn letters_apart(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let replaced = row[j] + usize::from(a[i] != b[j]);
            next[j + 1] = replaced.min(next[j] + 1).min(row[j + 1] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                next[j + 1] = next[j + 1].min(above[j - 1] + 1);
            }
        }
        above = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance() {
        for (a, b, d) in [
            ("kitten", "sitting", 3),
            ("", "ab", 2),
            ("ab", "", 2),
            ("same", "same", 0),
            ("conut", "count", 1),
            ("ca", "abc", 3),
        ] {
            assert_eq!(letters_apart(a, b), d);
        }
        let names = ["case_12".to_string(), "case_99".into()];
        assert_eq!(closest("case_13", &names).as_deref(), Some("case_12"));
        assert_eq!(closest("wing", &names), None);
    }
}
