//! Types of numbers in files, and how they become those of this program.

use std::io::Read;
use std::ops::Range;

use super::bytes::{Bytes, Runs};
use super::{Array, Fault};

/// What an array is read as: [`f64`], [`f32`] or [`u8`].
pub trait ArrayNumber: Copy + Default + sealed::Sealed {}

impl ArrayNumber for f64 {}
impl ArrayNumber for f32 {}
impl ArrayNumber for u8 {}

/// The conversions stay private.
mod sealed {
    /// From the types of files.
    pub trait Sealed: Sized {
        /// From an integer; `None` where it does not fit.
        fn from_integer(value: i128) -> Option<Self>;
        /// From a floating-point number; `None` where that is not allowed.
        fn from_float(value: f64) -> Option<Self>;
        /// What is allowed, for messages.
        const ALLOWED: &'static str;
    }

    impl Sealed for f64 {
        fn from_integer(value: i128) -> Option<Self> {
            Some(value as f64)
        }
        fn from_float(value: f64) -> Option<Self> {
            Some(value)
        }
        const ALLOWED: &'static str = "an integer or floating-point type";
    }

    impl Sealed for f32 {
        fn from_integer(value: i128) -> Option<Self> {
            Some(value as f32)
        }
        fn from_float(value: f64) -> Option<Self> {
            Some(value as f32)
        }
        const ALLOWED: &'static str = "an integer or floating-point type";
    }

    impl Sealed for u8 {
        fn from_integer(value: i128) -> Option<Self> {
            value.try_into().ok()
        }
        fn from_float(_: f64) -> Option<Self> {
            None
        }
        const ALLOWED: &'static str = "an integer type; in NumPy .astype(\"uint8\") makes it one";
    }
}

/// A type of numbers in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One byte that is not zero for true.
    Bool,
    /// Two's complement.
    Signed,
    Unsigned,
    /// IEEE 754 of 2, 4 or 8 bytes.
    Float,
    /// The upper half of an IEEE 754 number of 4 bytes.
    Brain,
}

/// What an array is, before its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub kind: Kind,
    /// Bytes of an entry.
    pub size: usize,
    pub big_endian: bool,
    /// The first axis runs fastest, as in Fortran.
    pub fortran_order: bool,
    pub shape: Vec<usize>,
}

impl Header {
    /// Entries and bytes.
    pub fn lengths(&self) -> Result<(usize, usize), String> {
        let count = self.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let bytes = count.and_then(|n| n.checked_mul(self.size));
        match (count, bytes.filter(|&b| b <= isize::MAX as usize)) {
            (Some(count), Some(bytes)) => Ok((count, bytes)),
            _ => Err(format!(
                "a shape of {:?} is too large for any memory",
                self.shape
            )),
        }
    }

    /// The header of a range of the first axis, which must lie within it.
    pub fn part(&self, rows: &Range<usize>) -> Result<Self, String> {
        Ok(Self {
            shape: rows_of(&self.shape, rows)?,
            ..self.clone()
        })
    }
}

/// The shape of a range of the first axis.
pub(super) fn rows_of(shape: &[usize], rows: &Range<usize>) -> Result<Vec<usize>, String> {
    let Some((&length, rest)) = shape.split_first() else {
        return Err("is a single number, which has no part".to_owned());
    };
    if rows.start > rows.end || rows.end > length {
        return Err(format!(
            "has {length} entries along its first axis; {} to {} were asked for",
            rows.start, rows.end
        ));
    }
    Ok([&[rows.len()], rest].concat())
}

/// Bytes that are decoded at a time: a multiple of all sizes of entries.
const BLOCK: usize = 1 << 16;

/// Reads the values behind a header.
pub(crate) fn decode<T: ArrayNumber>(
    header: &Header,
    data: &mut dyn Read,
) -> Result<Array<T>, Fault> {
    let (count, bytes) = header.lengths()?;
    // Memory for what was promised comes as it arrives: a header may promise anything.
    let mut values = Vec::with_capacity(count.min(BLOCK));
    let mut block = vec![0; BLOCK.min(bytes)];
    let mut left = bytes;
    while left > 0 {
        let part = &mut block[..left.min(BLOCK)];
        data.read_exact(part).map_err(|error| {
            format!(
                "ends after {} of {bytes} bytes of data ({error})",
                bytes - left
            )
        })?;
        left -= part.len();
        convert(header, part, &mut values)?;
    }
    let values = match header.fortran_order && header.shape.len() > 1 {
        true => gather(&header.shape, &fortran_strides(&header.shape), &values),
        false => values,
    };
    Ok(Array {
        shape: header.shape.clone(),
        values,
    })
}

/// Reads a range of the first axis (all of it for `None`) of values that begin where `data` stands,
/// without reading what lies around it where that can be passed over.
pub(super) fn decode_rows<T: ArrayNumber>(
    header: &Header,
    data: &mut dyn Bytes,
    rows: Option<&Range<usize>>,
) -> Result<Array<T>, Fault> {
    let Some(rows) = rows else {
        return decode(header, data);
    };
    // Overflow is checked here for the whole array, and so for its parts.
    header.lengths()?;
    let part = header.part(rows)?;
    let length = header.shape[0];
    if header.fortran_order && header.shape.len() > 1 {
        // The first axis runs fastest: its range is a run in each of many stretches.
        let bytes = |n: usize| (n * header.size) as u64;
        let mut runs = Runs::new(
            data,
            bytes(rows.start),
            bytes(rows.len()),
            bytes(length - rows.end),
        );
        return decode(&part, &mut runs);
    }
    let row: usize = header.shape[1..].iter().product();
    let before = rows.start * row * header.size;
    data.pass(before as u64)
        .map_err(|error| format!("ends before entry {} ({error})", rows.start))?;
    decode(&part, data)
}

