//! Tensors: elements of one type in a storage, reached by strides.

use std::ops::Range;

use super::super::numbers::Kind;

/// A tensor in a member of the archive.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    /// Name of the member that holds the storage.
    pub key: String,
    pub kind: Kind,
    /// Bytes of an element.
    pub size: usize,
    /// Elements of the storage.
    pub elements: u64,
    /// The first element of the tensor.
    pub offset: usize,
    pub shape: Vec<usize>,
    /// In elements.
    pub strides: Vec<usize>,
}

impl Tensor {
    /// Checks that the tensor lies in its storage.
    pub fn check(&self) -> Result<(), String> {
        let Self { shape, strides, .. } = self;
        if shape.len() != strides.len() {
            return Err(format!(
                "a tensor of shape {shape:?} with strides {strides:?}"
            ));
        }
        let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let inside = match shape.contains(&0) {
            true => true,
            false => self
                .last(shape)
                .is_some_and(|last| (last as u64) < self.elements),
        };
        match (count, inside) {
            (Some(_), true) => Ok(()),
            _ => Err(format!(
                "a tensor of shape {shape:?} with strides {strides:?} from element {} does not fit \
                 into a storage of {}",
                self.offset, self.elements
            )),
        }
    }

    /// The last element of a part of this shape that begins where the tensor does.
    fn last(&self, shape: &[usize]) -> Option<usize> {
        let mut last = self.offset;
        for (&length, &stride) in shape.iter().zip(&self.strides) {
            let reach = length.checked_sub(1)?.checked_mul(stride)?;
            last = last.checked_add(reach)?;
        }
        Some(last)
    }

    /// Whether the elements lie behind each other in C order.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1usize;
        self.shape.iter().zip(&self.strides).rev().all(|(&n, &s)| {
            let fits = n == 1 || s == expected;
            expected = expected.saturating_mul(n.max(1));
            fits
        })
    }

    /// The elements of the storage between the first and the last of some rows of the first axis,
    /// which lie within it; of a single number its element.
    pub fn span(&self, rows: &Range<usize>) -> Range<usize> {
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first = rows.len();
        }
        if shape.contains(&0) {
            return 0..0;
        }
        let before = self.strides.first().map_or(0, |stride| rows.start * stride);
        // Within the whole tensor, which was checked: no overflow.
        let last = self.last(&shape).unwrap_or(self.offset);
        self.offset + before..last + before + 1
    }
}

/// The elements of a type of storage.
pub(super) fn element_type(storage: &str) -> Result<(Kind, usize), String> {
    Ok(match storage {
        "DoubleStorage" => (Kind::Float, 8),
        "FloatStorage" => (Kind::Float, 4),
        "HalfStorage" => (Kind::Float, 2),
        "BFloat16Storage" => (Kind::Brain, 2),
        "LongStorage" => (Kind::Signed, 8),
        "IntStorage" => (Kind::Signed, 4),
        "ShortStorage" => (Kind::Signed, 2),
        "CharStorage" => (Kind::Signed, 1),
        "ByteStorage" => (Kind::Unsigned, 1),
        "BoolStorage" => (Kind::Bool, 1),
        other => {
            return Err(format!(
                "a tensor in a `{other}`; real numbers, integers and truth values are read"
            ));
        }
    })
}
