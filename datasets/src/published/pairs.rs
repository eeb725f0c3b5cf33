//! neuraloperator's `.pt` files: tensors `x` (input) and `y` (output) over the same samples and grid,
//! <https://github.com/neuraloperator/neuraloperator>, `neuralop/data/datasets`.
//!
//! `y` may have an axis of time behind that of samples. Coordinates are not in the files.

use super::ArrayAxis::{Sample, Space, Time};
use super::{PublishedLayout, Recognised};
use crate::{ArrayFile, DatasetError};

pub(super) fn recognise(file: &ArrayFile) -> Result<Recognised, DatasetError> {
    let names = file.names()?.unwrap_or_default();
    if !["x", "y"]
        .iter()
        .all(|known| names.iter().any(|name| name == known))
    {
        return Ok(None);
    }
    let (x, y) = (file.shape("x")?, file.shape("y")?);
    let ([samples, space @ ..], [of_y, rest @ ..]) = (&x[..], &y[..]) else {
        return Ok(None);
    };
    if samples != of_y || !(1..=3).contains(&space.len()) {
        return Ok(None);
    }
    let of_space = vec![Space; space.len()];
    let static_roles = [&[Sample][..], &of_space].concat();
    let y_roles = match rest {
        same if same == space => static_roles.clone(),
        [_, same @ ..] if same == space => [&[Sample, Time][..], &of_space].concat(),
        _ => return Ok(None),
    };
    let mut layout = PublishedLayout::default();
    layout.field("x", &static_roles);
    layout.field("y", &y_roles);
    let axes = ["x", "y", "z"].iter().take(space.len());
    layout.axes = axes.map(|axis| ((*axis).to_owned(), None)).collect();
    Ok(Some(("neuraloperator, inputs x and outputs y", layout)))
}
