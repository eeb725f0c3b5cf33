//! Attributes of HDF5 objects, without anything that differs from run to run.
//!
//! Texts have a fixed length: those of variable length lie in a heap that has no checksum.

use hdf5_metno as hdf5;
use hdf5_metno::types::{FixedUnicode, TypeDescriptor};
use hdf5_reader::{Attribute, Datatype};
use serde_json::Value;

use super::layout::Attributes;

/// Bytes of the longest text.
const LONGEST: usize = 4096;

/// Writes one attribute: numbers and texts as such, lists of numbers as arrays, what is left as JSON.
pub(super) fn write(place: &hdf5::Location, name: &str, value: &Value) -> hdf5::Result<()> {
    match value {
        Value::String(text) => write_text(place, name, text),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => place.new_attr::<i64>().create(name)?.write_scalar(&integer),
            None => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                place.new_attr::<f64>().create(name)?.write_scalar(&number)
            }
        },
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_number) => {
            let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
            place
                .new_attr::<f64>()
                .shape([numbers.len()])
                .create(name)?
                .write_raw(&numbers)
        }
        other => write_text(place, name, &other.to_string()),
    }
}

/// Writes a text.
pub(super) fn write_text(place: &hdf5::Location, name: &str, text: &str) -> hdf5::Result<()> {
    let value: FixedUnicode<LONGEST> = text
        .parse()
        .map_err(|_| hdf5::Error::from(format!("the text of \"{name}\" is too long")))?;
    // A type of no bytes is not allowed.
    let length = text.len().max(1);
    place
        .new_attr_builder()
        .empty_as(TypeDescriptor::FixedUnicode(length))
        .create(name)?
        .write_scalar(&value)
}

/// Reads the attributes of a group or dataset back.
pub(super) fn read(attributes: Vec<Attribute>) -> Result<Attributes, String> {
    let read = |attribute: Attribute| {
        let value = read_one(&attribute)
            .map_err(|error| format!("attribute \"{}\": {error}", attribute.name))?;
        Ok((attribute.name, value))
    };
    attributes.into_iter().map(read).collect()
}

fn read_one(attribute: &Attribute) -> Result<Value, String> {
    let told = |error: hdf5_reader::error::Error| error.to_string();
    let scalar = attribute.shape.is_empty();
    match &attribute.datatype {
        Datatype::String { .. } => attribute.read_string().map(Value::from).map_err(told),
        Datatype::FixedPoint { .. } if scalar => attribute
            .read_scalar::<i64>()
            .map(Value::from)
            .map_err(told),
        Datatype::FloatingPoint { .. } if scalar => attribute
            .read_scalar::<f64>()
            .map(Value::from)
            .map_err(told),
        Datatype::FloatingPoint { .. } => attribute.read_1d::<f64>().map(Value::from).map_err(told),
        other => Err(format!("is of a type that is not expected here: {other:?}")),
    }
}
