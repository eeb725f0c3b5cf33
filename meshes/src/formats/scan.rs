//! Reads files that are text, at least in part, piece by piece.

use std::str::FromStr;

use crate::MeshError;

/// The bytes of a file and how far they are read.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    file: &'a str,
    /// The part of the file that is being read, for messages; may be empty.
    pub section: String,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8], file: &'a str) -> Self {
        Self {
            bytes,
            at: 0,
            file,
            section: String::new(),
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The rest of the line without its end; `None` at the end of the file.
    pub fn line(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..length.unwrap_or(rest.len())];
        self.at += length.map_or(rest.len(), |length| length + 1);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The next word; `None` at the end of the file.
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = &rest[start..];
        let length = rest.iter().position(u8::is_ascii_whitespace);
        let length = length.unwrap_or(rest.len());
        self.at += start + length;
        Some(&rest[..length])
    }

    /// The next word as a number; `what` names it in messages.
    pub fn number<T: FromStr>(&mut self, what: &str) -> Result<T, MeshError> {
        let word = self.word();
        self.parse(word, what)
    }

    /// A word as a number.
    pub fn parse<T: FromStr>(&self, word: Option<&[u8]>, what: &str) -> Result<T, MeshError> {
        let Some(word) = word else {
            return Err(self.cut_off(what));
        };
        let number = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok());
        number.ok_or_else(|| {
            let shown = String::from_utf8_lossy(&word[..word.len().min(40)]);
            self.malformed(format!("{what} is `{shown}`, not a number of its kind"))
        })
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], MeshError> {
        let taken = self.bytes[self.at..].first_chunk::<N>();
        let taken = *taken.ok_or_else(|| self.cut_off(what))?;
        self.at += N;
        Ok(taken)
    }

    /// Goes to behind the next occurrence of `mark`; whether there was one.
    pub fn skip_past(&mut self, mark: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        let found = rest.windows(mark.len()).position(|window| window == mark);
        if let Some(start) = found {
            self.at += start + mark.len();
        }
        found.is_some()
    }

    fn cut_off(&self, what: &str) -> MeshError {
        self.malformed(format!("the file ends where {what} should be"))
    }

    /// A fault at the present place.
    pub fn malformed(&self, problem: String) -> MeshError {
        MeshError::Malformed {
            file: self.file.to_owned(),
            place: self.place(),
            problem,
        }
    }

    /// Something sound that is not supported, at the present place.
    pub fn unsupported(&self, problem: String) -> MeshError {
        MeshError::Unsupported {
            file: self.file.to_owned(),
            place: self.place(),
            problem,
        }
    }

    /// The number of the line that was read last.
    fn place(&self) -> String {
        let read = &self.bytes[..self.at];
        let ends = read.strip_suffix(b"\n").unwrap_or(read);
        let line = 1 + ends.iter().filter(|&&byte| byte == b'\n').count();
        match self.section.as_str() {
            "" => format!("line {line}"),
            section => format!("{section}, line {line}"),
        }
    }
}
