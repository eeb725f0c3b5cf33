//! Files with vectors of coordinates called `x`, `y`, `z` and `t` (`tt`, `time`) and arrays over
//! them: MATLAB's and NumPy's as authors publish them, such as those of M. Raissi, P. Perdikaris,
//! G. E. Karniadakis, "Physics-informed neural networks", J. Comput. Phys. 378 (2019) 686-707.
//!
//! An array is recognised by the lengths of its axes: those of space in the order x, y, z, time before
//! or after them; before all an axis of samples or behind all one of components. Where time is as long
//! as an axis of space, nothing is recognised.

use super::ArrayAxis::{Component, Sample, Space, Time};
use super::{ArrayAxis, PublishedLayout, Recognised};
use crate::{ArrayFile, DatasetError};

const TIMES: [&str; 4] = ["t", "tt", "time", "times"];

pub(super) fn recognise(file: &ArrayFile) -> Result<Recognised, DatasetError> {
    let names = file.names()?.unwrap_or_default();
    let vector = |name: &str| -> Result<Option<usize>, DatasetError> {
        if !names.iter().any(|there| there == name) {
            return Ok(None);
        }
        let shape = file.shape(name)?;
        let longest = shape.iter().copied().max().unwrap_or(1);
        let others = shape.iter().filter(|&&length| length != 1).count();
        Ok(Some(longest).filter(|_| others == 1))
    };
    let mut layout = PublishedLayout::default();
    let mut space = Vec::new();
    for axis in ["x", "y", "z"] {
        if let Some(length) = vector(axis)? {
            space.push(length);
            layout.axes.push((axis.to_owned(), Some(axis.to_owned())));
        }
    }
    let mut time = None;
    for name in TIMES {
        if let (None, Some(length)) = (time, vector(name)?) {
            time = Some(length);
            layout.times = Some(name.to_owned());
        }
    }
    if space.is_empty() || time.is_some_and(|length| space.contains(&length)) {
        return Ok(None);
    }
    let coordinate = |name: &String| {
        layout.times.as_ref() == Some(name) || layout.axes.iter().any(|(axis, _)| axis == name)
    };
    let mut fields = Vec::new();
    for name in names.iter().filter(|name| !coordinate(name)) {
        if let Some(roles) = roles(&file.shape(name)?, &space, time) {
            fields.push((name.clone(), roles));
        }
    }
    for (name, roles) in &fields {
        layout.field(name, roles);
    }
    Ok(Some(("arrays over named axes", layout)).filter(|_| !fields.is_empty()))
}

fn roles(shape: &[usize], space: &[usize], time: Option<usize>) -> Option<Vec<ArrayAxis>> {
    let bare = |shape: &[usize]| {
        let mut left = space.iter();
        let mut seen = None;
        let mut roles = Vec::new();
        for &length in shape {
            if Some(length) == time && seen.is_none() {
                seen = time;
                roles.push(Time);
            } else {
                left.next().filter(|&&expected| expected == length)?;
                roles.push(Space);
            }
        }
        (left.next().is_none() && seen == time).then_some(roles)
    };
    let with_samples = || Some([vec![Sample], bare(shape.get(1..)?)?].concat());
    let with_components = || {
        let (_, rest) = shape.split_last()?;
        Some([bare(rest)?, vec![Component]].concat())
    };
    bare(shape).or_else(with_samples).or_else(with_components)
}
