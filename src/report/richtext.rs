//! Labels with subscripts and superscripts: `C_L`, `ν_t (10^{-3} m²/s)`.
//! plotters sets one line of plain text only.

/// Height of a piece of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// On the line.
    Line,
    /// Lowered and smaller.
    Sub,
    /// Raised and smaller.
    Super,
}

impl Level {
    /// Size against the text's own.
    pub fn size(self) -> f64 {
        if self == Self::Line { 1.0 } else { 0.74 }
    }

    /// Distance of the piece's base line below the text's, in the text's size.
    pub fn drop(self) -> f64 {
        match self {
            Self::Line => 0.0,
            Self::Sub => 0.20,
            Self::Super => -0.36,
        }
    }
}

/// Cuts a label into pieces. `_x` and `^x` lower and raise one character,
/// `_{..}` and `^{..}` several; a mark at the end of the label stands for itself.
pub fn pieces(label: &str) -> Vec<(Level, String)> {
    let mut found: Vec<(Level, String)> = Vec::new();
    let mut rest = label.chars();
    while let Some(c) = rest.next() {
        let level = match c {
            '_' => Level::Sub,
            '^' => Level::Super,
            _ => Level::Line,
        };
        let text = match level {
            Level::Line => c.to_string(),
            _ => marked(&mut rest),
        };
        match found.last_mut() {
            _ if text.is_empty() => found.push((Level::Line, c.to_string())),
            Some((last, sofar)) if *last == level => sofar.push_str(&text),
            _ => found.push((level, text)),
        }
    }
    found
}

/// What a mark applies to: the braces' content, or one character.
fn marked(rest: &mut std::str::Chars<'_>) -> String {
    match rest.next() {
        Some('{') => rest.take_while(|c| *c != '}').collect(),
        Some(c) => c.to_string(),
        None => String::new(),
    }
}

/// The label as HTML with `sub` and `sup`, everything else escaped.
pub fn to_html(label: &str) -> String {
    let piece = |(level, text): (Level, String)| {
        let text = escape(&text);
        match level {
            Level::Line => text,
            Level::Sub => format!("<sub>{text}</sub>"),
            Level::Super => format!("<sup>{text}</sup>"),
        }
    };
    pieces(label).into_iter().map(piece).collect()
}

/// Escapes text for HTML content and attribute values.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are not allowed in HTML; names from files may hold them.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cut_a_label() {
        let cut = pieces("ν_t (10^{-3} m)");
        let expected = [
            (Level::Line, "ν"),
            (Level::Sub, "t"),
            (Level::Line, " (10"),
            (Level::Super, "-3"),
            (Level::Line, " m)"),
        ];
        let cut: Vec<(Level, &str)> = cut.iter().map(|(l, t)| (*l, t.as_str())).collect();
        assert_eq!(cut, expected);
    }

    #[test]
    fn odd_marks_do_no_harm() {
        assert_eq!(
            pieces("a_"),
            [(Level::Line, "a".to_owned()), (Level::Line, "_".to_owned())]
        );
        assert_eq!(
            pieces("x^{2"),
            [
                (Level::Line, "x".to_owned()),
                (Level::Super, "2".to_owned())
            ]
        );
        assert!(pieces("").is_empty());
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(to_html("C_L <b>"), "C<sub>L</sub> &lt;b&gt;");
        assert_eq!(escape("\"'&\u{1}"), "&quot;&#39;&amp;\u{fffd}");
    }
}
