//! NumPy's `.npy`: a magic word, a header that is a Python dictionary, the values.
//!
//! The format is NEP 1, <https://numpy.org/neps/nep-0001-npy-format.html>, versions 1.0 to 3.0.

use std::io::{self, Read, Write};
use std::ops::Range;

use super::bytes::Bytes;
use super::numbers::{Header, Kind, decode_rows};
use super::{Array, ArrayNumber, Fault};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Longest header that is read; NumPy's own limit is 10 000.
const LONGEST_HEADER: usize = 1 << 16;

/// Reads a range of an array's first axis, or all of it, from `size` bytes.
pub(super) fn read<T: ArrayNumber>(
    data: &mut dyn Bytes,
    size: u64,
    rows: Option<&Range<usize>>,
) -> Result<Array<T>, Fault> {
    let header = checked_header(data, size)?;
    decode_rows(&header, data, rows)
}

/// Reads all up to the values and compares what they need with `size`, the bytes that are there.
pub(super) fn checked_header(data: &mut dyn Read, size: u64) -> Result<Header, String> {
    let (header, used) = header(data)?;
    let (_, bytes) = header.lengths()?;
    let left = size.saturating_sub(used as u64);
    if left != bytes as u64 {
        return Err(format!(
            "a shape of {:?} with {} bytes each needs {bytes} bytes of data, {left} are there",
            header.shape, header.size
        ));
    }
    Ok(header)
}

/// Reads all up to the values; the header and its bytes.
fn header(data: &mut dyn Read) -> Result<(Header, usize), String> {
    let mut start = [0; 8];
    data.read_exact(&mut start)
        .map_err(|_| "is shorter than the start of a .npy file")?;
    if start[..6] != *MAGIC {
        return Err("does not start as a .npy file does".into());
    }
    let width = match start[6] {
        1 => 2,
        2 | 3 => 4,
        other => {
            return Err(format!(
                "is of version {other} of the .npy format; 1 to 3 are known"
            ));
        }
    };
    let mut length = [0; 4];
    data.read_exact(&mut length[..width])
        .map_err(|_| "ends within its header")?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST_HEADER {
        return Err(format!(
            "has a header of {length} bytes; is the file damaged?"
        ));
    }
    let mut text = vec![0; length];
    data.read_exact(&mut text)
        .map_err(|_| "ends within its header")?;
    let text = String::from_utf8(text).map_err(|_| "has a header that is no text")?;
    let header = parse(&text)
        .map_err(|problem| format!("{problem}, in the header {:?}", text.trim_end()))?;
    Ok((header, 8 + width + length))
}

/// The dictionary: 'descr' a type, 'fortran_order' a truth value, 'shape' a tuple.
fn parse(text: &str) -> Result<Header, String> {
    let mut rest = Words(text);
    let (mut descr, mut order, mut shape) = (None, None, None);
    rest.take("{")?;
    while !rest.try_take("}") {
        let key = rest.string()?;
        rest.take(":")?;
        match key {
            "descr" => descr = Some(rest.descr()?),
            "fortran_order" => order = Some(rest.truth()?),
            "shape" => shape = Some(rest.tuple()?),
            other => return Err(format!("unknown entry '{other}'")),
        }
        if !rest.try_take(",") {
            rest.take("}")?;
            break;
        }
    }
    let (Some(descr), Some(fortran_order), Some(shape)) = (descr, order, shape) else {
        return Err("'descr', 'fortran_order' or 'shape' is missing".into());
    };
    let (kind, size, big_endian) = number_type(descr)?;
    Ok(Header {
        kind,
        size,
        big_endian,
        fortran_order,
        shape,
    })
}

/// `<f8` and so on: byte order, kind, bytes.
fn number_type(descr: &str) -> Result<(Kind, usize, bool), String> {
    let wrong =
        || format!("entries are of type '{descr}'; integers and floating-point numbers are read");
    let order = descr.chars().next().ok_or_else(wrong)?;
    let rest = descr.strip_prefix(['<', '>', '|', '=']).unwrap_or(descr);
    let kind = match rest.chars().next() {
        Some('b') => Kind::Bool,
        Some('i') => Kind::Signed,
        Some('u') => Kind::Unsigned,
        Some('f') => Kind::Float,
        _ => return Err(wrong()),
    };
    let size: usize = rest[1..].parse().map_err(|_| wrong())?;
    let known = match kind {
        Kind::Bool => size == 1,
        Kind::Signed | Kind::Unsigned => matches!(size, 1 | 2 | 4 | 8),
        Kind::Float => matches!(size, 2 | 4 | 8),
        Kind::Brain => false,
    };
    if !known {
        return Err(wrong());
    }
    let big_endian = order == '>' || (order == '=' && cfg!(target_endian = "big"));
    Ok((kind, size, big_endian))
}

/// What is left of the header.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn try_take(&mut self, word: &str) -> bool {
        let trimmed = self.0.trim_start();
        match trimmed.strip_prefix(word) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        match self.try_take(word) {
            true => Ok(()),
            false => Err(format!("'{word}' expected")),
        }
    }

    fn string(&mut self) -> Result<&'a str, String> {
        for quote in ['\'', '"'] {
            if self.try_take(quote.encode_utf8(&mut [0; 4])) {
                let end = self.0.find(quote).ok_or("a string without end")?;
                let text = &self.0[..end];
                self.0 = &self.0[end + 1..];
                return Ok(text);
            }
        }
        Err("a string expected".into())
    }

    /// A type; structured ones are lists.
    fn descr(&mut self) -> Result<&'a str, String> {
        if self.0.trim_start().starts_with('[') {
            return Err("entries have fields; arrays of plain numbers are read".into());
        }
        self.string()
    }

    fn truth(&mut self) -> Result<bool, String> {
        if self.try_take("True") {
            return Ok(true);
        }
        self.take("False")
            .map(|()| false)
            .map_err(|_| "True or False expected".into())
    }

    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        self.take("(")?;
        let mut lengths = Vec::new();
        while !self.try_take(")") {
            let trimmed = self.0.trim_start();
            let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
            let length = trimmed[..digits]
                .parse()
                .map_err(|_| "a length expected in the shape")?;
            lengths.push(length);
            // Python 2 wrote long integers with an L.
            self.0 = trimmed[digits..].trim_start_matches('L');
            if !self.try_take(",") {
                self.take(")")?;
                break;
            }
        }
        Ok(lengths)
    }
}

/// Writes an array of f64 in C order, as version 1.0.
pub(super) fn write(out: &mut dyn Write, shape: &[usize], values: &[f64]) -> io::Result<()> {
    let lengths: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let mut header = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}",
        lengths.trim_end()
    );
    // The values begin at a multiple of 64 bytes.
    let used = MAGIC.len() + 4 + header.len() + 1;
    header.extend(std::iter::repeat_n(' ', used.next_multiple_of(64) - used));
    header.push('\n');
    let length = u16::try_from(header.len())
        .map_err(|_| io::Error::other("too many axes for a .npy file"))?;
    out.write_all(MAGIC)?;
    out.write_all(&[1, 0])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    let mut bytes = Vec::with_capacity(1 << 16);
    for block in values.chunks(1 << 13) {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|value| value.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}
