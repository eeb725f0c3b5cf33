//! Coordinates of grids along axes.

use std::path::Path;

use super::damaged;
use super::grid::Along;
use super::item::Files;
use crate::{DatasetError, SpaceAxis};

/// Coordinates along the axes, of which the last is x.
pub(super) fn read_axes(
    files: &Files,
    path: &Path,
    lengths: &[usize],
    along: &Along,
) -> Result<Vec<SpaceAxis>, DatasetError> {
    let vectors: Vec<Vec<f64>> = match along {
        Along::Uniform { origin, spacing } => {
            let (origin, spacing) = (files.read(origin)?.values, files.read(spacing)?.values);
            let axis = |((&n, &first), &step): ((&usize, &f64), &f64)| {
                (0..n).map(|k| first + step * k as f64).collect()
            };
            lengths
                .iter()
                .zip(&origin)
                .zip(&spacing)
                .map(axis)
                .collect()
        }
        Along::Vectors(items) => {
            let read = items.iter().map(|item| Ok(files.read(item)?.values));
            read.collect::<Result<_, DatasetError>>()?
        }
    };
    let names = ["z", "y", "x"];
    let axes = vectors.into_iter().zip(&names[3 - lengths.len()..]);
    let axes: Vec<SpaceAxis> = axes
        .map(|(coordinates, name)| SpaceAxis {
            name: (*name).to_owned(),
            length: coordinates.len(),
            coordinates: Some(coordinates),
        })
        .collect();
    let finite = |axis: &SpaceAxis| axis.coordinates.iter().flatten().all(|x| x.is_finite());
    match axes.iter().find(|axis| !finite(axis)) {
        None => Ok(axes),
        Some(axis) => Err(damaged(
            path,
            format!("has coordinates along {} that are not finite", axis.name),
        )),
    }
}
