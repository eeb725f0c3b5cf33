//! Walks through the bytes of an OpenFOAM file.

use std::path::Path;

use crate::DatasetError;

/// Nesting of dictionaries that is followed.
const DEEPEST: usize = 64;

/// A place in a file.
pub(super) struct Scanner<'a> {
    pub(super) path: &'a Path,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(path: &'a Path, bytes: &'a [u8]) -> Self {
        Self { path, bytes, at: 0 }
    }

    /// An error that names the file and the line.
    pub(super) fn fault(&self, problem: impl std::fmt::Display) -> DatasetError {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        DatasetError::OpenFoamFile {
            path: self.path.to_path_buf(),
            problem: format!("line {line}: {problem}"),
        }
    }

    /// Skips white space and comments.
    pub(super) fn skip(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            if rest.first().is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            } else if rest.starts_with(b"//") {
                let end = rest.iter().position(|&b| b == b'\n');
                self.at += end.unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                let end = rest.windows(2).position(|w| w == b"*/");
                self.at += end.map_or(rest.len(), |e| e + 2);
            } else {
                return;
            }
        }
    }

    /// The next byte that is not skipped; it is not taken.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip();
        self.bytes.get(self.at).copied()
    }

    /// Takes this byte, after white space, or fails.
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), DatasetError> {
        match self.peek() {
            Some(found) if found == wanted => {
                self.at += 1;
                Ok(())
            }
            found => Err(self.fault(format!(
                "expected `{}`, found {}",
                char::from(wanted),
                found.map_or("the end of the file".into(), |b| format!(
                    "`{}`",
                    b.escape_ascii()
                ))
            ))),
        }
    }

    /// Takes this byte if it is next.
    pub(super) fn accept(&mut self, wanted: u8) -> bool {
        let next = self.peek() == Some(wanted);
        self.at += usize::from(next);
        next
    }

    /// A word, number or quoted text, without its quotes.
    pub(super) fn word(&mut self) -> Result<&'a str, DatasetError> {
        self.skip();
        let (start, end) = if self.bytes.get(self.at) == Some(&b'"') {
            let start = self.at + 1;
            let length = self.bytes[start..].iter().position(|&b| b == b'"');
            let end = start + length.ok_or_else(|| self.fault("a quoted text has no end"))?;
            self.at = end + 1;
            (start, end)
        } else {
            let start = self.at;
            let length = self.bytes[start..].iter().position(|&b| ends_word(b));
            self.at = length.map_or(self.bytes.len(), |l| start + l);
            (start, self.at)
        };
        let text = std::str::from_utf8(&self.bytes[start..end]);
        match text {
            Ok(word) if start < end || self.bytes.get(end) == Some(&b'"') => Ok(word),
            Ok(_) => Err(self.fault("a word is missing")),
            Err(_) => Err(self.fault("a word is not UTF-8 text: is the file damaged?")),
        }
    }

    /// A number of this kind.
    pub(super) fn number<T: std::str::FromStr>(&mut self) -> Result<T, DatasetError> {
        let word = self.word()?;
        let number = word.parse();
        number.map_err(|_| {
            self.fault(format!(
                "`{}` is not a number of the kind needed",
                short(word)
            ))
        })
    }

    /// Skips the rest of an entry after its key: to the `;`, or a dictionary in braces.
    pub(super) fn skip_entry(&mut self) -> Result<(), DatasetError> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                None => return Err(self.fault("an entry has no end")),
                Some(b';') if depth == 0 => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'{' | b'(' | b'[') if depth >= DEEPEST => {
                    return Err(self.fault("entries are nested too deeply"));
                }
                Some(b'{' | b'(' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(close @ (b'}' | b')' | b']')) => {
                    if depth == 0 {
                        return Err(self.fault(format!("unexpected `{}`", char::from(close))));
                    }
                    depth -= 1;
                    self.at += 1;
                    // A dictionary needs no `;` behind it.
                    if depth == 0 && close == b'}' {
                        return Ok(());
                    }
                }
                Some(b'"') => {
                    self.word()?;
                }
                Some(_) => self.at += 1,
            }
        }
    }
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"(){}[];\"".contains(&byte)
}

/// The start of a word, for messages.
pub(super) fn short(word: &str) -> String {
    word.chars().take(40).collect()
}
