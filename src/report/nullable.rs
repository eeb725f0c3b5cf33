//! JSON has no NaN: serde_json writes one as null. These read null back as NaN.

use serde::{Deserialize, Deserializer};

/// One number; null is NaN.
pub fn scalar<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(input)?.unwrap_or(f64::NAN))
}

/// A list of numbers; null entries are NaN.
pub fn list<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(input)?;
    Ok(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// Four columns of numbers; null entries are NaN.
pub fn columns<'de, D: Deserializer<'de>>(input: D) -> Result<[Vec<f32>; 4], D::Error> {
    let columns = <[Vec<Option<f32>>; 4]>::deserialize(input)?;
    Ok(columns.map(|c| c.into_iter().map(|v| v.unwrap_or(f32::NAN)).collect()))
}
