//! Fills vectors of numbers from text, base64 and raw bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::blocks::Sink;
use super::number::Number;

/// Decoded values are reserved up to this multiple of the encoded bytes at once; what is beyond
/// is allocated as it arrives.
const TRUSTED_RATIO: usize = 8;

/// Characters of base64 for `bytes` bytes.
pub(super) fn chars_for(bytes: u64) -> Option<usize> {
    usize::try_from(bytes.div_ceil(3).checked_mul(4)?).ok()
}

/// Decodes base64 into a buffer that is kept.
pub(super) fn decode_to(buffer: &mut Vec<u8>, text: &[u8]) -> Result<(), String> {
    buffer.clear();
    STANDARD
        .decode_vec(text, buffer)
        .map_err(|error| explain(&error))
}

pub(super) fn explain(error: &base64::DecodeError) -> String {
    match error {
        base64::DecodeError::InvalidByte(position, byte) => {
            format!(
                "character {position} is {:?}, not base64",
                char::from(*byte)
            )
        }
        other => format!("broken base64: {other}"),
    }
}

/// Appends `count` numbers from their bytes, of which the file claims `claimed`.
pub(super) fn copy<T: Number>(
    bytes: &[u8],
    claimed: u64,
    count: usize,
    out: &mut Vec<T>,
) -> Result<(), String> {
    let needed = count * size_of::<T>();
    if claimed != needed as u64 {
        return Err(format!(
            "it holds {claimed} bytes, but {needed} are needed ({count} values)"
        ));
    }
    let bytes = bytes
        .get(..needed)
        .ok_or_else(|| format!("it is cut off: {} of {needed} bytes are there", bytes.len()))?;
    let before = out.len();
    out.resize(before + count, T::zeroed());
    bytemuck::cast_slice_mut::<T, u8>(&mut out[before..]).copy_from_slice(bytes);
    Ok(())
}

/// Appends `count` numbers written as text.
pub(super) fn parse_text<T: Number>(
    text: &str,
    count: usize,
    out: &mut Vec<T>,
) -> Result<(), String> {
    let before = out.len();
    // A number takes at least one character and a blank.
    out.reserve(count.min(text.len() / 2 + 1));
    for token in text.split_ascii_whitespace() {
        let index = out.len() - before;
        if index == count {
            return Err(format!("it holds more than the {count} values needed"));
        }
        out.push(token.parse().map_err(|_| {
            let token: String = token.chars().take(40).collect();
            format!("value {index} is `{token}`, not a number of its type")
        })?);
    }
    let found = out.len() - before;
    if found < count {
        return Err(format!("it holds {found} values, but {count} are needed"));
    }
    Ok(())
}

/// The end of a vector of numbers, filled as bytes.
pub(super) struct Tail<'v, T> {
    values: &'v mut Vec<T>,
    before: usize,
}

impl<'v, T: Number> Tail<'v, T> {
    pub fn new(values: &'v mut Vec<T>, count: usize, encoded_bytes: usize) -> Self {
        let trusted = encoded_bytes.saturating_mul(TRUSTED_RATIO) / size_of::<T>();
        values.reserve(count.min(trusted));
        let before = values.len();
        Self { values, before }
    }
}

impl<T: Number> Sink for Tail<'_, T> {
    fn grow(&mut self, len: usize) -> &mut [u8] {
        let end = self.before + len.div_ceil(size_of::<T>());
        if end > self.values.len() {
            self.values.resize(end, T::zeroed());
        }
        &mut bytemuck::cast_slice_mut(&mut self.values[self.before..])[..len]
    }
}
