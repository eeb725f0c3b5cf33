//! The data elements that a file is made of.

use super::{COMPRESSED, Reader};
use crate::SolverError;
use crate::formats::broken;

/// Bytes and how far they are read.
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    /// Where the bytes lie in the file, for messages: of compressed ones, where those begin.
    pub origin: usize,
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }
}

/// A typed run of bytes.
pub(super) struct Element<'a> {
    pub kind: u32,
    pub data: &'a [u8],
    pub origin: usize,
}

impl Reader<'_> {
    pub(super) fn broken(&self, origin: usize, problem: &str) -> SolverError {
        broken(self.path, &format!("byte {origin}"), problem)
    }

    pub(super) fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        }
    }

    /// The next element: a tag of eight bytes, or of four with up to four bytes of data.
    pub(super) fn element<'b>(&self, cursor: &mut Cursor<'b>) -> Result<Element<'b>, SolverError> {
        let origin = cursor.origin + cursor.at;
        let cut = || self.broken(origin, "the file is cut off within an element");
        let word = |cursor: &mut Cursor| {
            let bytes = cursor
                .take(4)
                .and_then(|b| b.try_into().ok())
                .ok_or_else(cut)?;
            Ok::<u32, SolverError>(self.u32(bytes))
        };
        let first = word(cursor)?;
        let (kind, length) = (first & 0xffff, first >> 16);
        if length != 0 {
            let data = cursor.take(4).ok_or_else(cut)?;
            let Some(data) = data.get(..length as usize) else {
                return Err(self.broken(origin, "a short element of more than four bytes"));
            };
            return Ok(Element { kind, data, origin });
        }
        let length = word(cursor)? as usize;
        let data = cursor.take(length).ok_or_else(cut)?;
        // Padded to eight bytes, except compressed data; the last one may lack the padding.
        if kind != COMPRESSED {
            cursor.at = cursor.at.next_multiple_of(8).min(cursor.bytes.len());
        }
        Ok(Element { kind, data, origin })
    }

    /// The numbers of an element as f64.
    pub(super) fn numbers(&self, element: &Element) -> Result<Vec<f64>, SolverError> {
        macro_rules! convert {
            ($type:ty) => {{
                let (chunks, rest) = element.data.as_chunks::<{ size_of::<$type>() }>();
                if !rest.is_empty() {
                    return Err(self.broken(element.origin, "a number is cut off"));
                }
                let little = chunks.iter().map(|b| <$type>::from_le_bytes(*b) as f64);
                let big = chunks.iter().map(|b| <$type>::from_be_bytes(*b) as f64);
                if self.little {
                    little.collect()
                } else {
                    big.collect()
                }
            }};
        }
        Ok(match element.kind {
            1 => convert!(i8),
            2 => convert!(u8),
            3 => convert!(i16),
            4 => convert!(u16),
            5 => convert!(i32),
            6 => convert!(u32),
            7 => convert!(f32),
            9 => convert!(f64),
            12 => convert!(i64),
            13 => convert!(u64),
            other => {
                return Err(self.broken(element.origin, &format!("{other} is no type of numbers")));
            }
        })
    }
}
