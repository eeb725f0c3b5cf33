//! Decodes one array into numbers, whatever its encoding.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::blocks::{self, BlockHeader};
use super::document::{Appended, DataArray, Document, Format, Layout, Place};
use super::fill::{Tail, chars_for, copy, decode_to, explain, parse_text};
use super::number::{Number, to_native};
use crate::field::for_values;
use crate::{MeshError, Values};

/// How often the bytes of a file may be decoded on average. Sound files decode them once.
const MAX_SHARING: u64 = 8;

/// Decodes the arrays of one file and keeps count of what they take.
pub(super) struct Decoder<'a> {
    file: &'a str,
    layout: Layout,
    appended: Option<Appended<'a>>,
    /// Limit on the decoded bytes of the whole file.
    limit: u64,
    /// Decoded bytes so far.
    spent: u64,
    /// Limit on the encoded bytes that are worked through.
    work_limit: u64,
    /// Encoded bytes so far.
    worked: u64,
    /// Base64 is decoded to here; kept between arrays.
    scratch: Vec<u8>,
}

impl<'a> Decoder<'a> {
    /// `file_bytes` is the size of the file, `limit` that of all arrays when decoded.
    pub fn new(file: &'a str, document: &Document<'a>, file_bytes: usize, limit: u64) -> Self {
        Self {
            file,
            layout: document.layout,
            appended: document.appended,
            // A larger limit could let a saturated count pass.
            limit: limit.min(i64::MAX as u64),
            spent: 0,
            work_limit: MAX_SHARING * file_bytes as u64,
            worked: 0,
            scratch: Vec::new(),
        }
    }

    /// Decodes `count` numbers and appends them to `values`, whose type is that of the array.
    pub fn append(
        &mut self,
        array: &DataArray<'_>,
        piece: usize,
        count: u64,
        values: &mut Values,
    ) -> Result<(), MeshError> {
        for_values!(values, v => self.append_numbers(array, piece, count, v))
    }

    /// Decodes `count` numbers.
    pub fn decode(
        &mut self,
        array: &DataArray<'_>,
        piece: usize,
        count: u64,
    ) -> Result<Values, MeshError> {
        let scalar = array.scalar.ok_or_else(|| MeshError::Unsupported {
            file: self.file.to_owned(),
            place: Place::array(array, piece).to_string(),
            problem: "its type holds no numbers".to_owned(),
        })?;
        let mut values = scalar.empty();
        self.append(array, piece, count, &mut values)?;
        Ok(values)
    }

    fn append_numbers<T: Number>(
        &mut self,
        array: &DataArray<'_>,
        piece: usize,
        count: u64,
        out: &mut Vec<T>,
    ) -> Result<(), MeshError> {
        let claimed = count.saturating_mul(size_of::<T>() as u64);
        self.spent = self.spent.saturating_add(claimed);
        if self.spent > self.limit {
            return Err(MeshError::TooLarge {
                file: self.file.to_owned(),
                place: Place::array(array, piece).to_string(),
                claimed: self.spent,
                limit: self.limit,
            });
        }
        let before = out.len();
        // Below, `count * size_of::<T>()` cannot overflow: it is `claimed`, which fits.
        let result = usize::try_from(claimed)
            .map_err(|error| error.to_string())
            .map(|_| count as usize)
            .and_then(|count| match array.format {
                Format::Ascii => parse_text(&array.text, count, out),
                Format::Base64 => self.inline(&array.text, count, out),
                Format::Appended(offset) => self.appended(offset, count, out),
            });
        result.map_err(|problem| MeshError::Malformed {
            file: self.file.to_owned(),
            place: Place::array(array, piece).to_string(),
            problem,
        })?;
        if array.format != Format::Ascii {
            to_native(&mut out[before..], self.layout.big_endian);
        }
        Ok(())
    }

