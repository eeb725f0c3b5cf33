//! Fields: named values at the points or cells of a mesh.

use std::fmt;

use crate::MeshError;

/// Where the values of a field live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// One tuple per point.
    Point,
    /// One tuple per cell.
    Cell,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Point => "point",
            Self::Cell => "cell",
        })
    }
}

/// Runs `$body` with `$v` bound to the vector inside `$values`, whatever its number type.
///
/// A cast to `i64`, `f32` or `f64` in the body is needed for all types but that one.
macro_rules! for_values {
    ($values:expr, $v:ident => $body:expr) => {
        match $values {
            $crate::field::Values::I8($v) => $body,
            $crate::field::Values::U8($v) => $body,
            $crate::field::Values::I16($v) => $body,
            $crate::field::Values::U16($v) => $body,
            $crate::field::Values::I32($v) => $body,
            $crate::field::Values::U32($v) => $body,
            #[allow(clippy::unnecessary_cast)]
            $crate::field::Values::I64($v) => $body,
            $crate::field::Values::U64($v) => $body,
            #[allow(clippy::unnecessary_cast)]
            $crate::field::Values::F32($v) => $body,
            #[allow(clippy::unnecessary_cast)]
            $crate::field::Values::F64($v) => $body,
        }
    };
}
pub(crate) use for_values;

/// Numbers of one of the types that mesh files hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Signed, 8 bits.
    I8(Vec<i8>),
    /// Unsigned, 8 bits.
    U8(Vec<u8>),
    /// Signed, 16 bits.
    I16(Vec<i16>),
    /// Unsigned, 16 bits.
    U16(Vec<u16>),
    /// Signed, 32 bits.
    I32(Vec<i32>),
    /// Unsigned, 32 bits.
    U32(Vec<u32>),
    /// Signed, 64 bits.
    I64(Vec<i64>),
    /// Unsigned, 64 bits.
    U64(Vec<u64>),
    /// Floating point, 32 bits.
    F32(Vec<f32>),
    /// Floating point, 64 bits.
    F64(Vec<f64>),
}

macro_rules! from_vec {
    ($($number:ty => $variant:ident),*) => {$(
        impl From<Vec<$number>> for Values {
            fn from(values: Vec<$number>) -> Self {
                Self::$variant(values)
            }
        }
    )*};
}
from_vec!(i8 => I8, u8 => U8, i16 => I16, u16 => U16, i32 => I32, u32 => U32, i64 => I64,
          u64 => U64, f32 => F32, f64 => F64);

impl Values {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        for_values!(self, v => v.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number `index` as `f64`; 64-bit integers above 2^53 are rounded.
    ///
    /// # Panics
    /// When `index >= len()`, as slice indexing does.
    pub fn get(&self, index: usize) -> f64 {
        for_values!(self, v => v[index] as f64)
    }

    /// All numbers as `f64`; 64-bit integers above 2^53 are rounded.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Self::F64(v) => v.clone(),
            other => for_values!(other, v => v.iter().map(|&x| x as f64).collect()),
        }
    }

    /// All numbers as `f32`, rounded to nearest.
    pub fn to_f32(&self) -> Vec<f32> {
        match self {
            Self::F32(v) => v.clone(),
            other => for_values!(other, v => v.iter().map(|&x| x as f32).collect()),
        }
    }

    /// The numbers when they are stored as `f32`.
    pub fn as_f32(&self) -> Option<&[f32]> {
        match self {
            Self::F32(v) => Some(v),
            _ => None,
        }
    }

    /// The numbers when they are stored as `f64`.
    pub fn as_f64(&self) -> Option<&[f64]> {
        match self {
            Self::F64(v) => Some(v),
            _ => None,
        }
    }

    /// VTK's name of the number type, for example `Float32`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::I8(_) => "Int8",
            Self::U8(_) => "UInt8",
            Self::I16(_) => "Int16",
            Self::U16(_) => "UInt16",
            Self::I32(_) => "Int32",
            Self::U32(_) => "UInt32",
            Self::I64(_) => "Int64",
            Self::U64(_) => "UInt64",
            Self::F32(_) => "Float32",
            Self::F64(_) => "Float64",
        }
    }
}

