//! `<DataItem>`: numbers in the file itself, in HDF5 or in files of bytes, or a part of those.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::element::Element;
use crate::arrays::{Header, Kind, decode, gather};
use crate::{Array, ArrayFile, DatasetError};

/// Numbers, not yet read.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub shape: Vec<usize>,
    /// `shape` multiplied.
    pub count: usize,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Text(String),
    Hdf {
        file: String,
        dataset: String,
    },
    Bytes {
        file: String,
        start: u64,
        header: Header,
    },
    /// Every so many entries of another item, from a start.
    Slab {
        start: Vec<usize>,
        stride: Vec<usize>,
        of: Box<Item>,
    },
}

impl Item {
    /// What an element says.
    pub fn new(element: &Element) -> Result<Self, String> {
        if element.attribute("Reference").is_some() {
            return Err("a DataItem that refers to another one, which is not read".to_owned());
        }
        match element.attribute("ItemType") {
            None | Some("Uniform") => Self::uniform(element),
            Some("HyperSlab") => Self::slab(element),
            Some(other) => Err(format!(
                "a DataItem of type {other}; Uniform and HyperSlab are read"
            )),
        }
    }

    fn uniform(element: &Element) -> Result<Self, String> {
        let shape = element.attribute("Dimensions").map(numbers).transpose()?;
        let text = element.text.trim();
        let place = match element.attribute("Format").unwrap_or("XML") {
            "XML" => Place::Text(text.to_owned()),
            "HDF" => match text.rsplit_once(':') {
                Some((file, dataset)) => Place::Hdf {
                    file: file.trim().to_owned(),
                    dataset: dataset.trim().to_owned(),
                },
                None => return Err(format!("`{}` is no FILE:DATASET", shorten(text))),
            },
            "Binary" => Place::Bytes {
                file: text.to_owned(),
                start: match element.attribute("Seek") {
                    None => 0,
                    Some(seek) => seek
                        .parse()
                        .map_err(|_| format!("Seek is `{}`, no number", shorten(seek)))?,
                },
                header: header(element, shape.clone().unwrap_or_default())?,
            },
            other => {
                return Err(format!(
                    "a DataItem of format {other}; XML, HDF and Binary are read"
                ));
            }
        };
        let shape = match (shape, &place) {
            (Some(shape), _) => shape,
            (None, Place::Text(text)) => vec![text.split_ascii_whitespace().count()],
            (None, _) => return Err("a DataItem without Dimensions".to_owned()),
        };
        Ok(Self {
            count: product(&shape)?,
            shape,
            place,
        })
    }

    /// Three rows of start, stride and count, and the item that they choose from.
    fn slab(element: &Element) -> Result<Self, String> {
        let mut items = element.all("DataItem");
        let (Some(choice), Some(of), None) = (items.next(), items.next(), items.next()) else {
            return Err("a HyperSlab that does not hold two DataItems".to_owned());
        };
        let of = Self::new(of)?;
        let choice = numbers(&choice.text)?;
        let axes = of.shape.len();
        if axes == 0 || choice.len() != 3 * axes {
            return Err(format!(
                "a HyperSlab with {} numbers for an array of {axes} axes; three for each are needed",
                choice.len()
            ));
        }
        let (start, rest) = choice.split_at(axes);
        let (stride, shape) = rest.split_at(axes);
        for axis in 0..axes {
            let last = shape[axis]
                .saturating_sub(1)
                .checked_mul(stride[axis].max(1));
            let last = last.and_then(|last| last.checked_add(start[axis]));
            if last.is_none_or(|last| last >= of.shape[axis]) {
                return Err(format!(
                    "a HyperSlab from {start:?} by {stride:?} of {shape:?} entries does not fit into \
                     {:?}",
                    of.shape
                ));
            }
        }
        Ok(Self {
            count: product(shape)?,
            shape: shape.to_vec(),
            place: Place::Slab {
                start: start.to_vec(),
                stride: stride.to_vec(),
                of: Box::new(of),
            },
        })
    }
}

/// Opens and keeps the files that items lie in.
#[derive(Debug)]
pub(super) struct Files {
    /// The XDMF file.
    path: PathBuf,
    folder: PathBuf,
    open: Mutex<HashMap<String, ArrayFile>>,
}

