//! `$NodeData` and `$ElementData`, which become fields.

use std::collections::HashMap;

use super::super::budget::Budget;
use super::grid::Grid;
use super::source::Source;
use crate::{Field, FieldSelection, Location, MeshError};

/// The values of one name at one time step.
#[derive(Debug)]
struct Column {
    name: String,
    step: u64,
    location: Location,
    components: usize,
    /// One tuple for each point or cell; NaN where the file has none.
    values: Vec<f64>,
}

/// All that were read so far. The sections of one name and step, as partitions write them, are one.
#[derive(Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    places: HashMap<(String, u64, Location), usize>,
}

impl Columns {
    /// Reads a section, or passes over it when its name is not wanted.
    pub fn read(
        &mut self,
        source: &mut Source<'_>,
        grid: &Grid,
        location: Location,
        selection: &FieldSelection,
        budget: &mut Budget,
        file: &str,
    ) -> Result<(), MeshError> {
        let name = first_text(source)?;
        if !selection.contains(&name) {
            return source.skip_section();
        }
        for _ in 0..source.line_number("the number of real tags")? {
            source.scan.number::<f64>("a real tag")?;
        }
        let mut integers = [0; 3];
        let n = source.line_number("the number of integer tags")?;
        for k in 0..n {
            let value = source.line_number("an integer tag")?;
            if let Some(place) = usize::try_from(k).ok().and_then(|k| integers.get_mut(k)) {
                *place = value;
            }
        }
        let [step, components, count] = integers;
        let components = usize::try_from(components).unwrap_or(usize::MAX);
        if n < 3 || !(1..=9).contains(&components) {
            return Err(source.scan.malformed(format!(
                "`{name}` has {n} integer tags and {components} components; at least 3 tags, and 1 \
                 to 9 components are read"
            )));
        }
        let tuples = match location {
            Location::Point => grid.points.len(),
            Location::Cell => grid.types.len(),
        };
        let next = self.columns.len();
        let key = (name.clone(), step, location);
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            budget.take(
                tuples * components,
                size_of::<f64>(),
                file,
                &source.scan.section,
            )?;
            self.columns.push(Column {
                name,
                step,
                location,
                components,
                values: vec![f64::NAN; tuples * components],
            });
        }
        let column = &mut self.columns[place];
        if column.values.len() != tuples * components {
            return Err(source.scan.malformed(format!(
                "`{}` has {} values here and {} in a section before",
                column.name,
                tuples * components,
                column.values.len()
            )));
        }
        read_values(source, grid, count, column)?;
        source.end()
    }

    /// The fields, in file order; of points those that stay. A name at several steps is followed by
    /// the step: `T (step 4)`.
    pub fn into_fields(self, stays: Option<&[bool]>) -> Result<Vec<Field>, MeshError> {
        let mut steps: HashMap<(String, Location), usize> = HashMap::new();
        for column in &self.columns {
            *steps
                .entry((column.name.clone(), column.location))
                .or_default() += 1;
        }
        let mut fields = Vec::new();
        for mut column in self.columns {
            if let Some(stays) = stays.filter(|_| column.location == Location::Point) {
                let tuples = column.values.chunks_exact(column.components);
                let staying = tuples.zip(stays).filter(|(_, stay)| **stay);
                column.values = staying.flat_map(|(tuple, _)| tuple).copied().collect();
            }
            let key = (column.name, column.location);
            let name = match steps[&key] {
                1 => key.0,
                _ => format!("{} (step {})", key.0, column.step),
            };
            fields.push(Field::new(
                name,
                column.location,
                column.components,
                column.values,
            )?);
        }
        Ok(fields)
    }
}

/// Text tags; the first is the name.
fn first_text(source: &mut Source<'_>) -> Result<String, MeshError> {
    let mut name = None;
    for _ in 0..source.line_number("the number of text tags")? {
        let Some(line) = source.scan.line() else {
            return Err(source
                .scan
                .malformed("the file ends within the tags".to_owned()));
        };
        name = name.or(Some(line));
    }
    let name = name.ok_or_else(|| source.scan.malformed("the data have no name".to_owned()))?;
    let name = String::from_utf8_lossy(name.trim_ascii());
    Ok(name.trim_matches('"').to_owned())
}

fn read_values(
    source: &mut Source<'_>,
    grid: &Grid,
    count: u64,
    column: &mut Column,
) -> Result<(), MeshError> {
    let components = column.components;
    let (index, what) = match column.location {
        Location::Point => (&grid.nodes, "node"),
        Location::Cell => (&grid.elements, "element"),
    };
    for _ in 0..count {
        let tag = source.tag("the tag of a value")?;
        let tuple = index.get(tag).map(|k| k as usize * components);
        let tuple = tuple.ok_or_else(|| {
            let problem = format!("`{}`: there is no {what} with the tag {tag}", column.name);
            source.scan.malformed(problem)
        })?;
        for value in &mut column.values[tuple..tuple + components] {
            *value = source.real("a value")?;
        }
        source.end_line()?;
    }
    Ok(())
}
