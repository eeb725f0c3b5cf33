//! The few calls that pickles of tensors make, done here without executing anything.

use super::super::tensor::{Tensor, element_type};
use super::{Known, Machine, Object};

impl Machine<'_> {
    /// `("storage", type, key, device, elements)`.
    pub(super) fn storage(&mut self) -> Result<Option<u32>, String> {
        let place = self.pop()?;
        let found = match self.object(place) {
            Object::List(items) => match items[..] {
                [tag, kind, key, _, elements] => (
                    self.object(tag),
                    self.object(kind),
                    self.object(key),
                    self.object(elements),
                ),
                _ => return Err("a storage that is not described by five entries".to_owned()),
            },
            _ => return Err("a storage that is no tuple".to_owned()),
        };
        let (
            Object::Text("storage"),
            Object::Name(Known::StorageType(kind)),
            Object::Text(key),
            Object::Integer(elements @ 0..),
        ) = found
        else {
            return Err("a storage without type, key or size".to_owned());
        };
        let (kind, key, elements) = (*kind, *key, *elements as u64);
        self.push(Object::Storage {
            kind,
            key,
            elements,
        })
    }

    pub(super) fn call(&mut self) -> Result<Option<u32>, String> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let Object::List(arguments) = self.object(arguments) else {
            return Err("a call whose arguments are no tuple".to_owned());
        };
        match (self.object(function), &arguments[..]) {
            (Object::Name(Known::OrderedDict), []) => self.push(Object::Dictionary(Vec::new())),
            (Object::Name(Known::RebuildTensor), [storage, offset, shape, strides, ..]) => {
                let tensor = self.tensor(*storage, *offset, *shape, *strides)?;
                self.push(Object::Tensor(tensor))
            }
            (Object::Name(known), arguments) => {
                Err(format!("{known:?} with {} arguments", arguments.len()))
            }
            _ => Err("a call of what is no function".to_owned()),
        }
    }

    fn tensor(
        &self,
        storage: u32,
        offset: u32,
        shape: u32,
        strides: u32,
    ) -> Result<Tensor, String> {
        let Object::Storage {
            kind,
            key,
            elements,
        } = self.object(storage)
        else {
            return Err("a tensor without a storage".to_owned());
        };
        let (kind, size) = element_type(kind)?;
        let tensor = Tensor {
            key: (*key).to_owned(),
            kind,
            size,
            elements: *elements,
            offset: self.size(offset)?,
            shape: self.sizes(shape)?,
            strides: self.sizes(strides)?,
        };
        tensor.check()?;
        Ok(tensor)
    }

    fn size(&self, place: u32) -> Result<usize, String> {
        match self.object(place) {
            Object::Integer(value) => usize::try_from(*value)
                .map_err(|_| format!("{value} as an offset, a size or a stride of a tensor")),
            _ => Err("an offset, a size or a stride of a tensor that is no number".to_owned()),
        }
    }

    fn sizes(&self, place: u32) -> Result<Vec<usize>, String> {
        match self.object(place) {
            Object::List(items) if items.len() <= 64 => {
                items.iter().map(|item| self.size(*item)).collect()
            }
            _ => Err("sizes or strides of a tensor that are no tuple of up to 64".to_owned()),
        }
    }
}

/// The few names that are known, all others being refused.
pub(super) fn known<'a>(module: &'a str, name: &'a str) -> Result<Known<'a>, String> {
    match (module, name) {
        ("torch._utils", "_rebuild_tensor_v2") => Ok(Known::RebuildTensor),
        ("collections", "OrderedDict") => Ok(Known::OrderedDict),
        ("torch", storage) if storage.ends_with("Storage") => {
            element_type(storage)?;
            Ok(Known::StorageType(storage))
        }
        _ => Err(format!(
            "it refers to `{module}.{name}`; tensors, lists, tuples, dictionaries, numbers and \
             texts are read, and nothing is ever executed"
        )),
    }
}