impl Files {
    /// Of an XDMF file, beside which they are looked for.
    pub fn beside(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            folder: path.parent().unwrap_or(path).to_owned(),
            open: Mutex::default(),
        }
    }

    fn hdf(&self, name: &str) -> Result<ArrayFile, DatasetError> {
        // The map is whole even where another thread failed while it held it.
        let mut open = self.open.lock().unwrap_or_else(|held| held.into_inner());
        if let Some(file) = open.get(name) {
            return Ok(file.clone());
        }
        let file = ArrayFile::open_hdf5(self.folder.join(name))?;
        open.insert(name.to_owned(), file.clone());
        Ok(file)
    }

    /// Reads an item.
    pub fn read(&self, item: &Item) -> Result<Array<f64>, DatasetError> {
        let values = match &item.place {
            Place::Text(text) => self.text(text, item)?,
            Place::Hdf { file, dataset } => {
                let file = self.hdf(file)?;
                self.check(&file, dataset, item)?;
                file.read::<f64>(dataset)?.values
            }
            Place::Bytes {
                file,
                start,
                header,
            } => self.bytes(file, *start, header, item)?,
            Place::Slab { start, stride, of } => self.slab(item, start, stride, of)?,
        };
        Ok(Array {
            shape: item.shape.clone(),
            values,
        })
    }

    /// Checks that a dataset has as many values as the item says, before any is read.
    fn check(&self, file: &ArrayFile, dataset: &str, item: &Item) -> Result<(), DatasetError> {
        let shape = file.shape(dataset)?;
        if product(&shape) == Ok(item.count) {
            return Ok(());
        }
        Err(wrong(
            file.path(),
            format!(
                "holds \"{dataset}\" as {shape:?}, the XDMF file says {:?}",
                item.shape
            ),
        ))
    }

    fn text(&self, text: &str, item: &Item) -> Result<Vec<f64>, DatasetError> {
        let numbers: Result<Vec<f64>, String> = text
            .split_ascii_whitespace()
            .map(|word| {
                let number = word.parse();
                number.map_err(|_| format!("holds `{}` among numbers", shorten(word)))
            })
            .collect();
        match numbers {
            Ok(numbers) if numbers.len() == item.count => Ok(numbers),
            Ok(numbers) => Err(wrong(
                &self.path,
                format!(
                    "holds {} numbers in a DataItem of {:?}",
                    numbers.len(),
                    item.shape
                ),
            )),
            Err(problem) => Err(wrong(&self.path, problem)),
        }
    }

    fn bytes(
        &self,
        name: &str,
        start: u64,
        header: &Header,
        item: &Item,
    ) -> Result<Vec<f64>, DatasetError> {
        let path = self.folder.join(name);
        let mut file = File::open(&path).map_err(DatasetError::io("read", &path))?;
        let found = file
            .metadata()
            .map_err(DatasetError::io("look at", &path))?;
        let needed = (item.count as u64).saturating_mul(header.size as u64);
        if !found.is_file() || start.saturating_add(needed) > found.len() {
            return Err(wrong(
                &path,
                format!(
                    "has {} bytes, where {needed} from byte {start} are needed",
                    found.len()
                ),
            ));
        }
        file.seek(SeekFrom::Start(start))
            .map_err(DatasetError::io("read", &path))?;
        let array = decode::<f64>(header, &mut BufReader::new(file));
        Ok(array.map_err(|fault| fault.of_file(&path))?.values)
    }

    /// Of arrays in HDF5, only the rows that are needed are read.
    fn slab(
        &self,
        item: &Item,
        start: &[usize],
        stride: &[usize],
        of: &Item,
    ) -> Result<Vec<f64>, DatasetError> {
        if item.count == 0 {
            return Ok(Vec::new());
        }
        let rows = start[0]..start[0] + (item.shape[0] - 1) * stride[0] + 1;
        let mut shape = of.shape.clone();
        let (values, first) = match &of.place {
            Place::Hdf { file, dataset } => {
                let file = self.hdf(file)?;
                let there = file.shape(dataset)?;
                if there != of.shape {
                    let shape = &of.shape;
                    let problem =
                        format!("holds \"{dataset}\" as {there:?}, the XDMF file says {shape:?}");
                    return Err(wrong(file.path(), problem));
                }
                shape[0] = rows.len();
                (file.read_rows::<f64>(dataset, rows)?.values, 0)
            }
            _ => (self.read(of)?.values, start[0]),
        };
        let mut steps = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            steps[axis - 1] = steps[axis] * shape[axis];
        }
        let inner = start.iter().zip(&steps).skip(1).map(|(s, step)| s * step);
        let offset = first * steps[0] + inner.sum::<usize>();
        let steps: Vec<usize> = steps.iter().zip(stride).map(|(a, b)| a * b).collect();
        Ok(gather(&item.shape, &steps, &values[offset..]))
    }
}

fn wrong(path: &Path, problem: String) -> DatasetError {
    DatasetError::ArrayFile {
        path: path.to_owned(),
        problem,
    }
}

fn product(shape: &[usize]) -> Result<usize, String> {
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    count
        .filter(|&n| n <= isize::MAX as usize / 8)
        .ok_or_else(|| format!("a shape of {shape:?} is too large for any memory"))
}

/// Type, size and order of the numbers in a file of bytes.
fn header(element: &Element, shape: Vec<usize>) -> Result<Header, String> {
    let size = element.attribute("Precision").unwrap_or("4");
    let kind = element.attribute("NumberType");
    let kind = kind.or(element.attribute("DataType")).unwrap_or("Float");
    let (kind, size) = match (kind, size) {
        ("Float", "4") => (Kind::Float, 4),
        ("Float", "8") => (Kind::Float, 8),
        ("Int", "1") | ("Char", _) => (Kind::Signed, 1),
        ("Int", "2") => (Kind::Signed, 2),
        ("Int", "4") => (Kind::Signed, 4),
        ("Int", "8") => (Kind::Signed, 8),
        ("UInt", "1") | ("UChar", _) => (Kind::Unsigned, 1),
        ("UInt", "2") => (Kind::Unsigned, 2),
        ("UInt", "4") => (Kind::Unsigned, 4),
        ("UInt", "8") => (Kind::Unsigned, 8),
        (kind, size) => return Err(format!("numbers of type {kind} with {size} bytes")),
    };
    if !matches!(element.attribute("Compression"), None | Some("Raw")) {
        return Err("a compressed file of bytes, which is not read".to_owned());
    }
    Ok(Header {
        kind,
        size,
        big_endian: match element.attribute("Endian").unwrap_or("Native") {
            "Big" => true,
            "Little" => false,
            "Native" => cfg!(target_endian = "big"),
            other => return Err(format!("the byte order {other}")),
        },
        fortran_order: false,
        shape,
    })
}

/// Whole numbers separated by blanks.
pub(super) fn numbers(text: &str) -> Result<Vec<usize>, String> {
    text.split_ascii_whitespace()
        .map(|word| {
            let number = word.parse();
            number.map_err(|_| format!("`{}` is no whole number", shorten(word)))
        })
        .collect()
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