/// A named array with one tuple of `components` numbers per point or cell of a mesh.
///
/// Numbers are stored tuple by tuple: component `c` of tuple `t` is number `t * components + c`.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    name: String,
    location: Location,
    components: usize,
    values: Values,
    unit: Option<String>,
}

impl Field {
    /// A field without a unit.
    ///
    /// # Errors
    /// [`MeshError::FieldShape`] when `components` is zero or does not divide the number of values.
    pub fn new(
        name: impl Into<String>,
        location: Location,
        components: usize,
        values: impl Into<Values>,
    ) -> Result<Self, MeshError> {
        let (name, values) = (name.into(), values.into());
        if components == 0 || !values.len().is_multiple_of(components) {
            return Err(MeshError::FieldShape {
                field: name,
                components,
                values: values.len(),
            });
        }
        Ok(Self {
            name,
            location,
            components,
            values,
            unit: None,
        })
    }

    /// The same field with a unit, for example `m/s`.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// The name, unique among the fields of one location of one mesh.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the values live.
    pub fn location(&self) -> Location {
        self.location
    }

    /// Numbers per tuple; at least 1.
    pub fn components(&self) -> usize {
        self.components
    }

    /// Number of tuples.
    pub fn len(&self) -> usize {
        self.values.len() / self.components
    }

    /// Whether there are no tuples.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The numbers, tuple by tuple.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The numbers, tuple by tuple, without a copy.
    pub fn into_values(self) -> Values {
        self.values
    }

    /// The unit, where one is known.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// All numbers as `f64`, tuple by tuple; 64-bit integers above 2^53 are rounded.
    pub fn to_f64(&self) -> Vec<f64> {
        self.values.to_f64()
    }

    /// All numbers as `f32`, tuple by tuple, rounded to nearest.
    pub fn to_f32(&self) -> Vec<f32> {
        self.values.to_f32()
    }

    /// One number as `f64`.
    ///
    /// # Panics
    /// When `tuple >= len()` or `component >= components()`, as slice indexing does.
    pub fn value(&self, tuple: usize, component: usize) -> f64 {
        assert!(
            component < self.components,
            "component {component} of {}",
            self.components
        );
        self.values.get(tuple * self.components + component)
    }

    /// Checks that no value is NaN or infinite.
    ///
    /// # Errors
    /// [`MeshError::FieldNotFinite`] with the first tuple and component that is.
    pub fn check_finite(&self) -> Result<(), MeshError> {
        let bad = match &self.values {
            Values::F32(v) => v.iter().position(|x| !x.is_finite()),
            Values::F64(v) => v.iter().position(|x| !x.is_finite()),
            _ => None,
        };
        bad.map_or(Ok(()), |index| {
            Err(MeshError::FieldNotFinite {
                field: self.name.clone(),
                location: self.location,
                tuple: index / self.components,
                component: index % self.components,
                value: self.values.get(index),
            })
        })
    }

    /// Checks that there is one tuple per point or cell.
    ///
    /// # Errors
    /// [`MeshError::FieldLength`] when the count differs.
    pub fn check_len(&self, expected: usize) -> Result<(), MeshError> {
        if self.len() == expected {
            return Ok(());
        }
        Err(MeshError::FieldLength {
            field: self.name.clone(),
            location: self.location,
            expected,
            found: self.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_and_components() {
        let field = Field::new(
            "U",
            Location::Point,
            3,
            vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0],
        )
        .unwrap();
        assert_eq!((field.len(), field.components()), (2, 3));
        assert_eq!(field.value(1, 2), 6.0);
        assert_eq!(field.with_unit("m/s").unit(), Some("m/s"));
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for components in [0, 2] {
            let error = Field::new("p", Location::Cell, components, vec![1u8, 2, 3]).unwrap_err();
            assert!(
                matches!(error, MeshError::FieldShape { values: 3, .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn the_first_bad_value_is_named() {
        let field = Field::new(
            "U",
            Location::Cell,
            2,
            vec![0.0, 1.0, 2.0, f64::NAN, f64::INFINITY, 0.0],
        )
        .unwrap();
        let message = field.check_finite().unwrap_err().to_string();
        assert_eq!(
            message,
            "cell field `U`, tuple 1, component 1: NaN is not a finite number"
        );
        assert!(
            Field::new("i", Location::Cell, 1, vec![i64::MAX])
                .unwrap()
                .check_finite()
                .is_ok()
        );
    }
}
