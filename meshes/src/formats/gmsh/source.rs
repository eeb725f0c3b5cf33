//! Numbers of a section, written as text or as bytes.

use super::super::scan::Scanner;
use crate::MeshError;

/// How the sections of nodes, elements and entities are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Text,
    Bytes {
        big_endian: bool,
        /// Bytes of a count or tag of version 4: 4 or 8.
        size_bytes: usize,
    },
}

/// The file with the way in which its numbers are written.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub scan: Scanner<'a>,
    pub encoding: Encoding,
}

impl Source<'_> {
    /// A C `int`.
    pub fn int(&mut self, what: &str) -> Result<i64, MeshError> {
        match self.encoding {
            Encoding::Text => self.scan.number(what),
            Encoding::Bytes { big_endian, .. } => {
                let bytes = self.scan.array(what)?;
                Ok(i64::from(match big_endian {
                    true => i32::from_be_bytes(bytes),
                    false => i32::from_le_bytes(bytes),
                }))
            }
        }
    }

    /// A C `size_t`.
    pub fn size(&mut self, what: &str) -> Result<u64, MeshError> {
        match self.encoding {
            Encoding::Text => self.scan.number(what),
            Encoding::Bytes {
                big_endian,
                size_bytes: 4,
            } => {
                let bytes = self.scan.array(what)?;
                Ok(u64::from(match big_endian {
                    true => u32::from_be_bytes(bytes),
                    false => u32::from_le_bytes(bytes),
                }))
            }
            Encoding::Bytes { big_endian, .. } => {
                let bytes = self.scan.array(what)?;
                Ok(match big_endian {
                    true => u64::from_be_bytes(bytes),
                    false => u64::from_le_bytes(bytes),
                })
            }
        }
    }

    /// A C `double`.
    pub fn real(&mut self, what: &str) -> Result<f64, MeshError> {
        match self.encoding {
            Encoding::Text => self.scan.number(what),
            Encoding::Bytes { big_endian, .. } => {
                let bytes = self.scan.array(what)?;
                Ok(match big_endian {
                    true => f64::from_be_bytes(bytes),
                    false => f64::from_le_bytes(bytes),
                })
            }
        }
    }

    /// A tag of a node or element: positive; an `int` in version 2.
    pub fn tag(&mut self, what: &str) -> Result<u64, MeshError> {
        let tag = self.int(what)?;
        u64::try_from(tag).map_err(|_| self.scan.malformed(format!("{what} is {tag}")))
    }

    /// Passes over `count` numbers.
    pub fn skip_reals(&mut self, count: usize) -> Result<(), MeshError> {
        (0..count).try_for_each(|_| self.real("a coordinate").map(drop))
    }

    /// How many of `count` promised things, each of `numbers` numbers, the file can still hold.
    pub fn trusted(&self, count: u64, numbers: usize) -> usize {
        // A number takes at least one character and a blank, or four bytes.
        let possible = self.scan.left() / (2 * numbers);
        usize::try_from(count).unwrap_or(usize::MAX).min(possible)
    }

    /// The only number of a line, which is text whatever the encoding.
    pub fn line_number(&mut self, what: &str) -> Result<u64, MeshError> {
        let mut line = self.scan.line();
        // Writers end the line before bytes in different ways.
        while line.is_some_and(|line| line.trim_ascii().is_empty()) {
            line = self.scan.line();
        }
        self.scan.parse(line.map(<[u8]>::trim_ascii), what)
    }

    /// Checks that the line ends here, in text. Numbers alone would not show that one is missing:
    /// those of the next line would take its place.
    pub fn end_line(&mut self) -> Result<(), MeshError> {
        if self.encoding != Encoding::Text {
            return Ok(());
        }
        let rest = self.scan.line().unwrap_or_default().trim_ascii();
        if rest.is_empty() {
            return Ok(());
        }
        let shown = String::from_utf8_lossy(&rest[..rest.len().min(40)]);
        Err(self.scan.malformed(format!(
            "`{shown}` is left over: this line or the one before holds too many or too few numbers"
        )))
    }

    /// Checks that the section ends here.
    pub fn end(&mut self) -> Result<(), MeshError> {
        let found = self.scan.word().unwrap_or_default();
        let section = self.scan.section.trim_start_matches('$');
        if found.strip_prefix(b"$End") == Some(section.as_bytes()) {
            return Ok(());
        }
        let shown = String::from_utf8_lossy(&found[..found.len().min(40)]);
        Err(self.scan.malformed(format!(
            "`$End{section}` expected, found `{shown}`: the counts do not fit what is there"
        )))
    }

    /// Passes over the rest of the section.
    pub fn skip_section(&mut self) -> Result<(), MeshError> {
        let end = self.scan.section.replacen('$', "$End", 1);
        match self.scan.skip_past(end.as_bytes()) {
            true => Ok(()),
            false => Err(self.scan.malformed(format!("`{end}` is missing"))),
        }
    }
}
