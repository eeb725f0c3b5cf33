//! What the single lines of an airfoil file are.

/// The kind of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// Nothing, or only a comment (`#`, `!`, `%` or `//`).
    Blank,
    /// A name, a heading or a remark.
    Text,
    /// Starts with a number but is not made of numbers only.
    Broken,
    /// Numbers only.
    Numbers(Vec<f64>),
}

/// The lines of a file: ended by LF, CR LF or CR; bytes outside ASCII are taken as Latin-1 (they
/// appear in names only).
pub(super) fn split(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    text.replace("\r\n", "\n")
        .split(['\n', '\r'])
        .map(str::to_owned)
        .collect()
}

/// Classifies one line.
pub(super) fn classify(line: &str) -> Line {
    let bare = without_comment(line).trim();
    if bare.is_empty() {
        return Line::Blank;
    }
    let words = words(bare);
    let numbers: Option<Vec<f64>> = words.iter().map(|word| number(word)).collect();
    match numbers {
        Some(numbers) if !numbers.is_empty() => Line::Numbers(numbers),
        _ if words.first().is_some_and(|word| number(word).is_some()) => Line::Broken,
        _ => Line::Text,
    }
}

fn without_comment(line: &str) -> &str {
    let end = line
        .find(['#', '!', '%'])
        .into_iter()
        .chain(line.find("//"))
        .min();
    &line[..end.unwrap_or(line.len())]
}

/// The words of a line, separated by blanks, semicolons or commas. Two words with one comma each
/// and no point at all (`0,5  0,03`) have decimal commas.
fn words(line: &str) -> Vec<String> {
    let separated: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || c == ';' || c == '\0')
        .filter(|word| !word.is_empty())
        .collect();
    let decimal = |word: &&str| {
        word.split_once(',').is_some_and(|(a, b)| {
            a.ends_with(|c: char| c.is_ascii_digit()) && b.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    if separated.len() == 2 && !line.contains('.') && separated.iter().all(decimal) {
        return separated
            .iter()
            .map(|word| word.replacen(',', ".", 1))
            .collect();
    }
    let pieces = separated.iter().flat_map(|word| word.split(','));
    pieces
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A number as C, Fortran (`1.5D-3`) or a spreadsheet write it; NaN and infinities too, so that they
/// are refused where a coordinate should stand.
fn number(word: &str) -> Option<f64> {
    let lower = word.to_ascii_lowercase();
    if matches!(
        lower.trim_start_matches(['+', '-']),
        "nan" | "inf" | "infinity"
    ) {
        return Some(f64::NAN);
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'd');
    if !lower.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
        || !lower.chars().all(plain)
    {
        return None;
    }
    lower.replace('d', "e").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(line: &str) -> Vec<f64> {
        match classify(line) {
            Line::Numbers(numbers) => numbers,
            other => panic!("{line:?}: {other:?}"),
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        for line in [
            "1.0 -0.5",
            "\t1.\t-.5\t",
            "1.0,-0.5",
            "1.0, -0.5,",
            "1;-0.5",
            "  +1e0   -5.0D-01 # te",
            "1,0 -0,5",
            "1,0;-0,5",
            "1.0 -0.5 // end",
            "1.0\u{a0}-0.5",
        ] {
            assert_eq!(numbers(line), [1.0, -0.5], "{line:?}");
        }
        assert_eq!(numbers("1,5"), [1.0, 5.0]);
        assert_eq!(numbers("-2.0 3.0 -2.5 3.5").len(), 4);
        assert!(numbers("0.5 nan")[1].is_nan());
        assert!(numbers("0.5 1e999")[1].is_infinite());
    }

    #[test]
    fn other_lines() {
        assert_eq!(classify("  \t "), Line::Blank);
        assert_eq!(classify("# 1.0 0.0"), Line::Blank);
        assert_eq!(classify("NACA 2412"), Line::Text);
        assert_eq!(classify("e178  (8.69%)"), Line::Text);
        assert_eq!(classify("p= 8 alfa0= -1.4"), Line::Text);
        assert_eq!(classify("20 nov 2005"), Line::Broken);
        assert_eq!(classify("0.12048\t-0.03012->030119"), Line::Broken);
        assert_eq!(classify(",,;"), Line::Text);
    }

    #[test]
    fn line_ends_and_bytes() {
        assert_eq!(split(b"a\r\nb\rc\nd"), ["a", "b", "c", "d"]);
        assert_eq!(split(b"\xef\xbb\xbfW\xf6lbung"), ["W\u{f6}lbung"]);
    }
}
