//! Lists of numbers and tuples, text or binary.

use super::file::Storage;
use super::scan::Scanner;
use crate::DatasetError;

impl Scanner<'_> {
    /// The length of a list, checked against what is left of the file: each item takes `least` bytes at
    /// the least.
    pub(super) fn length(&mut self, least: usize) -> Result<usize, DatasetError> {
        let length: usize = self.number()?;
        let left = self.bytes.len() - self.at;
        // In text a list of equal items, `5{0}`, is shorter than its items.
        if self.peek() != Some(b'{') && length.checked_mul(least).is_none_or(|size| size > left) {
            return Err(self.fault(format!(
                "a list of {length} items does not fit into the {left} bytes that are left: is the \
                 file truncated?"
            )));
        }
        Ok(length)
    }

    /// A list of `components`-tuples of floating-point numbers, its length first, as one flat list.
    pub(super) fn scalars(
        &mut self,
        storage: Storage,
        components: usize,
    ) -> Result<Vec<f64>, DatasetError> {
        match storage {
            Storage::Text => self.text_tuples(components),
            Storage::Binary { scalar, .. } => {
                let length = self.length(scalar * components)?;
                let bytes = self.block(length, scalar * components)?;
                Ok(match scalar {
                    4 => numbers(bytes, |b| f64::from(f32::from_le_bytes(b))),
                    _ => numbers(bytes, f64::from_le_bytes),
                })
            }
        }
    }

    /// A list of integers that are not negative, its length first.
    pub(super) fn labels(&mut self, storage: Storage) -> Result<Vec<u32>, DatasetError> {
        match storage {
            Storage::Text => {
                let length = self.length(2)?;
                let mut items = Vec::with_capacity(length);
                self.expect(b'(')?;
                for _ in 0..length {
                    items.push(self.number()?);
                }
                self.expect(b')')?;
                Ok(items)
            }
            Storage::Binary { label, .. } => {
                let length = self.length(label)?;
                let bytes = self.block(length, label)?;
                let items: Vec<i64> = match label {
                    4 => numbers(bytes, |b| i64::from(i32::from_le_bytes(b))),
                    _ => numbers(bytes, i64::from_le_bytes),
                };
                let checked = items.iter().map(|&item| u32::try_from(item));
                checked.collect::<Result<_, _>>().map_err(|_| {
                    self.fault("a list of indices holds one below 0 or beyond 32 bits")
                })
            }
        }
    }

    fn text_tuples(&mut self, components: usize) -> Result<Vec<f64>, DatasetError> {
        let length = self.length(2 * components)?;
        if self.accept(b'{') {
            let item = self.tuple(components)?;
            self.expect(b'}')?;
            // Bounded like the lists that are written out.
            if length > self.bytes.len().max(1 << 20) {
                return Err(self.fault(format!("a list of {length} equal items is too long")));
            }
            return Ok(item.repeat(length));
        }
        let mut values = Vec::with_capacity(length * components);
        self.expect(b'(')?;
        for _ in 0..length {
            values.extend(self.tuple(components)?);
        }
        self.expect(b')')?;
        Ok(values)
    }

    /// One number, or `(x y z)`.
    pub(super) fn tuple(&mut self, components: usize) -> Result<Vec<f64>, DatasetError> {
        if components == 1 {
            return Ok(vec![self.number()?]);
        }
        self.expect(b'(')?;
        let numbers = (0..components).map(|_| self.number::<f64>());
        let values = numbers.collect::<Result<Vec<f64>, _>>()?;
        self.expect(b')')?;
        Ok(values)
    }

    /// The bytes of `length` items between parentheses; an empty list may come without them.
    fn block(&mut self, length: usize, size: usize) -> Result<&[u8], DatasetError> {
        if length == 0 {
            if self.accept(b'(') {
                self.expect(b')')?;
            }
            return Ok(&[]);
        }
        self.expect(b'(')?;
        let (start, end) = (self.at, self.at + length * size);
        if end >= self.bytes.len() {
            return Err(self.fault("a binary list is cut off: is the file truncated?"));
        }
        self.at = end;
        self.expect(b')')?;
        Ok(&self.bytes[start..end])
    }
}

fn numbers<const N: usize, T>(bytes: &[u8], from: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (items, _) = bytes.as_chunks::<N>();
    items.iter().map(|&item| from(item)).collect()
}
