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

/// V. I. Levenshtein's edit distance, one row at a time.
fn letters_apart(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance() {
        for (a, b, d) in [("kitten", "sitting", 3), ("", "ab", 2), ("same", "same", 0)] {
            assert_eq!(letters_apart(a, b), d);
        }
        let names = ["case_12".to_string(), "case_99".into()];
        assert_eq!(closest("case_13", &names).as_deref(), Some("case_12"));
        assert_eq!(closest("wing", &names), None);
    }
}
