//! PDEBench: M. Takamoto, T. Praditia, R. Leiteritz, D. MacKinlay, F. Alesiani, D. Pflueger,
//! M. Niepert, "PDEBench: An Extensive Benchmark for Scientific Machine Learning", NeurIPS 2022
//! Datasets and Benchmarks, arXiv:2210.07182; the arrays are those of its data (DaRUS,
//! doi:10.18419/darus-2986).
//!
//! Three layouts: a group for each sample with `data` (time, space, component) and `grid/t`,
//! `grid/x`, .. (diffusion-sorption, diffusion-reaction, shallow water); arrays over all samples with
//! `x-coordinate`, `t-coordinate`, .. (advection, Burgers, reaction-diffusion, Darcy, compressible
//! flow); `velocity`, `particles`, `force` and `t` (incompressible flow).

use super::ArrayAxis::{Component, Sample, Space, Time};
use super::{ArrayAxis, PublishedLayout, Recognised};
use crate::{ArrayFile, DatasetError};

const AXES: [&str; 3] = ["x", "y", "z"];

pub(super) fn recognise(file: &ArrayFile) -> Result<Recognised, DatasetError> {
    let names = file.names()?.unwrap_or_default();
    let layout = if names.iter().any(|name| name == "x-coordinate") {
        (
            "PDEBench, arrays of all samples",
            coordinates(file, &names)?,
        )
    } else if ["velocity", "t"]
        .iter()
        .all(|known| names.iter().any(|name| name == known))
    {
        (
            "PDEBench, incompressible flow",
            incompressible(file, &names)?,
        )
    } else {
        let groups = file.groups()?;
        if groups.is_empty() || !names.is_empty() {
            return Ok(None);
        }
        ("PDEBench, a group for each sample", samples(file, groups)?)
    };
    Ok(Some(layout).filter(|(_, layout)| !layout.fields.is_empty()))
}

/// Arrays over all samples beside vectors of coordinates.
fn coordinates(file: &ArrayFile, names: &[String]) -> Result<PublishedLayout, DatasetError> {
    let there = |name: &String| names.contains(name);
    let mut layout = PublishedLayout {
        times: Some("t-coordinate".to_owned()).filter(there),
        ..PublishedLayout::default()
    };
    let mut space = Vec::new();
    for axis in AXES {
        let array = format!("{axis}-coordinate");
        if there(&array) {
            space.push(file.shape(&array)?.iter().product());
            layout.axes.push((axis.to_owned(), Some(array)));
        }
    }
    for name in names.iter().filter(|name| !name.ends_with("-coordinate")) {
        if let Some(roles) = roles(&file.shape(name)?, &space) {
            layout.field(name, &roles);
        }
    }
    Ok(layout)
}

/// What the axes of an array over samples are, given the lengths of those of space.
fn roles(shape: &[usize], space: &[usize]) -> Option<Vec<ArrayAxis>> {
    let n = space.len();
    let at = |start: usize| shape.get(start..start + n) == Some(space);
    let middle = vec![Space; n];
    let roles = match shape.len().checked_sub(n)? {
        1 if at(1) => [&[Sample][..], &middle].concat(),
        2 if at(2) => [&[Sample, Time][..], &middle].concat(),
        2 if at(1) => [&[Sample][..], &middle, &[Component]].concat(),
        3 if at(2) => [&[Sample, Time][..], &middle, &[Component]].concat(),
        _ => return None,
    };
    Some(roles)
}

/// `velocity` (sample, time, space, component), and others with the same or without time.
fn incompressible(file: &ArrayFile, names: &[String]) -> Result<PublishedLayout, DatasetError> {
    let mut layout = PublishedLayout {
        times: Some("t".to_owned()),
        ..PublishedLayout::default()
    };
    let shape = file.shape("velocity")?;
    let n = shape.len().saturating_sub(3);
    if !(2..=3).contains(&n) {
        return Ok(layout);
    }
    let space = &shape[2..2 + n];
    layout.axes = AXES[..n]
        .iter()
        .map(|axis| ((*axis).to_owned(), None))
        .collect();
    for name in names.iter().filter(|name| *name != "t") {
        if let Some(roles) = roles(&file.shape(name)?, space) {
            layout.field(name, &roles);
        }
    }
    Ok(layout)
}

/// `0000/data` with `0000/grid/x` and so on.
fn samples(file: &ArrayFile, groups: Vec<String>) -> Result<PublishedLayout, DatasetError> {
    let mut layout = PublishedLayout {
        groups,
        ..PublishedLayout::default()
    };
    let first = |array: &str| layout.path(0, array);
    // Without data in the first group the file is of another kind.
    let Ok(shape) = file.shape(&first("data")) else {
        return Ok(layout);
    };
    let there = |array: &String| file.shape(&first(array)).is_ok();
    let times = Some("grid/t".to_owned()).filter(there);
    let axes: Vec<(String, Option<String>)> = AXES
        .iter()
        .map(|axis| ((*axis).to_owned(), format!("grid/{axis}")))
        .filter(|(_, array)| there(array))
        .map(|(axis, array)| (axis, Some(array)))
        .collect();
    let space = vec![Space; axes.len()];
    let roles = match shape.len().checked_sub(axes.len()) {
        _ if axes.is_empty() => return Ok(layout),
        Some(1) => [&[Time][..], &space].concat(),
        Some(2) => [&[Time][..], &space, &[Component]].concat(),
        _ => return Ok(layout),
    };
    (layout.times, layout.axes) = (times, axes);
    layout.field("data", &roles);
    Ok(layout)
}