    fn inline<T: Number>(
        &mut self,
        text: &str,
        count: usize,
        out: &mut Vec<T>,
    ) -> Result<(), String> {
        let text = text.trim_ascii().as_bytes();
        // VTK writes base64 in one line; others break it.
        let text: Cow<'_, [u8]> = if text.contains(&b'\n') || text.contains(&b' ') {
            text.iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect()
        } else {
            text.into()
        };
        if text.is_empty() && count == 0 {
            return Ok(());
        }
        self.base64(&text, count, out)
    }

    fn appended<T: Number>(
        &mut self,
        offset: u64,
        count: usize,
        out: &mut Vec<T>,
    ) -> Result<(), String> {
        let appended = self
            .appended
            .ok_or("it is appended, but the file has no AppendedData")?;
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|offset| appended.bytes.get(offset..))
            .ok_or_else(|| {
                format!(
                    "its offset {offset} lies past the end of the appended data at {}",
                    appended.bytes.len()
                )
            })?;
        if appended.base64 {
            self.base64(bytes, count, out)
        } else {
            self.raw(bytes, count, out)
        }
    }

    /// Accounts for encoded bytes that are about to be worked through.
    ///
    /// Appended arrays may overlap, so that a small file could ask for any amount of work while
    /// little is decoded.
    fn spend(&mut self, bytes: usize) -> Result<(), String> {
        self.worked = self.worked.saturating_add(bytes as u64);
        if self.worked <= self.work_limit {
            return Ok(());
        }
        Err(format!(
            "the arrays share bytes: more than {} would have to be decoded",
            self.work_limit
        ))
    }

    /// Decodes raw bytes: header and data back to back, other arrays behind.
    fn raw<T: Number>(
        &mut self,
        bytes: &[u8],
        count: usize,
        out: &mut Vec<T>,
    ) -> Result<(), String> {
        let entry = self.layout.header_bytes;
        let Some(compressor) = self.layout.compressor else {
            let length = self.entries(bytes.get(..entry).ok_or("its header is cut off")?)[0];
            return copy(&bytes[entry..], length, count, out);
        };
        let n_blocks = self.entries(bytes.get(..entry).ok_or("its header is cut off")?)[0];
        if n_blocks == 0 {
            return no_blocks(count);
        }
        let header_bytes = BlockHeader::size(n_blocks, entry).filter(|&size| size <= bytes.len());
        let header_bytes = header_bytes.ok_or_else(|| too_many_blocks(n_blocks))?;
        let (header, data) = bytes.split_at(header_bytes);
        self.spend(header.len())?;
        let mut header = BlockHeader::new(&self.entries(header))?;
        header.fit((count * size_of::<T>()) as u64)?;
        let data = header
            .compressed_bytes()
            .and_then(|bytes| data.get(..usize::try_from(bytes).ok()?))
            .ok_or_else(|| cut_off(&header))?;
        self.spend(data.len())?;
        blocks::decompress(
            compressor,
            &header,
            data,
            &mut Tail::new(out, count, data.len()),
        )
    }

    /// Decodes base64: `text` starts with this array and may go on with others.
    fn base64<T: Number>(
        &mut self,
        text: &[u8],
        count: usize,
        out: &mut Vec<T>,
    ) -> Result<(), String> {
        let entry = self.layout.header_bytes;
        // The shortest text that holds the first entry, in groups of 4 characters for 3 bytes.
        let first = text
            .get(..entry.div_ceil(3) * 4)
            .ok_or("its header is cut off")?;
        let mut start = [0u8; 12];
        let length = STANDARD
            .decode_slice(first, &mut start)
            .map_err(|error| match error {
                base64::DecodeSliceError::DecodeError(error) => {
                    format!("header: {}", explain(&error))
                }
                other => format!("header: {other}"),
            })?;
        if length < entry {
            return Err("its header is cut off".to_owned());
        }
        let size = self.entries(&start[..entry])[0];
        let Some(compressor) = self.layout.compressor else {
            // Some writers pad the header and start anew; VTK encodes header and data as one.
            let padded = length == entry && first.ends_with(b"=");
            let skip = if padded { first.len() } else { 0 };
            let kept = if padded { 0 } else { entry };
            return self.base64_plain(&text[skip..], kept, size, count, out);
        };
        if size == 0 {
            return no_blocks(count);
        }
        let header_chars = BlockHeader::size(size, entry)
            .and_then(|bytes| chars_for(bytes as u64))
            .filter(|&chars| chars <= text.len())
            .ok_or_else(|| too_many_blocks(size))?;
        let (header, data) = text.split_at(header_chars);
        self.spend(header.len())?;
        decode_to(&mut self.scratch, header).map_err(|problem| format!("header: {problem}"))?;
        let mut header = BlockHeader::new(&self.entries(&self.scratch))?;
        header.fit((count * size_of::<T>()) as u64)?;
        let data = header
            .compressed_bytes()
            .and_then(|bytes| data.get(..chars_for(bytes)?))
            .ok_or_else(|| cut_off(&header))?;
        self.spend(data.len())?;
        decode_to(&mut self.scratch, data)?;
        let mut tail = Tail::new(out, count, data.len());
        blocks::decompress(compressor, &header, &self.scratch, &mut tail)
    }

    /// Decodes uncompressed base64 whose first `header` bytes are the length `size`.
    fn base64_plain<T: Number>(
        &mut self,
        text: &[u8],
        header: usize,
        size: u64,
        count: usize,
        out: &mut Vec<T>,
    ) -> Result<(), String> {
        let data = size
            .checked_add(header as u64)
            .and_then(|bytes| text.get(..chars_for(bytes)?))
            .ok_or_else(|| {
                format!(
                    "it claims {size} bytes, more than the {} characters left",
                    text.len()
                )
            })?;
        decode_to(&mut self.scratch, data)?;
        copy(
            self.scratch.get(header..).unwrap_or_default(),
            size,
            count,
            out,
        )
    }

    /// Reads header entries.
    fn entries(&self, bytes: &[u8]) -> Vec<u64> {
        let entry = self.layout.header_bytes;
        let number = |chunk: &[u8]| {
            let fold = |sum: u64, &byte: &u8| (sum << 8) | u64::from(byte);
            if self.layout.big_endian {
                chunk.iter().fold(0, fold)
            } else {
                chunk.iter().rev().fold(0, fold)
            }
        };
        bytes.chunks_exact(entry).map(number).collect()
    }
}

fn no_blocks(count: usize) -> Result<(), String> {
    if count == 0 {
        Ok(())
    } else {
        Err(format!("it has no blocks, but {count} values are needed"))
    }
}

fn cut_off(header: &BlockHeader) -> String {
    format!(
        "its {} blocks go past the end of the data; it is cut off",
        header.n_blocks()
    )
}

fn too_many_blocks(n_blocks: u64) -> String {
    format!("its header claims {n_blocks} blocks, more than fit into the file")
}