/// Appends the entries of a block.
fn convert<T: ArrayNumber>(
    header: &Header,
    block: &[u8],
    values: &mut Vec<T>,
) -> Result<(), String> {
    macro_rules! each {
        ($type:ty, $from:expr) => {{
            let (entries, _) = block.as_chunks::<{ size_of::<$type>() }>();
            for entry in entries {
                let value = match header.big_endian {
                    true => <$type>::from_be_bytes(*entry),
                    false => <$type>::from_le_bytes(*entry),
                };
                match $from(value) {
                    Some(value) => values.push(value),
                    None => return Err(unfit::<T>(header, &value, values.len())),
                }
            }
        }};
    }
    let int = T::from_integer;
    match (header.kind, header.size) {
        (Kind::Bool, 1) => each!(u8, |v: u8| int(i128::from(v != 0))),
        (Kind::Unsigned, 1) => each!(u8, |v: u8| int(v.into())),
        (Kind::Unsigned, 2) => each!(u16, |v: u16| int(v.into())),
        (Kind::Unsigned, 4) => each!(u32, |v: u32| int(v.into())),
        (Kind::Unsigned, 8) => each!(u64, |v: u64| int(v.into())),
        (Kind::Signed, 1) => each!(i8, |v: i8| int(v.into())),
        (Kind::Signed, 2) => each!(i16, |v: i16| int(v.into())),
        (Kind::Signed, 4) => each!(i32, |v: i32| int(v.into())),
        (Kind::Signed, 8) => each!(i64, |v: i64| int(v.into())),
        (Kind::Brain, 2) => each!(u16, |v: u16| T::from_float(
            f32::from_bits(u32::from(v) << 16).into()
        )),
        (Kind::Float, 2) => each!(u16, |v: u16| T::from_float(half(v))),
        (Kind::Float, 4) => each!(f32, |v: f32| T::from_float(v.into())),
        (Kind::Float, 8) => each!(f64, T::from_float),
        (kind, size) => {
            return Err(format!(
                "numbers of kind {kind:?} with {size} bytes are not read"
            ));
        }
    }
    Ok(())
}

fn unfit<T: ArrayNumber>(header: &Header, value: &dyn std::fmt::Display, index: usize) -> String {
    match header.kind {
        Kind::Float | Kind::Brain => format!(
            "holds floating-point numbers of {} bytes; wanted is {}",
            header.size,
            T::ALLOWED
        ),
        _ => format!("entry {index} is {value}, outside of 0 to 255"),
    }
}

/// A half-precision number: 1 bit sign, 5 bits exponent, 10 bits fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

/// Numbers that were read as f64, whole ones among them.
pub(super) fn from_f64<T: ArrayNumber>(values: &[f64]) -> Result<Vec<T>, String> {
    let whole = |value: f64| match value.fract() == 0.0 {
        true => T::from_integer(value as i128),
        false => None,
    };
    let convert = |(index, &value): (usize, &f64)| {
        let converted = T::from_float(value).or_else(|| whole(value));
        converted.ok_or_else(|| format!("entry {index} is {value}; wanted is {}", T::ALLOWED))
    };
    values.iter().enumerate().map(convert).collect()
}

/// Strides of an array whose first axis runs fastest.
pub(super) fn fortran_strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    strides
}

/// The values in C order of an array of one or more axes that steps through `values` by `strides`.
///
/// # Panics
/// When the strides lead past the end of `values`.
pub(crate) fn gather<T: Copy>(shape: &[usize], strides: &[usize], values: &[T]) -> Vec<T> {
    let count = shape.iter().product();
    let mut sorted = Vec::with_capacity(count);
    let (Some((&length, outer)), Some((&stride, outer_strides))) =
        (shape.split_last(), strides.split_last())
    else {
        return values[..count].to_vec();
    };
    let mut at = vec![0; outer.len()];
    let mut place = 0;
    while sorted.len() < count {
        sorted.extend((0..length).map(|k| values[place + k * stride]));
        // The next position, last axis first.
        for axis in (0..outer.len()).rev() {
            at[axis] += 1;
            place += outer_strides[axis];
            if at[axis] < outer[axis] {
                break;
            }
            place -= at[axis] * outer_strides[axis];
            at[axis] = 0;
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        let known = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960464477539063e-8),
            (0x3555, 0.333251953125),
        ];
        for (bits, value) in known {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f64::NEG_INFINITY);
    }

    #[test]
    fn fortran_order_is_turned() {
        // entry (i, j, k) is 100 i + 10 j + k
        let shape = [2, 3, 4];
        let mut values = Vec::new();
        for k in 0..4 {
            for j in 0..3 {
                values.extend((0..2).map(|i| 100 * i + 10 * j + k));
            }
        }
        let sorted = gather(&shape, &fortran_strides(&shape), &values);
        assert_eq!(sorted[..5], [0, 1, 2, 3, 10]);
        assert!(sorted.is_sorted() && sorted.len() == 24);
    }
}
