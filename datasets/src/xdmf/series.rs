//! Series: grids one after the other in time.

use std::path::Path;
use std::sync::Arc;

use super::damaged;
use super::element::Element;
use super::grid::{Grid, Shape};
use super::item::{Files, Item};
use crate::DatasetError;

/// The steps of a domain and their times.
pub(super) fn series(
    domain: &Element,
    files: &Files,
    path: &Path,
) -> Result<(Vec<f64>, Vec<Grid>), DatasetError> {
    let wrong = |problem: String| damaged(path, format!("is no sound XDMF file: {problem}"));
    let mut shared: Option<Arc<Shape>> = None;
    let mut found: Option<(Vec<f64>, Vec<Grid>)> = None;
    let mut alone = None;
    for element in domain.all("Grid") {
        match element.attribute("GridType").unwrap_or("Uniform") {
            "Uniform" => {
                let grid = Grid::new(element, &mut shared).map_err(wrong)?;
                alone.get_or_insert(grid);
            }
            "Collection" if element.attribute("CollectionType") == Some("Temporal") => {
                let mut steps = Vec::new();
                for child in element.all("Grid") {
                    if !matches!(child.attribute("GridType"), None | Some("Uniform")) {
                        return Err(wrong(
                            "a step that is no uniform grid is not read".to_owned(),
                        ));
                    }
                    steps.push(Grid::new(child, &mut shared).map_err(wrong)?);
                }
                let times = times(element, &steps, files, path)?;
                match &mut found {
                    None => found = Some((times, steps)),
                    Some((before, all)) if *before == times => {
                        for (grid, more) in all.iter_mut().zip(steps) {
                            grid.attributes.extend(more.attributes);
                        }
                    }
                    Some(_) => {
                        return Err(wrong("two collections of different times".to_owned()));
                    }
                }
            }
            other => {
                return Err(wrong(format!(
                    "a grid of type {other}; uniform grids and temporal collections of them are read"
                )));
            }
        }
    }
    Ok(match (found, alone) {
        (Some(found), _) => found,
        (None, Some(grid)) => (vec![grid.time.unwrap_or(0.0)], vec![grid]),
        (None, None) => (Vec::new(), Vec::new()),
    })
}

/// The instants of a collection: what it says itself, or what each grid says, or numbers.
fn times(
    collection: &Element,
    steps: &[Grid],
    files: &Files,
    path: &Path,
) -> Result<Vec<f64>, DatasetError> {
    let wrong = |problem: String| damaged(path, format!("is no sound XDMF file: {problem}"));
    let own = collection
        .first("Time")
        .and_then(|time| Some((time.attribute("TimeType")?, time.first("DataItem")?)));
    let times: Vec<f64> = match own {
        Some((kind @ ("List" | "HyperSlab"), item)) => {
            let item = Item::new(item).map_err(wrong)?;
            let values = files.read(&item)?.values;
            match (kind, &values[..]) {
                ("HyperSlab", [start, step, _]) => {
                    (0..steps.len()).map(|k| start + step * k as f64).collect()
                }
                _ => values,
            }
        }
        _ => {
            let each = steps.iter().enumerate();
            each.map(|(k, grid)| grid.time.unwrap_or(k as f64))
                .collect()
        }
    };
    if times.len() != steps.len() || !times.iter().all(|time| time.is_finite()) {
        return Err(wrong(format!(
            "{} times for {} steps, or some that are not finite",
            times.len(),
            steps.len()
        )));
    }
    Ok(times)
}
