//! What the file of a trajectory says of itself: cells, fields, units.

use hdf5_reader::error::Error;
use hdf5_reader::{Datatype, Hdf5File};

use super::attributes;
use super::layout::{AXES, Attributes, Precision, TrajectoryField, TrajectoryGrid};

pub(super) fn damaged(error: Error) -> String {
    format!("is damaged: {error}")
}

/// The values of a dataset.
pub(super) fn numbers(file: &Hdf5File, name: &str) -> Result<Vec<f64>, String> {
    let set = file.dataset(name).map_err(damaged)?;
    let array = set.read_array::<f64>().map_err(damaged)?;
    Ok(array.into_iter().collect())
}

/// The cells, by the axes and the root's attributes.
pub(super) fn grid_of(file: &Hdf5File, head: &Attributes) -> Result<TrajectoryGrid, String> {
    let list = |name: &str| {
        let list = head.get(name).and_then(|v| v.as_array());
        let numbers = list.map(|list| list.iter().filter_map(|v| v.as_f64()).collect());
        numbers.ok_or_else(|| format!("is damaged: its root has no attribute \"{name}\""))
    };
    let mut grid = TrajectoryGrid {
        shape: Vec::new(),
        spacing: list("spacing")?,
        origin: list("origin")?,
    };
    // The axes have the lengths of their datasets.
    let n = grid.spacing.len().min(AXES.len());
    for name in AXES[..n].iter().rev() {
        grid.shape.push(numbers(file, name)?.len());
    }
    grid.check()
        .map_err(|error| format!("is damaged: {error}"))?;
    Ok(grid)
}

/// The fields of a group in alphabetical order, and how they are stored.
pub(super) fn fields_of(
    file: &Hdf5File,
    group: &str,
    grid: &TrajectoryGrid,
    n_times: Option<usize>,
) -> Result<(Vec<TrajectoryField>, Precision), String> {
    let (_, mut names) = file
        .group(group)
        .and_then(|group| group.member_names())
        .map_err(damaged)?;
    names.sort();
    let mut precision = Precision::default();
    let mut fields = Vec::new();
    for name in names {
        let set = file.dataset(&format!("{group}/{name}")).map_err(damaged)?;
        let mut shape: Vec<u64> = grid.shape.iter().map(|&n| n as u64).collect();
        if let Some(n) = n_times {
            shape.insert(0, n as u64);
        }
        let components = match set.shape().split_last() {
            Some((&last, others)) if others == shape && last > 0 => last as usize,
            _ => {
                return Err(format!(
                    "has the field \"{name}\" with the shape {:?} instead of {shape:?} and components",
                    set.shape()
                ));
            }
        };
        precision = match set.dtype() {
            Datatype::FloatingPoint { size: 4, .. } => Precision::Single,
            Datatype::FloatingPoint { size: 8, .. } => Precision::Double,
            other => return Err(format!("has the field \"{name}\" of the type {other:?}")),
        };
        let unit = attributes::read(set.attributes())?.remove("unit");
        let unit = unit.and_then(|v| v.as_str().map(String::from));
        let unit = unit.ok_or_else(|| format!("is damaged: \"{name}\" has no unit"))?;
        fields.push(TrajectoryField {
            name,
            components,
            unit,
        });
    }
    Ok((fields, precision))
}
