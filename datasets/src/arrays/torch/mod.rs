//! Tensors in files of `torch.save`: zip archives of a pickle, and of a member for each storage.
//!
//! Format: `torch/serialization.py` (`_save` and `_load`) and `torch/_utils.py`
//! (`_rebuild_tensor_v2`) of PyTorch 1.6 to 2.x. Files of older versions, which are no archives, are
//! refused. The pickle is read by a small machine of our own ([`pickle`]).

mod pickle;
mod tensor;

use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use self::pickle::{Object, Pickle};
use self::tensor::Tensor;
use super::numbers::{Header, Kind, decode, gather};
use super::{Array, ArrayNumber, Fault, not_there, zip_entry};
use crate::DatasetError;

/// Bytes of a pickle at most: far more than files of tensors have.
const LARGEST_PICKLE: u64 = 1 << 26;
/// Lists and dictionaries within each other.
const DEEPEST: usize = 16;
/// Bytes of all names: shared objects could stand for any number of tensors.
const LARGEST_NAMES: usize = 1 << 22;
/// Entries for a byte of file at most, and entries that a file of any size may have: a tensor may
/// repeat its elements.
const LARGEST_RATIO: u64 = 1032;
const ALWAYS_ALLOWED: u64 = 1 << 21;

/// What stands under a name.
#[derive(Debug, Clone)]
enum Entry {
    Tensor(Tensor),
    Number(Kind, [u8; 8]),
}

/// A file and what it holds; the elements are read when they are asked for.
#[derive(Debug)]
pub(super) struct TorchFile {
    path: PathBuf,
    /// What the names of all members begin with.
    folder: String,
    big_endian: bool,
    names: Vec<String>,
    entries: HashMap<String, Entry>,
    most_values: u64,
}

impl TorchFile {
    /// Reads the pickle.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let mut archive = zip_entry::open(path, "PyTorch (torch.save, version 1.6 or newer)")?;
        let damaged = |problem: String| DatasetError::ArrayFile {
            path: path.to_owned(),
            problem: format!("cannot be read: {problem}"),
        };
        let members: Vec<String> = archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .collect();
        let pickle = members.iter().find(|name| name.ends_with("/data.pkl"));
        let folder = pickle.and_then(|name| name.strip_suffix("data.pkl"));
        let folder = folder.ok_or_else(|| damaged("no member is called data.pkl".to_owned()))?;
        let mut member = |name: &str| -> Result<Option<Vec<u8>>, DatasetError> {
            let Some(index) = archive.index_for_name(&format!("{folder}{name}")) else {
                return Ok(None);
            };
            let read = zip_entry::with(&mut archive, index, true, |data, size| {
                if size > LARGEST_PICKLE {
                    return Err(Fault::Array(format!("{name} has {size} bytes")));
                }
                let mut bytes = Vec::new();
                let read = data.take(size).read_to_end(&mut bytes);
                read.map_err(|error| format!("{name}: {error}"))?;
                Ok(bytes)
            });
            read.map(Some).map_err(|fault| match fault {
                Fault::File(error) => error,
                Fault::Array(problem) => damaged(format!("{name} {problem}")),
            })
        };
        let order = member("byteorder")?;
        let big_endian = match order.as_deref() {
            None | Some(b"little") => false,
            Some(b"big") => true,
            Some(_) => return Err(damaged("byteorder is neither little nor big".to_owned())),
        };
        let bytes = member("data.pkl")?.unwrap_or_default();
        let pickle = pickle::read(&bytes).map_err(damaged)?;
        let mut names = Vec::new();
        let mut entries = HashMap::new();
        collect(&pickle, &mut names, &mut entries).map_err(damaged)?;
        let size = std::fs::metadata(path).map_err(DatasetError::io("look at", path))?;
        Ok(Self {
            path: path.to_owned(),
            folder: folder.to_owned(),
            big_endian,
            names,
            entries,
            most_values: (size.len().saturating_mul(LARGEST_RATIO)).saturating_add(ALWAYS_ALLOWED),
        })
    }

    /// Names of tensors and numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn entry(&self, name: &str) -> Result<&Entry, String> {
        let found = self.entries.get(name);
        found.ok_or_else(|| not_there(&self.names))
    }

    /// What stands under a name.
    pub fn header(&self, name: &str) -> Result<Header, String> {
        Ok(match self.entry(name)? {
            Entry::Tensor(tensor) => Header {
                kind: tensor.kind,
                size: tensor.size,
                big_endian: self.big_endian,
                fortran_order: false,
                shape: tensor.shape.clone(),
            },
            Entry::Number(kind, _) => Header {
                kind: *kind,
                size: if *kind == Kind::Bool { 1 } else { 8 },
                big_endian: false,
                fortran_order: false,
                shape: Vec::new(),
            },
        })
    }

    /// Reads a range of the first axis, or all of it.
    pub fn read<T: ArrayNumber>(
        &self,
        name: &str,
        rows: Option<&Range<usize>>,
    ) -> Result<Array<T>, Fault> {
        let header = self.header(name)?;
        let part = match rows {
            Some(rows) => header.part(rows)?,
            None => header,
        };
        match self.entry(name)? {
            Entry::Number(_, bytes) => decode(&part, &mut &bytes[..]),
            Entry::Tensor(tensor) => {
                let all = 0..tensor.shape.first().copied().unwrap_or(1);
                self.read_tensor(tensor, part, rows.unwrap_or(&all))
            }
        }
    }

    fn read_tensor<T: ArrayNumber>(
        &self,
        tensor: &Tensor,
        part: Header,
        rows: &Range<usize>,
    ) -> Result<Array<T>, Fault> {
        let (count, _) = part.lengths()?;
        if count as u64 > self.most_values {
            return Err(Fault::Array(format!(
                "repeats its elements into {count} values, which a file of this size cannot mean"
            )));
        }
        let span = tensor.span(rows);
        let mut archive = zip_entry::open(&self.path, "PyTorch")?;
        let member = format!("{}data/{}", self.folder, tensor.key);
        let index = archive.index_for_name(&member);
        let index = index.ok_or_else(|| format!("should lie in {member}, which is not there"))?;
        let whole = span.len() as u64 == tensor.elements;
        let mut flat = part.clone();
        flat.shape = vec![span.len()];
        let found = zip_entry::with(&mut archive, index, whole, |data, size| {
            let needed = span.end as u64 * tensor.size as u64;
            if size < needed {
                return Err(Fault::Array(format!(
                    "needs {needed} bytes of {member}, which has {size}"
                )));
            }
            data.pass(span.start as u64 * tensor.size as u64)
                .map_err(|error| format!("ends too early ({error})"))?;
            decode::<T>(&flat, data)
        })?;
        let values = match tensor.is_contiguous() || count == 0 {
            true => found.values,
            false => gather(&part.shape, &tensor.strides, &found.values),
        };
        Ok(Array {
            shape: part.shape,
            values,
        })
    }
}

/// Enters the tensors and numbers below the root: entries of dictionaries and lists by their keys
/// and places, `state/layers/0`; a tensor alone is called `tensor`.
fn collect(
    pickle: &Pickle<'_>,
    names: &mut Vec<String>,
    entries: &mut HashMap<String, Entry>,
) -> Result<(), String> {
    let mut left = vec![(pickle.root, String::new(), 0)];
    let mut bytes = 0;
    while let Some((place, name, depth)) = left.pop() {
        let object = &pickle.objects[place as usize];
        let before = left.len();
        for (key, child) in children(pickle, object)? {
            let name = match name.as_str() {
                "" => key,
                parent => format!("{parent}/{key}"),
            };
            bytes += name.len() + 1;
            if bytes > LARGEST_NAMES || depth >= DEEPEST {
                return Err(format!(
                    "more objects than files of tensors have, or more than {DEEPEST} in each other"
                ));
            }
            left.push((child, name, depth + 1));
        }
        // In the order of the file.
        left[before..].reverse();
        let entry = match object {
            Object::Tensor(tensor) => Entry::Tensor(tensor.clone()),
            Object::Integer(value) => Entry::Number(Kind::Signed, value.to_le_bytes()),
            Object::Real(value) => Entry::Number(Kind::Float, value.to_le_bytes()),
            Object::Bool(value) => Entry::Number(Kind::Bool, [u8::from(*value); 8]),
            _ => continue,
        };
        let name = if name.is_empty() {
            "tensor".to_owned()
        } else {
            name
        };
        if entries.insert(name.clone(), entry).is_none() {
            names.push(name);
        }
    }
    Ok(())
}

/// Keys and values of a dictionary, places and entries of a list; of others nothing.
fn children(pickle: &Pickle<'_>, object: &Object<'_>) -> Result<Vec<(String, u32)>, String> {
    match object {
        Object::List(items) => Ok((0..)
            .map(|k: usize| k.to_string())
            .zip(items.iter().copied())
            .collect()),
        Object::Dictionary(items) => items
            .iter()
            .map(|(key, value)| match &pickle.objects[*key as usize] {
                Object::Text(text) => Ok(((*text).to_owned(), *value)),
                Object::Integer(number) => Ok((number.to_string(), *value)),
                _ => Err("a key that is neither text nor integer".to_owned()),
            })
            .collect(),
        _ => Ok(Vec::new()),
    }
}
